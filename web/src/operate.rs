//! The pages of whoever runs the connector behind the app: its peers with limits and balances, transfers,
//! callers, refused routes. The geometry and the sums are here; `view` draws and asks.

mod view;

use c2c::snapshot::PeerView;

pub use view::Operate;

/// Where a balance stands between what we may owe them and what they may owe us, in thousandths of the
/// whole bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Where nobody owes anything.
    pub zero: u32,
    /// Where the balance is.
    pub balance: u32,
    /// Whether one of the limits is not known.
    pub open: bool,
}

impl Bar {
    /// The bar of `peer`.
    pub fn of(peer: &PeerView) -> Bar {
        let below = i128::from(peer.peer_limit.map_or(0, |limit| limit.units()));
        let above = i128::from(peer.limit.units());
        let balance = peer.balance.0;
        // A balance beyond its limit, after that was lowered, still stands on the bar.
        let low = (-below).min(balance).min(0);
        let high = above.max(balance).max(0);
        let span = (high - low).max(1);
        let part = |at: i128| u32::try_from((at - low) * 1000 / span).unwrap_or(1000);
        Bar {
            zero: part(0),
            balance: part(balance),
            open: peer.peer_limit.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::open;
    use c2c::amount::Amount;
    use c2c::snapshot::Balance;

    #[test]
    fn a_balance_stands_between_both_limits() {
        let book = open(include_bytes!("../data/demo.json"), 0, &mut |_, _, _| {})
            .unwrap()
            .book;
        let mut peer = book.head().snapshot.as_ref().unwrap().peers[0].clone();
        (peer.limit, peer.peer_limit, peer.balance) =
            (Amount::new(300), Some(Amount::new(100)), Balance(200));
        assert_eq!(
            Bar::of(&peer),
            Bar {
                zero: 250,
                balance: 750,
                open: false
            }
        );
        peer.balance = Balance(-100);
        assert_eq!(Bar::of(&peer).balance, 0);
        (peer.peer_limit, peer.balance) = (None, Balance(-50));
        assert_eq!(
            Bar::of(&peer),
            Bar {
                zero: 142,
                balance: 0,
                open: true
            }
        );
        (peer.limit, peer.balance) = (Amount::new(0), Balance(0));
        assert_eq!(
            Bar::of(&peer),
            Bar {
                zero: 0,
                balance: 0,
                open: true
            }
        );
    }
}
