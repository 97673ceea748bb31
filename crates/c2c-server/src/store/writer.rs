//! The one thread that writes. What waits while it flushes goes into the next transaction together.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use c2c::connector::Change;

use super::{Store, StoreError};

/// The most changes in one transaction, so that the first of them does not wait for long.
const MOST_CHANGES: usize = 4096;

/// How long the first of many waits for the others, again and again as long as some come: less than a flush
/// takes.
const GATHER: Duration = Duration::from_micros(100);

/// How long at most.
const MOST_GATHER: Duration = Duration::from_millis(1);

/// Changes that belong together, and what to do once they are durable.
pub struct Batch {
    /// The changes, in order; none: only what came before must be durable.
    pub changes: Vec<Change>,
    /// To be called once. It is dropped without a call if the changes could not be stored.
    pub done: Done,
}

/// Something that is done with the store between two transactions.
pub type Aside = Box<dyn FnOnce(&mut dyn Store) + Send>;

enum Work {
    Batch(Batch),
    Aside(Aside),
}

/// What to do once changes are durable.
pub type Done = Box<dyn FnOnce() + Send>;

/// What one transaction made durable.
#[derive(Clone, Copy, Debug)]
pub struct Flush {
    /// How many changes.
    pub changes: usize,
    /// How long it took.
    pub took: Duration,
}

/// A running writer.
pub struct Writer {
    sender: Option<Sender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. `written` is handed what to do of all batches that one flush made durable, in their
    /// order, and should not do it on this thread, which has the next to write; and what the flush took, if
    /// there was anything to write. After the first failure
    /// nothing more is written or handed on: `failed` is told, and the process should end.
    pub fn start(
        store: impl Store,
        written: impl Fn(Vec<Done>, Option<Flush>) + Send + 'static,
        failed: impl FnOnce(StoreError) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                if let Err(error) = run(store, &receiver, &written) {
                    drop(receiver);
                    failed(error);
                }
            })?;
        Ok(Self {
            sender: Some(sender),
            thread: Some(thread),
        })
    }

    /// Hands in a batch. After a failure it is dropped.
    pub fn submit(&self, batch: Batch) {
        if let Some(sender) = &self.sender {
            let _ = sender.send(Work::Batch(batch));
        }
    }

    /// Hands in something that is done once everything before it is written. After a failure it is dropped.
    pub fn aside(&self, aside: Aside) {
        if let Some(sender) = &self.sender {
            let _ = sender.send(Work::Aside(aside));
        }
    }
}

/// Everything handed in is written before the writer is gone.
impl Drop for Writer {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let own = thread.thread().id() == std::thread::current().id();
            // The last owner may be whoever is told of a failure, on the thread itself, which then ends by itself.
            if !own {
                let _ = thread.join();
            }
        }
    }
}

fn run(
    mut store: impl Store,
    receiver: &Receiver<Work>,
    written: &impl Fn(Vec<Done>, Option<Flush>),
) -> Result<(), StoreError> {
    // How many callers shared the last flush: most of them come back as soon as they are answered.
    let mut last = 1;
    while let Ok(first) = receiver.recv() {
        let first = match first {
            Work::Batch(first) => first,
            Work::Aside(aside) => {
                aside(&mut store);
                continue;
            }
        };
        let mut asides = Vec::new();
        let mut changes = first.changes;
        let mut done = vec![first.done];
        let mut gathered = Duration::ZERO;
        loop {
            let before = done.len();
            while changes.len() < MOST_CHANGES
                && let Ok(next) = receiver.try_recv()
            {
                match next {
                    Work::Batch(next) => {
                        changes.extend(next.changes);
                        done.push(next.done);
                    }
                    Work::Aside(aside) => asides.push(aside),
                }
            }
            let all = done.len() >= last * 3 / 4 || changes.len() >= MOST_CHANGES;
            let none_came = done.len() == before && !gathered.is_zero();
            if all || none_came || gathered >= MOST_GATHER {
                break;
            }
            // Asleep, rather than woken by each.
            std::thread::sleep(GATHER);
            gathered += GATHER;
        }
        last = done.len();
        let began = Instant::now();
        let mut flush = None;
        if !changes.is_empty() {
            store.apply(&changes)?;
            flush = Some(Flush {
                changes: changes.len(),
                took: began.elapsed(),
            });
        }
        written(done, flush);
        asides.into_iter().for_each(|aside| aside(&mut store));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoredLedger;
    use c2c::connector::{Peer, StoredAccounts};
    use c2c::key::{PublicKey, SecretKey};
    use c2c::timestamp::Timestamp;
    use std::sync::{Arc, Mutex};

    /// Counts transactions; fails from the third change on.
    struct Counting(Arc<Mutex<Vec<usize>>>);

    impl Store for Counting {
        fn public_key(&mut self) -> Result<Option<PublicKey>, StoreError> {
            Ok(None)
        }
        fn change_key(&mut self, _: &PublicKey, _: &[Peer]) -> Result<(), StoreError> {
            Ok(())
        }
        fn peers(&mut self, _: &SecretKey) -> Result<Vec<Peer>, StoreError> {
            Ok(Vec::new())
        }
        fn ledgers(&mut self, _: Timestamp) -> Result<Vec<StoredLedger>, StoreError> {
            Ok(Vec::new())
        }
        fn accounts(&mut self, _: Timestamp) -> Result<Vec<StoredAccounts>, StoreError> {
            Ok(Vec::new())
        }
        fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
            let mut seen = self.0.lock().unwrap();
            seen.push(changes.len());
            if seen.iter().sum::<usize>() > 2 {
                return Err(StoreError::Failed {
                    reason: "full".to_owned(),
                });
            }
            Ok(())
        }
    }

    fn change() -> Change {
        Change::PeerRemoved("peer.a.usd.9.".parse().unwrap())
    }

    #[test]
    fn callbacks_come_in_order_after_the_flush_and_never_after_a_failure() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let calls = Arc::new(Mutex::new(Vec::new()));
        let failure = Arc::new(Mutex::new(None));
        let told = failure.clone();
        let call_all = |done: Vec<Done>, _| done.into_iter().for_each(|done| done());
        let writer = Writer::start(Counting(seen.clone()), call_all, move |error| {
            *told.lock().unwrap() = Some(error.to_string());
        })
        .unwrap();
        for (number, changes) in [(0, 1), (1, 0), (2, 1)] {
            let calls = calls.clone();
            writer.submit(Batch {
                changes: vec![change(); changes],
                done: Box::new(move || calls.lock().unwrap().push(number)),
            });
        }
        while calls.lock().unwrap().len() < 3 {
            std::thread::yield_now();
        }
        for number in 3..5 {
            let calls = calls.clone();
            writer.submit(Batch {
                changes: vec![change()],
                done: Box::new(move || calls.lock().unwrap().push(number)),
            });
        }
        drop(writer);
        assert_eq!(*calls.lock().unwrap(), [0, 1, 2]);
        assert!(failure.lock().unwrap().as_ref().unwrap().contains("full"));
    }
}
