//! Draws the validator.

use yew::prelude::*;

use super::{Verdict, judge};
use crate::app::faults;
use crate::open::{Acceptance, Refused, Wrong};

/// The room: a text, and what is wrong with it.
#[function_component(Validate)]
pub fn validate() -> Html {
    let text = use_node_ref();
    let verdict = use_state_eq(|| None::<Result<Verdict, Wrong>>);
    let check = {
        let (text, verdict) = (text.clone(), verdict.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(area) = text.cast::<web_sys::HtmlTextAreaElement>() {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let now = js_sys::Date::now() as u64;
                verdict.set(Some(judge(area.value().as_bytes(), now)));
            }
        })
    };
    html! {
        <main class="room" id="room">
            <h1>{"Validate"}</h1>
            <section class="card">
                <div class="field">
                    <label for="validate-text">{"A routing update, message, call or list of routes"}</label>
                    <textarea ref={text} id="validate-text" data-testid="validate-text" rows="10" spellcheck="false" />
                </div>
                <div class="row"><button type="button" class="main" onclick={check} data-testid="validate">{"Check it"}</button></div>
            </section>
            <div aria-live="polite" class="columns-2">
                { match &*verdict {
                    None => Html::default(),
                    Some(Err(wrong)) => html! { <div class="notice notice-bad" data-testid="validate-wrong"><p>{ wrong.message.clone() }</p>{ faults(&wrong.faults) }</div> },
                    Some(Ok(verdict)) => html! {
                        <>
                            { profile("As deployed", "ilp-connector 21", &verdict.deployed, "deployed") }
                            { profile("As cited", "ilp-connector 17", &verdict.cited, "cited") }
                            if let Some(acceptance) = &verdict.acceptance {
                                { report(acceptance) }
                            }
                        </>
                    },
                } }
            </div>
        </main>
    }
}

fn profile(
    title: &'static str,
    whose: &'static str,
    list: &[Refused],
    testid: &'static str,
) -> Html {
    html! {
        <section class="card" data-testid={testid}>
            <h2>{ title }<span class="hint">{ format!(" {whose}") }</span></h2>
            if list.is_empty() {
                <p class="mark-good">{"Right in every member."}</p>
            } else {
                <p class="mark-bad">{ format!("{} {}", list.len(), if list.len() == 1 { "fault" } else { "faults" }) }</p>
                { faults(list) }
            }
        </section>
    }
}

/// What a connector would keep.
fn report(acceptance: &Acceptance) -> Html {
    html! {
        <section class="card" data-testid="acceptance">
            <h2>{"What a connector keeps of it"}</h2>
            <p>{ format!("Heard from {} over {}: {} kept, {} dropped.", acceptance.sender, acceptance.ledger, acceptance.kept, acceptance.dropped) }</p>
            if !acceptance.reasons.is_empty() {
                <table>
                    <thead><tr><th scope="col">{"Reason"}</th><th scope="col" class="number-cell">{"Routes"}</th></tr></thead>
                    <tbody>
                        { for acceptance.reasons.iter().map(|(reason, count)| html! {
                            <tr><th scope="row"><code>{ reason.clone() }</code></th><td class="number-cell">{ *count }</td></tr>
                        }) }
                    </tbody>
                </table>
                { faults(&acceptance.list) }
            }
        </section>
    }
}
