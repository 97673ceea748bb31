mod accounts;
mod conservation;
mod letters;
mod payments;
mod reconcile;
mod transfers;
mod world;

use accounts::order;
use world::*;

use super::*;
use crate::address::{CurrencyCode, IlpAddress};
use crate::amount::{Amount, Scale};
use crate::key::{PublicKey, SecretKey};
use crate::message::{Envelope, RouteRecord, RoutingUpdate};
use crate::peering::{AuthToken, Details, Mode};
use crate::rpc::{Method, send_request};
use crate::schema::Dialect;
use crate::snapshot::PeerState;
use crate::timestamp::Millis;
use crate::webfinger::RpcUri;

const START: Timestamp = Timestamp::from_millis(1_500_000_000_000);
const PREFIX: &str = "peer.OR5Df.usd.9.";
const TOKEN: &str = "what-they-send-to-us";

pub(super) fn prefix(text: &str) -> LedgerPrefix {
    LedgerPrefix::new(text).unwrap()
}

fn config() -> Config {
    let key = SecretKey::from_bytes(&[7; 32]).public_key();
    let mut config = Config::new("https://wallet1.example", key);
    config.ledgers.push(OwnLedger {
        prefix: prefix("example.green."),
        currency: CurrencyCode::new("USD").unwrap(),
        scale: Scale::KIT,
        account: IlpAddress::new("example.green.connector").unwrap(),
    });
    config
}

fn peer() -> Peer {
    let ledger = prefix(PREFIX);
    let details = Details {
        account: ledger.account("us").unwrap(),
        peer_account: ledger.account("them").unwrap(),
        prefix: ledger,
        currency: CurrencyCode::new("USD").unwrap(),
        scale: Scale::KIT,
        rpc_uri: RpcUri::parse("https://wallet2.example/rpc", false).unwrap(),
        protocol_version: "Compatible: ilp-kit v3.0.0".into(),
        send_token: AuthToken::new("what-we-send-to-them").unwrap(),
        accept_token: AuthToken::new(TOKEN).unwrap(),
        mode: Mode::Manual,
    };
    Peer::new(details, Amount::new(1000))
}

fn drain(connector: &mut Connector) -> Vec<Output> {
    std::iter::from_fn(|| connector.poll_output()).collect()
}

fn with_peer() -> (Connector, CallId) {
    let mut connector = Connector::new(config(), START).unwrap();
    connector
        .handle_input(START, Input::AddPeer(Box::new(peer())))
        .unwrap();
    let call = drain(&mut connector)
        .into_iter()
        .find_map(|output| match output {
            Output::Call(call) => Some(call),
            _ => None,
        });
    let call = call.unwrap();
    assert_eq!(
        call.url,
        "https://wallet2.example/rpc?method=get_limit&prefix=peer.OR5Df.usd.9."
    );
    (connector, call.id)
}

fn ask(
    connector: &mut Connector,
    method: &str,
    prefix: &str,
    bearer: Option<&str>,
) -> (u16, String) {
    let request = Request {
        id: RequestId(9),
        method: method.into(),
        prefix: prefix.into(),
        bearer: bearer.map(str::to_owned),
        body: b"[]".to_vec(),
    };
    connector
        .handle_input(START, Input::Request(request))
        .unwrap();
    let answers: Vec<Answer> = drain(connector)
        .into_iter()
        .filter_map(|output| match output {
            Output::Answer(answer) => Some(answer),
            _ => None,
        })
        .collect();
    let [answer] = &answers[..] else {
        panic!("one answer, not {answers:?}");
    };
    assert_eq!(answer.id, RequestId(9));
    (
        answer.status,
        String::from_utf8(answer.body.clone()).unwrap(),
    )
}

fn done(connector: &mut Connector, now: Timestamp, id: CallId, status: u16, body: &str) {
    let outcome = CallOutcome::Answered {
        status,
        body: body.into(),
    };
    connector
        .handle_input(now, Input::CallDone { id, outcome })
        .unwrap();
}

fn state(connector: &Connector) -> (PeerState, Option<String>) {
    let view = connector.peer_view(&prefix(PREFIX)).unwrap();
    (view.state, view.code)
}

#[test]
fn only_the_peer_with_its_token_is_answered() {
    let (mut connector, _) = with_peer();
    let limit = ask(&mut connector, "get_limit", PREFIX, Some(TOKEN));
    assert_eq!(limit, (200, "\"1000\"".into()));
    let balance = ask(&mut connector, "get_balance", PREFIX, Some(TOKEN));
    assert_eq!(balance, (200, "\"0\"".into()));
    for (prefix, bearer, status) in [
        (PREFIX, None, 401),
        ("peer.other.usd.9.", Some(TOKEN), 401),
        ("", Some(TOKEN), 401),
        ("\u{0}", Some(TOKEN), 401),
        (PREFIX, Some(""), 403),
        (PREFIX, Some("what-we-send-to-them"), 403),
    ] {
        assert_eq!(ask(&mut connector, "get_limit", prefix, bearer).0, status);
    }
    assert_eq!(ask(&mut connector, "get_rich", PREFIX, Some(TOKEN)).0, 422);
    let callers = connector.inbox().callers;
    let of_peer: Vec<&str> = callers
        .iter()
        .filter(|c| c.prefix == PREFIX)
        .map(|c| &*c.code)
        .collect();
    assert_eq!(of_peer, ["RPC_401", "RPC_403"]);
}

#[test]
fn the_state_of_a_peering_says_why() {
    use CallFailure::*;
    let cases = [
        (401, "{}", PeerState::Waiting, Some("RPC_401")),
        (403, "", PeerState::Broken, Some("RPC_403")),
        (200, "\"5000\"", PeerState::Checked, None),
        (200, "5000", PeerState::Checked, None),
        (
            200,
            r#"{"id":"TypeError","message":"x"}"#,
            PeerState::Broken,
            Some("RPC_ERROR"),
        ),
        (
            422,
            r#"{"id":"TypeError","message":"x"}"#,
            PeerState::Broken,
            Some("RPC_ERROR"),
        ),
        (200, "<html>", PeerState::Broken, Some("RPC_STATUS")),
        (500, "5000", PeerState::Broken, Some("RPC_STATUS")),
        (200, "-5", PeerState::Broken, Some("RPC_STATUS")),
    ];
    for (status, body, expected, code) in cases {
        let (mut connector, id) = with_peer();
        assert_eq!(state(&connector), (PeerState::Invited, None));
        done(&mut connector, START, id, status, body);
        assert_eq!(
            state(&connector),
            (expected, code.map(str::to_owned)),
            "{status} {body}"
        );
    }
    for (failure, expected, code) in [
        (Timeout, PeerState::Silent, "RPC_TIMEOUT"),
        (Unreachable, PeerState::Silent, "RPC_UNREACHABLE"),
        (Tls, PeerState::Broken, "RPC_TLS"),
        (TooLarge, PeerState::Broken, "RPC_ERROR"),
    ] {
        let (mut connector, id) = with_peer();
        let outcome = CallOutcome::Failed(failure);
        connector
            .handle_input(START, Input::CallDone { id, outcome })
            .unwrap();
        assert_eq!(state(&connector), (expected, Some(code.to_owned())));
    }
}

#[test]
fn a_failed_check_is_made_again_after_pauses_that_double() {
    let (mut connector, mut id) = with_peer();
    let mut now = START;
    for pause in [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
        done(&mut connector, now, id, 401, "");
        assert_eq!(connector.next_wakeup(), Some(now + Millis(pause)));
        drain(&mut connector);
        now = now + Millis(pause);
        connector.handle_input(now, Input::Wake).unwrap();
        let calls: Vec<CallId> = drain(&mut connector)
            .iter()
            .filter_map(|output| match output {
                Output::Call(call) => Some(call.id),
                _ => None,
            })
            .collect();
        assert_eq!(calls.len(), 1);
        id = calls[0];
    }
    // A call from the peer says that it knows us now: no need to wait that long.
    done(&mut connector, now, id, 401, "");
    let at = now;
    let request = Request {
        id: RequestId(1),
        method: "get_limit".into(),
        prefix: PREFIX.into(),
        bearer: Some(TOKEN.into()),
        body: Vec::new(),
    };
    connector.handle_input(at, Input::Request(request)).unwrap();
    assert_eq!(connector.next_wakeup(), Some(at + Millis(1_000)));
}

#[test]
fn a_callers_mistake_changes_nothing() {
    let (mut connector, id) = with_peer();
    let twice = Input::AddPeer(Box::new(peer()));
    let error = connector.handle_input(START, twice).unwrap_err();
    assert_eq!(error.code(), "DUPLICATE");
    let unknown = prefix("peer.nobdy.usd.9.");
    for input in [
        Input::RemovePeer(unknown.clone()),
        Input::SetLimit(unknown.clone(), Amount::ZERO),
        Input::CheckPeer(unknown),
    ] {
        let error = connector.handle_input(START, input).unwrap_err();
        assert_eq!(error.code(), "UNKNOWN_PEER");
    }
    assert!(drain(&mut connector).is_empty());
    done(&mut connector, START, id, 200, "\"1\"");
    let again = Input::CallDone {
        id,
        outcome: CallOutcome::Failed(CallFailure::Timeout),
    };
    let error = connector.handle_input(START, again).unwrap_err();
    assert_eq!(error, Error::UnknownCall { id });
    assert_eq!(state(&connector).0, PeerState::Checked);
}

#[test]
fn another_key_raises_an_alarm_until_the_old_one_is_back() {
    let (mut connector, _) = with_peer();
    let keys = [1u8, 2].map(|byte| SecretKey::from_bytes(&[byte; 32]).public_key());
    let events = |connector: &mut Connector, seconds: u64, key: PublicKey| {
        let now = START + Millis(seconds * 1_000);
        let seen = Input::KeySeen(prefix(PREFIX), key);
        connector.handle_input(now, seen).unwrap();
        drain(connector)
            .into_iter()
            .filter_map(|output| match output {
                Output::Event(Event::KeyChanged { key, .. }) => Some(key),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    assert!(
        events(&mut connector, 1, keys[0]).is_empty(),
        "told by hand"
    );

    let peer = connector.peers.get_mut(&prefix(PREFIX)).unwrap();
    peer.details.mode = Mode::WebFinger {
        host: "https://wallet2.example".parse().unwrap(),
        peer_key: keys[0],
    };
    assert!(events(&mut connector, 2, keys[0]).is_empty());
    let other = keys[1].to_string();
    assert_eq!(events(&mut connector, 3, keys[1]), [Some(other.clone())]);
    assert!(events(&mut connector, 4, keys[1]).is_empty(), "said before");
    let view = connector.peer_view(&prefix(PREFIX)).unwrap().other_key;
    assert_eq!(
        view.map(|view| (view.key, view.since)),
        Some((other, START + Millis(3_000)))
    );
    assert_eq!(events(&mut connector, 5, keys[0]), [None]);
    assert_eq!(
        connector.peer_view(&prefix(PREFIX)).unwrap().other_key,
        None
    );
}

#[test]
fn what_must_outlive_the_process_is_handed_out() {
    let (mut connector, id) = with_peer();
    done(&mut connector, START, id, 200, "\"5000\"");
    connector
        .handle_input(START, Input::SetLimit(prefix(PREFIX), Amount::new(7)))
        .unwrap();
    connector
        .handle_input(START, Input::RemovePeer(prefix(PREFIX)))
        .unwrap();
    let changes: Vec<String> = drain(&mut connector)
        .iter()
        .filter_map(|output| match output {
            Output::Persist(Change::PeerSaved(peer)) => {
                Some(format!("{} {:?}", peer.limit, peer.peer_limit))
            }
            Output::Persist(Change::PeerRemoved(prefix)) => Some(format!("no {prefix}")),
            _ => None,
        })
        .collect();
    assert_eq!(
        changes,
        [
            "1000 Some(Amount(5000))",
            "7 Some(Amount(5000))",
            "no peer.OR5Df.usd.9."
        ]
    );
    // A stored peer comes back without being stored again.
    connector
        .handle_input(START, Input::RestorePeer(Box::new(peer())))
        .unwrap();
    assert!(
        !drain(&mut connector)
            .iter()
            .any(|o| matches!(o, Output::Persist(_)))
    );
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let refused = |change: fn(&mut Config)| {
        let mut config = config();
        change(&mut config);
        Connector::new(config, START).unwrap_err().code()
    };
    assert_eq!(
        refused(|c| c.routing.route_expiry = Millis(30_000)),
        "INTERVAL"
    );
    assert_eq!(
        refused(|c| c.routing.broadcast_interval = Millis(0)),
        "INTERVAL"
    );
    assert_eq!(refused(|c| c.routing.spread = Decimal::ONE), "SHARE");
    assert_eq!(refused(|c| c.routing.max_points = 1), "MAX_POINTS");
    assert_eq!(
        refused(|c| c.ledgers.push(c.ledgers[0].clone())),
        "DUPLICATE_LEDGER"
    );
    assert_eq!(
        refused(|c| c.ledgers[0].prefix = prefix("peer.x.")),
        "PREFIX_FORMAT"
    );
    assert_eq!(
        refused(|c| c.ledgers[0].account = IlpAddress::new("example.greenhouse").unwrap()),
        "ACCOUNT_OFF_LEDGER"
    );
}

#[test]
fn a_spread_that_leaves_nothing_is_refused_and_another_moves_the_curves() {
    let (mut connector, id) = with_peer();
    done(&mut connector, START, id, 200, "\"5000\"");
    let most = |connector: &Connector| {
        let mut pairs = connector.tables().local_pairs();
        let (.., curve) = pairs.find(|(source, ..)| source.is_peer()).unwrap();
        curve.capacity().y
    };
    assert_eq!(most(&connector), 998);
    let error = connector
        .handle_input(START, Input::SetSpread(Decimal::ONE))
        .unwrap_err();
    assert_eq!(error.code(), "SHARE");
    connector
        .handle_input(START, Input::SetSpread(Decimal::thousandths(100)))
        .unwrap();
    assert_eq!(most(&connector), 900);
}

/// How often the peer is asked for its limit in ten minutes, if it answers at once and asks back or not.
fn checks_in_ten_minutes(asks_back: bool) -> usize {
    let (mut connector, first) = with_peer();
    let (mut now, mut calls, mut checks) = (START, vec![first], 0);
    while now < START + Millis(600_000) {
        for id in std::mem::take(&mut calls) {
            checks += 1;
            done(&mut connector, now, id, 200, "\"1000\"");
            if asks_back {
                ask(&mut connector, "get_limit", PREFIX, Some(TOKEN));
            }
        }
        now = now + Millis(1_000);
        connector.handle_input(now, Input::Wake).unwrap();
        calls.extend(
            drain(&mut connector)
                .into_iter()
                .filter_map(|output| match output {
                    Output::Call(call) if call.method == Method::GetLimit => Some(call.id),
                    _ => None,
                }),
        );
    }
    checks
}

#[test]
fn a_peer_that_does_not_ask_for_our_limit_is_reminded_three_times() {
    assert_eq!(checks_in_ten_minutes(false), 4);
    assert!(checks_in_ten_minutes(true) <= 2);
}

#[test]
fn own_ledgers_trade_before_there_is_any_peer() {
    let mut config = config();
    let mut second = config.ledgers[0].clone();
    second.prefix = prefix("example.blue.");
    second.account = IlpAddress::new("example.blue.connector").unwrap();
    config.ledgers.push(second);
    let connector = Connector::new(config, START).unwrap();
    assert_eq!(connector.tables().local_pairs().count(), 2);
}

#[test]
fn a_peer_that_fails_at_every_broadcast_is_told_once_an_interval() {
    let (mut connector, check) = with_peer();
    let mut calls = vec![(check, Method::GetLimit)];
    let (mut now, mut broadcasts) = (START, 0);
    while now < START + Millis(300_000) {
        let (checks, updates): (Vec<_>, Vec<_>) = std::mem::take(&mut calls)
            .into_iter()
            .partition(|(_, method)| *method == Method::GetLimit);
        for (id, _) in checks {
            done(&mut connector, now, id, 200, "\"1000\"");
        }
        for (id, _) in updates {
            broadcasts += 1;
            let outcome = CallOutcome::Failed(CallFailure::Timeout);
            connector
                .handle_input(now, Input::CallDone { id, outcome })
                .unwrap();
        }
        now = now + Millis(500);
        connector.handle_input(now, Input::Wake).unwrap();
        calls.extend(
            drain(&mut connector)
                .into_iter()
                .filter_map(|output| match output {
                    Output::Call(call) => Some((call.id, call.method)),
                    _ => None,
                }),
        );
    }
    assert!(
        (9..=12).contains(&broadcasts),
        "{broadcasts} in five minutes"
    );
}

/// When in ten minutes the peer, which takes every update, is asked for its full table, in seconds. It
/// tells a route after `told_after` such questions.
fn questions_in_ten_minutes(told_after: usize) -> Vec<u64> {
    let (mut connector, check) = with_peer();
    done(&mut connector, START, check, 200, "\"1000\"");
    let ours = |connector: &Connector| {
        let peer = &connector.peers[&prefix(PREFIX)];
        let account = peer.details.peer_account.clone();
        let taken = Envelope::new(peer.call_parties().reversed()).write();
        let told = RoutingUpdate {
            new_routes: vec![RouteRecord {
                source_ledger: prefix(PREFIX).as_address().clone(),
                destination_ledger: IlpAddress::new("example.far.").unwrap(),
                points: None,
                min_message_window: Millis(1_000),
                source_account: account,
                paths: Vec::new(),
            }],
            hold_down_time: Millis(45_000),
            unreachable_through_me: Vec::new(),
            request_full_table: false,
            unusable: Vec::new(),
        };
        let told = told.write_message(Dialect::V21, peer.call_parties().reversed());
        (taken, send_request::body(&told))
    };
    let (taken, told) = ours(&connector);
    let (mut now, mut questions) = (START, Vec::new());
    while now < START + Millis(600_000) {
        now = now + Millis(1_000);
        connector.handle_input(now, Input::Wake).unwrap();
        for output in drain(&mut connector) {
            let Output::Call(call) = output else {
                continue;
            };
            match call.method {
                Method::GetLimit => done(&mut connector, now, call.id, 200, "\"1000\""),
                _ => done(&mut connector, now, call.id, 200, &taken),
            }
            let body = String::from_utf8(call.body).unwrap();
            if body.contains("\"request_full_table\":true") {
                questions.push((now.as_millis() - START.as_millis()) / 1_000);
                if questions.len() == told_after {
                    let request = Request {
                        id: RequestId(1),
                        method: "send_request".into(),
                        prefix: PREFIX.into(),
                        bearer: Some(TOKEN.to_owned()),
                        body: told.clone().into_bytes(),
                    };
                    connector
                        .handle_input(now, Input::Request(request))
                        .unwrap();
                }
            }
        }
    }
    questions
}

#[test]
fn a_peer_that_tells_nothing_when_asked_for_everything_is_asked_again_out_of_step() {
    assert_eq!(questions_in_ten_minutes(1).len(), 1);
    assert_eq!(questions_in_ten_minutes(3).len(), 3);
    // An interval and a third from one to the next; the first round was before the first of these.
    let questions = questions_in_ten_minutes(usize::MAX);
    assert_eq!(questions, [1, 70, 110, 150, 190], "then it is left alone");
}

#[test]
fn whoever_drives_it_need_not_read_what_a_stranger_sends() {
    let (connector, _) = with_peer();
    assert!(connector.admits(PREFIX, Some(TOKEN)));
    assert!(!connector.admits(PREFIX, Some("another-token-of-16")));
    assert!(!connector.admits(PREFIX, None));
    assert!(!connector.admits("peer.other.usd.9.", Some(TOKEN)));
}
