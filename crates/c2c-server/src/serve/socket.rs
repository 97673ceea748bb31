//! The listening socket and its connections. A call of a peer goes straight to the engine; everything else
//! goes through the router.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt as _;

use crate::app::{App, RPC_PATH, app, logged};
use crate::rpc;

/// How long to wait where the system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes connections until `stopping` turns true, and then waits for the answers under way.
pub(super) async fn serve(
    listener: TcpListener,
    state: Arc<App>,
    mut stopping: watch::Receiver<bool>,
) {
    let router = app(state.clone());
    let connections = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new());
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
        let service = service_fn(move |request| answer(state.clone(), router.clone(), request));
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
        });
    }
    drop(listener);
    connections.shutdown().await;
}

/// Until it is to end, also where whoever could say so is gone.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

async fn answer(
    state: Arc<App>,
    router: Router,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    if request.method() != Method::POST || request.uri().path() != RPC_PATH {
        return router.oneshot(request.map(Body::new)).await;
    }
    let (head, body) = request.into_parts();
    Ok(logged(&Method::POST, RPC_PATH, async {
        rpc::answer(&state, head.uri.query(), &head.headers, body).await
    })
    .await)
}
