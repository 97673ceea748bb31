//! `get_balance`, by which the two sides of a ledger are compared.
//!
//! No call of 2017 asks how a transfer stands. What brings both sides together again is that our last word
//! about each transfer is said until it is taken; what stays apart all the same are the transfers of which the
//! two have heard when their time was over for one of them only. They are named here, as far as they can be
//! known: the peer said so, or did not find them any more, or their amount is just what is missing.

use crate::address::LedgerPrefix;
use crate::ledger::{Direction, Doubt, Record, State};
use crate::rpc::{Method, get_balance};
use crate::snapshot::{Balance, DoubtKind, DoubtView, ReconciliationView};
use crate::timestamp::Timestamp;

use super::{CallOutcome, Connector, Doing, Error, Reason};

/// How many transfers of each kind are named at most, the latest.
const MOST_NAMED: usize = 100;

/// What a peer told of its balance.
#[derive(Clone, Debug)]
pub(super) struct Told {
    at: Timestamp,
    balance: Result<i128, Reason>,
    /// Whether nothing moved here in the meantime.
    is_still: bool,
}

impl Connector {
    /// Asks a peer for its balance.
    pub(super) fn ask_balance(&mut self, prefix: &LedgerPrefix) -> Result<(), Error> {
        let sequence = self.peer(prefix)?.ledger.sequence();
        let body = get_balance::BODY.into();
        let doing = Doing::Balance { sequence };
        // There is such a peer.
        let _ = self.call_peer(prefix, Method::GetBalance, doing, body);
        Ok(())
    }

    /// A `get_balance` is over.
    pub(super) fn balance_told(
        &mut self,
        now: Timestamp,
        prefix: &LedgerPrefix,
        sequence: u64,
        outcome: &CallOutcome,
    ) {
        let Some(peer) = self.peers.get_mut(prefix) else {
            return;
        };
        let balance = match outcome {
            CallOutcome::Answered { status, body } => get_balance::read_answer(*status, body)
                .map_err(|error| Reason::of_answer(*status, error)),
            CallOutcome::Failed(failure) => Err(Reason::NoAnswer(*failure)),
        };
        peer.told_balance = Some(Told {
            at: now,
            balance,
            is_still: peer.ledger.sequence() == sequence,
        });
    }

    /// How the two sides of a ledger compare, by what the peer last told of its balance.
    pub fn reconciliation(&self, prefix: &LedgerPrefix) -> Option<ReconciliationView> {
        let peer = self.peers.get(prefix)?;
        let ledger = &peer.ledger;
        let (incoming, outgoing) = ledger.on_hold_both_ways();
        let told = peer.told_balance.as_ref();
        let theirs = told.and_then(|told| told.balance.as_ref().ok().copied());
        let difference = theirs.map(|theirs| {
            let both = ledger.balance().saturating_add(theirs);
            both.saturating_sub(incoming).saturating_sub(outgoing)
        });
        let is_still = told.is_some_and(|told| told.is_still);
        let records: Vec<&Record> = ledger.transfers().collect();
        let (named, unexplained) = explain(&records, difference);
        let ok = difference == Some(0);
        let host = peer.host();
        let (message, hint) = match (difference, told.map(|told| &told.balance)) {
            (None, Some(Err(reason))) => (
                format!("{host} did not tell its balance."),
                Some(reason.text(&peer.details, self.config.host())),
            ),
            (None, _) => (format!("{host} was not asked for its balance yet."), None),
            (Some(0), _) if named.iter().any(|(kind, _)| *kind == DoubtKind::Contradicted) => (
                format!("You and {host} count the same. What was seen differently has been settled."),
                None,
            ),
            (Some(0), _) => (format!("You and {host} count the same."), None),
            (Some(apart), _) if !is_still => (
                format!("You and {host} are {apart} units apart, but something moved meanwhile."),
                Some("Ask again when no payment is under way.".to_owned()),
            ),
            (Some(apart), _) => (
                format!("You and {host} count {apart} units differently."),
                Some(match unexplained {
                    Some(0) => "Agree with the other operator on the transfers that are named, and settle them by a transfer or by changing a balance.".to_owned(),
                    _ => "Compare the transfers of both sides one by one with the other operator.".to_owned(),
                }),
            ),
        };
        Some(ReconciliationView {
            prefix: prefix.clone(),
            ok,
            message,
            hint,
            balance: Balance(ledger.balance()),
            peer_balance: theirs.map(Balance),
            on_hold_incoming: Balance(incoming),
            on_hold_outgoing: Balance(outgoing),
            difference: difference.map(Balance),
            unexplained: unexplained.map(Balance),
            asked_at: told.map(|told| told.at),
            still: is_still,
            transfers: views(named),
        })
    }
}

/// By how much the two sides count too much together, if the peer sees `record` as the contrary of what we do.
fn apart(record: &Record) -> i128 {
    let amount = i128::from(record.transfer.amount.units());
    match (record.direction, &record.state) {
        // We count it, and the peer does not owe it; or it was never taken back there.
        (Direction::Incoming, State::Executed { .. }) => amount,
        // The peer counts it, and we do not owe it.
        (Direction::Outgoing, state) if state.is_rolled_back() => amount,
        (Direction::Incoming, state) if state.is_rolled_back() => -amount,
        (Direction::Outgoing, State::Executed { .. }) => -amount,
        _ => 0,
    }
}

/// The transfers to name, and how much of the difference they leave unexplained.
fn explain<'a>(
    records: &[&'a Record],
    difference: Option<i128>,
) -> (Vec<(DoubtKind, &'a Record)>, Option<i128>) {
    let of_kind = |kind: DoubtKind, is_meant: &dyn Fn(&Record) -> bool| {
        let mut found: Vec<(DoubtKind, &Record)> = records
            .iter()
            .filter(|record| is_meant(record))
            .map(|record| (kind, *record))
            .collect();
        found.sort_by_key(|(_, record)| std::cmp::Reverse(record.changed_at));
        found.truncate(MOST_NAMED);
        found
    };
    let sum = |found: &[(DoubtKind, &Record)]| -> i128 {
        found.iter().map(|(_, record)| apart(record)).sum()
    };
    let mut named = of_kind(DoubtKind::Contradicted, &|record| {
        record.doubt == Some(Doubt::Contradicted)
    });
    // What was settled since the peer said so explains nothing.
    let mut rest = difference.map(|difference| match difference {
        0 => 0,
        difference => difference - sum(&named),
    });
    if let Some(missing) = rest.filter(|missing| *missing != 0) {
        let unclear = of_kind(DoubtKind::Unclear, &|record| {
            record.doubt == Some(Doubt::Unclear)
        });
        let one = unclear.iter().find(|(_, record)| apart(record) == missing);
        if sum(&unclear) == missing {
            named.extend(unclear);
            rest = Some(0);
        } else if let Some(one) = one {
            named.push(*one);
            rest = Some(0);
        } else {
            named.extend(unclear);
            named.extend(of_kind(DoubtKind::Suspected, &|record| {
                record.doubt.is_none() && record.state.is_final() && apart(record) == missing
            }));
        }
    }
    named.extend(of_kind(DoubtKind::UnderWay, &|record| record.to_tell));
    (named, rest)
}

fn views(mut named: Vec<(DoubtKind, &Record)>) -> Vec<DoubtView> {
    named.sort_by(|(_, one), (_, other)| one.transfer.id.cmp(&other.transfer.id));
    let view = |(kind, record): (DoubtKind, &Record)| DoubtView {
        id: record.transfer.id.clone(),
        direction: record.direction,
        state: record.state.name().to_owned(),
        amount: record.transfer.amount,
        kind,
        message: sentence(kind, record).to_owned(),
        changed_at: record.changed_at,
    };
    named.into_iter().map(view).collect()
}

fn sentence(kind: DoubtKind, record: &Record) -> &'static str {
    match (kind, record.direction, record.state.is_rolled_back()) {
        (DoubtKind::UnderWay, ..) => "The peer has not taken our last word about it yet.",
        (DoubtKind::Contradicted, Direction::Incoming, false) => {
            "Executed here; the peer says that it came to nothing there."
        }
        (DoubtKind::Contradicted, Direction::Incoming, true) => {
            "It came to nothing here; the peer says that it is executed there."
        }
        (DoubtKind::Contradicted, Direction::Outgoing, _) => {
            "It ran out here; the peer has executed it all the same."
        }
        (DoubtKind::Unclear, ..) => {
            "Executed here; the peer did not find it any more. It may have run out there before."
        }
        (DoubtKind::Suspected, Direction::Incoming, false) => {
            "Executed here. Its amount is what is missing: ask whether it came to nothing there."
        }
        (DoubtKind::Suspected, ..) => {
            "It ended here. Its amount is what is missing: ask how it ended there."
        }
    }
}
