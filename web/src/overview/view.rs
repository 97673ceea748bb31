//! Draws the overview.

use yew::prelude::*;

use super::{Summary, ago, beside};
use crate::app::Place;
use crate::feed::Feed;
use crate::page::use_now;
use crate::route_view::empty;
use crate::unit;

/// Properties of [`Overview`].
#[derive(Properties, PartialEq)]
pub struct OverviewProps {
    /// What is shown.
    pub feed: Feed,
    /// What there is to say or to choose about the data.
    pub source: Html,
}

/// The room.
#[function_component(Overview)]
pub fn overview(props: &OverviewProps) -> Html {
    let now = props.feed.connector_time(use_now(1_000));
    let body = props.feed.book.as_ref().map(|book| {
        let summary = Summary::of(book, now);
        html! {
            <>
                if book.len() == 0 {
                    { empty(book) }
                }
                <div class="figures" data-testid="figures">
                    { figure("Destinations", summary.destinations, &format!("{} ways to them", unit::units(summary.ways as u64))) }
                    { figure("Contested", summary.contested, "shared by several next hops") }
                    { figure("Peers", summary.peers.iter().map(|(_, count)| count).sum(), &summary.peers.iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(", ")) }
                    <div class="figure">
                        <span class="label">{"Freshest"}</span>
                        <strong class="big">{ summary.freshest.as_ref().map_or_else(|| "—".to_owned(), |(_, at)| ago(*at, now)) }</strong>
                        <span class="hint">{ summary.freshest.as_ref().map(|(who, _)| who.clone()).unwrap_or_default() }</span>
                    </div>
                </div>
                <div class="columns-2">
                    <section class="card" data-testid="alerts">
                        <h2>{"To look at"}</h2>
                        if summary.alerts.is_empty() {
                            <p class="hint">{"Nothing is wrong, as far as this can tell."}</p>
                        } else {
                            <ul class="plain">
                                { for summary.alerts.iter().map(|alert| html! {
                                    <li>
                                        { match &alert.link {
                                            Some(link) => html! { <a href={link.clone()}>{ alert.about.clone() }</a> },
                                            None => html! { <strong>{ alert.about.clone() }</strong> },
                                        } }{" "}{ alert.words.clone() }
                                    </li>
                                }) }
                            </ul>
                        }
                    </section>
                    <section class="card" data-testid="expiring">
                        <h2>{"Running out"}</h2>
                        if summary.expiring.is_empty() {
                            <p class="hint">{"Nothing runs out within a minute."}</p>
                        } else {
                            <ul class="plain">
                                { for summary.expiring.iter().map(|(from, to, at)| html! {
                                    <li class="row"><span><a href={Place::of_route(from, to)}>{ to.clone() }</a></span><span class="hint">{ beside(*at, now) }</span></li>
                                }) }
                            </ul>
                        }
                    </section>
                </div>
            </>
        }
    });
    html! {
        <main class="room" id="room">
            <h1 class={classes!(props.feed.book.is_none().then_some("unseen"))}>{"Overview"}</h1>
            { props.source.clone() }
            { for body }
        </main>
    }
}

fn figure(label: &'static str, count: usize, note: &str) -> Html {
    html! {
        <div class="figure">
            <span class="label">{ label }</span>
            <strong class="big">{ unit::units(count as u64) }</strong>
            <span class="hint">{ note.to_owned() }</span>
        </div>
    }
}
