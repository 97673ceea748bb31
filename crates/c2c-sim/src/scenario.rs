//! A network in words: what a browser shows and edits, and what a run begins with.

use std::fmt;

use c2c::address::CurrencyCode;
use c2c::amount::{Amount, Scale};
use c2c::connector::{Config, Decimal};
use c2c::schema::Dialect;
use c2c::timestamp::Millis;
use serde::{Deserialize, Serialize};

use crate::{Clock, Random, Topology, Wire};

/// Connectors, the peerings between them, and what befalls their messages.
///
/// ```
/// use c2c_sim::{Network, Scenario, Topology};
/// let scenario = Scenario::generate(Topology::Ring, 4, 1);
/// let json = serde_json::to_string(&scenario)?;
/// assert_eq!(serde_json::from_str::<Scenario>(&json)?, scenario);
/// let network = Network::from_scenario(&scenario)?;
/// assert_eq!(network.nodes().len(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Where all chance comes from.
    #[serde(default)]
    pub seed: u64,
    /// The connectors.
    pub connectors: Vec<ConnectorSpec>,
    /// The peerings.
    #[serde(default)]
    pub links: Vec<LinkSpec>,
    /// What befalls messages on their way.
    #[serde(default)]
    pub wire: Wire,
}

/// One connector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorSpec {
    /// Its name, short and in lower case: its host is `NAME.example`.
    pub name: String,
    /// The currencies of its own ledgers, at scale 9. The first ledger is `example.NAME.`, a further one
    /// `example.NAME-EUR.` in lower case.
    pub currencies: Vec<String>,
    /// The share that it keeps of every exchange, such as `0.002`.
    #[serde(default = "usual_spread")]
    pub spread: String,
    /// What it trades beside each currency against itself.
    #[serde(default)]
    pub rates: Vec<RateSpec>,
    /// How its clock goes.
    #[serde(default)]
    pub clock: Clock,
    /// The time between two broadcasts, in milliseconds: 30 000. Routes live half as long again.
    #[serde(default = "usual_interval")]
    pub interval_ms: u64,
}

/// One direction in which a connector trades.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateSpec {
    /// What comes in.
    pub from: String,
    /// What goes out.
    pub to: String,
    /// How much of it for one, such as `0.92`.
    pub rate: String,
}

/// A peering of two connectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSpec {
    /// Who, by name.
    pub between: [String; 2],
    /// The currency of the ledger between them.
    pub currency: String,
    /// Its scale.
    #[serde(default = "usual_scale")]
    pub scale: u8,
    /// How far each trusts the other, in base units.
    pub limits: [Amount; 2],
    /// In which dialect each tells the other. Who hears the one as cited hears no paths, and so sees
    /// no loop: it is sound only where no ring of connectors passes this peering.
    #[serde(default)]
    pub dialects: [Dialect; 2],
}

fn usual_spread() -> String {
    "0.002".to_owned()
}

const fn usual_interval() -> u64 {
    30_000
}

const fn usual_scale() -> u8 {
    9
}

/// What one unit of a currency is worth, in thousandths of the first one.
const WORTH: [(&str, u64); 3] = [("USD", 1_000), ("EUR", 1_087), ("JPY", 9)];

impl Scenario {
    /// `count` connectors of the shape `topology`, their currencies, rates, spreads, limits and clocks
    /// from `seed`. Nothing befalls their messages but a delay.
    pub fn generate(topology: Topology, count: usize, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let kinds = random.between(1, 3);
        let connectors = (0..count)
            .map(|number| ConnectorSpec::generate(number, kinds, &mut random))
            .collect::<Vec<_>>();
        let pairs = topology.links(count, &mut random);
        let links = pairs
            .into_iter()
            .map(|(a, b)| {
                let (currency, worth) = WORTH[random.place(usize::try_from(kinds).unwrap_or(1))];
                // A scale other than 9 now and then; limits of 1 to 1000 USD, some very small.
                let scale = if random.chance(100) { 6 } else { 9 };
                let mut limit = || {
                    let dollars = random.between(1, 1_000);
                    let unit = 10_u64.pow(u32::from(scale)) * 1_000 / worth;
                    Amount::new(if random.chance(30) {
                        1_000
                    } else {
                        dollars * unit
                    })
                };
                LinkSpec {
                    between: [a, b].map(|i| connectors[i].name.clone()),
                    currency: currency.to_owned(),
                    scale,
                    limits: [limit(), limit()],
                    dialects: [Dialect::V21; 2],
                }
            })
            .collect();
        Self {
            seed,
            connectors,
            links,
            wire: Wire::default(),
        }
    }
}

impl ConnectorSpec {
    /// A connector with the ledger `example.NAME.` in `currency`, as of 2017 in everything else.
    pub fn new(name: &str, currency: &str) -> Self {
        Self {
            name: name.to_owned(),
            currencies: vec![currency.to_owned()],
            spread: usual_spread(),
            rates: Vec::new(),
            clock: Clock::default(),
            interval_ms: usual_interval(),
        }
    }

    fn generate(number: usize, kinds: u64, random: &mut Random) -> Self {
        let known = &WORTH[..usize::try_from(kinds).unwrap_or(1)];
        let mut spec = Self::new(&format!("n{number}"), known[random.place(known.len())].0);
        if random.chance(150) {
            let second = known[random.place(known.len())].0.to_owned();
            if !spec.currencies.contains(&second) {
                spec.currencies.push(second);
            }
        }
        spec.spread = format!("0.{:03}", random.between(0, 20));
        for (from, worth) in known {
            for (to, per) in known {
                // One direction in twenty is not traded at all.
                if from != to && !random.chance(50) {
                    let rate = worth * 1_000_000 / per * random.between(980, 1_000) / 1_000;
                    spec.rates.push(RateSpec {
                        from: (*from).to_owned(),
                        to: (*to).to_owned(),
                        rate: format!("{}.{:06}", rate / 1_000_000, rate % 1_000_000),
                    });
                }
            }
        }
        spec
    }

    /// The prefixes of its own ledgers.
    pub fn ledgers(&self) -> Vec<String> {
        let named = |(place, currency): (usize, &String)| match place {
            0 => format!("example.{}.", self.name),
            _ => format!("example.{}-{}.", self.name, currency.to_lowercase()),
        };
        self.currencies.iter().enumerate().map(named).collect()
    }

    /// Puts spread, rates and interval into `config`.
    pub(crate) fn configure(&self, config: &mut Config) -> Result<(), ScenarioError> {
        let of = |what: &str| format!("connector {}, {what}", self.name);
        let decimal = |what: &str, text: &str| {
            text.parse::<Decimal>()
                .map_err(|error| ScenarioError::new(&of(what), text, &error))
        };
        config.routing.spread = decimal("spread", &self.spread)?;
        config.routing.broadcast_interval = Millis(self.interval_ms);
        config.routing.route_expiry = Millis(self.interval_ms.saturating_mul(3) / 2);
        for rate in &self.rates {
            let code = |text: &str| {
                CurrencyCode::new(text)
                    .map_err(|error| ScenarioError::new(&of("rates"), text, &error))
            };
            config
                .rates
                .set(
                    code(&rate.from)?,
                    code(&rate.to)?,
                    decimal("rates", &rate.rate)?,
                )
                .map_err(|error| ScenarioError::new(&of("rates"), &rate.rate, &error))?;
        }
        Ok(())
    }
}

impl LinkSpec {
    pub(crate) fn terms(&self) -> Result<(CurrencyCode, Scale), ScenarioError> {
        let of = || format!("link {} – {}", self.between[0], self.between[1]);
        let currency = CurrencyCode::new(&self.currency)
            .map_err(|error| ScenarioError::new(&of(), &self.currency, &error))?;
        let scale = Scale::new(self.scale)
            .map_err(|error| ScenarioError::new(&of(), &self.scale.to_string(), &error))?;
        Ok((currency, scale))
    }
}

/// What in a scenario makes no network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// Where it stands.
    pub place: String,
    /// What stands there.
    pub value: String,
    /// What is wrong with it, and the cure.
    pub reason: String,
}

impl ScenarioError {
    pub(crate) fn new(place: &str, value: &str, reason: &impl fmt::Display) -> Self {
        Self {
            place: place.to_owned(),
            value: value.chars().take(60).collect(),
            reason: reason.to_string(),
        }
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: \"{}\": {}", self.place, self.value, self.reason)
    }
}

impl std::error::Error for ScenarioError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_that_makes_no_network_is_refused_with_its_place() {
        let broken = |change: fn(&mut Scenario)| {
            let mut scenario = Scenario::generate(Topology::Line, 2, 1);
            change(&mut scenario);
            crate::Network::from_scenario(&scenario)
                .map(|_| ())
                .unwrap_err()
                .to_string()
        };
        let texts = [
            broken(|s| s.connectors[0].spread = "much".to_owned()),
            broken(|s| s.connectors[0].spread = "1".to_owned()),
            broken(|s| s.connectors[1].name = "N 0".to_owned()),
            broken(|s| s.connectors[1].name = "n0".to_owned()),
            broken(|s| s.connectors[1].currencies = vec!["a dollar".to_owned()]),
            broken(|s| s.connectors[1].interval_ms = 0),
            broken(|s| s.links[0].currency = "U.S".to_owned()),
            broken(|s| s.links[0].scale = 99),
            broken(|s| s.links[0].between[1] = "nobody".to_owned()),
            broken(|s| s.links[0].between[1] = "n0".to_owned()),
        ];
        for text in &texts {
            assert!(
                text.contains("n0") || text.contains("n1") || text.contains("N 0"),
                "{text}"
            );
            assert!(text.contains('"'), "{text}");
        }
    }

    #[test]
    fn equal_seeds_make_equal_scenarios() {
        for topology in Topology::ALL {
            let one = Scenario::generate(topology, 12, 5);
            assert_eq!(one, Scenario::generate(topology, 12, 5));
            assert_ne!(one, Scenario::generate(topology, 12, 6));
        }
    }
}
