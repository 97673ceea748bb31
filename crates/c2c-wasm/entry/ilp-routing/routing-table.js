// ilp-routing's RoutingTable: for each destination the routes by next hop.
import { PrefixMap } from './prefix-map.js';

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
