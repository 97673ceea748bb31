//! The load: many connections on one thread, each with one request under way, and what it took.
//!
//! It must cost less than any server that it measures. So requests are bytes made before, answers are only
//! looked at as far as their length, and nothing is waited for but the sockets.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::calls::Call;
use crate::failure::Failure;

/// How long nothing may come before the run counts as stuck.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a run of load took.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// How many answers came.
    pub answers: u32,
    /// Answers a second.
    pub per_second: f64,
    /// Half of the answers came within so many microseconds.
    pub p50: f64,
    /// Ninety-nine of a hundred did.
    pub p99: f64,
}

/// Makes `calls`, one after the other and from the start again, over so many connections for so long.
pub fn flood(
    address: SocketAddr,
    calls: &mut [Call],
    connections: usize,
    time: Duration,
) -> Result<Taken, Failure> {
    flood_all(&[address], calls, connections, time)
}

/// The same, where the connections go to several addresses in turn.
pub fn flood_all(
    addresses: &[SocketAddr],
    calls: &mut [Call],
    connections: usize,
    time: Duration,
) -> Result<Taken, Failure> {
    let address = addresses[0];
    let failed = |error: std::io::Error| Failure::new(format!("load on {address}: {error}"));
    let mut poll = Poll::new().map_err(failed)?;
    let mut lines = Vec::with_capacity(connections);
    for number in 0..connections {
        // Connected before it is watched, so that the first request can be written at once.
        let address = addresses[number % addresses.len()];
        let stream = std::net::TcpStream::connect(address).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        stream.set_nonblocking(true).map_err(failed)?;
        let mut stream = TcpStream::from_std(stream);
        poll.registry()
            .register(&mut stream, Token(number), Interest::READABLE)
            .map_err(failed)?;
        lines.push(Line {
            stream,
            read: vec![0; 16 << 10],
            filled: 0,
            since: Instant::now(),
        });
    }
    let mut next = 0;
    let mut send = |line: &mut Line| -> Result<(), Failure> {
        let count = calls.len();
        let call = &mut calls[next % count];
        next += 1;
        line.send(call.bytes()).map_err(failed)
    };
    for line in &mut lines {
        send(line)?;
    }
    let began = Instant::now();
    let mut took = Vec::with_capacity(1 << 18);
    let mut expected = None;
    let mut open = connections;
    let mut events = Events::with_capacity(connections.max(16));
    while open > 0 {
        poll.poll(&mut events, Some(PATIENCE)).map_err(failed)?;
        if events.is_empty() {
            return Err(Failure::new(format!("{address} answers no more")));
        }
        for event in &events {
            let line = &mut lines[event.token().0];
            let Some(body) = line.receive().map_err(failed)? else {
                continue;
            };
            let now = Instant::now();
            took.push(now.duration_since(line.since));
            // All answers of a run are alike, so that one that is not must be a refusal.
            if *expected.get_or_insert(body) != body {
                return Err(Failure::new(format!(
                    "{address} answered otherwise: {}",
                    String::from_utf8_lossy(&line.read[..line.filled.max(body)])
                )));
            }
            line.filled = 0;
            if now.duration_since(began) < time {
                send(line)?;
            } else {
                open -= 1;
            }
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    took.sort_unstable();
    let micros = |share: usize| {
        let at = (took.len() * share / 100).min(took.len().saturating_sub(1));
        took.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    };
    let count = u32::try_from(took.len()).map_err(Failure::of("answers"))?;
    Ok(Taken {
        answers: count,
        per_second: f64::from(count) / seconds,
        p50: micros(50),
        p99: micros(99),
    })
}

/// One connection.
struct Line {
    stream: TcpStream,
    read: Vec<u8>,
    filled: usize,
    since: Instant,
}

impl Line {
    fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.since = Instant::now();
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.stream.write(rest) {
                Ok(written) => rest = &rest[written..],
                // A request is far shorter than what a socket takes at once.
                Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what is there. The length of the body once the answer is whole; an error where its status is
    /// not 200.
    fn receive(&mut self) -> std::io::Result<Option<usize>> {
        loop {
            match self.stream.read(&mut self.read[self.filled..]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    self.filled += count;
                    if let Some(body) = whole(&self.read[..self.filled])? {
                        return Ok(Some(body));
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}

/// How long the body of an answer is, if all of it is here.
fn whole(answer: &[u8]) -> std::io::Result<Option<usize>> {
    const END: &[u8] = b"\r\n\r\n";
    let Some(head) = answer.windows(END.len()).position(|bytes| bytes == END) else {
        return Ok(None);
    };
    let (head, body) = answer.split_at(head + END.len());
    if head.get(9..12) != Some(b"200") {
        let text = String::from_utf8_lossy(answer).into_owned();
        return Err(std::io::Error::other(text));
    }
    let length = head
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.split_at_checked(15))
        .find(|(name, _)| name.eq_ignore_ascii_case(b"content-length:"))
        .and_then(|(_, value)| {
            std::str::from_utf8(value)
                .ok()?
                .trim()
                .parse::<usize>()
                .ok()
        });
    Ok(match length {
        Some(length) => (body.len() >= length).then_some(length),
        // In pieces, of which the last is empty.
        None => body.ends_with(b"\r\n0\r\n\r\n").then_some(body.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is_here() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\"0\"";
        assert_eq!(whole(answer).unwrap(), Some(3));
        for end in 0..answer.len() {
            assert_eq!(whole(&answer[..end]).unwrap(), None, "{end}");
        }
        let pieces =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\"0\"\r\n0\r\n\r\n";
        assert_eq!(whole(pieces).unwrap(), Some(13));
        assert_eq!(whole(&pieces[..pieces.len() - 2]).unwrap(), None);
        assert!(whole(b"HTTP/1.1 422 Unprocessable\r\ncontent-length: 2\r\n\r\n{}").is_err());
    }
}
