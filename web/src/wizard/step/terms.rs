//! What the two agree on, and my own limit.

use yew::prelude::*;

use super::{StepProps, typed};
use crate::page::{Notice, Tone, Wrong};
use crate::wizard::{Action, Problem};

/// The third step.
#[function_component(Agreed)]
pub fn agreed(props: &StepProps) -> Html {
    let state = &props.state;
    let field = |id: &'static str,
                 label: &str,
                 hint: &str,
                 value: &str,
                 problem: Option<Problem>,
                 action: fn(String) -> Action| {
        let oninput = props
            .dispatch
            .reform(move |event: InputEvent| action(typed(&event)));
        let wrong = format!("{id}-wrong");
        html! {
            <div class="field">
                <label for={id}>{ label.to_owned() }</label>
                <input {id} data-testid={id} value={value.to_owned()} {oninput} autocomplete="off" spellcheck="false"
                    inputmode={if id == "currency" { "text" } else { "decimal" }}
                    aria-invalid={problem.is_some().to_string()} aria-describedby={wrong.clone()} />
                if let Some(problem) = problem {
                    <Wrong {problem} id={wrong} />
                } else {
                    <p class="hint" id={wrong}>{ hint.to_owned() }</p>
                }
            </div>
        }
    };
    let limit_label = format!(
        "Most they may owe me, in {}",
        state
            .currency()
            .map_or("currency".to_owned(), |c| c.to_string())
    );
    html! {
        <>
            <div class="fields">
                { field("currency", "Currency code", "The same on both sides.", &state.currency, state.currency().err(), Action::Currency) }
                { field("scale", "Scale", "Decimals; the same on both sides.", &state.scale, state.scale().err(), Action::Scale) }
            </div>
            { field("limit", &limit_label, "Yours alone; it is not part of what both agree on.", &state.limit, state.limit().err(), Action::Limit) }
            if let Some(sentence) = state.terms_sentence() {
                <p class="sentence" data-testid="terms-sentence" aria-live="polite">{ sentence }</p>
            }
            if let Some(problem) = state.duplicate() {
                <Wrong {problem} />
            }
            { for state.warnings().into_iter().map(|warning| html! {
                <Notice tone={Tone::Careful}><p>{ warning.to_string() }</p></Notice>
            }) }
        </>
    }
}
