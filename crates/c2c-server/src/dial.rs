//! Which addresses may be dialled, and the HTTP clients that dial nothing else.
//!
//! A host name comes from a person or a peer, so every outgoing call is held to these rules: https
//! only, no user name in the address, no private, loopback, link-local or otherwise special
//! network, whether it is written as a number or a name resolves to it, and no port of another
//! service. What was checked is what is dialled: the client resolves once, through the same check. An operator may open loopback
//! (`allow_loopback_http`, for demos and tests) or private networks (`allow_private_addresses`).

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url};

/// What may be dialled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Plain http to the literals 127.0.0.1 and [::1].
    pub loopback_http: bool,
    /// Addresses of private networks.
    pub private: bool,
}

/// Why an address is not dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DialError {
    /// Not an absolute address with a host, or one with a user name in it.
    Syntax,
    /// Not https, and not plain http to an allowed loopback address.
    Scheme,
    /// A port on which other services than web servers listen.
    Port(u16),
    /// The host is, or resolves to, an address that is not for everyone.
    Blocked {
        /// Which host.
        host: String,
    },
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax => write!(f, "Give the full address, such as https://wallet2.com/rpc."),
            Self::Scheme => write!(f, "Only https is dialled."),
            Self::Port(port) => write!(
                f,
                "Port {port} is not dialled: other services than web servers listen there. Use 443, or one from 1024."
            ),
            Self::Blocked { host } => write!(
                f,
                "{host} resolves to a private address. Allow it in server settings if intended."
            ),
        }
    }
}

impl std::error::Error for DialError {}

impl Policy {
    /// Whether `url` may be dialled, as far as it can be told before its name is resolved.
    pub fn check(self, url: &Url) -> Result<(), DialError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(DialError::Syntax);
        }
        let host = url.host_str().ok_or(DialError::Syntax)?;
        let literal = host
            .strip_prefix('[')
            .and_then(|inner| inner.strip_suffix(']'))
            .unwrap_or(host)
            .parse::<IpAddr>()
            .ok();
        let loopback = self.loopback_http && literal.is_some_and(is_plain_loopback);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(DialError::Scheme),
            _ => return Err(DialError::Syntax),
        }
        let port = url.port_or_known_default().unwrap_or(0);
        if !loopback && !is_for_web(port) {
            return Err(DialError::Port(port));
        }
        match literal {
            Some(address) if !loopback && !self.allows(address) => Err(DialError::Blocked {
                host: host.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Whether a resolved address may be dialled. A name never leads to loopback.
    fn allows(self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(v4) => is_public_v4(v4) || (self.private && v4.is_private()),
            IpAddr::V6(v6) => is_public_v6(v6) || (self.private && v6.is_unique_local()),
        }
    }
}

/// A client that keeps to `policy`, follows no redirect, uses no proxy and checks certificates.
pub fn client(policy: Policy, connect: Duration) -> Result<Client, reqwest::Error> {
    // A second call finds the first one's choice in place, which is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = || {
        Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(connect)
            .dns_resolver(Arc::new(CheckedResolver::new(policy)))
            .user_agent(concat!("c2c/", env!("CARGO_PKG_VERSION")))
    };
    builder().build().or_else(|error| {
        tracing::warn!(
            %error,
            "no certificate authorities on this machine: every https call will fail. Install ca-certificates"
        );
        builder().tls_certs_only([]).build()
    })
}

/// What went wrong on the way, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The rules forbid it.
    Forbidden(DialError),
    /// No answer in time.
    Timeout,
    /// The certificate, or the encryption, is not good.
    Tls(String),
    /// No connection, or it broke.
    Unreachable,
}

/// Sorts a failed call.
pub fn trouble(error: &reqwest::Error) -> Trouble {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(found) = cause {
        if let Some(dial) = found.downcast_ref::<DialError>() {
            return Trouble::Forbidden(dial.clone());
        }
        if let Some(tls) = found.downcast_ref::<rustls::Error>() {
            return Trouble::Tls(tls.to_string());
        }
        // An `io::Error` gives its content's source as its own, and skips the content.
        let inner = found
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        cause = match inner {
            Some(content) => Some(content),
            None => found.source(),
        };
    }
    if error.is_timeout() {
        Trouble::Timeout
    } else {
        Trouble::Unreachable
    }
}

/// Where names are looked up.
type Names = Arc<dyn Fn(String) -> Looked + Send + Sync>;

/// The addresses of a name, once they are known.
type Looked = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

struct CheckedResolver {
    policy: Policy,
    names: Names,
}

impl CheckedResolver {
    /// One that asks the system.
    fn new(policy: Policy) -> Self {
        let names = |name: String| -> Looked {
            Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
        };
        Self {
            policy,
            names: Arc::new(names),
        }
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, looking) = (self.policy, (self.names)(name.as_str().to_owned()));
        Box::pin(async move {
            let found = looking.await?;
            // One bad address spoils the name: a name that leads both out and in is a trap.
            if found.iter().any(|address| !policy.allows(address.ip())) {
                return Err(DialError::Blocked {
                    host: name.as_str().to_owned(),
                }
                .into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Below 1024 only that of https; above, none that browsers keep away from either.
fn is_for_web(port: u16) -> bool {
    const OTHERS: &[u16] = &[
        1719, 1720, 1723, 2049, 3306, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665,
        6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211, 27017,
    ];
    port == 443 || (port >= 1024 && !OTHERS.contains(&port))
}

fn is_plain_loopback(address: IpAddr) -> bool {
    address == IpAddr::V4(Ipv4Addr::LOCALHOST) || address == IpAddr::V6(Ipv6Addr::LOCALHOST)
}

/// Globally reachable, by the IANA registry of special addresses.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0
        || a == 10
        || a == 127
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113);
    !special
}

/// Globally reachable, and not a disguise of an IPv4 address that is not.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let part = address.segments();
    let unicast = part[0] & 0xe000 == 0x2000;
    let documentation = part[0] == 0x2001 && part[1] == 0x0db8;
    // 2001::/23 holds Teredo, ORCHID and other protocols; 2002::/16 wraps IPv4 addresses.
    let protocols = part[0] == 0x2001 && part[1] < 0x0200;
    let six_to_four = part[0] == 0x2002;
    let more_documentation = part[0] == 0x3fff && part[1] < 0x1000;
    unicast && !documentation && !protocols && !six_to_four && !more_documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: Policy, url: &str) -> Result<(), DialError> {
        policy.check(&url.parse().unwrap())
    }

    #[test]
    fn names_and_public_literals_pass_by_https_only() {
        let strict = Policy::default();
        assert_eq!(check(strict, "https://wallet2.com/rpc"), Ok(()));
        assert_eq!(check(strict, "https://8.8.8.8/"), Ok(()));
        assert_eq!(check(strict, "http://wallet2.com/"), Err(DialError::Scheme));
        assert_eq!(check(strict, "ftp://wallet2.com/"), Err(DialError::Syntax));
        assert_eq!(
            check(strict, "https://a:b@wallet2.com/"),
            Err(DialError::Syntax)
        );
    }

    #[test]
    fn every_spelling_of_an_inner_address_is_refused() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:8.8.8.8]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[fe80::1]",
            "[fc00::1]",
            "[fd00::1]",
            "[ff02::1]",
            "[2002:7f00:1::]",
            "[2001:0:1::]",
            "[2001:db8::1]",
        ] {
            let found = check(Policy::default(), &format!("https://{host}/"));
            assert!(
                matches!(found, Err(DialError::Blocked { .. })),
                "{host}: {found:?}"
            );
        }
    }

    #[test]
    fn loopback_is_open_only_where_it_was_opened_and_only_as_a_plain_literal() {
        let open = Policy {
            loopback_http: true,
            private: false,
        };
        assert_eq!(check(open, "http://127.0.0.1:9001/rpc"), Ok(()));
        assert_eq!(check(open, "http://[::1]:9001/rpc"), Ok(()));
        assert_eq!(check(open, "http://127.0.0.2/"), Err(DialError::Scheme));
        assert_eq!(check(open, "http://localhost/"), Err(DialError::Scheme));
        assert_eq!(check(open, "http://10.0.0.1/"), Err(DialError::Scheme));
        assert!(!open.allows(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    }

    #[test]
    fn private_networks_are_open_only_where_they_were_opened() {
        let open = Policy {
            loopback_http: false,
            private: true,
        };
        assert_eq!(check(open, "https://192.168.1.1/"), Ok(()));
        assert!(check(open, "https://169.254.169.254/").is_err());
        assert!(check(open, "https://127.0.0.1/").is_err());
    }

    #[test]
    fn only_ports_of_web_servers_are_dialled() {
        let strict = Policy::default();
        for port in [443, 1024, 3000, 8080, 8443, 65_535] {
            assert_eq!(
                check(strict, &format!("https://wallet2.com:{port}/")),
                Ok(())
            );
        }
        for port in [
            0, 1, 22, 25, 53, 80, 110, 143, 389, 445, 587, 993, 3306, 5432, 6000, 6379, 11_211,
        ] {
            let found = check(strict, &format!("https://wallet2.com:{port}/"));
            assert_eq!(found, Err(DialError::Port(port)));
        }
    }

    /// Answers a name with one list after the other.
    fn names(answers: &[&[&str]]) -> Names {
        let answers: Vec<Vec<SocketAddr>> = answers
            .iter()
            .map(|list| {
                list.iter()
                    .map(|ip| SocketAddr::new(ip.parse().unwrap(), 0))
                    .collect()
            })
            .collect();
        let answers = std::sync::Mutex::new(answers.into_iter());
        Arc::new(move |_| {
            let next = answers.lock().unwrap().next().unwrap();
            Box::pin(async move { Ok(next) })
        })
    }

    #[tokio::test]
    async fn a_name_is_held_to_each_of_its_answers() {
        let answers: &[&[&str]] = &[
            &["8.8.8.8", "2606:4700::1"],
            &["127.0.0.1"],
            &["8.8.8.8"],
            &["8.8.8.8", "10.0.0.1"],
            &["::ffff:8.8.8.8"],
            &["fe80::1"],
            &["169.254.169.254"],
            &["0.0.0.0"],
            &[],
        ];
        let resolver = CheckedResolver {
            policy: Policy::default(),
            names: names(answers),
        };
        let mut passed = Vec::new();
        for _ in answers {
            let found = resolver.resolve("wallet2.com".parse().unwrap()).await;
            passed.push(match found {
                Ok(found) => found
                    .map(|address| address.ip().to_string())
                    .collect::<Vec<_>>(),
                Err(error) => vec![error.to_string()],
            });
        }
        let blocked = DialError::Blocked {
            host: "wallet2.com".to_owned(),
        };
        let blocked = vec![blocked.to_string()];
        assert_eq!(
            passed[0],
            ["8.8.8.8", "2606:4700::1"],
            "all that was checked, and no other"
        );
        assert_eq!(passed[1], blocked, "the second answer leads inside");
        assert_eq!(passed[2], ["8.8.8.8"]);
        assert!(
            passed[3..8].iter().all(|found| *found == blocked),
            "{passed:?}"
        );
        assert!(passed[8].is_empty());
    }

    /// The second of two answers is what a rebinding host gives to whoever looks again: nobody does.
    #[tokio::test]
    async fn a_name_that_changes_between_two_calls_is_not_dialled_inside() {
        let inside = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = inside.local_addr().unwrap().port();
        let resolver = CheckedResolver {
            policy: Policy::default(),
            names: names(&[&["127.0.0.1"], &["127.0.0.1"]]),
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .no_proxy()
            .dns_resolver(Arc::new(resolver))
            .tls_certs_only([])
            .build()
            .unwrap();
        for _ in 0..2 {
            let url = format!("https://wallet2.com:{port}/");
            let error = client.get(url).send().await.unwrap_err();
            assert!(
                matches!(trouble(&error), Trouble::Forbidden(_)),
                "{error:?}"
            );
        }
        let nobody = tokio::time::timeout(Duration::from_millis(50), inside.accept()).await;
        assert!(nobody.is_err(), "somebody connected");
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_dialled() {
        let client = client(Policy::default(), Duration::from_secs(2)).unwrap();
        let error = client.get("https://localhost:9/").send().await.unwrap_err();
        assert_eq!(
            trouble(&error),
            Trouble::Forbidden(DialError::Blocked {
                host: "localhost".to_owned()
            })
        );
    }
}
