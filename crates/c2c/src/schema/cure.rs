//! Which dialect has which member, and cures that take some thought.

use super::Dialect;

impl Dialect {
    /// Whether members of this name, known to one of the dialects, belong to this one.
    #[inline]
    pub(super) fn has(self, name: &str) -> bool {
        match self {
            Self::V17 => !matches!(name, "request_full_table" | "paths"),
            Self::V21 => !matches!(name, "destination_precision" | "destination_scale"),
        }
    }
}

/// The cure of a text that is not standard base64.
pub(super) fn base64_hint(text: &str) -> &'static str {
    if text.contains(['-', '_']) {
        "This is base64url: write + for - and / for _, and pad with = to a multiple of 4 characters."
    } else if text.trim_end() != text || text.trim_start() != text {
        "Remove the white space around it."
    } else {
        "Use A–Z, a–z, 0–9, + and /, padded with = to a multiple of 4 characters."
    }
}

/// The cure of a member `name` that `dialect` does not have; `known` are those of both dialects.
pub(super) fn unknown_hint(known: &[&'static str], name: &str, dialect: Dialect) -> String {
    if known.contains(&name) {
        return match (dialect, name) {
            (Dialect::V17, "request_full_table") => {
                "Leave it out: it came with ilp-connector 21.1.9, and older peers refuse the whole update.".to_owned()
            }
            (Dialect::V17, _) => {
                format!("Leave it out, or read the document as deployed: the dialect as cited has no {name}.")
            }
            (Dialect::V21, _) => {
                format!("Leave it out: only the dialect as cited has {name}, and nobody needs it.")
            }
        };
    }
    let nearest = known
        .iter()
        .filter(|candidate| dialect.has(candidate))
        .map(|candidate| (distance(candidate, name), candidate))
        .min();
    match nearest {
        Some((0..=3, candidate)) => format!("Did you mean {candidate}?"),
        _ => "Leave it out: one unknown member refuses the whole update.".to_owned(),
    }
}

/// How many letters must be changed, added or left out to make one text of the other. Both are short.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
