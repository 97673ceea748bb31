use super::{Account, PacketError, Reader, Writer};
use crate::amount::Amount;

/// Type 1: whom a transfer is to reach in the end, and with how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// What the receiver is to get, in base units of its ledger.
    pub amount: Amount,
    /// The receiver.
    pub account: Account,
    /// What only the receiver understands.
    pub data: Vec<u8>,
}

impl Payment {
    pub(super) fn read(contents: &mut Reader<'_>) -> Result<Self, PacketError> {
        Ok(Self {
            amount: Amount::new(contents.u64()?),
            account: contents.account()?,
            data: contents.var_octets()?.to_vec(),
        })
    }

    pub(super) fn write(&self, contents: &mut Writer) {
        contents.u64(self.amount.units());
        contents.account(&self.account);
        contents.var_octets(&self.data);
    }
}
