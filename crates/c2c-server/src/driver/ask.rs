//! Questions of the operator that the engine answers later: quotes, and payments until they have ended.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use c2c::connector::{Answer, Input, RequestId};
use tokio::sync::oneshot;

use super::{Driver, lock};

impl Driver {
    /// Hands in what `input` makes of a fresh number, and waits for the answer to that number. Nothing if none
    /// came within `wait`, or the server is stopping.
    pub async fn ask(
        self: &Arc<Self>,
        wait: Duration,
        input: impl FnOnce(RequestId) -> Input,
    ) -> Option<Answer> {
        let id = RequestId(self.next_request.fetch_add(1, Ordering::Relaxed));
        let (sender, receiver) = oneshot::channel();
        if !self.is_sound() {
            return None;
        }
        lock(&self.waiting).insert(id, sender);
        {
            let mut engine = self.engine();
            // Its answer says what is wrong; a refusal of the input would be a fault of its own.
            if let Err(error) = engine.handle_input(self.clock.now(), input(id)) {
                tracing::error!(%error, "the engine refused a question");
            }
            self.drain(&mut engine, None);
        }
        let answer = tokio::time::timeout(wait, receiver).await;
        lock(&self.waiting).remove(&id);
        answer.ok()?.ok()
    }
}
