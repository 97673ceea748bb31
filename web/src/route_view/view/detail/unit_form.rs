//! Asks in what the destination counts: routes tell only base units.

use c2c::peering::{check_currency, check_scale};
use yew::prelude::*;

use crate::route_view::Action;
use crate::unit::Unit;

/// Properties of [`UnitForm`].
#[derive(Properties, PartialEq)]
pub struct UnitFormProps {
    /// The ledger that is asked about.
    pub ledger: String,
    /// How to say it.
    pub dispatch: Callback<Action>,
}

/// The form.
#[function_component(UnitForm)]
pub fn unit_form(props: &UnitFormProps) -> Html {
    let (code, scale) = (use_node_ref(), use_node_ref());
    let fault = use_state_eq(|| None::<String>);
    let onsubmit = {
        let (code, scale, fault) = (code.clone(), scale.clone(), fault.clone());
        let (ledger, dispatch) = (props.ledger.clone(), props.dispatch.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let text = |field: &NodeRef| {
                let input = field.cast::<web_sys::HtmlInputElement>();
                input.map(|input| input.value()).unwrap_or_default()
            };
            let code = check_currency(&text(&code));
            let scale = check_scale(&text(&scale), false);
            match (code, scale) {
                (Ok(code), Ok(scale)) => dispatch.emit(Action::Name(
                    ledger.clone(),
                    Unit {
                        code: code.as_str().into(),
                        scale: scale.value,
                    },
                )),
                (Err(wrong), _) | (_, Err(wrong)) => fault.set(Some(wrong.to_string())),
            }
        })
    };
    html! {
        <form class="unit-form" {onsubmit} autocomplete="off" data-testid="unit-form">
            <p class="hint">{ format!("Routes do not tell in what {} counts, so amounts there are in base units.", props.ledger) }</p>
            <label>{"Currency"}<input ref={code} data-testid="unit-code" size="5" placeholder="EUR" spellcheck="false" /></label>
            <label>{"Scale"}<input ref={scale} data-testid="unit-scale" size="3" value="9" inputmode="numeric" /></label>
            <button type="submit">{"Show in it"}</button>
            <p class="wrong" role="alert">{ (*fault).clone().unwrap_or_default() }</p>
        </form>
    }
}
