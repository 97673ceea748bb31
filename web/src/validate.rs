//! Holding a text against the schemas, and asking the engine what it would keep of it. Pure; `view` draws
//! it.

mod view;

use c2c::message::HeardUpdate;
use c2c::schema::{Dialect, Document};
use serde::{Deserialize, Serialize};

pub use view::Validate;

use crate::open::{Acceptance, Kind, Refused, Wrong, accepted, update_in};

/// What comes of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What it is.
    pub kind: Kind,
    /// Its faults as the specification cites the format.
    pub cited: Vec<Refused>,
    /// Its faults as the format was deployed.
    pub deployed: Vec<Refused>,
    /// How many routes it tells, where it is right in one of them.
    pub routes: Option<usize>,
    /// What a connector would keep.
    pub acceptance: Option<Acceptance>,
}

/// Judges `bytes` at the time `now`, in milliseconds.
pub fn judge(bytes: &[u8], now: u64) -> Result<Verdict, Wrong> {
    let kind = Kind::of(bytes)?;
    let whole = update_in(bytes, kind)?;
    let document = Document::whole(&whole);
    let faults = |dialect| match HeardUpdate::read_strictly(document, dialect) {
        Ok(update) => (Vec::new(), Some(update.routes().len())),
        Err(faults) => (faults.iter().map(Refused::from).collect(), None),
    };
    let ((cited, cited_routes), (deployed, deployed_routes)) =
        (faults(Dialect::V17), faults(Dialect::V21));
    Ok(Verdict {
        kind,
        acceptance: accepted(bytes, kind, now),
        routes: deployed_routes.or(cited_routes),
        cited,
        deployed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_profile_names_its_own_faults() {
        let text = br#"{"new_routes":[{"source_ledger":"peer.a.usd.9.","destination_ledger":"g.x.","points":[[0,0],[5,4]],
            "min_message_window":1,"source_account":"peer.a.usd.9.bob"}],"hold_down_time":45000,"unreachable_through_me":[]}"#;
        let verdict = judge(text, 0).unwrap();
        assert_eq!(verdict.cited, []);
        assert_eq!(verdict.routes, Some(1));
        assert!(
            verdict.deployed[0]
                .place
                .starts_with("new_routes[0].points, line 1"),
            "{:?}",
            verdict.deployed
        );
        assert_eq!(verdict.acceptance.unwrap().kept, 1);
        assert!(
            judge(b"[[0,0],[1,1]]", 0)
                .unwrap_err()
                .message
                .contains("routing update")
        );
    }
}
