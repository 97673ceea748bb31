//! The one field in which passphrases are typed, for sealing and for opening what is sealed.

use futures::future::LocalBoxFuture;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use zeroize::Zeroizing;

use super::Problem;
use crate::page::Wrong;
use crate::vault;

/// Properties of [`Passphrase`].
#[derive(Properties, PartialEq)]
pub struct PassphraseProps {
    /// The field's id, and its hook for tests.
    pub id: &'static str,
    /// What is to be typed.
    pub label: AttrValue,
    /// What the button does.
    pub button: AttrValue,
    /// The button's hook for tests.
    pub testid: &'static str,
    /// Whether something is sealed with it: a new passphrase has to be long enough.
    pub is_new: bool,
    /// Does it, and tells what is wrong.
    pub on_use: Callback<Zeroizing<String>, LocalBoxFuture<'static, Option<Problem>>>,
}

/// A passphrase, a button, and what is wrong with either. The field is empty again as soon as it was used.
#[function_component(Passphrase)]
pub fn passphrase(props: &PassphraseProps) -> Html {
    let field = use_node_ref();
    let wrong = use_state_eq(|| None::<Problem>);
    let busy = use_state_eq(|| false);
    let onsubmit = {
        let (field, wrong, busy) = (field.clone(), wrong.setter(), busy.setter());
        let (is_new, on_use) = (props.is_new, props.on_use.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(input) = field.cast::<web_sys::HtmlInputElement>() else {
                return;
            };
            let typed = Zeroizing::new(input.value());
            if is_new && typed.chars().count() < vault::MIN_PASSPHRASE {
                return wrong.set(Some(Problem::new(
                    "PASSPHRASE_SHORT",
                    "A passphrase has at least 8 characters. Several words are best.",
                )));
            }
            input.set_value("");
            busy.set(true);
            let (wrong, busy, used) = (wrong.clone(), busy.clone(), on_use.emit(typed));
            spawn_local(async move {
                wrong.set(used.await);
                busy.set(false);
            });
        })
    };
    html! {
        <form class="field" {onsubmit} autocomplete="off">
            <label for={props.id}>{ props.label.clone() }</label>
            <div class="with-button">
                <input ref={field} id={props.id} data-testid={props.id} type="password" autocomplete="off" />
                <button type="submit" disabled={*busy} data-testid={props.testid}>
                    { if *busy { "One moment…".into() } else { props.button.clone() } }
                </button>
            </div>
            if let Some(problem) = (*wrong).clone() {
                <Wrong {problem} />
            }
        </form>
    }
}
