//! The only clock, timer and source of randomness: it owns the engine, feeds it and does what it says.
//!
//! Outputs keep their order. Where something is to be stored, every answer and call behind it waits for
//! the [writer](crate::store::writer); where nothing is being stored, they leave at once.

mod ask;
mod clock;
mod log;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use c2c::address::LedgerPrefix;
use c2c::connector::{
    Answer, Call, CallOutcome, Config, Connector, Error, Event, Input, Output, Request, RequestId,
};
use c2c::rpc::Method;
use c2c::timestamp::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::{Notify, broadcast, mpsc, oneshot, watch};

use self::clock::Clock;
use self::log::Log;
use crate::metrics::Metrics;
use crate::outbox::Outbox;
use crate::serve::Tenure;
use crate::store::writer::{Batch, Done, Writer};
use crate::store::{Store, StoreError, StoredLedger};

/// How long an RPC caller waits for the engine. The callers of 2017 hang up after two seconds.
const MOST_WAIT: Duration = Duration::from_secs(10);
/// How long what is due waits where another process may lead.
const UNSURE: Duration = Duration::from_millis(100);
/// Events that a slow watcher may be behind before it loses some.
const EVENTS_KEPT: usize = 1024;

/// A running engine.
pub struct Driver {
    clock: Clock,
    engine: Mutex<Connector>,
    /// Batches that the writer has not finished. While there are some, everything goes through it.
    unwritten: AtomicUsize,
    writer: OnceLock<Writer>,
    outbox: Outbox,
    waiting: Mutex<BTreeMap<RequestId, oneshot::Sender<Answer>>>,
    next_request: AtomicU64,
    events: broadcast::Sender<(Timestamp, Event)>,
    /// Calls by which peers were checked or compared, when they are over.
    checked: broadcast::Sender<(Method, LedgerPrefix)>,
    heard: Mutex<BTreeMap<LedgerPrefix, Timestamp>>,
    log: Mutex<Log>,
    metrics: Arc<Metrics>,
    timer: Notify,
    /// When the timer wakes the engine next, in milliseconds since 1970.
    wakes_at: AtomicU64,
    stopped: AtomicBool,
    /// For how long this process leads, where others may.
    tenure: OnceLock<Arc<Tenure>>,
    failure: watch::Sender<bool>,
    runtime: Handle,
}

/// Why an input was not taken.
#[derive(Debug)]
pub enum DriveError {
    /// The engine refuses it; nothing changed.
    Refused(Error),
    /// It could not be stored, and the server is stopping.
    Stopping,
}

/// What became of what the engine wanted done.
enum Drained {
    /// It is done.
    Done,
    /// It is done once this tells so.
    Under(oneshot::Receiver<()>),
    /// It is done, and this is the answer for the caller.
    Answered(Answer),
    /// The answer is known, and comes by this once it is durable.
    Durable(oneshot::Receiver<Answer>),
    /// The answer comes by this when it is known.
    Waiting(oneshot::Receiver<Answer>),
}

impl Driver {
    /// Starts the engine with the peers that are stored. Must be called within a runtime.
    pub fn start(
        config: Config,
        peers: Vec<c2c::connector::Peer>,
        mut store: impl Store,
        outbox: Outbox,
    ) -> Result<Arc<Self>, StartError> {
        let clock = Clock::start();
        let now = clock.now();
        let mut engine = Connector::new(config, now).map_err(StartError::Engine)?;
        for peer in peers {
            engine
                .handle_input(now, Input::RestorePeer(Box::new(peer)))
                .map_err(StartError::Engine)?;
        }
        for StoredLedger {
            prefix: ledger,
            sequence,
            transfers,
        } in store.ledgers(now).map_err(StartError::Store)?
        {
            let stored = Input::RestoreLedger {
                ledger,
                sequence,
                transfers,
            };
            engine
                .handle_input(now, stored)
                .map_err(StartError::Engine)?;
        }
        for stored in store.accounts(now).map_err(StartError::Store)? {
            engine
                .handle_input(now, Input::RestoreAccounts(Box::new(stored)))
                .map_err(StartError::Engine)?;
        }
        // Payments go on where they stopped.
        engine
            .handle_input(now, Input::Wake)
            .map_err(StartError::Engine)?;
        let metrics = Arc::new(Metrics::new());
        let driver = Arc::new(Self {
            clock,
            engine: Mutex::new(engine),
            unwritten: AtomicUsize::new(0),
            writer: OnceLock::new(),
            outbox,
            waiting: Mutex::default(),
            next_request: AtomicU64::new(1),
            events: broadcast::channel(EVENTS_KEPT).0,
            checked: broadcast::channel(EVENTS_KEPT).0,
            heard: Mutex::default(),
            log: Mutex::default(),
            metrics: metrics.clone(),
            timer: Notify::new(),
            wakes_at: AtomicU64::new(u64::MAX),
            stopped: AtomicBool::new(false),
            tenure: OnceLock::new(),
            failure: watch::channel(false).0,
            runtime: Handle::current(),
        });
        let weak = Arc::downgrade(&driver);
        let (written, releasing) = mpsc::unbounded_channel();
        // Once the task is gone there is nobody left to answer.
        let hand_on = move |done, flush| {
            if let Some(flush) = flush {
                metrics.flushed(flush);
            }
            drop(written.send(done));
        };
        let fail = move |error| {
            if let Some(driver) = weak.upgrade() {
                driver.fail(&error);
            }
        };
        let writer = Writer::start(store, hand_on, fail).map_err(StartError::Thread)?;
        let _ = driver.writer.set(writer);
        driver.drain(&mut driver.engine(), None);
        tokio::spawn(release_all(releasing));
        tokio::spawn(driver.clone().keep_time());
        Ok(driver)
    }

    /// Hands in one input and waits until what it changed is durable.
    pub async fn feed(self: &Arc<Self>, input: Input) -> Result<(), DriveError> {
        let drained = {
            let mut engine = self.engine();
            let taken = engine.handle_input(self.clock.now(), input);
            let drained = self.drain(&mut engine, None);
            taken.map_err(DriveError::Refused)?;
            drained
        };
        match drained {
            Drained::Under(durable) => durable.await.map_err(|_| DriveError::Stopping),
            _ => Ok(()),
        }
    }

    /// Answers an RPC call; nothing if no answer came in time, or the server is stopping.
    pub async fn request(
        self: &Arc<Self>,
        method: String,
        prefix: String,
        bearer: Option<String>,
        body: Vec<u8>,
    ) -> Option<Answer> {
        self.ask(MOST_WAIT, |id| {
            Input::Request(Request {
                id,
                method,
                prefix,
                bearer,
                body,
            })
        })
        .await
    }

    /// Calls a peer's `get_limit` now and waits for the end of that call, at most eight seconds.
    pub async fn check_peer(self: &Arc<Self>, prefix: &LedgerPrefix) -> Result<(), DriveError> {
        let input = Input::CheckPeer(prefix.clone());
        self.call_and_wait(input, Method::GetLimit, prefix).await
    }

    /// Calls a peer's `get_balance` and waits for the end of that call, at most eight seconds.
    pub async fn ask_balance(self: &Arc<Self>, prefix: &LedgerPrefix) -> Result<(), DriveError> {
        let input = Input::AskBalance(prefix.clone());
        self.call_and_wait(input, Method::GetBalance, prefix).await
    }

    async fn call_and_wait(
        self: &Arc<Self>,
        input: Input,
        method: Method,
        prefix: &LedgerPrefix,
    ) -> Result<(), DriveError> {
        let mut checked = self.checked.subscribe();
        self.feed(input).await?;
        let ended = async {
            while let Ok((called, peer)) = checked.recv().await {
                if called == method && peer == *prefix {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(8), ended).await;
        Ok(())
    }

    /// Makes a call of which the engine knows nothing.
    pub async fn call_once(&self, call: &Call) -> CallOutcome {
        self.outbox.make(call).await
    }

    /// Looks at the engine.
    pub fn look<T>(&self, view: impl FnOnce(&Connector, Timestamp) -> T) -> T {
        view(&self.engine(), self.clock.now())
    }

    /// When a peer's broadcast was last taken, since the start.
    pub fn last_broadcast_of(&self, prefix: &LedgerPrefix) -> Option<Timestamp> {
        lock(&self.heard).get(prefix).copied()
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What happens from now on.
    pub fn events(&self) -> broadcast::Receiver<(Timestamp, Event)> {
        self.events.subscribe()
    }

    /// Turns true when nothing can be stored any more and the process should end.
    pub fn failure(&self) -> watch::Receiver<bool> {
        self.failure.subscribe()
    }

    /// Whether the engine runs, what it says is stored, and nobody else leads.
    pub fn is_sound(&self) -> bool {
        let holds = self.tenure.get().is_none_or(|tenure| tenure.holds());
        holds && !self.is_stopped()
    }

    /// Whether it takes nothing more in.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// It leads as long as `tenure` holds.
    pub fn leads_for(&self, tenure: Arc<Tenure>) {
        let _ = self.tenure.set(tenure);
    }

    /// Stops at once, and lets nothing more out.
    pub fn give_up(&self, reason: &dyn std::fmt::Display) {
        self.fail(reason);
    }

    /// Takes nothing more in; the timer ends.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.timer.notify_one();
    }

    /// Sorts what the engine wants done. `caller` waits for an answer, which it gets at once where nothing
    /// is to be stored before.
    fn drain(self: &Arc<Self>, engine: &mut Connector, caller: Option<RequestId>) -> Drained {
        let mut changes = Vec::new();
        let mut outputs = Vec::new();
        while let Some(output) = engine.poll_output() {
            match output {
                Output::Persist(change) => changes.push(change),
                other => outputs.push(other),
            }
        }
        let wake = engine.next_wakeup().map_or(u64::MAX, Timestamp::as_millis);
        if wake < self.wakes_at.load(Ordering::Acquire) {
            self.timer.notify_one();
        }
        let answer = caller.and_then(|id| take_answer(&mut outputs, id));
        // The engine is locked here, so nothing can overtake what is released now, and nobody answers the
        // caller before it is known that it waits.
        let at_once = changes.is_empty() && self.unwritten.load(Ordering::Acquire) == 0;
        let waiting = match (caller, &answer) {
            (Some(id), None) => {
                let (sender, receiver) = oneshot::channel();
                lock(&self.waiting).insert(id, sender);
                Some(receiver)
            }
            _ => None,
        };
        if at_once {
            self.release(outputs);
            return match (answer, waiting) {
                (Some(answer), _) => Drained::Answered(answer),
                (None, Some(waiting)) => Drained::Waiting(waiting),
                (None, None) => Drained::Done,
            };
        }
        self.unwritten.fetch_add(1, Ordering::AcqRel);
        let driver = self.clone();
        let (done, drained): (Done, Drained) = match (answer, waiting) {
            (Some(answer), _) => {
                let (sender, receiver) = oneshot::channel();
                let done = move || driver.written(outputs, sender, answer);
                (Box::new(done), Drained::Durable(receiver))
            }
            (None, Some(waiting)) => {
                let (sender, _) = oneshot::channel();
                let done = move || driver.written(outputs, sender, ());
                (Box::new(done), Drained::Waiting(waiting))
            }
            (None, None) => {
                let (sender, receiver) = oneshot::channel();
                let done = move || driver.written(outputs, sender, ());
                (Box::new(done), Drained::Under(receiver))
            }
        };
        if let Some(writer) = self.writer.get() {
            writer.submit(Batch { changes, done });
        }
        drained
    }

    /// What was to be stored before them is durable: lets `outputs` out, and tells whoever waits.
    fn written<T>(self: Arc<Self>, outputs: Vec<Output>, waits: oneshot::Sender<T>, word: T) {
        self.release(outputs);
        self.unwritten.fetch_sub(1, Ordering::AcqRel);
        // Whoever waited may have gone.
        let _ = waits.send(word);
    }

    fn release(self: &Arc<Self>, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Answer(answer) => {
                    if let Some(caller) = lock(&self.waiting).remove(&answer.id) {
                        let _ = caller.send(answer);
                    }
                }
                Output::Call(call) => {
                    self.runtime.spawn(self.clone().call(call));
                }
                Output::Event(event) => self.tell(event),
                Output::Persist(_) => {}
            }
        }
    }

    async fn call(self: Arc<Self>, call: Call) {
        let outcome = self.outbox.make(&call).await;
        self.metrics.called(call.method, &outcome);
        if self.is_stopped() {
            return;
        }
        let done = Input::CallDone {
            id: call.id,
            outcome,
        };
        match self.feed(done).await {
            // The peer was removed while it was being called.
            Err(DriveError::Refused(error)) => tracing::debug!(%error, "the end of a call"),
            Ok(()) | Err(DriveError::Stopping) => {}
        }
        if matches!(call.method, Method::GetLimit | Method::GetBalance) {
            // Nobody may be waiting for it.
            let _ = self.checked.send((call.method, call.peer));
        }
    }

    fn tell(&self, event: Event) {
        let now = self.clock.now();
        self.metrics.happened(&event);
        match &event {
            Event::BroadcastHeard { peer, .. } => {
                lock(&self.heard).insert(peer.clone(), now);
            }
            Event::PeerRemoved { peer } => {
                lock(&self.heard).remove(peer);
            }
            _ => {}
        }
        lock(&self.log).line(now, &event);
        if self.events.receiver_count() > 0 {
            let _ = self.events.send((now, event));
        }
    }

    async fn keep_time(self: Arc<Self>) {
        while !self.is_stopped() {
            let next = self.look(|engine, now| {
                let next = engine.next_wakeup();
                let at = next.map_or(u64::MAX, Timestamp::as_millis);
                self.wakes_at.store(at, Ordering::Release);
                next.map(|at| at.since(now))
            });
            // At least a millisecond: an engine that asks for the past must not spin.
            let wait = next.map(|wait| Duration::from_millis(wait.0.max(1)));
            let due = async {
                match wait {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => {
                    if !self.is_sound() {
                        // Another may lead: what is due waits until it is known that none does.
                        tokio::time::sleep(UNSURE).await;
                        continue;
                    }
                    if let Err(DriveError::Refused(error)) = self.feed(Input::Wake).await {
                        tracing::error!(%error, "the engine refused to wake");
                    }
                }
                () = self.timer.notified() => {}
            }
        }
    }

    fn engine(&self) -> MutexGuard<'_, Connector> {
        self.engine.lock().unwrap_or_else(|poisoned| {
            self.fail(&"the engine stopped in the middle of an input");
            poisoned.into_inner()
        })
    }

    /// What is in memory may be ahead of what is stored: nothing leaves from here on.
    fn fail(&self, reason: &dyn std::fmt::Display) {
        tracing::error!(%reason, "stopping: the state is no longer safe");
        self.stop();
        lock(&self.waiting).clear();
        self.failure.send_replace(true);
    }
}

/// Why the engine does not start.
#[derive(Debug)]
pub enum StartError {
    /// The engine refuses its configuration or a stored peer.
    Engine(Error),
    /// What is stored of the ledgers cannot be read.
    Store(StoreError),
    /// The system gives no thread.
    Thread(std::io::Error),
    /// The system gives no random numbers.
    Random(getrandom::Error),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Engine(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Thread(error) => write!(f, "The system gives no thread: {error}."),
            Self::Random(error) => write!(f, "The system gives no random numbers: {error}."),
        }
    }
}

impl std::error::Error for StartError {}

/// Lets out what is durable, in order. That is done in one task, since to wake the many who wait from the
/// writer's thread would cost more than to write.
async fn release_all(mut releasing: mpsc::UnboundedReceiver<Vec<Done>>) {
    while let Some(batches) = releasing.recv().await {
        for done in batches {
            done();
        }
    }
}

/// The answer to the request `id`, out of what the engine wants done.
fn take_answer(outputs: &mut Vec<Output>, id: RequestId) -> Option<Answer> {
    let is_it = |output: &Output| matches!(output, Output::Answer(answer) if answer.id == id);
    match outputs.remove(outputs.iter().position(is_it)?) {
        Output::Answer(answer) => Some(answer),
        _ => None,
    }
}

/// These maps hold nothing that a panic elsewhere could leave half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
