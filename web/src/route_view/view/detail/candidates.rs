//! Every candidate with what it delivers and which test it lost: legend, read-out and list of the rejected
//! in one.

use std::rc::Rc;

use yew::prelude::*;

use crate::curve_view::Swatch;
use crate::feed::Feed;
use crate::page::{runs_out, use_now};
use crate::route_view::{Candidate, Detail, Judgement, Verdict};
use crate::unit::{self, Unit};

/// How many candidates are listed before the reader asks for all.
const FEW: usize = 12;

/// Properties of [`Candidates`].
#[derive(Properties, PartialEq)]
pub struct CandidatesProps {
    /// The destination.
    pub detail: Rc<Detail>,
    /// Where the data comes from.
    pub feed: Feed,
    /// The source amount that is looked at.
    pub at: Option<u64>,
}

/// The candidates: the winners first, and only some of them where there are many.
#[function_component(Candidates)]
pub fn candidates(props: &CandidatesProps) -> Html {
    let now = props.feed.connector_time(use_now(1_000));
    let detail = &props.detail;
    let all = use_state_eq(|| false);
    let count = detail.candidates.len();
    let listed = if *all || count <= FEW + 4 { count } else { FEW };
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
                        { for detail.candidates.iter().enumerate().take(listed).map(|(index, candidate)| {
                            let verdict = judged.as_ref().map(|judged| judged.verdicts[index]);
                            candidate_row(detail, candidate, props.at, verdict, now)
                        }) }
                    </tbody>
                </table>
            </div>
            if listed < count {
                <button type="button" class="quiet" onclick={Callback::from(move |_: MouseEvent| all.set(true))} data-testid="all-candidates">
                    { format!("Show all {count} candidates") }
                </button>
            }
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
