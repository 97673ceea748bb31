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
    /// What needs a look.
    Overview,
    /// The network as far as routes tell of it.
    Graph {
        /// The ledger that the money comes from.
        from: Option<String>,
        /// The beginning of the names that are drawn.
        under: Option<String>,
    },
    /// Two moments beside each other.
    Compare,
    /// A text held against the schemas.
    Validate,
    /// Networks to be played, and perhaps one that the address holds: what stands behind `?`.
    Lab(String),
    /// The connector behind the page, for who runs it.
    Operate,
    /// The peering wizard, and perhaps the host to begin with.
    Peer {
        /// The peer's host.
        host: Option<String>,
    },
    /// The hosts that want to be found.
    Directory,
    /// A letter of another operator, as it stands in a link.
    Letter(String),
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
            "/overview" => Some(Place::Overview),
            "/graph" => Some(Place::Graph {
                from: value("from"),
                under: value("under"),
            }),
            "/compare" => Some(Place::Compare),
            "/validate" => Some(Place::Validate),
            "/lab" => Some(Place::Lab(query.to_owned())),
            "/connector" => Some(Place::Operate),
            "/peer" => Some(Place::Peer {
                host: value("host"),
            }),
            "/directory" => Some(Place::Directory),
            letter if letter.starts_with("c2c1.") || letter.starts_with("c2cs1.") => {
                Some(Place::Letter(letter.to_owned()))
            }
            _ => None,
        }
    }

    /// The rooms, by name and address.
    pub const ROOMS: [(&'static str, &'static str); 9] = [
        ("Overview", "#/overview"),
        ("Routes", "#/routes"),
        ("Graph", "#/graph"),
        ("Compare", "#/compare"),
        ("Validate", "#/validate"),
        ("Lab", "#/lab"),
        ("Connector", "#/connector"),
        ("Peer", "#/peer"),
        ("Directory", "#/directory"),
    ];

    /// The name of the room.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Routes { .. } => "Routes",
            Self::Overview => "Overview",
            Self::Graph { .. } => "Graph",
            Self::Compare => "Compare",
            Self::Validate => "Validate",
            Self::Lab(_) => "Lab",
            Self::Operate => "Connector",
            Self::Peer { .. } | Self::Letter(_) => "Peer",
            Self::Directory => "Directory",
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
        assert_eq!(Place::read("#/peer"), Some(Place::Peer { host: None }));
        let from_list = Some("wallet2.com".to_owned());
        assert_eq!(
            Place::read("#/peer?host=wallet2.com"),
            Some(Place::Peer { host: from_list })
        );
        for letter in ["c2c1.e30.abcdef", "c2cs1.AbC-_"] {
            let link = format!("#{letter}");
            assert_eq!(Place::read(&link), Some(Place::Letter(letter.to_owned())));
        }
        let net = "net=ring&n=6&seed=1&at=0";
        assert_eq!(
            Place::read(&format!("#/lab?{net}")),
            Some(Place::Lab(net.to_owned()))
        );
        assert_eq!(Place::read("#room"), None);
        for (name, address) in Place::ROOMS {
            assert_eq!(Place::read(address).map(|place| place.name()), Some(name));
        }
    }

    /// What stands in the page until the engine draws it is the same.
    #[test]
    fn the_page_itself_has_the_same_rooms() {
        let page = include_str!("../../../www/index.html");
        let nav = page.split("<nav").nth(1).expect("a list of rooms");
        let nav = nav.split("</nav>").next().expect("its end");
        let links: Vec<&str> = nav.lines().map(str::trim).collect();
        let links: Vec<&str> = links.into_iter().filter(|l| l.starts_with("<a")).collect();
        let rooms = Place::ROOMS.map(|(name, href)| format!("<a href=\"{href}\">{name}</a>"));
        assert_eq!(links, rooms);
    }
}
