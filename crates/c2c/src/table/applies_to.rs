//! How far an answer about one address holds for its neighbours.

use super::Tables;

impl Tables {
    /// The shortest prefix of `destination`, at least as long as `matched`, under which everything
    /// takes the same prefix of the table: no other prefix reached from `source` starts with it.
    ///
    /// DIFFERENCE: where `destination` is itself the beginning of another prefix, 10.1.0 looks for
    /// ever; here the answer is the whole address.
    pub fn applies_to_prefix<'a>(
        &self,
        source: &str,
        matched: &str,
        destination: &'a str,
    ) -> &'a str {
        let Some(source) = self.ledger_of(source) else {
            return destination;
        };
        let mut length = matched.len().min(destination.len());
        while length < destination.len() {
            let start = &destination[..length];
            let shared = self
                .destinations
                .starting_with(start)
                .any(|(prefix, slot)| {
                    prefix.as_str() != matched && self.ways(source, slot).next().is_some()
                });
            if !shared {
                break;
            }
            length = destination[length..]
                .find('.')
                .map_or(destination.len(), |dot| length + dot + 1);
        }
        &destination[..length]
    }
}
