//! What both read to each other: the short code catches mistakes, the twelve words somebody in between.

use yew::prelude::*;

use super::StepProps;
use crate::wizard::spoken;

/// The step in which codes are compared.
#[function_component(Codes)]
pub fn codes(props: &StepProps) -> Html {
    let Some(Ok(facts)) = props.state.facts() else {
        return html! { <p class="hint">{"As soon as both sides are known, two codes stand here to be compared by voice."}</p> };
    };
    html! {
        <>
            <div>
                <p class="big-code" data-testid="check-code" aria-label={spoken(&facts.code)}>{ facts.code.clone() }</p>
                <p class="hint">{ spoken(&facts.code) }</p>
            </div>
            <p>{"Your peer's page shows the same five characters, or one of you has another key or typed something else."}</p>
            <ol class="words" data-testid="check-words">
                { for facts.words.iter().map(|word| html! { <li>{ word.clone() }</li> }) }
            </ol>
            <p class="hint">{ if facts.is_manual() {
                "The twelve words stand for everything that you told each other, tokens included. They are no secret. If they differ, compare the fields one by one."
            } else {
                "The twelve words stand for both public keys. They are no secret. If they differ, somebody may stand between you: stop, and ask by another way."
            } }</p>
        </>
    }
}
