//! A script as JSON: the network as the simulator's scenarios are written, and the deeds as in links.

use c2c::amount::Amount;
use c2c_sim::{ConnectorSpec, LinkSpec, RateSpec, Scenario, Wire};
use serde_json::{Map, Value, json};

use super::Timed;

/// The version of this form.
const VERSION: u64 = 1;
/// The longest interval and the longest delay, in milliseconds.
const LONGEST: u64 = 3_600_000;

/// A script, played until `until`.
pub fn write(scenario: &Scenario, deeds: &[Timed], until: u64) -> String {
    let connector = |one: &ConnectorSpec| {
        let rates = one.rates.iter();
        let rates: Vec<Value> = rates
            .map(|rate| json!([rate.from, rate.to, rate.rate]))
            .collect();
        json!({"name": one.name, "currencies": one.currencies, "spread": one.spread, "rates": rates, "interval_ms": one.interval_ms})
    };
    let link = |one: &LinkSpec| {
        let limits = one.limits.map(|limit| limit.to_string());
        json!({"between": one.between, "currency": one.currency, "scale": one.scale, "limits": limits})
    };
    let connectors: Vec<Value> = scenario.connectors.iter().map(connector).collect();
    let links: Vec<Value> = scenario.links.iter().map(link).collect();
    let deeds: Vec<String> = deeds.iter().map(Timed::to_link).collect();
    let Wire {
        least_ms,
        most_ms,
        requests_lost,
        answers_lost,
        ..
    } = scenario.wire;
    json!({
        "lab": VERSION, "seed": scenario.seed, "connectors": connectors, "links": links,
        "wire": {"least_ms": least_ms, "most_ms": most_ms, "requests_lost": requests_lost, "answers_lost": answers_lost},
        "deeds": deeds, "until_ms": until,
    })
    .to_string()
}

/// The network, the deeds and until when they were played; or what is wrong, in words.
pub fn read(text: &str) -> Result<(Scenario, Vec<Timed>, u64), String> {
    let value: Value =
        serde_json::from_slice(text.as_bytes()).map_err(|fault| fault.to_string())?;
    let all = At(&value, String::new());
    let version = all.number("lab", None, u64::MAX)?;
    if version > VERSION {
        return Err(format!(
            "it has version {version}, this page reads version {VERSION}"
        ));
    }
    let usual = Wire::default();
    let wire = all.member("wire").unwrap_or(&Value::Null);
    let wire = At(wire, "wire.".to_owned());
    let part = |name, usual, most| wire.number(name, Some(usual), most);
    let scenario = Scenario {
        seed: all.number("seed", Some(0), u64::MAX)?,
        connectors: all.list("connectors", |one| {
            Ok(ConnectorSpec {
                currencies: one.list("currencies", |one| one.text(""))?,
                spread: one.text("spread").unwrap_or_else(|_| "0.002".to_owned()),
                rates: one.list("rates", |one| {
                    Ok(RateSpec {
                        from: one.text("0")?,
                        to: one.text("1")?,
                        rate: one.text("2")?,
                    })
                })?,
                interval_ms: one.number("interval_ms", Some(30_000), LONGEST)?,
                ..ConnectorSpec::new(&one.text("name")?, "USD")
            })
        })?,
        links: all.list("links", |one| {
            let limits = At(
                one.member("limits").unwrap_or(&Value::Null),
                format!("{}limits.", one.1),
            );
            let limit = |place| {
                let text = limits.text(place)?;
                text.parse::<Amount>()
                    .map_err(|fault| format!("{}{place}: {fault}", limits.1))
            };
            let between = At(
                one.member("between").unwrap_or(&Value::Null),
                format!("{}between.", one.1),
            );
            let scale = one.number("scale", Some(9), 255)?;
            Ok(LinkSpec {
                between: [between.text("0")?, between.text("1")?],
                currency: one.text("currency")?,
                scale: u8::try_from(scale).map_err(|_| format!("{}scale is too large", one.1))?,
                limits: [limit("0")?, limit("1")?],
                dialects: Default::default(),
            })
        })?,
        wire: Wire {
            least_ms: part("least_ms", usual.least_ms, LONGEST)?,
            most_ms: part("most_ms", usual.most_ms, LONGEST)?,
            requests_lost: part("requests_lost", 0, 1_000)?,
            answers_lost: part("answers_lost", 0, 1_000)?,
            ..usual
        },
    };
    let deeds = all.list("deeds", |one| {
        let text = one.text("")?;
        Timed::from_link(&text).ok_or_else(|| format!("\"{text}\" is no deed"))
    })?;
    Ok((scenario, deeds, all.number("until_ms", Some(0), u64::MAX)?))
}

/// A value and where it stands.
struct At<'a>(&'a Value, String);

impl<'a> At<'a> {
    /// The member of that name, or the item at that place; the value itself for no name.
    fn member(&self, name: &str) -> Option<&'a Value> {
        match self.0 {
            own if name.is_empty() => Some(own),
            Value::Array(items) => items.get(name.parse::<usize>().ok()?),
            own => own
                .as_object()
                .and_then(|members: &Map<_, _>| members.get(name)),
        }
    }

    fn wants(&self, name: &str, what: &str) -> String {
        let place = format!("{}{name}", self.1);
        format!(
            "{} is no {what}",
            if place.is_empty() {
                "it"
            } else {
                place.trim_end_matches('.')
            }
        )
    }

    fn text(&self, name: &str) -> Result<String, String> {
        let text = self.member(name).and_then(Value::as_str);
        text.map(str::to_owned)
            .ok_or_else(|| self.wants(name, "text"))
    }

    fn number(&self, name: &str, usual: Option<u64>, most: u64) -> Result<u64, String> {
        let number = match (self.member(name), usual) {
            (None, Some(usual)) => usual,
            (value, _) => value
                .and_then(Value::as_u64)
                .ok_or_else(|| self.wants(name, "number"))?,
        };
        if number > most {
            return Err(format!("{}{name} is {number}; the most is {most}", self.1));
        }
        Ok(number)
    }

    /// The items of a list that may be missing, but for the connectors.
    fn list<T>(
        &self,
        name: &str,
        item: impl Fn(At<'a>) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let items = match self.member(name) {
            Some(Value::Array(items)) => items.as_slice(),
            None if name == "links" || name == "deeds" || name == "rates" => &[],
            _ => return Err(self.wants(name, "list")),
        };
        let items = items.iter().enumerate();
        items
            .map(|(place, value)| item(At(value, format!("{}{name}[{place}].", self.1))))
            .collect()
    }
}
