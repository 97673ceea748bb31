//! How many calls a second: our server, a connector of 2017 and a bare HTTP server, in turns.

use std::process::Command;
use std::time::{Duration, Instant};

use c2c::key::SecretKey;

use crate::calls::{Call, Line};
use crate::failure::Failure;
use crate::flood::{Taken, flood};
use crate::hosts::{Printing, Running, Server};
use crate::played::{add_to_kit, add_to_server, answer_all};

/// How many connections call at once.
const CONNECTIONS: [usize; 3] = [1, 16, 64];
/// How often each is measured; the middle one counts.
const ROUNDS: usize = 3;
/// How long each time.
const TIME: Duration = Duration::from_millis(700);
/// How long before the first.
const WARM_UP: Duration = Duration::from_millis(500);
/// How many peers of our server call in turn: one alone would be told that it says too much.
const CALLING: usize = 64;
/// How many peers the server has whose memory is looked at.
const MANY: usize = 1_000;

/// How long they may take to be added and reached.
const MOST_START: Duration = Duration::from_secs(120);

/// The work that is measured.
#[derive(Clone, Copy)]
enum Work {
    Balance,
    Heartbeat,
    Quote,
    Transfer,
}

const WORKS: [(Work, &str); 4] = [
    (Work::Balance, "get_balance"),
    (Work::Heartbeat, "heartbeat"),
    (Work::Quote, "quote by source amount"),
    (Work::Transfer, "send_transfer"),
];

impl Work {
    /// The calls that are made in turn, for one run of load.
    fn calls(self, lines: &[Line], own: &str, run: u16) -> Result<Vec<Call>, Failure> {
        let destination = format!("{own}bob");
        let call = |line: &Line| match self {
            Self::Balance => Ok(line.get_balance()),
            Self::Heartbeat => Ok(line.heartbeat()),
            Self::Quote => line.quote(&destination),
            Self::Transfer => line.transfer(run),
        };
        lines.iter().map(call).collect()
    }
}

/// What is under load.
struct Target<'a> {
    name: &'static str,
    running: &'a Running,
    lines: Vec<Line>,
    /// Its own ledger.
    own: &'static str,
}

/// What the row about memory is called.
const MEMORY: &str = "memory";

/// Measures `server`, a program, and `kit`, a script for Node, and prints a line of JSON for each work whose name
/// contains `filter`.
pub fn measure(server: &str, kit: &str, filter: &str) -> Result<(), Failure> {
    let key = SecretKey::from_seed(b"the played peer of the load");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(Failure::of("runtime"))?;
    let answers = runtime.block_on(answer_all(&key))?;
    let ours = Server::start(server, "rate", "")?;
    let lines: Result<Vec<Line>, Failure> = (0..CALLING)
        .map(|number| add_to_server(&ours, answers, number))
        .collect();
    let lines = lines?;
    let theirs = start_kit(kit)?;
    let bare = start_bare()?;
    let to_bare = lines.iter().cloned().map(|line| Line {
        server: bare.address,
        ..line
    });
    let targets = [
        Target {
            name: "bare",
            running: &bare.running,
            lines: to_bare.collect(),
            own: "example.ours.",
        },
        Target {
            name: "ours",
            running: &ours.running,
            lines,
            own: "example.ours.",
        },
        Target {
            name: "theirs",
            running: &theirs.running,
            lines: vec![add_to_kit(theirs.address, &key, answers)?],
            own: "example.theirs.",
        },
    ];
    wait_for_quotes(&targets)?;
    rates(&targets, filter)?;
    drop(targets);
    drop((ours, theirs, bare));
    match MEMORY.contains(filter) {
        true => memory(server, &runtime, &key),
        false => Ok(()),
    }
}

fn start_kit(script: &str) -> Result<Printing, Failure> {
    let address = crate::hosts::free_address()?;
    let options = serde_json::json!({
        "port": address.port(),
        "ledger": "example.theirs.",
        "settings": { "ROUTE_BROADCAST_INTERVAL": "30000", "ROUTE_EXPIRY": "45000" },
    });
    let mut node = Command::new("node");
    node.args(["--unhandled-rejections=warn", script, &options.to_string()]);
    Printing::start(node, |line| line.contains("listening").then_some(address))
}

fn start_bare() -> Result<Printing, Failure> {
    let program = std::env::current_exe().map_err(Failure::of("our own program"))?;
    let mut command = Command::new(program);
    command.arg("bare");
    Printing::start(command, |line| line.trim().parse().ok())
}

/// Until our server has asked its peers for their limits there is nothing to quote.
fn wait_for_quotes(targets: &[Target<'_>]) -> Result<(), Failure> {
    let began = Instant::now();
    for target in targets.iter().filter(|target| target.name != "bare") {
        for line in &target.lines {
            let alone = std::slice::from_ref(line);
            loop {
                let address = line.server;
                let mut calls = Work::Quote.calls(alone, target.own, 0)?;
                let answer = once(address, &mut calls[0])?;
                // A quote packet is type 5, which in base64 begins so; an error is type 8.
                if answer.contains("\"ilp\":\"BQ") {
                    break;
                }
                if began.elapsed() > Duration::from_secs(20) {
                    return Err(Failure::new(format!(
                        "{} does not quote: {answer}",
                        target.name
                    )));
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
    Ok(())
}

/// One call and the text of its answer.
fn once(address: std::net::SocketAddr, call: &mut Call) -> Result<String, Failure> {
    use std::io::{Read as _, Write as _};
    let failed = Failure::of("a call");
    let mut stream = std::net::TcpStream::connect(address).map_err(&failed)?;
    stream.write_all(call.bytes()).map_err(&failed)?;
    let mut answer = vec![0; 16 << 10];
    let count = stream.read(&mut answer).map_err(&failed)?;
    Ok(String::from_utf8_lossy(&answer[..count]).into_owned())
}

fn rates(targets: &[Target<'_>], filter: &str) -> Result<(), Failure> {
    let mut run = 0;
    for (work, name) in WORKS.into_iter().filter(|(_, name)| name.contains(filter)) {
        for target in targets {
            run += 1;
            let mut calls = work.calls(&target.lines, target.own, run)?;
            flood(target.lines[0].server, &mut calls, 16, WARM_UP)?;
        }
        for connections in CONNECTIONS {
            let mut found: Vec<Vec<(Taken, f64)>> = vec![Vec::new(); targets.len()];
            for _ in 0..ROUNDS {
                for (target, found) in targets.iter().zip(&mut found) {
                    run += 1;
                    let mut calls = work.calls(&target.lines, target.own, run)?;
                    let address = target.lines[0].server;
                    let before = target.running.cpu_time()?;
                    let taken = flood(address, &mut calls, connections, TIME)?;
                    let cpu = target.running.cpu_time()?.saturating_sub(before);
                    let each = cpu.as_secs_f64() * 1e6 / f64::from(taken.answers.max(1));
                    found.push((taken, each));
                }
            }
            let mut line = format!("{{\"name\":\"load: {name} x{connections}\"");
            for (target, found) in targets.iter().zip(&found) {
                let of = target.name;
                for (figure, value) in [
                    ("per_s", middle(found, |(taken, _)| taken.per_second)),
                    ("p50_us", middle(found, |(taken, _)| taken.p50)),
                    ("p99_us", middle(found, |(taken, _)| taken.p99)),
                    ("cpu_us", middle(found, |(_, cpu)| *cpu)),
                ] {
                    line += &format!(",\"{of}_{figure}\":{value:.1}");
                }
            }
            println!("{line}}}");
        }
    }
    Ok(())
}

/// The middle of a figure.
fn middle<T>(found: &[T], figure: impl Fn(&T) -> f64) -> f64 {
    let mut figures: Vec<f64> = found.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// What our server takes with many peers, each of which knows it and was told everything.
fn memory(
    program: &str,
    runtime: &tokio::runtime::Runtime,
    key: &SecretKey,
) -> Result<(), Failure> {
    let answers = runtime.block_on(answer_all(key))?;
    let server = Server::start(program, "memory", "")?;
    let alone = server.running.resident_kib()?;
    let began = Instant::now();
    let mut lines = Vec::with_capacity(MANY);
    for number in 0..MANY {
        lines.push(add_to_server(&server, answers, number)?);
        if began.elapsed() > MOST_START {
            return Err(Failure::new(format!(
                "only {number} of {MANY} peers could be added in two minutes"
            )));
        }
    }
    let added = began.elapsed();
    loop {
        let peers = server.admin("GET", "/peers", &serde_json::Value::Null)?;
        let text = peers.to_string();
        let checked = text.matches("\"checked\"").count();
        if checked == MANY {
            break;
        }
        if began.elapsed() > MOST_START {
            return Err(Failure::new(format!(
                "only {checked} of {MANY} peers were reached in two minutes"
            )));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let reached = began.elapsed();
    let mut calls = Work::Quote.calls(&lines, "example.ours.", 0)?;
    let quotes = flood(server.address, &mut calls, 16, TIME)?;
    let mut most = 0;
    for _ in 0..10 {
        most = most.max(server.running.resident_kib()?);
        std::thread::sleep(Duration::from_millis(300));
    }
    let mib = |kib: u64| format!("{}.{}", kib / 1024, kib % 1024 * 10 / 1024);
    println!(
        "{{\"name\":\"load: {MEMORY} with {MANY} peers\",\"rss_mib\":{},\"alone_mib\":{},\
         \"added_ms\":{},\"reached_ms\":{},\"quotes_per_s\":{:.0}}}",
        mib(most),
        mib(alone),
        added.as_millis(),
        reached.as_millis(),
        quotes.per_second
    );
    Ok(())
}
