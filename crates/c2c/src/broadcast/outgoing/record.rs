//! One announcement: what a peer is told of a prefix, how large it is, and what tells it from another.

use super::{OutgoingSettings, SOMETHING};
use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::MAX_SAFE_2017;
use crate::curve::{Curve, Rounding};
use crate::message::RouteRecord;
use crate::route::Paths;
use crate::table::{Slot, Tables, View};

/// What the peer on `ledger` is to be told of `slot`; none if nothing leads there from its ledger,
/// or if it is nothing to tell, or more than one update may hold.
pub(super) fn record(
    settings: &OutgoingSettings,
    tables: &Tables,
    ledger: &LedgerPrefix,
    slot: Slot,
) -> Option<RouteRecord> {
    let prefix = tables.prefix_at(slot)?;
    let destination = prefix
        .address()
        .filter(|destination| !destination.is_peer())?
        .clone();
    let combined = tables.combined_at(View::Public, ledger.as_str(), slot)?;
    let points = match combined.curve {
        Some(curve) if settings.broadcast_curves => {
            let told: Curve = curve.cut_at(MAX_SAFE_2017)?;
            Some(told.simplify(settings.max_points, Rounding::Sound))
        }
        _ => None,
    };
    let paths = if settings.next_ledger_in_paths {
        &combined.paths_with_next
    } else {
        &combined.paths
    };
    let record = RouteRecord {
        source_ledger: ledger.as_address().clone(),
        destination_ledger: destination,
        points: points.map(Ok),
        min_message_window: combined.min_message_window,
        source_account: combined.source_account,
        paths: listed(paths),
    };
    // One that fills an update by itself, with paths that a peer made up, would take all others with it:
    // whoever gets it refuses the whole.
    (size(&record) <= settings.max_bytes).then_some(record)
}

fn listed(paths: &Paths) -> Vec<Vec<IlpAddress>> {
    paths.iter().map(<[IlpAddress]>::to_vec).collect()
}

/// About how many bytes `record` takes in JSON.
pub(super) fn size(record: &RouteRecord) -> usize {
    let points = match &record.points {
        Some(Ok(curve)) => curve.points().len() * 22,
        _ => 0,
    };
    let paths: usize = record
        .paths
        .iter()
        .map(|path| {
            3 + path
                .iter()
                .map(|ledger| ledger.as_str().len() + 3)
                .sum::<usize>()
        })
        .sum();
    let addresses = record.source_ledger.as_str().len()
        + record.destination_ledger.as_str().len()
        + record.source_account.as_str().len();
    // The names of the fields and their punctuation.
    150 + addresses + points + paths
}

/// A number that tells one announcement from another: 64 bits, never `NOTHING` or `SOMETHING`.
pub(super) fn hash_record(record: &RouteRecord) -> u64 {
    let mut hash = Hash(0xcbf2_9ce4_8422_2325);
    if let Some(Ok(curve)) = &record.points {
        for point in curve.points() {
            hash.word(point.x);
            hash.word(point.y);
        }
        hash.word(1);
    }
    hash.rest(record);
    hash.0.max(SOMETHING + 1)
}

/// The same of everything but the curve.
pub(super) fn hash_rest(record: &RouteRecord) -> u64 {
    let mut hash = Hash(0xcbf2_9ce4_8422_2325);
    hash.rest(record);
    hash.0
}

struct Hash(u64);

impl Hash {
    fn rest(&mut self, record: &RouteRecord) {
        self.word(record.min_message_window.0);
        self.text(record.source_account.as_str());
        for path in &record.paths {
            for ledger in path {
                self.text(ledger.as_str());
            }
            self.word(2);
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the halves of a product are wanted"
    )]
    fn word(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = (product as u64 ^ (product >> 64) as u64).wrapping_add(0xa076_1d64_78bd_642f);
    }

    fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        for bytes in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            self.word(u64::from_le_bytes(word));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Outgoing;
    use super::*;
    use crate::route::Prefix;
    use crate::table::{HeardRoute, Lifetime, LocalPair, Settings};
    use crate::timestamp::{Millis, Timestamp};

    fn ledger(name: &str) -> LedgerPrefix {
        LedgerPrefix::new(&format!("peer.{name}.usd.9.")).unwrap()
    }

    /// A peer that announces one route with very long paths must not keep the others from being told.
    #[test]
    fn a_route_that_fills_an_update_by_itself_is_left_out() {
        let (from, to) = (ledger("asks"), ledger("tells"));
        let mut tables = Tables::new(Settings::default());
        tables.set_local_pairs(vec![LocalPair {
            source_account: from.account("us").unwrap(),
            destination_account: to.account("us").unwrap(),
            source_ledger: from.clone(),
            destination_ledger: to.clone(),
            curve: Curve::from_points([(0, 0), (1000, 1000)]).unwrap(),
            shift: false,
            min_message_window: Millis(1000),
        }]);
        let long: Vec<IlpAddress> = (0..60)
            .map(|i| IlpAddress::new(&format!("g.{i}.{}.", "x".repeat(40))).unwrap())
            .collect();
        for (number, paths) in [
            (0, Paths::DIRECT),
            (1, Paths::new([long])),
            (2, Paths::DIRECT),
        ] {
            let route = HeardRoute {
                source_ledger: to.clone(),
                prefix: Prefix::new(&format!("example.n{number}.")).unwrap(),
                curve: None,
                min_message_window: Millis(1000),
                paths,
                source_account: to.account("them").unwrap(),
            };
            tables.add_route(route, Lifetime::Configured).unwrap();
        }
        let mut outgoing = Outgoing::new(OutgoingSettings {
            max_bytes: 2_000,
            ..OutgoingSettings::default()
        });
        let now = Timestamp::from_millis(0);
        outgoing.add_peer(from.clone(), now);
        let update = outgoing.next(now, &tables, &from).unwrap();
        let told: Vec<&str> = update
            .new_routes
            .iter()
            .map(|route| route.destination_ledger.as_str())
            .collect();
        assert_eq!(told, ["example.n0.", "example.n2."]);
    }
}
