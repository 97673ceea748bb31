//! Octet encoding rules, as far as packets use them (npm oer-utils 1.3).

use super::{Account, PacketError};
use crate::timestamp::{Millis, Timestamp};

/// The longest integer that readers of 2017 take, in bytes.
const MAX_INTEGER_BYTES: usize = 6;

/// Reads from the front. Every read either moves on or fails; none panics.
pub struct Reader<'a> {
    left: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes, at: 0 }
    }

    pub fn take(&mut self, count: u64) -> Result<&'a [u8], PacketError> {
        let split = usize::try_from(count)
            .ok()
            .and_then(|count| self.left.split_at_checked(count));
        let Some((taken, left)) = split else {
            return Err(PacketError::TooShort {
                at: self.at,
                needed: count,
                left: self.left.len(),
            });
        };
        self.left = left;
        self.at += taken.len();
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PacketError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64)?);
        Ok(array)
    }

    pub fn u8(&mut self) -> Result<u8, PacketError> {
        self.array().map(u8::from_be_bytes)
    }

    pub fn u64(&mut self) -> Result<u64, PacketError> {
        self.array().map(u64::from_be_bytes)
    }

    pub fn hold(&mut self) -> Result<Millis, PacketError> {
        let ms = self.array().map(u32::from_be_bytes)?;
        Ok(Millis(u64::from(ms)))
    }

    pub fn code(&mut self) -> Result<[u8; 3], PacketError> {
        self.array()
    }

    /// A length in its shortest form: one byte below 128, else 0x80 + n and n bytes.
    fn length(&mut self) -> Result<u64, PacketError> {
        let at = self.at;
        let first = self.u8()?;
        if first < 0x80 {
            return Ok(u64::from(first));
        }
        let bytes = usize::from(first & 0x7f);
        if bytes > MAX_INTEGER_BYTES {
            return Err(PacketError::IntegerSize { at, bytes });
        }
        let digits = self.take(bytes as u64)?;
        let length = big_endian(digits);
        // Also catches the indefinite form 0x80, which has no digits.
        if length < 0x80 || digits.first() == Some(&0) {
            return Err(PacketError::Length { at });
        }
        Ok(length)
    }

    pub fn var_octets(&mut self) -> Result<&'a [u8], PacketError> {
        let length = self.length()?;
        self.take(length)
    }

    /// Var-octets that are read piece by piece.
    pub fn nested(&mut self) -> Result<Reader<'a>, PacketError> {
        let left = self.var_octets()?;
        Ok(Reader {
            left,
            at: self.at - left.len(),
        })
    }

    /// A count: 1 to 6 bytes. Leading zeros are taken, as oer-utils does.
    pub fn var_uint(&mut self) -> Result<u64, PacketError> {
        let at = self.at;
        let digits = self.var_octets()?;
        if !(1..=MAX_INTEGER_BYTES).contains(&digits.len()) {
            return Err(PacketError::IntegerSize {
                at,
                bytes: digits.len(),
            });
        }
        Ok(big_endian(digits))
    }

    /// DIFFERENCE: ilp-packet takes any bytes as an address. Here they must be of the alphabet.
    pub fn account(&mut self) -> Result<Account, PacketError> {
        let mut inner = self.nested()?;
        let at = inner.at;
        let bytes = inner.take(inner.left.len() as u64)?;
        String::from_utf8_lossy(bytes)
            .parse()
            .map_err(|fault| PacketError::Address { at, fault })
    }

    pub fn timestamp(&mut self) -> Result<Timestamp, PacketError> {
        let at = self.at;
        let text = String::from_utf8_lossy(self.var_octets()?);
        Timestamp::from_packet_text(&text).map_err(|fault| PacketError::Time { at, fault })
    }
}

/// The number in at most six bytes.
fn big_endian(digits: &[u8]) -> u64 {
    digits
        .iter()
        .fold(0, |sum, digit| sum << 8 | u64::from(*digit))
}

/// Writes to the end, always in the canonical form.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub fn u64(&mut self, value: u64) {
        self.raw(&value.to_be_bytes());
    }

    pub fn hold(&mut self, hold: Millis) -> Result<(), PacketError> {
        let ms = u32::try_from(hold.0).map_err(|_| PacketError::HoldTooLong { hold })?;
        self.raw(&ms.to_be_bytes());
        Ok(())
    }

    pub fn var_octets(&mut self, bytes: &[u8]) {
        match u8::try_from(bytes.len()) {
            Ok(short) if short < 0x80 => self.u8(short),
            _ => {
                let digits = shortest(bytes.len() as u64);
                // At most eight digits: the sum stays below 0x88.
                self.u8(0x80 | u8::try_from(digits.len()).unwrap_or(8));
                self.raw(&digits);
            }
        }
        self.raw(bytes);
    }

    pub fn var_uint(&mut self, value: u64) {
        self.var_octets(&shortest(value));
    }

    pub fn account(&mut self, account: &Account) {
        self.var_octets(account.as_str().as_bytes());
    }

    pub fn timestamp(&mut self, instant: Timestamp) -> Result<(), PacketError> {
        let text = instant.to_packet_text().ok_or(PacketError::TimeTooLate)?;
        self.var_octets(text.as_bytes());
        Ok(())
    }
}

/// Big-endian without leading zero bytes; zero is one zero byte.
fn shortest(value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(7);
    bytes[first..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_at_the_edges() {
        for (length, start) in [
            (0, &[0][..]),
            (127, &[127]),
            (128, &[0x81, 128]),
            (255, &[0x81, 255]),
            (256, &[0x82, 1, 0]),
            (65_536, &[0x83, 1, 0, 0]),
        ] {
            let mut writer = Writer::default();
            writer.var_octets(&vec![7; length]);
            let bytes = writer.into_bytes();
            assert!(bytes.starts_with(start));
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.var_octets().unwrap().len(), length);
        }
    }

    #[test]
    fn lengths_in_another_form_are_refused() {
        for bytes in [&[0x80, 1][..], &[0x81, 127], &[0x82, 0, 128], &[0x81, 0]] {
            let fault = Reader::new(bytes).length().unwrap_err();
            assert_eq!(fault, PacketError::Length { at: 0 }, "{bytes:x?}");
        }
        let seven = [0x87, 1, 1, 1, 1, 1, 1, 1];
        assert_eq!(
            Reader::new(&seven).length(),
            Err(PacketError::IntegerSize { at: 0, bytes: 7 })
        );
    }

    #[test]
    fn a_length_beyond_the_end_costs_nothing() {
        let fault = Reader::new(&[0x86, 255, 255, 255, 255, 255, 255]).var_octets();
        let needed = (1 << 48) - 1;
        assert_eq!(
            fault,
            Err(PacketError::TooShort {
                at: 7,
                needed,
                left: 0
            })
        );
    }

    proptest! {
        #[test]
        fn prop_counts_round_trip(value in 0..1u64 << 48) {
            let mut writer = Writer::default();
            writer.var_uint(value);
            prop_assert_eq!(Reader::new(&writer.into_bytes()).var_uint(), Ok(value));
        }
    }
}
