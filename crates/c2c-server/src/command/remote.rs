//! Talking to a running server's admin API.

use std::time::Duration;

use c2c::snapshot::ErrorBody;
use reqwest::{Client, Method, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::args::Server;
use crate::error::Error;
use crate::secret_file::admin_token;

/// The admin API of one server.
pub struct Remote {
    client: Client,
    base: Url,
    token: zeroize::Zeroizing<String>,
}

impl Remote {
    /// The server that the arguments name.
    pub fn new(server: &Server) -> Result<Self, Error> {
        let wrong = || Error::Usage {
            message: format!(
                "--server {}: write a base URL, such as http://127.0.0.1:8080.",
                server.server
            ),
        };
        let base: Url = server.server.parse().map_err(|_| wrong())?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(wrong());
        }
        if !server.admin_token_file.exists() {
            let file = server.admin_token_file.display();
            return Err(Error::Usage {
                message: format!(
                    "{file} is missing. Name the running server's token with --admin-token-file."
                ),
            });
        }
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            client: Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(Duration::from_secs(20))
                .build()?,
            base,
            token: admin_token(&server.admin_token_file)?,
        })
    }

    /// Reads something.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T, Error> {
        let body = self.call(Method::GET, path, query, None).await?;
        self.read(&body)
    }

    /// Does something that answers.
    pub async fn post<T: DeserializeOwned>(&self, path: &[&str], body: &Value) -> Result<T, Error> {
        let body = self.call(Method::POST, path, &[], Some(body)).await?;
        self.read(&body)
    }

    /// Removes something.
    pub async fn delete(&self, path: &[&str]) -> Result<(), Error> {
        self.call(Method::DELETE, path, &[], None).await.map(drop)
    }

    async fn call(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Vec<u8>, Error> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1"]).extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self
            .client
            .request(method, url)
            .bearer_auth(self.token.as_str());
        if let Some(body) = body {
            request = request
                .header("Content-Type", "application/json")
                .body(body.to_string());
        }
        let down = |_| self.failure("SERVER_DOWN", "does not answer. Start it with: c2c serve");
        let response = request.send().await.map_err(down)?;
        let good = response.status().is_success();
        let bytes = response.bytes().await.map_err(down)?;
        if good {
            return Ok(bytes.to_vec());
        }
        Err(match serde_json::from_slice::<ErrorBody>(&bytes) {
            Ok(body) => Error::Remote { body },
            Err(_) => self.failure("SERVER_OTHER", "is not a c2c server."),
        })
    }

    fn read<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, Error> {
        serde_json::from_slice(body)
            .map_err(|_| self.failure("SERVER_OTHER", "answered something else than a c2c server."))
    }

    fn failure(&self, id: &str, what: &str) -> Error {
        Error::Remote {
            body: ErrorBody {
                id: id.to_owned(),
                message: format!("{} {what}", self.base),
                path: None,
                hint: None,
            },
        }
    }
}
