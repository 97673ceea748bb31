//! The listening socket and its connections. A call of a peer goes straight to the engine; everything else
//! goes through the router.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use axum::response::Response;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt as _;

use crate::app::{App, RPC_PATH, app, logged};
use crate::rpc;

/// How long to wait where the system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a connection may ask nothing, or take to say what it asks.
const MOST_QUIET: Duration = Duration::from_secs(30);

/// Takes connections until `stopping` turns true, and then waits for the answers under way.
pub(super) async fn serve(
    listener: TcpListener,
    state: Arc<App>,
    mut stopping: watch::Receiver<bool>,
) {
    let router = app(state.clone());
    let connections = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    // Answers are short: one piece is cheaper to send than two.
    http.writev(false);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
            () = stopped(&mut stopping) => break,
        };
        // A small answer must not wait for a full packet.
        let _ = stream.set_nodelay(true);
        let (state, router) = (state.clone(), router.clone());
        let requests = Arc::new(Requests::default());
        let asked = requests.clone();
        let service = service_fn(move |request| {
            answer(
                state.clone(),
                router.clone(),
                asked.clone().begin(),
                request,
            )
        });
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended");
                },
                () = requests.cease() => tracing::debug!("a connection that asks nothing is closed"),
            }
        });
    }
    drop(listener);
    connections.shutdown().await;
}

/// How many requests of one connection began, and how many are over. One timer looks at them now and then,
/// which is cheaper than one that is set for each.
#[derive(Default)]
struct Requests {
    begun: AtomicU64,
    over: AtomicU64,
}

impl Requests {
    fn begin(self: Arc<Self>) -> Answering {
        self.begun.fetch_add(1, Ordering::Relaxed);
        Answering(self)
    }

    /// Until no request began for [`MOST_QUIET`], or up to twice that, and none is being answered.
    async fn cease(&self) {
        let mut before = 0;
        loop {
            tokio::time::sleep(MOST_QUIET).await;
            let begun = self.begun.load(Ordering::Relaxed);
            if begun == before && begun == self.over.load(Ordering::Relaxed) {
                return;
            }
            before = begun;
        }
    }
}

/// A request that is over once this is dropped.
struct Answering(Arc<Requests>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.over.fetch_add(1, Ordering::Relaxed);
    }
}

/// Until it is to end, also where whoever could say so is gone.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

async fn answer(
    state: Arc<App>,
    router: Router,
    answering: Answering,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    if request.method() != Method::POST || request.uri().path() != RPC_PATH {
        let response = router.oneshot(request.map(Body::new)).await?;
        // What is told as it happens is an answer that goes on.
        let told = move |frame| {
            let _ = &answering;
            frame
        };
        return Ok(response.map(|body| Body::new(body.map_frame(told))));
    }
    let (head, body) = request.into_parts();
    Ok(logged(&Method::POST, RPC_PATH, async {
        rpc::answer(&state, head.uri.query(), &head.headers, body).await
    })
    .await)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{advance, timeout};

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_closed_when_it_asks_nothing_and_is_told_nothing() {
        let requests = Arc::new(Requests::default());
        assert!(timeout(MOST_QUIET * 2, requests.cease()).await.is_ok());

        let told = requests.clone().begin();
        let cease = requests.cease();
        tokio::pin!(cease);
        for _ in 0..10 {
            assert!(timeout(MOST_QUIET, &mut cease).await.is_err(), "an answer");
        }
        drop(told);
        assert!(timeout(MOST_QUIET * 2, cease).await.is_ok());

        let cease = requests.cease();
        tokio::pin!(cease);
        for _ in 0..10 {
            drop(requests.clone().begin());
            advance(MOST_QUIET / 2).await;
            assert!(
                timeout(MOST_QUIET / 2, &mut cease).await.is_err(),
                "a request"
            );
        }
    }
}
