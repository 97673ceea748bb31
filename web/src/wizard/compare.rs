//! Whether the page and the connector behind it came to the same peering.

use c2c::key::PublicKey;
use c2c::peering::Details;
use c2c::snapshot::{PeerView, SnapshotView};

/// What comes of comparing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The loaded secret is not the connector's: there is nothing to compare.
    OtherSecret {
        /// What the connector publishes.
        connector: String,
        /// What the loaded secret makes.
        loaded: String,
    },
    /// The connector has no peering under this prefix, nor one with this host.
    NoSuchPeer,
    /// Both have one.
    Compared {
        /// Each fact, in the order of the specification, then the two accounts.
        facts: Vec<Compared>,
    },
}

/// One fact on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The stable name of [`c2c::peering::Fact`], or `account`, `peer_account`.
    pub name: &'static str,
    /// What to call it.
    pub label: &'static str,
    /// What the connector has; for the token its fingerprint.
    pub connector: String,
    /// What the page has; for the token its fingerprint.
    pub page: String,
}

impl Compared {
    /// Whether the two are the same.
    pub fn is_equal(&self) -> bool {
        self.connector == self.page
    }
}

impl Comparison {
    /// Compares what the page derived with what the connector shows. Tokens are compared by their
    /// fingerprints: the connector shows no more.
    pub fn of(details: &Details, public: &PublicKey, snapshot: &SnapshotView) -> Comparison {
        let loaded = public.to_string();
        if snapshot.identity.public_key != loaded {
            return Comparison::OtherSecret {
                connector: snapshot.identity.public_key.clone(),
                loaded,
            };
        }
        let same_prefix = |peer: &&PeerView| peer.prefix == details.prefix;
        let same_account = |peer: &&PeerView| {
            // The account ends in the peer's key, which says who it is under whatever terms.
            let name = |account: &str| account.rsplit('.').next().map(str::to_owned);
            name(peer.peer_account.as_str()) == name(details.peer_account.as_str())
        };
        let peers = || snapshot.peers.iter();
        let Some(peer) = peers()
            .find(same_prefix)
            .or_else(|| peers().find(same_account))
        else {
            return Comparison::NoSuchPeer;
        };
        let fact = |name, label, connector: &str, page: &str| Compared {
            name,
            label,
            connector: connector.to_owned(),
            page: page.to_owned(),
        };
        Comparison::Compared {
            facts: vec![
                fact(
                    "version",
                    "Protocol version",
                    &peer.protocol_version,
                    &details.protocol_version,
                ),
                fact(
                    "endpoint",
                    "RPC endpoint",
                    &peer.rpc_uri,
                    details.rpc_uri.as_str(),
                ),
                fact(
                    "prefix",
                    "Ledger prefix",
                    peer.prefix.as_str(),
                    details.prefix.as_str(),
                ),
                fact(
                    "token",
                    "Auth token",
                    &peer.token_fingerprint,
                    &details.send_token.fingerprint(),
                ),
                fact(
                    "code",
                    "Currency code",
                    peer.currency.as_str(),
                    details.currency.as_str(),
                ),
                fact(
                    "scale",
                    "Currency scale",
                    &peer.scale.to_string(),
                    &details.scale.to_string(),
                ),
                fact(
                    "account",
                    "Your account",
                    peer.account.as_str(),
                    details.account.as_str(),
                ),
                fact(
                    "peer_account",
                    "Their account",
                    peer.peer_account.as_str(),
                    details.peer_account.as_str(),
                ),
            ],
        }
    }

    /// The result in one sentence, and whether all is well.
    pub fn verdict(&self) -> (bool, String) {
        match self {
            Self::OtherSecret { connector, loaded } => (
                false,
                format!("The connector behind this page publishes {connector}; the secret loaded here makes {loaded}. Load the connector's own secret to compare the two."),
            ),
            Self::NoSuchPeer => (
                false,
                "The connector behind this page does not have this peering yet. Add it there with the same terms, then the facts are compared here.".to_owned(),
            ),
            Self::Compared { facts } => {
                let differing: Vec<_> =
                    facts.iter().filter(|f| !f.is_equal()).map(|f| f.label.to_lowercase()).collect();
                if differing.is_empty() {
                    (true, "All six facts and both accounts equal what your connector derived.".to_owned())
                } else {
                    (false, format!("Not equal to what your connector has: {}.", differing.join(", ")))
                }
            }
        }
    }
}
