//! Two connectors, red and blue, that peer with each other in USD.

use c2c::address::LedgerPrefix;
use c2c::connector::Config;

use c2c_sim::Network;

/// Red and blue, and the ledger between them.
pub struct Pair {
    /// The network they are in.
    pub network: Network,
    /// Red's number.
    pub red: usize,
    /// Blue's number.
    pub blue: usize,
    /// The ledger between them.
    pub ledger: LedgerPrefix,
}

/// The limit of each on the other: 100 USD.
pub const LIMIT: u64 = 100_000_000_000;

impl Pair {
    /// Both have added each other.
    pub fn new(seed: u64) -> Self {
        Self::with(seed, |_| {})
    }

    /// The same, with a change to the configuration of both.
    pub fn with(seed: u64, change: fn(&mut Config)) -> Self {
        let mut network = Network::new(seed);
        let red = network.add("red", "USD", change);
        let blue = network.add("blue", "USD", change);
        let ledger = network.peer(red, blue, "USD", LIMIT);
        Self {
            network,
            red,
            blue,
            ledger,
        }
    }
}
