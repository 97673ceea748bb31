//! All tables as one number.

use c2c::table::View;

use super::Network;

impl Network {
    /// What every running connector holds, and what it took to get there, as one number: equal runs have
    /// equal numbers, natively and in wasm.
    pub fn digest(&self) -> u64 {
        let mut hash = Hash(0xcbf2_9ce4_8422_2325);
        hash.word(self.now.as_millis());
        for (_, count) in self.traffic.list().into_iter().chain(self.faults.list()) {
            hash.word(count);
        }
        for (place, node) in self.nodes.iter().enumerate() {
            if !node.running {
                continue;
            }
            hash.word(place as u64);
            let tables = node.connector.tables();
            for source in tables.sources() {
                hash.text(source.as_str());
                for prefix in tables.prefixes_from(source.as_str()) {
                    hash.text(prefix.as_str());
                    for way in tables.candidates(View::Local, source.as_str(), prefix.as_str()) {
                        hash.text(way.next_hop.as_str());
                        hash.word(way.hops as u64);
                        hash.word(way.min_message_window.0);
                        for point in way.curve.iter().flat_map(|curve| curve.points()) {
                            hash.word(point.x);
                            hash.word(point.y);
                        }
                        for ledger in way.paths.ledgers() {
                            hash.text(ledger.as_str());
                        }
                    }
                }
            }
        }
        hash.0
    }
}

/// FNV-1a, a byte at a time.
struct Hash(u64);

impl Hash {
    fn word(&mut self, word: u64) {
        word.to_le_bytes()
            .into_iter()
            .for_each(|byte| self.byte(byte));
    }

    fn text(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.byte(byte));
        self.byte(0);
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
}
