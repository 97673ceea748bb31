//! Texts as they are written, and what kind their characters are of.

use std::borrow::Cow;

use super::{ADDRESS, BASE64, PLAIN, is_base64_byte, is_plain_byte};
use crate::address::is_address_byte;

/// A text of a JSON document, as it stands between its quotes: valid UTF-8, valid escapes.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    raw: &'a [u8],
    escaped: bool,
}

/// What went wrong in a text, and at which byte of it.
pub(super) enum TextFault {
    Unfinished(usize),
    Control(usize),
    Escape(usize),
    NotUtf8(usize),
}

impl<'a> Text<'a> {
    /// Reads what follows an opening quote. The length of the raw text is where the closing quote is.
    #[inline]
    pub(super) fn read(after_quote: &'a [u8]) -> Result<Self, TextFault> {
        let at = PLAIN.run(after_quote, is_plain_byte);
        if after_quote.get(at) == Some(&b'"') {
            return Ok(Self {
                raw: &after_quote[..at],
                escaped: false,
            });
        }
        Self::read_rest(after_quote, at)
    }

    /// A text of plain ASCII without escapes, which `raw` is known to be.
    pub(super) const fn known(raw: &'a [u8]) -> Self {
        Self {
            raw,
            escaped: false,
        }
    }

    /// Reads what follows an opening quote where it is an address written without escapes.
    #[inline]
    pub(super) fn read_address(after_quote: &'a [u8]) -> Option<Self> {
        let length = ADDRESS.run(after_quote, is_address_byte);
        let is_whole = length > 0 && after_quote.get(length) == Some(&b'"');
        is_whole.then(|| Self::known(&after_quote[..length]))
    }

    /// The same of base64 in one line.
    #[inline]
    pub(super) fn read_base64(after_quote: &'a [u8]) -> Option<Self> {
        let length = base64_length(after_quote)?;
        let is_whole = after_quote.get(length) == Some(&b'"');
        is_whole.then(|| Self::known(&after_quote[..length]))
    }

    #[cold]
    fn read_rest(bytes: &'a [u8], mut at: usize) -> Result<Self, TextFault> {
        let (mut escaped, mut foreign) = (false, false);
        loop {
            match bytes.get(at) {
                None => return Err(TextFault::Unfinished(at)),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    at += escape_length(&bytes[at..]).ok_or(TextFault::Escape(at))?;
                }
                Some(0..0x20) => return Err(TextFault::Control(at)),
                Some(0x80..) => {
                    foreign = true;
                    at += 1;
                }
                Some(_) => at += 1,
            }
        }
        let raw = &bytes[..at];
        if foreign && let Err(error) = std::str::from_utf8(raw) {
            return Err(TextFault::NotUtf8(error.valid_up_to()));
        }
        Ok(Self { raw, escaped })
    }

    /// As it stands between the quotes, escapes and all.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The text itself if it is written without escapes.
    #[inline]
    pub fn plain(&self) -> Option<&'a str> {
        // The reader has checked that the bytes are UTF-8.
        let text = std::str::from_utf8(self.plain_bytes()?);
        text.ok()
    }

    /// The bytes of the text itself if it is written without escapes.
    #[inline]
    pub fn plain_bytes(&self) -> Option<&'a [u8]> {
        (!self.escaped).then_some(self.raw)
    }

    /// Whether this is the text `known`, however it is written.
    #[inline]
    pub fn is(&self, known: &str) -> bool {
        if self.escaped {
            self.decode() == known
        } else {
            self.raw == known.as_bytes()
        }
    }

    /// The text itself. Half of a surrogate pair, which no text of Rust can hold, becomes U+FFFD.
    pub fn decode(&self) -> Cow<'a, str> {
        // The reader has checked that the bytes are UTF-8.
        let raw = std::str::from_utf8(self.raw).unwrap_or_default();
        if self.escaped {
            Cow::Owned(unescape(raw))
        } else {
            Cow::Borrowed(raw)
        }
    }

    /// Whether every character may stand in an address, and there is one.
    #[inline]
    pub fn is_address(&self) -> bool {
        if self.escaped {
            let text = self.decode();
            return !text.is_empty() && text.bytes().all(is_address_byte);
        }
        !self.raw.is_empty() && ADDRESS.run(self.raw, is_address_byte) == self.raw.len()
    }

    /// Whether this is standard base64 as the schemas of dialect 21 take it: groups of four, each
    /// followed by at most one line feed, and padding. The empty text is.
    #[inline]
    pub fn is_base64(&self) -> bool {
        if self.escaped {
            return is_base64_in_lines(self.decode().as_bytes());
        }
        base64_length(self.raw) == Some(self.raw.len())
    }
}

/// How many of the first bytes are base64 with its padding; none if that is no whole number of groups.
#[inline]
fn base64_length(bytes: &[u8]) -> Option<usize> {
    let characters = BASE64.run(bytes, is_base64_byte);
    let padding = match bytes[characters..] {
        [b'=', b'=', ..] => 2,
        [b'=', ..] => 1,
        _ => 0,
    };
    let length = characters + padding;
    length.is_multiple_of(4).then_some(length)
}

/// How many bytes the escape at the beginning of `bytes` takes; none if it is no escape.
fn escape_length(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => bytes
            .get(2..6)
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .map(|_| 6),
        _ => None,
    }
}

/// Escapes resolved; they are known to be valid.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (character, length) = escaped_character(&rest[at..]);
        text.push(character);
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    text
}

/// The character that the escape at the beginning of `text` stands for, and its length.
fn escaped_character(text: &str) -> (char, usize) {
    let plain = |character| (character, 2);
    match text.as_bytes()[1] {
        b'b' => plain('\u{8}'),
        b'f' => plain('\u{c}'),
        b'n' => plain('\n'),
        b'r' => plain('\r'),
        b't' => plain('\t'),
        b'u' => {
            let high = code_unit(text);
            let low = text
                .get(6..)
                .filter(|rest| rest.starts_with("\\u"))
                .map(code_unit);
            if let (0xD800..0xDC00, Some(low @ 0xDC00..0xE000)) = (high, low) {
                let scalar = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return (
                    char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER),
                    12,
                );
            }
            (
                char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER),
                6,
            )
        }
        itself => plain(char::from(itself)),
    }
}

/// The number of a `\uXXXX`; 0 where it is cut off, which the reader has ruled out.
fn code_unit(escape: &str) -> u32 {
    escape
        .get(2..6)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok())
        .unwrap_or(0)
}

fn is_base64_in_lines(mut rest: &[u8]) -> bool {
    let plain = |bytes: &[u8]| bytes.iter().all(|b| is_base64_byte(*b));
    while let Some((group, after)) = rest.split_at_checked(4) {
        if !plain(group) {
            let last =
                plain(&group[..2]) && group[3] == b'=' && (plain(&group[2..3]) || group[2] == b'=');
            return last && after.is_empty();
        }
        rest = after.strip_prefix(b"\n").unwrap_or(after);
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::Reader;

    fn base64(json: &str) -> bool {
        Reader::new(json.as_bytes()).text().unwrap().is_base64()
    }

    fn decoded(json: &str) -> String {
        Reader::new(json.as_bytes())
            .text()
            .unwrap()
            .decode()
            .into_owned()
    }

    #[test]
    fn base64_is_padded_standard_in_lines_of_whole_groups() {
        for good in [
            r#""""#,
            r#""AAAA""#,
            r#""AA==""#,
            r#""AAA=""#,
            r#""AAAA\nAA==""#,
            r#""\u0041AAA""#,
            r#""AAAA\n""#,
        ] {
            assert!(base64(good), "{good}");
        }
        for bad in [
            r#""A""#,
            r#""AAA""#,
            r#""A===""#,
            r#""====""#,
            r#""AA==\n""#,
            r#""\n""#,
            r#""AAAA\n\nAAAA""#,
            r#""AA=A""#,
            r#""AA==AAAA""#,
            r#""AA-_""#,
            r#""AAAAA===""#,
            r#""A\nAAA""#,
        ] {
            assert!(!base64(bad), "{bad}");
        }
    }

    #[test]
    fn escapes_become_characters() {
        assert_eq!(
            decoded(r#""a\"\\\/\b\f\n\r\t\u00e9z""#),
            "a\"\\/\u{8}\u{c}\n\r\t\u{e9}z"
        );
        assert_eq!(decoded(r#""\ud83d\ude00!""#), "😀!");
        assert_eq!(decoded(r#""\ud83d""#), "\u{fffd}");
        assert_eq!(decoded(r#""\ud83dx\ude00""#), "\u{fffd}x\u{fffd}");
        assert_eq!(decoded(r#""\ud83d\u0041""#), "\u{fffd}A");
        assert_eq!(decoded("\"häß=\""), "häß=");
    }

    #[test]
    fn an_escaped_address_is_an_address() {
        let is_address = |json: &str| Reader::new(json.as_bytes()).text().unwrap().is_address();
        assert!(is_address(r#""g.\u0061.""#));
        assert!(!is_address(r#""g.a.\n""#));
        assert!(!is_address(r#""""#));
        assert!(!is_address(r#""g=""#));
        assert!(!is_address("\"g.ø\""));
    }
}
