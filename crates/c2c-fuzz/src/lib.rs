//! What is done with arbitrary bytes, and what must then hold.
//!
//! Each function is a fuzz target (`cargo xtask fuzz TARGET SECONDS`), and is run on the inputs in
//! `kept/` by the ordinary tests. An input that ever crashed is kept there.

use c2c::address::LedgerPrefix;
use c2c::amount::Amount;
use c2c::curve::{Curve, Rounding, merge as merge_curves};
use c2c::ledger::{Done, PeerLedger, Transfer};
use c2c::message::{Envelope, Parties, RoutingUpdate};
use c2c::packet::Packet;
use c2c::peering::Letter;
use c2c::rpc::{Method, Request, get_balance, get_limit, send_request, send_transfer};
use c2c::schema::{Dialect, Document};
use c2c::timestamp::Timestamp;
use c2c::webfinger::{Host, Record};
pub use c2c_server::fuzz::{configuration, http};

/// The ledger on which the kept messages and transfers are.
const LEDGER: &str = "peer.k3x9Q.usd.9.";

/// Reads the bytes as a curve, as base64 and in binary; what is read is written and read again.
pub fn decode(bytes: &[u8]) {
    for curve in [Curve::from_bytes(bytes), Curve::from_base64_bytes(bytes)] {
        match curve {
            Ok(curve) => {
                assert!(curve.points().len() * 16 <= bytes.len());
                assert_eq!(Curve::from_bytes(&curve.to_bytes()).as_ref(), Ok(&curve));
                assert_eq!(Curve::from_base64(&curve.to_base64()), Ok(curve));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

/// Reads the bytes as a routing update in both dialects; each curve in it is written and read again.
pub fn json(bytes: &[u8]) {
    for dialect in [Dialect::V17, Dialect::V21] {
        let Ok(update) = RoutingUpdate::read(bytes, dialect) else {
            continue;
        };
        let mut whole = true;
        for route in &update.new_routes {
            match &route.points {
                Some(Ok(curve)) => {
                    assert_eq!(Curve::from_bytes(&curve.to_bytes()).as_ref(), Ok(curve));
                }
                Some(Err(error)) => assert!(!error.to_string().is_empty()),
                None => {}
            }
            whole &= matches!(route.points, Some(Ok(_)));
        }
        if whole {
            let written = update.write(dialect);
            let read = RoutingUpdate::read(written.as_bytes(), dialect);
            assert!(read.is_ok(), "{written}: {read:?}");
        }
    }
}

/// Reads the bytes as the host record of a host on loopback and of one that is not; what is read is written and
/// read again.
pub fn record(bytes: &[u8]) {
    for (host, is_loopback) in [
        ("https://wallet2.example", false),
        ("http://127.0.0.1:9000", true),
    ] {
        let host = Host::parse(host).expect("a host");
        match Record::parse(bytes, &host, is_loopback) {
            Ok(record) => {
                let written = record.to_json();
                let read = Record::parse(written.as_bytes(), &host, is_loopback);
                assert_eq!(read.as_ref(), Ok(&record), "{written}");
            }
            Err(error) => {
                assert!(!error.to_string().is_empty() && !error.code().is_empty());
            }
        }
    }
}

/// Reads the bytes as a letter of invitation; what is read is written in each of its forms and read again.
pub fn invitation(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for is_loopback in [false, true] {
        let letter = match Letter::read(text, is_loopback) {
            Ok(letter) => letter,
            Err(error) => {
                assert!(!error.to_string().is_empty() && !error.code().is_empty());
                continue;
            }
        };
        for written in [
            letter.encode(),
            letter.json(),
            letter.text(),
            letter.link("https://wallet1.example"),
        ] {
            let read = Letter::read(&written, is_loopback);
            assert_eq!(read.as_ref(), Ok(&letter), "{written}");
        }
    }
}

/// Reads the bytes as a packet; what is read is written, in one form, and read again.
pub fn packet(bytes: &[u8]) {
    match Packet::decode(bytes) {
        Ok(packet) => {
            let written = packet
                .encode()
                .expect("what was read has room in its fields");
            // A byte that is no text is read as a character of three.
            assert!(written.len() <= bytes.len() * 3 + 8);
            assert_eq!(Packet::decode(&written).as_ref(), Ok(&packet));
            if let Packet::Error(error) = packet {
                assert!(
                    error
                        .message()
                        .is_none_or(|text| text.len() <= bytes.len() * 3)
                );
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Reads the bytes as a message, as the body of a call of every method, and as an answer; what is read as a
/// message is written and read again.
pub fn envelope(bytes: &[u8]) {
    for method in Method::ALL {
        if let Err(refusal) = Request::read(method, bytes) {
            assert!(serde_json_object(&refusal.to_json()), "{refusal}");
        }
    }
    let ledger: LedgerPrefix = LEDGER.parse().expect("a prefix");
    let (us, them) = (
        ledger.account("us").expect("an account"),
        ledger.account("them").expect("an account"),
    );
    let parties = Parties {
        ledger: &ledger,
        from: &us,
        to: &them,
    };
    for status in [200, 422] {
        // None of them may break; what they say is up to the bytes.
        let _ = send_request::read_answer(status, bytes, parties);
        let _ = send_transfer::read_answer(status, bytes);
        let _ = get_limit::read_answer(status, bytes);
        let _ = get_balance::read_answer(status, bytes);
    }
    let message = match Envelope::read(Document::whole(bytes), "[0]") {
        Ok(message) => message,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let misdirected = message.check(parties.reversed());
    assert!(misdirected.is_ok() || !message.ledger.is_empty() || message.ledger != LEDGER);
    if let Some((dialect, update)) = message.routing_update() {
        json_of(update, dialect);
    }
    if let Some(ilp) = &message.ilp {
        packet(ilp);
    }
    assert_eq!(
        message.ilp_error().is_some(),
        message
            .ilp
            .as_ref()
            .is_some_and(|ilp| ilp.first() == Some(&8))
    );
    let written = message.write();
    let again =
        Envelope::read(Document::whole(written.as_bytes()), "[0]").expect("what was written");
    assert_eq!(
        (&again.ledger, &again.from, &again.to, &again.ilp),
        (&message.ledger, &message.from, &message.to, &message.ilp)
    );
    assert_eq!(written, again.write());
}

fn json_of(update: Document<'_>, dialect: Dialect) {
    if let Err(faults) = RoutingUpdate::read(update.text(), dialect) {
        assert!(!faults.is_empty());
    }
}

/// A refusal is one line of JSON with its two members.
fn serde_json_object(text: &str) -> bool {
    text.starts_with("{\"id\":\"") && text.contains("\"message\":\"") && !text.contains('\n')
}

/// Reads the bytes as a transfer; what is read is written and read again, and sent to a ledger twice, which
/// moves at most once and never over its limit.
pub fn transfer(bytes: &[u8]) {
    let transfer = match Transfer::read(Document::whole(bytes), "[0]") {
        Ok(transfer) => transfer,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let written = transfer.write();
    let again =
        Transfer::read(Document::whole(written.as_bytes()), "[0]").expect("what was written");
    assert_eq!(again, transfer);
    if let Some(ilp) = &transfer.ilp {
        packet(ilp);
    }
    let prefix: LedgerPrefix = LEDGER.parse().expect("a prefix");
    let (us, them) = (
        prefix.account("us").expect("an account"),
        prefix.account("them").expect("an account"),
    );
    let limit = Amount::new(1_000_000);
    let mut ledger = PeerLedger::new(us, them, prefix, limit);
    let now = Timestamp::from_millis(1_500_000_000_000);
    let amount = i128::from(transfer.amount.units());
    let first = ledger.receive(now, transfer.clone());
    let balance = ledger.balance();
    match first.answer {
        Ok(Done::Changed) => assert_eq!(balance, amount),
        Ok(Done::Repeated) => panic!("nothing was there before"),
        Err(error) => {
            assert_eq!(balance, 0);
            assert!(!error.to_string().is_empty());
        }
    }
    assert!(balance <= i128::from(limit.units()));
    let second = ledger.receive(now, transfer.clone());
    assert!(!matches!(second.answer, Ok(Done::Changed)));
    if let Some(hold) = transfer.hold {
        // Its time over, it is gone.
        let _ = ledger.expire(hold.expires_at);
        assert_eq!(ledger.balance(), 0);
        assert!(ledger.receive(hold.expires_at, transfer).entries.is_empty());
    }
}

/// Merges some curves: never above the best of them, never more than a unit below.
pub fn merge(bytes: &[u8]) {
    let mut input = Input(bytes);
    let curves: Vec<Curve> = (0..=input.byte() % 5)
        .filter_map(|_| input.curve())
        .collect();
    let Some(merged) = merge_curves(&curves.iter().collect::<Vec<_>>()) else {
        return;
    };
    let mut results = vec![merged.curve];
    if let [a, b] = &curves[..] {
        results.push(a.combine(b, Rounding::Sound));
        a.combine(b, Rounding::Reference);
    }
    for result in &results {
        for x in around(curves.iter().chain([result])) {
            let best = curves.iter().map(|c| c.amount_at(x)).max().unwrap_or(0);
            let got = result.amount_at(x);
            assert!(
                got <= best && best - got <= 1,
                "{curves:?}: {got} at {x}, not {best}"
            );
        }
    }
}

/// Joins two curves: never above going step by step.
pub fn join(bytes: &[u8]) {
    let mut input = Input(bytes);
    let (Some(head), Some(tail)) = (input.curve(), input.curve()) else {
        return;
    };
    Curve::join(&head, &tail, Rounding::Reference);
    let joined = Curve::join(&head, &tail, Rounding::Sound);
    for x in around([&head].into_iter().chain(&joined)) {
        let middle = head.amount_at(x);
        let most = tail.amount_at(middle);
        let least = middle.checked_sub(1).map_or(0, |m| tail.amount_at(m));
        let got = joined.as_ref().map_or(0, |c| c.amount_at(x));
        assert!(
            got <= most && least.saturating_sub(got) <= 1,
            "{head:?} {tail:?}: {got} at {x}, not {least} to {most}"
        );
    }
}

/// Simplifies a curve: never above it, with both ends.
pub fn simplify(bytes: &[u8]) {
    let mut input = Input(bytes);
    let most = usize::from(input.byte() % 16);
    let Some(curve) = input.curve() else {
        return;
    };
    curve.simplify(most, Rounding::Reference);
    let simple = curve.simplify(most, Rounding::Sound);
    assert!(simple.points().len() <= most.max(3));
    assert_eq!(
        (simple.origin(), simple.capacity()),
        (curve.origin(), curve.capacity())
    );
    for x in around([&curve, &simple]) {
        assert!(
            simple.amount_at(x) <= curve.amount_at(x),
            "{curve:?} to {most}: {simple:?} at {x}"
        );
    }
}

/// The corners and their neighbours.
fn around<'a>(curves: impl IntoIterator<Item = &'a Curve>) -> Vec<u64> {
    let corners = curves.into_iter().flat_map(|c| c.points());
    let near = |x: u64| [x.saturating_sub(1), x, x.saturating_add(1)];
    corners.flat_map(|p| near(p.x)).chain([u64::MAX]).collect()
}

/// Bytes as a list of choices; nothing is left at the end.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        first
    }

    /// A number of as many bytes as its first half byte says.
    fn number(&mut self) -> u64 {
        let head = self.byte();
        (0..head >> 4 & 7).fold(u64::from(head & 15), |n, _| n << 8 | u64::from(self.byte()))
    }

    /// Up to thirty points, of which each says how far it is from the one before.
    fn curve(&mut self) -> Option<Curve> {
        let count = self.byte() % 31;
        let (mut x, mut y) = (0u64, 0u64);
        let points: Vec<(u64, u64)> = (0..count)
            .map_while(|i| {
                x = x
                    .checked_add(self.number())?
                    .checked_add(u64::from(i > 0))?;
                y = y.saturating_add(self.number());
                Some((x, y))
            })
            .collect();
        Curve::from_points(points).ok()
    }
}
