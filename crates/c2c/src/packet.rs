//! Binary ILP packets in octet encoding rules: payment, the six quote packets, error.
//!
//! A packet is one type byte and its contents, preceded by their length (npm ilp-packet 1.3, IL-RFCs 3
//! and 8). Everything is written in the one canonical form. Reading refuses lengths that are not
//! canonical and, as ilp-packet does, passes over the extensions byte at the end of the contents,
//! whatever it is or if it is missing, and over all bytes after it.
//!
//! Reading takes memory in proportion to the bytes that are there, never to a count they claim.
//!
//! ```
//! use c2c::amount::Amount;
//! use c2c::packet::{Packet, Payment};
//! let packet = Packet::Payment(Payment {
//!     amount: Amount::new(107),
//!     account: "example.blue.bob".parse()?,
//!     data: vec![],
//! });
//! let bytes = packet.encode()?;
//! assert_eq!(bytes[..2], [1, 27]);
//! assert_eq!(Packet::decode(&bytes)?, packet);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod ilqp;
mod oer;
mod payment;

use std::fmt;
use std::str::FromStr;

use crate::address::{AddressError, IlpAddress};
use crate::timestamp::{Millis, TimestampError};

pub use error::{ErrorClass, ErrorCode, IlpError};
pub use ilqp::{
    ByDestinationRequest, ByDestinationResponse, BySourceRequest, BySourceResponse,
    LiquidityRequest, LiquidityResponse,
};
use oer::{Reader, Writer};
pub use payment::Payment;

/// One packet of any of the eight types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// Type 1: what a transfer is for.
    Payment(Payment),
    /// Type 2: asks for a curve.
    LiquidityRequest(LiquidityRequest),
    /// Type 3: answers with one.
    LiquidityResponse(LiquidityResponse),
    /// Type 4: asks what arrives for a source amount.
    BySourceRequest(BySourceRequest),
    /// Type 5: answers it.
    BySourceResponse(BySourceResponse),
    /// Type 6: asks what a destination amount costs.
    ByDestinationRequest(ByDestinationRequest),
    /// Type 7: answers it.
    ByDestinationResponse(ByDestinationResponse),
    /// Type 8: says why something failed.
    Error(IlpError),
}

impl Packet {
    /// Reads a packet. Bytes after it are not looked at.
    pub fn decode(bytes: &[u8]) -> Result<Self, PacketError> {
        let mut outer = Reader::new(bytes);
        let found = outer.u8()?;
        if !(1..=8).contains(&found) {
            return Err(PacketError::Type { found });
        }
        let contents = &mut outer.nested()?;
        Ok(match found {
            1 => Self::Payment(Payment::read(contents)?),
            2 => Self::LiquidityRequest(LiquidityRequest::read(contents)?),
            3 => Self::LiquidityResponse(LiquidityResponse::read(contents)?),
            4 => Self::BySourceRequest(BySourceRequest::read(contents)?),
            5 => Self::BySourceResponse(BySourceResponse::read(contents)?),
            6 => Self::ByDestinationRequest(ByDestinationRequest::read(contents)?),
            7 => Self::ByDestinationResponse(ByDestinationResponse::read(contents)?),
            _ => Self::Error(IlpError::read(contents)?),
        })
    }

    /// Writes a packet. Fails only where a hold or a time does not fit into its field.
    pub fn encode(&self) -> Result<Vec<u8>, PacketError> {
        let mut contents = Writer::default();
        match self {
            Self::Payment(packet) => packet.write(&mut contents),
            Self::LiquidityRequest(packet) => packet.write(&mut contents)?,
            Self::LiquidityResponse(packet) => packet.write(&mut contents)?,
            Self::BySourceRequest(packet) => packet.write(&mut contents)?,
            Self::BySourceResponse(packet) => packet.write(&mut contents)?,
            Self::ByDestinationRequest(packet) => packet.write(&mut contents)?,
            Self::ByDestinationResponse(packet) => packet.write(&mut contents)?,
            Self::Error(packet) => packet.write(&mut contents)?,
        }
        contents.u8(0); // no extensions
        let mut packet = Writer::default();
        packet.u8(self.type_byte());
        packet.var_octets(&contents.into_bytes());
        Ok(packet.into_bytes())
    }

    /// The first byte: 1 to 8.
    pub fn type_byte(&self) -> u8 {
        match self {
            Self::Payment(_) => 1,
            Self::LiquidityRequest(_) => 2,
            Self::LiquidityResponse(_) => 3,
            Self::BySourceRequest(_) => 4,
            Self::BySourceResponse(_) => 5,
            Self::ByDestinationRequest(_) => 6,
            Self::ByDestinationResponse(_) => 7,
            Self::Error(_) => 8,
        }
    }
}

/// An address as packets carry it: checked, but possibly empty.
///
/// As a prefix the empty one covers every address; as an account it can be reached by nobody.
///
/// ```
/// use c2c::packet::Account;
/// let account: Account = "example.blue.bob".parse()?;
/// assert!(account.as_address().is_some_and(|a| a.is_under("example.blue.")));
/// assert_eq!("".parse::<Account>()?.as_address(), None);
/// # Ok::<(), c2c::address::AddressError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account(Option<IlpAddress>);

impl Account {
    /// The address, unless it is empty.
    pub fn as_address(&self) -> Option<&IlpAddress> {
        self.0.as_ref()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_ref().map_or("", IlpAddress::as_str)
    }
}

impl From<IlpAddress> for Account {
    fn from(address: IlpAddress) -> Self {
        Self(Some(address))
    }
}

impl FromStr for Account {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        match text {
            "" => Ok(Self(None)),
            text => IlpAddress::new(text).map(Some).map(Self),
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why bytes are no packet, or a packet cannot be written. Places are counted in bytes from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PacketError {
    /// No packet has this type.
    Type {
        /// The first byte.
        found: u8,
    },
    /// Something is longer than what is left.
    TooShort {
        /// Where it starts.
        at: usize,
        /// How many bytes it needs.
        needed: u64,
        /// How many are left.
        left: usize,
    },
    /// A length in a longer form than needed, or of no stated size.
    Length {
        /// Where.
        at: usize,
    },
    /// A length or count of no bytes, or of more than six.
    IntegerSize {
        /// Where.
        at: usize,
        /// How many bytes it has.
        bytes: usize,
    },
    /// An address with a character that addresses do not have, or too long.
    Address {
        /// Where.
        at: usize,
        /// What is wrong.
        fault: AddressError,
    },
    /// A time in another form than `20170614000000.000Z`, or none that exists.
    Time {
        /// Where.
        at: usize,
        /// What is wrong.
        fault: TimestampError,
    },
    /// An error code that is not three visible characters.
    Code,
    /// Writing: a hold over 2^32 − 1 ms.
    HoldTooLong {
        /// The hold.
        hold: Millis,
    },
    /// Writing: a time after the year 9999.
    TimeTooLate,
}

impl fmt::Display for PacketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type { found } => write!(
                f,
                "Byte 0: packet type {found} is not known. Types are 1 to 8."
            ),
            Self::TooShort { at, needed, left } => write!(
                f,
                "Byte {at}: {needed} bytes should follow, but only {left} do. Send the whole packet."
            ),
            Self::Length { at } => write!(
                f,
                "Byte {at}: the length is not in its shortest form. Write it in as few bytes as it needs."
            ),
            Self::IntegerSize { at, bytes } => write!(
                f,
                "Byte {at}: an integer of {bytes} bytes. Write it in 1 to 6."
            ),
            Self::Address { at, fault } => write!(f, "Byte {at}: {fault}"),
            Self::Time { at, fault } => write!(
                f,
                "Byte {at}: {fault} In packets it stands as 20170614115818.509Z."
            ),
            Self::Code => f.write_str(
                "The error code is not three visible characters. Use one of the table, such as F00.",
            ),
            Self::HoldTooLong { hold } => write!(
                f,
                "A hold of {} ms does not fit. It can be at most 4294967295 ms.",
                hold.0
            ),
            Self::TimeTooLate => {
                f.write_str("A time after the year 9999 cannot be written. Choose an earlier one.")
            }
        }
    }
}

impl std::error::Error for PacketError {}

#[cfg(test)]
mod tests;
