//! Who may come in: whoever has the admin token; on an open dashboard also whoever only reads, from
//! this machine, without one. A wrong token is refused everywhere: whoever shows one wants to know.
//!
//! Before that counts, a request must come from this machine unless the operator opened the API to others, must
//! name a host that is ours, and must not be made by a page of another site. A page whose name was made to resolve
//! to this machine sends its own name, which no address and no setting of ours is.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::error::Refusal;
use crate::limits::{Caller, KnownCaller};
use crate::rpc::bearer;

/// From where the admin API may be used.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// From other machines too.
    pub remote: bool,
    /// Names by which it is called, beside addresses and localhost.
    pub hosts: Vec<String>,
}

/// Lets a request through or answers 401 or 403.
pub async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if let Err(refusal) = app.reach.allows(&request) {
        return refusal.into_response();
    }
    let headers = request.headers();
    let shown = bearer(headers);
    let known = shown
        .as_ref()
        .is_some_and(|token| app.admin_token.is(token));
    let reading = app.open_dashboard
        && shown.is_none()
        && *request.method() == Method::GET
        && is_loopback_literal(headers);
    if known || reading {
        let mut response = next.run(request).await;
        let kept = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, kept);
        response.extensions_mut().insert(KnownCaller);
        return response;
    }
    Refusal::new(
        StatusCode::UNAUTHORIZED,
        "ADMIN_TOKEN",
        "This needs the admin token of the server.",
    )
    .with_hint("Send Authorization: Bearer and the content of the server's admin_token_file.")
    .into_response()
}

impl Reach {
    fn allows(&self, request: &Request) -> Result<(), Refusal> {
        let forbidden = |id, text| Err(Refusal::new(StatusCode::FORBIDDEN, id, text));
        let caller = request.extensions().get::<Caller>();
        let is_local = caller.is_some_and(|caller| caller.0.is_loopback());
        if !is_local && !self.remote {
            let refused = forbidden(
                "ADMIN_REMOTE",
                "The admin API of this server is used from its own machine only.",
            );
            return refused
                .map_err(|refusal| refusal.with_hint("Its operator may set admin_remote = true."));
        }
        let headers = request.headers();
        let Some(host) = host_of(request.uri(), headers) else {
            return forbidden(
                "ADMIN_HOST",
                "The request does not say for which host it is.",
            );
        };
        if !self.is_ours(host.host()) {
            let refused = forbidden(
                "ADMIN_HOST",
                "The admin API is not called by this name. Use an address or localhost.",
            );
            return refused.map_err(|refusal| {
                refusal.with_hint("Its operator may set admin_host to another name of the server.")
            });
        }
        if is_from_another_site(headers, &host) {
            return forbidden(
                "CROSS_SITE",
                "A page of another site made this request. The admin API answers its own page only.",
            );
        }
        Ok(())
    }

    /// Whether nobody else can have chosen the name.
    fn is_ours(&self, host: &str) -> bool {
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        literal.parse::<IpAddr>().is_ok()
            || host.eq_ignore_ascii_case("localhost")
            || self
                .hosts
                .iter()
                .any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// For which host the request is: by its address in HTTP/2, by its header in HTTP/1.
fn host_of(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    let mut named = headers.get_all(header::HOST).iter();
    let first = named.next();
    if named.next().is_some() {
        return None;
    }
    match (uri.authority(), first) {
        (Some(authority), _) => Some(authority.clone()),
        (None, Some(host)) => host.to_str().ok()?.parse().ok(),
        (None, None) => None,
    }
}

/// A page of another name that was made to resolve to this machine still sends its own name.
fn is_loopback_literal(headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    ["127.0.0.1", "[::1]"].iter().any(|literal| {
        host.strip_prefix(literal).is_some_and(|rest| {
            rest.is_empty()
                || rest
                    .strip_prefix(':')
                    .is_some_and(|port| port.parse::<u16>().is_ok())
        })
    })
}

/// Browsers say so where a page makes a request: by the page's origin, which must be the one that is asked, and by
/// how the two sites are related.
fn is_from_another_site(headers: &HeaderMap, host: &Authority) -> bool {
    let foreign_origin = headers.get_all(header::ORIGIN).iter().any(|origin| {
        let origin = origin
            .to_str()
            .ok()
            .and_then(|text| text.parse::<Uri>().ok());
        let authority = origin.and_then(|origin| origin.into_parts().authority);
        !authority.is_some_and(|authority| authority.as_str().eq_ignore_ascii_case(host.as_str()))
    });
    let related = headers.get_all("sec-fetch-site").iter();
    let mut related = related.map(|site| site.to_str().unwrap_or_default());
    foreign_origin || related.any(|site| !matches!(site, "same-origin" | "none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_literals_pass() {
        let passes = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            is_loopback_literal(&headers)
        };
        for host in ["127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:8080"] {
            assert!(passes(host), "{host}");
        }
        for host in [
            "",
            "localhost",
            "evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.1:8080.evil.example",
            "127.0.0.1:",
            "0.0.0.0",
            "[::1].evil.example",
        ] {
            assert!(!passes(host), "{host}");
        }
    }

    fn asked(caller: [u8; 4], headers: &[(&'static str, &str)]) -> Result<(), Refusal> {
        let reach = Reach {
            remote: false,
            hosts: vec!["wallet1.example".to_owned()],
        };
        let mut request = Request::new(axum::body::Body::empty());
        request.extensions_mut().insert(Caller(caller.into()));
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        reach.allows(&request)
    }

    #[test]
    fn a_request_names_a_host_that_is_ours_and_comes_from_its_page() {
        const HERE: [u8; 4] = [127, 0, 0, 1];
        for host in [
            "127.0.0.1:8080",
            "[::1]:8080",
            "localhost:8080",
            "LOCALHOST",
            "10.0.0.7",
            "wallet1.example",
            "Wallet1.Example:443",
        ] {
            assert_eq!(asked(HERE, &[("host", host)]), Ok(()), "{host}");
            let origin = format!("http://{host}");
            let own = [("host", host), ("origin", &origin)];
            assert_eq!(asked(HERE, &own), Ok(()), "{host}");
        }
        let cases: &[&[(&'static str, &str)]] = &[
            &[],
            &[("host", "")],
            &[("host", "evil.example")],
            &[("host", "wallet1.example.evil.example")],
            &[("host", "127.0.0.1.evil.example")],
            &[("host", "127.0.0.1"), ("host", "evil.example")],
            &[("host", "127.0.0.1"), ("origin", "http://evil.example")],
            &[("host", "127.0.0.1:80"), ("origin", "http://127.0.0.1:81")],
            &[("host", "127.0.0.1"), ("origin", "null")],
            &[("host", "127.0.0.1"), ("sec-fetch-site", "cross-site")],
            &[("host", "127.0.0.1"), ("sec-fetch-site", "same-site")],
        ];
        for headers in cases {
            assert!(asked(HERE, headers).is_err(), "{headers:?}");
        }
        let same = [("host", "127.0.0.1"), ("sec-fetch-site", "same-origin")];
        assert_eq!(asked(HERE, &same), Ok(()));
    }

    #[test]
    fn only_this_machine_may_ask_unless_it_was_opened() {
        let host = [("host", "10.0.0.7:8080")];
        assert!(asked([10, 0, 0, 8], &host).is_err());
        let reach = Reach {
            remote: true,
            hosts: Vec::new(),
        };
        let mut request = Request::new(axum::body::Body::empty());
        let host = HeaderValue::from_static("10.0.0.7:8080");
        request.headers_mut().insert(header::HOST, host);
        assert_eq!(reach.allows(&request), Ok(()));
        assert!(
            Reach::default().allows(&request).is_err(),
            "from nobody knows where"
        );
    }
}
