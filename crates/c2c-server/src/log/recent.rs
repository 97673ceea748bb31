//! The last lines of the log.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many lines are kept.
const MOST_LINES: usize = 1_000;

/// How long a line may be that is kept whole.
const MOST_BYTES: usize = 2_000;

static RECENT: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// The last lines, the oldest first.
pub fn lines() -> Vec<String> {
    recent().iter().cloned().collect()
}

/// One line on its way to standard error.
#[derive(Default)]
pub struct Line(Vec<u8>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Written in one piece, so that the lines of several threads do not mix.
impl Drop for Line {
    fn drop(&mut self) {
        if self.0.is_empty() {
            return;
        }
        // A log that nobody takes must not end the server.
        let _ = io::stderr().write_all(&self.0);
        let text = &self.0[..self.0.len().min(MOST_BYTES)];
        let mut recent = recent();
        if recent.len() >= MOST_LINES {
            recent.pop_front();
        }
        recent.push_back(String::from_utf8_lossy(text).trim_end().to_owned());
    }
}

fn recent() -> MutexGuard<'static, VecDeque<String>> {
    // Nothing in here panics while the lock is held.
    RECENT.lock().unwrap_or_else(PoisonError::into_inner)
}
