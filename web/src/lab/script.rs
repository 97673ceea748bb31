//! What is played: a network to begin with, and what is done to it when. The same script is the same run,
//! so a link or a file of a few lines brings everything back.

use std::fmt::Write as _;
use std::rc::Rc;

use c2c_sim::Scenario;

use super::preset::COUNTS;
use super::{Preset, file};
use crate::share::{from_base64url, to_base64url};

/// The longest file of a scenario that is read, in bytes.
pub const LONGEST: usize = 1 << 20;
/// The most connectors, links and deeds of a scenario that is read.
const MOST: [(&str, usize); 3] = [("connectors", 200), ("links", 1_000), ("deeds", 1_000)];
/// The longest time that is played before anything is shown, in milliseconds: a week.
const LATEST: u64 = 7 * 86_400_000;
/// The most bytes of a scenario that a link takes.
const MOST_IN_LINK: usize = 6_000;

/// Something that is done to a network. Connectors are meant by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The link between two breaks.
    Break(String, String),
    /// It is mended.
    Mend(String, String),
    /// A connector keeps another share of what it exchanges, in basis points.
    Spread(String, u32),
    /// A connector comes, and peers with these.
    Add(String, Vec<String>),
    /// A connector goes for good.
    Remove(String),
}

/// A deed and its time, in milliseconds from the beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timed {
    /// When.
    pub at_ms: u64,
    /// What.
    pub deed: Deed,
}

/// What is played.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// The network to begin with.
    pub net: Net,
    /// What is done to it, the earliest first.
    pub deeds: Vec<Timed>,
}

/// The network to begin with.
#[derive(Clone, Debug, PartialEq)]
pub enum Net {
    /// One of ours.
    Preset {
        /// Which.
        preset: Preset,
        /// How many connectors.
        count: usize,
        /// What makes the rest.
        seed: u64,
    },
    /// One that somebody brought.
    Brought(Rc<Scenario>),
}

impl Net {
    /// The network in words that the simulator reads.
    pub fn scenario(&self) -> Scenario {
        match self {
            Self::Preset {
                preset,
                count,
                seed,
            } => preset.scenario(*count, *seed),
            Self::Brought(scenario) => (**scenario).clone(),
        }
    }
}

impl Script {
    /// A network to which nothing is done.
    pub fn of(net: Net) -> Script {
        Script {
            net,
            deeds: Vec::new(),
        }
    }

    /// The same with `timed` done too.
    pub fn with(&self, timed: Timed) -> Script {
        let mut script = self.clone();
        let place = script
            .deeds
            .partition_point(|known| known.at_ms <= timed.at_ms);
        script.deeds.insert(place, timed);
        script
    }

    /// The script as a file, played until `until`.
    pub fn to_file(&self, until: u64) -> String {
        file::write(&self.net.scenario(), &self.deeds, until)
    }

    /// Reads a file; what is wrong with it, in words. Also until when it had been played.
    pub fn from_file(text: &str) -> Result<(Script, u64), String> {
        if text.len() > LONGEST {
            return Err("This file is larger than 1 MB. A network of the lab is smaller; leave some of it out.".to_owned());
        }
        let (scenario, mut deeds, until) = file::read(text).map_err(|fault| {
            format!(
                "This is no network of the lab: {fault}. Save one here to see how it is written."
            )
        })?;
        let held = [scenario.connectors.len(), scenario.links.len(), deeds.len()];
        for ((what, most), held) in MOST.into_iter().zip(held) {
            if held > most {
                return Err(format!(
                    "This network has {held} {what}; the lab takes {most}. Leave some out."
                ));
            }
        }
        deeds.sort_by_key(|timed| timed.at_ms);
        let latest = deeds.last().map_or(0, |timed| timed.at_ms);
        if latest.max(until) > LATEST {
            return Err("Something in this file happens more than a week after the beginning, which is too far to play. Take smaller times.".to_owned());
        }
        let mut script = Script::of(Net::Brought(Rc::new(scenario)));
        script.deeds = deeds;
        Ok((script, until))
    }

    /// The part of the address that shows this again, played until `until`; none where it is too long.
    pub fn link(&self, until: u64) -> Option<String> {
        let mut link = "#/lab?".to_owned();
        // Writing into a text does not fail.
        match &self.net {
            Net::Preset {
                preset,
                count,
                seed,
            } => {
                let _ = write!(link, "net={}&n={count}&seed={seed}", preset.as_str());
            }
            Net::Brought(_) => {
                let file = self.to_file(until);
                if file.len() > MOST_IN_LINK {
                    return None;
                }
                let _ = write!(link, "data={}", to_base64url(file.as_bytes()));
                return Some(link);
            }
        }
        if !self.deeds.is_empty() {
            let deeds: Vec<String> = self.deeds.iter().map(Timed::to_link).collect();
            let _ = write!(link, "&do={}", deeds.join(","));
        }
        let _ = write!(link, "&at={until}");
        (link.len() <= MOST_IN_LINK).then_some(link)
    }

    /// What the part of an address behind `?` shows, and until when; none where it names no network.
    pub fn from_link(query: &str) -> Option<(Script, u64)> {
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        if let Some(data) = value("data") {
            let text = String::from_utf8(from_base64url(data)?).ok()?;
            return Self::from_file(&text).ok();
        }
        let number = |name: &str| value(name).and_then(|text| text.parse::<u64>().ok());
        let mut script = Script::of(Net::Preset {
            preset: Preset::named(value("net")?)?,
            count: usize::try_from(number("n").unwrap_or(8))
                .ok()?
                .clamp(COUNTS.0, COUNTS.1),
            seed: number("seed").unwrap_or(1),
        });
        for deed in value("do").into_iter().flat_map(|list| list.split(',')) {
            let timed = Timed::from_link(deed)?;
            script = script.with(timed);
        }
        let until = number("at").unwrap_or(0);
        let latest = script.deeds.last().map_or(0, |timed| timed.at_ms);
        (until.max(latest) <= LATEST).then_some((script, until))
    }
}

impl Timed {
    /// Such as `60000.break.n0.n1`: names have no dot.
    pub fn to_link(&self) -> String {
        let what = match &self.deed {
            Deed::Break(one, other) => format!("break.{one}.{other}"),
            Deed::Mend(one, other) => format!("mend.{one}.{other}"),
            Deed::Spread(name, points) => format!("spread.{name}.{points}"),
            Deed::Add(name, peers) => [&["add".to_owned(), name.clone()], peers.as_slice()]
                .concat()
                .join("."),
            Deed::Remove(name) => format!("remove.{name}"),
        };
        format!("{}.{what}", self.at_ms)
    }

    /// Reads that.
    pub fn from_link(text: &str) -> Option<Timed> {
        let mut parts = text.split('.').map(str::to_owned);
        let at_ms = parts.next()?.parse().ok()?;
        let what = parts.next()?;
        let name = parts.next()?;
        let rest: Vec<String> = parts.collect();
        let deed = match (what.as_str(), rest.as_slice()) {
            ("break", [other]) => Deed::Break(name, other.clone()),
            ("mend", [other]) => Deed::Mend(name, other.clone()),
            ("spread", [points]) => Deed::Spread(name, points.parse().ok()?),
            ("add", _) => Deed::Add(name, rest),
            ("remove", []) => Deed::Remove(name),
            _ => return None,
        };
        Some(Timed { at_ms, deed })
    }
}

impl Deed {
    /// What was done, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Break(one, other) => format!("The link {one} – {other} broke"),
            Self::Mend(one, other) => format!("The link {one} – {other} was mended"),
            Self::Spread(name, points) => format!("{name} keeps {} now", percent(*points)),
            Self::Add(name, peers) if peers.is_empty() => format!("{name} came"),
            Self::Add(name, peers) => format!("{name} came and peers with {}", peers.join(" and ")),
            Self::Remove(name) => format!("{name} went for good"),
        }
    }

    /// The same as a supposition: `the link n0 – n1 were broken`.
    pub fn supposed(&self) -> String {
        match self {
            Self::Break(one, other) => format!("the link {one} – {other} were gone"),
            Self::Mend(one, other) => format!("the link {one} – {other} were mended"),
            Self::Spread(name, points) => format!("{name} kept {}", percent(*points)),
            Self::Add(name, _) => format!("{name} were there"),
            Self::Remove(name) => format!("{name} were gone"),
        }
    }
}

/// Basis points as a share: `1.25 %`.
pub fn percent(points: u32) -> String {
    let (whole, rest) = (points / 100, points % 100);
    match rest {
        0 => format!("{whole} %"),
        rest if rest % 10 == 0 => format!("{whole}.{} %", rest / 10),
        rest => format!("{whole}.{rest:02} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played() -> Script {
        let at = |at_ms, deed| Timed { at_ms, deed };
        let named = |name: &str| name.to_owned();
        Script::of(Net::Preset {
            preset: Preset::Tree,
            count: 6,
            seed: 42,
        })
        .with(at(9_000, Deed::Remove(named("n5"))))
        .with(at(1_000, Deed::Break(named("n0"), named("n1"))))
        .with(at(2_000, Deed::Spread(named("n2"), 125)))
        .with(at(
            2_000,
            Deed::Add(named("new"), vec![named("n3"), named("n4")]),
        ))
        .with(at(5_000, Deed::Mend(named("n0"), named("n1"))))
    }

    #[test]
    fn a_link_and_a_file_bring_a_script_back() {
        let script = played();
        let times: Vec<u64> = script.deeds.iter().map(|timed| timed.at_ms).collect();
        assert_eq!(times, [1_000, 2_000, 2_000, 5_000, 9_000]);
        let link = script.link(12_000).unwrap();
        assert!(
            link.starts_with("#/lab?net=tree&n=6&seed=42&do=1000.break.n0.n1,2000.spread.n2.125,"),
            "{link}"
        );
        let query = link.split_once('?').unwrap().1;
        assert_eq!(Script::from_link(query), Some((script.clone(), 12_000)));

        let (again, until) = Script::from_file(&script.to_file(12_000)).unwrap();
        assert_eq!((&again.deeds, until), (&script.deeds, 12_000));
        assert_eq!(again.net.scenario(), script.net.scenario());
        // What was brought by a file goes into a link as a whole.
        let link = again.link(7).unwrap();
        let query = link.split_once('?').unwrap().1;
        assert_eq!(Script::from_link(query), Some((again, 7)));
    }

    #[test]
    fn what_is_no_network_is_refused_with_a_cure() {
        let words = |text: &str| Script::from_file(text).unwrap_err();
        assert!(words("{]").contains("no network of the lab"));
        assert!(words(r#"{"lab":2,"connectors":[]}"#).contains("version 2"));
        assert!(words(r#"{"lab":1,"connectors":[{"name":"a"}]}"#).contains("currencies"));
        let odd = played().to_file(0).replace("break", "braek");
        assert!(words(&odd).contains("1000.braek.n0.n1"), "{}", words(&odd));
        let many = played()
            .to_file(0)
            .replace("9000.remove", "900000000000.remove");
        assert!(words(&many).contains("more than a week"), "{many}");
        let crowd = Script::of(Net::Brought(Rc::new(c2c_sim::Scenario::generate(
            c2c_sim::Topology::Line,
            201,
            1,
        ))));
        assert!(words(&crowd.to_file(0)).contains("201 connectors; the lab takes 200"));
        assert_eq!(crowd.link(0), None, "a file is handed on instead");
        for query in [
            "",
            "net=moon",
            "net=ring&do=x",
            "net=ring&do=1.break.a",
            "net=ring&at=999999999999",
            "data=%",
        ] {
            assert_eq!(Script::from_link(query), None, "{query}");
        }
    }

    #[test]
    fn shares_are_written_as_short_as_they_can_be() {
        for (points, text) in [
            (0, "0 %"),
            (5, "0.05 %"),
            (20, "0.2 %"),
            (125, "1.25 %"),
            (1_000, "10 %"),
        ] {
            assert_eq!(percent(points), text);
        }
    }
}
