//! Questions: calls of peers, and what the operator wants that the engine answers later, as quotes, and payments
//! until they have ended.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use c2c::connector::{Answer, Input, RequestId};

use tokio::sync::oneshot;

use super::{Drained, Driver, lock};
use crate::store::Store;

impl Driver {
    /// Hands in what `input` makes of a fresh number, and waits for the answer to that number. Nothing if none
    /// came within `wait`, or the server is stopping.
    pub async fn ask(
        self: &Arc<Self>,
        wait: Duration,
        input: impl FnOnce(RequestId) -> Input,
    ) -> Option<Answer> {
        let id = RequestId(self.next_request.fetch_add(1, Ordering::Relaxed));
        if !self.is_sound() {
            return None;
        }
        let drained = {
            let mut engine = self.engine();
            // The engine answers every question, and its answer says what is wrong; a refusal of the input would be a fault of its own.
            if let Err(error) = engine.handle_input(self.clock.now(), input(id)) {
                tracing::error!(%error, "the engine refused a question");
            }
            self.drain(&mut engine, Some(id))
        };
        let receiver = match drained {
            Drained::Answered(answer) => return Some(answer),
            // The writer lets it out or fails: there is nothing to wait for in vain.
            Drained::Durable(receiver) => return receiver.await.ok(),
            Drained::Waiting(receiver) => receiver,
            Drained::Done | Drained::Under(_) => return None,
        };
        let answer = tokio::time::timeout(wait, receiver).await;
        lock(&self.waiting).remove(&id);
        answer.ok()?.ok()
    }

    /// Has something done with the store, after all that was handed in before. Nothing if it cannot be done any more.
    pub async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Store) -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        let aside = Box::new(move |store: &mut dyn Store| {
            // Whoever asked may have gone.
            let _ = sender.send(work(store));
        });
        self.writer.get()?.aside(aside);
        receiver.await.ok()
    }
}
