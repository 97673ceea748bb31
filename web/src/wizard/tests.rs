mod checks;
mod letters;

use std::rc::Rc;

use c2c::key::SecretKey;
use c2c::peering::{Details, Says};
use c2c::snapshot::SnapshotView;
use c2c::timestamp::Timestamp;
use c2c::webfinger::{Host, Record, RpcUri};

use super::compare::Comparison;
use super::{
    About, Action, Derived, Facts, Field, Found, How, Keeper, Lookup, Mode, Outcome, Problem,
    Secret, SecretText, Side, State, by_telling, of_browser, of_server, peerings, spoken,
};
use crate::client::{CallMissed, Called, Fetched, Missed};

const SECRET: &str = "Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA=";
const PEER_KEY: &str = "_K4lZSbMIXkfvPInzzC8-N5m7PTqSQyQS4R_HfEeRhU";

fn host(text: &str) -> Host {
    Host::parse(text).unwrap()
}

fn load(text: &str) -> Action {
    Action::Load(Rc::new(SecretText::new(text.to_owned())))
}

fn record(text: &str, rpc: &str) -> Vec<u8> {
    let rpc = RpcUri::parse(rpc, true).unwrap();
    let record = Record::new(&host(text), PEER_KEY.parse().unwrap(), rpc);
    record.to_json().into_bytes()
}

fn play(actions: impl IntoIterator<Item = Action>) -> State {
    actions
        .into_iter()
        .fold(State::default(), |state, action| state.after(action))
}

fn peer_found() -> Vec<Action> {
    vec![
        Action::Host(Side::Theirs, "wallet2.com".into()),
        Action::Ask(Side::Theirs, host("wallet2.com")),
        Action::Answer(
            Side::Theirs,
            host("wallet2.com"),
            Ok((
                record("wallet2.com", "https://wallet2.com/rpc"),
                How::Fetched,
            )),
        ),
        load(SECRET),
    ]
}

fn details(state: &State) -> Details {
    state.details().unwrap().unwrap()
}

fn code(problem: Option<Problem>) -> Option<String> {
    problem.map(|problem| problem.code.to_string())
}

#[test]
fn the_worked_example_is_derived() {
    let state = play(peer_found());
    let details = details(&state);
    assert_eq!(details.prefix.as_str(), "peer.OR5Df.usd.9.");
    assert_eq!(
        details.send_token.reveal(),
        "ONWZhRCQzqnFeMepPoQSueaa64SeXnorOgdM1o2m6Gw"
    );
    assert_eq!(state.missing(), Vec::<&str>::new());
}

#[test]
fn the_terms_are_judged_with_the_texts_of_the_product() {
    let state = play(peer_found());
    let limit = |text: &str| state.after(Action::Limit(text.into())).limit();
    assert_eq!(limit("100").unwrap().unwrap().units(), 100_000_000_000);
    assert_eq!(limit("").unwrap(), None);
    for (text, expected) in [
        ("0.0000000001", "LIMIT_DECIMALS"),
        ("99999999999", "LIMIT_HUGE"),
        ("0", "LIMIT_FORMAT"),
        ("ten", "LIMIT_FORMAT"),
    ] {
        assert_eq!(code(limit(text).err()).unwrap(), expected, "{text}");
    }
    let wrong = state.after(Action::Currency("U.D".into()));
    assert_eq!(code(wrong.currency().err()).unwrap(), "CODE_FORMAT");
    assert!(wrong.details().is_none());
    let wrong = state.after(Action::Scale("19".into()));
    assert_eq!(code(wrong.scale().err()).unwrap(), "SCALE_RANGE");
    assert_eq!(
        state
            .after(Action::Limit("100".into()))
            .terms_sentence()
            .unwrap(),
        "They may owe you up to 100 USD (100000000000 units). What you may owe is set by them."
    );
}

#[test]
fn hosts_are_judged_only_once_left() {
    let typing = play([Action::Host(Side::Theirs, "wallet two".into())]);
    assert_eq!(typing.host_problem(Side::Theirs), None);
    let left = typing.after(Action::Left(Side::Theirs));
    assert_eq!(
        code(left.host_problem(Side::Theirs)).unwrap(),
        "HOST_SYNTAX"
    );
    let own = play([
        Action::Host(Side::Mine, "https://wallet1.com/".into()),
        Action::Host(Side::Theirs, "wallet1.com".into()),
        Action::Left(Side::Theirs),
    ]);
    assert_eq!(code(own.host_problem(Side::Theirs)).unwrap(), "HOST_SELF");
    assert_eq!(own.host_problem(Side::Mine), None);
    assert_eq!(
        own.mine.stripped().unwrap(),
        "Read as wallet1.com; left off https://."
    );
}

#[test]
fn what_hinders_a_look_up_has_its_code() {
    let ask = |answer: Result<Vec<u8>, Missed>| {
        let state = play([
            Action::Host(Side::Theirs, "wallet2.com".into()),
            Action::Ask(Side::Theirs, host("wallet2.com")),
            Action::Answer(
                Side::Theirs,
                host("wallet2.com"),
                answer.map(|bytes| (bytes, How::Fetched)),
            ),
        ]);
        match state.theirs.lookup {
            Lookup::Failed { problem, .. } => (problem.code.to_string(), state.theirs.pasting),
            other => panic!("{other:?}"),
        }
    };
    let other_subject = record("wallet3.com", "https://wallet3.com/rpc");
    let told = c2c::snapshot::ErrorBody {
        id: "WF_TLS".into(),
        message: "wallet2.com's certificate is invalid".into(),
        path: None,
        hint: None,
    };
    let cases: [(Result<Vec<u8>, Missed>, &str); 6] = [
        (Err(Missed::Told(told)), "WF_TLS"),
        (Err(Missed::Unreachable), "WF_UNREACHABLE"),
        (Err(Missed::Status(404)), "WF_STATUS"),
        (Ok(b"<html>".to_vec()), "WF_NOT_JSON"),
        (Ok(b"{}".to_vec()), "WF_NO_KEY"),
        (Ok(other_subject), "WF_SUBJECT"),
    ];
    for (answer, expected) in cases {
        assert_eq!(ask(answer), (expected.to_owned(), false));
    }
    assert_eq!(
        ask(Err(Missed::Cors)),
        ("WF_CORS".to_owned(), true),
        "the paste box opens"
    );
}

#[test]
fn a_pasted_record_is_checked_like_a_fetched_one() {
    let state = play([
        Action::Host(Side::Theirs, "wallet2.com".into()),
        Action::Paste(Side::Theirs, true),
        Action::Pasted(Side::Theirs, "no".into()),
    ]);
    assert!(
        matches!(&state.theirs.lookup, Lookup::Failed { problem, .. } if &*problem.code == "WF_NOT_JSON")
    );
    assert!(state.theirs.pasting, "the text stays to be mended");
    let good = String::from_utf8(record("wallet2.com", "https://wallet2.com/rpc")).unwrap();
    let state = state.after(Action::Pasted(Side::Theirs, good));
    assert!(matches!(
        state.theirs.lookup,
        Lookup::Found {
            how: How::Pasted,
            ..
        }
    ));
    assert!(!state.theirs.pasting);
}

#[test]
fn a_late_answer_to_another_host_is_dropped() {
    let state = play([
        Action::Host(Side::Theirs, "slow.example".into()),
        Action::Ask(Side::Theirs, host("slow.example")),
        Action::Host(Side::Theirs, "wallet2.com".into()),
        Action::Answer(Side::Theirs, host("slow.example"), Err(Missed::Unreachable)),
    ]);
    assert_eq!(state.theirs.lookup, Lookup::Idle);
}

#[test]
fn secrets_are_checked_kept_and_never_printed() {
    let state = play([load("Fgpva0RsUpfmbZuKc2UQ!m26")]);
    assert!(matches!(&state.secret, Secret::Refused(problem) if &*problem.code == "SECRET_FORMAT"));
    let state = play([load(SECRET)]);
    assert!(!format!("{state:?}{:?}", load(SECRET)).contains("Fgpva0RsUpf"));
    assert!(!state.would_lose_secret());
    let made = play([Action::Made(Rc::new(SecretKey::from_bytes(&[3; 32])))]);
    assert!(made.would_lose_secret());
    assert!(!made.after(Action::Saved).would_lose_secret());
    assert_eq!(made.after(Action::Forget).secret, Secret::None);
    let short = play([load("AAAA")]);
    assert_eq!(short.warnings().len(), 1);
}

#[test]
fn ones_own_record_must_fit_the_secret() {
    let own = |secret| {
        play([
            Action::Host(Side::Mine, "wallet2.com".into()),
            Action::Ask(Side::Mine, host("wallet2.com")),
            Action::Answer(
                Side::Mine,
                host("wallet2.com"),
                Ok((
                    record("wallet2.com", "https://wallet2.com/rpc"),
                    How::Fetched,
                )),
            ),
            load(secret),
        ])
    };
    assert_eq!(
        code(own(SECRET).own_record().unwrap().err()).unwrap(),
        "OWN_KEY"
    );
    assert_eq!(play([load(SECRET)]).own_record(), None);
}

#[test]
fn an_ilp_kit_is_known_by_its_endpoint() {
    let state = play([
        Action::Host(Side::Theirs, "kit.example".into()),
        Action::Ask(Side::Theirs, host("kit.example")),
        Action::Answer(
            Side::Theirs,
            host("kit.example"),
            Ok((
                record("kit.example", "https://kit.example/api/peers/rpc"),
                How::Fetched,
            )),
        ),
        Action::Scale("6".into()),
        Action::Limit("1.5".into()),
    ]);
    assert_eq!(state.warnings().len(), 2);
}

fn connector(state: &State) -> SnapshotView {
    let details = details(state);
    let json = serde_json::json!({
        "version": 1, "time": "2026-01-01T00:00:00.000Z", "routes": [],
        "identity": {
            "url": "https://wallet1.com", "public_key": "5yE-6p-bnevKT9hnnx1UqgV8-DxkXUgymTZkeIrPHzg",
            "protocol_version": "Compatible: ilp-kit v3.0.0", "rpc_uri": "https://wallet1.com/rpc", "ledgers": [],
        },
        "peers": [{
            "prefix": details.prefix, "mode": "webfinger", "host": "https://wallet2.com",
            "rpc_uri": "https://wallet2.com/rpc", "protocol_version": "Compatible: ilp-kit v3.0.0",
            "currency": "USD", "scale": 9, "account": details.account, "peer_account": details.peer_account,
            "limit": "5", "balance": "0", "state": "checked", "reason": "",
            "token_fingerprint": details.send_token.fingerprint(),
        }],
    });
    serde_json::from_value(json).unwrap()
}

#[test]
fn page_and_connector_are_compared_fact_by_fact() {
    let state = play(peer_found());
    let Secret::Held { public, .. } = &state.secret else {
        panic!();
    };
    let snapshot = connector(&state);
    let same = Comparison::of(&details(&state), public, &snapshot);
    assert!(same.verdict().0, "{same:?}");

    let other = state.after(Action::Scale("6".into()));
    let differs = Comparison::of(&details(&other), public, &snapshot);
    let (ok, sentence) = differs.verdict();
    assert!(!ok);
    assert!(
        sentence.contains("ledger prefix, currency scale"),
        "{sentence}"
    );

    let stranger = SecretKey::from_bytes(&[9; 32]).public_key();
    assert!(matches!(
        Comparison::of(&details(&state), &stranger, &snapshot),
        Comparison::OtherSecret { .. }
    ));

    let mut alone = snapshot;
    alone.peers.clear();
    assert_eq!(
        Comparison::of(&details(&state), public, &alone),
        Comparison::NoSuchPeer
    );
}

#[test]
fn the_connector_behind_the_page_fills_in_the_host() {
    let snapshot = Rc::new(connector(&play(peer_found())));
    let state = play([Action::Behind(snapshot.clone())]);
    assert_eq!(&*state.mine.text, "https://wallet1.com");
    let typed = play([
        Action::Host(Side::Mine, "other.example".into()),
        Action::Behind(snapshot),
    ]);
    assert_eq!(&*typed.mine.text, "other.example");
}

#[test]
fn what_was_derived_of_other_terms_comes_too_late() {
    let snapshot = Rc::new(connector(&play(peer_found())));
    let without_secret = peer_found().into_iter().take(3);
    let state = play(without_secret.chain([Action::Behind(snapshot), Action::Derive]));
    let first = state.to_derive().unwrap();
    let state = state.after(Action::Currency("XRP".into()));
    assert_eq!(state.derived, Derived::Idle);
    let second = state.to_derive().unwrap();
    assert_ne!(first, second);
    let failed = || Err(Problem::new("CLOCK", "whatever"));
    let state = state.after(Action::Derive);
    let state = state.after(Action::Derived(first, failed()));
    assert_eq!(state.derived, Derived::Asking);
    let state = state.after(Action::Derived(second, failed()));
    assert!(matches!(state.derived, Derived::Failed(_)));
}

const NOW: u64 = 1_500_000_000_000;

fn now() -> Timestamp {
    Timestamp::from_millis(NOW)
}

fn text(text: &str) -> Rc<SecretText> {
    Rc::new(SecretText::new(text.to_owned()))
}

fn facts(state: &State) -> Facts {
    state.facts().unwrap().unwrap()
}
