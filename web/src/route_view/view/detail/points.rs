//! The merged curve as numbers, for whoever would rather read than look.

use std::rc::Rc;

use yew::prelude::*;

use crate::route_view::Detail;
use crate::unit::{self, Unit};

/// How many points are written at once: a curve may have thousands.
const SHOWN: usize = 250;

/// Properties of [`Points`].
#[derive(Properties, PartialEq)]
pub struct PointsProps {
    /// The destination.
    pub detail: Rc<Detail>,
}

/// A table that is made when it is opened.
#[function_component(Points)]
pub fn points(props: &PointsProps) -> Html {
    let (open, shown) = (use_state_eq(|| false), use_state_eq(|| SHOWN));
    let ontoggle = {
        let open = open.clone();
        Callback::from(move |event: Event| {
            open.set(
                event
                    .target_unchecked_into::<web_sys::Element>()
                    .has_attribute("open"),
            );
        })
    };
    let count = props
        .detail
        .plot
        .merged
        .as_ref()
        .map_or(0, |merged| merged.curve.points().len());
    let more = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| shown.set(*shown + SHOWN))
    };
    html! {
        <details class="points" {ontoggle} data-testid="points">
            <summary>{"The merged curve as a table"}</summary>
            if *open {
                { table(&props.detail, *shown) }
                if *shown < count {
                    <button type="button" class="quiet" onclick={more} data-testid="more-points">
                        { format!("Show more: {} of {} points", unit::units(*shown as u64), unit::units(count as u64)) }
                    </button>
                }
            }
        </details>
    }
}

fn table(detail: &Detail, most: usize) -> Html {
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
            <div class="scroll" tabindex="0" role="region" aria-label="The merged curve as a table">
                <table data-testid="points-table">
                    <thead><tr>{ head("Sent", &plot.source) }{ head("Received", &plot.destination) }<th scope="col">{"Via"}</th></tr></thead>
                    <tbody>
                        { for merged.curve.points().iter().take(most).map(|point| html! {
                            <tr>
                                { cells(point.x, &plot.source) }
                                { cells(point.y, &plot.destination) }
                                <td>{ plot.winner(point.x).map(|line| plot.lines[line].name.to_string()).unwrap_or_default() }</td>
                            </tr>
                        }) }
                    </tbody>
                </table>
            </div>
    }
}
