//! Who called without being a peer. Bounded: the one heard of longest ago gives way.

use std::collections::BTreeMap;

use crate::snapshot::CallerView;
use crate::timestamp::Timestamp;

/// How many callers are kept.
const MAX_CALLERS: usize = 256;
/// How much of a name is kept, in characters.
const MAX_NAME: usize = 128;

/// Callers by the prefix they named and the refusal they got.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox {
    callers: BTreeMap<(String, &'static str), CallerView>,
}

impl Inbox {
    /// Notes a call. Whether it is the first of its kind, and the prefix as it is kept.
    pub(super) fn note(
        &mut self,
        now: Timestamp,
        prefix: &str,
        method: &str,
        code: &'static str,
    ) -> (bool, String) {
        let prefix = shortened(prefix);
        let key = (prefix.clone(), code);
        if let Some(known) = self.callers.get_mut(&key) {
            known.times = known.times.saturating_add(1);
            known.last = now;
            known.method = shortened(method);
            return (false, prefix);
        }
        if self.callers.len() >= MAX_CALLERS {
            let oldest = self.callers.iter().min_by_key(|(_, caller)| caller.last);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                self.callers.remove(&key);
            }
        }
        let caller = CallerView {
            prefix: prefix.clone(),
            method: shortened(method),
            code: code.to_owned(),
            times: 1,
            first: now,
            last: now,
        };
        self.callers.insert(key, caller);
        (true, prefix)
    }

    /// A peer was added: its calls are no longer those of a stranger.
    pub(super) fn forget(&mut self, prefix: &str) {
        self.callers.retain(|(known, _), _| known != prefix);
    }

    /// The newest last.
    pub(super) fn view(&self) -> Vec<CallerView> {
        let mut callers: Vec<CallerView> = self.callers.values().cloned().collect();
        callers.sort_by_key(|caller| caller.last);
        callers
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_counted_and_never_fill_the_memory() {
        let mut inbox = Inbox::default();
        let at = Timestamp::from_millis;
        let name = |i: u64| format!("peer.{i}.usd.9.{}", "x".repeat(1000));
        for i in 0..10_000 {
            assert!(inbox.note(at(i), &name(i), "get_limit", "RPC_401").0);
        }
        let last = inbox.note(at(10_000), &name(9_999), "get_balance", "RPC_401");
        assert!(!last.0);
        let view = inbox.view();
        assert_eq!(view.len(), MAX_CALLERS);
        let newest = view.last().unwrap();
        assert_eq!((newest.times, newest.method.as_str()), (2, "get_balance"));
        assert_eq!(newest.prefix.len(), MAX_NAME);
        inbox.forget(&newest.prefix);
        assert_eq!(inbox.view().len(), MAX_CALLERS - 1);
    }
}
