use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::curve::Curve;

use super::{Book, Builder, Column, Loose, Order};
use crate::open::open;

/// `count` destinations, each told by `hops` peers of the same currency.
fn told(count: usize, hops: u64) -> Book {
    let mut builder = Builder::default();
    for destination in 0..count {
        for hop in 0..hops {
            let source = LedgerPrefix::new(&format!("peer.h{hop}.usd.9.")).unwrap();
            let next_hop = source.account("them").unwrap();
            let destination = IlpAddress::new(&format!("g.d{destination}.")).unwrap();
            let curve = Curve::from_points([(0, 0), (1000 + hop, 900 + 10 * hop)]).unwrap();
            builder.loose(&Loose {
                source: &source,
                destination: &destination,
                next_hop: &next_hop,
                curve: Some(&curve),
                paths: &[],
                window: 1000,
                expires: Some(5),
            });
        }
    }
    builder.finish(None, &mut |_| {})
}

#[test]
fn ledgers_of_one_unit_compete_with_each_other() {
    let book = told(3, 4);
    assert_eq!((book.len(), book.candidates()), (3, 12));
    assert_eq!(book.sources(), ["usd.9."]);
    let route = book.route(book.find("usd.9.", "g.d1.").unwrap());
    assert_eq!(route.candidates.len(), 4);
    let merged = route.merged.unwrap();
    assert_eq!(
        merged.segments.last().unwrap().next_hop.as_str(),
        "peer.h3.usd.9.them"
    );
    assert!(route.candidates[3].wins);
    let alone = told(2, 1);
    assert_eq!(
        alone.sources(),
        ["peer.h0.usd.9."],
        "one ledger keeps its name"
    );
}

#[test]
fn a_book_is_unpacked_as_it_was_packed() {
    let example = open(include_bytes!("../../data/demo.json"), 0, &mut |_, _, _| {})
        .unwrap()
        .book;
    for book in [example, told(7, 3), Book::default()] {
        let bytes = book.pack();
        assert_eq!(Book::unpack(&bytes).as_ref(), Some(&book));
        assert_eq!(Book::unpack(&bytes[..bytes.len() - 1]), None, "cut short");
    }
}

#[test]
fn changed_bytes_are_refused_or_can_be_shown() {
    let bytes = told(3, 2).pack();
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x81;
        if let Some(book) = Book::unpack(&bytes) {
            for route in 0..u32::try_from(book.len()).unwrap() {
                let _ = (book.route(route), book.ends(route), book.middle(route));
            }
        }
    }
}

#[test]
fn what_covers_an_address_comes_first_and_the_longest_before_all() {
    let json = br#"{"routes":[]}"#;
    assert_eq!(open(json, 0, &mut |_, _, _| {}).unwrap().book.len(), 0);
    let book = told(20, 1);
    let found = book.search("peer.h0.usd.9.", "g.d1.alice", Order::default());
    assert_eq!(found.len(), 1);
    let all = book.search(
        "peer.h0.usd.9.",
        "g.d1",
        Order {
            column: Column::Destination,
            falling: true,
        },
    );
    assert_eq!(all.len(), 11);
    assert_eq!(book.ends(all[0]).1, "g.d19.");
}

#[test]
fn the_rate_is_that_of_half_the_capacity() {
    let book = told(1, 1);
    assert_eq!(book.middle(0), Some((500, 450)));
}
