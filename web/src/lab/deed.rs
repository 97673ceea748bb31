//! Doing what a script says to a network, or saying why not.

use c2c::amount::Amount;
use c2c::connector::Decimal;
use c2c_sim::{ConnectorSpec, LinkSpec, Routing};

use super::Deed;

/// The most connectors that a network may come to have.
const MOST: usize = 200;
/// How far a newcomer and its peers trust each other, in base units: 1000.
const LIMIT: Amount = Amount::new(1_000_000_000_000);

/// Does `deed`. Where it cannot be done, nothing changes.
pub fn apply(network: &mut Routing, deed: &Deed) -> Result<(), String> {
    match deed {
        Deed::Break(one, other) => {
            let (one, other) = linked(network, one, other)?;
            network.cut(one, other);
        }
        Deed::Mend(one, other) => {
            let (one, other) = linked(network, one, other)?;
            network.mend(one, other);
        }
        Deed::Spread(name, points) => {
            let node = find(network, name)?;
            let share = format!("0.{points:04}").parse::<Decimal>();
            let share = share.ok().filter(|_| *points < 10_000).ok_or_else(|| {
                format!("{name} cannot keep {points} basis points; a share is below 10 000.")
            })?;
            network.set_spread(node, share);
        }
        Deed::Add(name, peers) => add(network, name, peers)?,
        Deed::Remove(name) => {
            let node = find(network, name)?;
            network.remove(node);
        }
    }
    Ok(())
}

/// A newcomer trades what its first peer does.
fn add(network: &mut Routing, name: &str, peers: &[String]) -> Result<(), String> {
    if network.count() >= MOST {
        return Err(format!(
            "The lab takes {MOST} connectors; there are as many."
        ));
    }
    let mut places = Vec::new();
    for (index, peer) in peers.iter().enumerate() {
        if peers[..index].contains(peer) {
            return Err(format!(
                "{name} peers with {peer} once. Name another one, or none."
            ));
        }
        places.push(find(network, peer)?);
    }
    let first = places.first().ok_or("Choose whom it peers with.")?;
    let currency = |place: usize| {
        let own = network.spec(place).currencies.first();
        own.cloned().unwrap_or_else(|| "USD".to_owned())
    };
    let like = network.spec(*first);
    let spec = ConnectorSpec {
        rates: like.rates.clone(),
        interval_ms: like.interval_ms,
        ..ConnectorSpec::new(name, &currency(*first))
    };
    let links: Vec<LinkSpec> = peers
        .iter()
        .zip(&places)
        .map(|(peer, place)| LinkSpec {
            between: [name.to_owned(), peer.clone()],
            currency: currency(*place),
            scale: 9,
            limits: [LIMIT; 2],
            dialects: Default::default(),
        })
        .collect();
    network
        .add_connector(&spec)
        .map_err(|error| error.to_string())?;
    for link in &links {
        network.add_link(link).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The place of a connector that is there.
fn find(network: &Routing, name: &str) -> Result<usize, String> {
    let place = network.find(name);
    place
        .filter(|place| !network.is_removed(*place))
        .ok_or_else(|| format!("There is no connector {name}."))
}

fn linked(network: &Routing, one: &str, other: &str) -> Result<(usize, usize), String> {
    let ends = (find(network, one)?, find(network, other)?);
    if !network.are_peers(ends.0, ends.1) {
        return Err(format!("{one} and {other} do not peer."));
    }
    Ok(ends)
}
