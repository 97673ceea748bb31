//! Who sends what where next, all connectors at once: what ways follow from it, and what changed between two
//! moments. Pure.

/// No way leads there.
pub const NOWHERE: i32 = -1;
/// Ways lead there, and none can carry the amount.
pub const FULL: i32 = -2;
/// It is there already.
pub const HERE: i32 = -3;

/// For each connector, by place, and each destination, by place: the place of the next one, or one of the
/// numbers below 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hops(pub Vec<Vec<i32>>);

/// Another next hop than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// Whose.
    pub node: usize,
    /// To where.
    pub to: usize,
    /// The next hop before.
    pub before: i32,
    /// The next hop now.
    pub now: i32,
}

impl Hops {
    /// The next hop of `node` to `to`.
    pub fn get(&self, node: usize, to: usize) -> i32 {
        let row = self.0.get(node);
        row.and_then(|row| row.get(to)).copied().unwrap_or(NOWHERE)
    }

    /// The way of a payment from `node` to `to`, both counted; none where it does not arrive.
    pub fn way(&self, node: usize, to: usize) -> Option<Vec<usize>> {
        let mut way = vec![node];
        let mut at = node;
        while at != to {
            at = usize::try_from(self.get(at, to)).ok()?;
            if way.len() > self.0.len() {
                // News is under way: it goes in a circle for now.
                return None;
            }
            way.push(at);
        }
        Some(way)
    }

    /// Between how many pairs of others payments go through `node`.
    pub fn through(&self, node: usize) -> usize {
        let count = self.0.len();
        let pairs = (0..count).flat_map(|from| (0..count).map(move |to| (from, to)));
        pairs
            .filter(|(from, to)| from != to && *from != node && *to != node)
            .filter(|(from, to)| self.way(*from, *to).is_some_and(|way| way.contains(&node)))
            .count()
    }

    /// How many destinations of others all connectors know a way to, together.
    pub fn known(&self) -> usize {
        let all = self.0.iter().flatten();
        all.filter(|next| **next >= 0).count()
    }

    /// Between how many pairs a payment arrives.
    pub fn arriving(&self) -> usize {
        let count = self.0.len();
        let pairs = (0..count).flat_map(|from| (0..count).map(move |to| (from, to)));
        pairs
            .filter(|(from, to)| from != to && self.way(*from, *to).is_some())
            .count()
    }

    /// What is different from `before`, by connector and destination.
    pub fn turns_since(&self, before: &Hops) -> Vec<Turn> {
        let count = self.0.len();
        let pairs = (0..count).flat_map(|node| (0..count).map(move |to| (node, to)));
        pairs
            .filter(|(node, to)| node != to)
            .map(|(node, to)| Turn {
                node,
                to,
                before: before.get(node, to),
                now: self.get(node, to),
            })
            .filter(|turn| turn.before != turn.now)
            .collect()
    }
}

/// Turns of one connector from one next hop to another, to be said in one breath.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Whose.
    pub node: usize,
    /// The next hop before.
    pub before: i32,
    /// The next hop now.
    pub now: i32,
    /// To where.
    pub to: Vec<usize>,
}

/// `turns` in groups: of one connector, from one next hop to another.
pub fn grouped(turns: &[Turn]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for turn in turns {
        let known = groups.iter_mut().rev().find(|group| {
            (group.node, group.before, group.now) == (turn.node, turn.before, turn.now)
        });
        match known {
            Some(group) => group.to.push(turn.to),
            None => groups.push(Group {
                node: turn.node,
                before: turn.before,
                now: turn.now,
                to: vec![turn.to],
            }),
        }
    }
    groups
}

/// What a group says: `n2 sends to n4, n5 by n1 instead of n3`. `names` are those of the connectors.
pub fn words(group: &Group, names: &[&str]) -> String {
    /// How many destinations are named.
    const NAMED: usize = 6;
    let name = |place: usize| names.get(place).copied().unwrap_or("?");
    let via = |next: i32| usize::try_from(next).map(name);
    let mut to: Vec<&str> = group
        .to
        .iter()
        .take(NAMED)
        .map(|place| name(*place))
        .collect();
    let more = format!("{} more", group.to.len().saturating_sub(NAMED));
    if group.to.len() > NAMED {
        to.push(&more);
    }
    let (who, to) = (name(group.node), to.join(", "));
    match (via(group.before), via(group.now)) {
        (Ok(before), Ok(now)) => format!("{who} sends to {to} by {now}, no longer by {before}"),
        (Err(_), Ok(now)) => format!("{who} reaches {to} by {now}"),
        (Ok(before), Err(_)) if group.now == FULL => {
            format!("{who} can send no such amount to {to}, which went by {before}")
        }
        (Ok(before), Err(_)) => {
            format!("{who} does not reach {to} any more, which went by {before}")
        }
        (Err(_), Err(_)) if group.now == FULL => {
            format!("{who} knows a way to {to}, but for smaller amounts")
        }
        (Err(_), Err(_)) => format!("{who} knows no way to {to}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0 – 1 – 2, and 3 that nobody reaches.
    fn line() -> Hops {
        Hops(vec![
            vec![HERE, 1, 1, NOWHERE],
            vec![0, HERE, 2, NOWHERE],
            vec![1, 1, HERE, NOWHERE],
            vec![NOWHERE, NOWHERE, FULL, HERE],
        ])
    }

    #[test]
    fn ways_follow_from_next_hops() {
        let hops = line();
        assert_eq!(hops.way(0, 2), Some(vec![0, 1, 2]));
        assert_eq!(hops.way(0, 3), None);
        assert_eq!((hops.through(1), hops.through(0)), (2, 0));
        assert_eq!((hops.known(), hops.arriving()), (6, 6));
        let mut circle = line();
        circle.0[1][2] = 0;
        assert_eq!(circle.way(0, 2), None, "0 and 1 send it to each other");
        assert_eq!((circle.known(), circle.arriving()), (6, 4));
    }

    #[test]
    fn what_changed_is_said_by_connector() {
        let mut now = line();
        now.0[2] = vec![NOWHERE, NOWHERE, HERE, 0];
        let turns = now.turns_since(&line());
        assert_eq!(turns.len(), 3);
        let names = ["a", "b", "c", "d"];
        let said: Vec<String> = grouped(&turns)
            .iter()
            .map(|group| words(group, &names))
            .collect();
        assert_eq!(
            said,
            [
                "c does not reach a, b any more, which went by b",
                "c reaches d by a"
            ]
        );
        assert!(now.turns_since(&now).is_empty());
        // A connector that was not there before is new in every row.
        let before = Hops(line().0[..2].iter().map(|row| row[..2].to_vec()).collect());
        assert!(
            line()
                .turns_since(&before)
                .iter()
                .all(|turn| turn.before == NOWHERE)
        );
    }
}
