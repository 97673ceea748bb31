//! Who may come in: whoever has the admin token; on an open dashboard also whoever only reads, from
//! this machine, without one. A wrong token is refused everywhere: whoever shows one wants to know.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq as _;

use crate::app::App;
use crate::error::Refusal;
use crate::rpc::bearer;

/// Lets a request through or answers 401.
pub async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let shown = bearer(headers);
    let known = shown
        .as_ref()
        .is_some_and(|token| bool::from(token.as_bytes().ct_eq(app.admin_token.as_bytes())));
    let reading = app.open_dashboard
        && shown.is_none()
        && *request.method() == Method::GET
        && is_loopback_literal(headers)
        && !is_from_another_site(headers);
    if known || reading {
        let mut response = next.run(request).await;
        let kept = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, kept);
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

/// Browsers say so where another site's page makes a request.
fn is_from_another_site(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site")
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
}
