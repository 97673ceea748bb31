//! Who wants to be found: a list of hosts, each of which is asked live for its record.

mod list;

use std::rc::Rc;

use c2c::webfinger::{Host, Record};
use futures::StreamExt as _;
use futures::stream;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

pub use list::{Entry, List};

use crate::client::{self, Missed, Token};
use crate::page::{Notice, Tone};
use crate::wizard::{Lookup, Problem, missed_problem, read_record};

/// How many hosts are asked at once.
const AT_ONCE: usize = 4;

/// What is known of one host.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// It is asked, or will be.
    Asking,
    /// It publishes this, and took so many milliseconds to say so.
    Found(Rc<Record>, f64),
    /// It cannot be used, for this reason.
    Unusable(Problem),
}

/// What the page knows.
#[derive(Clone, Debug, PartialEq)]
enum Directory {
    /// The list is not here yet.
    Loading,
    /// There is none, or none that can be read.
    None(AttrValue),
    /// It is here.
    Read(Rc<List>),
}

/// One thing that was learnt.
enum Learnt {
    /// All hosts are to be asked.
    Begin(usize),
    /// What one of them said.
    Host(usize, Seen),
}

#[derive(Clone, Default, PartialEq)]
struct Answers(Vec<Seen>);

impl Reducible for Answers {
    type Action = Learnt;
    fn reduce(self: Rc<Self>, learnt: Learnt) -> Rc<Self> {
        match learnt {
            Learnt::Begin(count) => Rc::new(Self(vec![Seen::Asking; count])),
            Learnt::Host(index, seen) => {
                let mut answers = self.0.clone();
                if let Some(answer) = answers.get_mut(index) {
                    *answer = seen;
                }
                Rc::new(Self(answers))
            }
        }
    }
}

/// Properties of [`Hosts`].
#[derive(Properties, PartialEq)]
pub struct HostsProps {
    /// Where a connector stands behind the page: its token, for asking it to look a host up.
    pub connector: Option<Token>,
}

/// The room.
#[function_component(Hosts)]
pub fn hosts(props: &HostsProps) -> Html {
    let directory = use_state_eq(|| Directory::Loading);
    let answers = use_reducer_eq(Answers::default);
    let round = use_state_eq(|| 0u32);
    {
        let (directory, answers) = (directory.setter(), answers.dispatcher());
        let connector = props.connector.clone();
        use_effect_with((*round, props.connector.is_some()), move |_| {
            spawn_local(look(directory, answers, connector))
        });
    }
    let again = {
        let round = round.clone();
        Callback::from(move |_: MouseEvent| round.set(*round + 1))
    };
    let body = match &*directory {
        Directory::Loading => html! { <p class="notice" role="status">{"Loading the list…"}</p> },
        Directory::None(why) => html! {
            <Notice tone={Tone::Careful} testid="directory-none">
                <p>{ why.clone() }</p>
                <p>{"A list is a file named directory.json beside this page, such as {\"hosts\": [\"wallet1.com\"]}. A server lists itself with listed = true."}</p>
            </Notice>
        },
        Directory::Read(list) if list.entries.is_empty() => html! {
            <Notice tone={Tone::Plain} testid="directory-empty">
                <p>{"Nobody is listed yet. Put host names into directory.json beside this page, or set listed = true in your server's configuration."}</p>
            </Notice>
        },
        Directory::Read(list) => table(list, &answers.0),
    };
    let asked = answers.0.iter().filter(|seen| **seen != Seen::Asking);
    html! {
        <main class="room" id="room">
            <header class="room-head">
                <h1>{"Directory"}</h1>
                <p class="lead">{"Operators who want to be found. Each host is asked now, from here; what it says of itself is in the row, and so is the reason where it cannot be used."}</p>
                <div class="row">
                    <button type="button" onclick={again} data-testid="directory-again">{"Ask again"}</button>
                    if !answers.0.is_empty() {
                        <span class="hint" role="status" data-testid="directory-count">{ format!("{} of {} have answered.", asked.count(), answers.0.len()) }</span>
                    }
                </div>
            </header>
            { body }
        </main>
    }
}

fn table(list: &List, answers: &[Seen]) -> Html {
    html! {
        <section class="card" aria-label="Hosts">
            <div class="scroll" tabindex="0" role="region" aria-label="Hosts that are listed">
                <table class="hosts">
                    <thead><tr>
                        <th scope="col">{"Host"}</th><th scope="col">{"Version"}</th><th scope="col">{"Key"}</th>
                        <th scope="col">{"Currencies"}</th><th scope="col" class="number-cell">{"Answer"}</th><th scope="col"><span class="unseen">{"Peer"}</span></th>
                    </tr></thead>
                    <tbody>
                        { for list.entries.iter().enumerate().map(|(index, entry)| row(entry, answers.get(index))) }
                    </tbody>
                </table>
            </div>
            if list.left_out > 0 {
                <p class="hint">{ format!("{} more are listed than are asked.", list.left_out) }</p>
            }
        </section>
    }
}

fn row(entry: &Entry, seen: Option<&Seen>) -> Html {
    let problem = match (&entry.host, seen) {
        (Err(problem), _) | (_, Some(Seen::Unusable(problem))) => Some(problem),
        _ => None,
    };
    let name = entry
        .host
        .as_ref()
        .map_or_else(|_| entry.text.clone(), ToString::to_string);
    if let Some(problem) = problem {
        return html! {
            <tr data-testid="host-row" data-host={name.clone()} data-code={problem.code.to_string()}>
                <th scope="row">{ name }</th>
                <td colspan="5" class="wrong">{ problem.message.to_string() }{" "}<code class="code">{ problem.code.to_string() }</code></td>
            </tr>
        };
    }
    let Some(Seen::Found(record, took)) = seen else {
        return html! {
            <tr data-testid="host-row" data-host={name.clone()}><th scope="row">{ name }</th><td colspan="5" class="quiet-text">{"Asking…"}</td></tr>
        };
    };
    let key = record.public_key.to_string();
    let short: String = key.chars().take(12).collect();
    let currencies = match entry.currencies.as_slice() {
        [] => "not told".to_owned(),
        codes => codes.join(", "),
    };
    let target = entry.host.as_ref().map_or_else(
        |_| String::new(),
        |host| match host.is_plain_http() {
            true => host.base_url(),
            false => host.to_string(),
        },
    );
    html! {
        <tr data-testid="host-row" data-host={name.clone()}>
            <th scope="row">
                { record.title.clone().unwrap_or_else(|| name.clone()) }
                <span class="under">{ name.clone() }</span>
            </th>
            <td>{ record.protocol_version.clone().unwrap_or_else(|| "not told".into()) }</td>
            <td><code title={key}>{ format!("{short}…") }</code></td>
            <td>{ currencies }</td>
            <td class="number-cell">{ format!("{took:.0} ms") }</td>
            <td><a href={format!("#/peer?host={target}")} aria-label={format!("Peer with {name}")}>{"Peer"}</a></td>
        </tr>
    }
}

/// Loads the list, and asks each host of it.
async fn look(
    directory: UseStateSetter<Directory>,
    answers: UseReducerDispatcher<Answers>,
    connector: Option<Token>,
) {
    directory.set(Directory::Loading);
    let list = match client::directory().await {
        Ok(bytes) => List::read(&bytes),
        Err(missing) => return directory.set(Directory::None(missing.to_string().into())),
    };
    let Some(list) = list else {
        return directory.set(Directory::None(
            "The list here cannot be read: it is no JSON with hosts.".into(),
        ));
    };
    let hosts: Vec<(usize, Host)> = list
        .entries
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| Some((index, entry.host.clone().ok()?)))
        .collect();
    answers.dispatch(Learnt::Begin(list.entries.len()));
    for (index, entry) in list.entries.iter().enumerate() {
        if let Err(problem) = &entry.host {
            answers.dispatch(Learnt::Host(index, Seen::Unusable(problem.clone())));
        }
    }
    directory.set(Directory::Read(Rc::new(list)));
    let asking = hosts.into_iter().map(|(index, host)| {
        let (answers, connector) = (answers.clone(), connector.clone());
        async move {
            let seen = ask(&host, connector).await;
            answers.dispatch(Learnt::Host(index, seen));
        }
    });
    stream::iter(asking)
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<()>>()
        .await;
}

/// What one host says of itself.
async fn ask(host: &Host, connector: Option<Token>) -> Seen {
    let begun = js_sys::Date::now();
    let answer = match (client::record(host).await, connector) {
        (Err(missed @ (Missed::Cors | Missed::Unreachable)), Some(token)) => {
            client::lookup(host, &token, missed).await
        }
        (answer, _) => answer.map(|fetched| fetched.bytes),
    };
    let took = js_sys::Date::now() - begun;
    match answer {
        Err(missed) => Seen::Unusable(missed_problem(host, missed)),
        Ok(bytes) => match read_record(host.clone(), &bytes, crate::wizard::How::Fetched) {
            Lookup::Found { record, .. } => Seen::Found(record, took),
            Lookup::Failed { problem, .. } => Seen::Unusable(problem),
            // A record that was read is one or the other.
            Lookup::Idle | Lookup::Asking(_) => Seen::Asking,
        },
    }
}
