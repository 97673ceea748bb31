/// <reference lib="esnext.disposable" />

import type { Amount, Curve, Fault, Profile, Read, Violation } from './api.js';

/** What a host publishes about itself. */
export interface HostRecord {
  readonly subject: string;
  readonly publicKey: string;
  readonly protocolVersion: string | null;
  readonly title: string | null;
  readonly rpcUri: string;
}

/** The document to publish at /.well-known/webfinger. */
export declare function record(identity: {
  host: string;
  publicKey: string;
  /** `https://HOST/rpc` unless told. */
  rpcUri?: string;
  title?: string;
}): { subject: string; properties: { [name: string]: string }; links: { rel: string; href: string }[] };

/** What a host answered, checked. */
export declare function readRecord(bytes: Uint8Array, host: string): Read<'record', HostRecord>;

/** As much of an answer as is looked at. */
export interface FetchAnswer {
  readonly status: number;
  readonly body?: unknown;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** As much of `fetch` as is used; the platform's own will do. */
export type Fetch = (url: string, options?: any) => Promise<FetchAnswer>;

/** Who asks, and until when: `signal` is an AbortSignal. */
export interface Asking {
  fetch: Fetch;
  signal?: any;
}

/** Asks a host for its record. */
export declare function lookup(host: string, asking: Asking): Promise<Read<'record', HostRecord>>;

/** A step of a check. */
export type CheckStep =
  | { name: 'reach' | 'auth' | 'limit'; status: 'ok'; value?: bigint }
  | ({ name: 'reach' | 'auth' | 'limit'; status: 'failed' } & Fault);

/** Tries a peering by asking for the peer's limit. */
export declare function checkPeer(
  facts: { prefix: string; authToken: string; rpcUri: string },
  asking: Asking,
): Promise<{ ok: boolean; steps: CheckStep[] }>;

/** A letter between two operators. */
export interface Invite {
  says: 'offer' | 'counter' | 'accept' | 'refuse';
  mode: 'webfinger' | 'manual';
  currencyCode: string;
  currencyScale: number;
  /** ISO 8601. */
  date: string;
  /** By WebFinger: the writer's host. */
  host?: string;
  /** Without: where the writer takes calls, and by which version. */
  rpcUri?: string;
  protocolVersion?: string;
  prefix?: string;
  /** The writer's account. */
  account?: string;
  /** The token for calls to the writer; left out where it goes another way. */
  token?: string;
  /** Why not. */
  reason?: string;
}

/** A letter as one word: what `c2c peer invite` writes. */
export declare function encodeInvite(invite: Invite): string;

/** A letter for people to read, with the word in its last line. */
export declare function inviteText(invite: Invite): string;

/** A letter out of its word, a link, a text or JSON. */
export declare function decodeInvite(text: string): Read<'invite', Invite>;

/** What a message carries: where several things, the first of these. */
export type Carried =
  | 'packet'
  | 'update'
  | 'quote-request'
  | 'quote-response'
  | 'quote-error'
  /** A method that the protocol does not name. */
  | 'other'
  /** The answer to a routing update. */
  | 'nothing';

/** All that is wrong, in the order of the document; nothing where it is right. */
export type Checked = { ok: true; errors: [] } | { ok: false; errors: Violation[] };

/**
 * Checks a message with all that it carries, to the bottom: envelope, packet, routing update in either profile, JSON
 * quote. Paths begin at the message, such as `custom.data.new_routes[3].points`.
 */
export declare function validateMessage(
  json: Uint8Array | string,
): { ok: true; carries: Carried; errors: [] } | { ok: false; errors: Violation[] };

/** Checks a transfer, as `send_transfer` carries it. */
export declare function validateTransfer(json: Uint8Array | string): Checked;

/** The calls of a peer ledger. */
export type Method =
  | 'get_limit'
  | 'get_balance'
  | 'send_request'
  | 'send_message'
  | 'send_transfer'
  | 'fulfill_condition'
  | 'reject_incoming_transfer'
  | 'expire_transfer';

/** Checks the body of a call: its parameters, and all that they carry. Paths begin at the list, such as `[0].amount`. */
export declare function validateCall(method: Method, body: Uint8Array | string): Checked;

/** Two ledgers of one's own, in one direction. */
export interface LocalPair {
  sourceLedger: string;
  destinationLedger: string;
  sourceAccount: string;
  destinationAccount: string;
  /** What goes out for what comes in. */
  curve: Curve;
  /** Milliseconds; 1000 unless told. */
  minMessageWindow?: number;
}

/** A payment that is asked about: by source or by destination amount. */
export type Question = { from: string; to: string } & (
  | { sourceAmount: Amount; destinationAmount?: undefined }
  | { destinationAmount: Amount; sourceAmount?: undefined }
);

/** Where a payment goes next. */
export interface Hop {
  ok: true;
  nextHop: string;
  nextLedger: string;
  destinationLedger: string;
  targetPrefix: string;
  /** How many ledgers it passes, both ends counted. */
  hops: number;
  /** Whether it goes over ledgers of one's own only. */
  isLocal: boolean;
  /** Undefined where a quote must be asked for. */
  sourceAmount: bigint | undefined;
  destinationAmount: bigint | undefined;
  /** What the next transfer carries. */
  nextAmount: bigint | undefined;
  /** Milliseconds. */
  minMessageWindow: number;
}

/** Why there is no way. */
export interface NoWay {
  ok: false;
  reason: string;
}

/** Why a hop was chosen. */
export interface Why {
  ok: true;
  targetPrefix: string;
  nextHop: string | undefined;
  sourceAmount: bigint | undefined;
  destinationAmount: bigint | undefined;
  sentence: string;
  rejected: { nextHop: string; reason: string }[];
}

/** What a sender is quoted; `ask` is whom to ask where no curve is known. */
export type Quote =
  | { ok: true; sourceAmount: bigint; destinationAmount: bigint; sourceHold: number; ask?: undefined }
  | { ok: true; ask: string; sourceHold: number };

/** What can no longer be reached. */
export interface Lost {
  sourceLedger: string;
  prefix: string;
}

/** What an update did. */
export interface Applied {
  ok: true;
  /** How many routes are in the tables now. */
  accepted: number;
  /** Those that are not; the first of very many. */
  refused: { index: number; code: string; message: string }[];
  refusedCount: number;
  lost: Lost[];
  /** Whether the peer asks for everything. */
  fullTableAsked: boolean;
  changed: boolean;
}

/** A way that is known. */
export interface TableRoute {
  readonly sourceLedger: string;
  readonly targetPrefix: string;
  readonly nextHop: string;
  readonly nextLedger: string;
  readonly hops: number;
  readonly isLocal: boolean;
  readonly minMessageWindow: number;
  /** Milliseconds since 1970; undefined where it never does. */
  readonly expiresAt: number | undefined;
  readonly curve: Curve | undefined;
}

/** The tables of one connector and what is told of them. Nothing reads a clock: `now` is milliseconds. */
export declare class RouteTable {
  constructor(settings?: {
    pairs?: Iterable<LocalPair>;
    /** As ilp-routing 10.1.0 rounded and chose, or so that nothing is promised that cannot be delivered. */
    rounding?: 'sound' | '2017';
    /** Milliseconds from broadcast to broadcast. */
    interval?: number;
    /** Milliseconds for which what is told stays good. */
    holdDown?: number;
    /** Of a curve that is told. */
    maxPoints?: number;
  });
  setPairs(pairs: Iterable<LocalPair>): void;
  apply(
    update: Uint8Array | string,
    from: { sender: string; now: number; profile?: Profile },
  ): Applied | { ok: false; errors: Violation[] };
  bestHop(question: Question): Hop | NoWay;
  why(question: Question & { now: number }): Why | NoWay;
  quote(question: Question & { destinationHold: number }): Quote | NoWay;
  /** All ways as one curve. */
  curveTo(from: string, to: string): Curve | undefined;
  routes(): TableRoute[];
  get destinations(): number;
  addPeer(ledger: string, at: { now: number }): void;
  removePeer(ledger: string, account: string): Lost[];
  /** JSON text of an update; undefined where there is nothing to say. */
  broadcast(ledger: string, at: { now: number; profile?: Profile }): string | undefined;
  acknowledge(ledger: string, at: { now: number }): void;
  failed(ledger: string, at: { now: number }): void;
  removeExpired(at: { now: number }): Lost[];
  free(): void;
  [Symbol.dispose](): void;
}

/** What `diff` compares: records of updates, or what `routes()` lists. */
export interface Comparable {
  readonly sourceLedger: string;
  readonly targetPrefix?: string;
  readonly destinationLedger?: string;
  readonly nextHop?: string;
  readonly sourceAccount?: string;
  readonly curve: Curve | undefined;
}

/** What differs between two lists of routes. */
export declare function diff<R extends Comparable>(
  before: Iterable<R>,
  after: Iterable<R>,
): {
  added: R[];
  removed: R[];
  changed: { before: R; after: R; points: { sourceAmount: bigint; before: bigint; after: bigint }[] }[];
};

/** A network on invented time, played until nobody has news. */
export declare function simulate(network: {
  connectors: Iterable<{ name: string; ledgers?: string[]; spread?: string }>;
  peerings: Iterable<readonly [string, string]>;
  rounds?: number;
  interval?: number;
}): {
  isQuiet: boolean;
  now: number;
  log: { at: number; from: string; to: string; accepted: number; refused: number }[];
  tables: Map<string, RouteTable>;
};
