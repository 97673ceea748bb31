//! What is on the bench: a network of ours, or one from a file; and handing it on.

use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;
use zeroize::Zeroizing;

use super::{Shown, value};
use crate::lab::script::LONGEST;
use crate::lab::{Action, Preset};
use crate::page::Copy;
use crate::share::{here, save};

/// The card.
pub fn setup(shown: &Shown<'_>) -> Html {
    let (state, act) = (shown.state, shown.act);
    let (script, link, now) = (&state.script, state.link(), state.seen.now);
    let preset = act
        .reform(|event: Event| Action::Preset(Preset::named(&value(&event)).unwrap_or_default()));
    let count = act.reform(|event: InputEvent| Action::Count(value(&event)));
    let seed = act.reform(|event: InputEvent| Action::Seed(value(&event)));
    let load = act.reform(|event: SubmitEvent| {
        event.prevent_default();
        Action::Load
    });
    let bring = {
        let act = act.clone();
        Callback::from(move |event: Event| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            let act = act.clone();
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                spawn_local(async move {
                    // What is too long is refused without being read.
                    #[allow(clippy::cast_precision_loss)]
                    let text = match file.size() <= LONGEST as f64 {
                        true => JsFuture::from(file.text())
                            .await
                            .ok()
                            .and_then(|text| text.as_string()),
                        false => Some(" ".repeat(LONGEST + 1)),
                    };
                    act.emit(Action::Bring(text.unwrap_or_default().into()));
                });
            }
            input.set_value("");
        })
    };
    html! {
        <section class="card" aria-label="The network">
            <form class="row" onsubmit={load} autocomplete="off">
                <label class="check">{"Network"}
                    <select onchange={preset} data-testid="lab-preset">
                        { for Preset::ALL.map(|preset| html! {
                            <option value={preset.as_str()} selected={preset == state.form.preset}>{ preset.words() }</option>
                        }) }
                    </select>
                </label>
                <label class="check">{"Connectors"}
                    <input inputmode="numeric" size="3" value={state.form.count.clone()} oninput={count} data-testid="lab-count" />
                </label>
                <label class="check">{"Seed"}
                    <input inputmode="numeric" size="5" value={state.form.seed.clone()} oninput={seed} data-testid="lab-seed" />
                </label>
                <button type="submit" class={classes!(script.is_none().then_some("main"))} data-testid="lab-load">{"Put it on the bench"}</button>
                <label class="file-button">
                    {"Open a file"}
                    <input type="file" class="unseen" accept=".json,application/json" onchange={bring} data-testid="lab-open" />
                </label>
            </form>
            if let Some(script) = script {
                <div class="row hand-on" role="group" aria-label="Hand on">
                    if let Some(link) = &link {
                        <span class="label">{"Link"}</span>
                        <Copy label="Copy a link that shows this" text={
                            let link = link.clone();
                            Callback::from(move |()| Zeroizing::new(format!("{}{link}", here())))
                        } />
                    }
                    <span class="label">{"Save as"}</span>
                    <button type="button" class="quiet" onclick={
                        let (script, now) = (script.clone(), now);
                        Callback::from(move |_: MouseEvent| save::text("lab.json", "application/json", &script.to_file(now)))
                    } data-testid="lab-save">{"JSON"}</button>
                    if link.is_none() {
                        <p class="hint">{"This network is too large for a link: whoever gets one opens the saved JSON instead."}</p>
                    }
                </div>
            }
        </section>
    }
}
