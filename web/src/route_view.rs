//! The routes of a connector: the table, and for one destination the curves of every candidate next
//! hop, the merged curve coloured by winner, and why.
//!
//! [`State`] is what the reader set, a pure function of what they did. `layout` turns a snapshot into
//! rows and plots, `verdict` says who carries an amount and why nobody else, `view` draws.

mod layout;
mod verdict;
mod view;
mod what_if;

use std::collections::BTreeMap;
use std::rc::Rc;

use yew::Reducible;

pub use layout::{Candidate, Detail, Names, Row, Selection, row};
pub use verdict::{Judgement, Verdict};
pub use view::{Routes, empty};
pub use what_if::{Change, Kept, WhatIf};

use crate::book::{Column, Order};
use crate::curve_view::Spread;
use crate::share::Shared;
use crate::unit::{self, Unit};

/// What the chart tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shows {
    /// What comes out.
    #[default]
    Amounts,
    /// What comes out for each one that goes in.
    Rates,
    /// Basis points below the best.
    Below,
}

/// Which amount the reader gives; the other follows from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Given {
    /// What is sent.
    #[default]
    Sent,
    /// What must be received.
    Received,
}

/// What the reader set in the room of routes.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The text in the search field.
    pub search: Rc<str>,
    /// Which amount is given.
    pub given: Given,
    /// The amount as typed; none: a fitting one is proposed.
    pub amount: Option<Rc<str>>,
    /// The source amount under the pointer or the keyboard's cross-hair.
    pub looked: Option<u64>,
    /// What the chart tells.
    pub shows: Shows,
    /// The source amounts that the chart shows; none: all.
    pub zoom: Option<(u64, u64)>,
    /// What if: next hops left out, and what is taken off.
    pub what_if: WhatIf,
    /// The next hop that is being changed there, until the reader lets go of it.
    pub moved: Option<Rc<str>>,
    /// How the amounts are spread, once the reader chose.
    pub spread: Option<Spread>,
    /// Whether the table has the window for itself, with all its columns.
    pub full: bool,
    /// What the table is sorted by.
    pub order: Order,
    /// What a link asked for, until its route is there.
    pub restore: Option<Shared>,
    /// The route that is shown until the reader chooses one.
    pub suggested: Option<Selection>,
    /// What one base unit of a ledger is worth, where the reader said so: routes do not tell.
    pub units: Rc<BTreeMap<String, Unit>>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            search: "".into(),
            given: Given::Sent,
            amount: None,
            looked: None,
            shows: Shows::default(),
            zoom: None,
            what_if: WhatIf::default(),
            moved: None,
            spread: None,
            full: false,
            order: Order::default(),
            restore: None,
            suggested: None,
            units: Rc::default(),
        }
    }
}

/// What the reader does in the room of routes.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Types in the search field.
    Search(String),
    /// Says which amount is given.
    Give(Given),
    /// Types an amount.
    Amount(String),
    /// Points at a source amount, or no longer.
    Look(Option<u64>),
    /// Chooses a source amount on the chart, whose unit this is.
    Pin(u64, Option<Unit>),
    /// Asks for amounts, rates or basis points.
    Shows(Shows),
    /// Comes closer, or shows all.
    Zoom(Option<(u64, u64)>),
    /// Asks what if.
    WhatIf(WhatIf),
    /// The same while one next hop is being changed.
    Moved(WhatIf, Rc<str>),
    /// Asks for another spread.
    Spread(Spread),
    /// Wants all columns, or the curves beside.
    Full(bool),
    /// Presses the head of a column.
    Sort(Column),
    /// A link asks for this.
    Restore(Shared),
    /// Opens another route: what was set for the last one is forgotten.
    Opened,
    /// Routes are here: this one is worth a look.
    Suggest(Selection),
    /// Says what one base unit of a ledger is worth.
    Name(String, Unit),
}

impl State {
    /// The state after `action`.
    pub fn after(&self, action: Action) -> State {
        let mut state = self.clone();
        match action {
            Action::Search(text) => state.search = text.into(),
            Action::Give(given) => {
                state.given = given;
                state.amount = None;
            }
            Action::Amount(text) => state.amount = Some(text.into()),
            Action::Look(at) => state.looked = at,
            Action::Pin(at, unit) => {
                state.given = Given::Sent;
                state.amount = Some(plain(at, unit.as_ref()).into());
            }
            Action::Shows(shows) => state.shows = shows,
            Action::Zoom(zoom) => state.zoom = zoom,
            Action::WhatIf(what_if) => (state.what_if, state.moved) = (what_if, None),
            Action::Moved(what_if, hop) => (state.what_if, state.moved) = (what_if, Some(hop)),
            Action::Spread(spread) => {
                state.spread = Some(spread);
                state.zoom = None;
            }
            Action::Full(full) => state.full = full,
            Action::Sort(column) => state.order = state.order.pressed(column),
            Action::Restore(shared) => {
                let mut units = (*state.units).clone();
                units.extend(shared.units.iter().cloned());
                state.units = Rc::new(units);
                state.restore = Some(shared);
            }
            Action::Opened if state.restore.is_some() => {
                if let Some(shared) = state.restore.take() {
                    state.given = shared.given;
                    state.amount = shared.amount.map(Into::into);
                    state.shows = shared.shows;
                    state.spread = shared.spread;
                    state.zoom = shared.zoom;
                }
            }
            Action::Opened => {
                state = State {
                    search: state.search,
                    shows: state.shows,
                    full: state.full,
                    order: state.order,
                    suggested: state.suggested,
                    units: state.units,
                    ..State::default()
                }
            }
            Action::Suggest(selection) => state.suggested = Some(selection),
            Action::Name(ledger, unit) => {
                let mut units = (*state.units).clone();
                units.insert(ledger, unit);
                state.units = Rc::new(units);
            }
        }
        state
    }
}

impl Reducible for State {
    type Action = Action;
    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(self.after(action))
    }
}

/// An amount as it stands in a field: without groups.
fn plain(amount: u64, unit: Option<&Unit>) -> String {
    let text = unit.map_or_else(|| unit::units(amount), |unit| unit.number(amount));
    text.replace(',', "")
}

#[cfg(test)]
mod tests;
