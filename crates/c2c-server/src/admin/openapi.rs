//! `GET /openapi.json`: the admin API as OpenAPI describes it, with every error. It is made of the table in here,
//! which a test holds against the router and against what hostile requests are answered.

use axum::Json;
use serde_json::{Map, Value, json};

/// One call.
pub struct Call {
    /// The HTTP method, in small letters.
    pub method: &'static str,
    /// The path below `/api/v1`.
    pub path: &'static str,
    about: &'static str,
    /// Query parameters.
    query: &'static [&'static str],
    /// Fields of the body, those that may be left out with a mark behind them; none: it takes no body.
    body: &'static [&'static str],
    /// The status of a good answer, and what is in it.
    good: (u16, &'static [&'static str]),
    /// What it is refused with, beside what every call may be refused with.
    pub errors: &'static [(u16, &'static [&'static str])],
}

/// What every call may be refused with.
pub const COMMON: &[(u16, &[&str])] = &[
    (401, &["ADMIN_TOKEN"]),
    (403, &["ADMIN_REMOTE", "ADMIN_HOST", "CROSS_SITE"]),
    (404, &["NOT_FOUND"]),
    (405, &["METHOD"]),
    (413, &["TOO_LARGE"]),
    (429, &["TOO_OFTEN"]),
    (503, &["STOPPING", "TOO_MANY_CONNECTIONS", "OVERLOADED"]),
];

const QUERY: (u16, &[&str]) = (400, &["QUERY"]);
const BODY: (u16, &[&str]) = (400, &["NOT_JSON"]);
const NO_PEER: (u16, &[&str]) = (404, &["UNKNOWN_PEER"]);
const LOOK_UP: (u16, &[&str]) = (502, &["WF_UNREACHABLE", "WF_TLS", "WF_STATUS"]);
const PEER: &[&str] = &[
    "prefix",
    "mode",
    "host",
    "rpc_uri",
    "protocol_version",
    "currency",
    "scale",
    "account",
    "peer_account",
    "limit",
    "balance",
    "peer_limit",
    "state",
    "reason",
    "last_heard",
];
const NOTHING: &[(u16, &[&str])] = &[];

/// Every call.
pub const CALLS: &[Call] = &[
    get(
        "/identity",
        "Who this connector is.",
        &[],
        &[
            "url",
            "title",
            "public_key",
            "protocol_version",
            "rpc_uri",
            "ledgers",
        ],
        NOTHING,
    ),
    get("/peers", "All peers.", &[], &["peers"], NOTHING),
    Call {
        method: "post",
        path: "/peers",
        about: "Adds a peer by its host record (mode webfinger) or by hand (mode manual).",
        query: &[],
        body: &[
            "mode",
            "host?",
            "currency",
            "scale",
            "limit",
            "rpc_uri?",
            "protocol_version?",
            "send_token?",
            "accept_token?",
            "prefix?",
            "account?",
            "peer_account?",
        ],
        good: (201, PEER),
        errors: &[
            BODY,
            (409, &["DUPLICATE"]),
            (
                422,
                &[
                    "FIELD_MISSING",
                    "FIELD_TYPE",
                    "MODE",
                    "HOST_SYNTAX",
                    "HOST_SELF",
                    "CODE_FORMAT",
                    "SCALE_RANGE",
                    "LIMIT_FORMAT",
                    "LIMIT_HUGE",
                    "URI_FORMAT",
                    "VERSION_FORMAT",
                    "TOKEN_FORMAT",
                    "PREFIX_FORMAT",
                    "ACCOUNT_FORMAT",
                    "ACCOUNT_SAME",
                    "ACCOUNT_OFF_LEDGER",
                    "LOOKUP_BLOCKED",
                    "WF_NOT_JSON",
                    "WF_NO_KEY",
                    "WF_BAD_KEY",
                    "WF_SUBJECT",
                    "WF_NO_RPC",
                    "OWN_KEY",
                ],
            ),
            (429, &["LOOKUP_RATE"]),
            LOOK_UP,
        ],
    },
    get("/peers/{prefix}", "One peer.", &[], PEER, &[NO_PEER]),
    Call {
        method: "patch",
        path: "/peers/{prefix}",
        about: "Changes the most that a peer may owe us, in base units.",
        query: &[],
        body: &["limit"],
        good: (200, PEER),
        errors: &[
            BODY,
            NO_PEER,
            (
                422,
                &["FIELD_MISSING", "FIELD_TYPE", "LIMIT_FORMAT", "LIMIT_HUGE"],
            ),
        ],
    },
    Call {
        method: "delete",
        path: "/peers/{prefix}",
        about: "Removes a peer, with its ledger.",
        query: &[],
        body: &[],
        good: (204, &[]),
        errors: &[NO_PEER],
    },
    ask(
        "/peers/{prefix}/check",
        "Is the other there, is it still who it was, does it know us?",
        &["ok", "steps"],
        &[NO_PEER, (429, &["LOOKUP_RATE"])],
    ),
    ask(
        "/peers/{prefix}/mismatch",
        "Which terms the other side may have instead of ours.",
        &["code", "message", "tried"],
        &[NO_PEER, (409, &["BUSY"])],
    ),
    ask(
        "/peers/{prefix}/reconcile",
        "Both sides of the ledger with a peer compared.",
        &[
            "ok",
            "message",
            "balance",
            "peer_balance",
            "transfers",
            "unexplained",
            "hint",
        ],
        &[NO_PEER],
    ),
    get(
        "/routes",
        "Routes with their curves and who wins.",
        &["source", "search"],
        &["routes"],
        &[QUERY],
    ),
    get(
        "/routes/why",
        "Who carries a payment, and why nobody else.",
        &[
            "source",
            "destination",
            "source_amount",
            "destination_amount",
        ],
        &[
            "winner",
            "source_amount",
            "destination_amount",
            "sentence",
            "rejected",
        ],
        &[
            QUERY,
            (404, &["UNKNOWN_LEDGER"]),
            (422, &["ADDRESS_FORMAT", "AMOUNT_FORMAT", "UNKNOWN_LEDGER"]),
        ],
    ),
    get(
        "/routes/refused",
        "Routes of broadcasts that were not taken.",
        &[],
        &["refused"],
        NOTHING,
    ),
    get(
        "/accounts",
        "Accounts on our own ledgers.",
        &[],
        &["accounts"],
        NOTHING,
    ),
    post(
        "/accounts",
        "Opens an account.",
        &["ledger", "name", "balance?", "minimum?"],
        (201, &["ledger", "name", "address", "balance", "minimum"]),
        &[
            BODY,
            (404, &["UNKNOWN_LEDGER"]),
            (409, &["ACCOUNT_EXISTS"]),
            (
                422,
                &[
                    "FIELD_MISSING",
                    "FIELD_TYPE",
                    "PREFIX_FORMAT",
                    "ACCOUNT_NAME",
                    "AMOUNT_FORMAT",
                    "ACCOUNT_RESERVED",
                    "BELOW_MINIMUM",
                ],
            ),
            (503, &["TOO_MANY"]),
        ],
    ),
    get(
        "/invoices",
        "What accounts want to be paid.",
        &[],
        &["invoices"],
        NOTHING,
    ),
    post(
        "/invoices",
        "Wants an account to be paid.",
        &["account", "amount", "expires_at?"],
        (201, &["address", "amount", "condition", "expires_at"]),
        &[
            BODY,
            (404, &["UNKNOWN_ACCOUNT"]),
            (
                422,
                &[
                    "FIELD_MISSING",
                    "FIELD_TYPE",
                    "ADDRESS_FORMAT",
                    "AMOUNT_FORMAT",
                    "AMOUNT_ZERO",
                    "TIME_FORMAT",
                    "TOO_LATE",
                ],
            ),
            (500, &["RANDOM"]),
            (503, &["TOO_MANY"]),
        ],
    ),
    post(
        "/quotes",
        "What arrives, what it takes, or the curve.",
        &[
            "source",
            "destination",
            "source_amount?",
            "destination_amount?",
            "destination_hold_ms?",
        ],
        (
            200,
            &[
                "source_amount",
                "destination_amount",
                "curve",
                "expires_at",
                "found_by",
            ],
        ),
        &[
            BODY,
            (
                422,
                &[
                    "FIELD_MISSING",
                    "FIELD_TYPE",
                    "ADDRESS_FORMAT",
                    "AMOUNT_FORMAT",
                    "HOLD_FORMAT",
                    "UNKNOWN_LEDGER",
                    "F00",
                    "F02",
                    "R00",
                    "R01",
                    "T01",
                    "T04",
                ],
            ),
        ],
    ),
    post(
        "/payments",
        "Pays; answered when the payment has ended, or is under way for long.",
        &[
            "from",
            "destination",
            "destination_amount",
            "condition",
            "source_amount?",
            "expires_at?",
            "id?",
        ],
        (
            200,
            &["id", "state", "source_amount", "fulfillment", "reason"],
        ),
        &[
            BODY,
            (404, &["UNKNOWN_ACCOUNT", "UNKNOWN_LEDGER"]),
            (409, &["DUPLICATE_ID"]),
            (
                422,
                &[
                    "FIELD_MISSING",
                    "FIELD_TYPE",
                    "ADDRESS_FORMAT",
                    "AMOUNT_FORMAT",
                    "CONDITION_FORMAT",
                    "ID_FORMAT",
                    "TIME_FORMAT",
                    "TOO_LATE",
                    "INSUFFICIENT_BALANCE",
                    "F00",
                    "F02",
                    "R00",
                    "R01",
                    "T01",
                    "T04",
                ],
            ),
            (500, &["RANDOM"]),
        ],
    ),
    get(
        "/payments/{id}",
        "A payment that started here.",
        &[],
        &["id", "state", "source_amount", "fulfillment", "reason"],
        &[(404, &["UNKNOWN_PAYMENT"])],
    ),
    get(
        "/transfers",
        "Transfers, the latest first; with before those that changed before that time.",
        &["ledger", "state", "limit", "before"],
        &["transfers"],
        &[
            QUERY,
            (422, &["STATE", "PREFIX_FORMAT", "TIME_FORMAT"]),
            (500, &["STORE"]),
        ],
    ),
    get(
        "/rates",
        "What is traded, at which rate, and who said so.",
        &[],
        &["rates", "feed"],
        NOTHING,
    ),
    Call {
        method: "put",
        path: "/rates",
        about: "Puts rates over those of the configuration and the feed.",
        query: &[],
        body: &["rates"],
        good: (200, &["rates", "feed"]),
        errors: &[(422, &["RATES"])],
    },
    get(
        "/snapshot",
        "Everything that the visualizer shows.",
        &[],
        &["identity", "peers", "routes"],
        NOTHING,
    ),
    get(
        "/lookup",
        "The host record of a host, fetched for a browser.",
        &["host"],
        &["subject", "properties", "links"],
        &[
            QUERY,
            (
                422,
                &[
                    "HOST_SYNTAX",
                    "HOST_SELF",
                    "LOOKUP_BLOCKED",
                    "WF_NOT_JSON",
                    "WF_NO_KEY",
                    "WF_BAD_KEY",
                    "WF_SUBJECT",
                    "WF_NO_RPC",
                ],
            ),
            (429, &["LOOKUP_RATE"]),
            LOOK_UP,
        ],
    ),
    get(
        "/derive",
        "What peering with a host would share, by the server's key.",
        &["host", "currency", "scale", "public_key"],
        &["prefix", "account", "peer_account", "token_fingerprint"],
        &[
            QUERY,
            (409, &["DUPLICATE"]),
            (
                422,
                &[
                    "HOST_SYNTAX",
                    "HOST_SELF",
                    "CODE_FORMAT",
                    "SCALE_RANGE",
                    "LOOKUP_BLOCKED",
                    "WF_NOT_JSON",
                    "WF_NO_KEY",
                    "WF_BAD_KEY",
                    "WF_SUBJECT",
                    "WF_NO_RPC",
                    "OWN_KEY",
                ],
            ),
            (429, &["LOOKUP_RATE"]),
            LOOK_UP,
        ],
    ),
    get(
        "/inbox",
        "Callers that nobody knows.",
        &[],
        &["callers"],
        NOTHING,
    ),
    get(
        "/events",
        "What happens, as server-sent events.",
        &[],
        &[],
        NOTHING,
    ),
    get(
        "/audit",
        "What was changed here, the latest first.",
        &["limit"],
        &["entries"],
        &[QUERY, (500, &["AUDIT"])],
    ),
    get(
        "/bundle",
        "What a diagnosis needs, without secrets.",
        &[],
        &[
            "program", "time", "settings", "health", "identity", "peers", "figures", "changes",
            "log",
        ],
        &[(500, &["BUNDLE"])],
    ),
    post(
        "/backup",
        "Copies the database into the folder for backups.",
        &[],
        (201, &["file", "bytes", "took_ms"]),
        &[(503, &["BACKUP"])],
    ),
    get(
        "/openapi.json",
        "This document.",
        &[],
        &["openapi", "info", "paths", "components"],
        NOTHING,
    ),
];

const fn get(
    path: &'static str,
    about: &'static str,
    query: &'static [&'static str],
    answer: &'static [&'static str],
    errors: &'static [(u16, &'static [&'static str])],
) -> Call {
    Call {
        method: "get",
        path,
        about,
        query,
        body: &[],
        good: (200, answer),
        errors,
    }
}

const fn post(
    path: &'static str,
    about: &'static str,
    body: &'static [&'static str],
    good: (u16, &'static [&'static str]),
    errors: &'static [(u16, &'static [&'static str])],
) -> Call {
    Call {
        method: "post",
        path,
        about,
        query: &[],
        body,
        good,
        errors,
    }
}

const fn ask(
    path: &'static str,
    about: &'static str,
    answer: &'static [&'static str],
    errors: &'static [(u16, &'static [&'static str])],
) -> Call {
    post(path, about, &[], (200, answer), errors)
}

/// `GET /openapi.json`.
pub async fn openapi() -> Json<Value> {
    Json(document())
}

/// The document.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for call in CALLS {
        let path = paths.entry(call.path).or_insert_with(|| json!({}));
        path[call.method] = described(call);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "c2c admin API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Amounts are decimal texts of base units; times are ISO 8601 in UTC.",
        },
        "servers": [{ "url": "/api/v1" }],
        "security": [{ "admin_token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "admin_token": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Error": {
                "type": "object",
                "required": ["id", "message"],
                "properties": {
                    "id": { "type": "string" },
                    "message": { "type": "string" },
                    "path": { "type": "string", "description": "The field at fault." },
                    "hint": { "type": "string", "description": "What to do." },
                },
            } },
        },
    })
}

fn described(call: &Call) -> Value {
    let in_path = call.path.split(['{', '}']).skip(1).step_by(2);
    let in_path = in_path.map(|name| {
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
    });
    let in_query = call.query.iter().map(|name| {
        json!({ "name": name, "in": "query", "required": false, "schema": { "type": "string" } })
    });
    let parameters: Vec<Value> = in_path.chain(in_query).collect();
    let (status, answer) = call.good;
    let mut responses = Map::new();
    let good = match (call.path, answer.is_empty()) {
        ("/events", _) => {
            json!({ "description": "Events, as long as one listens.", "content": { "text/event-stream": {} } })
        }
        (_, true) => json!({ "description": "Done." }),
        (_, false) => {
            json!({ "description": "Done.", "content": { "application/json": { "schema": object(answer) } } })
        }
    };
    responses.insert(status.to_string(), good);
    for (status, ids) in errors(call) {
        let schema = json!({ "allOf": [
            { "$ref": "#/components/schemas/Error" },
            { "properties": { "id": { "enum": ids } } },
        ] });
        let content = json!({ "application/json": { "schema": schema } });
        let told = json!({ "description": ids.join(", "), "content": content });
        responses.insert(status.to_string(), told);
    }
    let mut described = json!({
        "summary": call.about,
        "parameters": parameters,
        "responses": responses,
    });
    if !call.body.is_empty() {
        let content = json!({ "application/json": { "schema": object(call.body) } });
        described["requestBody"] = json!({ "required": true, "content": content });
    }
    described
}

/// What a call may be refused with, by status.
pub fn errors(call: &Call) -> std::collections::BTreeMap<u16, Vec<&'static str>> {
    let mut all = std::collections::BTreeMap::new();
    for (status, ids) in COMMON.iter().chain(call.errors) {
        let of_status: &mut Vec<&str> = all.entry(*status).or_default();
        of_status.extend(
            ids.iter()
                .filter(|id| **id != "NOT_FOUND" || call.path.contains('{')),
        );
    }
    all.retain(|_, ids| !ids.is_empty());
    all
}

fn object(fields: &[&str]) -> Value {
    let name = |field: &&str| field.trim_end_matches('?').to_owned();
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| (name(field), json!({})))
        .collect();
    let is_optional = fields.iter().any(|field| field.ends_with('?'));
    let required: Vec<String> = fields
        .iter()
        .filter(|field| !field.ends_with('?'))
        .map(name)
        .collect();
    let mut object = json!({ "type": "object", "properties": properties });
    if is_optional {
        object["required"] = json!(required);
    }
    object
}
