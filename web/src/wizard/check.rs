//! Whether the other side is there, is who it was, and knows us: what a check found, in words. Pure.

use std::rc::Rc;

use c2c::connector::{CallFailure, CallOutcome, judge_limit, key_changed};
use c2c::peering::{Details, Mode as Way};
use c2c::snapshot::{CheckStep, CheckView};
use c2c::timestamp::Timestamp;
use c2c::webfinger::Record;

use super::{Problem, missed_problem};
use crate::client::{CallMissed, Called, Fetched, Missed};

/// The steps, in the order in which they are shown.
pub const STEPS: [&str; 6] = [
    "record",
    "tls",
    "clock",
    "auth",
    "their limit",
    "first broadcast",
];

/// Clocks that are further apart than this endanger transfers. Headers tell whole seconds.
const MOST_APART: u64 = 3;

/// What one step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Fine.
    Good,
    /// Wrong.
    Bad,
    /// It cannot be told from here.
    Unknown,
}

/// One step of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// One of [`STEPS`], or another that the connector took.
    pub name: Rc<str>,
    /// What it came to.
    pub outcome: Outcome,
    /// Which fault.
    pub code: Option<Rc<str>>,
    /// What was found, and what to do.
    pub message: Rc<str>,
    /// More about it.
    pub hint: Option<Rc<str>>,
}

/// What was found out in the browser.
pub struct Found {
    /// The peer's record; none in a peering without WebFinger.
    pub record: Option<Result<Fetched, Missed>>,
    /// The answer to `get_limit`.
    pub call: Result<Called, CallMissed>,
    /// The time by the browser's clock.
    pub now: Timestamp,
}

/// Whom a check is about.
pub struct About<'a> {
    /// The peering.
    pub details: &'a Details,
    /// Our own host, as the peer's operator would enter it.
    pub me: &'a str,
}

impl About<'_> {
    /// The peer's host, or the name in its RPC address.
    fn peer(&self) -> String {
        match &self.details.mode {
            Way::WebFinger { host, .. } => host.to_string(),
            Way::Manual => self.details.rpc_uri.authority().to_owned(),
        }
    }
}

/// What the connector behind the page found.
pub fn of_server(view: &CheckView) -> Vec<Step> {
    let mut steps: Vec<Step> = STEPS
        .iter()
        .map(|name| {
            let found = view.steps.iter().find(|step| step.name == *name);
            match found {
                Some(found) => of_step(found),
                // Without WebFinger there is no record, and with it no certificate that was looked at.
                None if *name == "record" && !view.steps.iter().any(|s| s.name == "tls") => {
                    unknown(name, "This peering was told, not derived: there is no record to hold it against.")
                }
                None => unknown(name, "A step before this one failed, so that it could not be taken."),
            }
        })
        .collect();
    let others = view
        .steps
        .iter()
        .filter(|step| !STEPS.contains(&step.name.as_str()));
    let at = steps.len() - 1;
    for (index, other) in others.enumerate() {
        steps.insert(at + index, of_step(other));
    }
    steps
}

/// What the browser found.
pub fn of_browser(about: &About<'_>, found: &Found) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut ahead = None;
    let peer = about.peer();
    match (&found.record, &about.details.mode) {
        (Some(Ok(fetched)), Way::WebFinger { host, peer_key }) => {
            ahead = fetched.ahead;
            steps.push(match Record::parse(&fetched.bytes, host, true) {
                Err(fault) => bad("record", Problem::new(fault.code(), &fault)),
                Ok(record) if *peer_key != record.public_key => {
                    let text = key_changed(host, found.now);
                    bad("record", Problem::new("KEY_CHANGED", text))
                }
                Ok(_) => good(
                    "record",
                    format!("{host} publishes the key that this peering is made with."),
                ),
            });
            steps.push(match host.is_plain_http() {
                true => good("tls", "None: plain http that stays on this machine."),
                false => good(
                    "tls",
                    format!("Your browser takes {host}'s certificate for valid."),
                ),
            });
        }
        (Some(Err(missed)), Way::WebFinger { host, .. }) => {
            let blocked = matches!(missed, Missed::Cors);
            let problem = missed_problem(host, missed.clone());
            steps.push(bad("record", problem));
            steps.push(match blocked {
                true => good("tls", format!("{host} answers your browser by TLS, though it lets no page read it.")),
                false => unknown("tls", "Browsers do not say whether a host is down or its certificate invalid. Open its record in a tab to see."),
            });
        }
        _ => {
            steps.push(unknown(
                "record",
                "This peering was told, not derived: there is no record to hold it against.",
            ));
            steps.push(match &found.call {
                Ok(_) | Err(CallMissed::Blocked) => good(
                    "tls",
                    format!(
                        "Your browser reaches {} by an address that it trusts.",
                        peer
                    ),
                ),
                Err(_) => unknown("tls", "There was no answer to look at."),
            });
        }
    }
    if let (None, Ok(called)) = (ahead, &found.call) {
        ahead = called.ahead;
    }
    steps.push(clock(ahead));
    let (auth, limit) = answer(about, &peer, &found.call);
    steps.extend([auth, limit]);
    steps.push(unknown(
        "first broadcast",
        "Only a running connector hears broadcasts. Take the export below to yours: one comes every 30 s or so.",
    ));
    steps
}

/// The command by which a reader without a connector asks themselves. The token is not in it.
pub fn command(rpc_url: &str) -> String {
    format!(
        "read -rs TOKEN; curl -sS -w '\\n%{{http_code}}\\n' -X POST -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' -d '[]' '{rpc_url}'"
    )
}

fn clock(ahead: Option<f64>) -> Step {
    let Some(ahead) = ahead else {
        return unknown("clock", "Your peer does not tell its time to pages.");
    };
    // Seconds between two clocks: far below 2^53, and never negative.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let apart = (ahead.abs() / 1000.0) as u64;
    match apart > MOST_APART {
        true => bad(
            "clock",
            Problem::new(
                "CLOCK",
                format!(
                    "Your clocks differ by {apart} s. Transfers carry absolute expiry times and margins of about 1 s; sync both."
                ),
            ),
        ),
        false => good("clock", "Your clocks agree."),
    }
}

/// The steps `auth` and `their limit`.
fn answer(about: &About<'_>, peer: &str, call: &Result<Called, CallMissed>) -> (Step, Step) {
    let no_limit = || unknown("their limit", "They tell it once they know you.");
    let details = about.details;
    let outcome = match call {
        Ok(called) => CallOutcome::Answered {
            status: called.status,
            body: called.body.clone(),
        },
        Err(CallMissed::Timeout) => CallOutcome::Failed(CallFailure::Timeout),
        Err(CallMissed::Unreachable) => CallOutcome::Failed(CallFailure::Unreachable),
        Err(CallMissed::Blocked) => {
            let text = format!(
                "{peer} is up but lets no page call it. Check from your server, or by the command below."
            );
            return (unknown("auth", text), no_limit());
        }
    };
    match judge_limit(&outcome, details, about.me) {
        Ok(limit) => {
            let text = format!(
                "You may owe them up to {} {} ({limit} units).",
                limit.to_currency(details.scale),
                details.currency
            );
            let known = format!("{peer} knows this peering, and takes its token.");
            (good("auth", known), good("their limit", text))
        }
        Err(fault) => (
            bad("auth", Problem::new(fault.code, fault.message)),
            no_limit(),
        ),
    }
}

fn of_step(step: &CheckStep) -> Step {
    Step {
        name: step.name.as_str().into(),
        outcome: if step.ok { Outcome::Good } else { Outcome::Bad },
        code: step.code.as_deref().map(Rc::from),
        message: step.message.as_str().into(),
        hint: step.hint.as_deref().map(Rc::from),
    }
}

fn good(name: &str, message: impl AsRef<str>) -> Step {
    Step {
        name: name.into(),
        outcome: Outcome::Good,
        code: None,
        message: message.as_ref().into(),
        hint: None,
    }
}

fn unknown(name: &str, message: impl AsRef<str>) -> Step {
    Step {
        outcome: Outcome::Unknown,
        ..good(name, message)
    }
}

fn bad(name: &str, problem: Problem) -> Step {
    Step {
        name: name.into(),
        outcome: Outcome::Bad,
        code: Some(problem.code),
        message: problem.message,
        hint: problem.hint,
    }
}
