//! A slow-loris and a flood of strangers against the server, while one peer goes on paying: how long its transfers
//! take, with and without them.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use c2c::key::SecretKey;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::calls::Line;
use crate::failure::Failure;
use crate::hosts::Server;
use crate::played::{add_to_server, answer_all};

/// Within how long ninety-nine of a hundred transfers must be answered.
const MOST_P99: Duration = Duration::from_millis(50);
/// How far apart the peer's transfers are.
const PACE: Duration = Duration::from_millis(4);
/// How many strangers send a request byte by byte.
const SLOW: u16 = 1_500;
/// How many ask again as soon as they are answered.
const FAST: u16 = 48;
/// How many connect, say nothing and go, again and again.
const FLEETING: u16 = 4;
/// Fewer connections than strangers who want one, so that room must be made.
const CONNECTIONS: u16 = 1_000;

/// What the strangers got.
#[derive(Default)]
struct Strangers {
    is_over: AtomicBool,
    answered: AtomicU64,
    refused: AtomicU64,
    connected: AtomicU64,
}

/// Times of the peer's transfers.
struct Times(Vec<Duration>);

/// Measures for `seconds` without strangers and then for as long with them. Whether the peer was served in time.
pub fn run(program: &str, seconds: u64) -> Result<bool, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(Failure::of("runtime"))?;
    let key = SecretKey::from_seed(b"the peer that goes on paying");
    let answers = runtime.block_on(answer_all(&key))?;
    // A proxy that there is not: so addresses of loopback are counted like all others.
    let limits = format!(
        "[limits]\ntrusted_proxy = \"127.9.9.9\"\nconnections = {CONNECTIONS}\nconnections_per_address = 64"
    );
    let server = Server::start(program, "attack", &limits)?;
    let line = add_to_server(&server, answers, 0)?;
    let time = Duration::from_secs(seconds);
    // It has its connection before the strangers come, as peers have.
    let mut stream = connect_peer(&line)?;
    let quiet = pay(&mut stream, &line, 1, time)?;

    let strangers = Arc::new(Strangers::default());
    for number in 0..SLOW {
        runtime.spawn(creep(server.address, number, strangers.clone()));
    }
    for number in 0..FAST {
        runtime.spawn(ask(server.address, number, strangers.clone()));
    }
    for number in 0..FLEETING {
        runtime.spawn(knock(server.address, number, strangers.clone()));
    }
    std::thread::sleep(Duration::from_secs(1));
    let attacked = pay(&mut stream, &line, 2, time);
    strangers.is_over.store(true, Ordering::Release);
    let attacked = attacked?;
    let balance = server.admin("GET", &format!("/peers/{}", line.prefix), &Value::Null)?;
    let count = |counter: &AtomicU64| counter.load(Ordering::Acquire);
    println!(
        "strangers: {} connections, {} answers, {} of them refused",
        count(&strangers.connected),
        count(&strangers.answered),
        count(&strangers.refused)
    );
    for (name, times) in [("alone", &quiet), ("attacked", &attacked)] {
        println!(
            "peer {name}: {} transfers, p50 {:?}, p99 {:?}, longest {:?}",
            times.0.len(),
            times.share(50),
            times.share(99),
            times.share(100)
        );
    }
    let owed = balance["balance"].as_str().unwrap_or_default();
    let paid = (quiet.0.len() + attacked.0.len()).to_string();
    if owed != paid {
        println!("the server says that {owed} units are on hold or paid; the peer sent {paid}");
        return Ok(false);
    }
    let in_time = attacked.share(99) < MOST_P99;
    let some_refused = count(&strangers.refused) > 0;
    println!(
        "p99 below {MOST_P99:?}: {}",
        if in_time { "yes" } else { "NO" }
    );
    Ok(in_time && some_refused)
}

impl Times {
    /// How long that share of a hundred took at most.
    fn share(&self, of_hundred: usize) -> Duration {
        let at = (self.0.len() * of_hundred / 100).min(self.0.len().saturating_sub(1));
        self.0.get(at).copied().unwrap_or_default()
    }
}

fn connect_peer(line: &Line) -> Result<std::net::TcpStream, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("the paying peer: {error}"));
    let stream = std::net::TcpStream::connect(line.server).map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .map_err(failed)?;
    Ok(stream)
}

/// Sends transfers on one connection, as a peer does.
fn pay(
    stream: &mut std::net::TcpStream,
    line: &Line,
    run: u16,
    time: Duration,
) -> Result<Times, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("the paying peer: {error}"));
    let mut call = line.transfer(run)?;
    let mut took = Vec::new();
    let began = Instant::now();
    let mut answer = vec![0; 4096];
    while began.elapsed() < time {
        let since = Instant::now();
        stream.write_all(call.bytes()).map_err(failed)?;
        let mut filled = 0;
        loop {
            let count = stream.read(&mut answer[filled..]).map_err(failed)?;
            filled += count;
            let text = &answer[..filled];
            if text.ends_with(b"true") && text.starts_with(b"HTTP/1.1 200") {
                break;
            }
            if count == 0 || !text.starts_with(b"HTTP/1.1 200") {
                let text = String::from_utf8_lossy(text);
                return Err(Failure::new(format!("the paying peer heard {text}")));
            }
        }
        took.push(since.elapsed());
        std::thread::sleep(PACE);
    }
    took.sort_unstable();
    Ok(Times(took))
}

/// One byte of a head a second, and a new connection when that was closed.
async fn creep(server: SocketAddr, number: u16, strangers: Arc<Strangers>) {
    let head = b"POST /rpc?method=send_transfer&prefix=peer.n0000.usd.9. HTTP/1.1\r\nhost: x\r\n\
        content-length: 4000\r\nx-slow: ";
    while !strangers.is_over.load(Ordering::Acquire) {
        let Some(mut stream) = connect(server, number, &strangers).await else {
            continue;
        };
        for byte in head.iter().chain(std::iter::repeat(&b'a')) {
            tokio::time::sleep(Duration::from_millis(900)).await;
            let is_over = strangers.is_over.load(Ordering::Acquire);
            if is_over || stream.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
    }
}

/// Asks what costs a server something, as fast as it answers, with a token that is none.
async fn ask(server: SocketAddr, number: u16, strangers: Arc<Strangers>) {
    let request: &[u8] = match number % 3 {
        0 => b"GET /.well-known/webfinger?resource=https://x.example HTTP/1.1\r\nhost: x\r\n\r\n",
        1 => {
            b"POST /rpc?method=send_transfer&prefix=peer.n0000.usd.9. HTTP/1.1\r\nhost: x\r\n\
              authorization: Bearer no-token-of-anybody\r\ncontent-length: 2\r\n\r\n[]"
        }
        _ => b"GET /api/v1/snapshot HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer x\r\n\r\n",
    };
    let mut answer = vec![0; 4096];
    while !strangers.is_over.load(Ordering::Acquire) {
        let Some(mut stream) = connect(server, number % 16, &strangers).await else {
            continue;
        };
        while !strangers.is_over.load(Ordering::Acquire) {
            if stream.write_all(request).await.is_err() {
                break;
            }
            match stream.read(&mut answer).await {
                Ok(count @ 1..) => {
                    strangers.answered.fetch_add(1, Ordering::Relaxed);
                    let is_refused = [&b"HTTP/1.1 429"[..], b"HTTP/1.1 503"]
                        .iter()
                        .any(|status| answer[..count].starts_with(status));
                    if is_refused {
                        strangers.refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
                _ => break,
            }
        }
    }
}

/// Connects and goes.
async fn knock(server: SocketAddr, number: u16, strangers: Arc<Strangers>) {
    while !strangers.is_over.load(Ordering::Acquire) {
        drop(connect(server, number, &strangers).await);
    }
}

/// From one of many addresses of loopback, none of which is the peer's.
async fn connect(server: SocketAddr, number: u16, strangers: &Strangers) -> Option<TcpStream> {
    let [high, low] = number.to_be_bytes();
    let from = IpAddr::V4(Ipv4Addr::new(127, 1, high + 1, low));
    let connected = async {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(from, 0))?;
        socket.connect(server).await
    };
    match connected.await {
        Ok(stream) => {
            strangers.connected.fetch_add(1, Ordering::Relaxed);
            Some(stream)
        }
        Err(error) => {
            // No place, or no port: strangers wait a little.
            if error.kind() != ErrorKind::ConnectionRefused {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            None
        }
    }
}
