//! Two moments beside each other: what came, what went, what changed, and by how much. Pure; `view`
//! draws it.

mod view;

use c2c::curve::Curve;
use c2c::snapshot::{Points, RouteView};

pub use view::{Aside, Compare};

use crate::book::{Book, alike};
use crate::unit::{Unit, rough};

/// What differs between two books.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Differences {
    /// Routes that are only in the second.
    pub added: Vec<Ends>,
    /// Routes that are only in the first.
    pub removed: Vec<Ends>,
    /// Routes that differ, and how.
    pub changed: Vec<(Ends, Vec<String>)>,
    /// How many are as they were.
    pub same: usize,
}

/// Where a route comes from and goes to.
pub type Ends = (String, String);

impl Differences {
    /// What differs from `before` to `after`.
    pub fn between(before: &Book, after: &Book) -> Differences {
        let mut found = Differences::default();
        let places = |book: &Book| 0..u32::try_from(book.len()).unwrap_or(u32::MAX);
        for at in places(before) {
            let (source, target) = before.ends(at);
            if after.find(source, target).is_none() {
                found.removed.push((source.to_owned(), target.to_owned()));
            }
        }
        for at in places(after) {
            let (source, target) = after.ends(at);
            let ends = (source.to_owned(), target.to_owned());
            let Some(old) = before.find(source, target) else {
                found.added.push(ends);
                continue;
            };
            let (old, new) = (before.route(old), after.route(at));
            if alike(&old, &new) {
                found.same += 1;
            } else {
                let unit = |ledger: &str| Unit::of_ledger(after.head().snapshot.as_ref(), ledger);
                let words = how(&old, &new, unit(source).as_ref(), unit(target).as_ref());
                found.changed.push((ends, words));
            }
        }
        found
    }
}

/// How a route changed, in words.
fn how(
    old: &RouteView,
    new: &RouteView,
    source: Option<&Unit>,
    destination: Option<&Unit>,
) -> Vec<String> {
    let mut words = Vec::new();
    let hops = |route: &RouteView| -> Vec<String> {
        route
            .candidates
            .iter()
            .map(|candidate| candidate.next_hop.to_string())
            .collect()
    };
    let (before, after) = (hops(old), hops(new));
    let gone: Vec<&str> = before
        .iter()
        .filter(|hop| !after.contains(hop))
        .map(String::as_str)
        .collect();
    let come: Vec<&str> = after
        .iter()
        .filter(|hop| !before.contains(hop))
        .map(String::as_str)
        .collect();
    if !come.is_empty() {
        words.push(format!("new next hop {}", come.join(", ")));
    }
    if !gone.is_empty() {
        words.push(format!("without {}", gone.join(", ")));
    }
    let curve = |route: &RouteView| {
        route
            .merged
            .as_ref()
            .and_then(|merged| curve_of(&merged.points))
    };
    match (curve(old), curve(new)) {
        (Some(old), Some(new)) if old != new => {
            if old.capacity().x != new.capacity().x {
                words.push(format!(
                    "carries up to {} instead of {}",
                    rough(new.capacity().x, source),
                    rough(old.capacity().x, source)
                ));
            }
            if let Some((at, less, more)) = widest(&old, &new) {
                let (by, word) = if more > less {
                    (more - less, "more")
                } else {
                    (less - more, "less")
                };
                words.push(format!(
                    "delivers up to {} {word}, at {}",
                    rough(by, destination),
                    rough(at, source)
                ));
            }
        }
        (Some(_), None) => words.push("no curve any more".to_owned()),
        (None, Some(_)) => words.push("has a curve now".to_owned()),
        _ => {}
    }
    let winners = |route: &RouteView| -> Vec<String> {
        let segments = route.merged.iter().flat_map(|merged| &merged.segments);
        segments
            .map(|segment| segment.next_hop.to_string())
            .collect()
    };
    if winners(old) != winners(new) && gone.is_empty() && come.is_empty() {
        words.push("other winners".to_owned());
    }
    if words.is_empty() {
        words.push("other paths or windows".to_owned());
    }
    words
}

/// Where two curves are farthest apart, and what each delivers there: at a corner of one of them.
fn widest(old: &Curve, new: &Curve) -> Option<(u64, u64, u64)> {
    let corners = old.points().iter().chain(new.points()).map(|point| point.x);
    corners
        .map(|at| (at, old.amount_at(at), new.amount_at(at)))
        .filter(|(_, old, new)| old != new)
        .max_by_key(|(_, old, new)| old.abs_diff(*new))
}

fn curve_of(points: &Points) -> Option<Curve> {
    Curve::from_points(points.iter().map(|(x, y)| (x.units(), y.units()))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::open;

    fn told(points: &str, to: &[&str]) -> Book {
        let routes: Vec<String> = to
            .iter()
            .map(|to| format!(r#"{{"source_ledger":"peer.a.usd.9.","destination_ledger":"{to}","points":{points},"min_message_window":1,"source_account":"peer.a.usd.9.bob"}}"#))
            .collect();
        open(
            format!("[{}]", routes.join(",")).as_bytes(),
            0,
            &mut |_, _, _| {},
        )
        .unwrap()
        .book
    }

    #[test]
    fn what_came_went_and_changed_is_told() {
        let before = told("[[0,0],[1000,900]]", &["g.a.", "g.b."]);
        let after = told("[[0,0],[1000,990]]", &["g.b.", "g.c."]);
        let found = Differences::between(&before, &after);
        let ends = |to: &str| ("peer.a.usd.9.".to_owned(), to.to_owned());
        assert_eq!(
            (found.added, found.removed, found.same),
            (vec![ends("g.c.")], vec![ends("g.a.")], 0)
        );
        assert_eq!(
            found.changed,
            [(
                ends("g.b."),
                vec!["delivers up to 90 units more, at 0.000001 USD".to_owned()]
            )]
        );
        assert_eq!(Differences::between(&before, &before).same, 2);
    }
}
