//! Where JavaScript lays down the two addresses of a payment, and where the answer lies: texts that cross one by
//! one would take longer than the look-up.

use std::cell::RefCell;

use c2c::table::BestHop;
use wasm_bindgen::prelude::*;

thread_local! {
    static DESK: RefCell<Desk> = const { RefCell::new(Desk::new()) };
}

/// Counts of an answer: where its text is, the lengths of its four parts, ledgers, whether it is local, and which
/// amounts are known.
const COUNTS: usize = 9;

/// Amounts of an answer: at the other end, of the next transfer, and the window in milliseconds.
const AMOUNTS: usize = 3;

struct Desk {
    asked: Vec<u8>,
    said: String,
    counts: [u32; COUNTS],
    amounts: [u64; AMOUNTS],
}

impl Desk {
    const fn new() -> Self {
        Self {
            asked: Vec::new(),
            said: String::new(),
            counts: [0; COUNTS],
            amounts: [0; AMOUNTS],
        }
    }

    fn say(&mut self, hop: &BestHop<'_>) {
        let parts = [
            hop.next_hop.as_str(),
            hop.next_ledger.as_str(),
            hop.destination_ledger.as_str(),
            hop.target_prefix.as_str(),
        ];
        self.said.clear();
        for (part, length) in parts.iter().zip(&mut self.counts[1..5]) {
            self.said.push_str(part);
            *length = count(part.len());
        }
        self.counts[0] = count(self.said.as_ptr() as usize);
        self.counts[5] = count(hop.hops);
        for (place, is) in [
            (6, hop.is_local),
            (7, hop.amount.is_some()),
            (8, hop.next_amount.is_some()),
        ] {
            self.counts[place] = u32::from(is);
        }
        self.amounts = [
            hop.amount.unwrap_or_default(),
            hop.next_amount.unwrap_or_default(),
            hop.min_message_window.0,
        ];
    }
}

/// Where there is room for so many bytes of addresses, and where counts and amounts of answers lie.
#[wasm_bindgen]
pub fn desk(length: usize) -> Vec<usize> {
    DESK.with_borrow_mut(|desk| {
        if desk.asked.len() < length {
            desk.asked = vec![0; length];
        }
        vec![
            desk.asked.as_ptr() as usize,
            desk.counts.as_ptr() as usize,
            desk.amounts.as_ptr() as usize,
        ]
    })
}

/// Answers what is asked of the two addresses on the desk, of which the first has `from` bytes and the second `to`;
/// if there is a hop, it lies on the desk then.
pub fn answered<'t, E>(
    from: usize,
    to: usize,
    ask: impl FnOnce(&str, &str) -> Result<BestHop<'t>, E>,
) -> Result<(), E> {
    DESK.with_borrow_mut(|desk| {
        let found = {
            let (first, rest) = desk.asked.split_at(from.min(desk.asked.len()));
            let text = |bytes| str::from_utf8(bytes).unwrap_or_default();
            ask(text(first), text(&rest[..to.min(rest.len())]))
        };
        found.map(|hop| desk.say(&hop))
    })
}

/// Lengths in a memory of 32 bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "nothing in wasm is longer than 2^32"
)]
fn count(length: usize) -> u32 {
    length as u32
}
