//! A thousand peers that broadcast and pay each other through the server for a long time: memory must be flat, both
//! sides of every ledger must agree, the log must stay short, and no secret may be found where it has no business.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use c2c::curve::Curve;
use c2c::message::{Call as MessageCall, Envelope, Parties, RouteRecord, RoutingUpdate};
use c2c::schema::{Dialect, Document};
use c2c::timestamp::Millis;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::crash::{Dice, Faults, Peer, World, come_to_rest, compare, wait_until_known};
use crate::failure::Failure;
use crate::hosts::Server;
use crate::secrets;

/// How many peers there are.
const PEERS: usize = 1_000;
/// How long each waits between two payments, at most; half of that on average.
const PAUSE: Duration = Duration::from_secs(30);
/// How often each tells its routes.
const BROADCAST: Duration = Duration::from_secs(30);
/// What is set for the server.
const ROUTING: &str =
    "max_hold_time_ms = 120000\nbroadcast_interval_ms = 30000\nroute_expiry_ms = 90000";
/// By how much more memory may be taken in the last quarter than in the second, of a hundred.
const MOST_GROWTH: u64 = 10;
/// The least growth that counts, in KiB: what the allocator keeps moves by that.
const LEAST_GROWTH: u64 = 8 << 10;
/// How many bytes a minute the log may grow, once all is under way.
const MOST_LOG: u64 = 64 << 10;

/// One look at the server.
#[derive(Clone, Copy)]
struct Look {
    resident_kib: u64,
    log: u64,
}

/// Runs for so many minutes. Whether all was well.
pub fn run(program: &str, minutes: u64, seed: u64) -> Result<bool, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(Failure::of("runtime"))?;
    let server = Server::start(program, "soak", ROUTING)?;
    let world = World::new(PAUSE);
    let mut peers = Vec::new();
    for number in 0..PEERS {
        peers.push(runtime.block_on(Peer::start(&server, &world, number))?);
    }
    let peers = world.peers.get_or_init(|| peers);
    wait_until_known(&server, PEERS)?;
    eprintln!("{PEERS} peers are known");
    for (number, peer) in peers.iter().enumerate() {
        let mut dice = Dice::new(seed ^ ((number as u64 + 1) << 32));
        let first = Duration::from_millis(dice.below(30_000));
        runtime.spawn(broadcast(peer.clone(), number, first));
        runtime.spawn(peer.clone().pay(world.clone(), dice));
    }
    world.is_open.store(true, Ordering::Release);
    let looks = watch(&server, &world, Duration::from_secs(minutes * 60))?;
    world.is_open.store(false, Ordering::Release);

    let mut faults = Faults::default();
    come_to_rest(&world, peers, &mut faults);
    compare(&server, peers, &mut faults)?;
    let found = secrets::search(&server, peers)?;
    let is_flat = memory(&looks);
    let is_short = log(&looks, minutes);
    let ends = peers.iter().fold([0; 3], |mut sum, peer| {
        let ends = peer.ends();
        sum.iter_mut().zip(ends).for_each(|(sum, end)| *sum += end);
        sum
    });
    println!(
        "payments {} (fulfilled {}, rejected {}, run out {}), disagreements {}",
        world.payments.load(Ordering::Acquire),
        ends[0],
        ends[1],
        ends[2],
        faults.disagreements.len()
    );
    faults
        .disagreements
        .iter()
        .for_each(|fault| println!("disagreement: {fault}"));
    Ok(is_flat && is_short && found && faults.count() == 0 && ends[0] > 0)
}

/// Looks at the server every few seconds.
fn watch(server: &Server, world: &World, time: Duration) -> Result<Vec<Look>, Failure> {
    let began = Instant::now();
    let mut looks = Vec::new();
    while began.elapsed() < time {
        std::thread::sleep(Duration::from_secs(5));
        let log = std::fs::metadata(server.folder.path("log")).map_err(Failure::of("log"))?;
        looks.push(Look {
            resident_kib: server.running.resident_kib()?,
            log: log.len(),
        });
        if looks.len() % 12 == 0
            && let Some(look) = looks.last()
        {
            eprintln!(
                "{:>4} s: {} MiB, {} payments, log {} KiB",
                began.elapsed().as_secs(),
                look.resident_kib >> 10,
                world.payments.load(Ordering::Acquire),
                look.log >> 10
            );
        }
    }
    Ok(looks)
}

/// The second quarter against the last one.
fn memory(looks: &[Look]) -> bool {
    let quarter = looks.len() / 4;
    let mean = |looks: &[Look]| {
        let sum: u64 = looks.iter().map(|look| look.resident_kib).sum();
        sum / (looks.len().max(1) as u64)
    };
    let before = mean(&looks[quarter..quarter * 2]);
    let after = mean(&looks[quarter * 3..]);
    let most = before + (before * MOST_GROWTH / 100).max(LEAST_GROWTH);
    let is_flat = after <= most;
    println!(
        "memory: {} MiB in the second quarter, {} MiB in the last: {}",
        before >> 10,
        after >> 10,
        if is_flat { "flat" } else { "GROWS" }
    );
    is_flat
}

fn log(looks: &[Look], minutes: u64) -> bool {
    let half = looks.get(looks.len() / 2).map_or(0, |look| look.log);
    let end = looks.last().map_or(0, |look| look.log);
    let is_short = (end - half) * 2 <= MOST_LOG * minutes;
    println!(
        "log: {} KiB, {} KiB of them in the second half: {}",
        end >> 10,
        (end - half) >> 10,
        if is_short { "bounded" } else { "TOO LONG" }
    );
    is_short
}

/// Tells one route of its own again and again, sometimes with another curve.
async fn broadcast(peer: Arc<Peer>, number: usize, first: Duration) {
    tokio::time::sleep(first).await;
    let mut round: u64 = 0;
    loop {
        round += 1;
        if let Some(body) = update(&peer, number, 1_000_000 + round / 10) {
            let bytes = peer.line.call("send_request", &body).bytes().to_vec();
            if let Err(error) = once(&peer, &bytes).await {
                eprintln!("a broadcast of {}: {error}", peer.line.prefix);
            }
        }
        tokio::time::sleep(BROADCAST).await;
    }
}

fn update(peer: &Peer, number: usize, most: u64) -> Option<String> {
    let line = &peer.line;
    let prefix = line.prefix.as_str().parse().ok()?;
    let route = RouteRecord {
        source_ledger: prefix,
        destination_ledger: format!("example.soak{number:04}.").parse().ok()?,
        points: Some(Ok(
            Curve::from_points([(0, 0), (most, most - most / 500)]).ok()?
        )),
        min_message_window: Millis(1_000),
        source_account: line.account.clone(),
        paths: Vec::new(),
    };
    let update = RoutingUpdate {
        new_routes: vec![route],
        hold_down_time: Millis(90_000),
        ..RoutingUpdate::default()
    };
    let written = update.write(Dialect::V21);
    let call = MessageCall::new("broadcast_routes", Document::whole(written.as_bytes()));
    let parties = Parties {
        ledger: &line.prefix,
        from: &line.account,
        to: &line.server_account,
    };
    let message = Envelope::new(parties).with_call(Dialect::V21, call);
    Some(format!("[{}]", message.write()))
}

/// What is answered must be a success.
async fn once(peer: &Peer, bytes: &[u8]) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(peer.line.server).await?;
    stream.write_all(bytes).await?;
    let mut answer = vec![0; 4096];
    let count = stream.read(&mut answer).await?;
    if answer[..count].starts_with(b"HTTP/1.1 200") {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&answer[..count]).into_owned();
    Err(std::io::Error::other(text))
}
