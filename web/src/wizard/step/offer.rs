//! Without WebFinger: what I tell them, and the terms.

use yew::prelude::*;

use super::{Agreed, StepProps, text_field};
use crate::page::{Copy, Wrong};
use crate::wizard::{Action, Field, SecretText};
use zeroize::Zeroizing;

/// The first step without WebFinger.
#[function_component(MyOffer)]
pub fn my_offer(props: &StepProps) -> Html {
    let field = |field, label: &str, hint: &str, placeholder| {
        text_field(props, field, label, hint, placeholder)
    };
    html! {
        <>
            { field(Field::RpcUri, "My RPC address", "Where they call you.", "https://wallet1.com/rpc") }
            <Secretive step={props.clone()} field={Field::Token} label="The token that they use"
                hint="32 random bytes. It goes another way than the letter." />
            <Agreed ..props.clone() />
            { field(Field::Prefix, "Ledger prefix", "The same on both sides.", "peer.k3x9Q.usd.9.") }
            <div class="fields apart">
                { field(Field::Version, "Version for calls to me", "What you speak.", "Compatible: ilp-kit v3.0.0") }
                { field(Field::Account, "My account", "The prefix, and a name of your own.", "peer.k3x9Q.usd.9.wallet1") }
            </div>
        </>
    }
}

/// Properties of [`Secretive`].
#[derive(Properties, PartialEq)]
pub struct SecretiveProps {
    /// The wizard's state and how to change it.
    pub step: StepProps,
    /// Which field.
    pub field: Field,
    /// What to call it.
    pub label: AttrValue,
    /// A few words under it.
    pub hint: AttrValue,
}

/// A field whose text is masked until the reader asks to see it.
#[function_component(Secretive)]
pub fn secretive(props: &SecretiveProps) -> Html {
    let revealed = use_state_eq(|| false);
    let (state, field) = (&props.step.state, props.field);
    let id = field.name();
    let text = state.manual.text(field, &state.currency, &state.scale);
    let problem = state.manual.problem(field, &state.currency, &state.scale);
    let oninput = props.step.dispatch.reform(move |event: InputEvent| {
        Action::Tell(
            field,
            std::rc::Rc::new(SecretText::new(super::typed(&event))),
        )
    });
    let toggle = {
        let revealed = revealed.clone();
        Callback::from(move |_: MouseEvent| revealed.set(!*revealed))
    };
    let copied = text.clone();
    let note = format!("{id}-note");
    html! {
        <div class="field">
            <label for={id}>{ props.label.clone() }</label>
            <input {id} data-testid={id} type={if *revealed { "text" } else { "password" }} value={text.reveal().to_owned()} {oninput}
                autocapitalize="none" autocomplete="off" spellcheck="false"
                aria-invalid={problem.is_some().to_string()} aria-describedby={note.clone()} />
            <div class="row">
                <button type="button" class="quiet" onclick={toggle} aria-pressed={revealed.to_string()} data-testid={format!("{id}-reveal")}>
                    { if *revealed { "Hide" } else { "Reveal" } }
                </button>
                <Copy label={format!("Copy: {}", props.label)} text={Callback::from(move |()| Zeroizing::new(copied.reveal().to_owned()))} />
            </div>
            if let Some(problem) = problem {
                <Wrong {problem} id={note} />
            } else {
                <p class="hint" id={note}>{ props.hint.clone() }</p>
            }
        </div>
    }
}
