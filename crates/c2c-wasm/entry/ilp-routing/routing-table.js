// ilp-routing's RoutingTable: for each destination the routes by next hop.
import { whole } from './decimal.js';
import { quickAt, quickReverse } from './liquidity-curve.js';
import { PrefixMap } from './prefix-map.js';
import { Route } from './route.js';

export class RoutingTable {
  constructor() {
    this.destinations = new PrefixMap();
  }

  addRoute(destination, nextHop, route) {
    const routes = this.destinations.get(destination) || this.destinations.insert(destination, new Map());
    routes.set(nextHop, route);
  }

  /** Whether nothing leads to the destination any more. */
  removeRoute(destination, nextHop) {
    const routes = this.destinations.get(destination);
    if (!routes) return false;
    routes.delete(nextHop);
    if (routes.size > 0) return false;
    this.destinations.delete(destination);
    return true;
  }

  /** The shortest prefix of an address that no other destination's prefix starts with. */
  getAppliesToPrefix(routePrefix, destinationAddress) {
    let applies = routePrefix;
    for (const prefix of this.destinations.prefixes) {
      if (prefix === routePrefix) continue;
      while (prefix.startsWith(applies)) {
        const end = destinationAddress.indexOf('.', applies.length);
        applies = end === -1 ? destinationAddress : destinationAddress.slice(0, end + 1);
      }
    }
    return applies;
  }

  findBestHopForSourceAmount(destination, sourceAmount) {
    const routes = this.destinations.resolve(destination);
    if (!routes) return undefined;
    const quick = quickest(routes, whole(sourceAmount), bySource);
    if (quick !== undefined) {
      return { bestHop: quick.nextHop, bestValue: String(quick.amount), bestRoute: quick.route };
    }
    let best;
    routes.forEach((route, nextHop) => {
      const value = route.amountAt(sourceAmount);
      best = getBetterPath(best, { nextHop, route, value, pathLength: route.maxPathLength() });
    });
    return {
      bestHop: best.nextHop,
      bestValue: best.value && best.value.toString(),
      bestRoute: best.route,
    };
  }

  findBestHopForDestinationAmount(destination, destinationAmount) {
    const routes = this.destinations.resolve(destination);
    if (!routes) return undefined;
    const quick = quickest(routes, whole(destinationAmount), byDestination);
    if (quick === NONE) return undefined;
    if (quick !== undefined) {
      return { bestHop: quick.nextHop, bestCost: String(quick.amount), bestRoute: quick.route };
    }
    let best;
    routes.forEach((route, nextHop) => {
      const cost = route.amountReverse(destinationAmount);
      if (!cost.isFinite() && cost.s === 1) return;
      best = getBetterPath(best, { nextHop, route, cost, pathLength: route.maxPathLength() });
    });
    if (!best) return undefined;
    return {
      bestHop: best.nextHop,
      bestCost: best.cost && best.cost.toString(),
      bestRoute: best.route,
    };
  }

  static _getBetterPath(currentPath, otherPath) {
    return getBetterPath(currentPath, otherPath);
  }
}

/** Nobody delivers so much. */
const NONE = Symbol('none');

const { amountAt, amountReverse } = Route.prototype;

const bySource = {
  ask: (route, amount) => (route.amountAt === amountAt && route.curve ? quickAt(route.curve, amount) : -1),
  isBetter: (amount, best) => amount > best,
};

const byDestination = {
  ask: (route, amount) => (route.amountReverse === amountReverse && route.curve ? quickReverse(route.curve, amount) : -1),
  isBetter: (amount, best) => amount < best,
};

/**
 * The best of routes by the same measure, in plain numbers; undefined where one of them has none to give: it was
 * changed by hand, or amounts are fractions or above 2^53.
 */
function quickest(routes, amount, { ask, isBetter }) {
  if (typeof amount !== 'number') return undefined;
  let best = NONE;
  let least = 0;
  for (const [nextHop, route] of routes) {
    const found = ask(route, amount);
    if (found === -1) return undefined;
    if (found === Infinity) continue;
    const length = route.maxPathLength();
    if (best === NONE || length < least || (length === least && isBetter(found, best.amount))) {
      best = { nextHop, route, amount: found };
      least = length;
    }
  }
  return best;
}

/** The shorter one, then the one that gives more or costs less, then the one that was there. */
function getBetterPath(currentPath, otherPath) {
  if (!currentPath) return otherPath;
  if (currentPath.pathLength < otherPath.pathLength) return currentPath;
  if (otherPath.pathLength < currentPath.pathLength) return otherPath;
  if (otherPath.value !== undefined) {
    return !currentPath.value || otherPath.value.gt(currentPath.value) ? otherPath : currentPath;
  }
  if (otherPath.cost !== undefined) {
    return !currentPath.cost || otherPath.cost.lt(currentPath.cost) ? otherPath : currentPath;
  }
  return currentPath;
}
