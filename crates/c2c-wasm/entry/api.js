// The package's surface. It checks what comes in, because a negative or too large bigint would wrap
// around silently on its way into wasm, and it turns failures into C2CError.
import * as engine from './engine.js';

const MOST = 2n ** 64n - 1n;
const PROFILES = ['cited', 'deployed'];

/** A mistake of the program that calls: `code` is stable, `hint` says what would be right. */
export class C2CError extends Error {
  constructor(code, message, hint, options) {
    super(message, options);
    this.name = 'C2CError';
    this.code = code;
    this.hint = hint;
  }
}

/** A new secret: 32 random bytes as base64url. */
export function generateSecret() {
  return engine.secretText(globalThis.crypto.getRandomValues(new Uint8Array(32)));
}

/** The public key of a secret, as base64url. */
export function publicKey(secret) {
  return attempt(() => engine.publicKey(secretText(secret)));
}

/** What two peers derive from their keys: the prefix of their ledger, the token, both accounts. */
export function derive(facts) {
  const { secret, peerPublicKey, currencyCode, currencyScale } = facts ?? {};
  text('peerPublicKey', peerPublicKey);
  text('currencyCode', currencyCode);
  if (!Number.isInteger(currencyScale) || currencyScale < 0 || currencyScale > 18) {
    throw new C2CError(
      'SCALE_RANGE',
      `currencyScale is ${shown(currencyScale)}: it counts decimals, a whole number from 0 to 18.`,
      'Most use 9.',
    );
  }
  const [prefix, authToken, account, peerAccount] = attempt(() =>
    engine.derive(secretText(secret), peerPublicKey, currencyCode, currencyScale),
  );
  return { prefix, authToken, account, peerAccount };
}

/** Lets `merge` reach into a curve. */
let handleOf;

/** A liquidity curve: what comes out for what goes in. Immutable; its memory frees itself. */
export class Curve {
  #raw;

  constructor(raw) {
    if (!(raw instanceof engine.RawCurve)) {
      throw new C2CError('CURVE_NEW', 'A Curve is not made by `new`.', 'Call Curve.from(points).');
    }
    this.#raw = raw;
  }

  /** From [x, y] pairs, from x0, y0, x1, y1, … as BigUint64Array, from wire bytes, or from their base64. */
  static from(source) {
    return new Curve(attempt(() => read(source)));
  }

  /** What comes out for `x` going in. */
  amountAt(x) {
    return this.#raw.amountAt(amount('x', x));
  }

  /** The least that must go in for `y` to come out; undefined where that much never comes out. */
  leastSourceFor(y) {
    return this.#raw.leastSourceFor(amount('y', y));
  }

  /** The same rounded down, as ilp-routing 10.1.0 answered. */
  amountReverse(y) {
    return this.#raw.amountReverse(amount('y', y));
  }

  /** x0, y0, x1, y1, …: a copy. */
  get points() {
    return this.#raw.points();
  }

  /** The binary form of the wire. */
  toBytes() {
    return this.#raw.toBytes();
  }

  /** base64 of the binary form: the member `points` of a route as deployed. */
  toBase64() {
    return this.#raw.toBase64();
  }

  static {
    handleOf = (curve) => curve.#raw;
  }
}

/**
 * Parallel routes made one. Those with the fewest hops are merged; of equal offers the earlier keeps
 * its section. What is not used is told with its reason.
 */
export function merge(routes) {
  const given = Array.from(routes ?? [], (route, index) => candidate(route, index));
  if (given.length === 0) {
    throw new C2CError('MERGE_EMPTY', 'There is no route to merge.', 'Give at least one.');
  }
  const fewest = Math.min(...given.map((route) => route.hops));
  const taken = given.filter((route) => route.hops === fewest);
  const merging = new engine.RawMerge();
  for (const { handle } of taken) merging.add(handle);
  const merged = merging.finish();
  const curve = new Curve(merged.curve());
  const sections = merged.segments();
  merged.free();
  const segments = [];
  const winners = new Set();
  for (let at = 0; at < sections.length; at += 3) {
    const winner = taken[Number(sections[at + 2])];
    winners.add(winner);
    segments.push({ from: sections[at], to: sections[at + 1], nextHop: winner.nextHop });
  }
  const rejected = given
    .filter((route) => !winners.has(route))
    .map(({ nextHop, hops }) => ({
      nextHop,
      reason:
        hops > fewest
          ? `${hops} hops, where the shortest way has ${fewest}`
          : 'never delivers more than another way of the same length',
    }));
  return { curve, segments, rejected };
}

/**
 * Reads a routing update from bytes (fastest) or from a string. `profile` is 'deployed' (ilp-kit 3,
 * the default) or 'cited' (the specification). Faults of the data are answered, not thrown.
 */
export function parseUpdate(json, { profile = 'deployed' } = {}) {
  if (!PROFILES.includes(profile)) {
    throw new C2CError(
      'PROFILE',
      `There is no profile ${shown(profile)}.`,
      "Use 'cited' or 'deployed'.",
    );
  }
  const raw = engine.readUpdate(bytesOf(json), profile === 'cited');
  const errors = raw.errors();
  if (errors !== undefined) {
    raw.free();
    return { ok: false, errors: JSON.parse(errors) };
  }
  const update = JSON.parse(raw.json());
  update.newRoutes = update.newRoutes.map((route, index) => new RouteRecord(route, raw, index));
  return { ok: true, update };
}

/** A route of an update. Its curve is made when it is first asked for. */
class RouteRecord {
  #raw;
  #index;
  #curve;

  constructor({ skipped, ...members }, raw, index) {
    Object.assign(this, members);
    if (skipped !== null) this.skipped = skipped;
    this.#raw = raw;
    this.#index = index;
  }

  get curve() {
    if (this.#curve === undefined) {
      const handle = this.#raw.curve(this.#index);
      if (handle !== undefined) this.#curve = new Curve(handle);
    }
    return this.#curve;
  }
}

function candidate(route, index) {
  const { nextHop, hops, curve } = route ?? {};
  const handle = curve instanceof Curve ? handleOf(curve) : undefined;
  if (handle === undefined) {
    throw new C2CError('MERGE_CURVE', `Route ${index} has no Curve.`, 'Make one by Curve.from(points).');
  }
  if (!Number.isInteger(hops) || hops < 0) {
    throw new C2CError(
      'MERGE_HOPS',
      `Route ${index} has ${shown(hops)} hops.`,
      'Give the number of hops as a whole number.',
    );
  }
  return { nextHop, hops, handle };
}

function read(source) {
  if (typeof source === 'string') return engine.RawCurve.fromBase64(source);
  if (source instanceof BigUint64Array) return engine.RawCurve.fromPoints(source);
  if (source instanceof Uint8Array) return engine.RawCurve.fromBytes(source);
  if (source == null || typeof source[Symbol.iterator] !== 'function') {
    throw new C2CError(
      'CURVE_SOURCE',
      `${shown(source)} is no curve.`,
      'Give [x, y] pairs, a BigUint64Array, a Uint8Array or base64.',
    );
  }
  const flat = [];
  let index = 0;
  for (const point of source) {
    const pair = Array.isArray(point) ? point : [];
    if (pair.length !== 2) {
      throw new C2CError('CURVE_POINTS', `Point ${index} is not [x, y].`, 'Give an x and a y for each point.');
    }
    flat.push(amount(`x of point ${index}`, pair[0]), amount(`y of point ${index}`, pair[1]));
    index += 1;
  }
  return engine.RawCurve.fromPoints(BigUint64Array.from(flat));
}

function amount(name, value) {
  if (typeof value === 'bigint') {
    if (value >= 0n && value <= MOST) return value;
    throw new C2CError('AMOUNT_RANGE', `${name} is ${value}.`, 'Amounts are 0 to 2^64 - 1.');
  }
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && value >= 0) return BigInt(value);
    throw new C2CError(
      'AMOUNT_NUMBER',
      `${name} is ${value}.`,
      'Amounts are whole and not negative; above 2^53 - 1 use a bigint.',
    );
  }
  throw new C2CError('AMOUNT_TYPE', `${name} is ${shown(value)}.`, 'Give a bigint, such as 500n.');
}

function secretText(secret) {
  if (secret instanceof Uint8Array) return engine.secretText(secret);
  if (typeof secret === 'string') return secret;
  throw new C2CError('SECRET_FORMAT', 'The secret is missing.', 'Give base64url text or a Uint8Array.');
}

function text(name, value) {
  if (typeof value !== 'string') {
    throw new C2CError('TEXT', `${name} is ${shown(value)}, not text.`, `Give ${name} as a string.`);
  }
}

function bytesOf(json) {
  if (typeof json === 'string') return new TextEncoder().encode(json);
  if (json instanceof Uint8Array) return json;
  throw new C2CError('UPDATE_TYPE', `${shown(json)} is no update.`, 'Give a Uint8Array or a string of JSON.');
}

function shown(value) {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function attempt(work) {
  try {
    return work();
  } catch (failure) {
    if (failure instanceof Error || failure?.code === undefined) throw failure;
    throw new C2CError(failure.code, failure.message, failure.hint, { cause: failure });
  }
}
