// The decision of an old connector, taken by the drop-in: its own routing code calls these three functions, and
// nothing else of it changes.
const { RoutingTables } = require('ilp-c2c/ilp-routing');

/** Tables of a connector with these ledgers, which trades each for each at `rate`. */
function tablesOf(ledgers, account, rate) {
  const pairs = [];
  for (const source of ledgers) {
    for (const destination of ledgers) {
      if (source === destination) continue;
      pairs.push({
        source_ledger: source,
        destination_ledger: destination,
        source_account: source + account,
        destination_account: destination + account,
        min_message_window: 1,
        points: [[0, 0], [1000000000, Math.floor(1000000000 * rate)]],
      });
    }
  }
  return new RoutingTables(pairs, 45000);
}

/** Takes what a peer broadcasts, as `receiveRoutes` of a connector does; how many routes are new. */
function hear(tables, sender, { new_routes: routes, hold_down_time: holdDown, unreachable_through_me: gone }) {
  for (const ledger of gone) tables.invalidateConnectorsRoutesTo(sender, ledger);
  tables.bumpConnector(sender, holdDown);
  return routes.filter((route) => route.source_account === sender && tables.addRoute(route)).length;
}

/** Where a payment goes next; undefined where nowhere. */
function decide(tables, from, to, amount) {
  const hop = tables.findBestHopForSourceAmount(from, to, amount);
  return hop && { nextHop: hop.bestHop, ledger: hop.bestRoute.nextLedger, delivers: hop.bestValue };
}

module.exports = { tablesOf, hear, decide };

if (require.main === module) {
  const tables = tablesOf(['example.red.', 'peer.aaaaa.usd.9.', 'peer.bbbbb.usd.9.'], 'me', 0.998);
  for (const [ledger, rate] of [['peer.aaaaa.usd.9.', 0.9], ['peer.bbbbb.usd.9.', 0.95]]) {
    hear(tables, `${ledger}bob`, {
      new_routes: [
        {
          source_ledger: ledger,
          destination_ledger: 'example.blue.',
          source_account: `${ledger}bob`,
          min_message_window: 1,
          points: [[0, 0], [1000000, 1000000 * rate]],
          paths: [[]],
        },
      ],
      hold_down_time: 45000,
      unreachable_through_me: [],
    });
  }
  const { nextHop, delivers } = decide(tables, 'example.red.alice', 'example.blue.bob', '1000');
  console.log(`${nextHop} delivers ${delivers}`);
}
