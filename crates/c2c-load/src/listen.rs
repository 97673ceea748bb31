//! A small HTTP server: path, query and body in, status and JSON out.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::failure::Failure;

/// One call.
pub struct Asked {
    /// The path, such as `/rpc`.
    pub path: String,
    /// The query, without its mark.
    pub query: String,
    /// The body.
    pub body: Bytes,
}

impl Asked {
    /// A parameter of the query, as it stands there.
    pub fn parameter(&self, name: &str) -> &str {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map_or("", |(_, value)| value)
    }
}

/// Listens on a free port of loopback and answers with what `handler` says, as long as the runtime lives.
pub async fn listen<H, A>(handler: H) -> Result<SocketAddr, Failure>
where
    H: Fn(Asked) -> A + Send + Sync + 'static,
    A: Future<Output = (u16, String)> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(Failure::of("listening"))?;
    let address = listener.local_addr().map_err(Failure::of("listening"))?;
    let handler = Arc::new(handler);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let handler = handler.clone();
            let service = service_fn(move |request| answer(handler.clone(), request));
            tokio::spawn(async move {
                // Whoever is killed breaks off.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Ok(address)
}

async fn answer<H, A>(
    handler: Arc<H>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error>
where
    H: Fn(Asked) -> A,
    A: Future<Output = (u16, String)>,
{
    let (head, body) = request.into_parts();
    let asked = Asked {
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        body: body.collect().await?.to_bytes(),
    };
    let (status, text) = handler(asked).await;
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// Answers every request with the same, having read nothing but its head.
pub async fn constant(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"\"0\"")));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
