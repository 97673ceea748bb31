//! A network of connectors on invented time.
//!
//! The engine is the one that the server runs, [`c2c::connector::Connector`]; around it this crate puts
//! a clock that need not be right, a disk, and wires that lose, copy, hold up and reorder messages, all
//! by a seed. Nothing here has a clock, a thread, a float or randomness of its own, so that a month
//! passes in a second, a failed seed fails again, and a browser runs what a test runs.

mod network;
mod oracle;
mod play;
mod random;
mod routing;
mod scenario;
mod topology;
mod watch;

pub use network::{
    Clock, Faults, Happening, Lie, Network, Node, START, Step, Traffic, What, Wire, replay,
};
pub use oracle::{Compared, Difference, Oracle};
pub use play::{Report, play};
pub use random::Random;
pub use routing::{News, Peering, Routing, Word};
pub use scenario::{ConnectorSpec, LinkSpec, RateSpec, Scenario, ScenarioError};
pub use topology::Topology;
pub use watch::{Broken, Checks, Violation, Watch};
