//! What a connector that hears an update would keep of it, and why not the rest: asked of the engine
//! itself.

use std::collections::BTreeMap;

use c2c::address::{IlpAddress, LedgerPrefix};
use c2c::broadcast::{Incoming, IncomingSettings};
use c2c::curve::Curve;
use c2c::message::HeardUpdate;
use c2c::schema::{Dialect, Document};
use c2c::table::{LocalPair, Settings, Tables};
use c2c::timestamp::{Millis, Timestamp};
use serde::{Deserialize, Serialize};

use super::update::Told;
use super::{LISTED, Refused};

/// What of an update is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Who is taken for its sender.
    pub sender: String,
    /// Over which ledger it is taken to have come.
    pub ledger: String,
    /// How many routes are kept.
    pub kept: usize,
    /// How many are dropped.
    pub dropped: usize,
    /// How many for which reason.
    pub reasons: BTreeMap<String, usize>,
    /// Each of them, the first ones of very many.
    pub list: Vec<Refused>,
}

impl Acceptance {
    /// Lets the engine hear the update. Who sent it and over which ledger, the message around it says;
    /// where there is none, it is whom most of its routes name.
    pub(super) fn of(
        document: Document<'_>,
        dialect: Dialect,
        told: &Told,
        now: u64,
    ) -> Option<Acceptance> {
        let update = HeardUpdate::read(document, dialect).ok()?;
        let most = |text: fn(&c2c::schema::RouteText<'_>) -> String| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for route in update.routes() {
                *counts.entry(text(&route.text())).or_default() += 1;
            }
            counts
                .into_iter()
                .max_by_key(|(_, count)| *count)
                .map(|(text, _)| text)
        };
        let ledger = told
            .ledger
            .clone()
            .or_else(|| most(|text| text.source_ledger.decode().into_owned()))?;
        let sender = told
            .from
            .clone()
            .or_else(|| most(|text| text.source_account.decode().into_owned()))?;
        let ledger = LedgerPrefix::new(&ledger).ok()?;
        let sender = IlpAddress::new(&sender).ok()?;
        let own = told
            .to
            .as_ref()
            .and_then(|to| IlpAddress::new(to).ok())
            .or_else(|| ledger.account("us").ok())?;

        let mut tables = Tables::new(Settings::default());
        // Somebody has to want to pay: from a ledger of the hearer's own, without a limit.
        let payer = LedgerPrefix::new("private.payer.").ok()?;
        tables.set_local_pairs(vec![LocalPair {
            source_account: payer.account("us").ok()?,
            source_ledger: payer,
            destination_ledger: ledger.clone(),
            destination_account: own,
            curve: Curve::from_points([(0, 0), (u64::MAX, u64::MAX)]).ok()?,
            shift: false,
            min_message_window: Millis(0),
        }]);
        let mut incoming = Incoming::new(IncomingSettings {
            refused_kept_per_update: LISTED,
            ..IncomingSettings::default()
        });
        let outcome =
            incoming.apply_heard(&mut tables, Timestamp::from_millis(now), &sender, &update);
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        for route in &outcome.refused {
            *reasons.entry(route.reason.code().to_owned()).or_default() += 1;
        }
        Some(Acceptance {
            sender: sender.to_string(),
            ledger: ledger.to_string(),
            kept: outcome.accepted,
            dropped: outcome.refused_count,
            reasons,
            list: outcome
                .refused
                .iter()
                .map(|route| Refused {
                    place: match &route.destination {
                        Some(destination) => format!("route {}, {destination}", route.index),
                        None => format!("route {}", route.index),
                    },
                    code: route.reason.code().to_owned(),
                    message: route.reason.to_string(),
                    hint: String::new(),
                })
                .collect(),
        })
    }
}
