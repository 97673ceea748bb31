//! What a connector's operator wants to know first: peers, routes, what runs out, what is wrong. Pure;
//! `view` draws it.

mod view;

use c2c::snapshot::PeerState;
use c2c::timestamp::Timestamp;

pub use view::Overview;

use crate::book::{Book, Column, Order};
use crate::page::span;

/// How many single things are listed.
const LISTED: usize = 6;

/// The answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// How many peers stand how, the best first.
    pub peers: Vec<(&'static str, usize)>,
    /// Destinations and ways to them.
    pub destinations: usize,
    /// Ways to them.
    pub ways: usize,
    /// Destinations to which several next hops share the amounts.
    pub contested: usize,
    /// Who was heard last.
    pub freshest: Option<(String, Timestamp)>,
    /// What runs out first: from, to, when.
    pub expiring: Vec<(String, String, Timestamp)>,
    /// What needs a look.
    pub alerts: Vec<Alert>,
}

/// One thing that needs a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What it is about.
    pub about: String,
    /// What is wrong, and the cure.
    pub words: String,
    /// Where to look.
    pub link: Option<String>,
}

impl Summary {
    /// The answers of `book` at `now`, by the connector's clock in milliseconds.
    pub fn of(book: &Book, now: f64) -> Summary {
        let mut summary = Summary {
            destinations: book.len(),
            ways: book.candidates(),
            contested: book.contested(),
            ..Summary::default()
        };
        let states = [
            PeerState::Checked,
            PeerState::Waiting,
            PeerState::Invited,
            PeerState::Silent,
            PeerState::Broken,
        ];
        if let Some(snapshot) = &book.head().snapshot {
            for state in states {
                let count = snapshot
                    .peers
                    .iter()
                    .filter(|peer| peer.state == state)
                    .count();
                if count > 0 {
                    summary.peers.push((state.as_str(), count));
                }
            }
            let heard = snapshot
                .peers
                .iter()
                .filter_map(|peer| Some((peer.last_heard?, peer)));
            summary.freshest = heard.max_by_key(|(at, _)| *at).map(|(at, peer)| {
                (
                    peer.host.clone().unwrap_or_else(|| peer.prefix.to_string()),
                    at,
                )
            });
            for peer in &snapshot.peers {
                let about = peer.host.clone().unwrap_or_else(|| peer.prefix.to_string());
                if let Some(key) = &peer.other_key {
                    summary.alerts.push(Alert {
                        about: about.clone(),
                        words: format!("publishes another key since {}. Confirm it by voice before you peer anew.", key.since),
                        link: None,
                    });
                }
                if matches!(peer.state, PeerState::Silent | PeerState::Broken) {
                    summary.alerts.push(Alert {
                        about,
                        words: format!("{}: {}", peer.state.as_str(), peer.reason),
                        link: None,
                    });
                }
            }
            let refused = snapshot.refused.refused.len() + snapshot.refused.broadcasts.len();
            if let Some(last) = snapshot.refused.refused.last() {
                summary.alerts.push(Alert {
                    about: format!("{refused} refused"),
                    words: format!(
                        "lately; the last one leads to {}: {}",
                        last.destination_ledger, last.reason
                    ),
                    link: None,
                });
            }
            for caller in snapshot.inbox.iter().rev().take(LISTED) {
                summary.alerts.push(Alert {
                    about: caller.prefix.clone(),
                    words: format!(
                        "called {} times and is no peer of yours ({}).",
                        caller.times, caller.code
                    ),
                    link: Some("#/peer".to_owned()),
                });
            }
        }
        for at in book.suspicious().into_iter().take(LISTED) {
            let (from, to) = book.ends(at);
            let route = book.route(at);
            let doubt = route
                .candidates
                .iter()
                .find_map(|candidate| candidate.too_good.as_ref());
            summary.alerts.push(Alert {
                about: to.to_owned(),
                words: doubt.map_or_else(String::new, |doubt| {
                    format!("too good to be true: {}", doubt.sentence)
                }),
                link: Some(format!("#/routes?from={from}&to={to}")),
            });
        }
        let first = book.sources().first().map(|source| (*source).to_owned());
        if let Some(source) = first {
            let order = Order {
                column: Column::Expires,
                falling: false,
            };
            for at in book.search(&source, "", order).into_iter().take(LISTED) {
                let route = book.route(at);
                let ends = route
                    .candidates
                    .iter()
                    .filter(|candidate| candidate.wins)
                    .filter_map(|candidate| candidate.expires_at);
                #[allow(clippy::cast_precision_loss)]
                if let Some(end) = ends
                    .min()
                    .filter(|end| end.as_millis() as f64 - now < 60_000.0)
                {
                    summary
                        .expiring
                        .push((source.clone(), route.target_prefix, end));
                }
            }
        }
        summary
    }
}

/// How long ago, or how long still, in words.
pub fn beside(time: Timestamp, now: f64) -> String {
    #[allow(clippy::cast_precision_loss)]
    let away = time.as_millis() as f64 - now;
    if away >= 0.0 {
        format!("in {}", span(away))
    } else {
        format!("{} ago", span(-away))
    }
}

/// How long ago something was, in words. The connector's clock may be a little ahead of what we make of it.
pub fn ago(time: Timestamp, now: f64) -> String {
    #[allow(clippy::cast_precision_loss)]
    let age = now - time.as_millis() as f64;
    if age < 1_000.0 {
        "just now".to_owned()
    } else {
        format!("{} ago", span(age))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::open;

    #[test]
    fn the_example_is_summed_up() {
        let book = open(include_bytes!("../data/demo.json"), 0, &mut |_, _, _| {})
            .unwrap()
            .book;
        #[allow(clippy::cast_precision_loss)]
        let now = book.head().snapshot.as_ref().unwrap().time.as_millis() as f64;
        let summary = Summary::of(&book, now);
        let peers: usize = summary.peers.iter().map(|(_, count)| count).sum();
        assert_eq!(peers, book.head().snapshot.as_ref().unwrap().peers.len());
        assert!(summary.contested > 0 && summary.ways > summary.destinations);
        assert!(!summary.expiring.is_empty(), "routes live for 45 seconds");
        assert!(summary.freshest.is_some());
    }

    #[test]
    fn times_are_told_from_both_sides() {
        assert_eq!(beside(Timestamp::from_millis(5_000), 2_000.0), "in 3 s");
        assert_eq!(beside(Timestamp::from_millis(5_000), 9_000.0), "4 s ago");
        assert_eq!(ago(Timestamp::from_millis(5_000), 4_000.0), "just now");
        assert_eq!(ago(Timestamp::from_millis(5_000), 9_000.0), "4 s ago");
    }
}
