//! A packet of each type: those that `npm.mjs` writes and reads.

use c2c::amount::Amount;
use c2c::packet::{
    Account, ByDestinationRequest, ByDestinationResponse, BySourceRequest, BySourceResponse,
    IlpError, LiquidityRequest, LiquidityResponse, Packet, Payment,
};
use c2c::timestamp::{Millis, Timestamp};

const ACCOUNT: &str = "example.red.bank.alice.~ipr.f575bd75-5f51-4771-81d6-dc9e9a8889f4";

/// Each with the name that the package gives to its type.
pub fn each() -> [(&'static str, Packet); 8] {
    let account = || -> Account { ACCOUNT.parse().unwrap() };
    let amount = Amount::new(123_456_789);
    let (destination_hold, source_hold) = (Millis(5000), Millis(6000));
    let at = Timestamp::from_millis(1_497_441_498_509);
    [
        (
            "payment",
            Packet::Payment(Payment {
                amount,
                account: account(),
                data: vec![7; 60],
            }),
        ),
        (
            "liquidity-request",
            Packet::LiquidityRequest(LiquidityRequest {
                destination_account: account(),
                destination_hold,
            }),
        ),
        (
            "liquidity-response",
            Packet::LiquidityResponse(LiquidityResponse {
                points: super::inputs::curve(1, 4, 30),
                applies_to_prefix: "example.red.".parse().unwrap(),
                source_hold,
                expires_at: at,
            }),
        ),
        (
            "by-source-request",
            Packet::BySourceRequest(BySourceRequest {
                destination_account: account(),
                source_amount: amount,
                destination_hold,
            }),
        ),
        (
            "by-source-response",
            Packet::BySourceResponse(BySourceResponse {
                destination_amount: amount,
                source_hold,
            }),
        ),
        (
            "by-destination-request",
            Packet::ByDestinationRequest(ByDestinationRequest {
                destination_account: account(),
                destination_amount: amount,
                destination_hold,
            }),
        ),
        (
            "by-destination-response",
            Packet::ByDestinationResponse(ByDestinationResponse {
                source_amount: amount,
                source_hold,
            }),
        ),
        (
            "error",
            Packet::Error(IlpError {
                code: "F00".parse().unwrap(),
                name: "Bad Request".to_owned(),
                triggered_by: account(),
                forwarded_by: vec![
                    "example.red.connector".parse().unwrap(),
                    "example.blue.connector".parse().unwrap(),
                ],
                triggered_at: at,
                data: br#"{"message":"x"}"#.to_vec(),
            }),
        ),
    ]
}
