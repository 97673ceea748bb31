//! Accounts, invoices, payments, transfers and quotes.

use serde::{Deserialize, Serialize};

use super::{Balance, Points};
use crate::address::{CurrencyCode, IlpAddress, LedgerPrefix};
use crate::amount::{Amount, Scale};
use crate::ledger::{Condition, Direction, Fulfillment, TransferId};
use crate::snapshot::iso;
use crate::timestamp::Timestamp;

/// An account on a ledger of our own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// The ledger.
    pub ledger: LedgerPrefix,
    /// Its name there.
    pub name: String,
    /// Its address.
    pub address: IlpAddress,
    /// The ledger's currency.
    pub currency: CurrencyCode,
    /// Base units per currency unit: 10^scale.
    pub scale: Scale,
    /// What it holds, in base units, without what it has on hold.
    pub balance: Balance,
    /// What it has prepared to pay, and not paid yet.
    pub on_hold: Balance,
    /// It never falls below this; none: it has no bound, as the connector's own.
    #[serde(default)]
    pub minimum: Option<Balance>,
}

/// `GET /accounts`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountsView {
    /// In the order of ledgers, then names.
    pub accounts: Vec<AccountView>,
}

/// An invoice, without what fulfills it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceView {
    /// Where to pay.
    pub address: IlpAddress,
    /// The least to pay, in base units of the ledger.
    pub amount: Amount,
    /// What the payment must be held by.
    pub condition: Condition,
    /// From this instant on it is not paid any more.
    #[serde(with = "iso")]
    pub expires_at: Timestamp,
    /// The account that is paid.
    pub account: IlpAddress,
    /// How it stands: `open`, `paid` or `expired`.
    pub state: String,
    /// The transfer on the account's ledger that paid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_by: Option<TransferId>,
}

/// `GET /invoices`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoicesView {
    /// In the order of their addresses.
    pub invoices: Vec<InvoiceView>,
}

/// A payment that started here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentView {
    /// Its id on the ledger of the account that pays.
    pub id: TransferId,
    /// How it stands: `prepared`, `executed`, `rejected` or `expired`.
    pub state: String,
    /// The account that pays.
    pub from: IlpAddress,
    /// The receiver.
    pub destination: IlpAddress,
    /// What the account pays, in base units of its ledger.
    pub source_amount: Amount,
    /// What arrives, in base units of the receiver's ledger.
    pub destination_amount: Amount,
    /// What the receiver's fulfillment meets.
    pub condition: Condition,
    /// Until when the money is on hold.
    #[serde(with = "iso")]
    pub expires_at: Timestamp,
    /// What executed it: the receiver's receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fulfillment: Option<Fulfillment>,
    /// Why it was rejected: an object with `code`, `name`, `message`, `triggered_by` and more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<serde_json::Value>,
}

/// A transfer on a ledger of our own or with a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferView {
    /// The ledger.
    pub ledger: LedgerPrefix,
    /// Its id there.
    pub id: TransferId,
    /// Which way it goes, on a ledger with a peer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Who pays.
    pub from: IlpAddress,
    /// Who is paid.
    pub to: IlpAddress,
    /// How much.
    pub amount: Amount,
    /// How it stands: `prepared`, `executed`, `rejected`, `cancelled` or `expired`.
    pub state: String,
    /// What it is held by; none where it was executed at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Until when it is on hold.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "iso::option")]
    pub expires_at: Option<Timestamp>,
    /// What executed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fulfillment: Option<Fulfillment>,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<serde_json::Value>,
    /// When it last changed.
    #[serde(with = "iso")]
    pub changed_at: Timestamp,
}

/// `GET /transfers`: those that are kept in mind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransfersView {
    /// What changed last comes first.
    pub transfers: Vec<TransferView>,
}

/// How a quote was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuoteFound {
    /// By the curves that we know.
    Curve,
    /// By what the next connector answered.
    Remote,
    /// Both accounts are on one ledger of ours.
    SameLedger,
}

/// `POST /quotes`: two amounts, or a curve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteView {
    /// Where the money comes in.
    pub source_ledger: LedgerPrefix,
    /// The receiver.
    pub destination: IlpAddress,
    /// What is sent; none where a curve was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_amount: Option<Amount>,
    /// What arrives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_amount: Option<Amount>,
    /// The curve; none where an amount was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
    /// For which addresses the curve is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_to_prefix: Option<String>,
    /// For how long the source ledger must hold the money, in milliseconds.
    pub source_hold_ms: u64,
    /// For how long the receiver's ledger is to hold it.
    pub destination_hold_ms: u64,
    /// Until when the curve is good; none where an amount was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "iso::option")]
    pub expires_at: Option<Timestamp>,
    /// How it was found.
    pub found: QuoteFound,
}
