//! `broadcast_routes`: what a connector tells its peer about the destinations behind it.

use std::fmt::{self, Write as _};

use super::{Call, Envelope, Parties};
use crate::address::{AddressError, IlpAddress};
use crate::amount::MAX_SAFE_2017;
use crate::curve::{Curve, CurveError};
use crate::schema::{Dialect, Document, Violation};
use crate::timestamp::Millis;

mod heard;

pub use heard::{HeardRecord, HeardUpdate, Shared};

/// The method's name in `custom` or `data`.
pub const BROADCAST_ROUTES: &str = "broadcast_routes";

/// A routing update as it stands on the wire (spec, Route broadcasts).
///
/// ```
/// use c2c::message::RoutingUpdate;
/// use c2c::schema::Dialect;
/// let json = br#"{"new_routes": [{
///     "source_ledger": "peer.OR5Df.usd.9.", "destination_ledger": "example.blue.",
///     "points": "AAAAAAEAAAAAAAAAAAAAAAAAAAABypo7AAAAAIBFfDs=", "min_message_window": 1,
///     "paths": [[]], "source_account": "peer.OR5Df.usd.9.bob"}],
///   "hold_down_time": 45000, "unreachable_through_me": []}"#;
/// let update = RoutingUpdate::read(json, Dialect::V21).map_err(|faults| faults[0].clone())?;
/// let route = &update.new_routes[0];
/// assert_eq!(route.min_message_window.0, 1000);
/// let curve = route.points.clone().expect("a curve")?;
/// assert_eq!(curve.amount_at(1_000_000_001), 998_000_000);
/// let again = RoutingUpdate::read(update.write(Dialect::V17).as_bytes(), Dialect::V17);
/// assert_eq!(again.map_err(|faults| faults[0].clone())?.new_routes[0].points, route.points);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoutingUpdate {
    /// Routes that are new, or replace earlier ones.
    pub new_routes: Vec<RouteRecord>,
    /// How long the sender's routes stay good without another update.
    pub hold_down_time: Millis,
    /// Destinations that can no longer be reached through the sender.
    pub unreachable_through_me: Vec<IlpAddress>,
    /// The sender wants to be told everything once more.
    pub request_full_table: bool,
    /// Routes that pass the schema and that we cannot use. Each is skipped; the others count.
    pub unusable: Vec<UnusableRoute>,
}

/// One route of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteRecord {
    /// The ledger on which the sender takes the money: the ledger between the two peers.
    pub source_ledger: IlpAddress,
    /// The destination prefix.
    pub destination_ledger: IlpAddress,
    /// The curve. None: quotes must be asked remotely. An error: this route is to be skipped.
    pub points: Option<Points>,
    /// By how much the incoming transfer must outlast the outgoing one, summed over the hops; rounded up
    /// from the seconds on the wire.
    pub min_message_window: Millis,
    /// The sender's account on the source ledger.
    pub source_account: IlpAddress,
    /// Alternative lists of the ledgers between; empty where none were told, which means the direct one.
    pub paths: Vec<Vec<IlpAddress>>,
}

/// A curve as it came in, or why it is none.
pub type Points = Result<Curve, PointsError>;

/// Why points that pass the schema are no curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointsError {
    /// They do not decode, or are out of order.
    Curve(CurveError),
    /// A coordinate above 2^64 − 1. (ilp-routing lets it wrap around.)
    Beyond64Bits {
        /// Which point, counted from 0.
        index: usize,
        /// `x` or `y`.
        coordinate: char,
        /// The number, shortened.
        value: String,
    },
}

/// A route that passes the schema, with an address in it that we cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableRoute {
    /// Which one of the document's routes, counted from 0.
    pub index: usize,
    /// The member at fault.
    pub member: &'static str,
    /// What is wrong with it. The schemas of 2017 allow addresses of any length and, in paths, any text.
    pub error: AddressError,
}

impl RoutingUpdate {
    /// An update without routes: "all that I told still holds".
    pub fn heartbeat(hold_down_time: Millis) -> Self {
        Self {
            hold_down_time,
            ..Self::default()
        }
    }

    /// Reads an update and checks it against the schema of `dialect`. A fault anywhere refuses the whole
    /// document; the list has at most [`MAX_VIOLATIONS`](crate::schema::MAX_VIOLATIONS) of them.
    pub fn read(bytes: &[u8], dialect: Dialect) -> Result<Self, Vec<Violation>> {
        Self::read_document(Document::whole(bytes), dialect)
    }

    /// The same for an update within a longer document, such as an RPC body: positions count in that.
    pub fn read_document(document: Document<'_>, dialect: Dialect) -> Result<Self, Vec<Violation>> {
        HeardUpdate::read_strictly(document, dialect).map(Self::from)
    }

    /// Writes the update in `dialect`. A route whose points are an error is left out.
    ///
    /// Dialect 17 has no paths, no request for the full table and no route without a curve: they are
    /// left out. Its points are numbers, which readers of 2017 hold exactly up to 2^53 − 1: a curve is
    /// cut off there.
    pub fn write(&self, dialect: Dialect) -> String {
        let mut out = String::with_capacity(128 + 400 * self.new_routes.len());
        out.push_str("{\"new_routes\":[");
        let mut first = true;
        for route in &self.new_routes {
            let Some(points) = route.points_text(dialect) else {
                continue;
            };
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            route.write(&mut out, &points, dialect);
        }
        // Writing to a String cannot fail.
        let _ = write!(out, "],\"hold_down_time\":{}", self.hold_down_time.0.max(1));
        out.push_str(",\"unreachable_through_me\":");
        write_addresses(&mut out, &self.unreachable_through_me);
        if self.request_full_table && dialect == Dialect::V21 {
            out.push_str(",\"request_full_table\":true");
        }
        out.push('}');
        out
    }

    /// Writes the update in its envelope, where `dialect` puts it.
    pub fn write_message(&self, dialect: Dialect, parties: Parties<'_>) -> String {
        let update = self.write(dialect);
        let call = Call::new(BROADCAST_ROUTES, Document::whole(update.as_bytes()));
        Envelope::new(parties).with_call(dialect, call).write()
    }
}

impl RouteRecord {
    /// The member `points` with what follows it, empty where there is none; nothing where the route
    /// cannot be written.
    fn points_text(&self, dialect: Dialect) -> Option<String> {
        match (dialect, &self.points) {
            (_, Some(Err(_))) | (Dialect::V17, None) => None,
            (Dialect::V21, None) => Some(String::new()),
            (Dialect::V21, Some(Ok(curve))) => {
                Some(format!("\"points\":\"{}\",", curve.to_base64()))
            }
            (Dialect::V17, Some(Ok(curve))) => {
                let curve = curve.cut_at(MAX_SAFE_2017)?;
                let pairs: Vec<String> = curve
                    .points()
                    .iter()
                    .map(|point| format!("[{},{}]", point.x, point.y))
                    .collect();
                Some(format!("\"points\":[{}],", pairs.join(",")))
            }
        }
    }

    fn write(&self, out: &mut String, points: &str, dialect: Dialect) {
        // An address has no character that JSON escapes, and writing to a String cannot fail.
        let _ = write!(
            out,
            "{{\"source_ledger\":\"{}\",\"destination_ledger\":\"{}\",{points}\"min_message_window\":{}",
            self.source_ledger,
            self.destination_ledger,
            Seconds(self.min_message_window),
        );
        // No paths at all is not what `[]` says to ilp-routing: it takes `[[]]` for an absent member only,
        // and whatever it joins to a route with `[]` has `[]` again.
        if dialect == Dialect::V21 && !self.paths.is_empty() {
            out.push_str(",\"paths\":[");
            for (index, path) in self.paths.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_addresses(out, path);
            }
            out.push(']');
        }
        let _ = write!(out, ",\"source_account\":\"{}\"}}", self.source_account);
    }
}

impl From<CurveError> for PointsError {
    fn from(error: CurveError) -> Self {
        Self::Curve(error)
    }
}

impl fmt::Display for PointsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Curve(error) => error.fmt(f),
            Self::Beyond64Bits {
                index,
                coordinate,
                value,
            } => write!(
                f,
                "point {index}: {coordinate} is {value}, above 2^64 − 1. Base units fit into 64 bits: write less."
            ),
        }
    }
}

impl std::error::Error for PointsError {}

impl fmt::Display for UnusableRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "new_routes[{}].{}: {}",
            self.index, self.member, self.error
        )
    }
}

impl std::error::Error for UnusableRoute {}

/// A whole number of milliseconds, written in seconds.
struct Seconds(Millis);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, rest) = (self.0.0 / 1000, self.0.0 % 1000);
        if rest == 0 {
            return write!(f, "{seconds}");
        }
        let decimals = format!("{rest:03}");
        write!(f, "{seconds}.{}", decimals.trim_end_matches('0'))
    }
}

fn write_addresses(out: &mut String, addresses: &[IlpAddress]) {
    out.push('[');
    for (index, address) in addresses.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let _ = write!(out, "\"{address}\"");
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(route: &str) -> String {
        format!(
            r#"{{"new_routes":[{{"source_ledger":"peer.a.","destination_ledger":"g.b.","min_message_window":0.25,"source_account":"peer.a.x"{route}}}],"hold_down_time":1,"unreachable_through_me":[]}}"#
        )
    }

    fn route(members: &str, dialect: Dialect) -> RouteRecord {
        let mut read = RoutingUpdate::read(update(members).as_bytes(), dialect).unwrap();
        assert!(read.unusable.is_empty());
        read.new_routes.remove(0)
    }

    #[test]
    fn a_bad_curve_stays_with_its_route() {
        let of = |members: &str, dialect| route(members, dialect).points;
        assert_eq!(of("", Dialect::V21), None);
        assert_eq!(of(r#","points":"""#, Dialect::V21), None);
        assert_eq!(
            of(r#","points":"AAAA""#, Dialect::V21),
            Some(Err(PointsError::Curve(CurveError::Length { bytes: 3 })))
        );
        assert!(matches!(
            of(r#","points":[[5,5],[4,6]]"#, Dialect::V17),
            Some(Err(PointsError::Curve(CurveError::NotRising {
                index: 1,
                ..
            })))
        ));
        assert_eq!(
            of(r#","points":[[0,0],[1,1e300]]"#, Dialect::V17),
            Some(Err(PointsError::Beyond64Bits {
                index: 1,
                coordinate: 'y',
                value: "1e300".to_owned()
            }))
        );
    }

    #[test]
    fn curves_come_exact_in_both_dialects() {
        let pairs = route(r#","points":[[0,0],[10.0,2.65e2]]"#, Dialect::V17);
        let expected = Curve::from_points([(0, 0), (10, 265)]).unwrap();
        assert_eq!(pairs.points, Some(Ok(expected.clone())));
        let halves = route(r#","points":[[0,0],[9.5,265.5]]"#, Dialect::V17);
        assert_eq!(halves.points, pairs.points, "x up, y down");
        let text =
            r#","points":"AAAAAAAAAAAA\nAAAAAAAAAAAAAAAKAAAAAAAAAAkBAAA=","paths":[["g.c."],[]]"#;
        let base64 = route(text, Dialect::V21);
        assert_eq!(base64.points, Some(Ok(expected)));
        assert_eq!(
            base64.paths,
            [vec![IlpAddress::new("g.c.").unwrap()], vec![]]
        );
        assert_eq!(base64.min_message_window, Millis(250));
    }

    #[test]
    fn a_route_that_we_cannot_hold_is_skipped_alone() {
        let long = "a".repeat(2000);
        for (members, member) in [
            (r#","paths":[["anything at all"]]"#.to_owned(), "paths"),
            (
                format!(r#","destination_ledger":"{long}""#),
                "destination_ledger",
            ),
        ] {
            let good = r#"{"source_ledger":"peer.a.","destination_ledger":"g.","min_message_window":1,"source_account":"peer.a.x","paths":[]}"#;
            let text = update(&members).replace("}],", &format!("}},{good}],"));
            let read = RoutingUpdate::read(text.as_bytes(), Dialect::V21).unwrap();
            assert_eq!(read.new_routes.len(), 1);
            assert_eq!(
                (read.unusable[0].index, read.unusable[0].member),
                (0, member)
            );
        }
        let lost = format!(
            r#"{{"new_routes":[],"hold_down_time":1,"unreachable_through_me":["{long}","g.a."]}}"#
        );
        let read = RoutingUpdate::read(lost.as_bytes(), Dialect::V21).unwrap();
        assert_eq!(read.unreachable_through_me.len(), 1);
    }

    #[test]
    fn paths_that_were_not_told_are_not_written() {
        let mut update = RoutingUpdate::heartbeat(Millis(1));
        update.new_routes.push(route("", Dialect::V21));
        assert!(!update.write(Dialect::V21).contains("paths"));
        update.new_routes[0].paths = vec![vec![]];
        assert!(update.write(Dialect::V21).contains(r#""paths":[[]],"#));
    }

    #[test]
    fn a_repeated_member_leaves_nothing_of_the_first() {
        let text = update(r#","points":[[9,9]],"points":[[1,1],[2,2]]"#);
        let read = RoutingUpdate::read(text.as_bytes(), Dialect::V17).unwrap();
        let expected = Curve::from_points([(1, 1), (2, 2)]).unwrap();
        assert_eq!(read.new_routes.len(), 1);
        assert_eq!(read.new_routes[0].points, Some(Ok(expected)));
    }

    #[test]
    fn the_older_dialect_gets_what_it_can_take() {
        let mut update = RoutingUpdate::heartbeat(Millis(45_000));
        update.request_full_table = true;
        let mut record = route("", Dialect::V21);
        update.new_routes.push(record.clone());
        let beyond = Curve::from_points([(0, 0), (u64::MAX, u64::MAX)]).unwrap();
        record.points = Some(Ok(beyond));
        update.new_routes.push(record);
        let text = update.write(Dialect::V17);
        let read = RoutingUpdate::read(text.as_bytes(), Dialect::V17).unwrap();
        assert_eq!(read.new_routes.len(), 1, "{text}");
        assert!(
            text.contains("[[0,0],[9007199254740991,9007199254740991]]"),
            "{text}"
        );
        assert!(!text.contains("request_full_table") && !text.contains("paths"));
        assert!(
            update
                .write(Dialect::V21)
                .ends_with(r#""request_full_table":true}"#)
        );
    }
}
