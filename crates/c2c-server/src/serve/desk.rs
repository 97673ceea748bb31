//! Who answers: this process if it leads, else the one that does.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::pass::{PassOn, nobody_leads};
use crate::app::{App, app};
use crate::limits::Counts;

/// What a connection asks.
pub(super) struct Desk {
    leading: OnceLock<Leading>,
    pass: Option<PassOn>,
    limits: Arc<Counts>,
    failure: watch::Sender<bool>,
}

/// A process that leads. It does so until it ends.
pub(super) struct Leading {
    pub(super) state: Arc<App>,
    router: Router,
}

impl Leading {
    /// Answers by itself.
    pub(super) async fn answer(&self, request: Request<Body>) -> Response {
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

impl Desk {
    /// That of a process that has its database alone.
    pub(super) fn alone(state: Arc<App>) -> Arc<Self> {
        let desk = Arc::new(Self::new(None, state.limits.clone()));
        desk.lead(state);
        desk
    }

    /// That of a process that passes on what it is asked, until it leads.
    pub(super) fn passing(pass: PassOn, limits: Arc<Counts>) -> Arc<Self> {
        Arc::new(Self::new(Some(pass), limits))
    }

    fn new(pass: Option<PassOn>, limits: Arc<Counts>) -> Self {
        Self {
            leading: OnceLock::new(),
            pass,
            limits,
            failure: watch::channel(false).0,
        }
    }

    /// From now on this process answers by itself.
    pub(super) fn lead(self: &Arc<Self>, state: Arc<App>) {
        let mut failed = state.driver.failure();
        let desk = Arc::downgrade(self);
        tokio::spawn(async move {
            if failed.wait_for(|failed| *failed).await.is_ok()
                && let Some(desk) = desk.upgrade()
            {
                desk.fail();
            }
        });
        let router = app(state.clone());
        // A process begins to lead once.
        let _ = self.leading.set(Leading { state, router });
    }

    /// What leads here, if it does.
    pub(super) fn leading(&self) -> Option<&Leading> {
        self.leading.get()
    }

    /// What callers get, whoever leads.
    pub(super) fn limits(&self) -> &Arc<Counts> {
        &self.limits
    }

    /// Answers a request.
    pub(super) async fn answer(&self, request: Request<Body>) -> Response {
        match (self.leading(), &self.pass) {
            (Some(leading), _) => leading.answer(request).await,
            (None, Some(pass)) => pass.on(self, request).await,
            (None, None) => nobody_leads(),
        }
    }

    /// The process cannot go on.
    pub(super) fn fail(&self) {
        self.failure.send_replace(true);
    }

    /// Turns true when the process should end.
    pub(super) fn failure(&self) -> watch::Receiver<bool> {
        self.failure.subscribe()
    }
}
