use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::amount::Amount;
use crate::timestamp::Timestamp;

fn account() -> impl Strategy<Value = Account> {
    "[a-zA-Z0-9._~-]{0,140}".prop_map(|text| text.parse().unwrap())
}

fn amount() -> impl Strategy<Value = Amount> {
    any::<u64>().prop_map(Amount::new)
}

fn hold() -> impl Strategy<Value = Millis> {
    any::<u32>().prop_map(|ms| Millis(u64::from(ms)))
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (0..=Timestamp::MAX_WRITTEN.as_millis()).prop_map(Timestamp::from_millis)
}

fn data() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..300)
}

fn packet() -> impl Strategy<Value = Packet> {
    prop_oneof![
        (amount(), account(), data()).prop_map(|(amount, account, data)| {
            Packet::Payment(Payment {
                amount,
                account,
                data,
            })
        }),
        (account(), hold()).prop_map(|(destination_account, destination_hold)| {
            Packet::LiquidityRequest(LiquidityRequest {
                destination_account,
                destination_hold,
            })
        }),
        (
            vec(any::<(u64, u64)>(), 0..20),
            account(),
            hold(),
            instant()
        )
            .prop_map(|(points, applies_to_prefix, source_hold, expires_at)| {
                Packet::LiquidityResponse(LiquidityResponse {
                    points,
                    applies_to_prefix,
                    source_hold,
                    expires_at,
                })
            }),
        (account(), amount(), hold()).prop_map(
            |(destination_account, source_amount, destination_hold)| {
                Packet::BySourceRequest(BySourceRequest {
                    destination_account,
                    source_amount,
                    destination_hold,
                })
            }
        ),
        (amount(), hold()).prop_map(|(destination_amount, source_hold)| {
            Packet::BySourceResponse(BySourceResponse {
                destination_amount,
                source_hold,
            })
        }),
        (account(), amount(), hold()).prop_map(
            |(destination_account, destination_amount, destination_hold)| {
                Packet::ByDestinationRequest(ByDestinationRequest {
                    destination_account,
                    destination_amount,
                    destination_hold,
                })
            }
        ),
        (amount(), hold()).prop_map(|(source_amount, source_hold)| {
            Packet::ByDestinationResponse(ByDestinationResponse {
                source_amount,
                source_hold,
            })
        }),
        (
            "[!-~]{3}",
            "\\PC{0,40}",
            account(),
            vec(account(), 0..6),
            instant(),
            data()
        )
            .prop_map(
                |(code, name, triggered_by, forwarded_by, triggered_at, data)| {
                    Packet::Error(IlpError {
                        code: code.parse().unwrap(),
                        name,
                        triggered_by,
                        forwarded_by,
                        triggered_at,
                        data,
                    })
                }
            ),
    ]
}

proptest! {
    #[test]
    fn prop_packets_round_trip(packet in packet(), after in data()) {
        let mut bytes = packet.encode().unwrap();
        prop_assert_eq!(bytes[0], packet.type_byte());
        prop_assert_eq!(Packet::decode(&bytes), Ok(packet.clone()));
        bytes.extend(after);
        prop_assert_eq!(Packet::decode(&bytes), Ok(packet));
    }

    #[test]
    fn prop_a_shorter_packet_is_refused(packet in packet(), cut in any::<prop::sample::Index>()) {
        let bytes = packet.encode().unwrap();
        prop_assert!(Packet::decode(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn prop_a_changed_packet_is_read_or_refused(
        packet in packet(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = packet.encode().unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = Packet::decode(&bytes) {
            prop_assert_eq!(Packet::decode(&read.encode().unwrap()), Ok(read));
        }
    }

    #[test]
    fn prop_any_bytes_are_read_or_refused(kind in 0u8..10, rest in data()) {
        let bytes: Vec<u8> = std::iter::once(kind).chain(rest).collect();
        if let Err(fault) = Packet::decode(&bytes) {
            prop_assert!(!fault.to_string().is_empty());
        }
    }
}

#[test]
fn a_count_of_points_that_are_not_there_is_refused() {
    // 2^48 − 1 points claimed in a packet of fifteen bytes.
    let mut bytes = vec![3, 8, 6];
    bytes.extend([255; 6]);
    bytes.push(0);
    let needed = ((1 << 48) - 1) * 16;
    assert_eq!(
        Packet::decode(&bytes),
        Err(PacketError::TooShort {
            at: 9,
            needed,
            left: 1
        })
    );
}

#[test]
fn what_does_not_fit_its_field_cannot_be_written() {
    let hold = Millis(1 << 32);
    let request = Packet::LiquidityRequest(LiquidityRequest {
        destination_account: Account::default(),
        destination_hold: hold,
    });
    assert_eq!(request.encode(), Err(PacketError::HoldTooLong { hold }));
    let error = IlpError::new(
        ErrorCode::T01,
        "g.a".parse().unwrap(),
        Timestamp::from_millis(u64::MAX),
        "",
    );
    assert_eq!(Packet::Error(error).encode(), Err(PacketError::TimeTooLate));
}

#[test]
fn the_points_that_2017_can_read_are_bounded() {
    let most = |length: usize| LiquidityResponse::most_points_for_2017(&"a".repeat(length));
    assert_eq!(
        [0, 19, 20, 35, 36, 51, 52, 67, 68, 200].map(most),
        [
            Some(6),
            Some(5),
            Some(4),
            Some(4),
            Some(3),
            Some(3),
            Some(2),
            Some(2),
            None,
            None
        ]
    );
    // The bound is right: 127 bytes of contents keep the one-byte length.
    let response = LiquidityResponse {
        points: vec![(0, 0); 5],
        applies_to_prefix: "a".repeat(19).parse().unwrap(),
        source_hold: Millis(1),
        expires_at: Timestamp::from_millis(0),
    };
    let bytes = Packet::LiquidityResponse(response).encode().unwrap();
    assert_eq!((bytes[1], bytes.len()), (127, 129));
}

#[test]
fn an_error_is_passed_on_with_the_own_address_last() {
    let error = IlpError::new(
        ErrorCode::F02,
        "g.a".parse().unwrap(),
        Timestamp::from_millis(0),
        "no route",
    );
    let passed = error
        .forwarded_by("g.b".parse().unwrap())
        .forwarded_by("g.c".parse().unwrap());
    let through: Vec<_> = passed.forwarded_by.iter().map(Account::as_str).collect();
    assert_eq!(through, ["g.b", "g.c"]);
}

#[test]
fn every_code_has_a_name_and_a_class() {
    for (code, name, _) in ErrorCode::TABLE {
        assert_eq!(code.name(), Some(*name));
        assert!(code.class().is_some());
        assert_eq!(code.as_str().parse(), Ok(*code));
    }
    for text in ["", "F0", "F000", "F 0", "Fä"] {
        assert_eq!(text.parse::<ErrorCode>(), Err(PacketError::Code), "{text}");
    }
}
