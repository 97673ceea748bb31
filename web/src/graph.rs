//! The network as far as routes tell of it: ledgers in columns by how far away they are. Pure; `view`
//! draws it.

mod view;

use std::collections::{BTreeMap, BTreeSet};

pub use view::Graph;

use crate::book::Book;

/// The most nodes that are laid out one by one; beyond that far ledgers are drawn as groups.
pub const MOST: usize = 300;

/// One ledger, or a group of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its name, or the beginning that those of the group share.
    pub name: String,
    /// How many ledgers it stands for.
    pub count: usize,
    /// How many payments away: 0 the source.
    pub column: usize,
    /// Its place in the column.
    pub row: usize,
}

/// Ledgers and who leads to whom, laid out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// By column, then name.
    pub nodes: Vec<Node>,
    /// From a node to one further away.
    pub edges: Vec<(usize, usize)>,
    /// How many columns there are.
    pub columns: usize,
    /// The most nodes in a column.
    pub rows: usize,
    /// Whether ledgers were grouped.
    pub grouped: bool,
}

impl Map {
    /// The ways from `source` to what is `under` a prefix.
    pub fn of(book: &Book, source: &str, under: &str) -> Map {
        let found = book.search(source, under, crate::book::Order::default());
        let found: Vec<u32> = found
            .into_iter()
            .filter(|at| book.ends(*at).1.starts_with(under))
            .collect();
        // The more of a name is kept, the more groups there are: as many as fit.
        for segments in [
            usize::MAX,
            under.matches('.').count() + 2,
            under.matches('.').count() + 1,
        ] {
            let map = Self::laid(book, source, &found, segments);
            if map.nodes.len() <= MOST || segments == under.matches('.').count() + 1 {
                return map.cut();
            }
        }
        Map::default()
    }

    fn laid(book: &Book, source: &str, found: &[u32], segments: usize) -> Map {
        let short = |name: &str| {
            if segments == usize::MAX || name.starts_with("peer.") {
                return name.to_owned();
            }
            let end = name
                .match_indices('.')
                .nth(segments - 1)
                .map_or(name.len(), |(at, _)| at + 1);
            name[..end].to_owned()
        };
        let mut columns: BTreeMap<String, usize> = BTreeMap::new();
        let mut ledgers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut edges: BTreeSet<(String, String)> = BTreeSet::new();
        columns.insert(source.to_owned(), 0);
        for at in found {
            let route = book.route(*at);
            for candidate in &route.candidates {
                let direct = vec![Vec::new()];
                let paths = if candidate.paths.is_empty() {
                    &direct
                } else {
                    &candidate.paths
                };
                for path in paths {
                    let mut way = vec![source.to_owned(), candidate.next_ledger.to_string()];
                    way.extend(path.iter().map(ToString::to_string));
                    let target = if route.target_prefix.is_empty() {
                        "anywhere else"
                    } else {
                        &route.target_prefix
                    };
                    way.push(target.to_owned());
                    way.dedup();
                    for (column, pair) in way.windows(2).enumerate() {
                        let (one, other) = (short(&pair[0]), short(&pair[1]));
                        ledgers
                            .entry(other.clone())
                            .or_default()
                            .insert(pair[1].clone());
                        let place = columns.entry(other.clone()).or_insert(column + 1);
                        *place = (*place).min(column + 1);
                        if one != other {
                            edges.insert((one, other));
                        }
                    }
                }
            }
        }
        let mut nodes: Vec<Node> = columns
            .into_iter()
            .map(|(name, column)| Node {
                count: ledgers.get(&name).map_or(1, BTreeSet::len),
                name,
                column,
                row: 0,
            })
            .collect();
        nodes.sort_by(|a, b| (a.column, &a.name).cmp(&(b.column, &b.name)));
        let mut map = Map {
            grouped: segments != usize::MAX,
            ..Map::default()
        };
        for node in &mut nodes {
            map.columns = map.columns.max(node.column + 1);
        }
        let mut filled = vec![0; map.columns];
        for node in &mut nodes {
            node.row = filled[node.column];
            filled[node.column] += 1;
        }
        map.rows = filled.into_iter().max().unwrap_or(0);
        let place: BTreeMap<&str, usize> = nodes
            .iter()
            .enumerate()
            .map(|(at, node)| (node.name.as_str(), at))
            .collect();
        map.edges = edges
            .iter()
            .filter_map(|(one, other)| {
                Some((*place.get(one.as_str())?, *place.get(other.as_str())?))
            })
            .collect();
        drop(place);
        map.edges.sort_unstable();
        map.nodes = nodes;
        map
    }

    /// The first [`MOST`] nodes, where even groups are too many.
    fn cut(mut self) -> Map {
        if self.nodes.len() > MOST {
            self.nodes.truncate(MOST);
            self.edges
                .retain(|(one, other)| *one < MOST && *other < MOST);
            self.rows = self
                .nodes
                .iter()
                .map(|node| node.row + 1)
                .max()
                .unwrap_or(0);
            self.columns = self
                .nodes
                .iter()
                .map(|node| node.column + 1)
                .max()
                .unwrap_or(0);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::open;

    fn told(count: usize) -> Book {
        let routes: Vec<String> = (0..count)
            .map(|at| format!(
                r#"{{"source_ledger":"peer.a.usd.9.","destination_ledger":"g.r{}.d{at}.","min_message_window":1,"paths":[["g.mid."]],"source_account":"peer.a.usd.9.bob"}}"#,
                at % 7
            ))
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
    fn ledgers_stand_in_columns_by_how_far_they_are() {
        let map = Map::of(&told(3), "peer.a.usd.9.", "");
        let names: Vec<(&str, usize)> = map
            .nodes
            .iter()
            .map(|node| (node.name.as_str(), node.column))
            .collect();
        assert_eq!(
            names,
            [
                ("peer.a.usd.9.", 0),
                ("g.mid.", 1),
                ("g.r0.d0.", 2),
                ("g.r1.d1.", 2),
                ("g.r2.d2.", 2)
            ]
        );
        assert_eq!(
            map.edges,
            [(0, 1), (1, 2), (1, 3), (1, 4)].map(|(a, b)| (a.min(b), a.max(b)))
        );
        assert!(!map.grouped);
    }

    #[test]
    fn many_ledgers_become_groups_that_open() {
        let book = told(1000);
        let map = Map::of(&book, "peer.a.usd.9.", "");
        assert!(
            map.grouped && map.nodes.len() <= MOST,
            "{}",
            map.nodes.len()
        );
        let group = map.nodes.iter().find(|node| node.name == "g.r3.").unwrap();
        assert_eq!(group.count, 143);
        let inside = Map::of(&book, "peer.a.usd.9.", "g.r3.");
        assert!(
            !inside.grouped && inside.nodes.len() == 145,
            "{}",
            inside.nodes.len()
        );
    }
}
