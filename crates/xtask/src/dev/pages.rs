//! The pages that are open: each holds a stream of events on loopback and loads itself again when it is told of
//! another build than its own, then says that it is shown.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::failure::Failure;
use crate::program;

/// How long a page may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known of the pages.
#[derive(Default)]
struct State {
    /// How often the site was built.
    builds: u64,
    /// When what was built last had been saved, until a page shows it.
    saved: Option<SystemTime>,
    /// The streams of events, one a page.
    streams: Vec<TcpStream>,
}

/// Who listens to the pages.
pub struct Pages {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Pages {
    /// Listens on a free port of this machine, beside the loop.
    pub fn listen() -> Result<Self, Failure> {
        let failure = Failure::file("127.0.0.1");
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failure)?;
        let address = listener.local_addr().map_err(Failure::file("127.0.0.1"))?;
        let state = Arc::new(Mutex::new(State::default()));
        let heard = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let heard = heard.clone();
                std::thread::spawn(move || {
                    // A page that goes away before it is answered has been answered well enough.
                    drop(answer(stream, &heard));
                });
            }
        });
        Ok(Self {
            port: address.port(),
            state,
        })
    }

    /// What a page of the next build runs.
    pub fn script(&self) -> String {
        let (port, build) = (self.port, locked(&self.state).builds + 1);
        format!(
            "// Loads the page again when it was built anew. Only in the site of `cargo xtask dev`.\n\
             const loop = 'http://127.0.0.1:{port}/';\n\
             const events = new EventSource(`${{loop}}events`);\n\
             events.onmessage = ({{ data }}) => data !== '{build}' && location.reload();\n\
             const look = () =>\n\
             \x20 document.getElementById('boot') ? setTimeout(look, 20) : fetch(`${{loop}}shown`, {{ method: 'POST', mode: 'no-cors' }});\n\
             look();\n"
        )
    }

    /// Tells every page that there is another build; where it is of something that was saved while they were open,
    /// when that was.
    pub fn load_again(&self, saved: Option<SystemTime>) {
        let mut state = locked(&self.state);
        state.builds += 1;
        state.saved = saved;
        let build = state.builds;
        state
            .streams
            .retain_mut(|stream| tell(stream, build).is_ok());
    }
}

/// The state, also after a thread broke down over it: it is whole after each change.
fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let wanted = lines.next().transpose()?.unwrap_or_default();
    // The rest of the head is read so that closing the connection does not cut the answer off.
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    if wanted.starts_with("POST /shown ") {
        let saved = locked(state).saved.take();
        if let Some(saved) = saved {
            let took = program::seconds(saved.elapsed().unwrap_or_default());
            eprintln!("  on the page {took} after it was saved");
        }
        return stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
    }
    if !wanted.starts_with("GET /events ") {
        return stream.write_all(
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        );
    }
    stream.write_all(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\n\
          access-control-allow-origin: *\r\n\r\nretry: 500\n\n",
    )?;
    let mut state = locked(state);
    tell(&mut stream, state.builds)?;
    state.streams.push(stream);
    Ok(())
}

fn tell(stream: &mut TcpStream, build: u64) -> std::io::Result<()> {
    stream.write_all(format!("data: {build}\n\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    fn ask(pages: &Pages, what: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", pages.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "{what} HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        stream
    }

    #[test]
    fn a_page_hears_of_its_build_and_of_the_next() {
        let pages = Pages::listen().unwrap();
        assert!(pages.script().contains("data !== '1'"));
        pages.load_again(Some(SystemTime::now()));
        let mut lines = BufReader::new(ask(&pages, "GET /events")).lines();
        let mut next = || loop {
            let line = lines.next().unwrap().unwrap();
            if let Some(build) = line.strip_prefix("data: ") {
                return build.to_owned();
            }
        };
        assert_eq!(next(), "1");
        assert!(pages.script().contains("data !== '2'"));
        // The stream is noted after the first line was sent.
        while locked(&pages.state).streams.is_empty() {
            std::thread::yield_now();
        }
        pages.load_again(Some(SystemTime::now()));
        assert_eq!(next(), "2");
        let mut answer = String::new();
        ask(&pages, "POST /shown")
            .read_to_string(&mut answer)
            .unwrap();
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
        assert_eq!(locked(&pages.state).saved, None);
        answer.clear();
        ask(&pages, "GET /else")
            .read_to_string(&mut answer)
            .unwrap();
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
}
