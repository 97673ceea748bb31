//! One of the two hosts: what was typed, and the record that it publishes.

use std::rc::Rc;

use c2c::webfinger::{Host, Record};

use super::Problem;
use crate::client::Missed;

/// How a record came into the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The browser fetched it.
    Fetched,
    /// The connector behind the page fetched it.
    LookedUp,
    /// The reader pasted it.
    Pasted,
}

/// The state of looking up one host's record.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Lookup {
    /// Nobody asked yet.
    #[default]
    Idle,
    /// A request is under way.
    Asking(Host),
    /// The record is here and sound.
    Found {
        /// Whose it is.
        host: Host,
        /// What it says.
        record: Rc<Record>,
        /// How it came.
        how: How,
    },
    /// There is no usable record.
    Failed {
        /// Who was asked.
        host: Host,
        /// Why.
        problem: Problem,
    },
}

impl Lookup {
    /// The host that was asked.
    pub fn host(&self) -> Option<&Host> {
        match self {
            Self::Idle => None,
            Self::Asking(host) | Self::Found { host, .. } | Self::Failed { host, .. } => Some(host),
        }
    }

    /// The record, where there is one.
    pub fn record(&self) -> Option<(&Host, &Rc<Record>)> {
        match self {
            Self::Found { host, record, .. } => Some((host, record)),
            _ => None,
        }
    }
}

/// Which of the two hosts something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The reader's own host.
    Mine,
    /// The peer's.
    Theirs,
}

/// A host as typed, and its record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Party {
    /// The text in the field.
    pub text: Rc<str>,
    /// Whether the reader has left the field, so that it may be judged.
    pub left: bool,
    /// The record.
    pub lookup: Lookup,
    /// Whether the box for pasting a record is open.
    pub pasting: bool,
}

impl Party {
    /// The host, once the text is one.
    pub fn host(&self) -> Option<Host> {
        Host::parse(&self.text).ok()
    }

    /// What was left off the text to get to the host, for a note under the field.
    pub fn stripped(&self) -> Option<String> {
        let input = Host::read(&self.text).ok()?;
        let scheme = input.scheme.as_ref().map(|scheme| format!("{scheme}://"));
        let left_off: Vec<String> = scheme.into_iter().chain(input.rest.clone()).collect();
        (!left_off.is_empty()).then(|| {
            format!(
                "Read as {}; left off {}.",
                input.host,
                left_off.join(" and ")
            )
        })
    }
}

/// What the bytes of a record come to.
pub fn read_record(host: Host, bytes: &[u8], how: How) -> Lookup {
    // Plain HTTP calls pass only where host and call both stay on this machine; `parse` sees to it.
    match Record::parse(bytes, &host, true) {
        Ok(record) => Lookup::Found {
            host,
            record: Rc::new(record),
            how,
        },
        Err(fault) => Lookup::Failed {
            problem: Problem::new(fault.code(), &fault).with_hint(fault.hint()),
            host,
        },
    }
}

/// Why there is no record, for the reader.
pub fn missed_problem(host: &Host, missed: Missed) -> Problem {
    match missed {
        Missed::Unreachable => Problem::new(
            "WF_UNREACHABLE",
            format!("No answer from {host}. Check spelling and that the host is up, then retry."),
        ),
        Missed::Cors => Problem::new(
            "WF_CORS",
            format!(
                "{host} is up but blocks browsers. Use your server's lookup, or open the record and paste it."
            ),
        ),
        Missed::Status(status) => Problem::new(
            "WF_STATUS",
            format!(
                "{host} answered {status} to WebFinger. Ask its operator to route /.well-known/webfinger to the connector."
            ),
        ),
        Missed::Told(error) => Problem {
            code: error.id.into(),
            message: error.message.into(),
            hint: error.hint.map(Rc::from),
        },
    }
}
