//! An update as it stands in the bytes that came: checked, and nothing of it copied.

use std::collections::BTreeSet;

use super::{Points, PointsError, RouteRecord, RoutingUpdate, UnusableRoute};
use crate::address::{AddressError, IlpAddress};
use crate::curve::Curve;
use crate::schema::{
    Dialect, Document, Number, PointsText, RouteText, Text, Violation, Visit, scan, scan_heard,
};
use crate::timestamp::Millis;

/// A routing update that passed the schema, its routes still as text. Whoever takes it in route by
/// route makes addresses and curves of what is new only.
///
/// ```
/// use c2c::message::HeardUpdate;
/// use c2c::schema::{Dialect, Document};
/// let json = br#"{"new_routes": [], "hold_down_time": 45000, "unreachable_through_me": ["g.x."]}"#;
/// let update = HeardUpdate::read(Document::whole(json), Dialect::V21).map_err(|faults| faults[0].clone())?;
/// assert_eq!(update.unreachable_through_me[0].as_str(), "g.x.");
/// # Ok::<(), c2c::schema::Violation>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct HeardUpdate<'a> {
    /// How long the sender's routes stay good without another update.
    pub hold_down_time: Millis,
    /// Destinations that can no longer be reached through the sender.
    pub unreachable_through_me: Vec<IlpAddress>,
    /// The sender wants to be told everything once more.
    pub request_full_table: bool,
    routes: Vec<Stretch<'a>>,
    pairs: Vec<(Number<'a>, Number<'a>)>,
    ledgers: Vec<Text<'a>>,
    /// Where each path ends among the ledgers.
    paths: Vec<usize>,
}

/// A route, and where its pairs and its paths end; they begin where those of the route before end.
#[derive(Clone, Copy, Debug)]
struct Stretch<'a> {
    text: RouteText<'a>,
    pairs: usize,
    paths: usize,
}

/// One route of an update, as text.
#[derive(Clone, Copy, Debug)]
pub struct HeardRecord<'u, 'a> {
    update: &'u HeardUpdate<'a>,
    index: usize,
}

/// Addresses that the routes of an update share.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    source_ledger: Option<IlpAddress>,
    source_account: Option<IlpAddress>,
    /// The ledgers on paths: the routes of an update lead over few, again and again.
    passed: BTreeSet<IlpAddress>,
}

impl<'a> HeardUpdate<'a> {
    /// Checks an update of a peer against the schema of `dialect`. It may have `paths` in either: without
    /// that, nothing of an ilp-kit 2 could be heard. (Its ilp-connector 18 lies between the two dialects.)
    pub fn read(document: Document<'a>, dialect: Dialect) -> Result<Self, Vec<Violation>> {
        let mut update = Self::default();
        scan_heard(document, dialect, &mut update)?;
        Ok(update)
    }

    /// Checks an update against the schema of `dialect` to the letter.
    pub fn read_strictly(document: Document<'a>, dialect: Dialect) -> Result<Self, Vec<Violation>> {
        let mut update = Self::default();
        scan(document, dialect, &mut update)?;
        Ok(update)
    }

    /// Its routes, in order.
    pub fn routes(&self) -> impl ExactSizeIterator<Item = HeardRecord<'_, 'a>> {
        (0..self.routes.len()).map(|index| HeardRecord {
            update: self,
            index,
        })
    }
}

impl From<HeardUpdate<'_>> for RoutingUpdate {
    fn from(heard: HeardUpdate<'_>) -> Self {
        let mut shared = Shared::default();
        let mut update = Self {
            new_routes: Vec::with_capacity(heard.routes.len()),
            hold_down_time: heard.hold_down_time,
            request_full_table: heard.request_full_table,
            ..Self::default()
        };
        for (index, route) in heard.routes().enumerate() {
            match route.record(&mut shared) {
                Ok(record) => update.new_routes.push(record),
                Err((member, error)) => update.unusable.push(UnusableRoute {
                    index,
                    member,
                    error,
                }),
            }
        }
        update.unreachable_through_me = heard.unreachable_through_me;
        update
    }
}

impl<'a> HeardRecord<'_, 'a> {
    /// Its addresses and numbers as they stand in the document.
    pub fn text(&self) -> RouteText<'a> {
        self.update.routes[self.index].text
    }

    /// Whether its curve is `curve`, written the usual way. No is no proof that it is another one.
    pub fn has_curve(&self, curve: Option<&Curve>) -> bool {
        match (self.text().points, curve) {
            (PointsText::Absent, None) => true,
            (PointsText::Base64(text), Some(curve)) => curve.is_base64(text.raw()),
            (PointsText::Base64(text), None) => text.raw().is_empty(),
            _ => false,
        }
    }

    /// Whether its paths are the `known` ones, in this order; none at all stand for the direct one.
    pub fn has_paths<'p>(&self, mut known: impl Iterator<Item = &'p [IlpAddress]>) -> bool {
        let mut own = self.paths();
        if own.len() == 0 {
            return known.next().is_some_and(<[_]>::is_empty) && known.next().is_none();
        }
        let is = |path: &[Text<'_>], known: &[IlpAddress]| {
            let mut ledgers = path.iter().zip(known);
            path.len() == known.len() && ledgers.all(|(a, b)| a.is(b.as_str()))
        };
        own.all(|path| known.next().is_some_and(|known| is(path, known))) && known.next().is_none()
    }

    /// The route with its addresses and its curve made; an error names the member that we cannot hold.
    pub fn record(&self, shared: &mut Shared) -> Result<RouteRecord, (&'static str, AddressError)> {
        let text = self.text();
        let paths = self.made_paths(shared).map_err(|error| ("paths", error))?;
        let destination_ledger = IlpAddress::new(&text.destination_ledger.decode())
            .map_err(|error| ("destination_ledger", error))?;
        Ok(RouteRecord {
            source_ledger: same_or_new(&mut shared.source_ledger, text.source_ledger)
                .map_err(|error| ("source_ledger", error))?,
            destination_ledger,
            points: self.points(),
            min_message_window: Millis(text.min_message_window),
            source_account: same_or_new(&mut shared.source_account, text.source_account)
                .map_err(|error| ("source_account", error))?,
            paths,
        })
    }

    fn points(&self) -> Option<Points> {
        match self.text().points {
            PointsText::Absent => None,
            PointsText::Base64(text) if text.raw().is_empty() => None,
            PointsText::Base64(text) => Some(decode_curve(text)),
            PointsText::Pairs => {
                let from = self.before(|route| route.pairs);
                let to = self.update.routes[self.index].pairs;
                Some(curve_of(&self.update.pairs[from..to]))
            }
        }
    }

    fn paths(&self) -> impl ExactSizeIterator<Item = &[Text<'a>]> {
        let from = self.before(|route| route.paths);
        let to = self.update.routes[self.index].paths;
        let ends = &self.update.paths;
        (from..to).map(move |path| {
            let begins = path.checked_sub(1).map_or(0, |before| ends[before]);
            &self.update.ledgers[begins..ends[path]]
        })
    }

    fn made_paths(&self, shared: &mut Shared) -> Result<Vec<Vec<IlpAddress>>, AddressError> {
        let mut made = |ledger: &Text<'_>| {
            let text = ledger.decode();
            if let Some(known) = shared.passed.get(&*text) {
                return Ok(known.clone());
            }
            let address = IlpAddress::new(&text)?;
            shared.passed.insert(address.clone());
            Ok(address)
        };
        self.paths()
            .map(|path| path.iter().map(&mut made).collect())
            .collect()
    }

    /// Where something of the route before ends.
    fn before(&self, end: impl Fn(&Stretch<'a>) -> usize) -> usize {
        let before = self.index.checked_sub(1);
        before.map_or(0, |before| end(&self.update.routes[before]))
    }
}

impl<'a> Visit<'a> for HeardUpdate<'a> {
    fn restart(&mut self) {
        *self = Self::default();
    }

    fn hold_down_time(&mut self, ms: u64) {
        self.hold_down_time = Millis(ms);
    }

    fn request_full_table(&mut self, asked: bool) {
        self.request_full_table = asked;
    }

    fn unreachable(&mut self, destination: Text<'a>) {
        // What is too long to be an address has never been in our tables.
        if let Ok(destination) = IlpAddress::new(&destination.decode()) {
            self.unreachable_through_me.push(destination);
        }
    }

    fn pair(&mut self, x: Number<'a>, y: Number<'a>) {
        self.pairs.push((x, y));
    }

    fn path(&mut self) {
        self.paths.push(self.ledgers.len());
    }

    fn path_item(&mut self, ledger: Text<'a>) {
        self.ledgers.push(ledger);
        if let Some(end) = self.paths.last_mut() {
            *end = self.ledgers.len();
        }
    }

    fn route(&mut self, text: RouteText<'a>) {
        self.routes.push(Stretch {
            text,
            pairs: self.pairs.len(),
            paths: self.paths.len(),
        });
    }
}

/// The address in `last` if it is the same, else a new one, which is kept there.
fn same_or_new(last: &mut Option<IlpAddress>, text: Text<'_>) -> Result<IlpAddress, AddressError> {
    if let Some(last) = last.as_ref().filter(|last| text.is(last.as_str())) {
        return Ok(last.clone());
    }
    let address = IlpAddress::new(&text.decode())?;
    *last = Some(address.clone());
    Ok(address)
}

/// Reads base64 that passed the schema, which allows line feeds between groups.
fn decode_curve(text: Text<'_>) -> Points {
    // A line feed cannot stand there but as an escape.
    if let Some(plain) = text.plain_bytes() {
        return Ok(Curve::from_base64_bytes(plain)?);
    }
    let text = text.decode();
    let curve = if text.contains('\n') {
        Curve::from_base64(&text.replace('\n', ""))
    } else {
        Curve::from_base64(&text)
    };
    Ok(curve?)
}

/// The curve through these points. A fraction is rounded up in what goes in and down in what comes out.
///
/// DIFFERENCE: ilp-routing 7 calculates with the fractions, and 10.1.0 rounds both down. An x rounded down
/// promises more than the peer does.
fn curve_of(pairs: &[(Number<'_>, Number<'_>)]) -> Points {
    let mut points = Vec::with_capacity(pairs.len());
    for (index, (x, y)) in pairs.iter().enumerate() {
        let coordinate = |coordinate, number: &Number<'_>| {
            let exact = number.exact();
            let units = match coordinate {
                'x' if !exact.whole => exact.units.checked_add(1),
                _ => Some(exact.units),
            };
            if let Some(units) = units.filter(|_| !exact.over) {
                return Ok(units);
            }
            let value = String::from_utf8_lossy(number.raw());
            Err(PointsError::Beyond64Bits {
                index,
                coordinate,
                value: value.chars().take(40).collect(),
            })
        };
        points.push((coordinate('x', x)?, coordinate('y', y)?));
    }
    Ok(Curve::from_points(points)?)
}
