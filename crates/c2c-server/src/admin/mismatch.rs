//! `POST /peers/{prefix}/mismatch`: with which terms did the other add us?

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use c2c::connector::{Call, CallFailure, CallId, CallOutcome};
use c2c::peering::mismatch::{BETWEEN_CALLS, Guess, Verdict, guesses};
use c2c::peering::{Mode, shared_secret};
use c2c::rpc::{Method, get_limit};
use c2c::snapshot::{MismatchView, Terms};
use c2c::timestamp::Millis;

use super::peers;
use crate::app::App;
use crate::error::Refusal;

/// How long one call may take.
const PATIENCE: Millis = Millis(5_000);

/// Asks for one likely prefix after the other, at most twice a second, until the other knows one.
pub async fn find(
    State(app): State<Arc<App>>,
    Path(prefix): Path<String>,
) -> Result<Json<MismatchView>, Refusal> {
    let prefix = peers::known(&prefix)?;
    let details = app.driver.look(|engine, _| engine.peer_details(&prefix));
    let details = details.ok_or_else(|| peers::unknown(prefix.as_str()))?;
    let Mode::WebFinger { host, peer_key } = &details.mode else {
        return Err(Refusal::field(
            "prefix",
            "MANUAL",
            "This peering was made by hand: nothing of it is derived, so that nothing can be guessed.",
        )
        .with_hint("Compare the six facts of both sides one by one."));
    };
    let shared = shared_secret(&app.secret, peer_key)
        .map_err(|error| Refusal::field("prefix", "WF_BAD_KEY", error.to_string()))?;
    let Ok(_turn) = app.mismatch.try_lock() else {
        return Err(Refusal::new(
            axum::http::StatusCode::TOO_MANY_REQUESTS,
            "BUSY",
            "A search is under way already. Wait for its end, then retry.",
        ));
    };
    let agreed = (&details.currency, details.scale);
    let mut tried = 0;
    for guess in guesses(&shared, agreed.0, agreed.1) {
        if tried > 0 {
            tokio::time::sleep(Duration::from_millis(BETWEEN_CALLS.0)).await;
        }
        tried += 1;
        let call = Call {
            id: CallId(0),
            peer: guess.prefix.clone(),
            method: Method::GetLimit,
            url: Method::GetLimit.url(details.rpc_uri.as_str(), &guess.prefix),
            bearer: shared.auth_token(),
            body: get_limit::BODY.into(),
            timeout: PATIENCE,
        };
        let (status, body) = match app.driver.call_once(&call).await {
            CallOutcome::Answered { status, body } => (status, body),
            CallOutcome::Failed(failure) => {
                let text = match failure {
                    CallFailure::Timeout => format!("{host} took over 5 s."),
                    CallFailure::Tls => format!("{host}'s certificate is invalid."),
                    CallFailure::Unreachable | CallFailure::TooLarge => {
                        format!("No usable answer from {host}.")
                    }
                };
                return Ok(Json(nothing(tried, "NO_ANSWER", text)));
            }
        };
        let is_limit = get_limit::read_answer(status, &body).is_ok();
        match Verdict::of(status, is_limit) {
            Verdict::Unknown => {}
            Verdict::NoHelp => {
                let text = format!(
                    "{host} answered {status}, which says neither yes nor no. Check the peering instead."
                );
                return Ok(Json(nothing(tried, "NO_HELP", text)));
            }
            verdict => {
                let is_agreed = guess.prefix == prefix;
                let (code, message) = found(host, &guess, verdict, is_agreed);
                return Ok(Json(MismatchView {
                    found: Some(Terms {
                        prefix: guess.prefix,
                        currency: guess.currency,
                        scale: guess.scale,
                    }),
                    tried,
                    code,
                    message,
                }));
            }
        }
    }
    let text = format!(
        "{host} does not know this peering. Ask them to add {} with {}, scale {}.",
        app.host, details.currency, details.scale
    );
    Ok(Json(nothing(tried, "RPC_401", text)))
}

fn found(
    host: &c2c::webfinger::Host,
    guess: &Guess,
    verdict: Verdict,
    is_agreed: bool,
) -> (Option<String>, String) {
    let Guess {
        currency, scale, ..
    } = guess;
    match (verdict, is_agreed) {
        (Verdict::OtherToken, _) => (
            Some("RPC_403".to_owned()),
            format!("{host} knows the prefix but refuses the token. Exchange tokens again."),
        ),
        (_, true) => (
            None,
            format!("{host} knows this peering as you do: {currency}, scale {scale}."),
        ),
        (_, false) => (
            Some("RPC_MISMATCH".to_owned()),
            format!(
                "{host} added you as {currency}, scale {scale}. Agree on one, then change yours or ask for theirs."
            ),
        ),
    }
}

fn nothing(tried: usize, code: &str, message: String) -> MismatchView {
    MismatchView {
        found: None,
        tried,
        code: Some(code.to_owned()),
        message,
    }
}
