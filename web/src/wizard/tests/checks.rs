//! What a check says, and what is noticed later.

use super::*;

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
