use super::*;
use crate::timestamp::Millis;

#[test]
fn times_round_trip_and_impossible_days_are_refused() {
    for text in [
        "1970-01-01T00:00:00.000Z",
        "2000-02-29T23:59:59.999Z",
        "2017-06-14T11:58:18.509Z",
        "2100-03-01T00:00:00.001Z",
        "9999-12-31T23:59:59.999Z",
    ] {
        assert_eq!(
            iso::parse(text).map(|t| t.to_string()).as_deref(),
            Some(text)
        );
    }
    for text in [
        "",
        "2017-02-30T00:00:00.000Z",
        "2100-02-29T00:00:00.000Z",
        "2017-13-01T00:00:00.000Z",
        "2017-06-14T24:00:00.000Z",
        "2017-06-14T11:58:18Z",
        "1969-12-31T23:59:59.999Z",
        "2017-06-14T11:58:18.509+",
        "２017-06-14T11:58:18.5Z",
    ] {
        assert_eq!(iso::parse(text), None, "{text}");
    }
}

#[test]
fn seconds_are_json_numbers() {
    for (ms, json) in [
        (0, "0"),
        (1000, "1"),
        (1500, "1.5"),
        (50, "0.05"),
        (1_234_567, "1234.567"),
    ] {
        let seconds = Seconds(Millis(ms));
        assert_eq!(serde_json::to_string(&seconds).unwrap(), json);
        assert_eq!(serde_json::from_str::<Seconds>(json).unwrap(), seconds);
    }
    assert_eq!(
        serde_json::from_str::<Seconds>("0.0001").unwrap().0,
        Millis(1)
    );
    assert!(serde_json::from_str::<Seconds>("-1").is_err());
    assert!(serde_json::from_str::<Seconds>("\"1\"").is_err());
}

#[test]
fn a_peer_reads_as_the_surface_says() {
    let json = r#"{
        "prefix": "peer.OR5Df.usd.9.", "mode": "webfinger", "host": "wallet2.example",
        "rpc_uri": "https://wallet2.example/rpc", "protocol_version": "Compatible: ilp-kit v3.0.0",
        "currency": "USD", "scale": 9, "account": "peer.OR5Df.usd.9.a", "peer_account": "peer.OR5Df.usd.9.b",
        "limit": "100000000000", "balance": "-5", "peer_limit": null, "state": "waiting",
        "reason": "Not yet.", "last_heard": null, "of_a_later_version": {}
    }"#;
    let peer: PeerView = serde_json::from_str(json).unwrap();
    assert_eq!(peer.balance, Balance(-5));
    assert_eq!(peer.state, PeerState::Waiting);
    let value = serde_json::to_value(&peer).unwrap();
    assert_eq!(value["limit"], "100000000000");
    assert_eq!(value["balance"], "-5");
    assert_eq!(value["mode"], "webfinger");
    assert!(value["last_heard"].is_null());
}

#[test]
fn an_error_leaves_out_what_it_has_not() {
    let body = ErrorBody {
        id: "RPC_401".into(),
        message: "No.".into(),
        path: None,
        hint: None,
    };
    assert_eq!(
        serde_json::to_string(&body).unwrap(),
        r#"{"id":"RPC_401","message":"No."}"#
    );
}
