//! The address of a room: what stands behind `#`.

/// A room of the app, and what is open in it. Nothing secret is ever in an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The routes, and perhaps one of them.
    Routes {
        /// The ledger that the money comes from.
        from: Option<String>,
        /// The prefix that it goes to.
        to: Option<String>,
    },
    /// The peering wizard.
    Peer,
}

impl Default for Place {
    fn default() -> Self {
        Place::Routes {
            from: None,
            to: None,
        }
    }
}

impl Place {
    /// Reads `#/routes?from=…&to=…`; none where the text is not the address of a room.
    pub fn read(hash: &str) -> Option<Place> {
        let text = hash.trim_start_matches('#');
        if text.is_empty() {
            return Some(Place::default());
        }
        let (room, query) = text.split_once('?').unwrap_or((text, ""));
        let value = |name: &str| {
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.to_owned())
        };
        match room {
            "/routes" | "/" => Some(Place::Routes {
                from: value("from"),
                to: value("to"),
            }),
            "/peer" => Some(Place::Peer),
            _ => None,
        }
    }

    /// The address of one route. Ledger names have no character that an address would change.
    pub fn of_route(from: &str, to: &str) -> String {
        format!("#/routes?from={from}&to={to}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_back() {
        let route = Place::of_route("example.red.", "g.blue.");
        assert_eq!(
            Place::read(&route),
            Some(Place::Routes {
                from: Some("example.red.".into()),
                to: Some("g.blue.".into())
            })
        );
        assert_eq!(Place::read(""), Some(Place::default()));
        assert_eq!(Place::read("#/peer"), Some(Place::Peer));
        assert_eq!(Place::read("#room"), None);
    }
}
