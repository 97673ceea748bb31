//! In the page: a worker of one's own.

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{Ask, Told};
use crate::book::Book;
use crate::open::Wrong;

/// How long the page draws between a book that came in and showing it, in milliseconds: either takes a frame.
const BREATH: u32 = 20;

/// A worker. It is ended, whatever it does, when this is dropped.
pub struct Beside {
    worker: Worker,
    /// Whether what it told is still wanted.
    wanted: Rc<Cell<bool>>,
    _listeners: [EventListener; 2],
}

impl Beside {
    /// Starts a worker; `on_told` hears what it tells, with the book that came with it.
    pub fn start(on_told: impl Fn(Told, Option<Book>) + Clone + 'static) -> Option<Beside> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options("worker.js", &options).ok()?;
        let hear = on_told.clone();
        let wanted = Rc::new(Cell::new(true));
        let still = wanted.clone();
        let told = EventListener::new(&worker, "message", move |event| {
            let Some(event) = event.dyn_ref::<MessageEvent>() else {
                return;
            };
            let parts = Array::from(&event.data());
            let told = parts
                .get(0)
                .as_string()
                .and_then(|text| serde_json::from_slice(text.as_bytes()).ok());
            let book = parts.get(1).dyn_into::<Uint8Array>().ok();
            let book = book.and_then(|bytes| Book::unpack(&bytes.to_vec()));
            match (told, book) {
                (None, _) => {}
                (Some(told), None) => hear(told, None),
                (Some(told), Some(book)) => {
                    let (hear, still) = (hear.clone(), still.clone());
                    let later = Timeout::new(BREATH, move || {
                        if still.get() {
                            hear(told, Some(book));
                        }
                    });
                    later.forget();
                }
            }
        });
        let failed = EventListener::new(&worker, "error", move |_| {
            let message = "The part of this page that reads files did not start. Reload the page; if it stays so, your browser may be too old.".to_owned();
            on_told(
                Told::Wrong(Wrong {
                    message,
                    faults: Vec::new(),
                }),
                None,
            );
        });
        Some(Beside {
            worker,
            wanted,
            _listeners: [told, failed],
        })
    }

    /// Asks the worker for something, with a file where it needs one.
    pub fn ask(&self, ask: &Ask, file: Option<&JsValue>) {
        // What is asked has no member that JSON cannot write.
        let json = serde_json::to_string(ask).unwrap_or_default();
        let message = Array::of1(&json.into());
        if let Some(file) = file {
            message.push(file);
        }
        // Texts and files can always be posted.
        drop(self.worker.post_message(&message));
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.wanted.set(false);
        self.worker.terminate();
    }
}
