//! The pass over a routing update: checks and hands out, in both dialects.
//!
//! A member that stands twice counts once, as the last one, as in `JSON.parse`. That is only known at
//! the second one; so the pass notes where the first one began and goes over the document once more,
//! leaving it out.

use std::collections::BinaryHeap;
use std::fmt;

use super::{
    Code, Dialect, Document, Fault, Found, Kind, MAX_VIOLATIONS, Number, Reader, Text, Violation,
    base64_hint, locate, shorten, unknown_hint,
};

/// What takes the parts of an update while it is read. Nothing handed out counts unless [`scan`] ends
/// well. `()` takes nothing: that is validation alone.
pub trait Visit<'a> {
    /// Whether it takes anything at all.
    fn listens(&self) -> bool {
        true
    }
    /// All that was handed out is void; the document is read once more.
    fn restart(&mut self) {}
    /// The hold-down time in milliseconds, 1 or more; 2^64 − 1 stands for everything above.
    fn hold_down_time(&mut self, _ms: u64) {}
    /// Whether the full table is asked for.
    fn request_full_table(&mut self, _asked: bool) {}
    /// One destination that was lost: address characters, of any length.
    fn unreachable(&mut self, _destination: Text<'a>) {}
    /// The next pair of the current route's points, neither below 0 (dialect 17).
    fn pair(&mut self, _x: Number<'a>, _y: Number<'a>) {}
    /// The current route has another path.
    fn path(&mut self) {}
    /// The next ledger of that path: any text.
    fn path_item(&mut self, _ledger: Text<'a>) {}
    /// The current route is complete.
    fn route(&mut self, _route: RouteText<'a>) {}
}

impl Visit<'_> for () {
    fn listens(&self) -> bool {
        false
    }
}

/// The members of a route as they were read. The three addresses have address characters only; they
/// may be of any length.
#[derive(Clone, Copy, Debug)]
pub struct RouteText<'a> {
    /// The ledger on which the sender takes the money.
    pub source_ledger: Text<'a>,
    /// Where the route leads.
    pub destination_ledger: Text<'a>,
    /// The sender's account on the source ledger.
    pub source_account: Text<'a>,
    /// Milliseconds, rounded up.
    pub min_message_window: u64,
    /// The curve, if there is one.
    pub points: PointsText<'a>,
}

/// The points of a route as they were read.
#[derive(Clone, Copy, Debug)]
pub enum PointsText<'a> {
    /// There are none.
    Absent,
    /// As base64 (dialect 21).
    Base64(Text<'a>),
    /// As the pairs that were handed out before (dialect 17).
    Pairs,
}

/// Reads an update, checks it against the schema of `dialect` and hands its parts to `visitor`.
///
/// The faults are in the order of the document, at most [`MAX_VIOLATIONS`]. Bytes that are not JSON give
/// one fault.
pub fn scan<'a, V: Visit<'a>>(
    document: Document<'a>,
    dialect: Dialect,
    visitor: &mut V,
) -> Result<(), Vec<Violation>> {
    scan_as(document, dialect, false, visitor)
}

/// The same for what a peer sends, which may have `paths` in either dialect: ilp-connector 18, which
/// ilp-kit 2 ran, put them into the dialect as cited.
pub fn scan_heard<'a, V: Visit<'a>>(
    document: Document<'a>,
    dialect: Dialect,
    visitor: &mut V,
) -> Result<(), Vec<Violation>> {
    scan_as(document, dialect, true, visitor)
}

/// One pass for all visitors: what a call takes longer is little beside the second copy of it all.
fn scan_as<'a>(
    document: Document<'a>,
    dialect: Dialect,
    has_paths: bool,
    visitor: &mut dyn Visit<'a>,
) -> Result<(), Vec<Violation>> {
    let mut pass = Pass::new(document, dialect, visitor, &[]);
    pass.has_paths |= has_paths;
    let mut outcome = pass.document();
    let mut found = pass.found;
    if outcome.is_ok() && !pass.superseded.is_empty() {
        // By a heap: rare as it is, it need not be the quickest, and is the smallest.
        let skipped = BinaryHeap::from(pass.superseded).into_sorted_vec();
        visitor.restart();
        let mut again = Pass::new(document, dialect, visitor, &skipped);
        again.has_paths |= has_paths;
        outcome = again.document();
        found = again.found;
    }
    if let Err(fault) = outcome {
        return Err(vec![Violation::of_fault(document.surroundings(), fault)]);
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(locate(document.surroundings(), found))
}

const UPDATE: [&str; 4] = [
    "new_routes",
    "hold_down_time",
    "unreachable_through_me",
    "request_full_table",
];

const ROUTE: [&str; 9] = [
    "source_ledger",
    "destination_ledger",
    "points",
    "min_message_window",
    "paths",
    "source_account",
    "destination_account",
    "destination_precision",
    "destination_scale",
];

/// What the members of a route are, in the order of [`ROUTE`].
const FIELDS: [Field; ROUTE.len()] = [
    Field::SourceLedger,
    Field::DestinationLedger,
    Field::Points,
    Field::Window,
    Field::Paths,
    Field::SourceAccount,
    Field::OtherAddress,
    Field::OtherNumber,
    Field::OtherNumber,
];

#[derive(Clone, Copy)]
enum Field {
    SourceLedger,
    DestinationLedger,
    Points,
    Window,
    Paths,
    SourceAccount,
    OtherAddress,
    OtherNumber,
}

struct Pass<'a, 'v> {
    reader: Reader<'a>,
    dialect: Dialect,
    /// Whether routes may have `paths`.
    has_paths: bool,
    /// The members of the route before, in their order: nearly always the next route has the same.
    before: [usize; ROUTE.len()],
    /// The source ledger and the source account of the route before, which are nearly always the same
    /// again, and need no second look.
    source_before: [Option<Text<'a>>; 2],
    visitor: &'v mut dyn Visit<'a>,
    /// Whether the visitor takes anything.
    listens: bool,
    found: Vec<Found>,
    /// Where values begin that a later member of the same name replaces.
    superseded: Vec<usize>,
    /// The same from the pass before, sorted.
    skipped: &'v [usize],
}

/// A place in an update.
#[derive(Clone, Copy)]
enum Place {
    Document,
    Member(&'static str),
    Unreachable(usize),
    Route(usize),
    Field(usize, &'static str),
    Pair(usize, usize),
    Coordinate(usize, usize, usize),
    Path(usize, usize),
    PathItem(usize, usize, usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Document => Ok(()),
            Self::Member(name) => f.write_str(name),
            Self::Unreachable(i) => write!(f, "unreachable_through_me[{i}]"),
            Self::Route(i) => write!(f, "new_routes[{i}]"),
            Self::Field(i, name) => write!(f, "new_routes[{i}].{name}"),
            Self::Pair(i, j) => write!(f, "new_routes[{i}].points[{j}]"),
            Self::Coordinate(i, j, k) => write!(f, "new_routes[{i}].points[{j}][{k}]"),
            Self::Path(i, j) => write!(f, "new_routes[{i}].paths[{j}]"),
            Self::PathItem(i, j, k) => write!(f, "new_routes[{i}].paths[{j}][{k}]"),
        }
    }
}

impl Place {
    /// How a message speaks of it.
    fn name(self) -> String {
        match self {
            Self::Document => "A routing update".to_owned(),
            Self::Member(name) | Self::Field(_, name) => name.to_owned(),
            Self::Unreachable(_) => "An unreachable destination".to_owned(),
            Self::Route(_) => "A route".to_owned(),
            Self::Pair(..) => "A point".to_owned(),
            Self::Coordinate(..) => "A coordinate".to_owned(),
            Self::Path(..) => "A path".to_owned(),
            Self::PathItem(..) => "A ledger in a path".to_owned(),
        }
    }
}

impl<'a, 'v> Pass<'a, 'v> {
    fn new(
        document: Document<'a>,
        dialect: Dialect,
        visitor: &'v mut dyn Visit<'a>,
        skipped: &'v [usize],
    ) -> Self {
        Self {
            reader: Reader::of(document),
            dialect,
            has_paths: dialect.has("paths"),
            // A guess, of members that every dialect has.
            before: [0; ROUTE.len()],
            source_before: [None; 2],
            listens: visitor.listens(),
            visitor,
            found: Vec::new(),
            superseded: Vec::new(),
            skipped,
        }
    }

    fn document(&mut self) -> Result<(), Fault> {
        if self.is(Place::Document, Kind::Object)? {
            self.update()?;
        }
        self.reader.finish()
    }

    fn update(&mut self) -> Result<(), Fault> {
        let start = self.reader.at();
        let mut seen = [None; UPDATE.len()];
        self.reader.open()?;
        let mut first = true;
        while let Some(key) = self.reader.key(first)? {
            first = false;
            let known = self.find(&UPDATE, key);
            let Some(member) = self.member(&UPDATE, known, key, Place::Document, &mut seen)? else {
                continue;
            };
            let place = Place::Member(UPDATE[member]);
            match UPDATE[member] {
                "new_routes" => self.new_routes(place)?,
                "hold_down_time" => self.hold_down_time(place)?,
                "unreachable_through_me" => self.unreachable(place)?,
                _ => self.request_full_table(place)?,
            }
        }
        for (name, _) in UPDATE
            .iter()
            .zip(seen)
            .take(3)
            .filter(|(_, at)| at.is_none())
        {
            self.missing(start, Place::Member(name), name);
        }
        Ok(())
    }

    fn hold_down_time(&mut self, place: Place) -> Result<(), Fault> {
        if !self.is(place, Kind::Number)? {
            return Ok(());
        }
        let start = self.reader.at();
        let number = self.reader.number()?;
        let exact = number.exact();
        let (code, wrong) = if exact.negative || exact.units == 0 {
            (Code::Minimum, "must be 1 or more")
        } else if exact.infinite {
            (Code::TooLarge, "is larger than any reader can hold")
        } else if !exact.whole {
            (Code::NotWhole, "must be a whole number")
        } else {
            self.visitor.hold_down_time(exact.units);
            return Ok(());
        };
        self.push(code, start, number.raw(), place, || {
            let message = format!("hold_down_time {wrong}.");
            (
                message,
                "Write whole milliseconds, such as 45000.".to_owned(),
            )
        });
        Ok(())
    }

    fn request_full_table(&mut self, place: Place) -> Result<(), Fault> {
        match self.reader.kind()? {
            kind @ (Kind::True | Kind::False) => {
                self.reader.literal()?;
                self.visitor.request_full_table(kind == Kind::True);
                Ok(())
            }
            kind => self.wrong_type(place, kind, "true or false"),
        }
    }

    fn unreachable(&mut self, place: Place) -> Result<(), Fault> {
        if !self.is(place, Kind::Array)? {
            return Ok(());
        }
        self.reader.open()?;
        let mut index = 0;
        while self.reader.item(index == 0)? {
            if let Some(destination) = self.address(Place::Unreachable(index))? {
                self.visitor.unreachable(destination);
            }
            index += 1;
        }
        Ok(())
    }

    fn new_routes(&mut self, place: Place) -> Result<(), Fault> {
        if !self.is(place, Kind::Array)? {
            return Ok(());
        }
        self.reader.open()?;
        let mut index = 0;
        while self.reader.item(index == 0)? {
            if self.is(Place::Route(index), Kind::Object)? {
                self.route(index)?;
            }
            index += 1;
        }
        Ok(())
    }

    fn route(&mut self, index: usize) -> Result<(), Fault> {
        let start = self.reader.at();
        let mut seen = [None; ROUTE.len()];
        let (mut source_ledger, mut destination_ledger, mut source_account) = (None, None, None);
        let (mut window, mut points) = (None, PointsText::Absent);
        self.reader.open()?;
        let (mut first, mut count) = (true, 0);
        loop {
            let expected = self.before.get(count).copied();
            let as_before = expected.and_then(|member| {
                let key = self.reader.key_if(first, ROUTE[member])?;
                Some((key, Some(member)))
            });
            let (key, known) = match as_before {
                Some(as_before) => as_before,
                None => match self.reader.key(first)? {
                    Some(key) => (key, self.find(&ROUTE, key)),
                    None => break,
                },
            };
            first = false;
            let Some(member) = self.member(&ROUTE, known, key, Place::Route(index), &mut seen)?
            else {
                continue;
            };
            if let Some(before) = self.before.get_mut(count) {
                *before = member;
                count += 1;
            }
            let place = Place::Field(index, ROUTE[member]);
            match FIELDS[member] {
                Field::SourceLedger => source_ledger = self.address_again(place, 0)?,
                Field::DestinationLedger => destination_ledger = self.address(place)?,
                Field::SourceAccount => source_account = self.address_again(place, 1)?,
                Field::OtherAddress => drop(self.address(place)?),
                Field::Window => window = self.window(place)?,
                Field::Points => points = self.points(index, place)?,
                Field::Paths => self.paths(index, place)?,
                Field::OtherNumber => {
                    if self.is(place, Kind::Number)? {
                        self.reader.number()?;
                    }
                }
            }
        }
        let required: &[usize] = match self.dialect {
            Dialect::V17 => &[0, 1, 2, 3, 5],
            Dialect::V21 => &[0, 1, 3, 5],
        };
        for &member in required.iter().filter(|&&member| seen[member].is_none()) {
            self.missing(start, Place::Field(index, ROUTE[member]), ROUTE[member]);
        }
        if let (Some(source_ledger), Some(destination_ledger), Some(source_account), Some(window)) =
            (source_ledger, destination_ledger, source_account, window)
        {
            self.visitor.route(RouteText {
                source_ledger,
                destination_ledger,
                source_account,
                min_message_window: window,
                points,
            });
        }
        Ok(())
    }

    fn window(&mut self, place: Place) -> Result<Option<u64>, Fault> {
        if !self.is(place, Kind::Number)? {
            return Ok(None);
        }
        let start = self.reader.at();
        let number = self.reader.number()?;
        let exact = number.exact_thousandths();
        let (code, wrong) = if exact.negative {
            (Code::Minimum, "must be 0 or more")
        } else if exact.infinite {
            (Code::TooLarge, "is larger than any reader can hold")
        } else {
            return Ok(Some(exact.ceil()));
        };
        self.push(code, start, number.raw(), place, || {
            let message = format!("min_message_window {wrong}.");
            (message, "Write seconds, such as 1.".to_owned())
        });
        Ok(None)
    }

    fn points(&mut self, index: usize, place: Place) -> Result<PointsText<'a>, Fault> {
        match (self.dialect, self.reader.kind()?) {
            (Dialect::V21, Kind::Text) => {
                if let Some(text) = self.reader.base64_if() {
                    return Ok(PointsText::Base64(text));
                }
                let start = self.reader.at();
                let text = self.reader.text()?;
                if text.is_base64() {
                    return Ok(PointsText::Base64(text));
                }
                let raw = self.reader.since(start);
                self.push(Code::Base64, start, raw, place, || {
                    let hint = base64_hint(&text.decode()).to_owned();
                    ("points is not standard base64.".to_owned(), hint)
                });
            }
            (Dialect::V17, Kind::Array) => {
                self.pairs(index, place)?;
                return Ok(PointsText::Pairs);
            }
            (Dialect::V21, kind) => self.wrong_type(place, kind, "a base64 text")?,
            (Dialect::V17, kind) => self.wrong_type(place, kind, "an array of pairs of numbers")?,
        }
        Ok(PointsText::Absent)
    }

    fn pairs(&mut self, route: usize, place: Place) -> Result<(), Fault> {
        let start = self.reader.at();
        self.reader.open()?;
        let mut index = 0;
        while self.reader.item(index == 0)? {
            if let Some([x, y]) = self.reader.pair_if() {
                if self.listens {
                    self.visitor.pair(Number::plain(x), Number::plain(y));
                }
            } else if self.is(Place::Pair(route, index), Kind::Array)? {
                self.pair(route, index)?;
            }
            index += 1;
        }
        if index == 0 {
            let raw = self.reader.since(start);
            self.push(Code::ItemCount, start, raw, place, || {
                let hint =
                    "Write at least one pair, or send the route in dialect 21 without points.";
                ("points has no pair.".to_owned(), hint.to_owned())
            });
        }
        Ok(())
    }

    fn pair(&mut self, route: usize, index: usize) -> Result<(), Fault> {
        let start = self.reader.at();
        let mut pair = [None; 2];
        let mut items = 0;
        self.reader.open()?;
        while self.reader.item(items == 0)? {
            match pair.get_mut(items) {
                Some(slot) => *slot = self.coordinate(Place::Coordinate(route, index, items))?,
                None => {
                    self.reader.skip()?;
                }
            }
            items += 1;
        }
        if items != 2 {
            let raw = self.reader.since(start);
            self.push(
                Code::ItemCount,
                start,
                raw,
                Place::Pair(route, index),
                || {
                    let message = format!("A point has two coordinates, not {items}.");
                    (
                        message,
                        "Write [source amount, destination amount].".to_owned(),
                    )
                },
            );
        } else if let [Some(x), Some(y)] = pair {
            self.visitor.pair(x, y);
        }
        Ok(())
    }

    fn coordinate(&mut self, place: Place) -> Result<Option<Number<'a>>, Fault> {
        if !self.is(place, Kind::Number)? {
            return Ok(None);
        }
        let start = self.reader.at();
        let number = self.reader.number()?;
        if !number.exact().negative {
            return Ok(Some(number));
        }
        self.push(Code::Minimum, start, number.raw(), place, || {
            let hint = "Write base units as a whole number, such as 1000.";
            (
                "A coordinate must be 0 or more.".to_owned(),
                hint.to_owned(),
            )
        });
        Ok(None)
    }

    fn paths(&mut self, route: usize, place: Place) -> Result<(), Fault> {
        if !self.is(place, Kind::Array)? {
            return Ok(());
        }
        // Neighbours have one path, with nobody on it.
        if self.reader.bytes_if(b"[[]]") {
            self.visitor.path();
            return Ok(());
        }
        self.reader.open()?;
        let mut index = 0;
        while self.reader.item(index == 0)? {
            if self.is(Place::Path(route, index), Kind::Array)? {
                self.visitor.path();
                self.reader.open()?;
                let mut items = 0;
                while self.reader.item(items == 0)? {
                    if self.is(Place::PathItem(route, index, items), Kind::Text)? {
                        let ledger = self.reader.text()?;
                        self.visitor.path_item(ledger);
                    }
                    items += 1;
                }
            }
            index += 1;
        }
        Ok(())
    }

    /// The same as [`address`](Self::address), for what most likely stands there as in the route before.
    fn address_again(&mut self, place: Place, which: usize) -> Result<Option<Text<'a>>, Fault> {
        let before = self.source_before[which];
        if let Some(again) = before.and_then(|before| self.reader.text_if(before)) {
            return Ok(Some(again));
        }
        let address = self.address(place)?;
        self.source_before[which] = address.or(before);
        Ok(address)
    }

    /// A text of address characters, or a fault.
    fn address(&mut self, place: Place) -> Result<Option<Text<'a>>, Fault> {
        if let Some(address) = self.reader.address_if() {
            return Ok(Some(address));
        }
        self.other_address(place)
    }

    #[inline(never)]
    fn other_address(&mut self, place: Place) -> Result<Option<Text<'a>>, Fault> {
        if !self.is(place, Kind::Text)? {
            return Ok(None);
        }
        let start = self.reader.at();
        let text = self.reader.text()?;
        if text.is_address() {
            return Ok(Some(text));
        }
        let raw = self.reader.since(start);
        self.push(Code::Address, start, raw, place, || {
            let decoded = text.decode();
            let foreign = decoded
                .chars()
                .find(|c| !u8::try_from(*c).is_ok_and(crate::address::is_address_byte));
            let message = match foreign {
                Some(c) => format!("{} has {c:?}, which cannot be in an address.", place.name()),
                None => format!("{} is empty.", place.name()),
            };
            (
                message,
                "Use A–Z, a–z, 0–9 and . _ ~ - only, such as example.red.".to_owned(),
            )
        });
        Ok(None)
    }

    /// The place of `key` among the `known` names, if the dialect has it.
    fn find(&self, known: &[&'static str], key: Text<'a>) -> Option<usize> {
        let member = known.iter().position(|name| key.is(name))?;
        let has = match known[member] {
            "paths" => self.has_paths,
            name => self.dialect.has(name),
        };
        has.then_some(member)
    }

    /// `member`, which `key` names. None where its value has been read past: the member is unknown, or a
    /// later one replaces it.
    #[inline]
    fn member<const N: usize>(
        &mut self,
        known: &[&'static str; N],
        member: Option<usize>,
        key: Text<'a>,
        object: Place,
        seen: &mut [Option<usize>; N],
    ) -> Result<Option<usize>, Fault> {
        let Some(member) = member else {
            self.unknown(known, key, object)?;
            return Ok(None);
        };
        self.reader.kind()?;
        let start = self.reader.at();
        if !self.skipped.is_empty() && self.skipped.binary_search(&start).is_ok() {
            self.reader.skip()?;
            return Ok(None);
        }
        if let Some(before) = seen[member].replace(start) {
            self.superseded.push(before);
        }
        Ok(Some(member))
    }

    #[cold]
    #[inline(never)]
    fn unknown(
        &mut self,
        known: &[&'static str],
        key: Text<'a>,
        object: Place,
    ) -> Result<(), Fault> {
        let key_at = self.reader.key_at();
        self.reader.kind()?;
        let start = self.reader.at();
        self.reader.skip()?;
        let value = self.reader.since(start);
        if self.found.len() < MAX_VIOLATIONS {
            let name = shorten(key.decode().as_bytes());
            let path = match object {
                Place::Document => name.clone(),
                object => format!("{object}.{name}"),
            };
            self.found.push(Found {
                code: Code::UnknownMember,
                at: key_at,
                path,
                value: shorten(value),
                message: format!("{} has no member {name:?}.", object.name()),
                hint: unknown_hint(known, &name, self.dialect),
            });
        }
        Ok(())
    }

    /// Whether the next value is of this kind; if not, it is read past and listed.
    #[inline]
    fn is(&mut self, place: Place, wanted: Kind) -> Result<bool, Fault> {
        let kind = self.reader.kind()?;
        if kind == wanted {
            return Ok(true);
        }
        self.wrong_type(place, kind, wanted.in_words())?;
        Ok(false)
    }

    #[cold]
    #[inline(never)]
    fn wrong_type(&mut self, place: Place, kind: Kind, wanted: &str) -> Result<(), Fault> {
        let start = self.reader.at();
        self.reader.skip()?;
        let raw = self.reader.since(start);
        let dialect = self.dialect;
        self.push(Code::Type, start, raw, place, || {
            let name = place.name();
            let hint = match (place, kind, wanted) {
                (Place::Field(_, "points"), Kind::Array, _) => {
                    "Pairs belong to the dialect as cited; the one as deployed has base64. Read the document as cited, or send base64.".to_owned()
                }
                (Place::Field(_, "points"), Kind::Text, _) => {
                    "Base64 belongs to the dialect as deployed; the one as cited has pairs. Read the document as deployed, or send pairs.".to_owned()
                }
                (place, Kind::Null, _) if place.is_optional(dialect) => {
                    format!("Leave {name} out instead of writing null.")
                }
                (_, Kind::Text, "a number") => "Write the number without quotes.".to_owned(),
                (_, Kind::Text, "true or false") => "Write true or false without quotes.".to_owned(),
                (_, _, "a text") => "Write a text in quotes.".to_owned(),
                (_, _, "an array") => "Write an array; [] if there is nothing in it.".to_owned(),
                _ => format!("Write {wanted}."),
            };
            (format!("{name} must be {wanted}, not {}.", kind.in_words()), hint)
        });
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn missing(&mut self, start: usize, place: Place, name: &str) {
        self.push(Code::Required, start, b"", place, || {
            let hint = match name {
                "new_routes" | "unreachable_through_me" => format!("Add {name}; [] if there is nothing in it."),
                "hold_down_time" => "Add hold_down_time in milliseconds, such as 45000.".to_owned(),
                "min_message_window" => "Add min_message_window in seconds, such as 1.".to_owned(),
                "points" => "Add points as pairs of numbers; the dialect as cited has no route without a curve.".to_owned(),
                _ => format!("Add {name}, an address."),
            };
            (format!("{name} is missing."), hint)
        });
    }

    /// Lists a fault unless enough are listed. Texts are only made if it is.
    #[cold]
    #[inline(never)]
    fn push(
        &mut self,
        code: Code,
        at: usize,
        raw: &[u8],
        place: Place,
        texts: impl FnOnce() -> (String, String),
    ) {
        if self.found.len() >= MAX_VIOLATIONS {
            return;
        }
        let (message, hint) = texts();
        self.found.push(Found {
            code,
            at,
            path: place.to_string(),
            value: shorten(raw),
            message,
            hint,
        });
    }
}

impl Place {
    fn is_optional(self, dialect: Dialect) -> bool {
        match self {
            Self::Member(name) => name == "request_full_table",
            Self::Field(_, "points") => dialect == Dialect::V21,
            Self::Field(_, name) => {
                name == "paths" || name.starts_with("destination_") && name != "destination_ledger"
            }
            _ => false,
        }
    }
}
