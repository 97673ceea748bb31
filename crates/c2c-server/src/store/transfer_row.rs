//! A transfer from the columns of its row: the same for every database.

use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::ledger::{
    Condition, Direction, Doubt, Fulfillment, Hold, Json, Record, State, Transfer, TransferId,
};
use c2c::timestamp::Timestamp;

use super::StoreError;

/// The columns. The accounts stand there without the prefix of their ledger, the amount as a decimal text.
pub(super) struct TransferRow {
    pub(super) number: i64,
    pub(super) prefix: String,
    pub(super) id: String,
    pub(super) sequence: i64,
    pub(super) is_outgoing: bool,
    pub(super) state: String,
    pub(super) fulfillment: Option<[u8; 32]>,
    pub(super) reason: Option<String>,
    pub(super) to_tell: bool,
    pub(super) doubt: Option<String>,
    pub(super) changed_at: i64,
    pub(super) sender: String,
    pub(super) receiver: String,
    pub(super) amount: String,
    pub(super) condition: Option<[u8; 32]>,
    pub(super) expires_at: Option<i64>,
    pub(super) ilp: Option<Vec<u8>>,
    pub(super) data: Option<String>,
    pub(super) custom: Option<String>,
    pub(super) note_to_self: Option<String>,
}

/// A row as it was found.
pub(super) struct Found {
    pub(super) prefix: LedgerPrefix,
    pub(super) sequence: i64,
    /// The number of the row.
    pub(super) number: i64,
    pub(super) record: Record,
}

impl TransferRow {
    /// The transfer that they are.
    pub(super) fn found(self) -> Result<Found, StoreError> {
        let damaged = |reason: String| StoreError::Damaged {
            row: format!("transfers, {}, {}", self.prefix, self.id),
            reason,
        };
        let prefix = LedgerPrefix::new(&self.prefix).map_err(|error| damaged(error.to_string()))?;
        let account = |name: &str| {
            let account = IlpAddress::new(&format!("{prefix}{name}"));
            account.map_err(|error| damaged(error.to_string()))
        };
        let json = |text: Option<String>| {
            let json = text.map(Json::try_from).transpose();
            json.map_err(|error| damaged(error.to_string()))
        };
        let time = |millis: i64| {
            let millis = u64::try_from(millis).map_err(|error| damaged(error.to_string()))?;
            Ok(Timestamp::from_millis(millis))
        };
        let amount = self
            .amount
            .parse()
            .map_err(|error: c2c::amount::AmountError| damaged(error.to_string()))?;
        let id = TransferId::new(&self.id).map_err(|error| damaged(error.to_string()))?;
        let (sender, receiver) = (account(&self.sender)?, account(&self.receiver)?);
        let mut transfer = Transfer::new(id, prefix.clone(), sender, receiver, amount);
        transfer.hold = match (self.condition, self.expires_at) {
            (Some(condition), Some(expires_at)) => Some(Hold {
                condition: Condition::from_bytes(condition),
                expires_at: time(expires_at)?,
            }),
            (None, None) => None,
            _ => {
                return Err(damaged(
                    "a condition without expiry, or the other way".to_owned(),
                ));
            }
        };
        let state = match self.state.as_str() {
            "prepared" => State::Prepared,
            "executed" => State::Executed {
                fulfillment: self.fulfillment.map(Fulfillment::from_bytes),
            },
            "rejected" => State::Rejected {
                reason: json(self.reason)?,
            },
            "cancelled" => State::Cancelled,
            "expired" => State::Expired,
            other => return Err(damaged(format!("no state `{other}`"))),
        };
        let doubt = match self.doubt.as_deref() {
            None => None,
            Some("contradicted") => Some(Doubt::Contradicted),
            Some("unclear") => Some(Doubt::Unclear),
            Some(other) => return Err(damaged(format!("no doubt `{other}`"))),
        };
        let changed_at = time(self.changed_at)?;
        transfer.ilp = self.ilp;
        transfer.data = json(self.data)?;
        transfer.custom = json(self.custom)?;
        transfer.note_to_self = json(self.note_to_self)?;
        let direction = match self.is_outgoing {
            true => Direction::Outgoing,
            false => Direction::Incoming,
        };
        Ok(Found {
            sequence: self.sequence,
            number: self.number,
            record: Record {
                transfer,
                direction,
                state,
                to_tell: self.to_tell,
                changed_at,
                doubt,
            },
            prefix,
        })
    }
}

/// What ended a transfer, as bytes or text.
pub(super) fn ended_by(state: &State) -> (Option<&[u8; 32]>, Option<&str>) {
    match state {
        State::Executed { fulfillment } => (fulfillment.as_ref().map(Fulfillment::as_bytes), None),
        State::Rejected { reason } => (None, reason.as_ref().map(Json::as_str)),
        State::Prepared | State::Cancelled | State::Expired => (None, None),
    }
}

/// How a doubt is written.
pub(super) const fn word(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Contradicted => "contradicted",
        Doubt::Unclear => "unclear",
    }
}

/// An account without the prefix of its ledger. The ledger takes none that has another.
pub(super) fn name<'a>(prefix: &LedgerPrefix, account: &'a IlpAddress) -> Result<&'a str, String> {
    let name = account.as_str().strip_prefix(prefix.as_str());
    name.ok_or_else(|| format!("{account} is no account on {prefix}"))
}
