//! What changed the tables, written down so that it can be played again: to the same tables, bit for
//! bit, on any machine.
//!
//! A journal is lines of JSON, one for each input that changed the tables: updates as they came, pairs
//! as they were made, what ran out when. It holds no secret. It ends when it is full; until then it
//! begins with empty tables, and [`replay`] makes of it what [`Tables::digest`] compares.
//!
//! ```
//! use c2c::address::LedgerPrefix;
//! use c2c::broadcast::IncomingSettings;
//! use c2c::journal::{Journal, replay};
//! use c2c::table::{Settings, Tables};
//!
//! let own = LedgerPrefix::new("example.own.")?;
//! let mut tables = Tables::new(Settings::default());
//! let mut journal = Journal::new(1 << 20);
//! journal.ledger(&own, &own.account("us")?);
//! tables.add_ledger(&own, &own.account("us")?);
//! let again = replay(journal.lines(), Settings::default(), IncomingSettings::default())?;
//! assert_eq!(again.digest(), tables.digest());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::address::{IlpAddress, LedgerPrefix};
use crate::broadcast::{Incoming, IncomingSettings};
use crate::curve::Curve;
use crate::message::HeardUpdate;
use crate::route::{Paths, Prefix};
use crate::schema::{Dialect, Document};
use crate::table::{HeardRoute, Lifetime, LocalPair, Settings, Tables};
use crate::timestamp::{Millis, Timestamp};

/// What changed the tables since they were empty, as far as there is room for it.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    lines: String,
    most: usize,
    is_full: bool,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Ledger {
        ledger: LedgerPrefix,
        account: IlpAddress,
    },
    Pairs(Vec<Pair>),
    PairsOf {
        ledger: LedgerPrefix,
        pairs: Vec<Pair>,
    },
    Configured {
        ledger: LedgerPrefix,
        prefix: String,
        window: u64,
        account: IlpAddress,
    },
    Update {
        at: u64,
        sender: IlpAddress,
        dialect: Dialect,
        update: String,
    },
    Expired {
        at: u64,
    },
    Asked {
        at: u64,
        peer: IlpAddress,
        patience: u64,
    },
    NotAsked {
        peer: IlpAddress,
    },
    PeerGone {
        account: IlpAddress,
    },
    LedgerGone {
        ledger: LedgerPrefix,
        account: IlpAddress,
    },
}

/// A pair of ledgers, its curve in base64.
#[derive(Debug, Serialize, Deserialize)]
struct Pair {
    from: LedgerPrefix,
    to: LedgerPrefix,
    from_account: IlpAddress,
    to_account: IlpAddress,
    curve: String,
    shift: bool,
    window: u64,
}

impl Pair {
    fn of(pair: &LocalPair) -> Self {
        Self {
            from: pair.source_ledger.clone(),
            to: pair.destination_ledger.clone(),
            from_account: pair.source_account.clone(),
            to_account: pair.destination_account.clone(),
            curve: pair.curve.to_base64(),
            shift: pair.shift,
            window: pair.min_message_window.0,
        }
    }

    fn read(self) -> Result<LocalPair, String> {
        Ok(LocalPair {
            source_ledger: self.from,
            destination_ledger: self.to,
            source_account: self.from_account,
            destination_account: self.to_account,
            curve: Curve::from_base64(&self.curve).map_err(|error| error.to_string())?,
            shift: self.shift,
            min_message_window: Millis(self.window),
        })
    }
}

impl Journal {
    /// An empty journal that takes up to `most` bytes.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }

    /// What was written so far, one JSON text a line.
    pub fn lines(&self) -> &str {
        &self.lines
    }

    /// Whether something had no room any more: from there on nothing is written.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// [`Tables::add_ledger`] is called.
    pub fn ledger(&mut self, ledger: &LedgerPrefix, account: &IlpAddress) {
        let (ledger, account) = (ledger.clone(), account.clone());
        self.write(&Line::Ledger { ledger, account });
    }

    /// [`Tables::set_local_pairs`] is called.
    pub fn pairs(&mut self, pairs: &[LocalPair]) {
        self.write(&Line::Pairs(pairs.iter().map(Pair::of).collect()));
    }

    /// [`Tables::set_pairs_of`] is called, and does it.
    pub fn pairs_of(&mut self, ledger: &LedgerPrefix, pairs: &[LocalPair]) {
        self.write(&Line::PairsOf {
            ledger: ledger.clone(),
            pairs: pairs.iter().map(Pair::of).collect(),
        });
    }

    /// [`Tables::add_route`] is called with a configured route, without a curve and between.
    pub fn configured(&mut self, route: &HeardRoute) {
        self.write(&Line::Configured {
            ledger: route.source_ledger.clone(),
            prefix: route.prefix.as_str().to_owned(),
            window: route.min_message_window.0,
            account: route.source_account.clone(),
        });
    }

    /// [`Incoming::apply_heard`] is called with an update that was read in `dialect` and is right.
    pub fn update(
        &mut self,
        at: Timestamp,
        sender: &IlpAddress,
        dialect: Dialect,
        update: Document<'_>,
    ) {
        self.write(&Line::Update {
            at: at.as_millis(),
            sender: sender.clone(),
            dialect,
            // It was read, so that it is UTF-8.
            update: String::from_utf8_lossy(update.text()).into_owned(),
        });
    }

    /// [`Tables::remove_expired`] took something away.
    pub fn expired(&mut self, at: Timestamp) {
        let at = at.as_millis();
        self.write(&Line::Expired { at });
    }

    /// [`Incoming::asked_full_table`] is called.
    pub fn asked(&mut self, at: Timestamp, peer: &IlpAddress, patience: Millis) {
        self.write(&Line::Asked {
            at: at.as_millis(),
            peer: peer.clone(),
            patience: patience.0,
        });
    }

    /// [`Incoming::not_asked`] is called.
    pub fn not_asked(&mut self, peer: &IlpAddress) {
        let peer = peer.clone();
        self.write(&Line::NotAsked { peer });
    }

    /// [`Tables::remove_peer`] is called.
    pub fn peer_gone(&mut self, account: &IlpAddress) {
        let account = account.clone();
        self.write(&Line::PeerGone { account });
    }

    /// [`Tables::remove_next_hop`] is called with the account, then [`Tables::remove_ledger`], then
    /// [`Incoming::remove_peer`].
    pub fn ledger_gone(&mut self, ledger: &LedgerPrefix, account: &IlpAddress) {
        let (ledger, account) = (ledger.clone(), account.clone());
        self.write(&Line::LedgerGone { ledger, account });
    }

    fn write(&mut self, line: &Line) {
        if self.is_full {
            return;
        }
        let text = serde_json::to_string(line).unwrap_or_default();
        // There is nothing in a line that JSON cannot write; if there were, the journal would end here.
        if text.is_empty() || self.lines.len() + text.len() + 1 > self.most {
            self.is_full = true;
            return;
        }
        self.lines.push_str(&text);
        self.lines.push('\n');
    }
}

/// The tables that the lines of a journal lead to, from empty ones with the same settings.
pub fn replay(
    lines: &str,
    settings: Settings,
    incoming: IncomingSettings,
) -> Result<Tables, ReplayError> {
    let mut player = Player::new(settings, incoming);
    for line in lines.lines() {
        player.play(line)?;
    }
    Ok(player.tables)
}

/// Plays a journal line by line, for whoever wants to look between.
#[derive(Clone, Debug)]
pub struct Player {
    tables: Tables,
    incoming: Incoming,
    line: usize,
    now: Timestamp,
}

/// What one line did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// When, by the connector's clock; the line before, where it does not say.
    pub at: Timestamp,
    /// What was done.
    pub did: Did,
}

/// What a line of a journal does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Did {
    /// A ledger of the connector's own, or one with a peer, was added.
    Ledger(LedgerPrefix),
    /// So many pairs of ledgers were set.
    Pairs(usize),
    /// A route was configured.
    Configured(String),
    /// A peer told routes.
    Update {
        /// Its account.
        sender: IlpAddress,
        /// How many routes it told.
        told: usize,
        /// How many of them are in the tables now.
        accepted: usize,
        /// How many are not.
        refused: usize,
        /// How many destinations went.
        lost: usize,
        /// Whether anything changed but how long routes live.
        changed: bool,
    },
    /// So many routes ran out.
    Expired(usize),
    /// A peer was asked for all its routes, or the question failed.
    Asked(IlpAddress),
    /// A peer went.
    PeerGone(IlpAddress),
    /// A ledger went.
    LedgerGone(LedgerPrefix),
}

impl Player {
    /// Begins with empty tables.
    pub fn new(settings: Settings, incoming: IncomingSettings) -> Self {
        Self {
            tables: Tables::new(settings),
            incoming: Incoming::new(incoming),
            line: 0,
            now: Timestamp::from_millis(0),
        }
    }

    /// The tables as the lines played so far have left them.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// How many lines were played.
    pub fn lines(&self) -> usize {
        self.line
    }

    /// The time of the latest line that has one.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Plays the next line.
    pub fn play(&mut self, line: &str) -> Result<Played, ReplayError> {
        self.line += 1;
        let number = self.line;
        let wrong = |message: String| ReplayError {
            line: number,
            message,
        };
        let line =
            serde_json::from_slice(line.as_bytes()).map_err(|error| wrong(error.to_string()))?;
        let did = self.do_line(line).map_err(wrong)?;
        Ok(Played { at: self.now, did })
    }

    fn do_line(&mut self, line: Line) -> Result<Did, String> {
        let (tables, incoming) = (&mut self.tables, &mut self.incoming);
        Ok(match line {
            Line::Ledger { ledger, account } => {
                tables.add_ledger(&ledger, &account);
                Did::Ledger(ledger)
            }
            Line::Pairs(pairs) => {
                let pairs: Result<Vec<LocalPair>, String> =
                    pairs.into_iter().map(Pair::read).collect();
                let pairs = pairs?;
                let count = pairs.len();
                tables.set_local_pairs(pairs);
                Did::Pairs(count)
            }
            Line::PairsOf { ledger, pairs } => {
                let pairs: Result<Vec<LocalPair>, String> =
                    pairs.into_iter().map(Pair::read).collect();
                let pairs = pairs?;
                let count = pairs.len();
                tables
                    .set_pairs_of(&ledger, pairs)
                    .ok_or_else(|| format!("the pairs of {ledger} are others"))?;
                Did::Pairs(count)
            }
            Line::Configured {
                ledger,
                prefix,
                window,
                account,
            } => {
                let route = HeardRoute {
                    source_ledger: ledger,
                    prefix: Prefix::new(&prefix).map_err(|error| error.to_string())?,
                    curve: None,
                    min_message_window: Millis(window),
                    paths: Paths::DIRECT,
                    source_account: account,
                };
                // What was refused then is refused again.
                let _ = tables.add_route(route, Lifetime::Configured);
                Did::Configured(prefix)
            }
            Line::Update {
                at,
                sender,
                dialect,
                update,
            } => {
                let document = Document::whole(update.as_bytes());
                let update = HeardUpdate::read(document, dialect).map_err(|faults| {
                    faults.first().map_or_else(String::new, ToString::to_string)
                })?;
                self.now = Timestamp::from_millis(at);
                let outcome = incoming.apply_heard(tables, self.now, &sender, &update);
                Did::Update {
                    sender,
                    told: update.routes().len(),
                    accepted: outcome.accepted,
                    refused: outcome.refused_count,
                    lost: outcome.lost.len(),
                    changed: outcome.changed,
                }
            }
            Line::Asked { at, peer, patience } => {
                self.now = Timestamp::from_millis(at);
                incoming.asked_full_table(tables, self.now, &peer, Millis(patience));
                Did::Asked(peer)
            }
            Line::NotAsked { peer } => {
                incoming.not_asked(&peer);
                Did::Asked(peer)
            }
            Line::Expired { at } => {
                self.now = Timestamp::from_millis(at);
                Did::Expired(tables.remove_expired(self.now).len())
            }
            Line::PeerGone { account } => {
                tables.remove_peer(&account);
                Did::PeerGone(account)
            }
            Line::LedgerGone { ledger, account } => {
                tables.remove_next_hop(&account);
                tables.remove_ledger(&ledger);
                incoming.remove_peer(&account);
                Did::LedgerGone(ledger)
            }
        })
    }
}

/// A line that cannot be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayError {
    /// Which one, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Line {} of the journal cannot be played: {}. Take the journal as it was written.",
            self.line, self.message
        )
    }
}

impl std::error::Error for ReplayError {}
