//! What both sides end up with, wherever it was derived. Pure.

use c2c::peering::{AuthToken, CheckWords, Details, Mode as Way};
use c2c::snapshot::DerivedView;

/// The six facts, and what is compared by voice.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The facts, in the order of the specification.
    pub rows: Vec<Row>,
    /// My account on the ledger between us.
    pub account: String,
    /// Theirs.
    pub peer_account: String,
    /// The short code: the five characters of the prefix that both derived.
    pub code: String,
    /// The long one.
    pub words: Vec<String>,
    /// Everything, where it was derived in this tab.
    pub details: Option<Details>,
}

/// One fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The stable name: `version`, `endpoint`, `prefix`, `token`, `token-accept`, `code`, `scale`.
    pub name: &'static str,
    /// What to call it.
    pub label: &'static str,
    /// Whose it is, in words.
    pub role: &'static str,
    /// What is shown: of a token its fingerprint.
    pub shown: String,
    /// The token itself, where this tab knows it.
    pub token: Option<AuthToken>,
}

impl Facts {
    /// Of what was derived or told in this tab.
    pub fn of_details(details: &Details, words: &CheckWords) -> Self {
        let facts = details.facts();
        let mut rows = Vec::new();
        for fact in facts.iter() {
            let tokens = [&details.send_token, &details.accept_token];
            let values = std::iter::once(&fact.value).chain(&fact.accept);
            for ((value, token), name) in values.zip(tokens).zip([fact.name, "token-accept"]) {
                rows.push(Row {
                    name,
                    label: fact.label,
                    role: value.role.label(),
                    shown: value.text(false),
                    token: value.is_secret().then(|| token.clone()),
                });
            }
        }
        Self {
            rows,
            account: details.account.to_string(),
            peer_account: details.peer_account.to_string(),
            code: short_code(details.prefix.as_str()),
            words: words.iter().map(str::to_owned).collect(),
            details: Some(details.clone()),
        }
    }

    /// Of what the connector behind the page derived with its own secret.
    pub fn of_server(view: &DerivedView) -> Self {
        let row = |name, label, role, shown: &str| Row {
            name,
            label,
            role,
            shown: shown.to_owned(),
            token: None,
        };
        const SAME: &str = "same on both sides";
        const THEIRS: &str = "theirs; they see yours";
        let token = format!("•••• (fingerprint {})", view.token_fingerprint);
        Self {
            rows: vec![
                row(
                    "version",
                    "Protocol version",
                    THEIRS,
                    &view.protocol_version,
                ),
                row("endpoint", "RPC endpoint", THEIRS, &view.rpc_uri),
                row("prefix", "Ledger prefix", SAME, view.prefix.as_str()),
                row("token", "Auth token", SAME, &token),
                row("code", "Currency code", SAME, view.currency.as_str()),
                row("scale", "Currency scale", SAME, &view.scale.to_string()),
            ],
            account: view.account.to_string(),
            peer_account: view.peer_account.to_string(),
            code: short_code(view.prefix.as_str()),
            words: view
                .check_words
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            details: None,
        }
    }

    /// The value of a fact, as it is shown.
    pub fn shown(&self, name: &str) -> &str {
        self.rows
            .iter()
            .find(|row| row.name == name)
            .map_or("", |row| row.shown.as_str())
    }

    /// Whether these were told and not derived.
    pub fn is_manual(&self) -> bool {
        self.details
            .as_ref()
            .is_some_and(|details| details.mode == Way::Manual)
    }
}

/// How the characters of the short code are said: "capital O, five, small r".
pub fn spoken(code: &str) -> String {
    const DIGITS: [&str; 10] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let words: Vec<String> = code
        .chars()
        .map(|c| match c {
            'A'..='Z' => format!("capital {c}"),
            'a'..='z' => format!("small {c}"),
            '0'..='9' => DIGITS[c as usize - '0' as usize].to_owned(),
            '-' => "dash".to_owned(),
            '_' => "underscore".to_owned(),
            other => other.to_string(),
        })
        .collect();
    words.join(", ")
}

/// What stands behind `peer.`.
fn short_code(prefix: &str) -> String {
    prefix.split('.').nth(1).unwrap_or_default().to_owned()
}
