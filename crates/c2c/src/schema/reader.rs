//! A JSON reader over bytes that builds nothing: the caller asks for what it expects.

use std::fmt;

use super::{Code, MAX_DEPTH, MAX_LENGTH, Number, Text, TextFault, plain_integer};

/// A JSON document, or a value within one. Positions count from the beginning of the whole.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    bytes: &'a [u8],
    start: usize,
}

impl<'a> Document<'a> {
    /// All of `bytes`.
    pub const fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, start: 0 }
    }

    /// The text of this value.
    pub fn text(&self) -> &'a [u8] {
        &self.bytes[self.start..]
    }

    /// What stands before this value, and it: what positions count in.
    pub fn surroundings(&self) -> &'a [u8] {
        self.bytes
    }
}

/// What kind of value comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{`
    Object,
    /// `[`
    Array,
    /// A quote.
    Text,
    /// A digit or a minus sign.
    Number,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
}

impl Kind {
    /// In words, for messages: "an object".
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::True => "true",
            Self::False => "false",
            Self::Null => "null",
        }
    }
}

/// Why the bytes cannot be read on: they are not JSON, or too much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// [`Code::Syntax`], [`Code::NotUtf8`], [`Code::TooLong`] or [`Code::TooDeep`].
    pub code: Code,
    /// At which byte.
    pub at: usize,
    /// What should have stood there.
    pub expected: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: expected {}", self.at, self.expected)
    }
}

impl std::error::Error for Fault {}

/// Reads a document from front to back.
///
/// ```
/// use c2c::schema::{Kind, Reader};
/// let mut reader = Reader::new(br#"{"limit": [1, 2.0]}"#);
/// assert_eq!(reader.kind()?, Kind::Object);
/// reader.open()?;
/// assert!(reader.key(true)?.is_some_and(|key| key.is("limit")));
/// reader.open()?;
/// let (mut first, mut sum) = (true, 0);
/// while reader.item(first)? {
///     first = false;
///     sum += reader.number()?.exact().units;
/// }
/// assert_eq!(sum, 3);
/// assert!(reader.key(false)?.is_none());
/// reader.finish()?;
/// # Ok::<(), c2c::schema::Fault>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u32,
    key_at: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the beginning of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            depth: 0,
            key_at: 0,
        }
    }

    /// A reader at the beginning of `document`.
    pub const fn of(document: Document<'a>) -> Self {
        Self {
            bytes: document.bytes,
            at: document.start,
            depth: 0,
            key_at: document.start,
        }
    }

    /// The byte that is read next. After [`kind`](Self::kind) this is where the value begins.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// Where the last key that was read begins.
    pub const fn key_at(&self) -> usize {
        self.key_at
    }

    /// The bytes from `start` to here.
    pub fn since(&self, start: usize) -> &'a [u8] {
        &self.bytes[start..self.at]
    }

    /// What comes next, after white space. Of a literal only the first letter is looked at.
    #[inline]
    pub fn kind(&mut self) -> Result<Kind, Fault> {
        if self.bytes.len() > MAX_LENGTH {
            return Err(Fault {
                code: Code::TooLong,
                at: 0,
                expected: "at most 64 MiB",
            });
        }
        match self.peek() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'"') => Ok(Kind::Text),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't') => Ok(Kind::True),
            Some(b'f') => Ok(Kind::False),
            Some(b'n') => Ok(Kind::Null),
            _ => Err(self.fault("a value")),
        }
    }

    /// Goes into the array or object that begins here.
    #[inline]
    pub fn open(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'{' | b'[') => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(Fault {
                        code: Code::TooDeep,
                        at: self.at,
                        expected: "at most 64 levels",
                    });
                }
                self.at += 1;
                Ok(())
            }
            _ => Err(self.fault("{ or [")),
        }
    }

    /// Goes to the next item of an array, or leaves it: then the answer is false.
    #[inline]
    pub fn item(&mut self, first: bool) -> Result<bool, Fault> {
        match self.peek() {
            Some(b']') => {
                self.leave();
                Ok(false)
            }
            Some(b',') if !first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if first => Ok(true),
            _ => Err(self.fault(", or ]")),
        }
    }

    /// Reads the next key of an object and the colon, or leaves it: then the answer is none.
    #[inline]
    pub fn key(&mut self, first: bool) -> Result<Option<Text<'a>>, Fault> {
        match self.peek() {
            Some(b'}') => {
                self.leave();
                return Ok(None);
            }
            Some(b',') if !first => {
                self.at += 1;
                self.peek();
            }
            _ if first => {}
            _ => return Err(self.fault(", or }")),
        }
        if self.bytes.get(self.at) != Some(&b'"') {
            return Err(self.fault("a member's name in quotes"));
        }
        self.key_at = self.at;
        let key = self.text()?;
        if self.peek() != Some(b':') {
            return Err(self.fault(":"));
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// Reads the next key and the colon if the key is `name`, written without escapes and with nothing
    /// before the colon; if not, nothing is read, and [`key`](Self::key) tells what comes.
    #[inline]
    pub fn key_if(&mut self, first: bool, name: &str) -> Option<Text<'a>> {
        let mut at = self.at;
        if !first {
            self.peek().filter(|byte| *byte == b',')?;
            at = self.at + 1;
        }
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(at) {
            at += 1;
        }
        let (key, rest) = self.bytes[at..].split_at_checked(name.len() + 3)?;
        let end = [key[0], key[name.len() + 1], key[name.len() + 2]];
        if end != *b"\"\":" || !is_same(&key[1..=name.len()], name.as_bytes()) {
            return None;
        }
        self.key_at = at;
        self.at = self.bytes.len() - rest.len();
        Some(Text::known(&key[1..=name.len()]))
    }

    /// Reads a text if its bytes are those of `known`, which was read before, and written without escapes;
    /// if not, nothing is read.
    #[inline]
    pub(super) fn text_if(&mut self, known: Text<'a>) -> Option<Text<'a>> {
        let plain = known.plain_bytes()?;
        self.peek().filter(|byte| *byte == b'"')?;
        let (text, rest) = self.bytes[self.at + 1..].split_at_checked(plain.len())?;
        if rest.first() != Some(&b'"') || !is_same(text, plain) {
            return None;
        }
        self.at += plain.len() + 2;
        Some(Text::known(text))
    }

    /// Reads an address if one comes, written without escapes; if not, nothing is read.
    #[inline]
    pub(super) fn address_if(&mut self) -> Option<Text<'a>> {
        self.peek().filter(|byte| *byte == b'"')?;
        let text = Text::read_address(&self.bytes[self.at + 1..])?;
        self.at += text.raw().len() + 2;
        Some(text)
    }

    /// Reads base64 if it comes, in one line and written without escapes; if not, nothing is read.
    #[inline]
    pub(super) fn base64_if(&mut self) -> Option<Text<'a>> {
        self.peek().filter(|byte| *byte == b'"')?;
        let text = Text::read_base64(&self.bytes[self.at + 1..])?;
        self.at += text.raw().len() + 2;
        Some(text)
    }

    /// Reads `[x,y]` if both are plain integers of at most 19 digits, with nothing between; if not, nothing
    /// is read. As they are written.
    #[inline]
    pub(super) fn pair_if(&mut self) -> Option<[&'a [u8]; 2]> {
        let rest = self.bytes[self.at..].strip_prefix(b"[")?;
        let (x, rest) = rest.split_at(plain_integer(rest)?);
        let rest = rest.strip_prefix(b",")?;
        let (y, rest) = rest.split_at(plain_integer(rest)?);
        let rest = rest.strip_prefix(b"]")?;
        self.at = self.bytes.len() - rest.len();
        Some([x, y])
    }

    /// Reads `plain` if these very bytes come; if not, nothing is read.
    #[inline]
    pub(super) fn bytes_if(&mut self, plain: &[u8]) -> bool {
        let is_next = self.bytes[self.at..].starts_with(plain);
        self.at += if is_next { plain.len() } else { 0 };
        is_next
    }

    /// Reads a text.
    #[inline]
    pub fn text(&mut self) -> Result<Text<'a>, Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.fault("a text"));
        }
        let start = self.at + 1;
        match Text::read(&self.bytes[start..]) {
            Ok(text) => {
                self.at = start + text.raw().len() + 1;
                Ok(text)
            }
            Err(fault) => {
                let (code, offset, expected) = match fault {
                    TextFault::Unfinished(at) => (Code::Syntax, at, "the closing quote"),
                    TextFault::Control(at) => (
                        Code::Syntax,
                        at,
                        "an escape such as \\n for a control character",
                    ),
                    TextFault::Escape(at) => (
                        Code::Syntax,
                        at,
                        "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX",
                    ),
                    TextFault::NotUtf8(at) => (Code::NotUtf8, at, "UTF-8"),
                };
                Err(Fault {
                    code,
                    at: start + offset,
                    expected,
                })
            }
        }
    }

    /// Reads a number.
    #[inline]
    pub fn number(&mut self) -> Result<Number<'a>, Fault> {
        self.peek();
        let start = self.at;
        let mut at = start;
        let mut value: u64 = 0;
        // Wrapping is harmless: the value is used for at most 19 digits, which cannot overflow.
        while let Some(digit @ b'0'..=b'9') = self.bytes.get(at) {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            at += 1;
        }
        let digits = at - start;
        let plain = (1..=19).contains(&digits)
            && (digits == 1 || self.bytes[start] != b'0')
            && !matches!(self.bytes.get(at), Some(b'.' | b'e' | b'E'));
        if plain {
            self.at = at;
            return Ok(Number::new(&self.bytes[start..at], Some(value)));
        }
        self.long_number()
    }

    /// Reads past `true`, `false` or `null`, of which the first letter is known.
    pub fn literal(&mut self) -> Result<(), Fault> {
        for known in ["true", "false", "null"] {
            if self.bytes[self.at..].starts_with(known.as_bytes()) {
                self.at += known.len();
                return Ok(());
            }
        }
        Err(self.fault("a value"))
    }

    /// Reads past one value, whatever it is, and tells where it stands.
    pub fn document(&mut self) -> Result<Document<'a>, Fault> {
        self.kind()?;
        let start = self.at;
        self.skip()?;
        Ok(Document {
            bytes: &self.bytes[..self.at],
            start,
        })
    }

    /// Reads past one value, whatever it is.
    pub fn skip(&mut self) -> Result<(), Fault> {
        // One bit for each open container: 1 for an object. MAX_DEPTH is below 128.
        let mut objects: u128 = 0;
        let mut open = 0u32;
        loop {
            let mut first = false;
            match self.kind()? {
                Kind::Object => {
                    self.open()?;
                    (objects, open, first) = (objects << 1 | 1, open + 1, true);
                }
                Kind::Array => {
                    self.open()?;
                    (objects, open, first) = (objects << 1, open + 1, true);
                }
                Kind::Text => drop(self.text()?),
                Kind::Number => drop(self.number()?),
                Kind::True | Kind::False | Kind::Null => self.literal()?,
            }
            loop {
                if open == 0 {
                    return Ok(());
                }
                let more = if objects & 1 == 1 {
                    self.key(first)?.is_some()
                } else {
                    self.item(first)?
                };
                if more {
                    break;
                }
                (objects, open, first) = (objects >> 1, open - 1, false);
            }
        }
    }

    /// Makes sure that nothing but white space follows.
    pub fn finish(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.fault("the end")),
        }
    }

    /// The next byte that is not white space, if there is one.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        // White space is no larger than a space.
        if byte > b' ' {
            return Some(byte);
        }
        self.peek_further()
    }

    #[inline(never)]
    fn peek_further(&mut self) -> Option<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                byte => return byte.copied(),
            }
        }
    }

    fn leave(&mut self) {
        self.at += 1;
        self.depth = self.depth.saturating_sub(1);
    }

    fn fault(&self, expected: &'static str) -> Fault {
        Fault {
            code: Code::Syntax,
            at: self.at,
            expected,
        }
    }

    fn long_number(&mut self) -> Result<Number<'a>, Fault> {
        let start = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'0'..=b'9')) {
                return Err(self.fault("no digit after a leading 0"));
            }
        } else {
            self.digits()?;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Number::new(&self.bytes[start..self.at], None))
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while matches!(self.bytes.get(self.at), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.fault("a digit"));
        }
        Ok(())
    }
}

/// Whether two texts are the same, eight bytes at a time: wasm has nothing for it but a loop over bytes.
#[inline]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    let (Some(end), Some(other_end)) = (one.last_chunk::<8>(), other.last_chunk::<8>()) else {
        return one.iter().zip(other).all(|(one, other)| one == other);
    };
    // The last word may overlap the one before it.
    let (words, _) = one.as_chunks::<8>();
    let (other_words, _) = other.as_chunks::<8>();
    let mut pairs = words.iter().zip(other_words);
    word(end) == word(other_end) && pairs.all(|(one, other)| word(one) == word(other))
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn every_byte_counts() {
        for length in 0..40 {
            let text: Vec<u8> = (0..length).collect();
            assert!(is_same(&text, &text.clone()));
            for place in 0..text.len() {
                let mut other = text.clone();
                other[place] ^= 1;
                assert!(!is_same(&text, &other), "{place} of {length}");
            }
            assert!(!is_same(
                &text,
                &text.iter().copied().chain([0]).collect::<Vec<_>>()
            ));
        }
    }
}
