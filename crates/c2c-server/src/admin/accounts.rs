//! Accounts on the ledgers of our own, and what they want to be paid.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use c2c::accounts::AccountName;
use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::amount::Amount;
use c2c::connector::{self, Input, NewInvoice};
use c2c::ledger::Fulfillment;
use c2c::snapshot::{AccountView, AccountsView, InvoiceView, InvoicesView};
use c2c::timestamp::Millis;

use super::terms::Fields;
use crate::app::App;
use crate::driver::DriveError;
use crate::error::Refusal;
use crate::secret_file::random_bytes;

/// How long an invoice can be paid unless the request says otherwise: a day.
const LASTS: Millis = Millis(24 * 60 * 60 * 1_000);

/// `GET /accounts`.
pub async fn list(State(app): State<Arc<App>>) -> Json<AccountsView> {
    Json(app.driver.look(|engine, _| engine.accounts()))
}

/// `POST /accounts`: an account with what the connector's own pays it to begin with.
pub async fn open(
    State(app): State<Arc<App>>,
    fields: Fields,
) -> Result<(StatusCode, Json<AccountView>), Refusal> {
    let ledger: LedgerPrefix = fields.parsed("ledger", "PREFIX_FORMAT")?;
    let name: AccountName = fields.parsed("name", "ACCOUNT_NAME")?;
    let balance: Option<Amount> = fields.parsed_if_there("balance", "AMOUNT_FORMAT")?;
    let minimum: Option<i128> = fields.whole_if_there("minimum", "AMOUNT_FORMAT")?;
    let opened = Input::OpenAccount {
        ledger: ledger.clone(),
        name: name.clone(),
        balance: balance.unwrap_or(Amount::ZERO),
        minimum: minimum.unwrap_or(0),
    };
    app.driver.feed(opened).await.map_err(|error| {
        let field = match code_of(&error) {
            "UNKNOWN_LEDGER" => "ledger",
            "BELOW_MINIMUM" => "minimum",
            _ => "name",
        };
        Refusal::from(error).at(field)
    })?;
    let accounts = app.driver.look(|engine, _| engine.accounts().accounts);
    let mut accounts = accounts.into_iter();
    let found = accounts.find(|one| one.ledger == ledger && one.name == *name);
    let view = found.ok_or_else(|| gone("name"))?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// `GET /invoices`.
pub async fn invoices(State(app): State<Arc<App>>) -> Json<InvoicesView> {
    Json(app.driver.look(|engine, now| engine.invoices(now)))
}

/// `POST /invoices`: what an account wants to be paid.
pub async fn invoice(
    State(app): State<Arc<App>>,
    fields: Fields,
) -> Result<(StatusCode, Json<InvoiceView>), Refusal> {
    let account: IlpAddress = fields.parsed("account", "ADDRESS_FORMAT")?;
    let amount: Amount = fields.parsed("amount", "AMOUNT_FORMAT")?;
    let expires_at = fields.time("expires_at")?;
    let unknown = || {
        let text = format!("There is no account {account} on a ledger of this connector.");
        Refusal::new(StatusCode::NOT_FOUND, "UNKNOWN_ACCOUNT", text)
            .at("account")
            .with_hint("Open it with POST /accounts, or look at GET /accounts.")
    };
    let accounts = app.driver.look(|engine, _| engine.accounts().accounts);
    let mut accounts = accounts.into_iter();
    let found = accounts.find(|one| one.address == account);
    let owner = found.ok_or_else(unknown)?;
    let preimage = random_bytes()
        .map(|bytes| Fulfillment::from_bytes(*bytes))
        .map_err(|error| {
            let text = format!("The system gives no random numbers: {error}.");
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "RANDOM", text)
        })?;
    let now = app.driver.look(|_, now| now);
    let invoice = NewInvoice {
        account: owner.name.parse().map_err(|_| unknown())?,
        amount,
        preimage,
        expires_at: expires_at.unwrap_or(now + LASTS),
    };
    let made = Input::MakeInvoice {
        ledger: owner.ledger,
        invoice: Box::new(invoice),
    };
    app.driver.feed(made).await.map_err(|error| {
        let field = match code_of(&error) {
            "AMOUNT_ZERO" => "amount",
            "TOO_LATE" => "expires_at",
            _ => "account",
        };
        Refusal::from(error).at(field)
    })?;
    let invoices = app.driver.look(|engine, now| engine.invoices(now).invoices);
    let mut invoices = invoices.into_iter();
    let found = invoices.find(|one| one.condition == preimage.condition());
    let view = found.ok_or_else(|| gone("account"))?;
    Ok((StatusCode::CREATED, Json(view)))
}

fn code_of(error: &DriveError) -> &'static str {
    match error {
        DriveError::Refused(error) => connector::Error::code(error),
        DriveError::Stopping => "STOPPING",
    }
}

/// What was made is not there any more, which only a stop can do.
fn gone(field: &str) -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "STOPPING",
        "The server is stopping. Start it again and look whether it was done.",
    )
    .at(field)
}
