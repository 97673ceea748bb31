//! A peer that pays, is paid, says everything until it is answered, and some of it again after that.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use c2c::amount::Amount;
use c2c::ledger::{Fulfillment, Transfer, TransferId};
use c2c::packet::{Packet, Payment};
use c2c::timestamp::{Millis, Timestamp};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::book::{Book, LATE, State, Way};
use super::{Dice, Plan, World};
use crate::calls::{Line, now};
use crate::failure::Failure;
use crate::hosts::Server;
use crate::listen::{Asked, listen};
use crate::played::{LIMIT, add_to_server};

/// How long a payment may take that somebody fulfills or rejects.
const LONG: Millis = Millis(60_000);
/// How long one may that is left alone: a little more than the window of the server.
const SHORT: Millis = Millis(1_800);
/// How long to wait before a call is made again.
const PAUSE: Duration = Duration::from_millis(10);
/// How long a call may take.
const MOST_CALL: Duration = Duration::from_secs(5);

/// One peer of the server.
pub struct Peer {
    pub line: Line,
    /// Where the server's processes are called, in turns.
    servers: Vec<SocketAddr>,
    turn: AtomicUsize,
    book: Mutex<Book>,
    /// What the server should not have said.
    complaints: Mutex<Vec<String>>,
}

impl Peer {
    /// Starts to listen, and has the server add this peer.
    pub async fn start(
        server: &Server,
        world: &Arc<World>,
        number: usize,
    ) -> Result<Arc<Self>, Failure> {
        let of_world = world.clone();
        let address = listen(move |asked| {
            let peers = of_world.peers.get().map(Vec::as_slice).unwrap_or_default();
            let peer = peers.get(number).cloned();
            let world = of_world.clone();
            async move {
                match peer {
                    Some(peer) => peer.answer(&world, &asked),
                    // The server adds it before the others are there.
                    None => (200, json!(LIMIT).to_string()),
                }
            }
        })
        .await?;
        Ok(Arc::new(Self {
            line: add_to_server(server, address, number)?,
            servers: server.addresses(),
            turn: AtomicUsize::new(0),
            book: Mutex::default(),
            complaints: Mutex::default(),
        }))
    }

    /// What the server owes us.
    pub fn balance(&self) -> i128 {
        self.book().balance(now())
    }

    /// Something that has not ended yet.
    pub fn open(&self) -> Option<String> {
        self.book().open(now()).pop()
    }

    /// How many payments of ours were fulfilled, rejected, and ran out.
    pub fn ends(&self) -> [usize; 3] {
        let book = self.book();
        let ours = |state| {
            let all = book.transfers.values();
            all.filter(|known| known.way == Way::ToServer && known.state == state)
                .count()
        };
        [
            ours(State::Executed),
            ours(State::Rejected),
            ours(State::RanOut),
        ]
    }

    /// What went wrong since it was last asked.
    pub fn take_complaints(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.complaints))
    }

    /// What is known.
    pub fn book(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }

    /// Makes payments as long as the world is open.
    pub async fn pay(self: Arc<Self>, world: Arc<World>, mut dice: Dice) {
        loop {
            let pause = u64::try_from(world.pause.as_micros()).unwrap_or(u64::MAX);
            tokio::time::sleep(Duration::from_micros(dice.below(pause.max(1)))).await;
            world.paying.fetch_add(1, Ordering::AcqRel);
            if world.is_open.load(Ordering::Acquire) {
                self.pay_once(&world, &mut dice).await;
            }
            world.paying.fetch_sub(1, Ordering::AcqRel);
        }
    }

    async fn pay_once(self: &Arc<Self>, world: &Arc<World>, dice: &mut Dice) {
        let peers = world.peers.get().map(Vec::as_slice).unwrap_or_default();
        let others: Vec<&Arc<Peer>> = peers
            .iter()
            .filter(|peer| !Arc::ptr_eq(peer, self))
            .collect();
        let other = others[usize::try_from(dice.below(others.len() as u64)).unwrap_or(0)];
        let mut preimage = [0; 32];
        for bytes in preimage.chunks_mut(8) {
            bytes.copy_from_slice(&dice.next().to_le_bytes());
        }
        let fulfillment = Fulfillment::from_bytes(preimage);
        let condition = fulfillment.condition();
        let (plan, hold) = match dice.below(10) {
            0 if world.some_run_out.load(Ordering::Acquire) => (Plan::RunOut, SHORT),
            1..=3 => (Plan::Reject, LONG),
            _ => (Plan::Fulfill(fulfillment.to_string()), LONG),
        };
        lock(&world.plans).insert(condition.to_string(), plan);
        let amount = 1 + dice.below(1_000);
        let id = format!(
            "{:08x}-0000-4000-8000-{:012x}",
            dice.below(1 << 32),
            dice.below(1 << 48)
        );
        let expires_at = now() + hold;
        let packet = Packet::Payment(Payment {
            amount: Amount::new(amount),
            account: other.line.account.clone().into(),
            data: Vec::new(),
        });
        let (Ok(packet), Ok(known)) = (packet.encode(), id.parse::<TransferId>()) else {
            return self.complain(format!("{id} cannot be written"));
        };
        let transfer = Transfer::new(
            known,
            self.line.prefix.clone(),
            self.line.account.clone(),
            self.line.server_account.clone(),
            Amount::new(amount),
        )
        .with_hold(condition, expires_at)
        .with_ilp(packet);
        let body = format!("[{}]", transfer.write());
        self.book()
            .sends(&id, amount, &condition.to_string(), expires_at);
        world.payments.fetch_add(1, Ordering::AcqRel);
        let answer = self.say("send_transfer", &body, expires_at).await;
        {
            let mut book = self.book();
            let Some(known) = book.transfers.get_mut(&id) else {
                return;
            };
            known.is_taken = true;
            match &answer {
                Some((200, text)) if text == "true" => known.is_certain = true,
                Some((_, text)) => {
                    if known.state == State::Prepared {
                        known.state = State::Refused;
                    }
                    drop(book);
                    // The call that its last moment overtook, while the server was starting, may be refused.
                    if now() < expires_at || !text.contains(" expired at ") {
                        self.complain(format!("{id} was refused: {text}"));
                    }
                }
                // Nobody answered as long as it could be taken: it has run out.
                None => {}
            }
        }
        if dice.below(4) == 0 {
            self.again(world, "send_transfer", &body, expires_at).await;
        }
    }

    /// What a call of the server is answered with.
    fn answer(self: Arc<Self>, world: &Arc<World>, asked: &Asked) -> (u16, String) {
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        let done = match asked.parameter("method") {
            "get_limit" => return (200, json!(LIMIT).to_string()),
            "get_balance" => return (200, json!(self.balance().to_string()).to_string()),
            "send_request" => {
                let of = |name: &str| body[0][name].clone();
                let reply = json!({ "ledger": of("ledger"), "from": of("to"), "to": of("from") });
                return (200, reply.to_string());
            }
            "send_transfer" => self.clone().comes(world, &body[0]),
            "fulfill_condition" => self.is_fulfilled(&body),
            "reject_incoming_transfer" => self.book().told(now(), text(&body[0]), false),
            _ => Ok(()),
        };
        match done {
            Ok(()) => (200, "true".to_owned()),
            Err(class) => {
                if class != LATE {
                    self.complain(format!("{} of {body}: {class}", asked.parameter("method")));
                }
                (422, json!({ "id": class, "message": class }).to_string())
            }
        }
    }

    fn is_fulfilled(&self, body: &Value) -> Result<(), &'static str> {
        let (id, fulfillment) = (text(&body[0]), text(&body[1]));
        let mut book = self.book();
        let met = book.transfers.get(id).is_some_and(|known| {
            let fulfillment = fulfillment.parse::<Fulfillment>();
            fulfillment.is_ok_and(|found| found.condition().to_string() == known.condition)
        });
        match met {
            true => book.told(now(), id, true),
            false => Err("InvalidFieldsError"),
        }
    }

    /// A transfer of the server has come: what is to become of it is planned.
    fn comes(self: Arc<Self>, world: &Arc<World>, transfer: &Value) -> Result<(), &'static str> {
        let id = text(&transfer["id"]).to_owned();
        let condition = text(&transfer["executionCondition"]).to_owned();
        let amount = text(&transfer["amount"])
            .parse()
            .map_err(|_| "InvalidFieldsError")?;
        let expires_at: Timestamp = text(&transfer["expiresAt"])
            .parse()
            .map_err(|_| "InvalidFieldsError")?;
        let is_new = self
            .book()
            .receives(now(), &id, amount, &condition, expires_at)?;
        let plan = lock(&world.plans).get(&condition).cloned();
        let plan = plan.ok_or("InvalidFieldsError")?;
        if is_new {
            let dice = Dice::new(amount ^ expires_at.as_millis());
            tokio::spawn(self.follow(world.clone(), id, plan, dice));
        }
        Ok(())
    }

    /// Does what is planned with a transfer of the server.
    async fn follow(self: Arc<Self>, world: Arc<World>, id: String, plan: Plan, mut dice: Dice) {
        tokio::time::sleep(Duration::from_micros(dice.below(30_000))).await;
        let (executes, method, body) = match plan {
            Plan::RunOut => return,
            Plan::Fulfill(fulfillment) => (true, "fulfill_condition", json!([id, fulfillment])),
            Plan::Reject => {
                let reason = json!({ "code": "F99", "name": "Application Error", "message": "no",
                    "triggered_by": self.line.account.as_str(), "additional_info": {} });
                (false, "reject_incoming_transfer", json!([id, reason]))
            }
        };
        if !self.book().says(now(), &id, executes) {
            return;
        }
        let body = body.to_string();
        match self.say(method, &body, now() + LONG).await {
            Some((200, text)) if text == "true" => {
                if let Some(known) = self.book().transfers.get_mut(&id) {
                    known.is_taken = true;
                }
            }
            other => self.complain(format!("{method} of {id} was answered {other:?}")),
        }
        if dice.below(4) == 0 {
            self.again(&world, method, &body, now() + LONG).await;
        }
    }

    /// Says the same again, which must change nothing and be answered alike, as long as its time is not over.
    async fn again(&self, world: &World, method: &str, body: &str, expires_at: Timestamp) {
        world.repeats.fetch_add(1, Ordering::AcqRel);
        match self.say(method, body, now() + LONG).await {
            Some((200, text)) if text == "true" => {}
            // A process that has just begun to lead does not remember what is over.
            Some((_, text)) if now() >= expires_at && text.contains(" expired at ") => {}
            other => self.complain(format!("{method} {body} again was answered {other:?}")),
        }
    }

    /// Calls the server until it answers; none where it has not until `until`.
    async fn say(&self, method: &str, body: &str, until: Timestamp) -> Option<(u16, String)> {
        let bytes = self.line.call(method, body).bytes().to_vec();
        while now() < until {
            let called = tokio::time::timeout(MOST_CALL, self.call(&bytes)).await;
            match called {
                // Busy, or stopping: it has not said anything yet.
                Ok(Ok((503, _))) | Ok(Err(_)) | Err(_) => tokio::time::sleep(PAUSE).await,
                Ok(Ok(answer)) => return Some(answer),
            }
        }
        None
    }

    async fn call(&self, bytes: &[u8]) -> std::io::Result<(u16, String)> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let server = self.servers[turn % self.servers.len()];
        let mut stream = TcpStream::connect(server).await?;
        stream.write_all(bytes).await?;
        let mut answer = Vec::new();
        loop {
            let mut part = [0; 4096];
            let count = stream.read(&mut part).await?;
            answer.extend_from_slice(&part[..count]);
            let text = String::from_utf8_lossy(&answer);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .filter_map(|line| line.split_once(": "))
                    .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                    .and_then(|(_, length)| length.parse().ok());
                if length == Some(body.len()) {
                    let status = head.get(9..12).and_then(|status| status.parse().ok());
                    return Ok((status.unwrap_or(0), body.to_owned()));
                }
            }
            if count == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn complain(&self, text: String) {
        lock(&self.complaints).push(format!("{}: {text}", self.line.prefix));
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Nothing panics while one of these is locked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
