//! Laws of messages: what is written is read, and whatever comes in does no harm.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::curve::Curve;
use crate::schema::{Dialect, Document};
use crate::timestamp::Millis;

fn address() -> impl Strategy<Value = IlpAddress> {
    "[a-zA-Z0-9._~-]{1,30}".prop_map(|text| IlpAddress::new(&text).expect("of the alphabet"))
}

/// A curve with coordinates up to `most`.
fn curve(most: u64) -> impl Strategy<Value = Curve> {
    prop::collection::btree_map(0..=most, 0..=most, 1..8).prop_map(|points| {
        let mut outs: Vec<u64> = points.values().copied().collect();
        outs.sort_unstable();
        Curve::from_points(points.into_keys().zip(outs)).expect("in order")
    })
}

fn route(most: u64) -> impl Strategy<Value = RouteRecord> {
    let paths = vec(vec(address(), 0..3), 0..3);
    let window = 0..=u64::MAX / 2000;
    (
        address(),
        address(),
        address(),
        window,
        prop::option::of(curve(most)),
        paths,
    )
        .prop_map(
            |(source_ledger, destination_ledger, source_account, window, points, paths)| {
                RouteRecord {
                    source_ledger,
                    destination_ledger,
                    points: points.map(Ok),
                    min_message_window: Millis(window),
                    source_account,
                    paths,
                }
            },
        )
}

fn update(most: u64) -> impl Strategy<Value = RoutingUpdate> {
    (
        vec(route(most), 0..5),
        1u64..,
        vec(address(), 0..4),
        any::<bool>(),
    )
        .prop_map(
            |(new_routes, hold_down_time, unreachable_through_me, request_full_table)| {
                RoutingUpdate {
                    new_routes,
                    hold_down_time: Millis(hold_down_time),
                    unreachable_through_me,
                    request_full_table,
                    unusable: Vec::new(),
                }
            },
        )
}

proptest! {
    #[test]
    fn an_update_survives_the_dialect_as_deployed(update in update(u64::MAX)) {
        let text = update.write(Dialect::V21);
        prop_assert_eq!(RoutingUpdate::read(text.as_bytes(), Dialect::V21), Ok(update));
    }

    #[test]
    fn an_update_survives_the_dialect_as_cited_but_for_what_it_lacks(mut update in update((1 << 53) - 1)) {
        let text = update.write(Dialect::V17);
        update.request_full_table = false;
        update.new_routes.retain(|route| route.points.is_some());
        update.new_routes.iter_mut().for_each(|route| route.paths.clear());
        prop_assert_eq!(RoutingUpdate::read(text.as_bytes(), Dialect::V17), Ok(update));
    }

    #[test]
    fn a_message_survives(update in update(u64::MAX), from in address(), to in address(), text in any::<String>(), packet in vec(any::<u8>(), 1..50)) {
        let ledger = LedgerPrefix::new("peer.abcde.usd.9.").expect("a prefix");
        let parties = Parties { ledger: &ledger, from: &from, to: &to };
        let json = update.write(Dialect::V21);
        let call = Call::new(&text, Document::whole(json.as_bytes()));
        let written = Envelope::new(parties).with_ilp(packet.clone()).with_call(Dialect::V21, call).write();
        let found = Envelope::read(Document::whole(written.as_bytes()), "").expect("just written");
        prop_assert!(found.check(parties).is_ok());
        prop_assert_eq!(found.ilp, Some(packet));
        let call = found.custom.expect("just written");
        prop_assert_eq!(&*call.method, text.as_str());
        let data = call.data.expect("just written");
        prop_assert_eq!(RoutingUpdate::read_document(data, Dialect::V21), Ok(update));
    }

    #[test]
    fn damaged_messages_never_panic(update in update(u64::MAX), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let ledger = LedgerPrefix::new("peer.abcde.usd.9.").expect("a prefix");
        let account = ledger.account("a").expect("an account");
        let parties = Parties { ledger: &ledger, from: &account, to: &account };
        for dialect in [Dialect::V17, Dialect::V21] {
            let mut bytes = update.write_message(dialect, parties).into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(envelope) = Envelope::read(Document::whole(&bytes), "[0]")
                && let Some((dialect, document)) = envelope.routing_update()
            {
                let _ = RoutingUpdate::read_document(document, dialect);
            }
        }
    }
}
