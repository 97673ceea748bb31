/// <reference lib="esnext.disposable" />

/** An amount in base units. A `number` is taken where it is a safe integer. */
export type Amount = bigint | number;

/** A mistake of the program that calls. */
export declare class C2CError extends Error {
  constructor(code: string, message: string, hint: string, options?: { cause?: unknown });
  /** Stable; compare this. */
  readonly code: string;
  /** What would be right. */
  readonly hint: string;
}

/** A new secret: 32 random bytes as base64url. */
export declare function generateSecret(): string;

/** The public key of a secret, as base64url. */
export declare function publicKey(secret: string | Uint8Array): string;

/** What both sides have to know before they derive. */
export interface PeeringFacts {
  /** Our secret: base64 in either alphabet, or its bytes. */
  secret: string | Uint8Array;
  /** Our public key, where it is known: without it, it is computed, which takes as long as all the rest. */
  publicKey?: string;
  /** The public key of the peer's WebFinger record. */
  peerPublicKey: string;
  /** Such as `USD`. */
  currencyCode: string;
  /** Decimals of the ledger between the two: 0 to 18, usually 9. */
  currencyScale: number;
}

/** What both sides derive. */
export interface Peering {
  /** The name of the ledger between the two, the same on both sides. */
  prefix: string;
  /** The bearer token of calls in both directions. Keep it secret. */
  authToken: string;
  /** Our account on that ledger. */
  account: string;
  /** The peer's account on it. */
  peerAccount: string;
}

/** What two peers derive from their keys. */
export declare function derive(facts: PeeringFacts): Peering;

/** A liquidity curve: what comes out for what goes in. Immutable; its memory frees itself. */
export declare class Curve {
  private constructor();
  /** From [x, y] pairs, from x0, y0, x1, y1, …, from wire bytes, or from their base64. */
  static from(source: Iterable<readonly [Amount, Amount]> | BigUint64Array | Uint8Array | string): Curve;
  /** How many points there are. */
  get size(): number;
  /** What comes out for `x` going in. */
  amountAt(x: Amount): bigint;
  /** The same for many amounts at once, which is much quicker than one by one. */
  amountsAt(xs: BigUint64Array | readonly Amount[]): BigUint64Array;
  /** The least that must go in for `y` to come out; undefined where that much never comes out. */
  leastSourceFor(y: Amount): bigint | undefined;
  /** The same rounded down, as ilp-routing 10.1.0 answered. */
  amountReverse(y: Amount): bigint | undefined;
  /** The better of both curves at every amount, and never more. `merge` also tells which one that is. */
  combine(other: Curve): Curve;
  /** Through this curve and then through `tail`; undefined where nothing can go through both. */
  join(tail: Curve): Curve | undefined;
  /** At most `maxPoints` points, and never more than before. At least three are allowed. */
  simplify(maxPoints: number): Curve;
  /** Moved right by `dx` and up by `dy`, or left and down where negative; undefined where nothing is left. */
  shift(dx: Amount, dy?: Amount): Curve | undefined;
  /** x0, y0, x1, y1, …: a copy. */
  get points(): BigUint64Array;
  /** The binary form of the wire. */
  toBytes(): Uint8Array;
  /** base64 of the binary form. */
  toBase64(): string;
  /** Pairs of decimal texts. */
  toJSON(): [string, string][];
  /** Gives the memory back at once. Nobody has to. */
  free(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/** A pair of ledgers of one's own. */
export interface PairFacts {
  /** Units of the destination currency for one of the source currency: a decimal. */
  rate: string | number;
  /** The share that is kept: a decimal, 0 unless told. */
  spread?: string | number;
  sourceScale: number;
  destinationScale: number;
  /** How much may still come in, in base units; unlimited unless told. */
  sourceRoom?: Amount;
  /** How much may still go out. */
  destinationRoom?: Amount;
}

/** The curve of a pair; undefined where there is no room. */
export declare function pairCurve(facts: PairFacts): Curve | undefined;

/** What is wrong with data that came from elsewhere. */
export interface Fault {
  /** Stable; compare this. */
  readonly code: string;
  readonly message: string;
  /** The cure. */
  readonly hint: string;
}

/** Data that was read, or what is wrong with it. */
export type Read<Name extends string, T> = ({ ok: true } & { [K in Name]: T }) | { ok: false; error: Fault };

/** Base units as a decimal, with the currency code if one is given. */
export declare function formatAmount(units: Amount, terms: { code?: string; scale: number }): string;

/** A decimal as base units. */
export declare function parseAmount(decimal: string, terms: { scale: number }): Read<'units', bigint>;

/** A way to a destination, told by one neighbour. */
export interface Candidate<NextHop = string> {
  nextHop: NextHop;
  hops: number;
  curve: Curve;
}

/** Amounts from `from` to `to`, both included, go by `nextHop`. */
export interface Segment<NextHop = string> {
  from: bigint;
  to: bigint;
  nextHop: NextHop;
}

/** Parallel ways made one. */
export interface Merged<NextHop = string> {
  curve: Curve;
  segments: Segment<NextHop>[];
  rejected: { nextHop: NextHop; reason: string }[];
}

/** Merges the ways with the fewest hops; of equal offers the earlier keeps its section. */
export declare function merge<NextHop = string>(routes: Iterable<Candidate<NextHop>>): Merged<NextHop>;

/** Who wins of a merge at an amount, and why, in a sentence. */
export declare function explain<NextHop>(merged: Merged<NextHop>, x: Amount): string;

/** `deployed`: as ilp-kit 3 spoke. `cited`: as the specification cites. */
export type Profile = 'deployed' | 'cited';

/** One route of an update. */
export interface RouteRecord {
  readonly sourceLedger: string;
  readonly destinationLedger: string;
  /** Made when it is first asked for; undefined where quotes must be asked remotely, or `skipped` is set. */
  readonly curve: Curve | undefined;
  /** Milliseconds. */
  readonly minMessageWindow: number;
  readonly sourceAccount: string;
  readonly paths: string[][];
  /** Why this route has to be skipped, where its points make no curve. */
  readonly skipped?: string;
}

/** A routing update that passed. */
export interface RoutingUpdate {
  readonly newRoutes: RouteRecord[];
  /** Milliseconds. */
  readonly holdDownTime: number;
  readonly unreachableThroughMe: string[];
  readonly requestFullTable: boolean;
  /** Routes that pass the schema and cannot be used: which, and why. */
  readonly unusable: { index: number; member: string; message: string }[];
}

/** One fault of a document. */
export interface Violation {
  /** Stable; compare this. */
  readonly code: string;
  /** Such as `new_routes[3].points`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** What stands there, shortened. */
  readonly value: string;
  readonly message: string;
  /** The cure. */
  readonly hint: string;
}

/** Reads a routing update from bytes (fastest) or a string. Faults of the data are answered, not thrown. */
export declare function parseUpdate(
  json: Uint8Array | string,
  options?: { profile?: Profile },
): { ok: true; update: RoutingUpdate } | { ok: false; errors: Violation[] };

/** The faults of a routing update, none where it passes: quicker than reading its values. */
export declare function validateUpdate(
  json: Uint8Array | string,
  options?: { profile?: Profile },
): { ok: boolean; errors: Violation[] };

/** A packet of one of the eight types. Holds are milliseconds; times are milliseconds since 1970. */
export type Packet =
  | { type: 'payment'; amount: bigint; account: string; data: Uint8Array }
  | { type: 'liquidity-request'; destinationAccount: string; destinationHold: number }
  | {
      type: 'liquidity-response';
      /** x0, y0, x1, y1, …: `Curve.from` says whether they are a curve. */
      points: BigUint64Array;
      appliesToPrefix: string;
      sourceHold: number;
      expiresAt: number;
    }
  | { type: 'by-source-request'; destinationAccount: string; sourceAmount: bigint; destinationHold: number }
  | { type: 'by-source-response'; destinationAmount: bigint; sourceHold: number }
  | { type: 'by-destination-request'; destinationAccount: string; destinationAmount: bigint; destinationHold: number }
  | { type: 'by-destination-response'; sourceAmount: bigint; sourceHold: number }
  | {
      type: 'error';
      code: string;
      name: string;
      triggeredBy: string;
      forwardedBy: string[];
      triggeredAt: number;
      data: Uint8Array;
    };

/** Reads a packet. Bytes after it are not looked at. */
export declare function decodePacket(bytes: Uint8Array): Read<'packet', Packet>;

/** Writes a packet. */
export declare function encodePacket(packet: Packet): Uint8Array;
