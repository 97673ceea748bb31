//! Opening what the reader offers: by button, paste, drop or link. A worker reads it.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast as _, JsValue};
use yew::prelude::*;

use crate::book::Book;
use crate::feed::{Feed, FeedAction};
use crate::open::Wrong;
use crate::worker::{Ask, Beside, Told};

/// After how many milliseconds a watched link is asked again.
const AGAIN: u32 = 5_000;

/// What is offered.
#[derive(Clone, Debug, PartialEq)]
pub enum Offer {
    /// A text.
    Text {
        /// What to call it.
        name: Rc<str>,
        /// It.
        text: Rc<str>,
    },
    /// A file.
    File(web_sys::File),
    /// A link, which is asked again and again where it is watched.
    Link {
        /// The whole address.
        url: Rc<str>,
        /// Whether it is asked again.
        watch: bool,
    },
    /// To stop what is being read.
    Cancel,
    /// The example.
    Example,
    /// Another moment of the recording that is open.
    Seek(usize),
    /// Back to the connector behind the page.
    Close,
}

/// Takes in offers, wherever in the page they are made.
#[hook]
pub fn use_opener(feed: &UseReducerHandle<Feed>) -> Callback<Offer> {
    let feed = feed.dispatcher();
    let work = use_mut_ref(Work::default);
    let offer = use_callback((), move |offer: Offer, ()| Work::take(&work, &feed, offer));
    let offered = offer.clone();
    use_effect_with((), move |()| {
        let listeners = listen(&offered);
        move || drop(listeners)
    });
    offer
}

#[derive(Default)]
struct Work {
    beside: Option<Beside>,
    again: Option<Timeout>,
}

impl Work {
    fn take(this: &Rc<RefCell<Work>>, feed: &UseReducerDispatcher<Feed>, offer: Offer) {
        match offer {
            Offer::Text { name, text } => {
                let parts = js_sys::Array::of1(&JsValue::from_str(&text));
                match web_sys::Blob::new_with_str_sequence(&parts) {
                    Ok(blob) => Self::begin(
                        this,
                        feed,
                        &name,
                        None,
                        &move |now| Ask::Open { now },
                        Some(&blob),
                    ),
                    Err(_) => feed.dispatch(refused(
                        "The browser has no room for this text. Save it as a file and open that.",
                    )),
                }
            }
            Offer::File(file) => {
                Self::begin(
                    this,
                    feed,
                    &file.name(),
                    None,
                    &move |now| Ask::Open { now },
                    Some(&file),
                );
            }
            Offer::Link { url, watch } => {
                let asked = url.to_string();
                let again = watch.then(|| Offer::Link {
                    url: url.clone(),
                    watch,
                });
                Self::begin(
                    this,
                    feed,
                    &url,
                    again,
                    &move |now| Ask::Fetch {
                        url: asked.clone(),
                        now,
                    },
                    None,
                );
            }
            Offer::Cancel => {
                *this.borrow_mut() = Work::default();
                feed.dispatch(FeedAction::Cancel);
            }
            Offer::Example => {
                *this.borrow_mut() = Work::default();
                feed.dispatch(FeedAction::Example {
                    now: js_sys::Date::now(),
                });
            }
            Offer::Close => {
                *this.borrow_mut() = Work::default();
                feed.dispatch(FeedAction::Close);
            }
            Offer::Seek(frame) => {
                if let Some(beside) = &this.borrow().beside {
                    beside.ask(&Ask::Seek { frame }, None);
                }
            }
        }
    }

    /// Has a worker of its own read something: it keeps a recording that it read.
    fn begin(
        this: &Rc<RefCell<Work>>,
        feed: &UseReducerDispatcher<Feed>,
        name: &str,
        again: Option<Offer>,
        ask: &dyn Fn(u64) -> Ask,
        file: Option<&JsValue>,
    ) {
        feed.dispatch(FeedAction::Opening { name: name.into() });
        let heard = {
            let (this, feed) = (Rc::downgrade(this), feed.clone());
            move |told: Told, book: Option<Book>| {
                let done = matches!(told, Told::Opened(_) | Told::Wrong(_));
                hear(&feed, told, book);
                if let (true, Some(again), Some(this)) = (done, &again, this.upgrade()) {
                    let (again, feed, next) = (again.clone(), feed.clone(), this.clone());
                    let timer = Timeout::new(AGAIN, move || Work::take(&next, &feed, again));
                    this.borrow_mut().again = Some(timer);
                }
            }
        };
        let beside = Beside::start(heard);
        match &beside {
            Some(beside) => beside.ask(&ask(now()), file),
            None => feed.dispatch(refused("This browser starts no workers, which read files here. Open the page with a newer one.")),
        }
        *this.borrow_mut() = Work {
            beside,
            again: None,
        };
    }
}

fn hear(feed: &UseReducerDispatcher<Feed>, told: Told, book: Option<Book>) {
    match (told, book) {
        (Told::Progress(progress), _) => feed.dispatch(FeedAction::Progress(progress)),
        (Told::Wrong(wrong), _) => feed.dispatch(FeedAction::Refused(wrong)),
        (Told::Opened(report), Some(book)) => feed.dispatch(FeedAction::Opened {
            book: Rc::new(book),
            report: Rc::from(report),
            now: js_sys::Date::now(),
        }),
        (Told::Moment { .. }, Some(book)) => feed.dispatch(FeedAction::Moment(Rc::new(book))),
        // Nobody asked it to play.
        (Told::Lab(..), _) => {}
        (Told::Opened(_) | Told::Moment { .. }, None) => {
            feed.dispatch(refused(
                "What was read did not arrive whole. Reload the page and open it again.",
            ));
        }
    }
}

/// The browser's time in whole milliseconds. It is positive and far below 2^53.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn now() -> u64 {
    js_sys::Date::now() as u64
}

fn refused(message: &str) -> FeedAction {
    FeedAction::Refused(Wrong {
        message: message.to_owned(),
        faults: Vec::new(),
    })
}

/// Files that are dropped anywhere, and texts that are pasted where no field takes them.
fn listen(offer: &Callback<Offer>) -> Vec<EventListener> {
    let Some(window) = web_sys::window() else {
        return Vec::new();
    };
    let active = EventListenerOptions::enable_prevent_default();
    let over = EventListener::new_with_options(&window, "dragover", active, |event| {
        event.prevent_default()
    });
    let dropped = offer.clone();
    let drop = EventListener::new_with_options(&window, "drop", active, move |event| {
        event.prevent_default();
        let transfer = event
            .dyn_ref::<web_sys::DragEvent>()
            .and_then(web_sys::DragEvent::data_transfer);
        let Some(transfer) = transfer else { return };
        if let Some(file) = transfer.files().and_then(|files| files.get(0)) {
            dropped.emit(Offer::File(file));
        } else if let Ok(text) = transfer.get_data("text")
            && !text.is_empty()
        {
            dropped.emit(Offer::Text {
                name: "Dropped".into(),
                text: text.into(),
            });
        }
    });
    let pasted = offer.clone();
    let paste = EventListener::new(&window, "paste", move |event| {
        let in_field = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA"));
        let text = event
            .dyn_ref::<web_sys::ClipboardEvent>()
            .and_then(web_sys::ClipboardEvent::clipboard_data)
            .and_then(|data| data.get_data("text").ok());
        if let (false, Some(text)) = (in_field, text)
            && is_ours(&text)
        {
            pasted.emit(Offer::Text {
                name: "Pasted".into(),
                text: text.into(),
            });
        }
    });
    vec![over, drop, paste]
}

/// Whether a text that is pasted beside all fields may be meant for the viewer.
fn is_ours(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}
