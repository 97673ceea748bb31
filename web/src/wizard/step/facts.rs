//! What both sides end up with, and whether the connector behind the page has the same.

use std::rc::Rc;

use c2c::peering::{Details, Fact};
use c2c::snapshot::SnapshotView;
use yew::prelude::*;
use zeroize::Zeroizing;

use super::StepProps;
use crate::page::{Copy, Notice, Tone, Wrong};
use crate::wizard::{Compared, Comparison, Secret};

/// Properties of [`Facts`].
#[derive(Properties, PartialEq)]
pub struct FactsProps {
    /// The wizard's state and how to change it.
    pub step: StepProps,
    /// What the connector behind the page shows; none on a static host.
    pub connector: Option<Rc<SnapshotView>>,
}

/// The last step: the six facts of the specification.
#[function_component(Facts)]
pub fn facts(props: &FactsProps) -> Html {
    let revealed = use_state_eq(|| false);
    let state = &props.step.state;
    let details = match state.details() {
        None => {
            let missing = state.missing();
            let words = match missing.as_slice() {
                [] => "The terms above need a look first.".to_owned(),
                missing => format!("Still needed: {}.", missing.join(", ")),
            };
            return html! { <p class="empty" data-testid="facts-missing">{ words }</p> };
        }
        Some(Err(problem)) => return html! { <Wrong {problem} /> },
        Some(Ok(details)) => details,
    };
    let comparison = match (&state.secret, &props.connector) {
        (Secret::Held { public, .. }, Some(connector)) => {
            Some(Comparison::of(&details, public, connector))
        }
        _ => None,
    };
    let compared: &[Compared] = match &comparison {
        Some(Comparison::Compared { facts }) => facts,
        _ => &[],
    };
    let toggle = {
        let revealed = revealed.clone();
        Callback::from(move |_: MouseEvent| revealed.set(!*revealed))
    };
    let facts = details.facts();
    html! {
        <>
            if let Some(comparison) = &comparison {
                { verdict(comparison) }
            }
            <dl class="facts" data-testid="six-facts">
                { for facts.iter().map(|fact| row(fact, &details, compared, *revealed, &toggle)) }
            </dl>
            <h3>{"Accounts on this ledger"}</h3>
            <dl class="facts">
                { account("account", "Mine", details.account.as_str(), compared) }
                { account("peer_account", "Theirs", details.peer_account.as_str(), compared) }
            </dl>
            if comparison.is_none() {
                <p class="hint">{"Your peer's page shows the same prefix, token, code and scale, or one of you entered something else. The five characters after \"peer.\" are the quickest to compare by voice."}</p>
            }
        </>
    }
}

fn verdict(comparison: &Comparison) -> Html {
    let (ok, sentence) = comparison.verdict();
    let tone = match comparison {
        _ if ok => Tone::Good,
        Comparison::Compared { .. } => Tone::Bad,
        _ => Tone::Plain,
    };
    html! {
        <Notice {tone} testid="verdict">
            <p role="status"><strong>{ sentence }</strong></p>
        </Notice>
    }
}

fn row(
    fact: &Fact,
    details: &Details,
    compared: &[Compared],
    revealed: bool,
    toggle: &Callback<MouseEvent>,
) -> Html {
    let secret = fact.value.is_secret();
    let token = details.send_token.clone();
    let plain = fact.value.text(false);
    let text = Callback::from(move |()| {
        Zeroizing::new(if secret {
            token.reveal().to_owned()
        } else {
            plain.clone()
        })
    });
    html! {
        <div class="fact" data-fact={fact.name}>
            <dt>{ fact.label }<span class="hint">{ fact.value.role.label() }</span></dt>
            <dd>
                <code data-testid={format!("fact-{}", fact.name)}>{ fact.value.text(revealed) }</code>
                <span class="row">
                    if secret {
                        <button type="button" class="quiet" onclick={toggle} aria-pressed={revealed.to_string()}
                            data-testid="reveal-token">
                            { if revealed { "Hide" } else { "Reveal" } }
                        </button>
                    }
                    <Copy label={format!("Copy the {}", fact.label.to_lowercase())} {text} />
                </span>
                { mark(fact.name, compared) }
            </dd>
        </div>
    }
}

fn account(name: &'static str, label: &str, text: &str, compared: &[Compared]) -> Html {
    html! {
        <div class="fact" data-fact={name}>
            <dt>{ label.to_owned() }</dt>
            <dd><code data-testid={format!("fact-{name}")}>{ text.to_owned() }</code>{ mark(name, compared) }</dd>
        </div>
    }
}

/// Whether the connector has the same, in words.
fn mark(name: &str, compared: &[Compared]) -> Html {
    let Some(fact) = compared.iter().find(|fact| fact.name == name) else {
        return Html::default();
    };
    if fact.is_equal() {
        return html! { <span class="mark mark-good">{"✓ connector has the same"}</span> };
    }
    html! {
        <span class="mark mark-bad">{"✗ connector has "}<code>{ fact.connector.clone() }</code></span>
    }
}
