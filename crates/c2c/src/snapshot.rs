//! What a connector shows of itself: the shapes of the admin API, of snapshots and of the web app.
//!
//! The engine fills them, the server serialises them, the web app reads them back. Nothing here is
//! secret. In JSON amounts are decimal texts of base units, points are pairs of such texts, times
//! are ISO 8601 in UTC, windows are seconds as on the wire. A reader ignores what it does not know,
//! so that an older page can look at a newer connector.
//!
//! ```
//! use c2c::snapshot::CandidateView;
//! let json = r#"{
//!     "next_hop": "peer.OR5Df.usd.9._K4lZSbMIXkfvPInzzC8-N5m7PTqSQyQS4R_HfEeRhU",
//!     "next_ledger": "peer.OR5Df.usd.9.",
//!     "paths": [[]],
//!     "hops": 3,
//!     "points": [["0", "0"], ["1000", "990"]],
//!     "min_message_window": 2,
//!     "expires_at": "2017-09-01T12:00:00.000Z",
//!     "wins": true,
//!     "something_newer": 1
//! }"#;
//! let candidate: CandidateView = serde_json::from_str(json)?;
//! assert_eq!(candidate.points.as_ref().map(Vec::len), Some(2));
//! assert_eq!(candidate.min_message_window.0.0, 2000);
//! assert!(serde_json::to_string(&candidate)?.contains(r#"[["0","0"],["1000","990"]]"#));
//! # Ok::<(), serde_json::Error>(())
//! ```

mod event;
pub mod iso;
mod money;
mod numbers;
mod rates;
mod reconciliation;

pub use event::Event;
pub use money::{
    AccountView, AccountsView, InvoiceView, InvoicesView, PaymentView, QuoteFound, QuoteView,
    TransferView, TransfersView,
};
pub use numbers::{Balance, Seconds};
pub use rates::{FeedView, RateSource, RateView, RatesView};
pub use reconciliation::{DoubtKind, DoubtView, ReconciliationView};

use serde::{Deserialize, Serialize};

use crate::address::{CurrencyCode, IlpAddress, LedgerPrefix};
use crate::amount::{Amount, Scale};
use crate::schema::Dialect;
use crate::timestamp::Timestamp;

/// The points of a curve: (source units, destination units), as in `[["0","0"],["1000","990"]]`.
pub type Points = Vec<(Amount, Amount)>;

/// `GET /identity`: who this connector is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The public base URL, the subject of the host record.
    pub url: String,
    /// A name to show.
    #[serde(default)]
    pub title: Option<String>,
    /// The X25519 public key: 43 characters of base64url.
    pub public_key: String,
    /// What peers are told, such as `Compatible: ilp-kit v3.0.0`.
    pub protocol_version: String,
    /// Where peers send their calls.
    pub rpc_uri: String,
    /// The connector's own ledgers.
    pub ledgers: Vec<LedgerView>,
}

/// A ledger of the connector's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerView {
    /// Its name.
    pub prefix: LedgerPrefix,
    /// Its currency.
    pub currency: CurrencyCode,
    /// Base units per currency unit: 10^scale.
    pub scale: Scale,
    /// The connector's account on it.
    pub account: IlpAddress,
}

/// How a peering came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeerMode {
    /// From the two host records (spec, Discovery).
    WebFinger,
    /// Every fact was told by people (spec, Discovery, without WebFinger).
    Manual,
}

/// How a peering stands. The view beside it always says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeerState {
    /// Saved, and not called yet.
    Invited,
    /// The other side does not know the peering yet (it answers 401).
    Waiting,
    /// The other side answered `get_limit`: both know the peering and the tokens agree.
    Checked,
    /// It answered or called before, and no longer does.
    Silent,
    /// It answers, and wrongly: the token is refused, or its connector has a fault.
    Broken,
}

impl PeerState {
    /// The word in JSON and on the screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Waiting => "waiting",
            Self::Checked => "checked",
            Self::Silent => "silent",
            Self::Broken => "broken",
        }
    }
}

/// One peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerView {
    /// The ledger between the two.
    pub prefix: LedgerPrefix,
    /// How the peering came about.
    pub mode: PeerMode,
    /// The other's host; none where people told the facts.
    #[serde(default)]
    pub host: Option<String>,
    /// Where we send our calls.
    pub rpc_uri: String,
    /// Which version the other says it speaks.
    pub protocol_version: String,
    /// The ledger's currency.
    pub currency: CurrencyCode,
    /// Base units per currency unit: 10^scale.
    pub scale: Scale,
    /// Our account on the ledger between us.
    pub account: IlpAddress,
    /// Theirs.
    pub peer_account: IlpAddress,
    /// The most they may owe us, in base units.
    pub limit: Amount,
    /// What they owe us, in base units; negative: what we owe them.
    pub balance: Balance,
    /// The most we may owe them, as they last told; none as long as they have not.
    #[serde(default)]
    pub peer_limit: Option<Amount>,
    /// In which dialect broadcasts to it are written: `cited` or `deployed`.
    #[serde(default)]
    pub dialect: Dialect,
    /// How the peering stands.
    pub state: PeerState,
    /// Why, in one sentence with the cure.
    pub reason: String,
    /// The code of the reason, such as `RPC_401`; none where all is well.
    #[serde(default)]
    pub code: Option<String>,
    /// The key that its host publishes now, if that is another one than the peering was made with: an alarm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_key: Option<KeyView>,
    /// When the other last called, or answered a call.
    #[serde(default, with = "iso::option")]
    pub last_heard: Option<Timestamp>,
    /// What tells one token from another without showing it: 12 characters of its SHA-256.
    #[serde(default)]
    pub token_fingerprint: String,
}

/// Another key than a peering was made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    /// The key, as base64url.
    pub key: String,
    /// When it was first seen.
    #[serde(with = "iso")]
    pub since: Timestamp,
}

/// `GET /peers`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeersView {
    /// In the order of their prefixes.
    pub peers: Vec<PeerView>,
}

/// `POST /peers/{prefix}/check`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckView {
    /// Whether every step was fine.
    pub ok: bool,
    /// The steps, in the order in which they were taken.
    pub steps: Vec<CheckStep>,
}

/// One step of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckStep {
    /// Such as `record`, `auth`, `their limit`, `first broadcast`.
    pub name: String,
    /// Whether it was fine.
    pub ok: bool,
    /// Which fault, such as `RPC_401`.
    #[serde(default)]
    pub code: Option<String>,
    /// What was found.
    pub message: String,
    /// What to do about it.
    #[serde(default)]
    pub hint: Option<String>,
}

/// `GET /derive`: what a peering with a host would come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DerivedView {
    /// The ledger between the two.
    pub prefix: LedgerPrefix,
    /// Our account on it.
    pub account: IlpAddress,
    /// Theirs.
    pub peer_account: IlpAddress,
    /// Its currency.
    pub currency: CurrencyCode,
    /// Its scale.
    pub scale: Scale,
    /// Where they take calls.
    pub rpc_uri: String,
    /// What they say that they speak.
    pub protocol_version: String,
    /// What may be shown of the token.
    pub token_fingerprint: String,
    /// Our public key.
    pub public_key: String,
    /// Theirs.
    pub peer_key: String,
    /// The twelve words of both keys ([`crate::peering::CheckWords`]).
    pub check_words: String,
}

/// `POST /peers/{prefix}/mismatch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MismatchView {
    /// The terms under which the other knows us; none where none were found.
    #[serde(default)]
    pub found: Option<Terms>,
    /// How many terms were tried.
    pub tried: usize,
    /// `RPC_MISMATCH` where these are not ours, or why none were found; none where all is well.
    #[serde(default)]
    pub code: Option<String>,
    /// What was found, and what to do about it.
    pub message: String,
}

/// What names a ledger between two connectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Its prefix.
    pub prefix: LedgerPrefix,
    /// Its currency.
    pub currency: CurrencyCode,
    /// Its scale.
    pub scale: Scale,
}

/// `GET /routes`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutesView {
    /// In the order of source ledger, then target prefix.
    pub routes: Vec<RouteView>,
}

/// All ways from one ledger to one target prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteView {
    /// Where the money comes in.
    pub source_ledger: LedgerPrefix,
    /// Where it ends.
    pub destination_ledger: IlpAddress,
    /// Addresses under this take these routes; empty: all addresses.
    pub target_prefix: String,
    /// Every next hop known, the incumbent first.
    pub candidates: Vec<CandidateView>,
    /// What the best of them carry together; none where no curve is known.
    #[serde(default)]
    pub merged: Option<MergedView>,
    /// Who wins which section, and why, in one sentence.
    #[serde(default)]
    pub sentence: String,
}

/// One next hop for a destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateView {
    /// The account that gets the next transfer.
    pub next_hop: IlpAddress,
    /// The ledger of that transfer.
    pub next_ledger: LedgerPrefix,
    /// Alternative lists of the ledgers between next ledger and destination.
    pub paths: Vec<Vec<IlpAddress>>,
    /// Ledgers on the longest of them, both ends counted.
    pub hops: u32,
    /// Its curve; none: a quote must be asked.
    #[serde(default)]
    pub points: Option<Points>,
    /// How much longer the source transfer must live than the destination's.
    pub min_message_window: Seconds,
    /// When it is forgotten unless heard again; none: never.
    #[serde(default, with = "iso::option")]
    pub expires_at: Option<Timestamp>,
    /// Whether it wins a section of the merged curve.
    pub wins: bool,
    /// Set if it is too good to be true: by how much it pays more than our rates and all other routes
    /// explain, and what it attracts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub too_good: Option<TooGoodView>,
}

/// Why a route is too good to be true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TooGoodView {
    /// By how much it delivers more than anything else that leads there, in hundredths of a percent.
    pub basis_points: u64,
    /// The source amount at which it does.
    pub at: Amount,
    /// The part of all amounts for which it wins, in hundredths of a percent.
    pub attracts: u64,
    /// All of it in a sentence.
    pub sentence: String,
}

/// The merged curve of the candidates, and who wins where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedView {
    /// The curve.
    pub points: Points,
    /// The sections, from the smallest source amount to the largest.
    pub segments: Vec<SegmentView>,
}

/// One section of a merged curve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentView {
    /// From this source amount…
    pub from: Amount,
    /// …to this one.
    pub to: Amount,
    /// The winner here.
    pub next_hop: IlpAddress,
}

/// `GET /routes/why`: who carries a payment, and why nobody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyView {
    /// The next hop; none where nobody can carry it.
    #[serde(default)]
    pub winner: Option<IlpAddress>,
    /// What goes in; none where it is not known without a quote.
    #[serde(default)]
    pub source_amount: Option<Amount>,
    /// What comes out; none where it is not known without a quote.
    #[serde(default)]
    pub destination_amount: Option<Amount>,
    /// One sentence that says why.
    pub sentence: String,
    /// Every other candidate, with the test it lost and by how much.
    pub rejected: Vec<RejectedView>,
}

/// A candidate that lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedView {
    /// Who.
    pub next_hop: IlpAddress,
    /// Which test it lost, and by how much.
    pub reason: String,
}

/// `GET /routes/refused`: what was told and not taken. The oldest give way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedView {
    /// Single routes, the newest last.
    pub refused: Vec<RefusedRouteView>,
    /// Whole broadcasts that break the schema, the newest last.
    #[serde(default)]
    pub broadcasts: Vec<RefusedBroadcastView>,
}

/// A route that was heard and not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRouteView {
    /// The ledger of the peer that told it.
    pub peer: LedgerPrefix,
    /// Its place in the broadcast, from 0.
    #[serde(default)]
    pub index: u64,
    /// The route's destination, as it was told.
    pub destination_ledger: String,
    /// A code for the reason.
    pub code: String,
    /// The reason in words.
    pub reason: String,
    /// When it was heard.
    #[serde(with = "iso")]
    pub time: Timestamp,
}

/// A broadcast that was refused as a whole: nothing of it counts, and what was there before stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedBroadcastView {
    /// The ledger of the peer that sent it.
    pub peer: LedgerPrefix,
    /// Where its first fault is, as in `new_routes[3].points`.
    pub path: String,
    /// What is wrong there.
    pub message: String,
    /// The cure.
    pub hint: String,
    /// How many faults were found.
    pub faults: u64,
    /// When it came.
    #[serde(with = "iso")]
    pub time: Timestamp,
}

/// `GET /inbox`: who called without being a peer. The oldest give way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxView {
    /// The newest last.
    pub callers: Vec<CallerView>,
}

/// Calls for one prefix that no peering of ours has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerView {
    /// The prefix they named. It may be anything, shortened to 128 characters.
    pub prefix: String,
    /// The method they called last, shortened likewise.
    pub method: String,
    /// Which refusal they got: `RPC_401` or `RPC_403`.
    pub code: String,
    /// How many calls came.
    pub times: u64,
    /// The first of them.
    #[serde(with = "iso")]
    pub first: Timestamp,
    /// The latest.
    #[serde(with = "iso")]
    pub last: Timestamp,
}

/// `GET /snapshot`: everything the visualizer needs, and no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotView {
    /// The version of this shape: 1.
    pub version: u32,
    /// When it was taken.
    #[serde(with = "iso")]
    pub time: Timestamp,
    /// Whose it is.
    pub identity: Identity,
    /// Its peers.
    pub peers: Vec<PeerView>,
    /// Its routes.
    pub routes: Vec<RouteView>,
    /// What it refused lately.
    #[serde(default)]
    pub refused: RefusedView,
    /// Who called without being a peer.
    #[serde(default)]
    pub inbox: Vec<CallerView>,
}

impl SnapshotView {
    /// The version that this code writes.
    pub const VERSION: u32 = 1;
}

/// The body of every error answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// A stable code, such as `RPC_401` or `LIMIT_DECIMALS`.
    pub id: String,
    /// What is wrong, for people.
    pub message: String,
    /// Where, as in `new_routes[3].points`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

#[cfg(test)]
mod tests;
