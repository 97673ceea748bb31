//! The quote packets, types 2 to 7 (IL-RFC 8).

use super::{Account, PacketError, Reader, Writer};
use crate::amount::Amount;
use crate::timestamp::{Millis, Timestamp};

/// How many bytes a point of a curve takes.
const POINT_BYTES: usize = 16;

/// Type 2: asks for the curve to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiquidityRequest {
    /// The account.
    pub destination_account: Account,
    /// How long its ledger is to hold the money; at most 2^32 − 1 ms.
    pub destination_hold: Millis,
}

impl LiquidityRequest {
    pub(super) fn read(contents: &mut Reader<'_>) -> Result<Self, PacketError> {
        Ok(Self {
            destination_account: contents.account()?,
            destination_hold: contents.hold()?,
        })
    }

    pub(super) fn write(&self, contents: &mut Writer) -> Result<(), PacketError> {
        contents.account(&self.destination_account);
        contents.hold(self.destination_hold)
    }
}

/// Type 3: a curve, and for which addresses and how long it is good.
///
/// The points stand here as they came; `Curve::from_points` says whether they are a curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiquidityResponse {
    /// What goes in and what comes out, in base units.
    pub points: Vec<(u64, u64)>,
    /// The curve is the same for all addresses under this prefix.
    pub applies_to_prefix: Account,
    /// How long the source ledger has to hold the money; at most 2^32 − 1 ms.
    pub source_hold: Millis,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl LiquidityResponse {
    /// How many points a connector of 2017 can read under this prefix; none where not even two.
    ///
    /// ilp-connector 21 can read the curve only where it starts at a multiple of four bytes, and that
    /// is where the contents are at most 127 bytes long.
    pub fn most_points_for_2017(applies_to_prefix: &str) -> Option<usize> {
        const OTHERS: usize = 28;
        let room = 127usize.checked_sub(OTHERS + applies_to_prefix.len())?;
        Some(room / POINT_BYTES).filter(|points| *points >= 2)
    }

    pub(super) fn read(contents: &mut Reader<'_>) -> Result<Self, PacketError> {
        let count = contents.var_uint()?;
        // Below 2^48 points: 16 times that fits. What is claimed must be there before it is kept.
        let bytes = contents.take(count * POINT_BYTES as u64)?;
        let (points, _) = bytes.as_chunks::<POINT_BYTES>();
        Ok(Self {
            points: points.iter().map(read_point).collect(),
            applies_to_prefix: contents.account()?,
            source_hold: contents.hold()?,
            expires_at: contents.timestamp()?,
        })
    }

    pub(super) fn write(&self, contents: &mut Writer) -> Result<(), PacketError> {
        contents.var_uint(self.points.len() as u64);
        for (x, y) in &self.points {
            contents.raw(&x.rotate_left(32).to_le_bytes());
            contents.raw(&y.rotate_left(32).to_le_bytes());
        }
        contents.account(&self.applies_to_prefix);
        contents.hold(self.source_hold)?;
        contents.timestamp(self.expires_at)
    }
}

/// The order of route broadcasts, not the big-endian one of the RFC's ASN.1: the software and the
/// RFC's own example agree. High word first, each word little-endian.
fn read_point(bytes: &[u8; POINT_BYTES]) -> (u64, u64) {
    let [x, y] = [0, 8].map(|start| {
        bytes[start..start + 8]
            .iter()
            .rev()
            .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte))
            .rotate_left(32)
    });
    (x, y)
}

/// Type 4: asks what arrives for a source amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BySourceRequest {
    /// The receiver.
    pub destination_account: Account,
    /// What is sent, in base units of the source ledger.
    pub source_amount: Amount,
    /// How long the receiver's ledger is to hold the money; at most 2^32 − 1 ms.
    pub destination_hold: Millis,
}

/// Type 5: what arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BySourceResponse {
    /// What arrives, in base units of the destination ledger.
    pub destination_amount: Amount,
    /// How long the source ledger has to hold the money; at most 2^32 − 1 ms.
    pub source_hold: Millis,
}

/// Type 6: asks what a destination amount costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByDestinationRequest {
    /// The receiver.
    pub destination_account: Account,
    /// What is to arrive, in base units of the destination ledger.
    pub destination_amount: Amount,
    /// How long the receiver's ledger is to hold the money; at most 2^32 − 1 ms.
    pub destination_hold: Millis,
}

/// Type 7: what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByDestinationResponse {
    /// What has to be sent, in base units of the source ledger.
    pub source_amount: Amount,
    /// How long the source ledger has to hold the money; at most 2^32 − 1 ms.
    pub source_hold: Millis,
}

macro_rules! request {
    ($name:ident, $amount:ident) => {
        impl $name {
            pub(super) fn read(contents: &mut Reader<'_>) -> Result<Self, PacketError> {
                Ok(Self {
                    destination_account: contents.account()?,
                    $amount: Amount::new(contents.u64()?),
                    destination_hold: contents.hold()?,
                })
            }

            pub(super) fn write(&self, contents: &mut Writer) -> Result<(), PacketError> {
                contents.account(&self.destination_account);
                contents.u64(self.$amount.units());
                contents.hold(self.destination_hold)
            }
        }
    };
}

macro_rules! response {
    ($name:ident, $amount:ident) => {
        impl $name {
            pub(super) fn read(contents: &mut Reader<'_>) -> Result<Self, PacketError> {
                Ok(Self {
                    $amount: Amount::new(contents.u64()?),
                    source_hold: contents.hold()?,
                })
            }

            pub(super) fn write(&self, contents: &mut Writer) -> Result<(), PacketError> {
                contents.u64(self.$amount.units());
                contents.hold(self.source_hold)
            }
        }
    };
}

request!(BySourceRequest, source_amount);
request!(ByDestinationRequest, destination_amount);
response!(BySourceResponse, destination_amount);
response!(ByDestinationResponse, source_amount);
