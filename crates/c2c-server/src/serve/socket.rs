//! The listening socket and its connections. A call of a peer goes straight to the engine; everything else
//! goes through the router.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::desk::Desk;
use super::lanes::Lanes;
use super::refusal;
use crate::app::{RPC_PATH, logged};
use crate::limits::{Connection, KnownCaller, Pass};
use crate::rpc;
use crate::tls::{self, Tls};

/// How long to wait where the system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a connection may ask nothing, or take to say what it asks.
const MOST_QUIET: Duration = Duration::from_secs(30);

/// How many requests may be under way on one connection of HTTP/2.
const MOST_STREAMS: u32 = 256;

/// Takes connections until `stopping` turns true, and then waits for the answers under way.
pub(super) async fn serve(
    listener: TcpListener,
    mut lanes: Lanes,
    desk: Arc<Desk>,
    tls: Option<Arc<Tls>>,
    mut stopping: watch::Receiver<bool>,
) {
    let runtime = Handle::current();
    let connections = GracefulShutdown::new();
    loop {
        let (stream, remote) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
            () = stopped(&mut stopping) => break,
        };
        let taken = match desk.limits().connect(remote.ip()) {
            Ok(taken) => taken,
            Err(overload) => {
                refusal::tell(&stream, tls.is_some(), overload);
                continue;
            }
        };
        // A small answer must not wait for a full packet.
        let _ = stream.set_nodelay(true);
        let door = Door {
            desk: desk.clone(),
            runtime: runtime.clone(),
            taken,
            requests: Arc::default(),
        };
        let watcher = connections.watcher();
        match tls.clone() {
            None => lanes.serve(stream, move |stream| door.http1(stream, watcher)),
            // A handshake computes for long, and others must not wait for it.
            Some(tls) => drop(tokio::spawn(door.encrypted(stream, tls, watcher))),
        }
    }
    drop(listener);
    connections.shutdown().await;
}

/// What stands behind one connection.
#[derive(Clone)]
struct Door {
    desk: Arc<Desk>,
    /// Where everything but calls is answered: an operator may ask for much at once.
    runtime: Handle,
    taken: Arc<Connection>,
    requests: Arc<Requests>,
}

impl Door {
    async fn encrypted(self, stream: TcpStream, tls: Arc<Tls>, watcher: Watcher) {
        let stream = tokio::select! {
            stream = tls.accept(stream) => stream,
            () = self.taken.closing() => None,
        };
        let Some(stream) = stream else { return };
        if !tls::is_http2(&stream) {
            return self.http1(stream, watcher).await;
        }
        let mut http = http2::Builder::new(TokioExecutor::new());
        http.max_concurrent_streams(MOST_STREAMS);
        let door = self.clone();
        let service = service_fn(move |request| door.clone().answer(request));
        let connection = http.serve_connection(TokioIo::new(stream), service);
        self.keep(watcher, connection).await;
    }

    async fn http1<S>(self, stream: S, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut http = http1::Builder::new();
        // Answers are short: one piece is cheaper to send than two.
        http.writev(false);
        let door = self.clone();
        let service = service_fn(move |request| door.clone().answer(request));
        let connection = http.serve_connection(TokioIo::new(stream), service);
        self.keep(watcher, connection).await;
    }

    /// Until the connection ends, asks nothing any more, or has to make room for another.
    async fn keep<C>(self, watcher: Watcher, connection: C)
    where
        C: GracefulConnection<Error = hyper::Error>,
    {
        tokio::select! {
            ended = watcher.watch(connection) => if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended");
            },
            () = self.requests.cease() => tracing::debug!("a connection that asks nothing is closed"),
            () = self.taken.closing() => tracing::debug!("a stranger's connection makes room"),
        }
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response, Infallible> {
        let answering = self.requests.clone().begin();
        let (method, uri) = (request.method(), request.uri());
        let called = rpc::called(uri.query());
        let admitted = self
            .taken
            .admit(method, uri.path(), called, request.headers());
        match admitted {
            Ok(pass) if *method == Method::POST && uri.path() == RPC_PATH => {
                Ok(self.call(request, &pass).await)
            }
            Ok(pass) => self.other(request, pass, answering).await,
            Err(overload) => Ok(overload.into_response()),
        }
    }

    /// A call of a peer.
    async fn call(&self, request: Request<Incoming>, pass: &Pass) -> Response {
        let Some(leading) = self.desk.leading() else {
            return self.call_of_another(request, pass).await;
        };
        let (head, body) = request.into_parts();
        let query = head.uri.query();
        let answered = rpc::answer(&leading.state, query, &head.headers, body);
        let response = logged(&Method::POST, RPC_PATH, answered).await;
        pass.called(rpc::ledger(query), response.status());
        response
    }

    /// The same, where another process leads.
    async fn call_of_another(&self, request: Request<Incoming>, pass: &Pass) -> Response {
        let query = request.uri().query().map(str::to_owned);
        let answered = self.desk.answer(request.map(Body::new));
        let response = logged(&Method::POST, RPC_PATH, answered).await;
        pass.called(rpc::ledger(query.as_deref()), response.status());
        response
    }

    async fn other(
        self,
        mut request: Request<Incoming>,
        pass: Pass,
        answering: Answering,
    ) -> Result<Response, Infallible> {
        let caller = self.taken.caller(request.headers());
        request.extensions_mut().insert(caller);
        let desk = self.desk.clone();
        let answering_elsewhere = self
            .runtime
            .spawn(async move { desk.answer(request.map(Body::new)).await });
        let response = match answering_elsewhere.await {
            Ok(response) => response,
            // It panicked, which is its own fault only.
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        };
        if response.extensions().get::<KnownCaller>().is_some() {
            pass.known();
        }
        // What is told as it happens is an answer that goes on.
        let told = move |frame| {
            let _ = (&answering, &pass);
            frame
        };
        Ok(response.map(|body| Body::new(body.map_frame(told))))
    }
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
