/** The BigNumber of bignumber.js 4, as far as curves answer with it. */
export interface BigNumber {
  readonly s: number;
  readonly e: number;
  readonly c: number[];
  readonly isBigNumber: true;
  add(n: BigNumberish): BigNumber;
  plus(n: BigNumberish): BigNumber;
  sub(n: BigNumberish): BigNumber;
  minus(n: BigNumberish): BigNumber;
  mul(n: BigNumberish): BigNumber;
  times(n: BigNumberish): BigNumber;
  div(n: BigNumberish): BigNumber;
  dividedBy(n: BigNumberish): BigNumber;
  mod(n: BigNumberish): BigNumber;
  negated(): BigNumber;
  abs(): BigNumber;
  floor(): BigNumber;
  ceil(): BigNumber;
  round(decimals?: number, mode?: number): BigNumber;
  comparedTo(n: BigNumberish): number;
  eq(n: BigNumberish): boolean;
  equals(n: BigNumberish): boolean;
  lt(n: BigNumberish): boolean;
  lessThan(n: BigNumberish): boolean;
  lte(n: BigNumberish): boolean;
  lessThanOrEqualTo(n: BigNumberish): boolean;
  gt(n: BigNumberish): boolean;
  greaterThan(n: BigNumberish): boolean;
  gte(n: BigNumberish): boolean;
  greaterThanOrEqualTo(n: BigNumberish): boolean;
  isFinite(): boolean;
  isInteger(): boolean;
  isNaN(): boolean;
  isNegative(): boolean;
  isZero(): boolean;
  toFixed(decimals?: number): string;
  toJSON(): string;
  toNumber(): number;
  toString(base?: number): string;
}

/** What is taken for an amount. */
export type BigNumberish = number | string | bigint | BigNumber;

/** x and y. */
export type Point = [BigNumberish, BigNumberish];

/** What comes out for what goes in, as ilp-routing 10.1.0 rounds it. */
export declare class LiquidityCurve {
  /** From base64, from the binary form, or from points. */
  constructor(data: string | Uint8Array | readonly (readonly [BigNumberish, BigNumberish])[]);
  /** The binary form; a Buffer where there is one. */
  data: Uint8Array;
  points: [BigNumber, BigNumber][];
  setData(data: Uint8Array): void;
  amountAt(x: BigNumberish): BigNumber;
  /** Rounded down; infinite where so much never comes out. */
  amountReverse(y: BigNumberish): BigNumber;
  simplify(maxPoints: number): LiquidityCurve;
  combine(curve: LiquidityCurve): LiquidityCurve;
  join(curve: LiquidityCurve): LiquidityCurve;
  shiftX(dx: BigNumberish): LiquidityCurve;
  shiftY(dy: BigNumberish): LiquidityCurve;
  /** Loses digits above 2^53. */
  getPoints(): [number, number][];
  toBuffer(): Uint8Array;
  toJSON(): { data: Uint8Array; points: [BigNumber, BigNumber][] };
}

/** What a Route is made of. */
export interface RouteInfo {
  sourceLedger: string;
  nextLedger?: string | undefined;
  destinationLedger?: string | undefined;
  targetPrefix?: string | null | undefined;
  /** Seconds. */
  minMessageWindow?: number | undefined;
  /** Milliseconds since 1970; null where it never does. */
  expiresAt?: number | null | undefined;
  additionalInfo?: unknown;
  isLocal?: boolean | undefined;
  sourceAccount?: string | undefined;
  destinationAccount?: string | undefined;
  addedDuringEpoch?: number | undefined;
}

/** A route as broadcasts carry it. */
export interface RouteData {
  source_ledger: string;
  destination_ledger: string;
  points?: string | Uint8Array | readonly (readonly [BigNumberish, BigNumberish])[] | undefined;
  min_message_window?: number | undefined;
  expires_at?: number | undefined;
  source_account?: string | undefined;
  destination_account?: string | undefined;
  additional_info?: unknown;
  target_prefix?: string | undefined;
  added_during_epoch?: number | undefined;
  paths?: string[][] | undefined;
}

/** A way from one ledger to another. */
export declare class Route {
  constructor(
    curve: LiquidityCurve | ConstructorParameters<typeof LiquidityCurve>[0] | null | undefined,
    info: RouteInfo,
    paths?: string[][],
  );
  curve?: LiquidityCurve;
  sourceLedger: string;
  nextLedger: string;
  destinationLedger: string;
  targetPrefix: string;
  minMessageWindow: number;
  expiresAt: number | null | undefined;
  additionalInfo: unknown;
  isLocal: boolean | undefined;
  sourceAccount: string | undefined;
  destinationAccount: string | undefined;
  addedDuringEpoch: number | undefined;
  paths: string[][];
  amountAt(x: BigNumberish): BigNumber | undefined;
  amountReverse(y: BigNumberish): BigNumber | undefined;
  getPoints(): [number, number][] | undefined;
  maxPathLength(): number;
  combine(alternateRoute: Route): Route;
  join(tailRoute: Route, expiryDuration?: number | null, addedDuringEpoch?: number): Route | undefined;
  shiftX(dx: BigNumberish): Route;
  shiftY(dy: BigNumberish): Route;
  simplify(maxPoints: number): Route;
  isExpired(): boolean;
  bumpExpiration(holdDown: number): number;
  toJSON(): RouteData;
  toDebugString(nextConnector: string): string;
  static fromData(data: RouteData | Route, currentEpoch?: number): Route;
}

/** A map from prefixes; the longest one that an address starts with answers. */
export declare class PrefixMap<T = unknown> {
  prefixes: string[];
  items: { [prefix: string]: T };
  keys(): string[];
  size(): number;
  resolve(key: string): T | null;
  get(prefix: string): T | null;
  each(fn: (item: T, prefix: string) => void): void;
  insert(prefix: string, item: T): T;
  delete(prefix: string): void;
  toJSON(): { [prefix: string]: T };
}

/** The best way for an amount that goes in. */
export interface HopForSource {
  bestHop: string;
  bestValue: string | undefined;
  bestRoute: Route;
}

/** The best way for an amount that comes out. */
export interface HopForDestination {
  bestHop: string;
  bestCost: string | undefined;
  bestRoute: Route;
}

/** For each destination the routes by next hop. */
export declare class RoutingTable {
  destinations: PrefixMap<Map<string, Route>>;
  addRoute(destination: string, nextHop: string, route: Route): void;
  removeRoute(destination: string, nextHop: string): boolean;
  getAppliesToPrefix(routePrefix: string, destinationAddress: string): string;
  findBestHopForSourceAmount(destination: string, sourceAmount: BigNumberish): HopForSource | undefined;
  findBestHopForDestinationAmount(destination: string, amount: BigNumberish): HopForDestination | undefined;
}

/** For each source ledger a table. */
export declare class RoutingTables {
  constructor(localRoutes: readonly (RouteData | Route)[], expiryDuration?: number);
  currentEpoch: number;
  expiryDuration: number;
  sources: PrefixMap<RoutingTable>;
  localAccounts: { [ledger: string]: string };
  incrementEpoch(): void;
  addLocalRoutes(localRoutes: readonly (RouteData | Route)[]): void;
  removeLedger(ledger: string): void;
  addRoute(route: RouteData | Route, noExpire?: boolean): boolean;
  removeExpiredRoutes(): string[];
  bumpConnector(connectorAccount: string, holdDownTime: number): void;
  invalidateConnector(connectorAccount: string): string[];
  invalidateConnectorsRoutesTo(connectorAccount: string, ledger: string): string[];
  eachSource(fn: (table: RoutingTable, ledger: string) => void): void;
  eachRoute(fn: (route: Route, ledgerA: string, ledgerB: string, nextHop: string) => void): void;
  toJSON(maxPoints: number): RouteData[];
  toDebugStrings(): string[];
  getLocalPairRoute(sourceLedger: string, nextLedger: string): Route | undefined;
  findBestHopForSourceAmount(source: string, destination: string, amount: BigNumberish): HopForSource | undefined;
  findBestHopForDestinationAmount(source: string, destination: string, amount: BigNumberish): HopForDestination | undefined;
}
