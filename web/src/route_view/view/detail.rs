//! One destination: the amount, who carries it, the chart, and every candidate.
//!
//! What follows the pointer is drawn for each of its moves, so every part that does not is a component of
//! its own: what it is given stays the same, and it is left alone.

mod candidates;
mod hand_on;
mod points;
mod unit_form;
mod what_if;

use std::rc::Rc;

use c2c::snapshot::RouteView;
use candidates::Candidates;
use hand_on::HandOn;
use points::Points;
use unit_form::UnitForm;
use what_if::WhatIfPanel;
use yew::prelude::*;

use crate::curve_view::{CurveView, Measure, Spread, Swatch};
use crate::feed::Feed;
use crate::route_view::{Action, Detail, Given, Judgement, Shows, State};
use crate::share::Shared;
use crate::unit::{self, Unit};

/// Properties of [`Destination`].
#[derive(Properties, PartialEq)]
pub struct DestinationProps {
    /// The destination, as it would be.
    pub detail: Rc<Detail>,
    /// The same as it was told.
    pub told: Rc<Detail>,
    /// The route itself.
    pub route: Rc<RouteView>,
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
    let why = use_memo(detail.clone(), |detail| detail.why());
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
            <p class="why" data-testid="why">{ (*why).clone() }</p>
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
            <WhatIfPanel told={props.told.clone()} what_if={state.what_if.clone()} dispatch={props.dispatch.clone()} />
            <Candidates detail={detail.clone()} feed={props.feed.clone()} at={at} />
            if plot.merged.is_some() {
                <Points detail={detail.clone()} />
            }
            <HandOn detail={detail.clone()} route={props.route.clone()} shared={shared(props)} />
        </>
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

/// What a link says of what is shown, without the route itself.
fn shared(props: &DestinationProps) -> Shared {
    let (detail, state) = (&props.detail, &props.state);
    Shared {
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
    }
}
