//! What if: a next hop gone, dearer or smaller, and our own share.

use std::rc::Rc;

use yew::prelude::*;

use crate::route_view::{Action, Change, Detail, WhatIf};
use crate::unit::{self, Unit};

/// The most that a slider takes off, in basis points.
const MOST: u32 = 500;

/// Properties of [`WhatIfPanel`].
#[derive(Properties, PartialEq)]
pub struct WhatIfPanelProps {
    /// The destination as it is told.
    pub told: Rc<Detail>,
    /// What is different.
    pub what_if: WhatIf,
    /// How to change it.
    pub dispatch: Callback<Action>,
}

/// The panel: what is asked of all next hops, then one row for each.
#[function_component(WhatIfPanel)]
pub fn what_if_panel(props: &WhatIfPanelProps) -> Html {
    let what_if = Rc::new(props.what_if.clone());
    // The rows ask by this for what was last, and so stay the same while something else changes.
    let last = use_mut_ref(Rc::<WhatIf>::default);
    *last.borrow_mut() = what_if.clone();
    let ask = {
        let (last, dispatch) = (last.clone(), props.dispatch.clone());
        use_callback((), move |asked: Asked, ()| {
            let before = last.borrow().clone();
            dispatch.emit(asked.of(&before));
        })
    };
    let unit = props.told.plot.source.clone();
    let spread = ask.reform(|event: InputEvent| Asked::Spread(number(&event).min(10_000)));
    let limit = {
        let unit = unit.clone();
        ask.reform(move |event: InputEvent| Asked::Limit(amount(&event, unit.as_ref())))
    };
    let back = props
        .dispatch
        .reform(|_: MouseEvent| Action::WhatIf(WhatIf::default()));
    let hops = props.told.candidates.iter().map(|candidate| {
        let next_hop: Rc<str> = candidate.view.next_hop.as_str().into();
        let here = !what_if.gone.contains(&*next_hop);
        let change = what_if.of_hop(&next_hop);
        let has_curve = candidate.curve.is_some();
        html! {
            <Hop key={candidate.view.next_hop.as_str()} {next_hop} name={candidate.name.clone()} {here} {change} {has_curve} unit={unit.clone()} ask={ask.clone()} />
        }
    });
    html! {
        <details class="what-if" data-testid="what-if">
            <summary>{ if what_if.is_anything() { "What if: this is not what is told" } else { "What if…" } }</summary>
            <div class="row">
                <label class="check">{"We keep more by"}
                    <input type="range" min="0" max={MOST.to_string()} value={what_if.spread.to_string()} oninput={spread}
                        data-testid="what-if-spread" aria-valuetext={points(what_if.spread)} />
                    <span class="bp">{ format!("{} bp", what_if.spread) }</span>
                </label>
                <label class="check">{"Nobody carries more than"}
                    <input inputmode="decimal" size="8" oninput={limit} data-testid="what-if-limit" />
                    <span>{ code(unit.as_ref()) }</span>
                </label>
            </div>
            <ul class="what-if-hops" aria-label="Next hops">{ for hops }</ul>
            if what_if.is_anything() {
                <button type="button" class="quiet" onclick={back} data-testid="as-told">{"Back to what is told"}</button>
            }
        </details>
    }
}

/// What the reader asks for.
#[derive(Clone, Debug, PartialEq)]
enum Asked {
    Spread(u32),
    Limit(Option<u64>),
    Turned(Rc<str>),
    /// A next hop gives less, and perhaps even less in a moment.
    Less(Rc<str>, u32, bool),
    HopLimit(Rc<str>, Option<u64>),
}

impl Asked {
    fn of(self, before: &WhatIf) -> Action {
        Action::WhatIf(match self {
            Self::Spread(spread) => WhatIf {
                spread,
                ..before.clone()
            },
            Self::Limit(limit) => WhatIf {
                limit,
                ..before.clone()
            },
            Self::Turned(hop) => before.turned(&hop),
            Self::Less(hop, less, moving) => {
                let change = Change {
                    less,
                    ..before.of_hop(&hop)
                };
                let what_if = before.changed(&hop, change);
                if moving {
                    return Action::Moved(what_if, hop);
                }
                what_if
            }
            Self::HopLimit(hop, limit) => {
                let change = Change {
                    limit,
                    ..before.of_hop(&hop)
                };
                before.changed(&hop, change)
            }
        })
    }
}

#[derive(Properties, PartialEq)]
struct HopProps {
    next_hop: Rc<str>,
    name: Rc<str>,
    here: bool,
    change: Change,
    has_curve: bool,
    unit: Option<Unit>,
    ask: Callback<Asked>,
}

/// One next hop: whether it stays, how much less it gives, and the most that it carries.
#[function_component(Hop)]
fn hop(props: &HopProps) -> Html {
    let (hop, ask) = (props.next_hop.clone(), &props.ask);
    let onchange = {
        let hop = hop.clone();
        ask.reform(move |_: Event| Asked::Turned(hop.clone()))
    };
    let moving = {
        let hop = hop.clone();
        ask.reform(move |event: InputEvent| Asked::Less(hop.clone(), number(&event), true))
    };
    let rests = {
        let hop = hop.clone();
        ask.reform(move |event: Event| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            Asked::Less(hop.clone(), input.value().parse().unwrap_or(0), false)
        })
    };
    let limit = {
        let unit = props.unit.clone();
        ask.reform(move |event: InputEvent| {
            Asked::HopLimit(hop.clone(), amount(&event, unit.as_ref()))
        })
    };
    let less = props.change.less;
    let idle = !props.here || !props.has_curve;
    html! {
        <li>
            <label class="check name"><input type="checkbox" checked={props.here} {onchange} data-testid="what-if-hop" />{ props.name.to_string() }</label>
            <label class="check">{"less by"}
                <input type="range" min="0" max={MOST.to_string()} value={less.to_string()} oninput={moving} onchange={rests} disabled={idle}
                    data-testid="what-if-less" aria-label={format!("{} gives less by", props.name)} aria-valuetext={points(less)} />
                <span class="bp">{ format!("{less} bp") }</span>
            </label>
            <label class="check">{"at most"}
                <input inputmode="decimal" size="8" oninput={limit} disabled={idle} data-testid="what-if-most"
                    aria-label={format!("{} carries at most, {}", props.name, code(props.unit.as_ref()))} />
                <span>{ code(props.unit.as_ref()) }</span>
            </label>
        </li>
    }
}

fn code(unit: Option<&Unit>) -> String {
    unit.map_or_else(|| "units".to_owned(), |unit| unit.code.to_string())
}

fn points(basis_points: u32) -> String {
    format!("{basis_points} basis points")
}

/// The number that a slider stands at.
fn number(event: &InputEvent) -> u32 {
    let input: web_sys::HtmlInputElement = event.target_unchecked_into();
    input.value().parse().unwrap_or(0)
}

/// The amount in a field; none where there is none, and so no limit.
fn amount(event: &InputEvent, unit: Option<&Unit>) -> Option<u64> {
    let input: web_sys::HtmlInputElement = event.target_unchecked_into();
    let amount = unit::parse(&input.value(), unit).ok();
    amount.filter(|amount| *amount > 0)
}
