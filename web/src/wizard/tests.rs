use std::rc::Rc;

use c2c::key::SecretKey;
use c2c::peering::{Details, Says};
use c2c::snapshot::SnapshotView;
use c2c::timestamp::Timestamp;
use c2c::webfinger::{Host, Record, RpcUri};

use super::compare::Comparison;
use super::{
    About, Action, Facts, Field, Found, How, Keeper, Lookup, Mode, Outcome, Problem, Secret,
    SecretText, Side, State, by_telling, of_browser, of_server, peerings, spoken,
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

const NOW: u64 = 1_500_000_000_000;

fn now() -> Timestamp {
    Timestamp::from_millis(NOW)
}

fn text(text: &str) -> Rc<SecretText> {
    Rc::new(SecretText::new(text.to_owned()))
}

/// A page that was just opened.
fn page(random: u8) -> State {
    let random = c2c::key::to_base64url(&[random; 48]);
    State::default().after(Action::Begin(now(), text(&random)))
}

fn invite() -> State {
    page(1)
        .after(Action::Host(Side::Mine, "wallet1.com".into()))
        .after(Action::Currency("EUR".into()))
        .after(Action::Scale("6".into()))
        .after(Action::Limit("10".into()))
}

fn sent(state: &State) -> (Says, String) {
    let letter = state.letter().unwrap();
    (letter.says.clone(), letter.encode())
}

#[test]
fn an_offer_is_countered_and_then_accepted() {
    let inviter = invite();
    let (says, offer) = sent(&inviter);
    assert_eq!(says, Says::Offer);
    let invited = page(2)
        .after(Action::Host(Side::Mine, "wallet2.com".into()))
        .after(Action::letter(&offer, now()));
    assert_eq!(&*invited.theirs.text, "wallet1.com");
    assert_eq!((&*invited.currency, &*invited.scale), ("EUR", "6"));
    assert_eq!(sent(&invited).0, Says::Accept);
    assert!(!invited.differences().iter().any(|field| field.parts()));

    let invited = invited.after(Action::Scale("9".into()));
    let (says, counter) = sent(&invited);
    assert_eq!(says, Says::Counter);
    let inviter = inviter.after(Action::letter(&counter, now()));
    assert_eq!(
        &*inviter.scale, "6",
        "what was offered stays until its writer decides"
    );
    let parts: Vec<_> = inviter
        .differences()
        .into_iter()
        .filter(|field| field.parts() && field.field != "Their host")
        .map(|field| (field.field, field.theirs, field.mine))
        .collect();
    assert_eq!(parts, [("Scale", "9".to_owned(), "6".to_owned())]);
    let inviter = inviter.after(Action::TakeTerms);
    let (says, accept) = sent(&inviter);
    assert_eq!(says, Says::Accept);
    let invited = invited.after(Action::letter(&accept, now()));
    assert_eq!(invited.letter(), None, "nothing is left to be said");
    assert_eq!(invited.letter_missing(), Vec::<&str>::new());
}

#[test]
fn letters_that_are_of_no_use_are_told() {
    let problem = |state: &State, letter: &str, at: u64| {
        let after = state.after(Action::letter(letter, Timestamp::from_millis(at)));
        after.letter_problem.map(|problem| problem.code.to_string())
    };
    let inviter = invite();
    let (_, offer) = sent(&inviter);
    let day = 24 * 3600 * 1000;
    assert_eq!(problem(&page(2), &offer, NOW + 7 * day), None);
    let code = |letter: &str, at| problem(&page(2), letter, at).unwrap();
    assert_eq!(code(&offer, NOW + 8 * day), "INVITE_EXPIRED");
    assert_eq!(code(&offer[..offer.len() - 1], NOW), "INVITE_DAMAGED");
    assert_eq!(problem(&inviter, &offer, NOW).unwrap(), "INVITE_OWN");

    let invited = page(2).after(Action::letter(&offer, now()));
    let refusal = invited.refusal("too small").unwrap().encode();
    let told = inviter.after(Action::letter(&refusal, now()));
    let reason = match &told.received.unwrap().says {
        Says::Refuse { reason } => reason.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(reason, "too small");
    let sealed = page(2).after(Action::letter("https://a.example/#c2cs1.AbC", now()));
    assert_eq!(sealed.sealed.as_deref(), Some("AbC"));
}

/// Two pages without WebFinger, up to the accepted offer.
fn told_each_other() -> (State, State) {
    let tell = |state: State, field, words: &str| state.after(Action::Tell(field, text(words)));
    let one = invite().after(Action::Choose(Mode::Manual));
    let one = tell(one, Field::RpcUri, "https://wallet1.com/rpc");
    let offer = one.letter().unwrap();
    assert!(
        offer.without_token() != offer,
        "the letter itself has the token"
    );
    let two = page(2).after(Action::letter(&offer.without_token().encode(), now()));
    assert_eq!(two.mode, Mode::Manual);
    assert_eq!(
        two.missing(),
        ["your RPC address", "the token for your calls to them"]
    );
    let token = |state: &State| state.manual.text(Field::Token, "EUR", "6");
    let two = tell(two, Field::RpcUri, "https://wallet2.com/rpc");
    let two = tell(two, Field::TheirToken, token(&one).reveal());
    let accept = two.letter().unwrap();
    assert_eq!(accept.says, Says::Accept);
    let one = one.after(Action::letter(&accept.without_token().encode(), now()));
    let one = tell(one, Field::TheirToken, token(&two).reveal());
    (one, two)
}

fn facts(state: &State) -> Facts {
    state.facts().unwrap().unwrap()
}

#[test]
fn who_told_each_other_has_the_same_facts_crossed() {
    let (one, two) = told_each_other();
    let (mine, theirs) = (facts(&one), facts(&two));
    for same in ["prefix", "code", "scale"] {
        assert_eq!(mine.shown(same), theirs.shown(same), "{same}");
    }
    assert_eq!(mine.shown("token"), theirs.shown("token-accept"));
    assert_eq!(mine.shown("token-accept"), theirs.shown("token"));
    assert_eq!(mine.shown("endpoint"), "https://wallet2.com/rpc");
    assert_eq!(mine.account, theirs.peer_account);
    assert_eq!(mine.words, theirs.words);
    assert_eq!(mine.words.len(), 12);
    let token = one.manual.text(Field::Token, "EUR", "6");
    let exports = by_telling(mine.details.as_ref().unwrap(), one.limit().unwrap());
    for printed in [
        format!("{one:?}"),
        format!("{mine:?}"),
        format!("{exports:?}"),
    ] {
        assert!(!printed.contains(token.reveal()), "{printed}");
    }
    assert!(exports[0].whole.as_ref().unwrap().contains(token.reveal()));
}

#[test]
fn the_short_code_is_spoken_letter_by_letter() {
    assert_eq!(
        spoken("aB7-_"),
        "small a, capital B, seven, dash, underscore"
    );
    let facts = facts(&play(peer_found()));
    assert_eq!(facts.code, "OR5Df");
}

#[test]
fn a_check_says_what_each_answer_means() {
    let state = play(peer_found());
    let details = details(&state);
    let about = About {
        details: &details,
        me: "wallet1.com",
    };
    let fetched = |key: &str, ahead| {
        let json = String::from_utf8(record("wallet2.com", "https://wallet2.com/rpc")).unwrap();
        Fetched {
            bytes: json.replace(PEER_KEY, key).into_bytes(),
            ahead,
        }
    };
    let look = |record, call| {
        let found = Found {
            record: Some(record),
            call,
            now: now(),
        };
        let steps = of_browser(&about, &found);
        steps
            .iter()
            .map(|step| {
                (
                    step.name.to_string(),
                    step.outcome,
                    step.code.as_deref().map(str::to_owned),
                )
            })
            .collect::<Vec<_>>()
    };
    let called = |status, body: &str| {
        Ok(Called {
            status,
            body: body.as_bytes().to_vec(),
            ahead: None,
        })
    };
    let fine = look(Ok(fetched(PEER_KEY, Some(-2_000.0))), called(200, "\"5\""));
    let outcomes: Vec<_> = fine.iter().map(|step| step.1).collect();
    use Outcome::{Bad, Good, Unknown};
    assert_eq!(outcomes, [Good, Good, Good, Good, Good, Unknown]);
    let coded = |record, call, name: &str| {
        let steps = look(record, call);
        let step = steps.into_iter().find(|step| step.0 == name).unwrap();
        assert_eq!(step.1, Bad, "{step:?}");
        step.2.unwrap()
    };
    let sound = || Ok(fetched(PEER_KEY, Some(0.0)));
    for (call, code) in [
        (called(401, "{}"), "RPC_401"),
        (called(403, "{}"), "RPC_403"),
        (called(200, "{\"id\":\"a\",\"message\":\"b\"}"), "RPC_ERROR"),
        (Err(CallMissed::Timeout), "RPC_TIMEOUT"),
        (Err(CallMissed::Unreachable), "RPC_UNREACHABLE"),
    ] {
        assert_eq!(coded(sound(), call, "auth"), code);
    }
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAk";
    let moved = Ok(fetched(other, None));
    assert_eq!(coded(moved, called(200, "\"5\""), "record"), "KEY_CHANGED");
    let late = Ok(fetched(PEER_KEY, Some(9_000.0)));
    assert_eq!(coded(late, called(200, "\"5\""), "clock"), "CLOCK");
    let blocked = look(Err(Missed::Cors), Err(CallMissed::Blocked));
    assert_eq!((blocked[0].1, blocked[3].1), (Bad, Unknown));
}

#[test]
fn steps_that_a_server_did_not_take_are_named() {
    let view = serde_json::from_value(serde_json::json!({
        "ok": false,
        "steps": [
            { "name": "tls", "ok": false, "code": "WF_TLS", "message": "expired" },
            { "name": "auth", "ok": true, "message": "known" },
            { "name": "balances", "ok": true, "message": "equal" },
        ],
    }))
    .unwrap();
    let steps = of_server(&view);
    let names: Vec<_> = steps.iter().map(|step| &*step.name).collect();
    let expected = [
        "record",
        "tls",
        "clock",
        "auth",
        "their limit",
        "balances",
        "first broadcast",
    ];
    assert_eq!(names, expected);
    assert_eq!(steps[0].outcome, Outcome::Unknown);
    assert_eq!(steps[1].code.as_deref(), Some("WF_TLS"));
}

#[test]
fn a_kept_peering_whose_record_moved_raises_the_alarm() {
    let state = play(peer_found());
    let peering = state.peering(&facts(&state)).unwrap();
    let kept = vec![peering];
    assert_eq!(peerings::read(&peerings::write(&kept)), kept);
    let token = details(&state).send_token;
    assert!(!peerings::write(&kept).contains(token.reveal()));

    let again = state.after(Action::Peerings(kept.clone()));
    assert_eq!(code(again.duplicate()).unwrap(), "DUPLICATE");
    assert_eq!(again.key_alarm(), None);
    let opened = again.after(Action::OpenPeering(kept[0].clone()));
    assert_eq!(opened.duplicate(), None);

    let mut moved = kept;
    moved[0].peer_key = Some("another".to_owned());
    let moved = state.after(Action::Peerings(moved));
    assert_eq!(code(moved.key_alarm()).unwrap(), "KEY_CHANGED");
    assert!(
        moved.facts().unwrap().is_err(),
        "nothing is derived before it is confirmed"
    );
    let noted = moved.note_alarm().unwrap();
    assert!(noted[0].other_key_since.is_some());
    let confirmed = moved.after(Action::ConfirmKey(PEER_KEY.parse().unwrap()));
    assert_eq!(confirmed.key_alarm(), None);
    assert!(confirmed.facts().unwrap().is_ok());
}

#[test]
fn a_server_that_holds_the_key_is_asked_to_derive() {
    let with_server =
        play(peer_found()).after(Action::Behind(Rc::new(connector(&play(peer_found())))));
    assert_eq!(with_server.keeper(), Keeper::Server);
    let (host, currency, scale) = with_server.to_derive().unwrap();
    assert_eq!(
        (host.to_string(), currency.to_string(), scale.get()),
        ("wallet2.com".to_owned(), "USD".to_owned(), 9)
    );
    assert!(with_server.facts().is_none(), "not before it has answered");
    let in_tab = with_server.after(Action::Keep(Keeper::Tab));
    assert_eq!(in_tab.to_derive(), None);
    assert!(in_tab.facts().unwrap().is_ok());
}
