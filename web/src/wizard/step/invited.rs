//! Who was invited: the letter that came, by link or pasted, and where it differs.

use std::rc::Rc;

use c2c::peering::{Says, Way};
use futures::FutureExt as _;
use yew::prelude::*;
use zeroize::Zeroizing;

use super::StepProps;
use crate::page::{Copy, Notice, Tone, Wrong};
use crate::vault;
use crate::wizard::{Action, Passphrase, Problem, now};

/// The band above the steps.
#[function_component(Invited)]
pub fn invited(props: &StepProps) -> Html {
    let open = use_state_eq(|| false);
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let state = &props.state;
    html! {
        <>
            if let Some(letter) = &state.received {
                <Letter step={props.clone()} letter={letter.clone()} />
            }
            if let Some(code) = &state.sealed {
                <Unseal dispatch={props.dispatch.clone()} code={code.clone()} />
            }
            if let Some(problem) = &state.letter_problem {
                <div class="notice"><Wrong problem={problem.clone()} /></div>
            }
            <div class="invited">
                <button type="button" onclick={toggle} aria-expanded={open.to_string()} data-testid="invited">
                    { if state.received.is_some() { "Read another letter" } else { "I was invited" } }
                </button>
                if *open {
                    <LetterBox step={props.clone()} id="letter" label="The letter: its link, its text, or what is in the file" />
                }
            </div>
        </>
    }
}

/// Properties of [`LetterBox`].
#[derive(Properties, PartialEq)]
pub struct LetterBoxProps {
    /// The wizard's state and how to change it.
    pub step: StepProps,
    /// The id of the field.
    pub id: &'static str,
    /// What to call it.
    pub label: &'static str,
}

/// A box for a letter that came.
#[function_component(LetterBox)]
pub fn letter_box(props: &LetterBoxProps) -> Html {
    let text = use_node_ref();
    let read = {
        let (text, dispatch) = (text.clone(), props.step.dispatch.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(area) = text.cast::<web_sys::HtmlTextAreaElement>() {
                dispatch.emit(Action::letter(&area.value(), now()));
            }
        })
    };
    let (id, label) = (props.id, props.label);
    html! {
        <form class="field" onsubmit={read} autocomplete="off">
            <label for={id}>{ label }</label>
            <textarea ref={text} {id} data-testid={id} rows="4" spellcheck="false" placeholder="https://wallet2.com/#c2c1.…" />
            <div class="row">
                <button type="submit" data-testid={format!("{id}-read")}>{"Read it"}</button>
            </div>
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct UnsealProps {
    dispatch: Callback<Action>,
    code: Rc<str>,
}

/// The passphrase of a letter that came sealed.
#[function_component(Unseal)]
fn unseal(props: &UnsealProps) -> Html {
    let on_use = {
        let (dispatch, code) = (props.dispatch.clone(), props.code.clone());
        Callback::from(move |pass: Zeroizing<String>| {
            let (dispatch, code) = (dispatch.clone(), code.clone());
            async move {
                let Some(letter) = vault::unseal(&code, &pass).await else {
                    return Some(Problem::new(
                        "PASSPHRASE",
                        "This passphrase does not open it. Ask for it again, by voice.",
                    ));
                };
                dispatch.emit(Action::letter(&letter, now()));
                None
            }
            .boxed_local()
        })
    };
    html! {
        <div class="notice" data-testid="sealed-letter">
            <Passphrase
                id="letter-passphrase"
                label="This letter is sealed. Its passphrase:"
                button="Open it"
                testid="unseal"
                is_new={false}
                {on_use}
            />
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct LetterProps {
    step: StepProps,
    letter: Rc<c2c::peering::Letter>,
}

/// What the letter says, and each field beside what stands here.
#[function_component(Letter)]
fn letter(props: &LetterProps) -> Html {
    let reason = use_state_eq(String::new);
    let refusing = use_state_eq(|| false);
    let (letter, state) = (&props.letter, &props.step.state);
    let who = match &letter.way {
        Way::WebFinger(host) => host.to_string(),
        Way::Manual(told) => told.rpc_uri.authority().to_owned(),
    };
    let date = letter.date.to_string();
    let day = date.split('T').next().unwrap_or_default().to_owned();
    let terms = format!("{}, scale {}", letter.currency, letter.scale);
    let differences = state.differences();
    let parts = differences.iter().any(|difference| difference.parts());
    let (tone, sentence) = match &letter.says {
        Says::Offer => (
            Tone::Plain,
            format!("{who} invites you to peer in {terms}. Offered on {day}."),
        ),
        Says::Counter => (
            Tone::Careful,
            format!("{who} does not take your terms, and offers {terms}."),
        ),
        Says::Accept if parts => (
            Tone::Careful,
            format!("{who} accepts, but not what stands here."),
        ),
        Says::Accept => (Tone::Good, format!("{who} accepts: {terms}.")),
        Says::Refuse { reason } if reason.is_empty() => (
            Tone::Bad,
            "They do not want to peer on these terms.".to_owned(),
        ),
        Says::Refuse { reason } => (Tone::Bad, format!("They do not want to peer: “{reason}”.")),
    };
    let is_open = matches!(letter.says, Says::Offer | Says::Counter);
    let next = match (is_open, parts) {
        (true, false) => {
            "The steps below are filled in. Complete them; the answer to send back says that you accept."
        }
        (true, true) => "You have changed the terms: the answer to send back is a counter-offer.",
        (false, true) => "One of you has to change what differs, then compare again.",
        (false, false) => "",
    };
    let act = |action: Action| {
        props
            .step
            .dispatch
            .reform(move |_: MouseEvent| action.clone())
    };
    let refuse = {
        let refusing = refusing.clone();
        Callback::from(move |_: MouseEvent| refusing.set(!*refusing))
    };
    let type_reason = {
        let reason = reason.clone();
        Callback::from(move |event: InputEvent| reason.set(super::typed(&event)))
    };
    let refusal = state.refusal(&reason);
    html! {
        <Notice {tone} testid="letter-notice">
            <p role="status"><strong>{ sentence }</strong></p>
            if !next.is_empty() && !matches!(letter.says, Says::Refuse { .. }) {
                <p data-testid="letter-next">{ next }</p>
            }
            if !matches!(letter.says, Says::Refuse { .. }) {
                <div class="scroll" tabindex="0" role="region" aria-label="Field by field">
                    <table class="differences" data-testid="differences">
                        <thead><tr><th scope="col">{"Field"}</th><th scope="col">{"They wrote"}</th><th scope="col">{"Here"}</th><th scope="col">{""}</th></tr></thead>
                        <tbody>
                            { for differences.iter().map(|row| html! {
                                <tr class={classes!(row.parts().then_some("parts"))} data-differs={row.parts().to_string()}>
                                    <th scope="row">{ row.field }</th>
                                    <td data-label="They wrote"><code>{ row.theirs.clone() }</code></td>
                                    <td data-label="Here"><code>{ row.mine.clone() }</code></td>
                                    <td>{ if row.parts() { "✗ differs" } else { "✓ same" } }</td>
                                </tr>
                            }) }
                        </tbody>
                    </table>
                </div>
            }
            <div class="row">
                if parts {
                    <button type="button" onclick={act(Action::TakeTerms)} data-testid="take-terms">{"Take what they wrote"}</button>
                }
                if is_open {
                    <button type="button" onclick={refuse} aria-expanded={refusing.to_string()} data-testid="refuse">{"Refuse"}</button>
                }
                <button type="button" class="quiet" onclick={act(Action::Discard)} data-testid="letter-discard">{"Lay it aside"}</button>
            </div>
            if *refusing {
                if let Some(refusal) = refusal {
                    <div class="field">
                        <label for="refusal-reason">{"Why, for them to read"}</label>
                        <input id="refusal-reason" data-testid="refusal-reason" oninput={type_reason} value={(*reason).clone()} autocomplete="off" />
                        <p class="row">
                            <code class="link" data-testid="refusal-link">{ refusal.link(&super::own_page(state)) }</code>
                            <Copy label="Copy the refusal" text={Callback::from(move |()| Zeroizing::new(refusal.text()))} />
                        </p>
                    </div>
                }
            }
        </Notice>
    }
}
