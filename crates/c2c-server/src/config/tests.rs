//! Precedence, refusals, and their words.

use super::*;

fn resolve(file: &str) -> Result<Config, ConfigError> {
    let path = Path::new("/etc/c2c/c2c.toml");
    Config::resolve(&Sources {
        flag: &|_| None,
        environment: &|_| None,
        file: Some((path, file)),
    })
    .map(|(config, _)| config)
}

#[test]
fn the_documented_file_is_read() {
    let config = resolve(
        r#"
        url = "https://wallet1.example"
        listen = "127.0.0.1:8080"
        title = "Wallet One"
        [routing]
        broadcast_interval_ms = 30000
        route_expiry_ms = 45000
        spread = "0.002"
        max_points = 10
        broadcast_curves = true
        change_threshold_bps = 5
        hold_for_interval = true
        too_good = "refuse"
        [[ledger]]
        prefix = "example.green."
        currency = "USD"
        scale = 9
        [[rate]]
        from = "USD"
        to = "EUR"
        rate = "0.92"
        [[route]]
        target_prefix = "g."
        via = "peer.k3x9Q.usd.9."
        "#,
    )
    .unwrap();
    assert_eq!(config.rpc_uri(), "https://wallet1.example/rpc");
    assert_eq!(config.database, Database::Sqlite("/etc/c2c/c2c.db".into()));
    assert_eq!(config.ledgers[0].prefix.as_str(), "example.green.");
    assert_eq!(config.rates[0].rate.to_string(), "0.92");
    assert_eq!(
        config.ledgers[0].account.as_str(),
        "example.green.connector"
    );
    assert_eq!(config.routes[0].via.as_str(), "peer.k3x9Q.usd.9.");
    assert_eq!(config.routing.change_threshold, 5);
    assert!(config.routing.hold_for_interval);
    assert_eq!(config.routing.too_good, TooGoodPolicy::Refuse);
    assert_eq!(config.routing.too_good_above, 500);
}

#[test]
fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
    let file = "url = \"https://file.example\"\ntitle = \"file\"\nlisten = \"127.0.0.1:1\"\n";
    let (config, explained) = Config::resolve(&Sources {
        flag: &|name| (name == "title").then(|| "flag".to_owned()),
        environment: &|name| match name {
            "C2C_TITLE" => Some("env".to_owned()),
            "C2C_LISTEN" => Some("127.0.0.1:2".to_owned()),
            "CONNECTOR_ROUTE_EXPIRY" => Some("60000".to_owned()),
            _ => None,
        },
        file: Some((Path::new("c2c.toml"), file)),
    })
    .unwrap();
    assert_eq!(config.title.as_deref(), Some("flag"));
    assert_eq!(config.listen.port(), 2);
    assert_eq!(config.url, "https://file.example");
    assert_eq!(config.routing.route_expiry, Millis(60000));
    assert_eq!(config.routing.broadcast_interval, Millis(30000));
    let source = |key: &str| {
        let found = explained.iter().find(|one| one.key == key).unwrap();
        found.source.clone()
    };
    assert_eq!(source("title"), "flag");
    assert_eq!(source("listen"), "C2C_LISTEN");
    assert_eq!(source("url"), "file");
    assert_eq!(source("routing.route_expiry_ms"), "CONNECTOR_ROUTE_EXPIRY");
    assert_eq!(source("routing.spread"), "default");
}

#[test]
fn an_unknown_key_names_the_nearest() {
    let cases = [
        (
            "lisen = \"x\"",
            "\"lisen\" is not a setting. Did you mean \"listen\"?",
        ),
        (
            "[routing]\nbroadcast_interval = 1",
            "\"routing.broadcast_interval\" is not a setting. Did you mean \"routing.broadcast_interval_ms\"?",
        ),
        (
            "[[ledger]]\nprefx = \"a.\"",
            "\"ledger.prefx\" is not a setting. Did you mean \"ledger.prefix\"?",
        ),
        (
            "[rooting]\nspread = 1",
            "\"rooting\" is not a setting. Did you mean \"routing\"?",
        ),
    ];
    for (file, message) in cases {
        assert_eq!(resolve(file).unwrap_err().to_string(), message);
    }
}

#[test]
fn wrong_values_are_named_with_their_key() {
    let cases = [
        ("", "url"),
        ("url = \"http://wallet1.example\"", "url"),
        ("url = \"https://wallet1.example/kit\"", "url"),
        ("url = \"http://127.0.0.1:1\"", "url"),
        ("url = \"https://a.b\"\nlisten = \"8080\"", "listen"),
        (
            "url = \"https://a.b\"\ndatabase = \"postgres://x\"",
            "database",
        ),
        (
            "url = \"https://a.b\"\nallow_loopback_http = \"maybe\"",
            "allow_loopback_http",
        ),
        (
            "url = \"https://a.b\"\n[routing]\nspread = \"1.5\"",
            "routing.spread",
        ),
        (
            "url = \"https://a.b\"\n[routing]\nspread = \"-0.1\"",
            "routing.spread",
        ),
        (
            "url = \"https://a.b\"\n[routing]\nmax_points = 1",
            "routing.max_points",
        ),
        (
            "url = \"https://a.b\"\n[routing]\nmax_hold_time_ms = 0",
            "routing.max_hold_time_ms",
        ),
        (
            "url = \"https://a.b\"\n[[rate]]\nfrom=\"USD\"\nto=\"EUR\"\nrate=\"0.0\"",
            "rate[0].rate",
        ),
        (
            "url = \"https://a.b\"\n[[ledger]]\nprefix=\"peer.x.\"\ncurrency=\"USD\"\nscale=9",
            "ledger[0].prefix",
        ),
        (
            "url = \"https://a.b\"\n[[ledger]]\nprefix=\"a.\"\ncurrency=\"USD\"\nscale=19",
            "ledger[0].scale",
        ),
        (
            "url = \"https://a.b\"\n[[route]]\ntarget_prefix=\"g\"\nvia=\"peer.a.\"",
            "route[0].target_prefix",
        ),
    ];
    for (file, key) in cases {
        let message = resolve(file).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{key} ")), "{file}: {message}");
    }
}

#[test]
fn routes_must_outlive_the_interval() {
    let error = resolve("url = \"https://a.b\"\n[routing]\nroute_expiry_ms = 30000").unwrap_err();
    assert_eq!(
        error,
        ConfigError::ExpiryTooShort {
            expiry: 30000,
            interval: 30000
        }
    );
}

#[test]
fn the_dashboard_opens_on_loopback_only() {
    let file = "url = \"https://a.b\"\nopen_dashboard = true\nlisten = \"0.0.0.0:80\"";
    assert!(matches!(
        resolve(file),
        Err(ConfigError::OpenDashboard { .. })
    ));
    let file = "url = \"https://a.b\"\nopen_dashboard = true\nlisten = \"127.0.0.1:80\"";
    assert!(matches!(
        resolve(file),
        Err(ConfigError::OpenDashboardBehindProxy { .. })
    ));
    let file = "url = \"https://127.0.0.1\"\nopen_dashboard = true\nlisten = \"127.0.0.1:80\"";
    assert!(resolve(file).unwrap().open_dashboard);
}
