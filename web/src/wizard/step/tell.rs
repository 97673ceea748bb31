//! What goes to the other side: a letter as text, link and code. No secret is in it, unless it is sealed.

use c2c::peering::{Letter, Says, Way};
use futures::FutureExt as _;
use yew::prelude::*;
use zeroize::Zeroizing;

use super::{StepProps, own_page};
use crate::page::{Copy, Notice, Tone};
use crate::vault::{self, SEALED};
use crate::wizard::{Passphrase, Problem, Qr};

/// The step in which they are told.
#[function_component(Tell)]
pub fn tell(props: &StepProps) -> Html {
    let state = &props.state;
    let Some(letter) = state.letter() else {
        let missing = state.letter_missing();
        let words = match missing.as_slice() {
            [] => "They accept, and nothing is left to be said.".to_owned(),
            missing => format!("Still needed: {}.", missing.join(", ")),
        };
        return html! { <p class="empty" data-testid="letter-missing">{ words }</p> };
    };
    let open = letter.without_token();
    let says = match &letter.says {
        Says::Offer => {
            "This invites them. It says who you are and on which terms; nothing of it is secret."
        }
        Says::Counter => {
            "This is a counter-offer with the terms that stand here. Nothing of it is secret."
        }
        Says::Accept => "This accepts their offer. Nothing of it is secret.",
        Says::Refuse { .. } => "This refuses their offer.",
    };
    let (link, text) = (open.link(&own_page(state)), open.text());
    let copied = [link.clone(), text.clone()];
    let [link_text, plain_text] =
        copied.map(|text| Callback::from(move |()| Zeroizing::new(text.clone())));
    let kind = match letter.says {
        Says::Offer => "offer",
        Says::Counter => "counter",
        Says::Accept => "accept",
        Says::Refuse { .. } => "refuse",
    };
    html! {
        <>
            <p class="hint" data-testid="letter-says" data-says={kind}>{ says }</p>
            <div class="letter">
                <Qr text={link.clone()} label="The link as a code" />
                <div class="field">
                    <span class="label">{"Link"}</span>
                    <code class="link" data-testid="letter-link">{ link }</code>
                    <div class="row">
                        <Copy label="Copy the link" text={link_text} />
                    </div>
                    <details class="points">
                        <summary>{"As a text"}</summary>
                        <pre class="export" data-testid="letter-text">{ text }</pre>
                        <Copy label="Copy the text" text={plain_text} />
                    </details>
                </div>
            </div>
            if matches!(letter.way, Way::Manual(_)) {
                <Token {letter} page={own_page(state)} />
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct TokenProps {
    letter: Letter,
    page: String,
}

/// The ways in which the token goes to them: another way than the link, or in a link that a passphrase seals.
#[function_component(Token)]
fn token(props: &TokenProps) -> Html {
    let sealing = use_state_eq(|| false);
    let sealed = use_state_eq(|| None::<String>);
    {
        // What was sealed of another letter is not this one.
        let sealed = sealed.clone();
        use_effect_with(props.letter.clone(), move |_| sealed.set(None));
    }
    let Way::Manual(told) = &props.letter.way else {
        return Html::default();
    };
    let Some(token) = told.token.clone() else {
        return Html::default();
    };
    let fingerprint = token.fingerprint();
    let toggle = {
        let sealing = sealing.clone();
        Callback::from(move |_: MouseEvent| sealing.set(!*sealing))
    };
    let on_use = {
        let (sealed, letter, page) = (sealed.setter(), props.letter.clone(), props.page.clone());
        Callback::from(move |pass: Zeroizing<String>| {
            let (sealed, page) = (sealed.clone(), page.clone());
            let letter = Zeroizing::new(letter.encode());
            async move {
                let Some(code) = vault::seal(&letter, &pass).await else {
                    return Some(Problem::new(
                        "NO_CRYPTO",
                        "This browser seals only on pages that came by https. Tell the token another way.",
                    ));
                };
                sealed.set(Some(format!("{page}#{SEALED}{code}")));
                None
            }
            .boxed_local()
        })
    };
    let copied = Callback::from(move |()| Zeroizing::new(token.reveal().to_owned()));
    html! {
        <Notice tone={Tone::Plain} testid="token-apart">
            <p>
                {"The token for their calls to you is not in the link. Tell them by another way: "}
                <code>{ format!("•••• (fingerprint {fingerprint})") }</code>
                <Copy label="Copy the token for their calls" text={copied} />
            </p>
            <p>
                <button type="button" class="quiet" onclick={toggle} aria-expanded={sealing.to_string()} data-testid="seal-open">
                    {"Or seal it into a link with a passphrase"}
                </button>
            </p>
            if *sealing {
                <Passphrase
                    id="seal-passphrase"
                    label="A passphrase, which you tell them by voice"
                    button="Seal"
                    testid="seal"
                    is_new={true}
                    {on_use}
                />
                if let Some(link) = (*sealed).clone() {
                    <div class="letter">
                        <Qr text={link.clone()} label="The sealed link as a code" />
                        <div class="field">
                            <span class="label">{"Sealed link"}</span>
                            <code class="link" data-testid="sealed-link">{ link.clone() }</code>
                            <Copy label="Copy the sealed link" text={Callback::from(move |()| Zeroizing::new(link.clone()))} />
                        </div>
                    </div>
                }
            }
        </Notice>
    }
}
