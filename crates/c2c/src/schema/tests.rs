use super::*;

fn faults(text: &str, dialect: Dialect) -> Vec<Violation> {
    validate(text.as_bytes(), dialect).unwrap_err()
}

fn one(text: &str, dialect: Dialect) -> Violation {
    let mut found = faults(text, dialect);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

fn with_route(route: &str) -> String {
    format!(r#"{{"new_routes":[{route}],"hold_down_time":45000,"unreachable_through_me":[]}}"#)
}

const ROUTE21: &str = r#"{"source_ledger":"peer.a.","destination_ledger":"g.","min_message_window":1,"source_account":"peer.a.b"}"#;

#[test]
fn every_fault_is_listed_with_its_place_and_cure() {
    let text = r#"{
  "new_routes": [
    {"source_ledger": "g.é.", "destination_ledger": "ex ample.", "min_message_window": -1,
     "sorce_account": "g.a.b", "points": [[0, 0]]}
  ],
  "hold_down_time": 1.5
}"#;
    let found = faults(text, Dialect::V21);
    let places: Vec<_> = found
        .iter()
        .map(|v| (v.code, v.path.as_str(), v.line, v.column))
        .collect();
    assert_eq!(
        places,
        [
            (Code::Required, "unreachable_through_me", 1, 1),
            (Code::Required, "new_routes[0].source_account", 3, 5),
            (Code::Address, "new_routes[0].source_ledger", 3, 23),
            (Code::Address, "new_routes[0].destination_ledger", 3, 53),
            (Code::Minimum, "new_routes[0].min_message_window", 3, 88),
            (Code::UnknownMember, "new_routes[0].sorce_account", 4, 6),
            (Code::Type, "new_routes[0].points", 4, 42),
            (Code::NotWhole, "hold_down_time", 6, 21),
        ]
    );
    assert_eq!(found[5].hint, "Did you mean source_account?");
    assert_eq!(found[6].value, "[[0, 0]]");
    assert!(
        found
            .iter()
            .all(|v| !v.message.is_empty() && !v.hint.is_empty())
    );
    assert_eq!(
        found[7].to_string(),
        "6:21: hold_down_time: hold_down_time must be a whole number. Write whole milliseconds, such as 45000."
    );
}

#[test]
fn a_member_that_stands_twice_counts_as_the_last() {
    let good = r#""hold_down_time":1,"unreachable_through_me":[]"#;
    let right = |text: &str| validate(text.as_bytes(), Dialect::V21).is_ok();
    assert!(right(&format!(
        r#"{{"new_routes":5,{good},"new_routes":[]}}"#
    )));
    assert!(!right(&format!(
        r#"{{"new_routes":[],{good},"new_routes":5}}"#
    )));
    assert!(right(&format!(
        r#"{{"new_routes":[7,{{"paths":1,"paths":2}}],{good},"new_\u0072outes":[]}}"#
    )));
    assert!(right(&with_route(
        &ROUTE21.replace("}", r#","min_message_window":2}"#)
    )));
    assert!(right(&with_route(
        &ROUTE21.replace('{', r#"{"points":null,"points":"AAA","points":"","#)
    )));
    let many = "7,".repeat(2 * MAX_VIOLATIONS);
    let hidden = format!(
        r#"{{"new_routes":[{many}7],"hold_down_time":0,"unreachable_through_me":[],"new_routes":[]}}"#
    );
    assert_eq!(one(&hidden, Dialect::V21).path, "hold_down_time");
}

#[test]
fn the_list_of_faults_is_bounded() {
    let many = "7,".repeat(10_000);
    let text = with_route(&format!("{many}7"));
    assert_eq!(faults(&text, Dialect::V21).len(), MAX_VIOLATIONS);
    let key = "k".repeat(100_000);
    let long = format!(
        r#"{{"{key}":"{key}","new_routes":[],"hold_down_time":1,"unreachable_through_me":[]}}"#
    );
    let fault = one(&long, Dialect::V21);
    assert!(fault.path.len() < 200 && fault.value.len() < 200 && fault.message.len() < 300);
}

#[test]
fn bytes_that_are_not_json_give_one_fault() {
    for (text, line, column, hint) in [
        ("", 1, 1, "The end is missing: copy the whole document."),
        ("{\"new_routes\":[],}", 1, 18, "Remove the comma before it."),
        ("{\n 'new_routes':[]}", 2, 2, "Use double quotes."),
        (
            "<html>",
            1,
            1,
            "This looks like a web page; ask for the JSON document.",
        ),
        (
            "\u{feff}{}",
            1,
            1,
            "Remove the byte order mark at the beginning.",
        ),
        ("{} x", 1, 4, "Correct the document here."),
        ("{\"new_routes\":[01]}", 1, 17, "Correct the document here."),
        (
            "{\"new_routes\":NaN}",
            1,
            15,
            "JSON has no NaN and no Infinity: write a number.",
        ),
        ("{\"a\":tru}", 1, 6, "Correct the document here."),
        ("{\"a\":\"\t\"}", 1, 7, "Correct the document here."),
    ] {
        let fault = one(text, Dialect::V21);
        assert_eq!(fault.code, Code::Syntax, "{text}");
        assert_eq!((fault.line, fault.column), (line, column), "{text}");
        assert_eq!(fault.hint, hint, "{text}");
    }
    let not_utf8 = validate(b"{\"a\":\"\xff\"}", Dialect::V21).unwrap_err();
    assert_eq!(not_utf8[0].code, Code::NotUtf8);
    let deep = "[".repeat(100_000);
    assert_eq!(one(&deep, Dialect::V21).code, Code::TooDeep);
    assert_eq!(
        one(&"{\"a\":".repeat(100_000), Dialect::V21).code,
        Code::TooDeep
    );
}

#[test]
fn huge_numbers_are_refused_at_once_and_large_ones_are_not() {
    let with = |n: &str| {
        format!(r#"{{"new_routes":[],"hold_down_time":{n},"unreachable_through_me":[]}}"#)
    };
    assert_eq!(
        one(&with("1e999999999999"), Dialect::V21).code,
        Code::TooLarge
    );
    assert_eq!(
        one(&with("1e-999999999999"), Dialect::V21).code,
        Code::Minimum
    );
    assert!(validate(with("1e300").as_bytes(), Dialect::V21).is_ok());
}

#[test]
fn the_cure_knows_the_other_dialect() {
    let hint = |route: &str, dialect| one(&with_route(route), dialect).hint;
    let points = |value: &str| ROUTE21.replace('{', &format!(r#"{{"points":{value},"#));
    assert!(hint(&points("[[0,0]]"), Dialect::V21).starts_with("Pairs belong"));
    assert!(hint(&points("\"AAAA\""), Dialect::V17).starts_with("Base64 belongs"));
    assert!(hint(&points("\"AA-_\""), Dialect::V21).starts_with("This is base64url"));
    assert_eq!(
        hint(&points("null"), Dialect::V21),
        "Leave points out instead of writing null."
    );
    assert!(hint(&points("[]"), Dialect::V17).starts_with("Write at least one pair"));
    let asks = r#"{"new_routes":[],"hold_down_time":1,"unreachable_through_me":[],"request_full_table":true}"#;
    assert!(one(asks, Dialect::V17).hint.contains("21.1.9"));
}

#[test]
fn the_published_schemas_have_the_same_members() {
    use std::collections::BTreeSet;
    for dialect in [Dialect::V17, Dialect::V21] {
        let schema: serde_json::Value = serde_json::from_str(dialect.json_schema()).unwrap();
        let names = |object: &serde_json::Value| -> BTreeSet<String> {
            object["properties"]
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect()
        };
        let required = |object: &serde_json::Value| -> BTreeSet<String> {
            let list = object["required"].as_array().unwrap();
            list.iter()
                .map(|name| name.as_str().unwrap().to_owned())
                .collect()
        };
        // What is missing is told by an empty object, what is unknown by one that has every name.
        let missing = |text: &str| -> BTreeSet<String> {
            let found = faults(text, dialect)
                .into_iter()
                .filter(|v| v.code == Code::Required);
            found
                .map(|v| v.path.rsplit('.').next().unwrap().to_owned())
                .collect()
        };
        let route = &schema["definitions"]["route"];
        assert_eq!(missing("{}"), required(&schema));
        assert_eq!(missing(&with_route("{}")), required(route));
        let all = |of: BTreeSet<String>| {
            of.iter()
                .map(|name| format!("\"{name}\":null"))
                .collect::<Vec<_>>()
                .join(",")
        };
        let known = |text: String| {
            faults(&text, dialect)
                .iter()
                .all(|v| v.code != Code::UnknownMember)
        };
        assert!(known(format!("{{{}}}", all(names(&schema)))));
        assert!(known(with_route(&format!("{{{}}}", all(names(route))))));
    }
}

/// What routes hold, as one line each.
#[derive(Default)]
struct Lines(Vec<String>);

impl<'a> Visit<'a> for Lines {
    fn restart(&mut self) {
        self.0.clear();
    }

    fn route(&mut self, route: RouteText<'a>) {
        let [source, to, account] = [
            route.source_ledger,
            route.destination_ledger,
            route.source_account,
        ]
        .map(|text| text.decode());
        let window = route.min_message_window;
        self.0.push(format!("{source} {to} {account} {window}"));
    }
}

#[test]
fn routes_may_differ_from_the_one_before_in_every_way() {
    let members = [
        r#""source_ledger":"peer.a.""#,
        r#""destination_ledger" : "g.x.""#,
        r#""source_account":"peer.a.x""#,
        r#""min_message_window":1"#,
        r#""source_ledger":"peer.b.""#,
        r#""source_ledg\u0065r":"peer.a.""#,
        r#""source_account":"peer.a.xy""#,
        r#""source_account":"peer.\u0061.x""#,
    ];
    let wanted = [
        (vec![0, 1, 2, 3], "peer.a. g.x. peer.a.x 1000"),
        (vec![0, 1, 2, 3], "peer.a. g.x. peer.a.x 1000"),
        (vec![3, 2, 1, 0], "peer.a. g.x. peer.a.x 1000"),
        (vec![4, 1, 2, 3], "peer.b. g.x. peer.a.x 1000"),
        (vec![0, 4, 1, 2, 3], "peer.b. g.x. peer.a.x 1000"),
        (
            vec![4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 0, 1, 2, 3],
            "peer.a. g.x. peer.a.x 1000",
        ),
        (vec![5, 1, 6, 3], "peer.a. g.x. peer.a.xy 1000"),
        (vec![1, 3, 7, 4], "peer.b. g.x. peer.a.x 1000"),
        (vec![0, 1, 2, 3], "peer.a. g.x. peer.a.x 1000"),
    ];
    for separator in [",", " ,\n "] {
        let route = |which: &Vec<usize>| {
            let texts: Vec<&str> = which.iter().map(|member| members[*member]).collect();
            format!("{{ {} }}", texts.join(separator))
        };
        let routes: Vec<String> = wanted.iter().map(|(which, _)| route(which)).collect();
        let update = format!(
            r#"{{"new_routes":[{}],"hold_down_time":1,"unreachable_through_me":[]}}"#,
            routes.join(",")
        );
        let mut lines = Lines::default();
        scan(Document::whole(update.as_bytes()), Dialect::V21, &mut lines).unwrap();
        let wanted: Vec<&str> = wanted.iter().map(|(_, line)| *line).collect();
        assert_eq!(lines.0, wanted);
    }
}

#[test]
fn a_text_ends_where_its_quote_is_however_long_it_is() {
    for length in 0..200 {
        for end in ["\"", "\\n\"", "é\"", "é\\\"\"", "=\"", "\u{7f}\""] {
            let text = format!("{}{end}", "a".repeat(length));
            let json = format!("\"{text}, \"further\"");
            let read = Reader::new(json.as_bytes()).text().unwrap();
            assert_eq!(read.raw(), &text.as_bytes()[..text.len() - 1], "{json}");
        }
        let cut = format!("\"{}", "a".repeat(length));
        assert!(Reader::new(cut.as_bytes()).text().is_err());
        let control = format!("\"{}\u{1f}\"", "a".repeat(length));
        let fault = Reader::new(control.as_bytes()).text().unwrap_err();
        assert_eq!(fault.at, length + 1);
    }
}
