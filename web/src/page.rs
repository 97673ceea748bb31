//! The pieces that every room of the page is made of, and the few things it asks of the browser.

use c2c::timestamp::Timestamp;
use gloo_timers::callback::Interval;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;
use zeroize::Zeroizing;

use crate::wizard::Problem;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something to know.
    Plain,
    /// All is well.
    Good,
    /// Something to look at.
    Careful,
    /// Something is wrong.
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "notice-good",
            Self::Careful => "notice-careful",
            Self::Bad => "notice-bad",
        }
    }
}

/// Properties of [`Notice`].
#[derive(Properties, PartialEq)]
pub struct NoticeProps {
    /// What it is about.
    pub tone: Tone,
    /// The hook for tests.
    #[prop_or_default]
    pub testid: Option<AttrValue>,
    /// The words.
    pub children: Html,
}

/// A box with something to read.
#[function_component(Notice)]
pub fn notice(props: &NoticeProps) -> Html {
    html! {
        <div class={classes!("notice", props.tone.class())} data-testid={props.testid.clone()}>
            { props.children.clone() }
        </div>
    }
}

/// Properties of [`Wrong`].
#[derive(Properties, PartialEq)]
pub struct WrongProps {
    /// What is wrong.
    pub problem: Problem,
    /// The id by which a field points here.
    #[prop_or_default]
    pub id: Option<AttrValue>,
}

/// A problem under the field or the step that it is about.
#[function_component(Wrong)]
pub fn wrong(props: &WrongProps) -> Html {
    let Problem {
        code,
        message,
        hint,
    } = &props.problem;
    html! {
        <p class="wrong" role="alert" id={props.id.clone()} data-code={code.to_string()}>
            { message.to_string() }
            if let Some(hint) = hint {
                <span class="hint">{ hint.to_string() }</span>
            }
            <code class="code">{ code.to_string() }</code>
        </p>
    }
}

/// Properties of [`struct@Copy`].
#[derive(Properties, PartialEq)]
pub struct CopyProps {
    /// What is copied, in words: "Copy the ledger prefix".
    pub label: AttrValue,
    /// Gives the text when it is asked for; it is not kept in the page before.
    pub text: Callback<(), Zeroizing<String>>,
    /// Told once the text is on the clipboard.
    #[prop_or_default]
    pub on_done: Callback<()>,
}

/// A button that puts a text on the clipboard, and says so.
#[function_component(Copy)]
pub fn copy(props: &CopyProps) -> Html {
    let said = use_state_eq(|| "Copy");
    let onclick = {
        let (said, text, on_done) = (said.clone(), props.text.clone(), props.on_done.clone());
        Callback::from(move |_: MouseEvent| {
            let (said, text, on_done) = (said.clone(), text.emit(()), on_done.clone());
            spawn_local(async move {
                if to_clipboard(&text).await {
                    said.set("Copied");
                    on_done.emit(());
                } else {
                    said.set("Not allowed");
                }
                TimeoutFuture::new(2_000).await;
                said.set("Copy");
            });
        })
    };
    html! {
        <button type="button" class="quiet" {onclick} aria-label={props.label.clone()}>
            <span aria-live="polite">{ *said }</span>
        </button>
    }
}

/// The browser's clock in milliseconds, asked again every `every` milliseconds; 0 before the page
/// is on the screen.
#[hook]
pub fn use_now(every: u32) -> f64 {
    let now = use_state_eq(|| 0.0);
    let tick = now.setter();
    use_effect_with(every, move |every| {
        tick.set(js_sys::Date::now());
        let interval = Interval::new(*every, move || tick.set(js_sys::Date::now()));
        move || drop(interval)
    });
    *now
}

/// Whether the window is wide enough for two columns.
pub fn is_wide() -> bool {
    web_sys::window()
        .and_then(|window| window.match_media("(min-width: 60rem)").ok().flatten())
        .is_some_and(|query| query.matches())
}

/// `4 s`, `3 min`, `2 h`, `5 days`.
pub fn span(ms: f64) -> String {
    let seconds = (ms / 1000.0).max(0.0).round();
    match seconds {
        s if s < 120.0 => format!("{s} s"),
        s if s < 7_200.0 => format!("{} min", (s / 60.0).round()),
        s if s < 172_800.0 => format!("{} h", (s / 3_600.0).round()),
        s => format!("{} days", (s / 86_400.0).round()),
    }
}

/// When something runs out, seen from `now` in milliseconds: `in 4 s`, `now`, `never`.
pub fn runs_out(time: Option<Timestamp>, now: f64) -> String {
    let Some(time) = time else {
        return "never".to_owned();
    };
    #[allow(clippy::cast_precision_loss)]
    let left = time.as_millis() as f64 - now;
    if left > 0.0 {
        format!("in {}", span(left))
    } else {
        "now".to_owned()
    }
}

/// Puts `text` on the clipboard, where the browser lets the page.
async fn to_clipboard(text: &str) -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    let navigator = window.navigator();
    // Pages that did not come over a safe connection have no clipboard at all.
    let has_one = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"))
        .is_ok_and(|clipboard| clipboard.is_object());
    has_one
        && JsFuture::from(navigator.clipboard().write_text(text))
            .await
            .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_one_unit() {
        let cases = [
            (3_400.0, "3 s"),
            (119_000.0, "119 s"),
            (300_000.0, "5 min"),
            (7_200_000.0, "2 h"),
            (-5.0, "0 s"),
        ];
        for (ms, text) in cases {
            assert_eq!(span(ms), text);
        }
        let at = Timestamp::from_millis(5_000);
        assert_eq!(runs_out(Some(at), 2_000.0), "in 3 s");
        assert_eq!(runs_out(Some(at), 6_000.0), "now");
        assert_eq!(runs_out(None, 0.0), "never");
    }
}
