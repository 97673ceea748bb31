//! Without WebFinger: what they told, by their letter or typed.

use yew::prelude::*;

use super::invited::LetterBox;
use super::offer::Secretive;
use super::{StepProps, text_field};
use crate::wizard::Field;

/// The step in which their letter is taken in.
#[function_component(Told)]
pub fn told(props: &StepProps) -> Html {
    let importing = use_state_eq(|| false);
    let toggle = {
        let importing = importing.clone();
        Callback::from(move |_: MouseEvent| importing.set(!*importing))
    };
    let field = |field, label: &str, hint: &str, placeholder| {
        text_field(props, field, label, hint, placeholder)
    };
    html! {
        <>
            <div class="row">
                <button type="button" onclick={toggle} aria-expanded={importing.to_string()} data-testid="import">{"Take in their letter"}</button>
                <span class="hint">{"Or type what they told you."}</span>
            </div>
            if *importing {
                <LetterBox step={props.clone()} id="reply" label="Their letter: its link, its text, or what is in the file" />
            }
            { field(Field::TheirRpcUri, "Their RPC address", "Where you call them.", "https://wallet2.com/rpc") }
            { field(Field::TheirVersion, "Version for calls to them", "What they speak.", "Compatible: ilp-kit v3.0.0") }
            { field(Field::TheirAccount, "Their account", "The same prefix, and a name of theirs.", "peer.k3x9Q.usd.9.wallet2") }
            <Secretive step={props.clone()} field={Field::TheirToken} label="The token that I use"
                hint="They tell it another way than their letter." />
        </>
    }
}
