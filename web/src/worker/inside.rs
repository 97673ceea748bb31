//! In the worker: taking what is asked, and telling.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent, Response};

use super::{Ask, Told};
use crate::book::Book;
use crate::lab::{Order, Played, Reply};
use crate::open::{Progress, Recording, Wrong, open};

/// The most bytes of a link that are read.
const LONGEST: f64 = 256e6;

#[derive(Default)]
struct Kept {
    recording: Option<Recording>,
    lab: Played,
}

/// Serves the page, if this runs in a worker.
pub fn serve() -> bool {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
        return false;
    };
    let kept = Rc::new(RefCell::new(Kept::default()));
    let target = scope.clone();
    let listener = EventListener::new(&target, "message", move |event| {
        let Some(event) = event.dyn_ref::<MessageEvent>() else {
            return;
        };
        let parts = Array::from(&event.data());
        let ask = parts.get(0).as_string();
        let Some(ask) = ask.and_then(|text| serde_json::from_slice(text.as_bytes()).ok()) else {
            return;
        };
        spawn_local(answer(scope.clone(), kept.clone(), ask, parts.get(1)));
    });
    // The worker listens until it is ended.
    listener.forget();
    true
}

async fn answer(
    scope: DedicatedWorkerGlobalScope,
    kept: Rc<RefCell<Kept>>,
    ask: Ask,
    with: JsValue,
) {
    let told = match ask {
        Ask::Open { now } => match bytes_of(with).await {
            Ok(bytes) => read(&scope, &kept, &bytes, now),
            Err(wrong) => (Told::Wrong(wrong), None),
        },
        Ask::Fetch { url, now } => match fetched(&scope, &url).await {
            Ok(bytes) => read(&scope, &kept, &bytes, now),
            Err(wrong) => (Told::Wrong(wrong), None),
        },
        Ask::Lab(serial, order) => {
            let Some(order) = Order::read(&order) else {
                return;
            };
            let mut say = |reply: Reply| tell(&scope, &Told::Lab(serial, reply.write()), None);
            let reply = kept
                .borrow_mut()
                .lab
                .take(order, &js_sys::Date::now, &mut say);
            let Some(reply) = reply else { return };
            (Told::Lab(serial, reply.write()), None)
        }
        Ask::Seek { frame } => {
            let mut kept = kept.borrow_mut();
            let Some(book) = kept
                .recording
                .as_mut()
                .and_then(|recording| recording.book_at(frame))
            else {
                return;
            };
            (Told::Moment { frame }, Some(book))
        }
    };
    tell(&scope, &told.0, told.1.as_ref());
}

fn read(
    scope: &DedicatedWorkerGlobalScope,
    kept: &RefCell<Kept>,
    bytes: &[u8],
    now: u64,
) -> (Told, Option<Book>) {
    let mut last = f64::NEG_INFINITY;
    let mut say = |what: &str, done: usize, of: usize| {
        let now = js_sys::Date::now();
        if now - last >= 50.0 {
            last = now;
            let progress = Progress {
                what: what.to_owned(),
                done,
                of,
            };
            tell(scope, &Told::Progress(progress), None);
        }
    };
    match open(bytes, now, &mut say) {
        Ok(opened) => {
            kept.borrow_mut().recording = opened.recording;
            (Told::Opened(Box::new(opened.report)), Some(opened.book))
        }
        Err(wrong) => (Told::Wrong(wrong), None),
    }
}

async fn bytes_of(file: JsValue) -> Result<Vec<u8>, Wrong> {
    let wrong = || Wrong {
        message: "The browser does not hand this file out. It may have moved; open it again."
            .to_owned(),
        faults: Vec::new(),
    };
    let blob: Blob = file.dyn_into().map_err(|_| wrong())?;
    let buffer = JsFuture::from(blob.array_buffer())
        .await
        .map_err(|_| wrong())?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

async fn fetched(scope: &DedicatedWorkerGlobalScope, url: &str) -> Result<Vec<u8>, Wrong> {
    let wrong = |message: String| Wrong {
        message,
        faults: Vec::new(),
    };
    let no_answer = || {
        wrong(format!(
            "No answer from {url}. It may be down, or block other sites' pages; save the file and open that."
        ))
    };
    let progress = Progress {
        what: "Fetching".to_owned(),
        done: 0,
        of: 0,
    };
    tell(scope, &Told::Progress(progress), None);
    let response = JsFuture::from(scope.fetch_with_str(url))
        .await
        .map_err(|_| no_answer())?;
    let response: Response = response.dyn_into().map_err(|_| no_answer())?;
    if !response.ok() {
        return Err(wrong(format!(
            "{url} answered with status {}. Check the link.",
            response.status()
        )));
    }
    let length = response
        .headers()
        .get("content-length")
        .ok()
        .flatten()
        .and_then(|text| text.parse::<f64>().ok());
    if length.is_some_and(|length| length > LONGEST) {
        return Err(wrong(format!(
            "{url} is larger than 256 MB. Save a part of it and open that."
        )));
    }
    let buffer = JsFuture::from(response.array_buffer().map_err(|_| no_answer())?)
        .await
        .map_err(|_| no_answer())?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

fn tell(scope: &DedicatedWorkerGlobalScope, told: &Told, book: Option<&Book>) {
    // What is told has no member that JSON cannot write.
    let json = serde_json::to_string(told).unwrap_or_default();
    let message = Array::of1(&json.into());
    let handed = Array::new();
    if let Some(book) = book {
        let bytes = Uint8Array::from(book.pack().as_slice());
        handed.push(&bytes.buffer());
        message.push(&bytes);
    }
    // It fails where the page is gone, and then nobody waits.
    drop(scope.post_message_with_transfer(&message, &handed));
}
