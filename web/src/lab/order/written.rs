//! Orders and replies as lines of words. Names have no spaces; what may have some stands last in its line.

use std::fmt::Write as _;

use super::{Order, Reply};
use crate::lab::bench::{Before, Line, LinkSeen, NodeSeen};
use crate::lab::hops::{Hops, Turn};
use crate::lab::{Goal, Outcome, Question, Seen, Timed};

impl Order {
    /// As it is sent.
    pub fn write(&self) -> String {
        let deed = |deed: &crate::lab::Deed, at_ms| {
            let deed = deed.clone();
            Timed { at_ms, deed }.to_link()
        };
        match self {
            Self::Begin(file) => format!("begin\n{file}"),
            Self::Play(Goal::Until(ms)) => format!("until {ms}"),
            Self::Play(Goal::Change) => "change".to_owned(),
            Self::Play(Goal::Rest) => "rest".to_owned(),
            Self::Do(what) => format!("do {}", deed(what, 0)),
            Self::Show(name) => format!("show {name}"),
            Self::Suppose(question) => format!(
                "suppose {} {}\n{}",
                question.about,
                deed(&question.deed, question.at),
                question.file
            ),
        }
    }

    /// Reads that.
    pub fn read(text: &str) -> Option<Order> {
        let (head, body) = text.split_once('\n').unwrap_or((text, ""));
        let (word, rest) = head.split_once(' ').unwrap_or((head, ""));
        Some(match word {
            "begin" => Self::Begin(body.to_owned()),
            "until" => Self::Play(Goal::Until(rest.parse().ok()?)),
            "change" => Self::Play(Goal::Change),
            "rest" => Self::Play(Goal::Rest),
            "do" => Self::Do(Timed::from_link(rest)?.deed),
            "show" => Self::Show(rest.to_owned()),
            "suppose" => {
                let (about, deed) = rest.split_once(' ')?;
                let timed = Timed::from_link(deed)?;
                Self::Suppose(Question {
                    file: body.to_owned(),
                    at: timed.at_ms,
                    deed: timed.deed,
                    about: about.to_owned(),
                })
            }
            _ => return None,
        })
    }
}

impl Reply {
    /// As it is sent.
    pub fn write(&self) -> String {
        match self {
            Self::Seen(seen) => write_seen(seen),
            Self::Wrong(words) => format!("wrong {words}"),
            Self::Routes { name, json } => format!("routes {name}\n{json}"),
            Self::Supposing(now) => format!("supposing {now}"),
            Self::Supposed(Err(words)) => format!("unsaid {words}"),
            Self::Supposed(Ok(outcome)) => {
                let turns = outcome.turns.iter();
                let turns = turns.flat_map(|turn| {
                    let ends = [turn.node, turn.to].map(|place| i32::try_from(place).unwrap_or(-1));
                    [ends[0], ends[1], turn.before, turn.now]
                });
                let counts = [
                    outcome.through,
                    outcome.through_then,
                    outcome.of,
                    outcome.elsewhere,
                ];
                format!(
                    "supposed {}\n{}\n{}",
                    list(counts),
                    outcome.names.join(" "),
                    list(turns)
                )
            }
        }
    }

    /// Reads that.
    pub fn read(text: &str) -> Option<Reply> {
        let (head, body) = text.split_once('\n').unwrap_or((text, ""));
        let (word, rest) = head.split_once(' ').unwrap_or((head, ""));
        Some(match word {
            "seen" => Self::Seen(Box::new(read_seen(rest, body)?)),
            "wrong" => Self::Wrong(rest.to_owned()),
            "routes" => Self::Routes {
                name: rest.to_owned(),
                json: body.to_owned(),
            },
            "supposing" => Self::Supposing(rest.parse().ok()?),
            "unsaid" => Self::Supposed(Err(rest.to_owned())),
            "supposed" => {
                let [through, through_then, of, elsewhere] = numbers(rest)?.try_into().ok()?;
                let (names, turns) = body.split_once('\n')?;
                let turns = numbers::<i32>(turns)?;
                let turn = |of: &[i32]| {
                    Some(Turn {
                        node: usize::try_from(of[0]).ok()?,
                        to: usize::try_from(of[1]).ok()?,
                        before: of[2],
                        now: of[3],
                    })
                };
                Self::Supposed(Ok(Box::new(Outcome {
                    names: names.split(' ').map(str::to_owned).collect(),
                    through,
                    through_then,
                    of,
                    elsewhere,
                    turns: turns.chunks_exact(4).map(turn).collect::<Option<_>>()?,
                })))
            }
            _ => return None,
        })
    }
}

fn write_seen(seen: &Seen) -> String {
    let flags = [seen.reached, seen.restless].map(u64::from);
    let head = [
        seen.now,
        seen.changed,
        seen.rests_at,
        seen.told,
        seen.withdrawn,
        flags[0],
        flags[1],
    ];
    let mut out = format!("seen {}", list(head));
    let mut line = |kind: char, words: String| {
        // Writing into a text does not fail.
        let _ = write!(out, "\n{kind} {}", words.replace('\n', " "));
    };
    for node in &seen.nodes {
        let (gone, fresh) = (u8::from(node.gone), u8::from(node.fresh));
        line(
            'n',
            format!(
                "{} {} {gone} {fresh} {}",
                node.name, node.spread, node.currency
            ),
        );
    }
    for link in &seen.links {
        let (broken, up) = (u8::from(link.broken), u8::from(link.up));
        line(
            'l',
            format!(
                "{} {} {broken} {up} {}",
                link.ends.0, link.ends.1, link.currency
            ),
        );
    }
    if let Some(places) = &seen.places {
        line('p', list(places.iter().flat_map(|(x, y)| [*x, *y])));
    }
    for (node, row) in &seen.rows {
        line('r', format!("{node} {}", list(row.iter().copied())));
    }
    if let Some(before) = &seen.before {
        line('b', format!("{} {}", before.told, before.withdrawn));
        for row in &before.hops.0 {
            line('h', list(row.iter().copied()));
        }
    }
    for news in &seen.log {
        line(
            'g',
            format!("{} {} {}", news.at, u8::from(news.deed), news.words),
        );
    }
    for timed in &seen.did {
        line('d', timed.to_link());
    }
    if let Some(words) = &seen.refused {
        line('x', words.clone());
    }
    out
}

fn read_seen(head: &str, body: &str) -> Option<Seen> {
    let [now, changed, rests_at, told, withdrawn, reached, restless] =
        numbers::<u64>(head)?.try_into().ok()?;
    let mut seen = Seen {
        now,
        changed,
        rests_at,
        told,
        withdrawn,
        reached: reached == 1,
        restless: restless == 1,
        ..Seen::default()
    };
    for line in body.lines() {
        let (kind, rest) = line.split_once(' ')?;
        let mut words = rest.splitn(5, ' ');
        let mut word = || words.next();
        match kind {
            "n" => seen.nodes.push(NodeSeen {
                name: word()?.to_owned(),
                spread: word()?.parse().ok()?,
                gone: word()? == "1",
                fresh: word()? == "1",
                currency: word()?.to_owned(),
            }),
            "l" => seen.links.push(LinkSeen {
                ends: (word()?.parse().ok()?, word()?.parse().ok()?),
                broken: word()? == "1",
                up: word()? == "1",
                currency: word()?.to_owned(),
            }),
            "p" => {
                seen.places = Some(
                    numbers::<u32>(rest)?
                        .chunks_exact(2)
                        .map(|at| (at[0], at[1]))
                        .collect(),
                )
            }
            "r" => {
                let (node, row) = rest.split_once(' ')?;
                seen.rows.push((node.parse().ok()?, numbers(row)?));
            }
            "b" => {
                seen.before = Some(Before {
                    told: word()?.parse().ok()?,
                    withdrawn: word()?.parse().ok()?,
                    hops: Hops::default(),
                });
            }
            "h" => seen.before.as_mut()?.hops.0.push(numbers(rest)?),
            "g" => {
                let (at, rest) = rest.split_once(' ')?;
                let (deed, words) = rest.split_once(' ')?;
                seen.log.push(Line {
                    at: at.parse().ok()?,
                    words: words.to_owned(),
                    deed: deed == "1",
                });
            }
            "d" => seen.did.push(Timed::from_link(rest)?),
            "x" => seen.refused = Some(rest.to_owned()),
            _ => return None,
        }
    }
    Some(seen)
}

fn list<T: ToString>(numbers: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = numbers
        .into_iter()
        .map(|number| number.to_string())
        .collect();
    texts.join(" ")
}

fn numbers<T: std::str::FromStr>(text: &str) -> Option<Vec<T>> {
    let words = text.split(' ').filter(|word| !word.is_empty());
    words.map(|word| word.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_order_and_no_reply_is_none() {
        for text in [
            "",
            "dance",
            "until soon",
            "do 0.dance.n1",
            "suppose n1",
            "do",
        ] {
            assert_eq!(Order::read(text), None, "{text}");
        }
        for text in [
            "",
            "seen 1 2",
            "seen 0 0 0 0 0 0 0\nz",
            "seen 0 0 0 0 0 0 0\nr 1 x",
            "supposed 1 2 3 4",
            "supposing",
        ] {
            assert_eq!(Reply::read(text), None, "{text}");
        }
    }
}
