// ilp-routing's RoutingTables: for each source ledger a table. What is removed while routes are listed is
// skipped over as there: an unmodified connector may lean on it.
import { PrefixMap } from './prefix-map.js';
import { keptBase64 } from './liquidity-curve.js';
import { Route } from './route.js';
import { RoutingTable } from './routing-table.js';

/** The next hop of a pair of own ledgers. */
const PAIR = 'PAIR';

export class RoutingTables {
  constructor(localRoutes, expiryDuration) {
    this.currentEpoch = 0;
    this.expiryDuration = expiryDuration;
    this.sources = new PrefixMap();
    this.localAccounts = {};
    this.addLocalRoutes(localRoutes);
  }

  incrementEpoch() {
    this.currentEpoch++;
  }

  addLocalRoutes(_localRoutes) {
    const localRoutes = _localRoutes.map((route) => Route.fromData(route, this.currentEpoch));
    for (const route of localRoutes) {
      route.isLocal = true;
      const table =
        this.sources.get(route.sourceLedger) || this.sources.insert(route.sourceLedger, new RoutingTable());
      table.addRoute(route.destinationLedger, PAIR, route);
      this.localAccounts[route.sourceLedger] = route.sourceAccount;
      if (route.destinationAccount) this.localAccounts[route.destinationLedger] = route.destinationAccount;
    }
    localRoutes.forEach((route) => this.addRoute(route));
  }

  removeLedger(ledger) {
    const gone = [];
    this.eachRoute((route, ledgerA, ledgerB, nextHop) => {
      if (ledgerA === ledger || ledgerB === ledger) gone.push([ledgerA, ledgerB, nextHop]);
    });
    for (const [ledgerA, ledgerB, nextHop] of gone) this._removeRoute(ledgerA, ledgerB, nextHop);
  }

  /** Of a route B→C makes A→C for each own ledger A with a pair to B; whether any of them is new. */
  addRoute(_route, noExpire) {
    const route = Route.fromData(_route, this.currentEpoch);
    let added = false;
    this.eachSource((tableFromA, ledgerA) => {
      added = this._addRouteFromSource(tableFromA, ledgerA, route, noExpire) || added;
    });
    if (added) this.incrementEpoch();
    return added;
  }

  _addRouteFromSource(tableFromA, ledgerA, routeFromBToC, noExpire) {
    const { sourceLedger, targetPrefix, sourceAccount } = routeFromBToC;
    if (routeFromBToC.isLocal && this.getLocalPairRoute(ledgerA, targetPrefix)) return undefined;
    const pair = this.getLocalPairRoute(ledgerA, sourceLedger);
    if (!pair) return undefined;
    const expiryDuration = noExpire ? null : this.expiryDuration;
    const joined = pair.join(routeFromBToC, expiryDuration, this.currentEpoch);
    if (!joined) return undefined;
    const isNew = !this._getRoute(ledgerA, targetPrefix, sourceAccount);
    if (isNew) joined.addedDuringEpoch++;
    tableFromA.addRoute(targetPrefix, sourceAccount, joined);
    // Given pairs A↔B and B→C, what comes to C goes on from A too.
    if (isNew) this.addRoute(joined);
    return isNew;
  }

  _removeRoute(ledgerB, ledgerC, connectorFromBToC) {
    const lost = [];
    this.eachSource((table, ledgerA) => {
      if (ledgerA === ledgerB && table.removeRoute(ledgerC, connectorFromBToC)) lost.push(ledgerC);
    });
    return lost;
  }

  removeExpiredRoutes() {
    const lost = [];
    this.eachRoute((route, ledgerA, ledgerB, nextHop) => {
      if (route.isExpired()) lost.push(...this._removeRoute(ledgerA, ledgerB, nextHop));
    });
    return lost;
  }

  bumpConnector(connectorAccount, holdDownTime) {
    this.eachRoute((route, ledgerA, ledgerB, nextHop) => {
      if (connectorAccount === nextHop) route.bumpExpiration(holdDownTime);
    });
  }

  /** Takes out what one connector told; routes that never expire stay. */
  invalidateConnector(connectorAccount) {
    const lost = [];
    this.eachSource((table) => {
      table.destinations.each((routes, destination) => {
        const route = routes.get(connectorAccount);
        if (!route || route.expiresAt === null) return;
        if (table.removeRoute(destination, connectorAccount)) lost.push(destination);
      });
    });
    return lost;
  }

  invalidateConnectorsRoutesTo(connectorAccount, ledger) {
    const lost = [];
    this.eachSource((table, sourceLedger) => {
      const route = this._getRoute(sourceLedger, ledger, connectorAccount);
      if (!route || route.expiresAt === null) return;
      if (table.removeRoute(ledger, connectorAccount)) lost.push(ledger);
    });
    return lost;
  }

  eachSource(fn) {
    this.sources.each(fn);
  }

  eachRoute(fn) {
    this.eachSource((tableFromA, ledgerA) => {
      tableFromA.destinations.each((routes, ledgerB) => {
        for (const nextHop of routes.keys()) fn(routes.get(nextHop), ledgerA, ledgerB, nextHop);
      });
    });
  }

  /** What is broadcast: for each source and destination the routes of all next hops, combined. */
  toJSON(maxPoints) {
    if (typeof maxPoints !== 'number' || maxPoints <= 0) {
      throw new TypeError('RoutingTables#toJSON maxPoints must be a positive number');
    }
    const records = [];
    this.eachSource((table) => {
      table.destinations.each((routes) => {
        if (routes.size === 1) {
          const [route] = routes.values();
          const kept = keptRecord(route, maxPoints, this.localAccounts);
          if (kept !== undefined) return void records.push(kept);
        }
        const combined = [...routes.values()].reduce((all, route) => all.combine(route)).simplify(maxPoints);
        const record = combined.toJSON();
        record.source_account = this.localAccounts[combined.sourceLedger];
        records.push(record);
      });
    });
    return records;
  }

  toDebugStrings() {
    const lines = [];
    this.eachRoute((route, ledgerA, ledgerB, nextHop) => lines.push(route.toDebugString(nextHop)));
    return lines;
  }

  getLocalPairRoute(sourceLedger, nextLedger) {
    return this._getRoute(sourceLedger, nextLedger, PAIR);
  }

  _getRoute(ledgerA, ledgerB, nextHop) {
    const routes = this.sources.get(ledgerA).destinations.get(ledgerB);
    return routes ? routes.get(nextHop) : undefined;
  }

  findBestHopForSourceAmount(sourceAddress, finalAddress, sourceAmount) {
    const table = this.sources.resolve(sourceAddress);
    return table ? this._rewriteLocalHop(table.findBestHopForSourceAmount(finalAddress, sourceAmount)) : undefined;
  }

  findBestHopForDestinationAmount(sourceAddress, finalAddress, finalAmount) {
    const table = this.sources.resolve(sourceAddress);
    return table ? this._rewriteLocalHop(table.findBestHopForDestinationAmount(finalAddress, finalAmount)) : undefined;
  }

  _rewriteLocalHop(hop) {
    if (hop && hop.bestHop === PAIR) hop.bestHop = this.localAccounts[hop.bestRoute.destinationLedger];
    return hop;
  }
}

const { simplify, toJSON } = Route.prototype;

/**
 * What is told of a single route whose curve has no more points than are told: as if it had been simplified and
 * written, without either. Undefined where it is not so.
 */
function keptRecord(route, maxPoints, localAccounts) {
  if (route.simplify !== simplify || route.toJSON !== toJSON || !route.curve) return undefined;
  const points = keptBase64(route.curve, maxPoints);
  if (points === undefined) return undefined;
  const record = {
    source_ledger: route.sourceLedger,
    destination_ledger: route.destinationLedger,
    points,
    min_message_window: route.minMessageWindow,
    added_during_epoch: route.addedDuringEpoch,
    paths: route.paths,
    source_account: localAccounts[route.sourceLedger],
  };
  return Object.values(record).includes(undefined) ? undefined : record;
}
