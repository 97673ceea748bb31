//! What happened, in numbers.

use serde::{Deserialize, Serialize};

macro_rules! counters {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $label:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            $($(#[$doc])* pub $field: u64,)*
        }

        impl $name {
            /// Adds what `other` counted.
            pub fn add(&mut self, other: &Self) {
                $(self.$field += other.$field;)*
            }

            /// Each number with what it counts.
            pub fn list(&self) -> Vec<(&'static str, u64)> {
                vec![$(($label, self.$field)),*]
            }
        }
    };
}

counters! {
    /// What went over the wires and into the connectors.
    Traffic {
        /// Inputs that connectors took.
        inputs: "inputs",
        /// Calls that connectors made.
        calls: "calls",
        /// Bytes of their bodies.
        bytes: "bytes",
        /// Calls that were answered in time.
        answered: "answered",
        /// Routes told.
        routes: "routes told",
        /// Destinations withdrawn.
        withdrawn: "withdrawn",
    }
}

counters! {
    /// What went wrong, by kind, because the seed or somebody said so.
    Faults {
        /// Calls that never arrived.
        requests_lost: "request lost",
        /// Answers that never arrived.
        answers_lost: "answer lost",
        /// Calls that arrived twice.
        copies: "copied",
        /// Calls that arrived again, up to a minute later.
        late_copies: "copied late",
        /// Of these, updates that came after a later one, or after they were given up.
        stale_copies: "old update repeated",
        /// Calls that were held up, so that later ones overtook them.
        late: "held up",
        /// Calls to connectors that were down or cut off.
        unreachable: "unreachable",
        /// Wires cut.
        cuts: "wire cut",
        /// Networks parted into two.
        partitions: "partition",
        /// Connectors that stopped without a word.
        crashes: "crash",
        /// Clocks that are wrong.
        clocks: "wrong clock",
        /// Peers that are told in the dialect as cited, without paths.
        older: "told in dialect 17",
        /// Connectors removed for good.
        removed: "removed",
        /// Updates sent with curves that are too good.
        too_good: "curve too good",
        /// Updates sent that claim ledgers of others.
        claims: "foreign ledger",
        /// Updates sent that are none.
        malformed: "malformed",
        /// Old updates sent again.
        replays: "replayed",
        /// Updates sent that tell of ledgers between peers.
        leaks: "peer ledger told",
        /// Withdrawals that a connector kept to itself.
        kept: "loss kept back",
        /// Updates sent that claim a ledger of others or take the claim back, by turns.
        flaps: "claim on and off",
        /// Connectors that began to keep more of payments than they say.
        skimming: "keeps more than said",
        /// Connectors that began to send payments elsewhere than they say.
        wandering: "sends elsewhere than said",
        /// Limits, rates and spreads changed.
        changes: "terms changed",
    }
}

impl Faults {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.list().iter().map(|(_, count)| count).sum()
    }
}
