//! The connector's stream of events, read by fetch: an `EventSource` could not carry the admin token.

use std::cell::Cell;
use std::rc::Rc;

use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, AbortSignal, ReadableStreamDefaultReader};

use super::{Token, to_connector};

/// How long the stream may say nothing, in milliseconds: the connector sends a sign of life every 15 s.
const SILENCE: u32 = 40_000;

/// The stream, open until dropped or until the connector ends it.
pub struct Watch {
    abort: AbortController,
    is_open: Rc<Cell<bool>>,
}

impl Watch {
    /// Opens the stream; `on_event` is called for whatever happens.
    pub fn open(token: &Token, mut on_event: impl FnMut() + 'static) -> Option<Watch> {
        let abort = AbortController::new().ok()?;
        let is_open = Rc::new(Cell::new(true));
        let (token, signal, open) = (token.clone(), abort.signal(), is_open.clone());
        spawn_local(async move {
            // However it ended: whoever watches opens another one.
            drop(read(&token, &signal, &mut on_event).await);
            open.set(false);
        });
        Some(Watch { abort, is_open })
    }

    /// Whether it still tells something.
    pub fn is_open(&self) -> bool {
        self.is_open.get()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

async fn read(
    token: &Token,
    signal: &AbortSignal,
    on_event: &mut impl FnMut(),
) -> Result<(), JsValue> {
    let request = to_connector("events", token)
        .header("Accept", "text/event-stream")
        .abort_signal(Some(signal))
        .build()
        .map_err(|error| JsValue::from_str(&error.to_string()))?;
    let response = request
        .send()
        .await
        .map_err(|error| JsValue::from_str(&error.to_string()))?;
    let Some(body) = response.body().filter(|_| response.status() == 200) else {
        return Ok(());
    };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut lines = Lines::default();
    loop {
        let next = std::pin::pin!(JsFuture::from(reader.read()));
        let chunk = match select(next, TimeoutFuture::new(SILENCE)).await {
            Either::Left((chunk, _)) => chunk?,
            Either::Right(_) => return Ok(()),
        };
        if Reflect::get(&chunk, &JsValue::from_str("done"))?.is_truthy() {
            return Ok(());
        }
        let bytes = Uint8Array::new(&Reflect::get(&chunk, &JsValue::from_str("value"))?);
        if lines.hear(&bytes.to_vec()) > 0 {
            on_event();
        }
    }
}

/// Where one is in a text of server-sent events. Only how many there are is of interest: whoever hears of
/// one asks for all that is shown.
#[derive(Debug, Default)]
struct Lines {
    /// Whether something of the line at hand was heard.
    begun: bool,
    /// Whether that line belongs to an event: a comment begins with a colon.
    is_field: bool,
    /// Whether the event at hand has a line already.
    pending: bool,
}

impl Lines {
    /// Takes the next bytes; answers how many events ended in them.
    fn hear(&mut self, bytes: &[u8]) -> usize {
        let mut events = 0;
        for byte in bytes {
            match byte {
                b'\n' if self.begun => {
                    self.pending |= self.is_field;
                    self.begun = false;
                }
                b'\n' => events += usize::from(std::mem::take(&mut self.pending)),
                b'\r' => {}
                byte if !self.begun => {
                    self.begun = true;
                    self.is_field = *byte != b':';
                }
                _ => {}
            }
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_however_they_are_cut() {
        let text = b":\n\nevent: peer_added\ndata: {}\n\n: still here\n\nevent: missed\r\ndata: 3\r\n\r\ndata: ";
        assert_eq!(Lines::default().hear(text), 2);
        for cut in 0..text.len() {
            let mut lines = Lines::default();
            let heard = lines.hear(&text[..cut]) + lines.hear(&text[cut..]);
            assert_eq!(heard, 2, "cut at {cut}");
        }
        assert_eq!(Lines::default().hear(b"\n\n:\n\n\n"), 0);
    }
}
