//! Runs of characters of one kind.

#[cfg(target_feature = "simd128")]
mod lanes;

use crate::address::is_address_byte;

/// A kind of characters, all of ASCII.
pub(super) struct Alphabet {
    /// For each column of ASCII, which is the lower half of a character, one bit for each row, the upper
    /// half, in which it has a character of this kind.
    #[allow(dead_code)] // without vectors only the tests look at it
    columns: [u8; 16],
}

/// What addresses are made of.
pub(super) static ADDRESS: Alphabet = {
    let mut is = [false; 128];
    let mut byte: u8 = 0;
    while byte < 128 {
        is[byte as usize] = is_address_byte(byte);
        byte += 1;
    }
    Alphabet::of(&is)
};

/// What base64 is made of, without its padding.
pub(super) static BASE64: Alphabet = {
    let mut is = [false; 128];
    let mut byte: u8 = 0;
    while byte < 128 {
        is[byte as usize] = is_base64_byte(byte);
        byte += 1;
    }
    Alphabet::of(&is)
};

/// What stands for itself in a text.
pub(super) static PLAIN: Alphabet = {
    let mut is = [false; 128];
    let mut byte: u8 = 0;
    while byte < 128 {
        is[byte as usize] = is_plain_byte(byte);
        byte += 1;
    }
    Alphabet::of(&is)
};

impl Alphabet {
    const fn of(is: &[bool; 128]) -> Self {
        let mut columns = [0; 16];
        let mut byte = 0;
        while byte < 128 {
            if is[byte] {
                columns[byte & 15] |= 1 << (byte >> 4);
            }
            byte += 1;
        }
        Self { columns }
    }

    /// How many of the first bytes are of this kind. `is` says it of one.
    #[cfg(target_feature = "simd128")]
    #[inline]
    pub(super) fn run(&self, bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
        let at = lanes::run(bytes, &self.columns);
        at + bytes[at..].iter().take_while(|byte| is(**byte)).count()
    }

    /// How many of the first bytes are of this kind. `is` says it of one.
    #[cfg(not(target_feature = "simd128"))]
    #[inline]
    pub(super) fn run(&self, bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
        // Without a way out within sixteen characters, which makes them one step.
        let (blocks, _) = bytes.as_chunks::<16>();
        let whole = |block: &&[u8; 16]| block.iter().fold(true, |all, byte| all & is(*byte));
        let at = blocks.iter().take_while(whole).count() * 16;
        at + bytes[at..].iter().take_while(|byte| is(**byte)).count()
    }
}

/// Whether it may stand in base64 before the padding.
pub(super) const fn is_base64_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

/// Whether it stands for itself in a text: no quote, no backslash, no control character, and ASCII.
pub(super) const fn is_plain_byte(byte: u8) -> bool {
    0x20 <= byte && byte < 0x80 && byte != b'"' && byte != b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_at_the_first_other_character() {
        for length in 0..70 {
            for other in [b'"', b'=', b'\n', b' ', 0x80, 0xff] {
                let mut text = vec![b'a'; length];
                text.push(other);
                text.extend([b'b'; 40]);
                assert_eq!(ADDRESS.run(&text, is_address_byte), length);
                assert_eq!(BASE64.run(&text, is_base64_byte), length);
                assert_eq!(ADDRESS.run(&text[..length], is_address_byte), length);
            }
        }
    }

    #[test]
    fn columns_and_characters_agree() {
        for byte in 0..=u8::MAX {
            let is = |alphabet: &Alphabet| {
                byte < 128 && alphabet.columns[usize::from(byte & 15)] >> (byte >> 4) & 1 == 1
            };
            assert_eq!(is(&ADDRESS), is_address_byte(byte), "{byte}");
            assert_eq!(is(&BASE64), is_base64_byte(byte), "{byte}");
            assert_eq!(is(&PLAIN), is_plain_byte(byte), "{byte}");
        }
    }
}
