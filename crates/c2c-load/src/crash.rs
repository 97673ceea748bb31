//! Kills the server without warning while peers pay through it, and looks whether it still knows everything.
//!
//! What the server answered or told must be in its database at the moment of its death; every balance must be
//! the sum of what happened; and once it is back and quiet, both sides of every ledger must agree to the unit.

mod book;
mod dice;
mod disk;
mod peer;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::database::Database;
use crate::failure::Failure;
use crate::hosts::Server;
pub use dice::Dice;
pub use peer::Peer;

/// How many peers pay each other.
const PEERS: usize = 4;
/// How many payments each of them makes at once.
const PAYERS: usize = 4;
/// How long each waits between two of them, at most.
const PAUSE: Duration = Duration::from_millis(4);
/// How long everything may take to come to rest.
const MOST_REST: Duration = Duration::from_secs(30);

/// How long the server may take to reach its peers.
const MOST_START: Duration = Duration::from_secs(120);

/// What all peers share.
pub struct World {
    /// What becomes of each payment, by its condition: its receiver reads it here.
    plans: std::sync::Mutex<BTreeMap<String, Plan>>,
    pub peers: std::sync::OnceLock<Vec<Arc<Peer>>>,
    /// Whether new payments are made.
    pub is_open: AtomicBool,
    /// How long one who pays waits before the next payment, at most.
    pause: Duration,
    /// Whether some payments are left to run out.
    some_run_out: AtomicBool,
    /// Payments that are being made.
    paying: AtomicU64,
    pub payments: AtomicU64,
    repeats: AtomicU64,
}

/// What a receiver does.
#[derive(Clone, Debug)]
enum Plan {
    Fulfill(String),
    Reject,
    RunOut,
}

/// What went wrong, each in a sentence.
#[derive(Default)]
pub struct Faults {
    lost: Vec<String>,
    doubled: Vec<String>,
    pub disagreements: Vec<String>,
}

impl World {
    /// One that is still closed.
    pub fn new(pause: Duration) -> Arc<Self> {
        Arc::new(Self {
            plans: std::sync::Mutex::default(),
            peers: std::sync::OnceLock::new(),
            is_open: AtomicBool::new(false),
            pause,
            some_run_out: AtomicBool::new(false),
            paying: AtomicU64::new(0),
            payments: AtomicU64::new(0),
            repeats: AtomicU64::new(0),
        })
    }
}

impl Faults {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.lost.len() + self.doubled.len() + self.disagreements.len()
    }
}

/// How long it may take until another process leads: an interval of broadcasts, unless settings say otherwise.
const MOST_TAKEOVER: Duration = Duration::from_secs(30);

/// How long a process was not led by any after its leader was killed.
#[derive(Default)]
struct Takeovers {
    count: u64,
    longest: Duration,
    sum: Duration,
}

/// Kills the server `kills` times, on a PostgreSQL one of its `processes` at a time, or all. The same `seed` makes the same payments and waits as long before each kill,
/// though not the same moments within the server. Answers whether nothing went wrong.
pub fn run(
    program: &str,
    kills: u64,
    seed: u64,
    postgres: Option<&str>,
    processes: usize,
) -> Result<bool, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::of("runtime"))?;
    let database = postgres.map(Database::new).transpose()?;
    let routing = "max_hold_time_ms = 120000";
    let mut server = Server::start_on(program, "crash", routing, database, processes)?;
    let world = World::new(PAUSE);
    let mut peers = Vec::new();
    for number in 0..PEERS {
        let peer = runtime.block_on(Peer::start(&server, &world, number))?;
        peers.push(peer);
    }
    let peers = world.peers.get_or_init(|| peers);
    wait_until_known(&server, PEERS)?;
    for (number, peer) in peers.iter().enumerate() {
        for payer in 0..PAYERS {
            let dice = Dice::new(seed ^ (((number * PAYERS + payer) as u64 + 1) << 32));
            runtime.spawn(peer.clone().pay(world.clone(), dice));
        }
    }
    let mut dice = Dice::new(seed);
    let mut faults = Faults::default();
    let mut takeovers = Takeovers::default();
    let mut killed = 0;
    while killed < kills {
        world
            .some_run_out
            .store(dice.below(20) == 0, Ordering::Release);
        world.is_open.store(true, Ordering::Release);
        // Sometimes again and again, while it still looks what there was.
        loop {
            std::thread::sleep(Duration::from_micros(dice.below(150_000)));
            killed += 1;
            if processes == 1 || dice.below(8) == 0 {
                (0..processes).for_each(|number| server.kill(number));
                disk::check(&server, peers, &mut faults)?;
            } else {
                kill_one(&mut server, &mut dice, &mut takeovers, &mut faults);
            }
            server.restart()?;
            if killed >= kills || dice.below(4) > 0 {
                break;
            }
        }
        std::thread::sleep(Duration::from_micros(dice.below(50_000)));
        world.is_open.store(false, Ordering::Release);
        come_to_rest(&world, peers, &mut faults);
        compare(&server, peers, &mut faults)?;
        if processes > 1 {
            disk::check_at_rest(&server, peers, &mut faults)?;
        }
        if faults.count() > 20 {
            eprintln!("too much goes wrong; stopping");
            break;
        }
    }
    let count = |counter: &AtomicU64| counter.load(Ordering::Acquire);
    let ends = peers.iter().fold([0; 3], |mut sum, peer| {
        let ends = peer.ends();
        sum.iter_mut().zip(ends).for_each(|(sum, end)| *sum += end);
        sum
    });
    println!(
        "kills {killed}, payments {} (fulfilled {}, rejected {}, run out {}), calls said again {}",
        count(&world.payments),
        ends[0],
        ends[1],
        ends[2],
        count(&world.repeats),
    );
    if processes > 1 {
        let Takeovers {
            count,
            longest,
            sum,
        } = takeovers;
        let middle = sum.as_millis() / u128::from(count.max(1));
        let longest = longest.as_millis();
        println!(
            "{processes} processes, {count} times another one led, {middle} ms after the kill on average, {longest} ms at most"
        );
    }
    println!(
        "lost {}, doubled {}, disagreements {}",
        faults.lost.len(),
        faults.doubled.len(),
        faults.disagreements.len()
    );
    for (kind, found) in [
        ("lost", &faults.lost),
        ("doubled", &faults.doubled),
        ("disagreement", &faults.disagreements),
    ] {
        found.iter().for_each(|fault| println!("{kind}: {fault}"));
    }
    Ok(faults.count() == 0)
}

/// Kills one process, mostly the one that leads, and waits until another does: the payments go on meanwhile.
fn kill_one(server: &mut Server, dice: &mut Dice, takeovers: &mut Takeovers, faults: &mut Faults) {
    let leading = server.leading();
    let count = server.addresses().len() as u64;
    let any = usize::try_from(dice.below(count)).unwrap_or(0);
    let victim = leading.filter(|_| dice.below(4) > 0).unwrap_or(any);
    server.kill(victim);
    if leading != Some(victim) {
        return;
    }
    let began = Instant::now();
    while server.leading().is_none() {
        if began.elapsed() > MOST_TAKEOVER {
            let text = format!("no other process led after {MOST_TAKEOVER:?}");
            faults.disagreements.push(text);
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let took = began.elapsed();
    takeovers.count += 1;
    takeovers.sum += took;
    takeovers.longest = takeovers.longest.max(took);
    // It has some time to itself before the first is back.
    std::thread::sleep(Duration::from_micros(dice.below(100_000)));
}

/// Waits until the server has reached so many peers.
pub fn wait_until_known(server: &Server, number: usize) -> Result<(), Failure> {
    let began = Instant::now();
    loop {
        let peers = server.admin("GET", "/peers", &Value::Null)?.to_string();
        if peers.matches("\"checked\"").count() == number {
            return Ok(());
        }
        if began.elapsed() > MOST_START {
            return Err(Failure::new("the server does not reach its peers"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until every payment has ended on both sides, and everybody was told.
pub fn come_to_rest(world: &World, peers: &[Arc<Peer>], faults: &mut Faults) {
    let began = Instant::now();
    loop {
        let open: Vec<String> = peers.iter().filter_map(|peer| peer.open()).collect();
        if open.is_empty() && world.paying.load(Ordering::Acquire) == 0 {
            return;
        }
        if began.elapsed() > MOST_REST {
            for what in open {
                let text = format!("after {MOST_REST:?} not at rest: {what}");
                faults.disagreements.push(text);
            }
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Both sides of each ledger must agree.
pub fn compare(server: &Server, peers: &[Arc<Peer>], faults: &mut Faults) -> Result<(), Failure> {
    for peer in peers {
        // What the server says to us last may still be under way.
        let began = Instant::now();
        loop {
            let path = format!("/peers/{}", peer.line.prefix);
            let view = server.admin("GET", &path, &Value::Null)?;
            let theirs: i128 = view["balance"]
                .as_str()
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| Failure::new(format!("{path} tells no balance")))?;
            let ours = peer.balance();
            if theirs == -ours {
                break;
            }
            if began.elapsed() > Duration::from_secs(3) {
                let name = &peer.line.prefix;
                let text = format!("{name}: the server says {theirs}, the peer {ours}");
                faults.disagreements.push(text);
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    for peer in peers {
        faults.disagreements.extend(peer.take_complaints());
    }
    Ok(())
}
