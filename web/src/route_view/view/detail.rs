//! One destination: the amount, who carries it, the chart, and every candidate.

use c2c::peering::{check_currency, check_scale};
use c2c::snapshot::RouteView;
use yew::prelude::*;
use zeroize::Zeroizing;

use crate::curve_view::{CurveView, Measure, Spread, Swatch};
use crate::feed::Feed;
use crate::page::{Copy, runs_out, use_now};
use crate::route_view::{
    Action, Candidate, Detail, Given, Judgement, Shows, State, Verdict, WhatIf,
};
use crate::share::{self, Shared, save};
use crate::unit::{self, Unit};

/// Properties of [`Destination`].
#[derive(Properties, PartialEq)]
pub struct DestinationProps {
    /// The destination, as it would be.
    pub detail: Detail,
    /// The same as it was told.
    pub told: Detail,
    /// The route itself.
    pub route: RouteView,
    /// Where the data comes from.
    pub feed: Feed,
    /// What the reader set.
    pub state: State,
    /// How to change it.
    pub dispatch: Callback<Action>,
}

/// What the typed amount comes to.
struct Asked {
    /// The source amount; none where the text is no amount, or nobody carries it.
    source: Option<u64>,
    /// What is wrong.
    fault: Option<String>,
    /// What stands in the field.
    text: String,
}

/// The room's right half.
#[function_component(Destination)]
pub fn destination(props: &DestinationProps) -> Html {
    let (detail, state) = (&props.detail, &props.state);
    let plot = &detail.plot;
    let asked = asked(detail, state);
    let at = state.looked.or(asked.source);
    let judged = at.map(|at| Judgement::at(detail, at));
    let why = detail.why();
    let measure = match state.shows {
        Shows::Amounts => Measure::Amount,
        Shows::Rates => plot.rate(),
        Shows::Below => plot.below().unwrap_or_default(),
    };
    let on_zoom = props.dispatch.reform(Action::Zoom);
    let automatic = if plot.wants_log() {
        Spread::Log
    } else {
        Spread::Linear
    };
    let spread = state.spread.unwrap_or(automatic);
    let on_look = props.dispatch.reform(Action::Look);
    let source = plot.source.clone();
    let on_pin = props
        .dispatch
        .reform(move |at| Action::Pin(at, source.clone()));
    let to = match detail.selection.to.as_str() {
        "" => "anywhere else",
        to => to,
    };
    html! {
        <>
            <header class="detail-head">
                <h2 data-testid="destination">{ to.to_owned() }</h2>
                <p class="hint">{ format!("from {}", detail.selection.from) }</p>
            </header>
            <p class="why" data-testid="why">{ why.clone() }</p>
            { amount_row(props, &asked, judged.as_ref()) }
            if plot.destination.is_none() && !plot.lines.is_empty() {
                <UnitForm ledger={detail.destination_ledger.clone()} dispatch={props.dispatch.clone()} />
            }
            if plot.lines.is_empty() {
                <p class="empty" data-testid="no-curve">{"No candidate publishes a curve, so there is nothing to draw. A connector can still ask them for a quote."}</p>
            } else {
                <div class="chart-tools">
                    { choice("What the chart shows", &[("Amounts", state.shows == Shows::Amounts, Action::Shows(Shows::Amounts)), ("Rates", state.shows == Shows::Rates, Action::Shows(Shows::Rates)), ("Below best", state.shows == Shows::Below, Action::Shows(Shows::Below))], &props.dispatch) }
                    { choice("How amounts are spread", &[("Even", spread == Spread::Linear, Action::Spread(Spread::Linear)), ("Logarithmic", spread == Spread::Log, Action::Spread(Spread::Log))], &props.dispatch) }
                    if state.zoom.is_some() {
                        <button type="button" class="quiet" onclick={props.dispatch.reform(|_: MouseEvent| Action::Zoom(None))} data-testid="zoom-reset">{"Show all amounts"}</button>
                    }
                </div>
                <CurveView plot={plot.clone()} {measure} {spread} zoom={state.zoom} {on_zoom} pinned={asked.source} looked={state.looked}
                    {on_look} {on_pin} summary={summary(detail, to, &why)} />
            }
            { what_if(&props.told, state, &props.dispatch) }
            <Candidates detail={detail.clone()} feed={props.feed.clone()} at={at} />
            if plot.merged.is_some() {
                { points_table(detail) }
            }
            { hand_on(props) }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct UnitFormProps {
    ledger: String,
    dispatch: Callback<Action>,
}

/// Asks in what the destination counts: routes tell only base units.
#[function_component(UnitForm)]
fn unit_form(props: &UnitFormProps) -> Html {
    let (code, scale) = (use_node_ref(), use_node_ref());
    let fault = use_state_eq(|| None::<String>);
    let onsubmit = {
        let (code, scale, fault) = (code.clone(), scale.clone(), fault.clone());
        let (ledger, dispatch) = (props.ledger.clone(), props.dispatch.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let text = |field: &NodeRef| {
                let input = field.cast::<web_sys::HtmlInputElement>();
                input.map(|input| input.value()).unwrap_or_default()
            };
            let code = check_currency(&text(&code));
            let scale = check_scale(&text(&scale), false);
            match (code, scale) {
                (Ok(code), Ok(scale)) => dispatch.emit(Action::Name(
                    ledger.clone(),
                    Unit {
                        code: code.as_str().into(),
                        scale: scale.value,
                    },
                )),
                (Err(wrong), _) | (_, Err(wrong)) => fault.set(Some(wrong.to_string())),
            }
        })
    };
    html! {
        <form class="unit-form" {onsubmit} autocomplete="off" data-testid="unit-form">
            <p class="hint">{ format!("Routes do not tell in what {} counts, so amounts there are in base units.", props.ledger) }</p>
            <label>{"Currency"}<input ref={code} data-testid="unit-code" size="5" placeholder="EUR" spellcheck="false" /></label>
            <label>{"Scale"}<input ref={scale} data-testid="unit-scale" size="3" value="9" inputmode="numeric" /></label>
            <button type="submit">{"Show in it"}</button>
            <p class="wrong" role="alert">{ (*fault).clone().unwrap_or_default() }</p>
        </form>
    }
}

fn asked(detail: &Detail, state: &State) -> Asked {
    let plot = &detail.plot;
    let proposed = detail.first_amount();
    let Some(text) = &state.amount else {
        let text = |amount: u64, unit: &Option<Unit>| {
            unit.as_ref()
                .map_or_else(|| unit::units(amount), |unit| unit.number(amount))
        };
        let arrives = || Judgement::at(detail, proposed).arrives.unwrap_or_default();
        return Asked {
            source: Some(proposed),
            fault: None,
            text: match state.given {
                Given::Sent => text(proposed, &plot.source),
                Given::Received => text(arrives(), &plot.destination),
            },
        };
    };
    let unit = match state.given {
        Given::Sent => &plot.source,
        Given::Received => &plot.destination,
    };
    let result = match unit::parse(text, unit.as_ref()) {
        Err(fault) => Err(fault.to_string()),
        Ok(amount) => match state.given {
            Given::Sent => Ok(amount),
            // Exact: the least that delivers the amount, which the floored reverse of 2017 may miss.
            Given::Received => match plot.merged.as_ref() {
                None => Err("No curve tells what must be sent for that.".to_owned()),
                Some(merged) => merged.curve.least_source_for(amount).ok_or_else(|| {
                    let most = merged.curve.capacity().y;
                    format!(
                        "Nobody delivers that much. At most {} arrives.",
                        unit::both(most, unit.as_ref())
                    )
                }),
            },
        },
    };
    Asked {
        source: result.as_ref().ok().copied(),
        fault: result.err(),
        text: text.to_string(),
    }
}

fn amount_row(props: &DestinationProps, asked: &Asked, judged: Option<&Judgement>) -> Html {
    let (detail, state) = (&props.detail, &props.state);
    let (source, destination) = (
        detail.plot.source.as_ref(),
        detail.plot.destination.as_ref(),
    );
    let oninput = props.dispatch.reform(|event: InputEvent| {
        Action::Amount(
            event
                .target_unchecked_into::<web_sys::HtmlInputElement>()
                .value(),
        )
    });
    let code =
        |unit: Option<&Unit>| unit.map_or_else(|| "units".to_owned(), |unit| unit.code.to_string());
    let field_unit = match state.given {
        Given::Sent => source,
        Given::Received => destination,
    };
    let told = |label: &'static str,
                testid: &'static str,
                amount: Option<u64>,
                unit: Option<&Unit>,
                note: Option<String>| {
        html! {
            <div class="told" data-testid={testid}>
                <span class="label">{ label }</span>
                { match amount {
                    Some(amount) => html! {
                        <>
                            <strong class="big">{ unit.map_or_else(|| unit::units(amount), |unit| unit.currency(amount)) }</strong>
                            <span class="hint">{ unit.map_or_else(|| "base units".to_owned(), |_| unit::both(amount, None)) }</span>
                            if let Some(note) = note {
                                <span class="hint">{ note }</span>
                            }
                        </>
                    },
                    None => html! { <strong class="big">{"—"}</strong> },
                } }
            </div>
        }
    };
    let carrier = judged
        .and_then(|judged| judged.winner)
        .map(|winner| &detail.candidates[winner]);
    // The list of candidates below tells what each curve of its own gives.
    let rounded = judged
        .map(|judged| judged.rounded)
        .filter(|units| *units > 0)
        .map(|units| format!("the merged curve is {} lower", unit::both(units, None)));
    html! {
        <div class="amounts">
            <div class="field amount-field">
                <label for="amount">{"Amount"}</label>
                <div class="with-unit">
                    <input id="amount" data-testid="amount" value={asked.text.clone()} {oninput} inputmode="decimal"
                        autocomplete="off" aria-invalid={asked.fault.is_some().to_string()} aria-describedby="amount-fault" />
                    <span class="unit">{ code(field_unit) }</span>
                </div>
                { choice("Which amount you give", &[
                    ("You send", state.given == Given::Sent, Action::Give(Given::Sent)),
                    ("They receive", state.given == Given::Received, Action::Give(Given::Received)),
                ], &props.dispatch) }
                <p class="wrong" id="amount-fault" role="alert">{ asked.fault.clone().unwrap_or_default() }</p>
            </div>
            { told("You send", "sends", judged.map(|judged| judged.at), source, None) }
            { told("They receive", "receives", judged.and_then(|judged| judged.arrives), destination, rounded) }
            <div class="told" data-testid="carrier">
                <span class="label">{"Via"}</span>
                { match carrier {
                    Some(candidate) => html! {
                        <>
                            <strong class="big name"><Swatch hue={candidate.hue} ghost={candidate.ghost} /><span>{ candidate.name.to_string() }</span></strong>
                            <span class="hint">{ format!("{} ledgers", candidate.view.hops) }</span>
                        </>
                    },
                    None if judged.is_some() => html! { <strong class="big">{"nobody"}</strong> },
                    None => html! { <strong class="big">{"—"}</strong> },
                } }
            </div>
        </div>
    }
}

/// A link that shows the same, and files.
fn hand_on(props: &DestinationProps) -> Html {
    let (detail, state) = (&props.detail, &props.state);
    let name = match detail.selection.to.trim_end_matches('.') {
        "" => "anywhere".to_owned(),
        to => to.to_owned(),
    };
    let shared = Shared {
        from: detail.selection.from.clone(),
        to: detail.selection.to.clone(),
        given: state.given,
        amount: state.amount.as_ref().map(ToString::to_string),
        shows: state.shows,
        spread: state.spread,
        zoom: state.zoom,
        units: [
            (detail.selection.from.clone(), detail.plot.source.clone()),
            (
                detail.destination_ledger.clone(),
                detail.plot.destination.clone(),
            ),
        ]
        .into_iter()
        .filter_map(|(ledger, unit)| Some((ledger, unit?)))
        .collect(),
        at: props
            .feed
            .snapshot
            .as_ref()
            .map(|snapshot| snapshot.time.to_string()),
        data: None,
    };
    let shared = shared.with_data(&props.route);
    let whole = shared.data.is_some();
    let link = {
        let here = || {
            let location = web_sys::window()?.location();
            Some(format!(
                "{}{}",
                location.origin().ok()?,
                location.pathname().ok()?
            ))
        };
        Callback::from(move |()| {
            Zeroizing::new(format!("{}{}", here().unwrap_or_default(), shared.link()))
        })
    };
    let file = |label: &'static str, act: Callback<MouseEvent>| {
        html! { <button type="button" class="quiet" onclick={act} data-testid={format!("save-{}", label.to_lowercase())}>{ label }</button> }
    };
    let (for_csv, for_json) = (detail.clone(), props.route.clone());
    let named = |kind: &str| format!("{name}.{kind}");
    let (csv, json, svg, png) = (named("csv"), named("json"), named("svg"), named("png"));
    html! {
        <div class="row hand-on" role="group" aria-label="Hand on">
            <span class="label">{"Link"}</span>
            <Copy label="Copy a link that shows this" text={link} />
            <span class="label">{"Save as"}</span>
            { file("SVG", Callback::from(move |_| save::svg(&svg))) }
            { file("PNG", Callback::from(move |_| save::png(&png))) }
            { file("CSV", Callback::from(move |_| save::text(&csv, "text/csv", &share::csv(&for_csv)))) }
            { file("JSON", Callback::from(move |_| save::text(&json, "application/json", &share::json(&for_json)))) }
            if !whole {
                <p class="hint">{"This route is too long for a link: whoever gets one opens the saved JSON beside it."}</p>
            }
        </div>
    }
}

/// Asks what if a next hop were gone, we kept more, or nobody carried more than so much.
fn what_if(told: &Detail, state: &State, dispatch: &Callback<Action>) -> Html {
    let what_if = &state.what_if;
    let unit = told.plot.source.clone();
    let spread = {
        let what_if = what_if.clone();
        dispatch.reform(move |event: InputEvent| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            let spread = input.value().parse().unwrap_or(0).min(10_000);
            Action::WhatIf(WhatIf {
                spread,
                ..what_if.clone()
            })
        })
    };
    let limit = {
        let (what_if, unit) = (what_if.clone(), unit.clone());
        dispatch.reform(move |event: InputEvent| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            let limit = unit::parse(&input.value(), unit.as_ref())
                .ok()
                .filter(|limit| *limit > 0);
            Action::WhatIf(WhatIf {
                limit,
                ..what_if.clone()
            })
        })
    };
    html! {
        <details class="what-if" data-testid="what-if">
            <summary>{ if what_if.is_anything() { "What if: this is not what is told" } else { "What if…" } }</summary>
            <div class="row">
                <label class="check">{"We keep more by"}
                    <input type="range" min="0" max="500" value={what_if.spread.to_string()} oninput={spread} data-testid="what-if-spread" aria-valuetext={format!("{} basis points", what_if.spread)} />
                    <span>{ format!("{} bp", what_if.spread) }</span>
                </label>
                <label class="check">{"Nobody carries more than"}
                    <input inputmode="decimal" size="8" oninput={limit} data-testid="what-if-limit" />
                    <span>{ unit.map_or_else(|| "units".to_owned(), |unit| unit.code.to_string()) }</span>
                </label>
            </div>
            <div class="row" role="group" aria-label="Next hops that stay">
                { for told.candidates.iter().map(|candidate| {
                    let next_hop = candidate.view.next_hop.to_string();
                    let here = !what_if.gone.contains(&next_hop);
                    let turned = what_if.turned(&next_hop);
                    let onchange = dispatch.reform(move |_: Event| Action::WhatIf(turned.clone()));
                    html! { <label class="check"><input type="checkbox" checked={here} {onchange} data-testid="what-if-hop" />{ candidate.name.to_string() }</label> }
                }) }
            </div>
            if what_if.is_anything() {
                <button type="button" class="quiet" onclick={dispatch.reform(|_: MouseEvent| Action::WhatIf(WhatIf::default()))} data-testid="as-told">{"Back to what is told"}</button>
            }
        </details>
    }
}

/// A few buttons of which one is pressed.
fn choice(
    label: &'static str,
    options: &[(&'static str, bool, Action)],
    dispatch: &Callback<Action>,
) -> Html {
    html! {
        <div class="choice" role="group" aria-label={label}>
            { for options.iter().map(|(name, pressed, action)| {
                let action = action.clone();
                let onclick = dispatch.reform(move |_: MouseEvent| action.clone());
                html! { <button type="button" {onclick} aria-pressed={pressed.to_string()}>{ *name }</button> }
            }) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct CandidatesProps {
    detail: Detail,
    feed: Feed,
    at: Option<u64>,
}

/// Every candidate with what it delivers and which test it lost: legend, read-out and list of the
/// rejected in one.
#[function_component(Candidates)]
fn candidates(props: &CandidatesProps) -> Html {
    let now = props.feed.connector_time(use_now(1_000));
    let detail = &props.detail;
    let judged = props.at.map(|at| Judgement::at(detail, at));
    let head = match props.at {
        Some(at) => format!(
            "Candidates at {}",
            unit::both(at, detail.plot.source.as_ref())
        ),
        None => "Candidates".to_owned(),
    };
    html! {
        <section class="candidates">
            <h3 data-testid="candidates-title">{ head }</h3>
            <div class="scroll">
                <table data-testid="candidates">
                    <thead>
                        <tr>
                            <th scope="col">{"Next hop"}</th>
                            <th scope="col" class="number-cell">{"Delivers"}</th>
                            <th scope="col">{"Verdict"}</th>
                            <th scope="col" class="number-cell">{"Carries up to"}</th>
                        </tr>
                    </thead>
                    <tbody>
                        { for detail.candidates.iter().enumerate().map(|(index, candidate)| {
                            let verdict = judged.as_ref().map(|judged| judged.verdicts[index]);
                            candidate_row(detail, candidate, props.at, verdict, now)
                        }) }
                    </tbody>
                </table>
            </div>
        </section>
    }
}

fn candidate_row(
    detail: &Detail,
    candidate: &Candidate,
    at: Option<u64>,
    verdict: Option<Verdict>,
    now: f64,
) -> Html {
    let (source, destination) = (
        detail.plot.source.as_ref(),
        detail.plot.destination.as_ref(),
    );
    let in_both = |amount: u64, unit: Option<&Unit>| match unit {
        Some(unit) => html! {
            <>{ unit.currency(amount) }<span class="under">{ unit::both(amount, None) }</span></>
        },
        None => html! { { unit::units(amount) } },
    };
    let carried = at
        .zip(candidate.curve.as_ref())
        .map(|(at, curve)| curve.amount_at(at));
    let wins = verdict == Some(Verdict::Wins);
    html! {
        <tr class={classes!(wins.then_some("here"), candidate.ghost.then_some("faint"))} data-testid="candidate"
            data-next-hop={candidate.view.next_hop.to_string()}>
            <th scope="row">
                <span class="name"><Swatch hue={candidate.hue} ghost={candidate.ghost} />{ candidate.name.to_string() }</span>
                <span class="under">{ candidate.view.next_ledger.to_string() }</span>
                <span class="under">
                    { format!("{} ledgers, runs out {}", candidate.view.hops, runs_out(candidate.view.expires_at, now)) }
                </span>
            </th>
            <td class="number-cell">{ carried.map_or_else(|| html! { {"ask"} }, |carried| in_both(carried, destination)) }</td>
            <td>
                { verdict.map(|verdict| verdict.words(detail)).unwrap_or_default() }
                if let Some(doubt) = &candidate.view.too_good {
                    <span class="under"><span class="badge careful">{"too good?"}</span>{ format!(" {}", doubt.sentence) }</span>
                }
            </td>
            <td class="number-cell">{ candidate.curve.as_ref().map_or_else(|| html! { {"ask"} }, |curve| in_both(curve.capacity().x, source)) }</td>
        </tr>
    }
}

/// The merged curve as numbers, for whoever would rather read than look.
fn points_table(detail: &Detail) -> Html {
    let plot = &detail.plot;
    let Some(merged) = &plot.merged else {
        return Html::default();
    };
    let head = |what: &str, unit: &Option<Unit>| match unit {
        Some(unit) => {
            html! { <><th scope="col" class="number-cell">{ format!("{what}, units") }</th><th scope="col" class="number-cell">{ format!("{what}, {}", unit.code) }</th></> }
        }
        None => html! { <th scope="col" class="number-cell">{ format!("{what}, units") }</th> },
    };
    let cells = |amount: u64, unit: &Option<Unit>| {
        html! {
            <>
                <td class="number-cell">{ unit::units(amount) }</td>
                if let Some(unit) = unit {
                    <td class="number-cell">{ unit.number(amount) }</td>
                }
            </>
        }
    };
    html! {
        <details class="points">
            <summary>{"The merged curve as a table"}</summary>
            <div class="scroll">
                <table data-testid="points-table">
                    <thead><tr>{ head("Sent", &plot.source) }{ head("Received", &plot.destination) }<th scope="col">{"Via"}</th></tr></thead>
                    <tbody>
                        { for merged.curve.points().iter().map(|point| html! {
                            <tr>
                                { cells(point.x, &plot.source) }
                                { cells(point.y, &plot.destination) }
                                <td>{ plot.winner(point.x).map(|line| plot.lines[line].name.to_string()).unwrap_or_default() }</td>
                            </tr>
                        }) }
                    </tbody>
                </table>
            </div>
        </details>
    }
}

fn summary(detail: &Detail, to: &str, why: &str) -> String {
    let ghosts = detail
        .candidates
        .iter()
        .filter(|candidate| candidate.ghost)
        .count();
    let count = detail.plot.lines.len();
    let curves = if count == 1 { "curve" } else { "curves" };
    let faint = match ghosts {
        0 => String::new(),
        1 => ", one of them longer and not used".to_owned(),
        n => format!(", {n} of them longer and not used"),
    };
    format!("Liquidity {curves} to {to}: {count} {curves}{faint}. {why}")
}
