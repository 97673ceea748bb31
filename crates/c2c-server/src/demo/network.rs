//! Who is in the demo network, who peers with whom, and at which terms.
//!
//! Payments from alder to rowan have four ways. Birch, cedar and magpie each peer with rowan, so their
//! routes are equally long: magpie sells euros at a price that cannot be right but may owe rowan little,
//! birch is cheaper than cedar but bound by its limit, and cedar carries what is left. The way over elm
//! and fir is one ledger longer, so nobody takes it although it would carry the most.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use c2c::address::LedgerPrefix;

/// One connector of the network.
pub struct DemoConnector {
    /// Its name; its ledger is `example.NAME.`.
    pub name: &'static str,
    /// What is remarkable about it.
    pub about: &'static str,
    /// Its ledger's currency.
    pub currency: &'static str,
    /// What it buys and sells: from, to, rate.
    pub rates: &'static [(&'static str, &'static str, &'static str)],
}

/// The connectors; the first one is the dashboard.
pub const CONNECTORS: &[DemoConnector] = &[
    DemoConnector {
        name: "alder",
        about: "the dashboard; trades dollars only",
        currency: "USD",
        rates: &[],
    },
    DemoConnector {
        name: "birch",
        about: "cheap, and bound by its limit",
        currency: "USD",
        rates: &[("USD", "EUR", "0.925"), ("EUR", "USD", "1.076")],
    },
    DemoConnector {
        name: "cedar",
        about: "dearer, and carries much",
        currency: "EUR",
        rates: &[("USD", "EUR", "0.917"), ("EUR", "USD", "1.068")],
    },
    DemoConnector {
        name: "magpie",
        about: "mispriced: too good to be true",
        currency: "EUR",
        rates: &[("USD", "EUR", "1.12"), ("EUR", "USD", "1.07")],
    },
    DemoConnector {
        name: "elm",
        about: "the first half of the long way",
        currency: "GBP",
        rates: &[("USD", "GBP", "0.79"), ("GBP", "USD", "1.26")],
    },
    DemoConnector {
        name: "fir",
        about: "the second half of the long way",
        currency: "GBP",
        rates: &[("GBP", "EUR", "1.17"), ("EUR", "GBP", "0.85")],
    },
    DemoConnector {
        name: "rowan",
        about: "where the four ways meet; trades euros only",
        currency: "EUR",
        rates: &[],
    },
];

/// A peering between two connectors, with each side's limit in the currency.
pub struct Link {
    /// One side.
    pub a: &'static str,
    /// The other.
    pub b: &'static str,
    /// The currency of the ledger between them.
    pub currency: &'static str,
    /// What `b` lets `a` owe it: how much can be paid from a to b.
    pub a_may_owe_b: u64,
    /// What `a` lets `b` owe it.
    pub b_may_owe_a: u64,
}

const fn link(
    a: &'static str,
    b: &'static str,
    currency: &'static str,
    a_may_owe_b: u64,
    b_may_owe_a: u64,
) -> Link {
    Link {
        a,
        b,
        currency,
        a_may_owe_b,
        b_may_owe_a,
    }
}

/// The peerings.
pub const LINKS: &[Link] = &[
    link("alder", "birch", "USD", 2_000, 2_000),
    link("alder", "cedar", "USD", 8_000, 8_000),
    link("alder", "magpie", "USD", 1_000, 1_000),
    link("alder", "elm", "USD", 12_000, 12_000),
    link("birch", "rowan", "EUR", 400, 1_500),
    link("cedar", "rowan", "EUR", 4_000, 4_000),
    link("magpie", "rowan", "EUR", 60, 60),
    link("elm", "fir", "GBP", 9_000, 9_000),
    link("fir", "rowan", "EUR", 9_000, 9_000),
];

impl DemoConnector {
    /// The connector's own ledger.
    pub fn ledger(&self) -> LedgerPrefix {
        LedgerPrefix::new(&format!("example.{}.", self.name))
            .expect("names in the table are made of small letters")
    }

    /// Its configuration file.
    pub fn settings(&self, address: SocketAddr, web: Option<&Path>) -> String {
        let title = format!("{}{}", self.name[..1].to_uppercase(), &self.name[1..]);
        let mut text = format!(
            "# One connector of the demo network: {}.\n\
             url = \"http://{address}\"\n\
             listen = \"{address}\"\n\
             title = \"{title}\"\n\
             allow_loopback_http = true\n\
             open_dashboard = true\n\
             listed = true\n\
             directory_file = \"../directory.json\"\n",
            self.about
        );
        // Writing to a String cannot fail.
        if let Some(web) = web {
            let web = std::path::absolute(web).unwrap_or(web.to_owned());
            let _ = writeln!(text, "web_root = {}", quoted(&web));
        }
        let _ = write!(
            text,
            "\n[routing]\nbroadcast_interval_ms = 1500\nroute_expiry_ms = 6000\n\
             \n[[ledger]]\nprefix = \"{}\"\ncurrency = \"{}\"\nscale = 9\n",
            self.ledger(),
            self.currency
        );
        for (from, to, rate) in self.rates {
            let _ = write!(
                text,
                "\n[[rate]]\nfrom = \"{from}\"\nto = \"{to}\"\nrate = \"{rate}\"\n"
            );
        }
        text
    }
}

/// A text as TOML writes it; JSON's way of writing texts is a part of TOML's.
fn quoted(path: &Path) -> String {
    serde_json::to_string(&path.to_string_lossy()).unwrap_or_default()
}
