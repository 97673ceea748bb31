use std::fmt;
use std::str::FromStr;

use super::{Account, PacketError, Reader, Writer};
use crate::address::IlpAddress;
use crate::timestamp::Timestamp;

/// Type 8: why something failed, where, and through whom that was told.
///
/// ```
/// use c2c::packet::{ErrorCode, IlpError, Packet};
/// use c2c::timestamp::Timestamp;
/// let refusal = IlpError::new(
///     ErrorCode::F00,
///     "peer.OR5Df.usd.9.wallet2".parse()?,
///     Timestamp::from_millis(0),
///     "Invalid request method",
/// );
/// assert_eq!(refusal.name, "Bad Request");
/// assert_eq!(refusal.message().as_deref(), Some("Invalid request method"));
/// let bytes = Packet::Error(refusal.clone()).encode()?;
/// assert_eq!(Packet::decode(&bytes)?, Packet::Error(refusal));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IlpError {
    /// What kind of failure.
    pub code: ErrorCode,
    /// The name of the code; peers may write another than [`ErrorCode::name`].
    pub name: String,
    /// Where it arose.
    pub triggered_by: Account,
    /// Who passed it on, the first one first.
    pub forwarded_by: Vec<Account>,
    /// When it arose.
    pub triggered_at: Timestamp,
    /// More about it; 2017 connectors put the JSON text `{"message": …}` here.
    pub data: Vec<u8>,
}

impl IlpError {
    /// An error that arises here and now, with the name of its code and `message` as ilp-connector 21
    /// writes it.
    pub fn new(
        code: ErrorCode,
        triggered_by: IlpAddress,
        triggered_at: Timestamp,
        message: &str,
    ) -> Self {
        Self {
            code,
            name: code.name().unwrap_or_default().to_owned(),
            triggered_by: triggered_by.into(),
            forwarded_by: vec![],
            triggered_at,
            data: serde_json::json!({ "message": message })
                .to_string()
                .into_bytes(),
        }
    }

    /// The same error, passed on by `own`.
    pub fn forwarded_by(mut self, own: IlpAddress) -> Self {
        self.forwarded_by.push(own.into());
        self
    }

    /// The message in the data, if it is the JSON that 2017 connectors write. Untrusted text.
    pub fn message(&self) -> Option<String> {
        let data: serde_json::Value = serde_json::from_slice(&self.data).ok()?;
        data["message"].as_str().map(str::to_owned)
    }

    pub(super) fn read(contents: &mut Reader<'_>) -> Result<Self, PacketError> {
        let code = ErrorCode::from_bytes(contents.code()?)?;
        let name = String::from_utf8_lossy(contents.var_octets()?).into_owned();
        let triggered_by = contents.account()?;
        let count = contents.var_uint()?;
        let mut forwarded_by = vec![];
        for _ in 0..count {
            // Each takes at least one byte: the loop ends with the packet.
            forwarded_by.push(contents.account()?);
        }
        Ok(Self {
            code,
            name,
            triggered_by,
            forwarded_by,
            triggered_at: contents.timestamp()?,
            data: contents.var_octets()?.to_vec(),
        })
    }

    pub(super) fn write(&self, contents: &mut Writer) -> Result<(), PacketError> {
        contents.raw(&self.code.0);
        contents.var_octets(self.name.as_bytes());
        contents.account(&self.triggered_by);
        contents.var_uint(self.forwarded_by.len() as u64);
        for account in &self.forwarded_by {
            contents.account(account);
        }
        contents.timestamp(self.triggered_at)?;
        contents.var_octets(&self.data);
        Ok(())
    }
}

/// Three visible characters, the first telling whether trying again can help. Codes that are not in
/// the table are kept as they came.
///
/// ```
/// use c2c::packet::{ErrorClass, ErrorCode};
/// assert_eq!(ErrorCode::F02.name(), Some("Unreachable"));
/// assert_eq!("T04".parse(), Ok(ErrorCode::T04));
/// assert_eq!(ErrorCode::R01.class(), Some(ErrorClass::Relative));
/// assert_eq!("S00".parse::<ErrorCode>()?.name(), None);
/// # Ok::<(), c2c::packet::PacketError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode([u8; 3]);

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// `F`: not as long as the payment stays the same.
    Final,
    /// `T`: later, perhaps.
    Temporary,
    /// `R`: with other terms: more money or more time.
    Relative,
}

macro_rules! codes {
    ($($code:ident, $name:literal, $use:literal;)*) => {
        impl ErrorCode {
            $(
                #[doc = concat!("`", stringify!($code), "` ", $name, ": ", $use, ".")]
                pub const $code: ErrorCode = ErrorCode::of(stringify!($code));
            )*

            /// Every code that has a name, in order, with that name and what it is for.
            pub const TABLE: &[(ErrorCode, &str, &str)] = &[$((ErrorCode::$code, $name, $use),)*];
        }
    };
}

codes! {
    F00, "Bad Request", "the request or the outgoing transfer is invalid, or its id was used before";
    F01, "Invalid Packet", "the packet is missing or cannot be read";
    F02, "Unreachable", "there is no route, or no such account";
    F03, "Invalid Amount", "the amount is not allowed";
    F04, "Insufficient Destination Amount", "the receiver got less than it expects";
    F05, "Wrong Condition", "the receiver cannot fulfill this condition";
    F06, "Unexpected Payment", "the receiver did not ask for it";
    F07, "Cannot Receive", "the receiver cannot take it";
    F99, "Application Error", "what the application says";
    T00, "Internal Error", "something broke at a connector";
    T01, "Ledger Unreachable", "the next hop or its ledger does not answer";
    T02, "Ledger Busy", "the ledger refuses for now";
    T03, "Connector Busy", "the connector refuses for now";
    T04, "Insufficient Liquidity", "the connector has too little on the outgoing ledger";
    T05, "Rate Limited", "too many requests";
    T99, "Application Error", "what the application says";
    R00, "Transfer Timed Out", "the outgoing transfer ran out";
    R01, "Insufficient Source Amount", "what came in is too little for what is to go out";
    R02, "Insufficient Timeout", "the expiry is too near or too far";
    R99, "Application Error", "what the application says";
}

impl ErrorCode {
    /// These three characters, which must be visible ASCII.
    pub fn from_bytes(bytes: [u8; 3]) -> Result<Self, PacketError> {
        if bytes.iter().all(u8::is_ascii_graphic) {
            Ok(Self(bytes))
        } else {
            Err(PacketError::Code)
        }
    }

    /// The name in the table; none for a code that is not there.
    pub fn name(self) -> Option<&'static str> {
        Self::TABLE
            .iter()
            .find(|(code, ..)| *code == self)
            .map(|(_, name, _)| *name)
    }

    /// What trying again can do; none for a code of no known class.
    pub fn class(self) -> Option<ErrorClass> {
        match self.0[0] {
            b'F' => Some(ErrorClass::Final),
            b'T' => Some(ErrorClass::Temporary),
            b'R' => Some(ErrorClass::Relative),
            _ => None,
        }
    }

    /// The three characters.
    pub fn as_str(&self) -> &str {
        // Checked when it was made: ASCII.
        std::str::from_utf8(&self.0).unwrap_or("")
    }

    const fn of(text: &str) -> Self {
        match *text.as_bytes() {
            [a, b, c] => Self([a, b, c]),
            _ => panic!("a code of the table has three characters"),
        }
    }
}

impl FromStr for ErrorCode {
    type Err = PacketError;
    fn from_str(text: &str) -> Result<Self, PacketError> {
        Self::from_bytes(text.as_bytes().try_into().map_err(|_| PacketError::Code)?)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
