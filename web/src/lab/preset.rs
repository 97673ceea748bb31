//! Networks to begin with: a shape, how many connectors, and a seed for the rest.

use c2c::amount::Amount;
use c2c_sim::{ConnectorSpec, LinkSpec, Random, RateSpec, Scenario, Topology};

/// The fewest and the most connectors of a network to begin with.
pub const COUNTS: (usize, usize) = (2, 150);

/// What the two currencies of [`Preset::Mispriced`] cost: a euro for 1.087 dollars.
const FAIR: [(&str, &str, &str); 2] = [("USD", "EUR", "0.92"), ("EUR", "USD", "1.087")];
/// What the one hop gives for a dollar, which is too much.
const TOO_MUCH: &str = "1.02";

/// A kind of network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// Each with the next, one currency.
    Line,
    /// A line whose ends meet, one currency.
    #[default]
    Ring,
    /// One above, two below each, one currency.
    Tree,
    /// Rows and columns, one currency.
    Grid,
    /// As networks grow, in several currencies, not all of which are traded everywhere.
    Internet,
    /// Rows and columns in two currencies, and one connector that sells one of them too cheap.
    Mispriced,
}

impl Preset {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Preset; 6] = [
        Self::Line,
        Self::Ring,
        Self::Tree,
        Self::Grid,
        Self::Internet,
        Self::Mispriced,
    ];

    /// Its name in links.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Ring => "ring",
            Self::Tree => "tree",
            Self::Grid => "grid",
            Self::Internet => "internet",
            Self::Mispriced => "mispriced",
        }
    }

    /// Its name for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Line => "Line",
            Self::Ring => "Ring",
            Self::Tree => "Tree",
            Self::Grid => "Grid",
            Self::Internet => "Internet, several currencies",
            Self::Mispriced => "Two currencies, one hop mispriced",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Preset> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == name)
    }

    /// The network of `count` connectors that `seed` makes.
    pub fn scenario(self, count: usize, seed: u64) -> Scenario {
        let topology = match self {
            Self::Line => Topology::Line,
            Self::Ring => Topology::Ring,
            Self::Tree => Topology::Tree,
            Self::Grid | Self::Mispriced => Topology::Grid,
            Self::Internet => Topology::Internet,
        };
        let count = count.clamp(COUNTS.0, COUNTS.1);
        if self == Self::Internet {
            return Scenario::generate(topology, count, seed);
        }
        let mut random = Random::new(seed);
        let mut connectors: Vec<ConnectorSpec> = (0..count)
            .map(|number| ConnectorSpec {
                spread: format!("0.{:03}", random.between(0, 10)),
                ..ConnectorSpec::new(&format!("n{number}"), "USD")
            })
            .collect();
        if self == Self::Mispriced {
            let cheap = random.place(count);
            for (place, connector) in connectors.iter_mut().enumerate() {
                if random.chance(500) {
                    "EUR".clone_into(&mut connector.currencies[0]);
                }
                connector.rates = rates(place == cheap);
            }
        }
        let links = topology.links(count, &mut random);
        let links = links.into_iter().map(|(one, other)| {
            let euro = self == Self::Mispriced && random.chance(500);
            let mut limit = || Amount::new(random.between(100, 1_000) * 1_000_000_000);
            LinkSpec {
                between: [one, other].map(|place| connectors[place].name.clone()),
                currency: if euro { "EUR" } else { "USD" }.to_owned(),
                scale: 9,
                limits: [limit(), limit()],
                dialects: Default::default(),
            }
        });
        Scenario {
            seed,
            links: links.collect(),
            connectors,
            ..Scenario::default()
        }
    }
}

/// What a connector trades beside each currency against itself.
fn rates(cheap: bool) -> Vec<RateSpec> {
    let rate = |(from, to, fair): (&str, &str, &str)| RateSpec {
        from: from.to_owned(),
        to: to.to_owned(),
        rate: if cheap && to == "EUR" { TOO_MUCH } else { fair }.to_owned(),
    };
    FAIR.map(rate).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use c2c_sim::Network;

    #[test]
    fn every_preset_makes_a_network_and_the_same_one_again() {
        for preset in Preset::ALL {
            for count in [0, 2, 7, 30] {
                let scenario = preset.scenario(count, 3);
                assert_eq!(scenario, preset.scenario(count, 3));
                let network = Network::from_scenario(&scenario);
                let network =
                    network.unwrap_or_else(|fault| panic!("{}: {fault:?}", preset.words()));
                assert_eq!(network.nodes().len(), count.max(2));
                assert_ne!(scenario, preset.scenario(count, 4));
            }
            assert_eq!(Preset::named(preset.as_str()), Some(preset));
        }
        assert_eq!(Preset::named("moon"), None);
    }

    #[test]
    fn one_hop_is_mispriced_and_no_other() {
        let scenario = Preset::Mispriced.scenario(9, 1);
        let cheap = scenario
            .connectors
            .iter()
            .filter(|connector| connector.rates.iter().any(|rate| rate.rate == TOO_MUCH));
        assert_eq!(cheap.count(), 1);
    }
}
