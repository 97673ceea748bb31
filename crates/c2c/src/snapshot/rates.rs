//! What is traded, and at which rate.

use serde::{Deserialize, Serialize};

use crate::address::CurrencyCode;
use crate::timestamp::Timestamp;

/// `GET /rates`. A currency trades against itself at 1, and is listed only where another rate holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatesView {
    /// In the order of the codes.
    pub rates: Vec<RateView>,
    /// The feed, if one is read.
    #[serde(default)]
    pub feed: Option<FeedView>,
}

/// One direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateView {
    /// What is paid in.
    pub from: CurrencyCode,
    /// What is paid out.
    pub to: CurrencyCode,
    /// How many units of `to` one unit of `from` buys, before the spread, in decimals.
    pub rate: String,
    /// Who said so.
    pub source: RateSource,
}

/// Where a rate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateSource {
    /// The configuration.
    Configuration,
    /// The feed.
    Feed,
    /// The operator, by `PUT /rates`.
    Operator,
}

/// How the feed stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedView {
    /// Where it is read, without its query.
    pub url: String,
    /// Milliseconds between two readings.
    pub interval_ms: u64,
    /// For how many milliseconds a reading is good.
    pub stale_after_ms: u64,
    /// When it was last read well.
    #[serde(default, with = "crate::snapshot::iso::option")]
    pub read_at: Option<Timestamp>,
    /// Whether that is too long ago: what it told is not traded.
    pub stale: bool,
    /// What is wrong with the last reading.
    #[serde(default)]
    pub error: Option<String>,
}
