//! Who they are: their host and the record that it publishes.

use yew::prelude::*;

use super::{StepProps, host_field, record_card};
use crate::wizard::Side;

/// The second step.
#[function_component(Peer)]
pub fn peer(props: &StepProps) -> Html {
    html! {
        <>
            { host_field(props, Side::Theirs, "Their host", "wallet2.com") }
            { record_card(props, Side::Theirs) }
        </>
    }
}
