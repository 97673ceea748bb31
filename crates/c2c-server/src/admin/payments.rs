//! Quotes, payments that start on a ledger of our own, and transfers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::amount::Amount;
use c2c::connector::{Answer, Input, NewPayment};
use c2c::ledger::{Condition, Record, State as LedgerState, TransferId};
use c2c::quote::{About, Question};
use c2c::snapshot::{PaymentView, TransferView, TransfersView, iso};
use c2c::timestamp::{Millis, Timestamp};
use serde::Deserialize;

use super::good_query;
use super::terms::Fields;
use crate::app::App;
use crate::error::Refusal;
use crate::secret_file::random_bytes;
use crate::store::{Asked, StoreError};

/// How long a quote may take: another connector may have to be asked.
const QUOTE_WAIT: Duration = Duration::from_secs(5);

/// How long a request waits for the end of its payment. The payment goes on behind it.
const MOST_WAIT: Duration = Duration::from_secs(15);

/// How long the receiver's ledger is to hold the money unless the request says otherwise.
const HOLD: Millis = Millis(5_000);

/// How many transfers are listed unless the request says otherwise.
const LISTED: usize = 1_000;

/// `POST /quotes`: by source amount, by destination amount, or the curve.
pub async fn quote(State(app): State<Arc<App>>, fields: Fields) -> Result<Response, Refusal> {
    let source: IlpAddress = fields.parsed("source", "ADDRESS_FORMAT")?;
    let destination: IlpAddress = fields.parsed("destination", "ADDRESS_FORMAT")?;
    let source_amount = amount(&fields, "source_amount")?;
    let destination_amount = amount(&fields, "destination_amount")?;
    let hold: Option<u64> = fields.whole_if_there("destination_hold_ms", "HOLD_FORMAT")?;
    let about = match (source_amount, destination_amount) {
        (Some(amount), None) => About::Source(amount.units()),
        (None, Some(amount)) => About::Destination(amount.units()),
        (None, None) => About::Liquidity,
        (Some(_), Some(_)) => {
            let text = "Give source_amount or destination_amount, or neither for the curve.";
            return Err(Refusal::field("source_amount", "AMOUNT_FORMAT", text));
        }
    };
    let ledger = app.driver.look(|engine, _| {
        let sources = engine.tables().sources();
        let under = sources.filter(|ledger| source.is_under(ledger.as_str()));
        under.max_by_key(|ledger| ledger.as_str().len()).cloned()
    });
    let ledger = ledger.ok_or_else(|| {
        let text = format!("{source} is on no ledger of this connector.");
        Refusal::field("source", "UNKNOWN_LEDGER", text)
            .with_hint("Name a ledger of GET /identity or GET /peers, or an account on one.")
    })?;
    let question = Box::new(Question {
        destination,
        hold: hold.map_or(HOLD, Millis),
        about,
    });
    let answer = app.driver.ask(QUOTE_WAIT, |id| Input::Quote {
        id,
        ledger,
        question,
    });
    match answer.await {
        Some(answer) => Ok(passed_on(answer)),
        None => Err(no_answer()),
    }
}

/// `POST /payments`: answered when the payment has ended, or is still under way after a while.
pub async fn pay(State(app): State<Arc<App>>, fields: Fields) -> Result<Response, Refusal> {
    let id: Option<TransferId> = fields.parsed_if_there("id", "ID_FORMAT")?;
    let expires_at = fields.time("expires_at")?;
    if id.is_some() && expires_at.is_none() {
        let text = "expires_at is missing. Whoever names a payment says until when it may be made, so that \
                    the same request is never a second payment.";
        return Err(Refusal::field("expires_at", "FIELD_MISSING", text));
    }
    let payment = NewPayment {
        id: match id {
            Some(id) => id,
            None => random_id()?,
        },
        from: fields.parsed("from", "ADDRESS_FORMAT")?,
        destination: fields.parsed("destination", "ADDRESS_FORMAT")?,
        destination_amount: fields.parsed("destination_amount", "AMOUNT_FORMAT")?,
        condition: fields.parsed::<Condition>("condition", "CONDITION_FORMAT")?,
        source_amount: amount(&fields, "source_amount")?,
        expires_at,
    };
    let id = payment.id.clone();
    let payment = Box::new(payment);
    let answer = app.driver.ask(MOST_WAIT, |id| Input::Pay { id, payment });
    match answer.await {
        Some(answer) => Ok(passed_on(answer)),
        None => {
            view(&app, &id).map_or_else(|| Err(no_answer()), |view| Ok(Json(view).into_response()))
        }
    }
}

/// `GET /payments/{id}`.
pub async fn one(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<PaymentView>, Refusal> {
    let found = id.parse().ok().and_then(|id| view(&app, &id));
    found.map(Json).ok_or_else(|| {
        let shown: String = id.chars().take(80).collect();
        let text = format!("No payment that started here and is kept in mind has the id {shown}.");
        Refusal::new(StatusCode::NOT_FOUND, "UNKNOWN_PAYMENT", text)
            .with_hint("Look at GET /transfers.")
    })
}

/// The query of `GET /transfers`.
#[derive(Deserialize)]
pub struct TransfersQuery {
    ledger: Option<String>,
    state: Option<String>,
    limit: Option<usize>,
    before: Option<String>,
}

/// The most transfers in one answer.
const MOST_LISTED: usize = 10_000;

/// `GET /transfers?ledger=PREFIX&state=STATE&limit=N&before=TIME`; an empty parameter is none. What is not kept in
/// mind any more is read from the database; with `before` only that is, and so one reads on and on into the past.
pub async fn transfers(
    State(app): State<Arc<App>>,
    query: Result<Query<TransfersQuery>, QueryRejection>,
) -> Result<Json<TransfersView>, Refusal> {
    let query = good_query(query)?;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (ledger, state) = (given(query.ledger), given(query.state));
    const STATES: [&str; 5] = ["prepared", "executed", "rejected", "cancelled", "expired"];
    if let Some(state) = &state
        && !STATES.contains(&state.as_str())
    {
        let text = format!("No transfer is \"{state}\".");
        return Err(Refusal::field("state", "STATE", text)
            .with_hint("Ask for prepared, executed, rejected, cancelled or expired."));
    }
    let ledger = ledger
        .map(|text| {
            text.parse::<LedgerPrefix>()
                .map_err(|error| Refusal::field("ledger", "PREFIX_FORMAT", error.to_string()))
        })
        .transpose()?;
    let most = query.limit.unwrap_or(LISTED).min(MOST_LISTED);
    let before = given(query.before).map(|text| {
        let wrong = || Refusal::field("before", "TIME_FORMAT", format!("\"{text}\" is no time."));
        iso::parse(&text).ok_or_else(wrong)
    });
    let before = before.transpose()?;
    let mut view = match before {
        Some(_) => TransfersView::default(),
        None => app.driver.look(|engine, _| {
            let ledger = ledger.as_ref().map(LedgerPrefix::as_str);
            engine.transfers(ledger, state.as_deref(), most)
        }),
    };
    if view.transfers.len() < most {
        let asked = Asked {
            ledger,
            state,
            before: before.unwrap_or(Timestamp::from_millis(i64::MAX.unsigned_abs())),
            most,
        };
        let stored = app.driver.with_store(move |store| store.transfers(&asked));
        match stored.await {
            Some(Ok(stored)) => add_older(&mut view, stored, most),
            // Another kind of database: what is kept in mind is all there is to show.
            Some(Err(StoreError::NotHere { .. })) | None => {}
            Some(Err(error)) => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                return Err(Refusal::new(status, "STORE", error.to_string()));
            }
        }
    }
    Ok(Json(view))
}

/// Adds those that are not in the list yet.
fn add_older(view: &mut TransfersView, stored: Vec<Record>, most: usize) {
    let known: BTreeSet<_> = view
        .transfers
        .iter()
        .map(|transfer| (transfer.ledger.clone(), transfer.id.clone()))
        .collect();
    let new = stored.into_iter().filter(|record| {
        let transfer = &record.transfer;
        !known.contains(&(transfer.ledger.clone(), transfer.id.clone()))
    });
    view.transfers.extend(new.map(shown));
    let mut transfers = std::mem::take(&mut view.transfers);
    transfers.sort_by_key(|transfer| std::cmp::Reverse(transfer.changed_at));
    transfers.truncate(most);
    view.transfers = transfers;
}

/// A stored transfer as it is shown.
fn shown(record: Record) -> TransferView {
    let state = record.state.name().to_owned();
    let (fulfillment, reason) = match record.state {
        LedgerState::Executed { fulfillment } => (fulfillment, None),
        LedgerState::Rejected { reason } => {
            let reason = reason.and_then(|reason| serde_json::from_str(reason.as_str()).ok());
            (None, reason)
        }
        _ => (None, None),
    };
    let transfer = record.transfer;
    TransferView {
        ledger: transfer.ledger,
        id: transfer.id,
        direction: Some(record.direction),
        from: transfer.from,
        to: transfer.to,
        amount: transfer.amount,
        state,
        condition: transfer.hold.as_ref().map(|hold| hold.condition),
        expires_at: transfer.hold.as_ref().map(|hold| hold.expires_at),
        fulfillment,
        reason,
        changed_at: record.changed_at,
    }
}

fn view(app: &App, id: &TransferId) -> Option<PaymentView> {
    app.driver.look(|engine, _| {
        let ledger = engine.ledger_of_payment(id)?;
        engine.payment(ledger, id)
    })
}

fn amount(fields: &Fields, name: &str) -> Result<Option<Amount>, Refusal> {
    fields.parsed_if_there(name, "AMOUNT_FORMAT")
}

/// What the engine answered, as it is.
fn passed_on(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, answer.body).into_response()
}

fn no_answer() -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "STOPPING",
        "There was no answer in time, or the server is stopping.",
    )
    .with_hint("Look at GET /transfers whether anything was done, then try again.")
}

/// A random UUID.
fn random_id() -> Result<TransferId, Refusal> {
    let refused = |error: &dyn std::fmt::Display| {
        let text = format!("The system gives no random numbers: {error}.");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "RANDOM", text)
    };
    let mut bytes = random_bytes().map_err(|error| refused(&error))?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().take(16).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text.parse().map_err(|error| refused(&error))
}
