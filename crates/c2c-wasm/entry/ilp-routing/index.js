// ilp-routing 10.1.0 on the engine. RoutingTable is not exported there; here it is.
import '../index.js';

export { LiquidityCurve } from './liquidity-curve.js';
export { PrefixMap } from './prefix-map.js';
export { Route } from './route.js';
export { RoutingTable } from './routing-table.js';
export { RoutingTables } from './routing-tables.js';
