//! Routing tables, and what is heard and told through them. Facts cross as JSON, curves and updates as
//! bytes.

use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::broadcast::{Incoming, IncomingSettings, Outgoing, OutgoingSettings, RefusedRoute};
use c2c::curve::Curve;
use c2c::message::HeardUpdate;
use c2c::schema::{Dialect, Document};
use c2c::table::{Asked, LocalPair, Lost, Settings, Tables, View};
use c2c::timestamp::{Millis, Timestamp};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

use crate::desk::answered;
use crate::error::failure;
use crate::faults::listed;

/// The tables of one connector, what it heard, and what it told.
#[wasm_bindgen]
pub struct RawTable {
    tables: Tables,
    incoming: Incoming,
    outgoing: Outgoing,
}

#[wasm_bindgen]
impl RawTable {
    /// Tables without pairs. `as_2017` rounds and chooses as ilp-routing 10.1.0 did.
    #[wasm_bindgen(constructor)]
    pub fn new(as_2017: bool, interval: f64, hold_down: f64, most_points: usize) -> RawTable {
        let settings = if as_2017 {
            Settings::as_reference()
        } else {
            Settings::default()
        };
        let outgoing = OutgoingSettings {
            interval: Millis(millis(interval)),
            hold_down: Millis(millis(hold_down)),
            max_points: most_points,
            ..OutgoingSettings::default()
        };
        RawTable {
            tables: Tables::new(settings),
            incoming: Incoming::new(IncomingSettings::default()),
            outgoing: Outgoing::new(outgoing),
        }
    }

    /// Puts pairs of own ledgers in place of those before: of each four texts, the size of its curve in bytes
    /// and its window; the curves one after the other.
    #[wasm_bindgen(js_name = setPairs)]
    pub fn set_pairs(
        &mut self,
        texts: Vec<String>,
        curves: &[u8],
        sizes: &[usize],
        windows: &[f64],
    ) -> Result<(), JsValue> {
        let mut pairs = Vec::with_capacity(sizes.len());
        let mut left = curves;
        let (rows, _) = texts.as_chunks::<4>();
        for ((row, size), window) in rows.iter().zip(sizes).zip(windows) {
            let (curve, rest) = left.split_at(*size);
            left = rest;
            let [source, destination, source_account, destination_account] = row;
            pairs.push(LocalPair {
                source_ledger: ledger(source)?,
                destination_ledger: ledger(destination)?,
                source_account: address(source_account)?,
                destination_account: address(destination_account)?,
                curve: Curve::from_bytes(curve)
                    .map_err(|error| failure("CURVE", error, "Make one by Curve.from(points)."))?,
                shift: true,
                min_message_window: Millis(millis(*window)),
            });
        }
        self.tables.set_local_pairs(pairs);
        Ok(())
    }

    /// Does what an update says; what became of it, as JSON. Throws its faults as JSON.
    pub fn apply(
        &mut self,
        update: &[u8],
        as_cited: bool,
        sender: &str,
        now: f64,
    ) -> Result<String, JsValue> {
        let sender = address(sender)?;
        let dialect = if as_cited { Dialect::V17 } else { Dialect::V21 };
        let update = HeardUpdate::read(Document::whole(update), dialect)
            .map_err(|found| JsValue::from_str(&listed(&found)))?;
        let outcome = self
            .incoming
            .apply_heard(&mut self.tables, time(now), &sender, &update);
        if outcome.broadcast_now {
            self.outgoing.urge();
        }
        let refused: Vec<Value> = outcome.refused.iter().map(refused).collect();
        Ok(json!({
            "accepted": outcome.accepted,
            "refused": refused,
            "refusedCount": outcome.refused_count,
            "lost": lost(&outcome.lost),
            "fullTableAsked": outcome.full_table_asked,
            "changed": outcome.changed,
        })
        .to_string())
    }

    /// The best hop between the two addresses on the desk, where it is laid down; or why there is none.
    #[wasm_bindgen(js_name = bestHop)]
    pub fn best_hop(
        &self,
        from: usize,
        to: usize,
        amount: u64,
        by_destination: bool,
    ) -> Option<String> {
        let found = answered(from, to, |from, to| {
            if by_destination {
                self.tables
                    .best_hop_for_destination_amount(View::Local, from, to, amount)
            } else {
                self.tables
                    .best_hop_for_source_amount(View::Local, from, to, amount)
            }
        });
        found.err().map(|none| none.to_string())
    }

    /// Why a hop wins, as JSON; nothing with the reason where there is none.
    pub fn why(
        &self,
        from: &str,
        to: &str,
        amount: u64,
        by_destination: bool,
        now: f64,
    ) -> Result<String, String> {
        let asked = if by_destination {
            Asked::Destination(amount)
        } else {
            Asked::Source(amount)
        };
        let name = |hop: &IlpAddress| hop.to_string();
        let found = self
            .tables
            .explain(View::Local, time(now), from, to, asked, &name)
            .map_err(|none| none.to_string())?;
        let rejected: Vec<Value> = found
            .rejected
            .iter()
            .map(|lost| json!({ "nextHop": lost.next_hop, "reason": lost.reason.to_string() }))
            .collect();
        let text = |amount: Option<u64>| amount.map(|amount| amount.to_string());
        Ok(json!({
            "targetPrefix": found.target_prefix.as_str(),
            "nextHop": found.winner,
            "sourceAmount": text(found.source_amount),
            "destinationAmount": text(found.destination_amount),
            "sentence": found.sentence,
            "rejected": rejected,
        })
        .to_string())
    }

    /// What is known from each own ledger, as JSON.
    pub fn routes(&self) -> String {
        let mut rows = Vec::new();
        for source in self.tables.sources() {
            for prefix in self.tables.prefixes_from(source.as_str()) {
                let ways = self
                    .tables
                    .candidates(View::Local, source.as_str(), prefix.as_str());
                rows.extend(ways.iter().map(|way| {
                    json!({
                        "sourceLedger": source.as_str(),
                        "targetPrefix": prefix.as_str(),
                        "nextHop": way.next_hop,
                        "nextLedger": way.next_ledger.as_str(),
                        "hops": way.hops,
                        "isLocal": way.is_local,
                        "minMessageWindow": way.min_message_window.0,
                        "expiresAt": way.expires_at.map(Timestamp::as_millis),
                        "points": way.curve.as_ref().map(c2c::Curve::to_base64),
                    })
                }));
            }
        }
        Value::from(rows).to_string()
    }

    /// All ways from the ledger of `from` to `to` as one curve in its binary form; nothing where none has one.
    #[wasm_bindgen(js_name = curveTo)]
    pub fn curve_to(&self, from: &str, to: &str) -> Option<Vec<u8>> {
        let source = self
            .tables
            .sources()
            .filter(|ledger| from.starts_with(ledger.as_str()))
            .max_by_key(|ledger| ledger.as_str().len())?;
        let prefix = self.tables.longest_prefix(from, to)?;
        let found = self
            .tables
            .combined(View::Local, source.as_str(), prefix.as_str())?;
        found.curve.map(|curve| curve.to_bytes())
    }

    /// How many prefixes something is known of.
    pub fn destinations(&self) -> usize {
        self.tables.destinations()
    }

    /// From now on the peer on `ledger` is told.
    #[wasm_bindgen(js_name = addPeer)]
    pub fn add_peer(&mut self, on: &str, now: f64) -> Result<(), JsValue> {
        self.outgoing.add_peer(ledger(on)?, time(now));
        Ok(())
    }

    /// The peer on `ledger` is told nothing more, and what its account told is forgotten.
    #[wasm_bindgen(js_name = removePeer)]
    pub fn remove_peer(&mut self, on: &str, account: &str) -> Result<String, JsValue> {
        let account = address(account)?;
        self.outgoing.remove_peer(&ledger(on)?);
        self.incoming.remove_peer(&account);
        Ok(lost(&self.tables.remove_peer(&account)).to_string())
    }

    /// The update that the peer on `ledger` is to be told now, if any.
    pub fn broadcast(
        &mut self,
        on: &str,
        now: f64,
        as_cited: bool,
    ) -> Result<Option<String>, JsValue> {
        let dialect = if as_cited { Dialect::V17 } else { Dialect::V21 };
        let update = self
            .outgoing
            .next(time(now), &self.tables, &ledger(on)?)
            .map(|update| update.write(dialect));
        Ok(update)
    }

    /// What was broadcast to the peer on `ledger` arrived, or nobody knows whether it did.
    pub fn told(&mut self, on: &str, now: f64, has_arrived: bool) -> Result<(), JsValue> {
        let on = ledger(on)?;
        if has_arrived {
            self.outgoing.acknowledge(&on, time(now));
        } else {
            self.outgoing.failed(&on, time(now), true);
        }
        self.tables.forget_lost(self.outgoing.settled(&self.tables));
        Ok(())
    }

    /// Takes out what has run out; what can no longer be reached, as JSON.
    #[wasm_bindgen(js_name = removeExpired)]
    pub fn remove_expired(&mut self, now: f64) -> String {
        let gone = self.tables.remove_expired(time(now));
        if !gone.is_empty() {
            self.outgoing.urge();
        }
        lost(&gone).to_string()
    }
}

fn refused(route: &RefusedRoute) -> Value {
    json!({
        "index": route.index,
        "code": route.reason.code(),
        "message": route.reason.to_string(),
    })
}

fn lost(gone: &[Lost]) -> Value {
    gone.iter()
        .map(|lost| json!({ "sourceLedger": lost.source_ledger.as_str(), "prefix": lost.prefix.as_str() }))
        .collect()
}

fn ledger(text: &str) -> Result<LedgerPrefix, JsValue> {
    LedgerPrefix::new(text)
        .map_err(|error| failure("LEDGER", error, "A ledger ends in a dot: example.red."))
}

fn address(text: &str) -> Result<IlpAddress, JsValue> {
    IlpAddress::new(text).map_err(|error| {
        failure(
            "ADDRESS",
            error,
            "Such as example.red.alice, without spaces.",
        )
    })
}

fn time(now: f64) -> Timestamp {
    Timestamp::from_millis(millis(now))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "JavaScript hands over whole milliseconds that are not negative"
)]
fn millis(given: f64) -> u64 {
    given as u64
}
