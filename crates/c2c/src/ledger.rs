//! The ledger between two peers: two accounts, kept by both sides, each from its own point of view.
//!
//! A positive balance means that the other side owes us. Both sides start at 0, and while nothing is
//! on hold the two balances are opposite numbers. Each side sets one limit, on its own balance: the
//! most it lets the other owe it. There is no lower limit of our own; how far we may go into debt is
//! the peer's limit, as its `get_limit` tells it.
//!
//! The rules are those of ilp-plugin-virtual 16: the receiver of a conditional transfer counts it at
//! once, as a hold, and gives it back where the transfer comes to nothing; the sender counts it when
//! it is fulfilled.

use std::fmt;

use crate::address::{IlpAddress, LedgerPrefix};
use crate::amount::Amount;

/// One side of a peer ledger: who, how much is owed, and how much may be.
///
/// ```
/// use c2c::address::LedgerPrefix;
/// use c2c::amount::Amount;
/// use c2c::ledger::PeerLedger;
/// let prefix = LedgerPrefix::new("peer.OR5Df.usd.9.")?;
/// let mut ledger = PeerLedger::new(prefix.account("us")?, prefix.account("them")?, prefix, Amount::new(100));
/// ledger.receive(Amount::new(100))?;                  // reaching the limit is allowed,
/// assert!(ledger.receive(Amount::new(1)).is_err());   // passing it is not
/// ledger.pay(Amount::new(130));
/// assert_eq!(ledger.balance(), -30);
/// assert_eq!(ledger.room_to_receive(), Amount::new(130));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerLedger {
    prefix: LedgerPrefix,
    account: IlpAddress,
    peer_account: IlpAddress,
    limit: Amount,
    peer_limit: Option<Amount>,
    balance: i128,
}

impl PeerLedger {
    /// A ledger on which nothing has happened yet. `limit` is the most that the peer may owe us.
    pub fn new(
        account: IlpAddress,
        peer_account: IlpAddress,
        prefix: LedgerPrefix,
        limit: Amount,
    ) -> Self {
        Self {
            prefix,
            account,
            peer_account,
            limit,
            peer_limit: None,
            balance: 0,
        }
    }

    /// The same ledger with a balance that was stored before.
    pub fn with_balance(mut self, balance: i128) -> Self {
        self.balance = balance;
        self
    }

    /// The name of the ledger.
    pub fn prefix(&self) -> &LedgerPrefix {
        &self.prefix
    }

    /// Our account on it.
    pub fn account(&self) -> &IlpAddress {
        &self.account
    }

    /// The peer's account on it.
    pub fn peer_account(&self) -> &IlpAddress {
        &self.peer_account
    }

    /// Base units that the peer owes us; negative where we owe it.
    pub fn balance(&self) -> i128 {
        self.balance
    }

    /// The most that the peer may owe us: our answer to `get_limit`.
    pub fn limit(&self) -> Amount {
        self.limit
    }

    /// Changes our limit. It may be set below the balance: nothing more is received then until the
    /// balance has come down.
    pub fn set_limit(&mut self, limit: Amount) {
        self.limit = limit;
    }

    /// The most that we may owe the peer, once it has told us.
    pub fn peer_limit(&self) -> Option<Amount> {
        self.peer_limit
    }

    /// Keeps the peer's answer to `get_limit`.
    pub fn set_peer_limit(&mut self, limit: Amount) {
        self.peer_limit = Some(limit);
    }

    /// How much more the peer may come to owe us: limit minus balance, never below 0.
    pub fn room_to_receive(&self) -> Amount {
        clamp(i128::from(self.limit.units()).saturating_sub(self.balance))
    }

    /// How much more we may come to owe the peer: balance plus its limit, never below 0. None as long
    /// as the limit is not known.
    pub fn room_to_pay(&self) -> Option<Amount> {
        self.peer_limit
            .map(|limit| clamp(i128::from(limit.units()).saturating_add(self.balance)))
    }

    /// An incoming transfer arrives, conditional or not: the peer owes us more, at once. Refused if the
    /// balance would pass the limit; reaching it exactly is allowed.
    pub fn receive(&mut self, amount: Amount) -> Result<(), LedgerError> {
        let raised = self.balance.saturating_add(i128::from(amount.units()));
        if raised > i128::from(self.limit.units()) {
            return Err(LedgerError::OverLimit {
                amount,
                balance: self.balance,
                limit: self.limit,
            });
        }
        self.balance = raised;
        Ok(())
    }

    /// An incoming transfer came to nothing (rejected, expired): its hold is given back.
    pub fn release(&mut self, amount: Amount) {
        self.balance = self.balance.saturating_sub(i128::from(amount.units()));
    }

    /// An outgoing transfer is final (fulfilled, or unconditional and about to be sent).
    pub fn pay(&mut self, amount: Amount) {
        self.balance = self.balance.saturating_sub(i128::from(amount.units()));
    }

    /// An unconditional outgoing transfer could not be sent: what [`pay`](Self::pay) took is put back.
    pub fn take_back(&mut self, amount: Amount) {
        self.balance = self.balance.saturating_add(i128::from(amount.units()));
    }
}

/// Why the ledger refuses to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerError {
    /// The peer would owe more than our limit. It must pay first, or we must raise the limit.
    OverLimit {
        /// What was to come in.
        amount: Amount,
        /// The balance before.
        balance: i128,
        /// Our limit.
        limit: Amount,
    },
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OverLimit {
                amount,
                balance,
                limit,
            } => write!(
                f,
                "A transfer of {amount} would raise the balance from {balance} above the limit of {limit}. Settle first, or ask for a higher limit."
            ),
        }
    }
}

impl std::error::Error for LedgerError {}

/// `units` within what an amount can hold.
fn clamp(units: i128) -> Amount {
    Amount::new(u64::try_from(units.max(0)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(limit: u64) -> PeerLedger {
        let prefix = LedgerPrefix::new("peer.abcde.usd.9.").unwrap();
        let (us, them) = (
            prefix.account("us").unwrap(),
            prefix.account("them").unwrap(),
        );
        PeerLedger::new(us, them, prefix, Amount::new(limit))
    }

    #[test]
    fn two_sides_are_opposite_once_nothing_is_on_hold() {
        let (mut ours, mut theirs) = (ledger(1000), ledger(1000));
        ours.receive(Amount::new(400)).unwrap();
        assert_eq!((ours.balance(), theirs.balance()), (400, 0));
        theirs.pay(Amount::new(400));
        assert_eq!(ours.balance(), -theirs.balance());
        ours.receive(Amount::new(5)).unwrap();
        ours.release(Amount::new(5));
        assert_eq!(ours.balance(), -theirs.balance());
    }

    #[test]
    fn a_refused_transfer_changes_nothing() {
        let mut ours = ledger(100);
        ours.receive(Amount::new(100)).unwrap();
        let before = ours.clone();
        assert!(matches!(
            ours.receive(Amount::new(1)),
            Err(LedgerError::OverLimit { balance: 100, .. })
        ));
        assert_eq!(ours, before);
    }

    #[test]
    fn room_never_goes_below_nothing_nor_above_64_bits() {
        let mut ours = ledger(u64::MAX);
        ours.pay(Amount::MAX);
        assert_eq!(ours.room_to_receive(), Amount::MAX);
        assert_eq!(ours.room_to_pay(), None);
        ours.set_peer_limit(Amount::new(7));
        assert_eq!(ours.room_to_pay(), Some(Amount::ZERO));
        let mut lowered = ledger(50).with_balance(40);
        lowered.set_limit(Amount::new(10));
        assert_eq!(lowered.room_to_receive(), Amount::ZERO);
        lowered.set_peer_limit(Amount::new(60));
        assert_eq!(lowered.room_to_pay(), Some(Amount::new(100)));
    }
}
