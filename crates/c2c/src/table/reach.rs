//! What can be used from which ledger of ours.

use super::{Head, Heard, Slot, Tables, View, starts_at};

impl Tables {
    /// Whether some ledger of ours can use `heard`.
    pub(super) fn is_usable(&self, heard: &Heard) -> bool {
        (0..self.ledgers.len()).any(|source| self.leads(source, heard))
    }

    /// Whether some ledger of ours can use `new` that could not use `old`.
    pub(super) fn gains(&self, old: &Heard, new: &Heard) -> bool {
        (0..self.ledgers.len()).any(|source| self.leads(source, new) && !self.leads(source, old))
    }

    /// Whether there is any way from the ledger `source` to `slot`.
    pub(super) fn has_way(&self, source: usize, slot: Slot) -> bool {
        let destination = self.destinations.value(slot);
        let own = destination
            .own
            .is_some_and(|own| !self.heads(source, own as usize).is_empty());
        own || destination
            .heard
            .iter()
            .any(|heard| self.leads(source, heard))
    }

    /// Whether `heard` can be used from the ledger `source`.
    pub(super) fn leads(&self, source: usize, heard: &Heard) -> bool {
        self.heads(source, heard.ledger as usize)
            .iter()
            .any(|head| self.joins(source, head, heard))
    }

    /// Whether `head`, which leads from `source` to the ledger of `heard`, may be joined with it: no
    /// ledger twice, and something that gets through the first gets into the second.
    #[inline]
    pub(super) fn joins(&self, source: usize, head: &Head, heard: &Heard) -> bool {
        let twice = heard
            .passes
            .iter()
            .any(|ledger| *ledger as usize == source || head.ledgers.contains(ledger));
        // Nearly all curves start at 0.
        !twice
            && starts_at(heard)
                .is_none_or(|least| least == 0 || least <= self.most_through(source, head))
    }

    /// The most that comes out at the end of `head`.
    fn most_through(&self, source: usize, head: &Head) -> u64 {
        let mut from = source;
        let mut amount = None;
        for ledger in &head.ledgers {
            if let Some(curve) = self.leg_curve(View::Local, (from, *ledger as usize)) {
                let end = curve.capacity();
                amount = Some(amount.map_or(end.y, |amount| curve.amount_at(amount)));
            }
            from = *ledger as usize;
        }
        amount.unwrap_or(0)
    }
}
