//! The next transfer of a payment.

use super::{Refusal, Source, next_id};
use crate::accounts::AccountName;
use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::Amount;
use crate::curve::Ratio;
use crate::key::SecretKey;
use crate::ledger::{Hold, Transfer};
use crate::packet::{ErrorCode, Packet, Payment};
use crate::table::{BestHop, NoHop, Tables, View};
use crate::timestamp::{Millis, Timestamp};

/// How many pairs of our own one payment passes at most.
const MOST_PAIRS: usize = 16;

/// The two accounts of a ledger with a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sides {
    /// Our account.
    pub account: IlpAddress,
    /// The peer's account.
    pub peer_account: IlpAddress,
}

/// By what is decided.
pub struct Terms<'a> {
    /// The routes.
    pub tables: &'a Tables,
    /// Who is on a ledger with a peer; none for another ledger.
    pub sides: &'a dyn Fn(&str) -> Option<Sides>,
    /// Our own account on a ledger of our own; none for another ledger.
    pub own: &'a dyn Fn(&str) -> Option<IlpAddress>,
    /// What an amount is worth over one pair of ours, from its first ledger to its second, by its rate
    /// alone; none where we do not trade it.
    pub worth: &'a dyn Fn(&str, &str, u64) -> Option<Worth>,
    /// What ids are made with.
    pub id_secret: &'a SecretKey,
    /// How much earlier the next transfer expires.
    pub min_message_window: Millis,
    /// The longest that it may be on hold.
    pub max_hold_time: Millis,
    /// The share by which what came in may fall short on the last ledger.
    pub slippage: Ratio,
}

/// What an amount is worth over one pair of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worth {
    /// After the spread, rounded down, and no more than may go out.
    pub net: u64,
    /// Before the spread, rounded down: paying more than this out is a loss.
    pub gross: u64,
    /// What one unit is worth, rounded up: a curve that ends at a limit lies below `net` by no more.
    pub unit: u64,
}

impl Worth {
    /// What goes out where the curve of the pair gives `along_curve`. The corner of a limited curve stands
    /// on whole units, so that the line to it lies a little below the rate, and moves with every hold: what
    /// was quoted by one corner must not be refused by the next.
    fn going_out(self, along_curve: u64) -> u64 {
        match self.net.checked_sub(along_curve) {
            Some(apart) if apart <= self.unit => self.net,
            _ => along_curve,
        }
    }
}

/// What is to be done with a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is for us.
    Ours,
    /// This transfer is to be sent.
    Transfer(Box<Transfer>),
    /// It has arrived: this transfer is to be made on a ledger of our own.
    Deliver(Box<Delivery>),
}

/// The last transfer of a payment that ends on a ledger of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// From our own account to the receiver's.
    pub transfer: Transfer,
    /// Where the packet goes: the receiver's account, and what it names behind it.
    pub destination: IlpAddress,
}

/// What becomes of `incoming`, a transfer to us that has just come.
pub fn next(now: Timestamp, incoming: &Transfer, terms: &Terms<'_>) -> Result<Next, Refusal> {
    let refuse = |code: ErrorCode, message: &str| Refusal {
        code,
        message: message.to_owned(),
        triggered_by: incoming.to.clone(),
        triggered_at: now,
    };
    let Some(Ok(Packet::Payment(payment))) = incoming.ilp.as_deref().map(Packet::decode) else {
        let message = "The transfer carries no payment packet that can be read.";
        return Err(refuse(ErrorCode::F01, message));
    };
    let Some(destination) = payment.account.as_address() else {
        return Err(refuse(ErrorCode::F01, "The packet names no receiver."));
    };
    if destination.is_under(incoming.to.as_str()) {
        return Ok(Next::Ours);
    }
    let way = way(incoming, &payment, destination, terms)
        .map_err(|(code, message)| refuse(code, &message))?;
    // What is executed at once is on hold for no time.
    let longest = if way.arrives {
        None
    } else {
        Some(terms.max_hold_time)
    };
    let hold = expiry(now, incoming.hold, terms.min_message_window, longest)
        .map_err(|message| refuse(ErrorCode::R02, message))?;
    let mut transfer = Transfer::new(
        next_id(terms.id_secret, &incoming.ledger, &incoming.id),
        way.ledger,
        way.sides.account,
        way.sides.peer_account,
        way.amount,
    );
    transfer.hold = hold;
    transfer.ilp.clone_from(&incoming.ilp);
    transfer.note_to_self = Source::note(incoming);
    if way.arrives {
        let destination = destination.clone();
        return Ok(Next::Deliver(Box::new(Delivery {
            transfer,
            destination,
        })));
    }
    Ok(Next::Transfer(Box::new(transfer)))
}

/// The hold of the next transfer: the same condition, a window earlier.
fn expiry(
    now: Timestamp,
    hold: Option<Hold>,
    window: Millis,
    longest: Option<Millis>,
) -> Result<Option<Hold>, &'static str> {
    let Some(hold) = hold else { return Ok(None) };
    let expires_at = hold.expires_at - window;
    if expires_at <= now {
        return Err("The transfer expires too soon to go on.");
    }
    if longest.is_some_and(|longest| expires_at.since(now) > longest) {
        return Err("The transfer would be on hold for longer than is allowed here.");
    }
    Ok(Some(Hold { expires_at, ..hold }))
}

/// Where the next transfer goes, and with how much.
struct NextLeg {
    ledger: LedgerPrefix,
    sides: Sides,
    amount: Amount,
    /// Whether it ends on a ledger of our own.
    arrives: bool,
}

fn way(
    incoming: &Transfer,
    payment: &Payment,
    destination: &IlpAddress,
    terms: &Terms<'_>,
) -> Result<NextLeg, (ErrorCode, String)> {
    let (mut source, mut amount) = (incoming.ledger.as_str(), incoming.amount.units());
    // From one account of a ledger of our own to another there is nothing to exchange.
    if (terms.own)(source).is_some() && destination.is_under(source) {
        return arrival(
            &incoming.ledger,
            payment,
            destination,
            ComesOut {
                delivered: amount,
                most: amount,
            },
            Ratio::ZERO,
            terms,
        );
    }
    // Over several pairs of our own the money stays ours until it reaches a ledger with a peer.
    for _ in 0..MOST_PAIRS {
        let hop = terms
            .tables
            .best_hop_for_source_amount(View::Local, source, destination.as_str(), amount)
            .map_err(|none| no_hop(none, amount))?;
        let worth = (terms.worth)(source, hop.next_ledger.as_str(), amount);
        if hop.is_local {
            let is_pair = hop.next_ledger.as_str() == hop.destination_ledger.as_str();
            let worth = worth.filter(|_| is_pair);
            return last(&hop, worth, payment, destination, terms);
        }
        let passed = hop
            .next_amount
            .map(|passed| worth.map_or(passed, |worth| worth.going_out(passed)))
            .filter(|amount| *amount > 0);
        let Some(passed) = passed else {
            return Err(too_little(amount));
        };
        match (terms.sides)(hop.next_ledger.as_str()) {
            Some(sides) if sides.peer_account == *hop.next_hop => {
                return Ok(NextLeg {
                    ledger: hop.next_ledger.clone(),
                    sides,
                    amount: Amount::new(passed),
                    arrives: false,
                });
            }
            _ => (source, amount) = (hop.next_ledger.as_str(), passed),
        }
    }
    let message = "The way passes too many ledgers of ours.".to_owned();
    Err((ErrorCode::F02, message))
}

/// The last transfer: it pays what the packet says to whom it names.
///
/// DIFFERENCE: in ilp-connector 21 a payment to an address under the peer's account goes to that address,
/// which no ledger between peers takes. Here it goes to the peer's account.
///
/// DIFFERENCE: ilp-connector 21 pays the packet's amount wherever what came in falls short of it by no more
/// than the slippage, at a loss where that is more than its spread. Here it is never more than what came in is
/// worth before the spread.
fn last(
    hop: &BestHop<'_>,
    worth: Option<Worth>,
    payment: &Payment,
    destination: &IlpAddress,
    terms: &Terms<'_>,
) -> Result<NextLeg, (ErrorCode, String)> {
    let unknown = || {
        let message = format!("No account of ours or of a peer is {destination}.");
        (ErrorCode::F02, message)
    };
    let end = hop.destination_ledger.as_str();
    let along_curve = hop.amount.unwrap_or(0);
    let delivered = worth.map_or(along_curve, |worth| worth.going_out(along_curve));
    let out = ComesOut {
        delivered,
        most: worth.map_or(delivered, |worth| worth.gross.max(delivered)),
    };
    if (terms.own)(end).is_some() {
        let end = LedgerPrefix::new(end).map_err(|_| unknown())?;
        return arrival(&end, payment, destination, out, terms.slippage, terms);
    }
    let sides = (terms.sides)(end)
        .filter(|sides| destination.is_under(sides.peer_account.as_str()))
        .ok_or_else(unknown)?;
    check_amount(payment, out, terms.slippage)?;
    Ok(NextLeg {
        ledger: LedgerPrefix::new(end).map_err(|_| unknown())?,
        sides,
        amount: payment.amount,
        arrives: false,
    })
}

/// The last transfer where that is on `ledger`, one of our own: our own account pays the receiver's.
fn arrival(
    ledger: &LedgerPrefix,
    payment: &Payment,
    destination: &IlpAddress,
    out: ComesOut,
    slippage: Ratio,
    terms: &Terms<'_>,
) -> Result<NextLeg, (ErrorCode, String)> {
    let receiver = AccountName::of(ledger, destination).and_then(|name| ledger.account(&name).ok());
    let own = (terms.own)(ledger.as_str());
    let Some((account, peer_account)) = own.zip(receiver) else {
        let message = format!("{destination} names no account.");
        return Err((ErrorCode::F02, message));
    };
    check_amount(payment, out, slippage)?;
    Ok(NextLeg {
        ledger: ledger.clone(),
        sides: Sides {
            account,
            peer_account,
        },
        amount: payment.amount,
        arrives: true,
    })
}

/// What comes out at the last ledger.
#[derive(Clone, Copy)]
struct ComesOut {
    /// After the spread.
    delivered: u64,
    /// Before it: paying more is a loss.
    most: u64,
}

/// Whether what the packet asks for is something, and comes out but for the slippage.
fn check_amount(
    payment: &Payment,
    out: ComesOut,
    slippage: Ratio,
) -> Result<(), (ErrorCode, String)> {
    let (wanted, delivered) = (payment.amount.units(), out.delivered);
    if wanted > out.most || !is_enough(wanted, delivered, slippage) {
        let message = format!(
            "What came in is worth {delivered} there, and {} are to be paid.",
            payment.amount
        );
        return Err((ErrorCode::R01, message));
    }
    if payment.amount == Amount::ZERO {
        let message = "The packet's amount is 0.".to_owned();
        return Err((ErrorCode::F00, message));
    }
    Ok(())
}

/// Whether `wanted` less the slippage is no more than `delivered`, exactly.
fn is_enough(wanted: u64, delivered: u64, slippage: Ratio) -> bool {
    let (above, below) = (slippage.numerator(), slippage.denominator());
    let Some(kept) = below.checked_sub(above) else {
        return true;
    };
    // A share of at most 18 decimals has no more than 60 bits, so that both products fit.
    match (
        u128::from(wanted).checked_mul(kept),
        u128::from(delivered).checked_mul(below),
    ) {
        (Some(least), Some(delivered)) => least <= delivered,
        _ => wanted <= delivered,
    }
}

fn no_hop(none: NoHop, amount: u64) -> (ErrorCode, String) {
    match none {
        NoHop::UnknownSource | NoHop::Unreachable => (ErrorCode::F02, none.to_string()),
        NoHop::CannotCarry { most } if amount <= most => too_little(amount),
        NoHop::CannotCarry { .. } => (ErrorCode::T04, none.to_string()),
    }
}

/// DIFFERENCE: where nothing would come out, ilp-connector 21 tries to send 0 and says F00.
fn too_little(amount: u64) -> (ErrorCode, String) {
    let message = format!("{amount} is too little for anything to come out.");
    (ErrorCode::R01, message)
}
