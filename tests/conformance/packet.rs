//! Packets: octet encoding as ilp-packet 1.4.0 writes and reads it.

use c2c::amount::Amount;
use c2c::key::{from_base64_lenient, to_base64url};
use c2c::packet::{
    Account, ByDestinationRequest, ByDestinationResponse, BySourceRequest, BySourceResponse,
    IlpError, LiquidityRequest, LiquidityResponse, Packet, Payment,
};
use c2c::timestamp::{Millis, Timestamp};
use c2c_tests::vectors::{each, list, points, same, text};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// DIFFERENCE: ilp-packet wraps an amount of type 1 around at 2^64. An [`Amount`] cannot be one that
/// does not fit, so it is refused before there is a packet.
#[test]
fn packets_are_written_as_2017_wrote_them() {
    each("packets", |case| {
        if case["op"] != "encode" {
            return Ok(());
        }
        let written = packet(case).and_then(|packet| packet.encode().map_err(shown));
        match (written, refused(case)) {
            (Ok(bytes), false) => same("bytes", text(&case["hex"]), &hex(&bytes)),
            (Ok(_), true) => Err("it was written".to_owned()),
            (Err(fault), false) => Err(fault),
            (Err(_), true) => Ok(()),
        }
    });
}

/// DIFFERENCE: ilp-packet takes addresses of any characters and dates of any form; both are refused
/// here. It refuses the first instant of 1970, which is a time like any other.
#[test]
fn packets_are_read_as_2017_read_them() {
    each("packets", |case| {
        if case["op"] != "decode" {
            return Ok(());
        }
        let read = Packet::decode(&unhex(text(&case["hex"])));
        match (read, refused(case)) {
            (Ok(packet), false) => {
                if case["quirk"].is_null() {
                    same(
                        "type",
                        case["type"].as_u64(),
                        Some(packet.type_byte().into()),
                    )?;
                    same("fields", &case["fields"], &fields(&packet))?;
                }
                Ok(())
            }
            (Ok(packet), true) => Err(format!("it was read: {packet:?}")),
            (Err(fault), false) => Err(shown(fault)),
            (Err(_), true) => Ok(()),
        }
    });
}

#[test]
fn what_2017_wrote_is_read_back_and_written_the_same() {
    each("packets", |case| {
        if case["op"] != "encode" || refused(case) {
            return Ok(());
        }
        let bytes = unhex(text(&case["hex"]));
        let read = Packet::decode(&bytes).map_err(shown)?;
        same("fields", &case["fields"], &fields(&read))?;
        same("bytes", bytes, read.encode().map_err(shown)?)
    });
}

/// Whether we are to refuse: as the reference did, or as is recommended where it did not.
fn refused(case: &Value) -> bool {
    match case["recommended"].as_str() {
        Some(advice) => advice.starts_with("refuse"),
        None => !case["error"].is_null(),
    }
}

/// The packet of these fields, or why there can be none.
fn packet(case: &Value) -> Result<Packet, String> {
    let fields = &case["fields"];
    let amount = |name: &str| text(&fields[name]).parse::<Amount>().map_err(shown);
    let account = |value: &Value| text(value).parse::<Account>().map_err(shown);
    let hold = |name: &str| fields[name].as_u64().map(Millis).ok_or("not a hold");
    let time = |name: &str| text(&fields[name]).parse::<Timestamp>().map_err(shown);
    Ok(match case["type"].as_u64() {
        Some(1) => Packet::Payment(Payment {
            amount: amount("amount")?,
            account: account(&fields["account"])?,
            data: from_base64_lenient(text(&fields["data_base64url"])).map_err(shown)?,
        }),
        Some(2) => Packet::LiquidityRequest(LiquidityRequest {
            destination_account: account(&fields["destination_account"])?,
            destination_hold: hold("destination_hold_duration_ms")?,
        }),
        Some(3) => Packet::LiquidityResponse(LiquidityResponse {
            points: points(&fields["points"]),
            applies_to_prefix: account(&fields["applies_to_prefix"])?,
            source_hold: hold("source_hold_duration_ms")?,
            expires_at: time("expires_at")?,
        }),
        Some(4) => Packet::BySourceRequest(BySourceRequest {
            destination_account: account(&fields["destination_account"])?,
            source_amount: amount("source_amount")?,
            destination_hold: hold("destination_hold_duration_ms")?,
        }),
        Some(5) => Packet::BySourceResponse(BySourceResponse {
            destination_amount: amount("destination_amount")?,
            source_hold: hold("source_hold_duration_ms")?,
        }),
        Some(6) => Packet::ByDestinationRequest(ByDestinationRequest {
            destination_account: account(&fields["destination_account"])?,
            destination_amount: amount("destination_amount")?,
            destination_hold: hold("destination_hold_duration_ms")?,
        }),
        Some(7) => Packet::ByDestinationResponse(ByDestinationResponse {
            source_amount: amount("source_amount")?,
            source_hold: hold("source_hold_duration_ms")?,
        }),
        Some(8) => Packet::Error(IlpError {
            code: text(&fields["code"]).parse().map_err(shown)?,
            name: text(&fields["name"]).to_owned(),
            triggered_by: account(&fields["triggered_by"])?,
            forwarded_by: list(&fields["forwarded_by"])
                .iter()
                .map(account)
                .collect::<Result<_, _>>()?,
            triggered_at: time("triggered_at")?,
            data: text(&fields["data_text"]).as_bytes().to_vec(),
        }),
        other => return Err(format!("type {other:?}")),
    })
}

/// The fields in the manner of the vectors.
fn fields(packet: &Packet) -> Value {
    match packet {
        Packet::Payment(p) => json!({
            "amount": p.amount,
            "account": p.account.as_str(),
            "data_base64url": to_base64url(&p.data),
        }),
        Packet::LiquidityRequest(p) => json!({
            "destination_account": p.destination_account.as_str(),
            "destination_hold_duration_ms": p.destination_hold,
        }),
        Packet::LiquidityResponse(p) => json!({
            "points": p.points.iter().map(|(x, y)| [x.to_string(), y.to_string()]).collect::<Vec<_>>(),
            "applies_to_prefix": p.applies_to_prefix.as_str(),
            "source_hold_duration_ms": p.source_hold,
            "expires_at": p.expires_at,
        }),
        Packet::BySourceRequest(p) => json!({
            "destination_account": p.destination_account.as_str(),
            "source_amount": p.source_amount,
            "destination_hold_duration_ms": p.destination_hold,
        }),
        Packet::BySourceResponse(p) => json!({
            "destination_amount": p.destination_amount,
            "source_hold_duration_ms": p.source_hold,
        }),
        Packet::ByDestinationRequest(p) => json!({
            "destination_account": p.destination_account.as_str(),
            "destination_amount": p.destination_amount,
            "destination_hold_duration_ms": p.destination_hold,
        }),
        Packet::ByDestinationResponse(p) => json!({
            "source_amount": p.source_amount,
            "source_hold_duration_ms": p.source_hold,
        }),
        Packet::Error(p) => json!({
            "code": p.code.as_str(),
            "name": p.name,
            "triggered_by": p.triggered_by.as_str(),
            "forwarded_by": p.forwarded_by.iter().map(Account::as_str).collect::<Vec<_>>(),
            "triggered_at": p.triggered_at,
            "data_text": String::from_utf8_lossy(&p.data),
        }),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| {
            let digit = |at: usize| char::from(pair[at]).to_digit(16).expect("a hex digit");
            u8::try_from(digit(0) * 16 + digit(1)).expect("two hex digits")
        })
        .collect()
}

fn shown(error: impl std::fmt::Display) -> String {
    error.to_string()
}
