//! Quotes: what arrives for what is sent, what has to be sent for what is to arrive, or the curve of all of
//! that (IL-RFC 8; npm ilp-connector 21.1.10, `quoteBySource` and its neighbours).
//!
//! A question is answered from the tables, unless the way that it goes has no curve: then the next hop
//! is asked for one first, and what it says is remembered until it runs out.
//!
//! | asked | computed with |
//! | --- | --- |
//! | by source amount | the curves as they are, rounded down |
//! | by destination amount | the curves as others are told them, one source unit to our side, rounded up |
//! | for the curve | the same, cut to what a packet to a peer of 2017 has room for |
//!
//! DIFFERENCE: ilp-connector 21 looks for the hop with the amount 0, so that the cheapest is never sought,
//! and answers F00 whatever goes wrong. Here the real amount decides, and F02 and T01 say what they are for.

mod remembered;

pub use remembered::{Known, Remembered};

use std::fmt;

use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::{Amount, MAX_SAFE_2017};
use crate::curve::{Curve, Rounding};
use crate::packet::{
    ByDestinationResponse, BySourceResponse, ErrorCode, LiquidityRequest, LiquidityResponse, Packet,
};
use crate::table::{BestHop, NoHop, Tables, View};
use crate::timestamp::{Millis, Timestamp};

/// What is answered at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteSettings {
    /// How much longer the source transfer must live than the last one, at least.
    pub min_message_window: Millis,
    /// The longest that the receiver's ledger may be asked to hold the money.
    pub max_hold: Millis,
    /// How long a curve that we answer stays good: 45 s.
    pub expiry: Millis,
}

/// A question, whichever packet it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The receiver.
    pub destination: IlpAddress,
    /// How long the receiver's ledger is to hold the money.
    pub hold: Millis,
    /// What is asked.
    pub about: About,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The curve.
    Liquidity,
    /// What arrives for this much, in base units of the source ledger.
    Source(u64),
    /// What it takes for this much to arrive, in base units of the destination ledger.
    Destination(u64),
}

impl Question {
    /// The question in a packet of type 2, 4 or 6.
    pub fn of(packet: Packet) -> Result<Self, QuoteError> {
        let (account, hold, about) = match packet {
            Packet::LiquidityRequest(asked) => (
                asked.destination_account,
                asked.destination_hold,
                About::Liquidity,
            ),
            Packet::BySourceRequest(asked) => (
                asked.destination_account,
                asked.destination_hold,
                About::Source(asked.source_amount.units()),
            ),
            Packet::ByDestinationRequest(asked) => (
                asked.destination_account,
                asked.destination_hold,
                About::Destination(asked.destination_amount.units()),
            ),
            other => {
                return Err(QuoteError::bad(format!(
                    "A packet of type {} asks for no quote: send type 2, 4 or 6.",
                    other.type_byte()
                )));
            }
        };
        let Some(destination) = account.as_address().cloned() else {
            return Err(QuoteError::bad(
                "The destination account is empty: name the receiver.".to_owned(),
            ));
        };
        Ok(Self {
            destination,
            hold,
            about,
        })
    }

    /// The answer, or whom to ask for a curve first. `source` is the ledger of ours that the question
    /// came over, or one of our own.
    pub fn step(
        &self,
        tables: &Tables,
        remembered: &Remembered,
        settings: &QuoteSettings,
        now: Timestamp,
        source: &LedgerPrefix,
    ) -> Result<Step, QuoteError> {
        self.check(settings)?;
        if matches!(self.about, About::Liquidity)
            && let Some((prefix, found)) = self.combined(tables, source)
        {
            let answer = self.answer(tables, settings, now, source, prefix, found);
            return answer.map(Step::Answer);
        }
        let hop = self.hop(tables, source)?;
        let found = match hop.amount.filter(|_| self.about != About::Liquidity) {
            Some(amount) => Found {
                what: What::Amount(amount),
                window: hop.min_message_window,
                until: None,
                prefix: None,
            },
            None => {
                let known = remembered.find(now, hop.next_hop, self.destination.as_str());
                let Some(known) = known else {
                    return Ok(Step::Ask(Remote {
                        next_hop: hop.next_hop.clone(),
                        next_ledger: hop.next_ledger.clone(),
                    }));
                };
                self.behind_our_pair(tables, settings, source, &hop, known)?
            }
        };
        let prefix = hop.target_prefix.as_str();
        self.answer(tables, settings, now, source, prefix, found)
            .map(Step::Answer)
    }

    /// The packet that asks the next hop for its curve.
    pub fn remote(&self) -> Packet {
        Packet::LiquidityRequest(LiquidityRequest {
            destination_account: self.destination.clone().into(),
            destination_hold: self.hold,
        })
    }

    fn check(&self, settings: &QuoteSettings) -> Result<(), QuoteError> {
        if matches!(self.about, About::Source(0) | About::Destination(0)) {
            return Err(QuoteError::bad(
                "An amount of 0 cannot be quoted: ask with more.".to_owned(),
            ));
        }
        if self.hold > settings.max_hold {
            return Err(QuoteError::bad(format!(
                "The destination hold of {} ms is longer than the {} ms that this connector holds money: ask with less.",
                self.hold.0, settings.max_hold.0
            )));
        }
        Ok(())
    }

    fn hop<'a>(
        &self,
        tables: &'a Tables,
        source: &LedgerPrefix,
    ) -> Result<BestHop<'a>, QuoteError> {
        let (source, destination) = (source.as_str(), self.destination.as_str());
        let hop = match self.about {
            // There is no curve, so that any amount will do.
            About::Liquidity => {
                tables.best_hop_for_source_amount(View::Local, source, destination, 1)
            }
            About::Source(amount) => {
                tables.best_hop_for_source_amount(View::Local, source, destination, amount)
            }
            About::Destination(amount) => {
                tables.best_hop_for_destination_amount(View::Public, source, destination, amount)
            }
        };
        hop.map_err(|none| match none {
            NoHop::UnknownSource | NoHop::Unreachable => QuoteError {
                code: ErrorCode::F02,
                message: format!("No route leads from {source} to {destination}."),
            },
            NoHop::CannotCarry { .. } => QuoteError::bad(none.to_string()),
        })
    }

    /// The curve of all ways that count, and the prefix that it is for; none if the tables have none.
    fn combined<'a>(&self, tables: &'a Tables, source: &LedgerPrefix) -> Option<(&'a str, Found)> {
        let source = source.as_str();
        let prefix = tables.longest_prefix(source, self.destination.as_str())?;
        let combined = tables.combined(View::Public, source, prefix.as_str())?;
        let found = Found {
            what: What::Curve(combined.curve?),
            window: combined.min_message_window,
            until: None,
            prefix: None,
        };
        Some((prefix.as_str(), found))
    }

    /// What comes of the next hop's own curve behind our pair.
    fn behind_our_pair(
        &self,
        tables: &Tables,
        settings: &QuoteSettings,
        source: &LedgerPrefix,
        hop: &BestHop<'_>,
        known: &Known,
    ) -> Result<Found, QuoteError> {
        let pair = |view| {
            tables
                .pair_curve(view, source, hop.next_ledger)
                .ok_or_else(|| QuoteError::bad("This way has no liquidity now.".to_owned()))
        };
        let too_much =
            || QuoteError::bad("No route to the destination can carry this amount.".to_owned());
        let what = match self.about {
            About::Source(amount) => {
                let next = pair(View::Local)?.amount_at(amount);
                What::Amount(known.curve.amount_at(next))
            }
            About::Destination(amount) => {
                let next = known.curve.least_source_for(amount);
                let amount = next.and_then(|next| pair(View::Public).ok()?.least_source_for(next));
                What::Amount(amount.ok_or_else(too_much)?)
            }
            About::Liquidity => {
                let joined = Curve::join(&*pair(View::Public)?, &known.curve, Rounding::Sound);
                What::Curve(joined.ok_or_else(too_much)?)
            }
        };
        Ok(Found {
            what,
            // The answer counts all ledgers from the next one on: what the route was told to need is in it.
            window: Millis(known.window.0.saturating_add(settings.min_message_window.0)),
            until: Some(known.expires_at),
            prefix: Some(known.prefix.clone()),
        })
    }

    fn answer(
        &self,
        tables: &Tables,
        settings: &QuoteSettings,
        now: Timestamp,
        source: &LedgerPrefix,
        matched: &str,
        found: Found,
    ) -> Result<Packet, QuoteError> {
        if found.window < settings.min_message_window {
            return Err(QuoteError::bad(format!(
                "The way takes {} ms, less than the {} ms that this connector needs to pass a payment on.",
                found.window.0, settings.min_message_window.0
            )));
        }
        let source_hold = Millis(self.hold.0.saturating_add(found.window.0));
        let curve = match (found.what, self.about) {
            (What::Amount(0), _) => {
                return Err(QuoteError::bad(
                    "Nothing arrives for this amount: ask with more.".to_owned(),
                ));
            }
            (What::Amount(amount), About::Destination(_)) => {
                return Ok(Packet::ByDestinationResponse(ByDestinationResponse {
                    source_amount: Amount::new(amount),
                    source_hold,
                }));
            }
            (What::Amount(amount), _) => {
                return Ok(Packet::BySourceResponse(BySourceResponse {
                    destination_amount: Amount::new(amount),
                    source_hold,
                }));
            }
            (What::Curve(curve), _) => curve,
        };
        let destination = self.destination.as_str();
        let of_tables = tables.applies_to_prefix(source.as_str(), matched, destination);
        // The answer holds where both do.
        let prefix = match &found.prefix {
            Some(prefix) if prefix.as_str().len() > of_tables.len() => prefix.as_str(),
            _ => of_tables,
        };
        let curve = curve
            .cut_at(MAX_SAFE_2017)
            .ok_or_else(|| QuoteError::bad("The amounts of this way are too large.".to_owned()))?;
        let most = LiquidityResponse::most_points_for_2017(prefix).unwrap_or(2);
        let own_end = now + settings.expiry;
        Ok(Packet::LiquidityResponse(LiquidityResponse {
            points: thinned(&curve, most)
                .points()
                .iter()
                .map(|point| (point.x, point.y))
                .collect(),
            applies_to_prefix: prefix.parse().map_err(|_| {
                QuoteError::bad("The destination cannot be answered for.".to_owned())
            })?,
            source_hold,
            expires_at: found.until.map_or(own_end, |until| until.min(own_end)),
        }))
    }
}

/// At most `most` points that are nowhere above the curve; of two, only where the line between the ends
/// is not, else three.
fn thinned(curve: &Curve, most: usize) -> Curve {
    let (from, to) = (curve.origin(), curve.capacity());
    let wide = |a: u64, b: u64| u128::from(a) * u128::from(b);
    let is_below = || {
        curve
            .points()
            .iter()
            .all(|at| wide(at.x - from.x, to.y - from.y) <= wide(at.y - from.y, to.x - from.x))
    };
    if most == 2
        && curve.points().len() > 2
        && is_below()
        && let Ok(line) = Curve::from_points([(from.x, from.y), (to.x, to.y)])
    {
        return line;
    }
    curve.simplify(most, Rounding::Sound)
}

/// What was found out.
struct Found {
    what: What,
    /// The time that all hops together need.
    window: Millis,
    /// Until when a remote answer that it rests on is good.
    until: Option<Timestamp>,
    /// For which addresses that answer is.
    prefix: Option<IlpAddress>,
}

enum What {
    Amount(u64),
    Curve(Curve),
}

/// What is to be done next about a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send this answer.
    Answer(Packet),
    /// Ask for a curve, and come again with it.
    Ask(Remote),
}

/// Whom to ask for a curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The account to ask.
    pub next_hop: IlpAddress,
    /// The ledger over which it is asked.
    pub next_ledger: LedgerPrefix,
}

/// Why there is no quote: what goes into an error packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteError {
    /// F00 for a question that cannot be answered, F02 where nothing leads, T01 where the next hop does not
    /// answer.
    pub code: ErrorCode,
    /// What is wrong, and the cure.
    pub message: String,
}

impl QuoteError {
    /// A question that cannot be answered.
    fn bad(message: String) -> Self {
        Self {
            code: ErrorCode::F00,
            message,
        }
    }
}

impl fmt::Display for QuoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for QuoteError {}

#[cfg(test)]
mod tests;
