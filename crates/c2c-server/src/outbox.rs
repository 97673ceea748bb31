//! The engine's calls to its peers, over HTTP.

use std::time::Duration;

use c2c::connector::{Call, CallFailure, CallOutcome};
use c2c::rpc::MAX_BODY;
use reqwest::{Client, Url, header};

use crate::dial::{self, Policy, Trouble};

/// Makes calls. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    client: Client,
    policy: Policy,
}

impl Outbox {
    /// One that dials what `policy` allows.
    pub fn new(policy: Policy) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: dial::client(policy, Duration::from_secs(2))?,
            policy,
        })
    }

    /// Makes the call and waits for its end, at most as long as the call says.
    pub async fn make(&self, call: &Call) -> CallOutcome {
        let limit = Duration::from_millis(call.timeout.0);
        match tokio::time::timeout(limit, self.post(call)).await {
            Ok(outcome) => outcome,
            Err(_) => CallOutcome::Failed(CallFailure::Timeout),
        }
    }

    async fn post(&self, call: &Call) -> CallOutcome {
        let failed = |error: &reqwest::Error| {
            CallOutcome::Failed(match dial::trouble(error) {
                Trouble::Timeout => CallFailure::Timeout,
                Trouble::Tls(_) => CallFailure::Tls,
                Trouble::Unreachable | Trouble::Forbidden(_) => CallFailure::Unreachable,
            })
        };
        let Ok(url) = call.url.parse::<Url>() else {
            return CallOutcome::Failed(CallFailure::Unreachable);
        };
        if let Err(error) = self.policy.check(&url) {
            tracing::warn!(peer = %call.peer, %error, "a peer's address may not be dialled");
            return CallOutcome::Failed(CallFailure::Unreachable);
        }
        let request = self
            .client
            .post(url)
            .bearer_auth(call.bearer.reveal())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(call.body.clone());
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => return failed(&error),
        };
        let status = response.status().as_u16();
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > MAX_BODY => {
                    return CallOutcome::Failed(CallFailure::TooLarge);
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return CallOutcome::Answered { status, body },
                Err(error) => return failed(&error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use c2c::connector::CallId;
    use c2c::peering::AuthToken;
    use c2c::rpc::Method;
    use c2c::timestamp::Millis;

    /// A record may publish any https link for RPC calls: none leads inside.
    #[tokio::test]
    async fn a_published_link_that_leads_inside_is_not_dialled() {
        let inside = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = inside.local_addr().unwrap().port();
        let outbox = Outbox::new(Policy::default()).unwrap();
        for host in [
            "127.0.0.1",
            "localhost",
            "[::1]",
            "10.0.0.1",
            "169.254.169.254",
        ] {
            let call = Call {
                id: CallId(1),
                peer: "peer.k3x9Q.usd.9.".parse().unwrap(),
                method: Method::GetLimit,
                url: format!("https://{host}:{port}/rpc?method=get_limit"),
                bearer: AuthToken::new("what-we-send-to-them").unwrap(),
                body: b"[]".to_vec(),
                timeout: Millis(500),
            };
            let outcome = outbox.make(&call).await;
            let refused = CallOutcome::Failed(CallFailure::Unreachable);
            assert_eq!(outcome, refused, "{host}");
        }
        let nobody = tokio::time::timeout(Duration::from_millis(50), inside.accept()).await;
        assert!(nobody.is_err(), "somebody connected");
    }
}
