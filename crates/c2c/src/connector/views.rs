//! What the connector shows of itself.

use crate::address::LedgerPrefix;
use crate::snapshot::{Identity, InboxView, LedgerView, PeerView, PeersView};

use super::{Config, Connector};

impl Connector {
    /// Who this is.
    pub fn identity(&self) -> Identity {
        let config = &self.config;
        Identity {
            url: config.url.clone(),
            title: config.title.clone(),
            public_key: config.public_key.to_string(),
            protocol_version: config.protocol_version.clone(),
            rpc_uri: config.rpc_uri.clone(),
            ledgers: config
                .ledgers
                .iter()
                .map(|ledger| LedgerView {
                    prefix: ledger.prefix.clone(),
                    currency: ledger.currency.clone(),
                    scale: ledger.scale,
                    account: ledger.account.clone(),
                })
                .collect(),
        }
    }

    /// How it was set up.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Every peer, in the order of the prefixes.
    pub fn peers(&self) -> PeersView {
        let me = self.config.host();
        PeersView {
            peers: self.peers.values().map(|peer| peer.view(me)).collect(),
        }
    }

    /// The peer with this ledger.
    pub fn peer_view(&self, prefix: &LedgerPrefix) -> Option<PeerView> {
        let me = self.config.host();
        self.peers.get(prefix).map(|peer| peer.view(me))
    }

    /// Who called without being a peer.
    pub fn inbox(&self) -> InboxView {
        InboxView {
            callers: self.inbox.view(),
        }
    }
}
