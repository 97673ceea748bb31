//! Whether the other side is there, is still who it was, and knows us: asked live, each step explained.

use std::rc::Rc;

use c2c::peering::mismatch::{BETWEEN_CALLS, Verdict, guesses};
use c2c::peering::{Details, Mode as Way, shared_secret};
use c2c::rpc::{Method, get_limit};
use c2c::snapshot::{CheckView, MismatchView, PeerView, Terms};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use zeroize::Zeroizing;

use super::{AskToken, StepProps, told_problem};
use crate::client::{self, CallMissed, Token};
use crate::page::{Copy, Notice, Tone, Wrong};
use crate::wizard::{
    About, Action, Facts, Found, Keeper, Mode, Outcome, STEPS, Secret, State, Step, command, now,
    of_browser, of_server,
};

/// How long the page waits before it checks again what was not fine, in milliseconds, and how often.
const AGAIN: u32 = 4_000;
const TIMES: u32 = 20;

/// The step in which the peering is checked.
#[function_component(MutualCheck)]
pub fn mutual_check(props: &StepProps) -> Html {
    let state = &props.state;
    let left = use_state_eq(|| 0u32);
    let facts = match state.facts() {
        Some(Ok(facts)) => Some(facts),
        _ => None,
    };
    let by_server = facts.as_ref().and_then(|facts| in_server(state, facts));
    {
        // What is not fine is looked at again by itself, for a while.
        let (step, by_server, facts) = (props.clone(), by_server.clone(), facts.clone());
        let waits = !state.check.running
            && state
                .check
                .steps
                .iter()
                .any(|step| step.outcome == Outcome::Bad);
        let left = left.clone();
        use_effect_with((waits, *left), move |(waits, rest)| {
            let alive = Rc::new(std::cell::Cell::new(*waits && *rest > 0));
            if alive.get() {
                let (alive, rest) = (alive.clone(), *rest);
                spawn_local(async move {
                    TimeoutFuture::new(AGAIN).await;
                    if alive.get() {
                        left.set(rest - 1);
                        begin(&step, by_server, facts.and_then(|facts| facts.details));
                    }
                });
            }
            move || alive.set(false)
        });
    }
    let Some(facts) = facts else {
        return html! { <p class="hint">{"Then your peer is asked whether it knows you: its record, its certificate, both clocks, your token, their limit, their first broadcast."}</p> };
    };
    let server_holds = state.mode == Mode::WebFinger && state.keeper() == Keeper::Server;
    let can_check = by_server.is_some() || !server_holds;
    let check = {
        let (step, by_server, details) = (props.clone(), by_server.clone(), facts.details.clone());
        let left = left.clone();
        Callback::from(move |_: MouseEvent| {
            left.set(TIMES);
            begin(&step, by_server.clone(), details.clone());
        })
    };
    let steps = &state.check.steps;
    let knows_us_not = steps
        .iter()
        .any(|step| step.code.as_deref() == Some("RPC_401"));
    let is_told = facts.is_manual();
    html! {
        <>
            if state.connector.is_some() {
                <Add step={props.clone()} facts={facts.clone()} there={by_server.clone()} />
            }
            if can_check {
                <div class="row">
                    <button type="button" class="main" onclick={check} disabled={state.check.running} data-testid="check">
                        { if state.check.running { "Checking…" } else if steps.is_empty() { "Check now" } else { "Check again" } }
                    </button>
                    <span class="hint">{ if by_server.is_some() { "Your server asks." } else { "This page asks your peer itself." } }</span>
                </div>
            }
            <ol class="checks" data-testid="checks" aria-live="polite">
                { for match steps.is_empty() {
                    true => STEPS.iter().map(|name| waiting(name)).collect::<Vec<_>>(),
                    false => steps.iter().map(check_row).collect(),
                } }
            </ol>
            if knows_us_not && !is_told {
                <Mismatch step={props.clone()} there={by_server.clone()} details={facts.details.clone()} />
            }
            if let (Some(details), None) = (&facts.details, &by_server) {
                if !steps.is_empty() && !steps.iter().any(|step| &*step.name == "auth" && step.outcome == Outcome::Good) {
                    { by_hand(details) }
                }
            }
        </>
    }
}

/// The peering as the connector behind the page has it.
fn in_server(state: &State, facts: &Facts) -> Option<Rc<PeerView>> {
    let prefix = facts.shown("prefix");
    let added = state
        .added
        .clone()
        .filter(|added| added.prefix.as_str() == prefix);
    added.or_else(|| {
        let connector = state.connector.as_ref()?;
        let peer = connector
            .peers
            .iter()
            .find(|peer| peer.prefix.as_str() == prefix)?;
        Some(Rc::new(peer.clone()))
    })
}

fn waiting(name: &str) -> Html {
    html! { <li class="check"><span class="check-mark">{"·"}</span><span>{ name.to_owned() }</span></li> }
}

fn check_row(step: &Step) -> Html {
    let (class, mark, word) = match step.outcome {
        Outcome::Good => ("check good", "✓", "fine"),
        Outcome::Bad => ("check bad", "✗", "wrong"),
        Outcome::Unknown => ("check", "–", "cannot be told from here"),
    };
    html! {
        <li {class} data-check={step.name.to_string()} data-code={step.code.as_ref().map(ToString::to_string)} data-outcome={word}>
            <span class="check-mark" aria-label={word}>{ mark }</span>
            <span>
                <strong>{ step.name.to_string() }</strong>
                <span class="check-said">{ step.message.to_string() }</span>
                if let Some(hint) = &step.hint {
                    <span class="hint">{ hint.to_string() }</span>
                }
                if let Some(code) = &step.code {
                    <code class="code">{ code.to_string() }</code>
                }
            </span>
        </li>
    }
}

/// Without a connector, and where the peer lets no page call it: the same question from a shell.
fn by_hand(details: &Details) -> Html {
    let url = Method::GetLimit.url(details.rpc_uri.as_str(), &details.prefix);
    let line = command(&url);
    let (copied, token) = (line.clone(), details.send_token.clone());
    html! {
        <details class="points" data-testid="by-hand">
            <summary>{"Ask from a shell"}</summary>
            <p class="hint">{"It asks for the token, which is then in no history. 200 and a number: they know you. 401: they do not. 403: they have another token."}</p>
            <pre class="export">{ line }</pre>
            <p class="row">
                <Copy label="Copy the command" text={Callback::from(move |()| Zeroizing::new(copied.clone()))} />
                <span class="hint">{"Token ••••"}</span>
                <Copy label="Copy the token" text={Callback::from(move |()| Zeroizing::new(token.reveal().to_owned()))} />
            </p>
        </details>
    }
}

/// Checks once: by the connector behind the page where it has the peering, else from here.
fn begin(step: &StepProps, there: Option<Rc<PeerView>>, details: Option<Details>) {
    let dispatch = step.dispatch.clone();
    let state = step.state.clone();
    let token = step.connector.clone();
    dispatch.emit(Action::Checking);
    spawn_local(async move {
        let mut steps = None;
        if let (Some(peer), Some(token)) = (&there, &token) {
            let what = format!("peers/{}/check", peer.prefix);
            let empty = serde_json::json!({});
            match client::ask::<CheckView>(&what, Some(&empty), token).await {
                Ok(view) => steps = Some(of_server(&view)),
                Err(error) if details.is_none() => {
                    dispatch.emit(Action::Added(Err(told_problem(&error))));
                }
                // Without its token the server only shows; what is derived here can ask from here.
                Err(_) => {}
            }
        }
        let steps = match (steps, &details) {
            (Some(steps), _) => steps,
            (None, None) => Vec::new(),
            (None, Some(details)) => from_here(&state, details).await,
        };
        dispatch.emit(Action::Checked(steps));
    });
}

async fn from_here(state: &State, details: &Details) -> Vec<Step> {
    let record = match &details.mode {
        Way::WebFinger { host, .. } => Some(client::record(host).await),
        Way::Manual => None,
    };
    let url = Method::GetLimit.url(details.rpc_uri.as_str(), &details.prefix);
    let call = client::call(&url, &details.send_token, get_limit::BODY).await;
    let mine = state.mine.host().map(|host| host.to_string());
    let me = mine.unwrap_or_else(|| "you".to_owned());
    let about = About { details, me: &me };
    let now = now();
    of_browser(&about, &Found { record, call, now })
}

#[derive(Properties, PartialEq)]
struct AddProps {
    step: StepProps,
    facts: Facts,
    there: Option<Rc<PeerView>>,
}

/// Adding the peering to the connector behind the page.
#[function_component(Add)]
fn add(props: &AddProps) -> Html {
    let state = &props.step.state;
    let needs_token = state
        .add_problem
        .as_ref()
        .is_some_and(|problem| &*problem.code == "ADMIN_TOKEN");
    let trouble = html! {
        <>
            if let Some(problem) = &state.add_problem {
                <Wrong problem={problem.clone()} />
            }
            if needs_token {
                <AskToken sign_in={props.step.sign_in.clone()} />
            }
        </>
    };
    if props.there.is_some() {
        return html! {
            <>
                <Notice tone={Tone::Good} testid="in-server"><p>{"Your server has this peering."}</p></Notice>
                { trouble }
            </>
        };
    }
    // A key that the server does not hold derives nothing that the server could use.
    let of_other_key = match (&state.secret, &state.connector) {
        (Secret::Held { public, .. }, Some(connector)) => {
            state.mode == Mode::WebFinger
                && state.keeper() == Keeper::Tab
                && connector.identity.public_key != public.to_string()
        }
        _ => false,
    };
    if of_other_key {
        return Html::default();
    }
    let limit = state.limit();
    let ready = matches!(limit, Ok(Some(_)));
    let onclick = {
        let (step, facts) = (props.step.clone(), props.facts.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(body) = addition(&step.state, &facts) else {
                return;
            };
            let (dispatch, token) = (step.dispatch.clone(), step.connector.clone().flatten());
            spawn_local(async move {
                let added = client::ask::<PeerView>("peers", Some(&body), &token).await;
                let added = added.map(Rc::new).map_err(|error| told_problem(&error));
                dispatch.emit(Action::Added(added));
            });
        })
    };
    html! {
        <div class="field">
            <div class="row">
                <button type="button" {onclick} disabled={!ready} data-testid="add-to-server">{"Add to my server"}</button>
                <span class="hint">{ if ready { "From then on it calls them, and they may owe you up to the limit." } else { "Enter the most they may owe you first." } }</span>
            </div>
            { trouble }
        </div>
    }
}

/// What the server is told: for a peering by host names nothing secret; otherwise both tokens, which it keeps.
fn addition(state: &State, facts: &Facts) -> Option<serde_json::Value> {
    let limit = state.limit().ok().flatten()?;
    let (currency, scale) = (state.currency().ok()?, state.scale().ok()?);
    Some(match (&facts.details, state.mode) {
        (Some(details), Mode::Manual) => serde_json::json!({
            "mode": "manual",
            "rpc_uri": details.rpc_uri.as_str(),
            "protocol_version": details.protocol_version,
            "send_token": details.send_token.reveal(),
            "accept_token": details.accept_token.reveal(),
            "prefix": details.prefix,
            "account": details.account,
            "peer_account": details.peer_account,
            "currency": currency,
            "scale": scale,
            "limit": limit,
        }),
        _ => serde_json::json!({
            "mode": "webfinger",
            "host": state.theirs.lookup.record()?.0.base_url(),
            "currency": currency,
            "scale": scale,
            "limit": limit,
        }),
    })
}

#[derive(Properties, PartialEq)]
struct MismatchProps {
    step: StepProps,
    there: Option<Rc<PeerView>>,
    details: Option<Details>,
}

/// The search for the terms with which they may have added us instead.
#[function_component(Mismatch)]
fn mismatch(props: &MismatchProps) -> Html {
    let check = &props.step.state.check;
    let find = {
        let (step, there, details) = (
            props.step.clone(),
            props.there.clone(),
            props.details.clone(),
        );
        Callback::from(move |_: MouseEvent| search(&step, there.clone(), details.clone()))
    };
    html! {
        <div class="field">
            <div class="row">
                <button type="button" onclick={find} disabled={check.searching.is_some()} data-testid="find-mismatch">{"Find the mismatch"}</button>
                <span class="hint" role="status">{ match check.searching {
                    Some(0) => "Your server tries other terms…".to_owned(),
                    Some(tried) => format!("Trying other terms: {tried} of at most 12…"),
                    None => "Asks under at most twelve likely terms, two a second.".to_owned(),
                } }</span>
            </div>
            if let Some(found) = &check.mismatch {
                <Notice tone={if found.code.is_none() { Tone::Good } else { Tone::Careful }} testid="mismatch">
                    <p role="status" data-code={found.code.clone()}>
                        { found.message.clone() }
                        if let Some(code) = &found.code {
                            {" "}<code class="code">{ code.clone() }</code>
                        }
                    </p>
                </Notice>
            }
        </div>
    }
}

fn search(step: &StepProps, there: Option<Rc<PeerView>>, details: Option<Details>) {
    let (dispatch, state) = (step.dispatch.clone(), step.state.clone());
    let token: Token = step.connector.clone().flatten();
    dispatch.emit(Action::Searching(usize::from(there.is_none())));
    spawn_local(async move {
        let found = match (&there, &details) {
            (Some(peer), _) => {
                let what = format!("peers/{}/mismatch", peer.prefix);
                let empty = serde_json::json!({});
                client::ask::<MismatchView>(&what, Some(&empty), &token)
                    .await
                    .unwrap_or_else(|error| MismatchView {
                        found: None,
                        tried: 0,
                        code: Some(error.id),
                        message: error.message,
                    })
            }
            (None, Some(details)) => search_from_here(&state, details, &dispatch).await,
            (None, None) => return,
        };
        dispatch.emit(Action::Searched(Rc::new(found)));
    });
}

async fn search_from_here(
    state: &State,
    details: &Details,
    dispatch: &Callback<Action>,
) -> MismatchView {
    let nothing = |tried, code: &str, message: String| MismatchView {
        found: None,
        tried,
        code: Some(code.to_owned()),
        message,
    };
    let (Way::WebFinger { host, peer_key }, Secret::Held { key, .. }) =
        (&details.mode, &state.secret)
    else {
        return nothing(
            0,
            "MANUAL",
            "Nothing of this peering is derived, so that nothing can be guessed.".to_owned(),
        );
    };
    let Ok(shared) = shared_secret(key, peer_key) else {
        return nothing(0, "WF_BAD_KEY", "The published key is unsafe.".to_owned());
    };
    let mut tried = 0;
    for guess in guesses(&shared, &details.currency, details.scale) {
        if tried > 0 {
            TimeoutFuture::new(u32::try_from(BETWEEN_CALLS.0).unwrap_or(500)).await;
        }
        tried += 1;
        dispatch.emit(Action::Searching(tried));
        let url = Method::GetLimit.url(details.rpc_uri.as_str(), &guess.prefix);
        let called = match client::call(&url, &details.send_token, get_limit::BODY).await {
            Ok(called) => called,
            Err(CallMissed::Blocked) => {
                return nothing(
                    tried,
                    "WF_CORS",
                    format!("{host} lets no page call it. Search from your server."),
                );
            }
            Err(_) => return nothing(tried, "NO_ANSWER", format!("No usable answer from {host}.")),
        };
        let is_limit = get_limit::read_answer(called.status, &called.body).is_ok();
        let (code, message) = match Verdict::of(called.status, is_limit) {
            Verdict::Unknown => continue,
            Verdict::NoHelp => {
                let status = called.status;
                return nothing(
                    tried,
                    "NO_HELP",
                    format!(
                        "{host} answered {status}, which says neither yes nor no. Check the peering instead."
                    ),
                );
            }
            Verdict::OtherToken => (
                Some("RPC_403".to_owned()),
                format!("{host} knows the prefix but refuses the token. Exchange tokens again."),
            ),
            Verdict::Hit if guess.prefix == details.prefix => (
                None,
                format!(
                    "{host} knows this peering as you do: {}, scale {}.",
                    guess.currency, guess.scale
                ),
            ),
            Verdict::Hit => (
                Some("RPC_MISMATCH".to_owned()),
                format!(
                    "{host} added you as {}, scale {}. Agree on one, then change yours or ask for theirs.",
                    guess.currency, guess.scale
                ),
            ),
        };
        return MismatchView {
            found: Some(Terms {
                prefix: guess.prefix,
                currency: guess.currency,
                scale: guess.scale,
            }),
            tried,
            code,
            message,
        };
    }
    let me = state
        .mine
        .host()
        .map_or_else(|| "you".to_owned(), |host| host.to_string());
    let text = format!(
        "{host} does not know this peering. Ask them to add {me} with {}, scale {}.",
        details.currency, details.scale
    );
    nothing(tried, "RPC_401", text)
}
