//! A live view stands still while the reader points at its chart or its rows, walks along them, or selects a
//! text: nothing changes under a pointer.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast as _;
use web_sys::Element;
use yew::prelude::*;

use crate::feed::{Feed, FeedAction};

/// How long after the last movement the reader is taken to look still, in milliseconds.
const LOOKS: u32 = 5_000;

/// Where a pointer or a key means something that must not move.
const WATCHED: &str = ".chart-frame, .rows, .candidates";

/// Tells the feed when it has to stand still.
#[hook]
pub fn use_still(feed: &UseReducerHandle<Feed>) {
    let told = feed.dispatcher();
    use_effect_with((), move |()| {
        let document = web_sys::window().and_then(|window| window.document());
        let looking = Rc::new(Looking::new(move |still| {
            told.dispatch(FeedAction::Still(still));
        }));
        let on = |name: &'static str, act: fn(&Rc<Looking>, &Event)| {
            let (document, looking) = (document.clone()?, looking.clone());
            Some(EventListener::new(&document, name, move |event| {
                act(&looking, event);
            }))
        };
        let listeners = [
            on("pointermove", |looking, event| {
                looking.at(is_watched(event))
            }),
            on("keydown", |looking, event| looking.at(is_watched(event))),
            on("selectionchange", |looking, _| {
                looking.selects(has_selection())
            }),
        ];
        move || drop(listeners)
    });
}

fn is_watched(event: &Event) -> bool {
    let element = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| matches!(element.closest(WATCHED), Ok(Some(_))))
}

fn has_selection() -> bool {
    let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
    selection.is_some_and(|selection| !selection.is_collapsed())
}

/// What the reader does, and who is told when that begins and ends.
struct Looking {
    told: Box<dyn Fn(bool)>,
    now: Cell<(bool, bool)>,
    ends: RefCell<Option<Timeout>>,
}

impl Looking {
    fn new(told: impl Fn(bool) + 'static) -> Self {
        Self {
            told: Box::new(told),
            now: Cell::default(),
            ends: RefCell::default(),
        }
    }

    /// The reader moves, over something that must not move or elsewhere.
    fn at(self: &Rc<Self>, watched: bool) {
        let looking = self.clone();
        // The timer before is given up with its place.
        self.ends.replace(watched.then(|| {
            Timeout::new(LOOKS, move || {
                let (_, selects) = looking.now.get();
                looking.turn((false, selects));
            })
        }));
        let (_, selects) = self.now.get();
        self.turn((watched, selects));
    }

    fn selects(&self, selects: bool) {
        let (points, _) = self.now.get();
        self.turn((points, selects));
    }

    fn turn(&self, now: (bool, bool)) {
        let before = self.now.replace(now);
        let still = |(points, selects): (bool, bool)| points || selects;
        if still(before) != still(now) {
            (self.told)(still(now));
        }
    }
}
