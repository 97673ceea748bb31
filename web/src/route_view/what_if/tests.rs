use std::collections::BTreeMap;

use c2c::snapshot::RouteView;
use serde_json::json;

use super::{Change, Kept, WhatIf};
use crate::route_view::tests::detail;
use crate::route_view::{Detail, Judgement};

fn of(what_if: &WhatIf) -> Detail {
    what_if.of(&detail(), None, &mut Kept::default())
}

fn winner(detail: &Detail, at: u64) -> Option<String> {
    let winner = Judgement::at(detail, at).winner?;
    Some(detail.candidates[winner].name.to_string())
}

#[test]
fn without_its_winner_the_next_one_carries() {
    let gone = WhatIf::default().turned("peer.anna.usd.2.anna");
    assert_eq!(winner(&of(&gone), 500).as_deref(), Some("bert.example"));
    assert_eq!(gone.turned("peer.anna.usd.2.anna"), WhatIf::default());
    let neither = gone.turned("peer.bert.usd.2.bert");
    let alone = of(&neither.turned("peer.dora.usd.2.dora"));
    assert_eq!(winner(&alone, 500).as_deref(), Some("carl.example"));
    assert!(!alone.candidates[0].ghost, "it is the shortest now");
}

#[test]
fn our_own_share_and_a_limit_come_off() {
    let kept = WhatIf {
        spread: 100,
        ..WhatIf::default()
    };
    assert_eq!(Judgement::at(&of(&kept), 1000).arrives, Some(980));
    let limited = WhatIf {
        limit: Some(400),
        ..WhatIf::default()
    };
    let detail = of(&limited);
    assert_eq!(detail.plot.merged.as_ref().unwrap().curve.capacity().x, 400);
    assert_eq!(Judgement::at(&detail, 500).winner, None);
}

#[test]
fn one_next_hop_alone_gives_less() {
    let dearer = WhatIf::default().changed(
        "peer.anna.usd.2.anna",
        Change {
            less: 200,
            limit: None,
        },
    );
    assert_eq!(winner(&of(&dearer), 500).as_deref(), Some("bert.example"));
    let smaller = WhatIf::default().changed(
        "peer.anna.usd.2.anna",
        Change {
            less: 0,
            limit: Some(300),
        },
    );
    assert_eq!(winner(&of(&smaller), 200).as_deref(), Some("anna.example"));
    assert_eq!(winner(&of(&smaller), 500).as_deref(), Some("bert.example"));
}

/// Some curves of one length that cross each other often.
fn crossing() -> Detail {
    let candidate = |way: u64| {
        let points: Vec<[String; 2]> = (0..40u64)
            .map(|at| {
                [at * (1000 + way), at * 900 + ((at * (way + 7)) % 800)].map(|n| n.to_string())
            })
            .collect();
        json!({
            "next_hop": format!("peer.w{way}.usd.2.w"), "next_ledger": format!("peer.w{way}.usd.2."), "paths": [[]],
            "hops": 3, "points": points, "min_message_window": 1, "expires_at": null, "wins": false,
        })
    };
    let route: RouteView = serde_json::from_value(json!({
        "source_ledger": "example.red.", "destination_ledger": "g.blue.", "target_prefix": "g.blue.",
        "candidates": (0..12).map(candidate).collect::<Vec<_>>(), "merged": null,
    }))
    .unwrap();
    Detail::of(None, &route, &BTreeMap::new())
}

#[test]
fn what_is_moved_is_answered_as_when_it_rests() {
    let told = crossing();
    let mut kept = Kept::default();
    for (less, spread) in [(1, 0), (40, 0), (90, 0), (90, 25), (2, 25), (0, 25)] {
        let change = Change { less, limit: None };
        let what_if = WhatIf {
            spread,
            ..WhatIf::default().changed("peer.w5.usd.2.w", change)
        };
        let moving = what_if.of(&told, Some("peer.w5.usd.2.w"), &mut kept);
        let rests = what_if.of(&told, None, &mut Kept::default());
        let merged = |detail: &Detail| detail.plot.merged.as_ref().unwrap().curve.clone();
        for at in (0..40_000).step_by(97) {
            let (quick, exact) = (merged(&moving).amount_at(at), merged(&rests).amount_at(at));
            assert!(
                quick <= exact + 1 && exact <= quick + 2,
                "{less} {spread} {at}: {quick} {exact}"
            );
            let own = |detail: &Detail| {
                let line = detail.plot.winner(at)?;
                Some(detail.plot.lines[line].curve.amount_at(at))
            };
            let (one, other) = (own(&moving), own(&rests));
            assert!(
                one.unwrap().abs_diff(other.unwrap()) <= 1,
                "{less} {spread} {at}: {one:?} {other:?}"
            );
        }
    }
}
