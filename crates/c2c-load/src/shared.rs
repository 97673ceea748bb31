//! How many transfers a second are prepared and durable: on the embedded database, and on a PostgreSQL with one and
//! with several processes on one database, in turns.

use std::time::Duration;

use c2c::key::SecretKey;

use crate::calls::{Call, Line};
use crate::database::Database;
use crate::failure::Failure;
use crate::flood::{Taken, flood_all};
use crate::hosts::Server;
use crate::played::{add_to_server, answer_all};

/// How many processes there are on a PostgreSQL.
const PROCESSES: [usize; 3] = [1, 2, 4];
/// How many connections call at once.
const CONNECTIONS: [usize; 2] = [16, 64];
/// How often each is measured; the middle one counts.
const ROUNDS: usize = 3;
/// How long each time.
const TIME: Duration = Duration::from_millis(1_500);
/// How many peers call in turn.
const CALLING: usize = 64;

/// What is under load.
struct Target {
    name: String,
    server: Server,
    lines: Vec<Line>,
}

/// What one run took, and the microseconds of processor time for each call: of the process that leads, and of all.
struct Run {
    taken: Taken,
    leader_us: f64,
    all_us: f64,
}

/// Measures `program` on its own database and on the PostgreSQL at `postgres`, and prints a line of JSON for each.
pub fn measure(program: &str, postgres: &str) -> Result<(), Failure> {
    let key = SecretKey::from_seed(b"the played peer of the load");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(Failure::of("runtime"))?;
    let answers = runtime.block_on(answer_all(&key))?;
    let mut targets = Vec::new();
    let alone = Server::start(program, "store-sqlite", "")?;
    let mut kinds = vec![("sqlite x1".to_owned(), alone)];
    for processes in PROCESSES {
        let database = Database::new(postgres)?;
        let name = format!("store-postgres-{processes}");
        let server = Server::start_on(program, &name, "", Some(database), processes)?;
        kinds.push((format!("postgresql x{processes}"), server));
    }
    for (name, server) in kinds {
        let lines = (0..CALLING).map(|number| add_to_server(&server, answers, number));
        targets.push(Target {
            lines: lines.collect::<Result<_, Failure>>()?,
            name,
            server,
        });
    }
    let mut number = 0;
    for connections in CONNECTIONS {
        let mut found: Vec<Vec<Run>> = targets.iter().map(|_| Vec::new()).collect();
        // The first round warms up.
        for round in 0..=ROUNDS {
            for (target, found) in targets.iter().zip(&mut found) {
                number += 1;
                let run = target.run(number, connections)?;
                if round > 0 {
                    found.push(run);
                }
            }
        }
        for (target, found) in targets.iter().zip(&found) {
            let name = &target.name;
            println!(
                "{{\"name\":\"store: {name}, {connections} connections\",\"per_s\":{:.1},\"p50_us\":{:.1},\
                 \"p99_us\":{:.1},\"leader_cpu_us\":{:.1},\"all_cpu_us\":{:.1}}}",
                middle(found, |run| run.taken.per_second),
                middle(found, |run| run.taken.p50),
                middle(found, |run| run.taken.p99),
                middle(found, |run| run.leader_us),
                middle(found, |run| run.all_us),
            );
        }
    }
    Ok(())
}

impl Target {
    fn run(&self, number: u16, connections: usize) -> Result<Run, Failure> {
        let calls: Result<Vec<Call>, Failure> = self
            .lines
            .iter()
            .map(|line| line.transfer(number))
            .collect();
        let leads = self.server.leading().unwrap_or(0);
        let before = self.server.cpu_times()?;
        let taken = flood_all(&self.server.addresses(), &mut calls?, connections, TIME)?;
        let after = self.server.cpu_times()?;
        let each: Vec<f64> = after
            .iter()
            .zip(&before)
            .map(|(after, before)| after.saturating_sub(*before).as_secs_f64() * 1e6)
            .map(|micros| micros / f64::from(taken.answers.max(1)))
            .collect();
        Ok(Run {
            taken,
            leader_us: each.get(leads).copied().unwrap_or_default(),
            all_us: each.iter().sum(),
        })
    }
}

/// The middle of a figure.
fn middle(found: &[Run], figure: impl Fn(&Run) -> f64) -> f64 {
    let mut figures: Vec<f64> = found.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
