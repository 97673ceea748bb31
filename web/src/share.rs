//! Handing on what is shown: as a link that shows it again, and as files. Pure; `save` writes the files.
//!
//! A link holds what the reader set, the time in full, and the route itself where that is short. It holds
//! no secret: what is shown has none.

pub mod save;

use std::fmt::Write as _;

use c2c::snapshot::RouteView;

use crate::curve_view::Spread;
use crate::route_view::{Detail, Given, Shows};
use crate::unit::Unit;

/// The most bytes of data that a link takes.
const MOST: usize = 8_000;

/// What a link shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shared {
    /// The ledger that the money comes from.
    pub from: String,
    /// The prefix that it goes to.
    pub to: String,
    /// Which amount is given.
    pub given: Given,
    /// The amount as typed.
    pub amount: Option<String>,
    /// What the chart tells.
    pub shows: Shows,
    /// How its amounts are spread.
    pub spread: Option<Spread>,
    /// Which of them it shows.
    pub zoom: Option<(u64, u64)>,
    /// What the ledgers at both ends count in.
    pub units: Vec<(String, Unit)>,
    /// When, in UTC.
    pub at: Option<String>,
    /// The route, as JSON.
    pub data: Option<String>,
}

impl Shared {
    /// The part of the address behind and with `#`.
    pub fn link(&self) -> String {
        let mut link = format!("#/routes?from={}&to={}", self.from, self.to);
        let mut add = |name: &str, value: &str| {
            // Writing into a text does not fail.
            let _ = write!(link, "&{name}={value}");
        };
        if let Some(amount) = &self.amount {
            let plain: String = amount
                .chars()
                .filter(|c| c.is_ascii_digit() || *c == '.')
                .collect();
            add(
                if self.given == Given::Sent {
                    "send"
                } else {
                    "receive"
                },
                &plain,
            );
        }
        match self.shows {
            Shows::Amounts => {}
            Shows::Rates => add("show", "rates"),
            Shows::Below => add("show", "below"),
        }
        match self.spread {
            None => {}
            Some(Spread::Linear) => add("spread", "even"),
            Some(Spread::Log) => add("spread", "log"),
        }
        if let Some((from, to)) = self.zoom {
            add("zoom", &format!("{from}-{to}"));
        }
        for (ledger, unit) in &self.units {
            add(
                "unit",
                &format!("{ledger}:{}:{}", unit.code, unit.scale.get()),
            );
        }
        if let Some(at) = &self.at {
            add("at", at);
        }
        if let Some(data) = &self.data {
            add("data", &to_base64url(data.as_bytes()));
        }
        link
    }

    /// What the address shows; none where it shows no route.
    pub fn read(hash: &str) -> Option<Shared> {
        let (_, query) = hash.strip_prefix("#/routes")?.split_once('?')?;
        let mut shared = Shared::default();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "from" => shared.from = value.to_owned(),
                "to" => shared.to = value.to_owned(),
                "send" => shared.amount = Some(value.to_owned()),
                "receive" => {
                    (shared.given, shared.amount) = (Given::Received, Some(value.to_owned()))
                }
                "show" if value == "rates" => shared.shows = Shows::Rates,
                "show" if value == "below" => shared.shows = Shows::Below,
                "spread" => {
                    shared.spread = Some(if value == "log" {
                        Spread::Log
                    } else {
                        Spread::Linear
                    })
                }
                "zoom" => {
                    let ends = value.split_once('-');
                    let ends =
                        ends.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
                    shared.zoom = ends.filter(|(from, to)| from < to);
                }
                "unit" => shared.units.extend(unit(value)),
                "at" => shared.at = Some(value.to_owned()),
                "data" => {
                    shared.data =
                        from_base64url(value).and_then(|bytes| String::from_utf8(bytes).ok())
                }
                _ => {}
            }
        }
        (!shared.to.is_empty() || shared.data.is_some()).then_some(shared)
    }
}

/// The page's own address, without what stands behind `#`.
pub fn here() -> String {
    let location = web_sys::window().map(|window| window.location());
    let parts =
        location.and_then(|location| Some(location.origin().ok()? + &location.pathname().ok()?));
    parts.unwrap_or_default()
}

/// The route as a link holds it; none where it is too long for that.
pub fn data(route: &RouteView) -> Option<String> {
    // A point is never written in fewer letters than these.
    const POINT: usize = "[\"0\",\"0\"],".len();
    let curves = route
        .candidates
        .iter()
        .filter_map(|one| one.points.as_ref());
    let points: usize = curves.map(|points| points.len()).sum();
    (points * POINT <= MOST)
        .then(|| json(route))
        .filter(|json| json.len() <= MOST * 3 / 4)
}

/// The route as a file that can be opened again.
pub fn json(route: &RouteView) -> String {
    // Views have no member that JSON cannot write.
    format!(
        "{{\"routes\":[{}]}}",
        serde_json::to_string(route).unwrap_or_default()
    )
}

/// The merged curve as a table that can be opened again.
pub fn csv(detail: &Detail) -> String {
    let mut out = String::from("source_units,destination_units,next_hop\n");
    if let Some(merged) = &detail.plot.merged {
        for point in merged.curve.points() {
            let via = detail
                .plot
                .winner(point.x)
                .map_or("", |line| &detail.plot.lines[line].name);
            // Writing into a text does not fail. Names of hosts and ledgers have no comma.
            let _ = writeln!(out, "{},{},{via}", point.x, point.y);
        }
    }
    out
}

/// `LEDGER:USD:9`.
fn unit(text: &str) -> Option<(String, Unit)> {
    let (rest, scale) = text.rsplit_once(':')?;
    let (ledger, code) = rest.rsplit_once(':')?;
    let code = c2c::address::CurrencyCode::new(code).ok()?;
    let unit = Unit {
        code: code.as_str().into(),
        scale: scale.parse().ok()?,
    };
    Some((ledger.to_owned(), unit))
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// `bytes` in letters that an address takes.
pub fn to_base64url(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 3);
    for group in bytes.chunks(3) {
        let word = group
            .iter()
            .fold(0u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - group.len()));
        for at in 0..=group.len() {
            let letter = word >> (18 - 6 * at) & 63;
            out.push(char::from(LETTERS[letter as usize]));
        }
    }
    out
}

/// The bytes again; none where the letters are others.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    for group in text.as_bytes().chunks(4) {
        let mut word = 0u32;
        for letter in group {
            word = word << 6
                | u32::try_from(LETTERS.iter().position(|known| known == letter)?).ok()?;
        }
        word <<= 6 * (4 - group.len());
        out.extend(
            word.to_be_bytes()[1..]
                .iter()
                .take(group.len().checked_sub(1)?),
        );
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::open;

    #[test]
    fn a_link_shows_again_what_it_was_made_of() {
        let shared = Shared {
            from: "example.red.".into(),
            to: "g.blue.".into(),
            given: Given::Received,
            amount: Some("12.5".into()),
            shows: Shows::Below,
            spread: Some(Spread::Log),
            zoom: Some((5, 900)),
            units: vec![(
                "g.blue.".into(),
                Unit {
                    code: "EUR".into(),
                    scale: c2c::amount::Scale::new(6).unwrap(),
                },
            )],
            at: Some("2017-09-01T12:00:00.000Z".into()),
            data: Some("{\"routes\":[]} ü".into()),
        };
        assert_eq!(Shared::read(&shared.link()), Some(shared));
        assert_eq!(Shared::read("#/routes"), None);
        assert_eq!(Shared::read("#/peer?to=x"), None);
        assert_eq!(
            Shared::read("#/routes?to=g.&zoom=9-3&data=%").map(|shared| (shared.zoom, shared.data)),
            Some((None, None))
        );
    }

    #[test]
    fn what_is_written_can_be_opened_again() {
        let book = open(include_bytes!("../data/demo.json"), 0, &mut |_, _, _| {})
            .unwrap()
            .book;
        let at = book.head().suggested.unwrap();
        let route = book.route(at);
        let again = open(json(&route).as_bytes(), 0, &mut |_, _, _| {})
            .unwrap()
            .book;
        assert_eq!(again.route(0), route);
        let shared = Shared {
            data: data(&route),
            ..Shared::default()
        };
        let link = shared.link();
        assert!(link.len() < MOST + 100);
        assert_eq!(Shared::read(&link).unwrap().data, Some(json(&route)));

        let detail = Detail::of(None, &route, &std::collections::BTreeMap::new());
        let again = open(csv(&detail).as_bytes(), 0, &mut |_, _, _| {})
            .unwrap()
            .book;
        let points = again.route(0).merged.unwrap().points;
        assert_eq!(Some(points), route.merged.map(|merged| merged.points));
    }
}
