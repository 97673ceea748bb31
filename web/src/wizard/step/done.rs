//! What both sides end up with, whether the connector behind the page has the same, and how to take it there.

use yew::prelude::*;
use zeroize::Zeroizing;

use super::StepProps;
use crate::page::{Copy, Notice, Tone, Wrong};
use crate::wizard::{
    Action, ByHost, Compared, Comparison, Export, Facts, Keeper, Mode, Row, Secret, State, by_host,
    by_telling,
};

/// The last step: the six facts of the specification.
#[function_component(Done)]
pub fn done(props: &StepProps) -> Html {
    let revealed = use_state_eq(|| false);
    let state = &props.state;
    let facts = match state.facts() {
        None => {
            let missing = state.missing();
            let words = match missing.as_slice() {
                [] if state.to_derive().is_some() => "Your server derives…".to_owned(),
                [] => "The terms above need a look first.".to_owned(),
                missing => format!("Still needed: {}.", missing.join(", ")),
            };
            return html! { <p class="empty" data-testid="facts-missing">{ words }</p> };
        }
        Some(Err(problem)) => return html! { <>{ confirm(props) }<Wrong {problem} /></> },
        Some(Ok(facts)) => facts,
    };
    let comparison = match (&state.secret, &state.connector, &facts.details) {
        (Secret::Held { public, .. }, Some(connector), Some(details))
            if state.mode == Mode::WebFinger && state.keeper() == Keeper::Tab =>
        {
            Some(Comparison::of(details, public, connector))
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
    html! {
        <>
            if let Some(comparison) = &comparison {
                { verdict(comparison) }
            }
            <dl class="facts" data-testid="six-facts">
                { for facts.rows.iter().map(|fact| row(fact, compared, *revealed, &toggle)) }
            </dl>
            <h3>{"Accounts on this ledger"}</h3>
            <dl class="facts">
                { account("account", "Mine", &facts.account, compared) }
                { account("peer_account", "Theirs", &facts.peer_account, compared) }
            </dl>
            { exports(state, &facts) }
        </>
    }
}

/// Where their key has changed: the way on, once the reader has asked them.
fn confirm(props: &StepProps) -> Html {
    let (Some(_), Some((_, record))) =
        (props.state.key_alarm(), props.state.theirs.lookup.record())
    else {
        return Html::default();
    };
    let key = record.public_key;
    let onclick = props
        .dispatch
        .reform(move |_: MouseEvent| Action::ConfirmKey(key));
    html! {
        <Notice tone={Tone::Bad} testid="key-alarm">
            <p>{"Their record has another key than your peering was made with. Prefix and token move with it. Call them, and have them read their new key to you:"}</p>
            <p><code>{ key.to_string() }</code></p>
            <button type="button" {onclick} data-testid="confirm-key">{"They read me this key"}</button>
        </Notice>
    }
}

/// What is taken elsewhere.
fn exports(state: &State, facts: &Facts) -> Html {
    let limit = state.limit().ok().flatten();
    let (Ok(currency), Ok(scale)) = (state.currency(), state.scale()) else {
        return Html::default();
    };
    let exports = match (&facts.details, state.theirs.lookup.record()) {
        (Some(details), _) if facts.is_manual() => by_telling(details, limit),
        (_, Some((host, record))) => by_host(&ByHost {
            host,
            peer_key: &record.public_key.to_string(),
            rpc_uri: facts.shown("endpoint"),
            prefix: facts.shown("prefix"),
            currency: currency.as_str(),
            scale: scale.get(),
            limit,
            limit_text: &state.limit,
        }),
        _ => return Html::default(),
    };
    html! {
        <div class="exports" data-testid="exports">
            <h3>{"Take it to"}</h3>
            { for exports.into_iter().map(export) }
        </div>
    }
}

fn export(export: Export) -> Html {
    let Export {
        name,
        label,
        shown,
        whole,
        note,
    } = export;
    let text = whole.unwrap_or_else(|| Zeroizing::new(shown.clone()));
    html! {
        <details class="points" data-export={name}>
            <summary>{ label }</summary>
            <pre class="export" data-testid={format!("export-{name}")}>{ shown }</pre>
            <p class="row">
                <Copy label={format!("Copy for {label}")} text={Callback::from(move |()| text.clone())} />
                <span class="hint">{ note }</span>
            </p>
        </details>
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

fn row(fact: &Row, compared: &[Compared], revealed: bool, toggle: &Callback<MouseEvent>) -> Html {
    let shown = match &fact.token {
        Some(token) if revealed => token.reveal().to_owned(),
        _ => fact.shown.clone(),
    };
    let (token, plain) = (fact.token.clone(), fact.shown.clone());
    let text = Callback::from(move |()| {
        Zeroizing::new(match &token {
            Some(token) => token.reveal().to_owned(),
            None => plain.clone(),
        })
    });
    let is_secret = fact.name.starts_with("token");
    let is_first = fact.name == "token";
    html! {
        <div class="fact" data-fact={fact.name}>
            <dt>{ fact.label }<span class="hint">{ fact.role }</span></dt>
            <dd>
                <code data-testid={format!("fact-{}", fact.name)}>{ shown }</code>
                <span class="row">
                    if fact.token.is_some() && is_first {
                        <button type="button" class="quiet" onclick={toggle} aria-pressed={revealed.to_string()}
                            data-testid="reveal-token">
                            { if revealed { "Hide" } else { "Reveal" } }
                        </button>
                    }
                    if fact.token.is_some() || !is_secret {
                        <Copy label={format!("Copy the {}: {}", fact.label.to_lowercase(), fact.role)} {text} />
                    }
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
