//! JSON on its way to JavaScript, written as it comes: a tree of values would be larger than all that is said.

use std::fmt::{Display, Write as _};

/// A text in quotes.
pub fn text(into: &mut String, text: &str) {
    into.push('"');
    for character in text.chars() {
        match character {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\0'..' ' => {
                into.push_str("\\u00");
                for digit in [u32::from(character) >> 4, u32::from(character) & 15] {
                    into.push(char::from_digit(digit, 16).expect("both are below 16"));
                }
            }
            other => into.push(other),
        }
    }
    into.push('"');
}

/// A number, or a literal.
pub fn plain(into: &mut String, value: impl Display) {
    // A text takes everything that is written.
    let _ = write!(into, "{value}");
}

/// `[…]`, of which `item` writes each.
pub fn list<T>(
    into: &mut String,
    items: impl IntoIterator<Item = T>,
    item: impl Fn(&mut String, T),
) {
    into.push('[');
    for (index, one) in items.into_iter().enumerate() {
        if index > 0 {
            into.push(',');
        }
        item(into, one);
    }
    into.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_of_json_reads_what_was_written() {
        let given = "a \"b\" \\c\\\u{0}\u{1f}\n\u{7f}é😀";
        let mut json = String::new();
        list(&mut json, [given, ""], text);
        let read: Vec<String> = serde_json::from_str(&json).unwrap();
        assert_eq!(read, [given, ""]);
        let mut json = String::new();
        list(&mut json, [1, 2], plain);
        assert_eq!(json, "[1,2]");
    }
}
