//! The engine: what happens comes in, what is to be done goes out.
//!
//! A [`Connector`] has no clock, no socket and no storage. Whoever drives it does three things:
//!
//! 1. [`handle_input`](Connector::handle_input), with the time and one [`Input`], whenever something
//!    happens: a call came in, a call of ours is over, the operator changed something, the time that
//!    `next_wakeup` named has come.
//! 2. [`poll_output`](Connector::poll_output) until there is nothing more, and do each [`Output`] in
//!    order. What is to be persisted is durable before any later answer or call is let out.
//! 3. Sleep until [`next_wakeup`](Connector::next_wakeup), unless something happens before.
//!
//! Time never runs backwards inside: an earlier time than one that was handed in before counts as
//! that one. What a peer sends is always answered and is never an [`Error`]; an error is a mistake of
//! the driver, and changes nothing.
//!
//! The same inputs at the same times give the same outputs, on every machine.
//!
//! ```
//! use c2c::connector::{Config, Connector, Input, Output, Request, RequestId};
//! use c2c::key::SecretKey;
//! use c2c::timestamp::Timestamp;
//!
//! let key = SecretKey::from_bytes(&[7; 32]).public_key();
//! let now = Timestamp::from_millis(1_500_000_000_000);
//! let mut connector = Connector::new(Config::new("https://wallet1.example", key), now)?;
//!
//! let call = Request {
//!     id: RequestId(1),
//!     method: "get_limit".to_owned(),
//!     prefix: "peer.OR5Df.usd.9.".to_owned(),
//!     bearer: None,
//!     body: b"[]".to_vec(),
//! };
//! connector.handle_input(now, Input::Request(call))?;
//! let statuses: Vec<u16> = std::iter::from_fn(|| connector.poll_output())
//!     .filter_map(|output| match output {
//!         Output::Answer(answer) => Some(answer.status),
//!         _ => None,
//!     })
//!     .collect();
//! assert_eq!(statuses, [401]);
//! # Ok::<(), c2c::connector::Error>(())
//! ```

mod accounts;
mod broadcasts;
mod checks;
mod config;
mod error;
mod inbox;
mod input;
mod operator;
mod orders;
mod output;
mod pace;
mod pairs;
mod payments;
mod peer;
mod quote_messages;
mod quotes;
mod rates;
mod reconcile;
mod requests;
mod statements;
mod transfers;
mod views;

pub use crate::broadcast::TooGoodPolicy;
pub use crate::snapshot::Event;
pub use crate::table::Asked;
pub use checks::{Fault, judge_limit, key_changed};
pub use config::{Config, OwnLedger, Routing, StaticRoute};
pub use error::Error;
pub use input::{
    CallFailure, CallId, CallOutcome, Input, NewInvoice, Peer, Request, RequestId, StoredAccounts,
};
pub use orders::NewPayment;
pub use output::{Answer, Call, Change, Output};
pub use peer::Reason;
pub use rates::{Decimal, DecimalError, FeedError, Rates};

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::address::LedgerPrefix;
use crate::broadcast::{Incoming, IncomingSettings, Outgoing, OutgoingSettings};
use crate::journal::Journal;
use crate::ledger::{State, TransferId};
use crate::payment::Source;
use crate::snapshot::RefusedBroadcastView;
use crate::table::{self, Tables};
use crate::timestamp::Timestamp;

use accounts::Accounts;
use inbox::Inbox;
use pace::Pace;
use pairs::Moved;
use peer::Entry;
use quote_messages::Letter;
use quotes::{Asker, NoQuote, Quotes, Whom};
use reconcile::Told;
use statements::{quote_on_one_ledger, quote_view};
use transfers::{Telling, Word};

/// A connector: its peers, its routes, and what it is about to do.
#[derive(Clone, Debug)]
pub struct Connector {
    config: Config,
    /// The latest time that was handed in.
    now: Timestamp,
    peers: BTreeMap<LedgerPrefix, Entry>,
    /// The ledgers of our own.
    accounts: Accounts,
    tables: Tables,
    /// What changed the tables, if that is wanted.
    journal: Option<Journal>,
    incoming: Incoming,
    outgoing: Outgoing,
    /// Where a limit, a balance or a rate moved since the pairs were made.
    moved: Moved,
    /// What peers still have to be told about transfers.
    telling: Telling,
    /// When a transfer next runs out, by ledger.
    expiries: BTreeSet<(Timestamp, LedgerPrefix)>,
    /// Whether the input at hand may have changed when peers are to be called or told.
    is_stirred: bool,
    /// Before then no peer is to be called or told for its time alone.
    quiet_until: Timestamp,
    /// What follows from what happened on the ledgers.
    follow_ups: VecDeque<FollowUp>,
    /// Whether ledgers were restored, and nothing has happened since.
    is_restoring: bool,
    calls: BTreeMap<CallId, (LedgerPrefix, Doing)>,
    next_call: u64,
    quotes: Quotes,
    inbox: Inbox,
    /// Updates that were refused as a whole, the newest last.
    refused_updates: VecDeque<RefusedBroadcastView>,
    outputs: VecDeque<Output>,
}

/// What a call of ours is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Doing {
    /// `get_limit`.
    Check,
    /// A routing update.
    Broadcast(Sent),
    /// `get_balance`, asked after the entry of this number on our side.
    Balance { sequence: u64 },
    /// A question for a curve, or for an amount.
    Quote,
    /// The answer to such a question of a peer.
    Letter,
    /// Our last word about a transfer.
    Say { transfer: TransferId, word: Word },
}

/// What is to be done about a payment after something happened on a ledger.
#[derive(Clone, Debug)]
enum FollowUp {
    /// A transfer of a peer, or of an account of our own ledgers, has come.
    Came {
        ledger: LedgerPrefix,
        id: TransferId,
    },
    /// A transfer of ours that went on for another has ended.
    Ended {
        ledger: LedgerPrefix,
        source: Source,
        state: State,
        /// The class of the peer's refusal, where it refused to take it.
        refused: Option<String>,
    },
    /// A payment on a ledger of our own has ended.
    Paid {
        ledger: LedgerPrefix,
        id: TransferId,
    },
}

/// What a routing update of ours carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sent {
    routes: u64,
    withdrawn: u64,
    /// Whether it asks for the peer's full table.
    asks_all: bool,
}

impl Connector {
    /// A connector without peers. An error names what is wrong with `config`.
    pub fn new(config: Config, now: Timestamp) -> Result<Self, Error> {
        config.check()?;
        let mut tables = Tables::new(table::Settings {
            extend_by_longer: config.routing.extend_by_longer,
            hash_seed: config.routing.hash_seed,
            ..table::Settings::default()
        });
        let mut journal = Some(Journal::new(config.routing.journal_bytes))
            .filter(|_| config.routing.journal_bytes > 0);
        for ledger in &config.ledgers {
            if let Some(journal) = &mut journal {
                journal.ledger(&ledger.prefix, &ledger.account);
            }
            tables.add_ledger(&ledger.prefix, &ledger.account);
        }
        let routing = &config.routing;
        let quotes = Quotes::new(routing);
        let outgoing = OutgoingSettings {
            interval: routing.broadcast_interval,
            hold_down: routing.route_expiry,
            least_spacing: routing.least_spacing,
            max_points: routing.max_points,
            broadcast_curves: routing.broadcast_curves,
            next_ledger_in_paths: routing.full_paths,
            hold_for_interval: routing.hold_for_interval,
            change_threshold: routing.change_threshold,
            ..OutgoingSettings::default()
        };
        let incoming = IncomingSettings {
            too_good: routing.too_good,
            too_good_above: routing.too_good_above,
            ..IncomingSettings::default()
        };
        let accounts = Accounts::new(&config)?;
        let mut connector = Self {
            config,
            now,
            peers: BTreeMap::new(),
            accounts,
            tables,
            journal,
            incoming: Incoming::new(incoming),
            outgoing: Outgoing::new(outgoing),
            moved: Moved::All,
            telling: Telling::default(),
            expiries: BTreeSet::new(),
            is_stirred: true,
            quiet_until: Timestamp::default(),
            follow_ups: VecDeque::new(),
            is_restoring: false,
            calls: BTreeMap::new(),
            next_call: 1,
            quotes,
            inbox: Inbox::default(),
            refused_updates: VecDeque::new(),
            outputs: VecDeque::new(),
        };
        // Nobody is there yet to be told of them.
        connector.reload_pairs();
        Ok(connector)
    }

    /// Takes in what happened at `now`. An error is the caller's mistake, and changes nothing.
    pub fn handle_input(&mut self, now: Timestamp, input: Input) -> Result<(), Error> {
        self.now = self.now.max(now);
        let now = self.now;
        let is_restoring = matches!(
            input,
            Input::RestorePeer(_) | Input::RestoreLedger { .. } | Input::RestoreAccounts(_)
        );
        let mut taken = Ok(());
        self.is_stirred = true;
        match input {
            Input::AddPeer(peer) => {
                let prefix = self.add_peer(now, *peer)?;
                self.save(&prefix);
                self.tell(Event::PeerAdded { peer: prefix });
            }
            Input::RestorePeer(peer) => {
                let prefix = self.add_peer(now, *peer)?;
                self.peer(&prefix)?.restored_at = Some(now);
            }
            Input::RestoreLedger {
                ledger,
                sequence,
                transfers,
            } => self.restore_ledger(now, &ledger, sequence, transfers)?,
            Input::RestoreAccounts(stored) => self.restore_accounts(*stored)?,
            Input::OpenAccount {
                ledger,
                name,
                balance,
                minimum,
            } => taken = self.open_account(now, &ledger, name, balance.units(), minimum),
            Input::MakeInvoice { ledger, invoice } => {
                taken = self.make_invoice(now, &ledger, *invoice);
            }
            Input::Pay { id, payment } => self.order(now, id, *payment),
            Input::Quote {
                id,
                ledger,
                question,
            } => self.quote_operator(now, id, ledger, *question),
            // Where the ledger refuses, what was due on it has run out all the same.
            Input::SendTransfer(transfer) => taken = self.send_transfer(now, *transfer),
            Input::FulfillTransfer {
                ledger,
                id,
                fulfillment,
            } => taken = self.fulfill_transfer(now, &ledger, &id, &fulfillment),
            Input::RejectTransfer { ledger, id, reason } => {
                taken = self.reject_transfer(now, &ledger, &id, reason);
            }
            Input::RemovePeer(prefix) => self.remove_peer(&prefix)?,
            Input::SetLimit(prefix, limit) => {
                let peer = self.peer(&prefix)?;
                peer.ledger.set_limit(limit);
                peer.limit_changed(now);
                self.moved.note(&prefix);
                self.save(&prefix);
            }
            Input::SetRates(rates) if rates == self.config.rates => {}
            Input::SetRates(rates) => {
                let listed = u64::try_from(rates.iter().count()).unwrap_or(u64::MAX);
                self.config.rates = rates;
                self.moved = Moved::All;
                self.tell(Event::RatesChanged { listed });
            }
            Input::SetSpread(spread) => {
                config::check_share("spread", spread)?;
                self.config.routing.spread = spread;
                self.moved = Moved::All;
            }
            Input::KeySeen(prefix, key) => self.key_seen(now, &prefix, key)?,
            Input::CheckPeer(prefix) => self.peer(&prefix)?.check_at = now,
            Input::AskBalance(prefix) => self.ask_balance(&prefix)?,
            Input::Request(request) => self.answer(now, request),
            Input::CallDone { id, outcome } => self.call_done(now, id, outcome)?,
            Input::Wake => {}
        }
        if !is_restoring {
            self.mind_transfers(now);
        }
        let change = self.reload_pairs();
        self.note_pairs(change);
        // Most calls of peers change nothing about when they are called, and there are many of both.
        if self.is_stirred || self.quiet_until <= now {
            self.check_peers(now);
            self.tell_peers(now);
            let checks = self.peers.values().filter(|peer| peer.check.is_none());
            let next = checks.map(|peer| peer.check_at).chain(self.next_telling());
            self.quiet_until = next.min().unwrap_or(Timestamp::from_millis(u64::MAX));
        }
        taken
    }

    /// The next thing to do; none if everything that was taken in has been dealt with.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to hand in [`Input::Wake`] if nothing happens before; none if there is nothing to wait
    /// for. It may change with every input.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        let never = Timestamp::from_millis(u64::MAX);
        let quiet = Some(self.quiet_until).filter(|until| *until < never);
        quiet.into_iter().chain(self.next_minding()).min()
    }

    fn add_peer(&mut self, now: Timestamp, peer: Peer) -> Result<LedgerPrefix, Error> {
        let prefix = peer.details.prefix.clone();
        if !prefix.is_peer() {
            return Err(Error::WrongKindOfLedger { prefix });
        }
        for account in [&peer.details.account, &peer.details.peer_account] {
            if !account.is_under(prefix.as_str()) {
                let account = account.to_string();
                return Err(Error::AccountOffLedger { prefix, account });
            }
        }
        if self.peers.contains_key(&prefix) {
            return Err(Error::DuplicatePeer { prefix });
        }
        self.inbox.forget(prefix.as_str());
        self.peers.insert(prefix.clone(), Entry::new(now, peer));
        self.open_routes(&prefix);
        Ok(prefix)
    }

    fn remove_peer(&mut self, prefix: &LedgerPrefix) -> Result<(), Error> {
        let account = self.peer(prefix)?.details.peer_account.clone();
        self.forget_transfers(prefix);
        self.peers.remove(prefix);
        self.outputs
            .push_back(Output::Persist(Change::PeerRemoved(prefix.clone())));
        self.tell(Event::PeerRemoved {
            peer: prefix.clone(),
        });
        self.close_routes(prefix, &account);
        Ok(())
    }

    fn call_done(&mut self, now: Timestamp, id: CallId, outcome: CallOutcome) -> Result<(), Error> {
        let (prefix, doing) = self.calls.remove(&id).ok_or(Error::UnknownCall { id })?;
        match doing {
            Doing::Check => self.checked(now, &prefix, id, &outcome),
            Doing::Broadcast(sent) => self.told(now, &prefix, id, sent, &outcome),
            Doing::Balance { sequence } => self.balance_told(now, &prefix, sequence, &outcome),
            Doing::Quote => {
                self.is_stirred = false;
                self.quoted(now, &prefix, id, &outcome);
            }
            // Whoever asked asks again.
            Doing::Letter => {}
            Doing::Say { transfer, word } => {
                self.is_stirred = false;
                self.said(now, &prefix, id, &transfer, word, &outcome);
            }
        }
        Ok(())
    }

    fn peer(&mut self, prefix: &LedgerPrefix) -> Result<&mut Entry, Error> {
        self.peers
            .get_mut(prefix)
            .ok_or_else(|| Error::UnknownPeer {
                prefix: prefix.clone(),
            })
    }

    /// Hands out a peer to be stored.
    fn save(&mut self, prefix: &LedgerPrefix) {
        if let Some(peer) = self.peers.get(prefix) {
            let record = Box::new(peer.record());
            self.outputs
                .push_back(Output::Persist(Change::PeerSaved(record)));
        }
    }

    fn tell(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}

#[cfg(test)]
mod tests;
