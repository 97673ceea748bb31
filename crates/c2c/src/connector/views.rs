//! What the connector shows of itself.

use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::Amount;
use crate::curve::Curve;
use crate::journal::Journal;
use crate::peering::Details;
use crate::snapshot::{
    CandidateView, Identity, InboxView, LedgerView, MergedView, PeerView, PeersView, Points,
    RefusedRouteView, RefusedView, RejectedView, RouteView, RoutesView, Seconds, SegmentView,
    SnapshotView, TooGoodView, WhyView,
};
use crate::table::{self, Candidate, Explanation, NoHop, Tables, TooGood, View};

use super::{Asked, Config, Connector};

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

    /// How it was set up, with the rates as they are now.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The routing tables.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// What changed the tables since the start, if the configuration wants it written down.
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
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

    /// All that is known of the peer with this ledger, its tokens included.
    pub fn peer_details(&self, prefix: &LedgerPrefix) -> Option<Details> {
        self.peers.get(prefix).map(|peer| peer.details.clone())
    }

    /// The routes from the ledger `source`, or from all; to what starts with `search`, and to what an
    /// address `search` would take, or to everything.
    pub fn routes(&self, source: Option<&str>, search: Option<&str>) -> RoutesView {
        let mut routes = Vec::new();
        let sources = self.tables.sources();
        for from in sources.filter(|from| source.is_none_or(|wanted| from.as_str() == wanted)) {
            let longest =
                search.and_then(|search| self.tables.longest_prefix(from.as_str(), search));
            for prefix in self.tables.prefixes_from(from.as_str()) {
                let found = search.is_none_or(|search| {
                    prefix.as_str().starts_with(search) || longest == Some(prefix)
                });
                if found {
                    routes.extend(self.route(from, prefix.as_str()));
                }
            }
        }
        RoutesView { routes }
    }

    /// Who carries a payment from `source`, an address or ledger of ours, to `destination`, and why
    /// nobody else.
    pub fn why(&self, source: &str, destination: &str, asked: Asked) -> WhyView {
        let name = |account: &IlpAddress| self.name(account);
        let explained =
            self.tables
                .explain(View::Local, self.now, source, destination, asked, &name);
        let (source_amount, destination_amount) = match asked {
            Asked::Source(amount) => (Some(Amount::new(amount)), None),
            Asked::Destination(amount) => (None, Some(Amount::new(amount))),
        };
        match explained {
            Ok(explained) => WhyView {
                sentence: self.with_warning(&explained),
                winner: explained.winner,
                source_amount: explained.source_amount.map(Amount::new),
                destination_amount: explained.destination_amount.map(Amount::new),
                rejected: explained
                    .rejected
                    .into_iter()
                    .map(|rejected| RejectedView {
                        next_hop: rejected.next_hop,
                        reason: rejected.reason.to_string(),
                    })
                    .collect(),
            },
            Err(none) => WhyView {
                winner: None,
                source_amount,
                destination_amount,
                sentence: match none {
                    NoHop::UnknownSource => format!("{source} is no ledger of this connector"),
                    _ => format!("no route leads from {source} to {destination}"),
                },
                rejected: Vec::new(),
            },
        }
    }

    /// The sentence of an explanation, with a warning if its winner is too good to be true.
    fn with_warning(&self, explained: &Explanation) -> String {
        let mut sentence = explained.sentence.clone();
        let prefix = explained.target_prefix.address();
        if let (Some(winner), Some(prefix)) = (&explained.winner, prefix)
            && let Some(found) = self.incoming.suspicion(&self.tables, winner, prefix)
        {
            sentence.push_str(&format!("; beware of {}: {found}", self.name(winner)));
        }
        sentence
    }

    /// What was told and not taken.
    pub fn refused(&self) -> RefusedView {
        let ledger = |account: &IlpAddress| {
            let mut peers = self.peers.values();
            let peer = peers.find(|peer| peer.ledger.peer_account() == account)?;
            Some(peer.ledger.prefix().clone())
        };
        RefusedView {
            refused: self
                .incoming
                .refused()
                .filter_map(|route| {
                    Some(RefusedRouteView {
                        peer: ledger(&route.peer)?,
                        index: u64::try_from(route.index).unwrap_or(u64::MAX),
                        destination_ledger: route
                            .destination
                            .as_ref()
                            .map_or_else(String::new, ToString::to_string),
                        code: route.reason.code().to_owned(),
                        reason: route.reason.to_string(),
                        time: route.at,
                    })
                })
                .collect(),
            broadcasts: self.refused_updates.iter().cloned().collect(),
        }
    }

    /// Who called without being a peer.
    pub fn inbox(&self) -> InboxView {
        InboxView {
            callers: self.inbox.view(),
        }
    }

    /// Everything above at once, as of the latest time that was handed in.
    pub fn snapshot(&self) -> SnapshotView {
        SnapshotView {
            version: SnapshotView::VERSION,
            time: self.now,
            identity: self.identity(),
            peers: self.peers().peers,
            routes: self.routes(None, None).routes,
            refused: self.refused(),
            inbox: self.inbox.view(),
        }
    }

    fn route(&self, source: &LedgerPrefix, prefix: &str) -> Option<RouteView> {
        let candidates = self.tables.candidates(View::Local, source.as_str(), prefix);
        let combined = self.tables.combined(View::Local, source.as_str(), prefix)?;
        let sections = combined.sections;
        let explained =
            self.tables
                .explain_sections(View::Local, self.now, source.as_str(), prefix);
        let name = |account: &IlpAddress| self.name(account);
        Some(RouteView {
            source_ledger: source.clone(),
            destination_ledger: combined.destination_ledger.address()?.clone(),
            target_prefix: prefix.to_owned(),
            candidates: candidates
                .iter()
                .enumerate()
                .map(|(i, candidate)| {
                    let wins = sections.iter().any(|section| section.candidate == i);
                    CandidateView {
                        too_good: self.too_good(candidate).as_ref().map(too_good_view),
                        ..candidate_view(candidate, wins)
                    }
                })
                .collect(),
            merged: combined.curve.as_ref().map(|curve| MergedView {
                points: points(curve),
                segments: sections
                    .iter()
                    .map(|section| SegmentView {
                        from: Amount::new(section.from),
                        to: Amount::new(section.to),
                        next_hop: section.next_hop.clone(),
                    })
                    .collect(),
            }),
            sentence: table::sentence(&explained, &name),
        })
    }

    /// Whether a candidate is too good to be true, if the configuration wants that looked at.
    fn too_good(&self, candidate: &Candidate) -> Option<TooGood> {
        let prefix = candidate.target_prefix.address()?;
        let heard = !candidate.is_local && !candidate.is_configured;
        heard.then_some(())?;
        self.incoming
            .suspicion(&self.tables, &candidate.next_hop, prefix)
    }

    /// What to call a next hop in a sentence: the peer's host, or ourselves.
    fn name(&self, account: &IlpAddress) -> String {
        let peer = self
            .peers
            .values()
            .find(|peer| peer.ledger.peer_account() == account);
        peer.map_or_else(
            || "our own account".to_owned(),
            |peer| peer.host().to_owned(),
        )
    }
}

fn candidate_view(candidate: &Candidate, wins: bool) -> CandidateView {
    CandidateView {
        next_hop: candidate.next_hop.clone(),
        next_ledger: candidate.next_ledger.clone(),
        paths: candidate.paths.iter().map(<[IlpAddress]>::to_vec).collect(),
        hops: u32::try_from(candidate.hops).unwrap_or(u32::MAX),
        points: candidate.curve.as_ref().map(points),
        min_message_window: Seconds(candidate.min_message_window),
        expires_at: candidate.expires_at,
        wins,
        too_good: None,
    }
}

fn too_good_view(found: &TooGood) -> TooGoodView {
    TooGoodView {
        basis_points: found.basis_points,
        at: Amount::new(found.at),
        attracts: found.attracts,
        sentence: found.to_string(),
    }
}

fn points(curve: &Curve) -> Points {
    curve
        .points()
        .iter()
        .map(|point| (Amount::new(point.x), Amount::new(point.y)))
        .collect()
}
