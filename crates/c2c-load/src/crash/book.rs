//! What a played peer knows of its ledger with the server: written apart from the engine, so that both do not
//! share a mistake.

use std::collections::BTreeMap;

use c2c::timestamp::Timestamp;

/// Which way a transfer goes, as the peer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToServer,
    FromServer,
}

/// How a transfer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Prepared,
    Executed,
    Rejected,
    RanOut,
    /// The server would not have it.
    Refused,
}

/// What a transfer is refused with that comes when its time is over: not a fault of the server, which may
/// have been dead meanwhile.
pub const LATE: &str = "NotAcceptedError";

/// One transfer.
#[derive(Clone, Debug)]
pub struct Known {
    pub way: Way,
    pub amount: u64,
    pub condition: String,
    pub expires_at: Timestamp,
    pub state: State,
    /// Whether the server has taken what we last had to say of it.
    pub is_taken: bool,
    /// Whether the server has it for sure: it took it, or sent it.
    pub is_certain: bool,
}

/// All transfers, and the balance: what the server owes the peer.
#[derive(Debug, Default)]
pub struct Book {
    pub transfers: BTreeMap<String, Known>,
    balance: i128,
}

impl Book {
    /// The balance at `now`.
    pub fn balance(&mut self, now: Timestamp) -> i128 {
        self.run_out(now);
        self.balance
    }

    /// The balance, whatever the time.
    pub fn balance_as_it_stands(&self) -> i128 {
        self.balance
    }

    /// A transfer of ours is about to be sent.
    pub fn sends(&mut self, id: &str, amount: u64, condition: &str, expires_at: Timestamp) {
        let known = Known {
            way: Way::ToServer,
            amount,
            condition: condition.to_owned(),
            expires_at,
            state: State::Prepared,
            is_taken: false,
            is_certain: false,
        };
        self.transfers.insert(id.to_owned(), known);
    }

    /// A transfer of the server has come. Whether it is new; an error where it is known as another one.
    pub fn receives(
        &mut self,
        now: Timestamp,
        id: &str,
        amount: u64,
        condition: &str,
        expires_at: Timestamp,
    ) -> Result<bool, &'static str> {
        self.run_out(now);
        if let Some(known) = self.transfers.get(id) {
            let same = known.way == Way::FromServer
                && known.amount == amount
                && known.condition == condition
                && known.expires_at == expires_at;
            return if same {
                Ok(false)
            } else {
                Err("DuplicateIdError")
            };
        }
        if expires_at <= now {
            return Err(LATE);
        }
        let known = Known {
            way: Way::FromServer,
            amount,
            condition: condition.to_owned(),
            expires_at,
            state: State::Prepared,
            is_taken: true,
            is_certain: true,
        };
        self.transfers.insert(id.to_owned(), known);
        self.balance += i128::from(amount);
        Ok(true)
    }

    /// The server fulfills (`true`) or rejects a transfer of ours.
    pub fn told(&mut self, now: Timestamp, id: &str, executes: bool) -> Result<(), &'static str> {
        self.run_out(now);
        let Some(known) = self.transfers.get_mut(id) else {
            return Err("TransferNotFoundError");
        };
        known.is_certain = true;
        let new = if executes {
            State::Executed
        } else {
            State::Rejected
        };
        match known.state {
            _ if known.way == Way::FromServer => Err("AccountNotFoundError"),
            State::Prepared => {
                known.state = new;
                if executes {
                    self.balance -= i128::from(known.amount);
                }
                Ok(())
            }
            state if state == new => Ok(()),
            // It has come to nothing already.
            State::RanOut if !executes => Ok(()),
            State::Executed => Err("AlreadyFulfilledError"),
            _ => Err("AlreadyRolledBackError"),
        }
    }

    /// We fulfill (`true`) or reject a transfer of the server. Whether it was still on hold.
    pub fn says(&mut self, now: Timestamp, id: &str, executes: bool) -> bool {
        self.run_out(now);
        let Some(known) = self.transfers.get_mut(id) else {
            return false;
        };
        if known.state != State::Prepared {
            return false;
        }
        known.is_taken = false;
        if executes {
            known.state = State::Executed;
        } else {
            known.state = State::Rejected;
            self.balance -= i128::from(known.amount);
        }
        true
    }

    /// What has run out.
    fn run_out(&mut self, now: Timestamp) {
        for known in self.transfers.values_mut() {
            if known.state == State::Prepared && known.expires_at <= now {
                known.state = State::RanOut;
                if known.way == Way::FromServer {
                    self.balance -= i128::from(known.amount);
                }
            }
        }
    }

    /// How many still wait for something.
    pub fn open(&mut self, now: Timestamp) -> Vec<String> {
        self.run_out(now);
        self.transfers
            .iter()
            .filter(|(_, known)| known.state == State::Prepared || !known.is_taken)
            .map(|(id, known)| format!("{id}: {known:?}"))
            .collect()
    }

    /// What the balance must be: the sum over all transfers.
    pub fn sum(&self) -> i128 {
        let of = |known: &Known| match (known.way, known.state) {
            (Way::ToServer, State::Executed) => -i128::from(known.amount),
            (Way::FromServer, State::Prepared | State::Executed) => i128::from(known.amount),
            _ => 0,
        };
        self.transfers.values().map(of).sum()
    }
}
