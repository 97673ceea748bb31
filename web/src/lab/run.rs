//! Between the page's state and the workers: what is to be sent is sent, what comes back is handed in.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::state::Supposing;
use super::{Action, Order, Reply, State};
use crate::app::Offer;
use crate::worker::{Ask, Beside, Told};

/// What is said where no worker runs.
const NO_WORKER: &str = "The worker that plays networks does not run. Reload the page; if it stays so, your browser may be too old.";

/// The lab's state, which stays while one is in other rooms; the routes of a connector go to `offer`.
#[hook]
pub fn use_lab(offer: &Callback<Offer>) -> UseReducerHandle<State> {
    let state = use_reducer(State::default);
    let player = use_mut_ref(|| None::<Beside>);
    {
        let (told, offer) = (state.dispatcher(), offer.clone());
        use_effect_with(state.out.clone(), move |out| {
            let timer = out.clone().map(|out| {
                Timeout::new(out.after, move || {
                    let mut player = player.borrow_mut();
                    if player.is_none() {
                        *player = start(&told, &offer);
                    }
                    told.dispatch(Action::Sent(out.serial));
                    match player.as_ref() {
                        Some(player) => player.ask(&Ask::Lab(out.serial, out.order.write()), None),
                        None => told.dispatch(Action::Failed(NO_WORKER.into())),
                    }
                })
            });
            move || drop(timer)
        });
    }
    {
        // A supposition has a worker of its own, which ends with it.
        let told = state.dispatcher();
        let question = match &state.supposing {
            Supposing::Asked(question, _) => Some(question.clone()),
            _ => None,
        };
        use_effect_with(question, move |question| {
            let beside = question.as_ref().and_then(|question| {
                let hear = told.clone();
                let beside = Beside::start(move |answer, _| match answer {
                    Told::Lab(_, reply) => {
                        if let Some(reply) = Reply::read(&reply) {
                            hear.dispatch(Action::Supposed(reply));
                        }
                    }
                    Told::Wrong(wrong) => {
                        hear.dispatch(Action::Supposed(Reply::Wrong(wrong.message)))
                    }
                    _ => {}
                });
                match &beside {
                    Some(beside) => {
                        let order = Order::Suppose((**question).clone());
                        beside.ask(&Ask::Lab(0, order.write()), None);
                    }
                    None => told.dispatch(Action::Supposed(Reply::Wrong(NO_WORKER.to_owned()))),
                }
                beside
            });
            move || drop(beside)
        });
    }
    state
}

fn start(told: &UseReducerDispatcher<State>, offer: &Callback<Offer>) -> Option<Beside> {
    let (told, offer) = (told.clone(), offer.clone());
    Beside::start(move |answer, _| match answer {
        Told::Lab(serial, reply) => {
            let Some(reply) = Reply::read(&reply) else {
                return;
            };
            if let Reply::Routes { name, json } = &reply {
                open(&offer, name, json);
            }
            told.dispatch(Action::Heard(serial, reply));
        }
        Told::Wrong(wrong) => told.dispatch(Action::Failed(wrong.message.into())),
        _ => {}
    })
}

/// Opens the routes of a connector in the other rooms.
fn open(offer: &Callback<Offer>, name: &str, json: &str) {
    offer.emit(Offer::Text {
        name: Rc::from(name),
        text: Rc::from(json),
    });
    if let Some(window) = web_sys::window() {
        // An address of the page's own is never refused.
        let _ = window.location().set_hash("/routes");
    }
}
