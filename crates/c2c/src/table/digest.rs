//! A number by which two tables are known to be the same.

use sha2::{Digest, Sha256};

use super::{Tables, View};

impl Tables {
    /// SHA-256 of everything in the tables that decides anything: ledgers, pairs, and all that was heard
    /// in its order, with ends and windows. The same inputs give the same, on every machine, whether pairs are
    /// listed or follow from a rule.
    ///
    /// Prefixes that nothing leads to, and the numbers under which prefixes are kept, do not count.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for ledger in &self.ledgers {
            text(&mut hash, ledger.prefix.as_str());
            text(&mut hash, ledger.account.as_str());
        }
        for leg in self.legs_by_number() {
            let [local, public] = [View::Local, View::Public].map(|view| self.leg_curve(view, leg));
            let (Some(local), Some(public), Some(window)) = (local, public, self.leg_window(leg))
            else {
                continue;
            };
            number(&mut hash, leg.0 as u64);
            number(&mut hash, leg.1 as u64);
            number(&mut hash, window.0);
            text(&mut hash, &local.to_base64());
            text(&mut hash, &public.to_base64());
        }
        for (prefix, slot) in self.destinations.iter() {
            let destination = self.destinations.value(slot);
            if destination.heard.is_empty() && destination.own.is_none() {
                continue;
            }
            text(&mut hash, prefix.as_str());
            number(
                &mut hash,
                destination.own.map_or(0, |own| u64::from(own) + 1),
            );
            number(&mut hash, destination.heard.len() as u64);
            for heard in destination.heard.iter() {
                text(&mut hash, self.hops[heard.hop as usize].account.as_str());
                number(&mut hash, u64::from(heard.ledger));
                number(&mut hash, heard.window.0);
                let end = self.expires_at(heard);
                number(&mut hash, end.map_or(u64::MAX, |end| end.as_millis()));
                number(&mut hash, u64::from(heard.replaced));
                match &heard.curve {
                    Some(curve) => text(&mut hash, &curve.to_base64()),
                    None => number(&mut hash, u64::MAX),
                }
                number(&mut hash, heard.paths.count() as u64);
                for path in heard.paths.iter() {
                    number(&mut hash, path.len() as u64);
                    path.iter()
                        .for_each(|ledger| text(&mut hash, ledger.as_str()));
                }
            }
        }
        hash.finalize().into()
    }
}

fn number(hash: &mut Sha256, number: u64) {
    hash.update(number.to_le_bytes());
}

fn text(hash: &mut Sha256, text: &str) {
    number(hash, text.len() as u64);
    hash.update(text.as_bytes());
}
