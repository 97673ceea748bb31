//! The slow twin: a list of transfers, searched from front to back, and a balance that is added up anew
//! whenever somebody asks.

use super::*;

pub struct Twin {
    pub limit: i128,
    pub peer_limit: Option<i128>,
    pub now: u64,
    pub all: Vec<Kept>,
}

pub struct Kept {
    pub transfer: Transfer,
    pub direction: Direction,
    pub stands: Stands,
    pub to_tell: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    Prepared,
    Executed,
    Rejected,
    Cancelled,
    Expired,
}

type Answer = Result<Done, &'static str>;

impl Twin {
    pub fn balance(&self) -> i128 {
        self.all.iter().map(Kept::counts).sum()
    }

    pub fn at(&mut self, now: u64) {
        self.now = self.now.max(now);
        for kept in &mut self.all {
            if kept.stands == Stands::Prepared && kept.expiry().unwrap() <= self.now {
                (kept.stands, kept.to_tell) = (Stands::Expired, false);
            }
        }
    }

    fn find(&mut self, id: &str) -> Result<&mut Kept, &'static str> {
        let mut all = self.all.iter_mut();
        all.find(|kept| kept.transfer.id.as_str() == id)
            .ok_or("TransferNotFoundError")
    }

    pub fn begin(&mut self, transfer: &Transfer, direction: Direction) -> Answer {
        if let Ok(known) = self.find(transfer.id.as_str()) {
            return match known.transfer == *transfer {
                true => Ok(Done::Repeated),
                false => Err("DuplicateIdError"),
            };
        }
        let amount = i128::from(transfer.amount.units());
        let mut kept = Kept {
            transfer: transfer.clone(),
            direction,
            stands: Stands::Executed,
            to_tell: direction == Direction::Outgoing,
        };
        if let Some(expiry) = kept.expiry() {
            kept.stands = Stands::Prepared;
            if expiry <= self.now {
                return Err("NotAcceptedError");
            }
        }
        match direction {
            Direction::Incoming if self.balance() + amount > self.limit => {
                return Err("NotAcceptedError");
            }
            Direction::Outgoing => {
                // As the peer sees it: what we paid, and all that it has from us on hold.
                let owed: i128 = self.all.iter().map(Kept::owed).sum();
                if self.peer_limit.is_some_and(|limit| owed + amount > limit) {
                    return Err("InsufficientBalanceError");
                }
            }
            Direction::Incoming => {}
        }
        self.all.push(kept);
        Ok(Done::Changed)
    }

    pub fn resolve(&mut self, id: &str, direction: Direction, right: Option<bool>) -> Answer {
        let kept = self.find(id)?;
        if kept.expiry().is_none() {
            return Err("TransferNotConditionalError");
        }
        if kept.direction != direction {
            return Err("NotAcceptedError");
        }
        let (stands, done) = match (kept.stands, right) {
            (Stands::Executed, None) => return Err("AlreadyFulfilledError"),
            (Stands::Prepared, None) => (Stands::Rejected, Done::Changed),
            (stands, None) => (stands, Done::Repeated),
            (Stands::Prepared | Stands::Executed, Some(false)) => return Err("NotAcceptedError"),
            (Stands::Prepared, Some(true)) => (Stands::Executed, Done::Changed),
            (Stands::Executed, Some(true)) => (Stands::Executed, Done::Repeated),
            (_, Some(_)) => return Err("AlreadyRolledBackError"),
        };
        kept.stands = stands;
        if done == Done::Changed {
            kept.to_tell = direction == Direction::Incoming;
        }
        Ok(done)
    }

    pub fn told_expired(&mut self, id: &str) -> Answer {
        let kept = self.find(id)?;
        match (kept.expiry(), kept.stands) {
            (None, _) => Err("TransferNotConditionalError"),
            (_, Stands::Prepared) => Err("Error"),
            (_, Stands::Executed) => Err("AlreadyFulfilledError"),
            _ => Ok(Done::Repeated),
        }
    }

    pub fn cancel(&mut self, id: &str) -> Answer {
        let kept = self.find(id)?;
        if kept.direction == Direction::Incoming {
            return Err("NotAcceptedError");
        }
        match (kept.stands, kept.expiry(), kept.to_tell) {
            (Stands::Executed, Some(_), _) => Err("AlreadyFulfilledError"),
            (Stands::Prepared | Stands::Executed, _, false) => Err("NotAcceptedError"),
            (Stands::Prepared | Stands::Executed, ..) => {
                (kept.stands, kept.to_tell) = (Stands::Cancelled, false);
                Ok(Done::Changed)
            }
            _ => Ok(Done::Repeated),
        }
    }

    pub fn acknowledged(&mut self, id: &str) -> Answer {
        match std::mem::take(&mut self.find(id)?.to_tell) {
            true => Ok(Done::Changed),
            false => Ok(Done::Repeated),
        }
    }
}

impl Kept {
    pub fn expiry(&self) -> Option<u64> {
        self.transfer.hold.map(|hold| hold.expires_at.as_millis())
    }

    /// What it adds to the balance.
    fn counts(&self) -> i128 {
        let amount = i128::from(self.transfer.amount.units());
        match (self.direction, self.stands) {
            (Direction::Incoming, Stands::Prepared | Stands::Executed) => amount,
            (Direction::Outgoing, Stands::Executed) => -amount,
            _ => 0,
        }
    }

    /// What it adds to the balance of the peer.
    fn owed(&self) -> i128 {
        let amount = i128::from(self.transfer.amount.units());
        match (self.direction, self.stands) {
            (Direction::Outgoing, Stands::Prepared | Stands::Executed) => amount,
            (Direction::Incoming, Stands::Executed) => -amount,
            _ => 0,
        }
    }
}
