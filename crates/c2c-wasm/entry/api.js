// Keys, curves and updates: the heart of the package's surface.
import * as curves from './curve-engine.js';
import { amount, amounts, ascii, count, distance, scale, shown, text } from './check.js';
import { give, rest } from './engines.js';
import { C2CError, attempt } from './failure.js';
import { arrived, held, made, makeRoom, outside } from './places.js';

export { C2CError };
export { decodePacket, encodePacket } from './packet.js';

const PROFILES = ['cited', 'deployed'];

/** A new secret: 32 random bytes as base64url. */
export function generateSecret() {
  return rest().secretText(globalThis.crypto.getRandomValues(new Uint8Array(32)));
}

/** The public key of a secret, as base64url. */
export function publicKey(secret) {
  return attempt(() => rest().publicKey(secretText(secret)));
}

/**
 * What two peers derive from their keys: the prefix of their ledger, the token, both accounts. Our public key is
 * needed for our account; it is computed where it is not given, which takes as long as all the rest.
 */
export function derive(facts) {
  const { secret, publicKey: own, peerPublicKey, currencyCode, currencyScale } = facts ?? {};
  text('peerPublicKey', peerPublicKey);
  text('currencyCode', currencyCode);
  if (own !== undefined) text('publicKey', own);
  if (!Number.isInteger(currencyScale) || currencyScale < 0 || currencyScale > 18) {
    throw new C2CError(
      'SCALE_RANGE',
      `currencyScale is ${shown(currencyScale)}: it counts decimals, a whole number from 0 to 18.`,
      'Most use 9.',
    );
  }
  return attempt(() => {
    const known = own === undefined ? undefined : rest().keyText(own);
    const lines = rest().derive(secretText(secret), peerPublicKey, currencyCode, currencyScale, known === undefined);
    const [prefix, authToken, peer, computed = known] = lines.split('\n');
    return { prefix, authToken, account: prefix + computed, peerAccount: prefix + peer };
  });
}

/** Lets others reach into a curve, and make one. */
let heldOf;
const MADE = Symbol('made');

/** A liquidity curve: what comes out for what goes in. Immutable; memory frees itself. */
export class Curve {
  #held;

  constructor(held, mark) {
    if (mark !== MADE) {
      throw new C2CError('CURVE_NEW', 'A Curve is not made by `new`.', 'Call Curve.from(points).');
    }
    this.#held = held;
  }

  /** From [x, y] pairs, from x0, y0, x1, y1, … as BigUint64Array, from wire bytes, or from their base64. */
  static from(source) {
    return new Curve(attempt(() => read(source)), MADE);
  }

  /** How many points there are. */
  get size() {
    return this.#live.size;
  }

  /** What comes out for `x` going in. */
  amountAt(x) {
    return curves.amountAt(this.#live.place(), amount('x', x));
  }

  /** The same for many amounts at once, which is much quicker than one by one. */
  amountsAt(xs) {
    return curves.amountsAt(this.#live.place(), amounts(xs));
  }

  /** The least that must go in for `y` to come out; undefined where that much never comes out. */
  leastSourceFor(y) {
    return curves.leastSourceFor(this.#live.place(), amount('y', y));
  }

  /** The same rounded down, as ilp-routing 10.1.0 answered. */
  amountReverse(y) {
    return curves.amountReverse(this.#live.place(), amount('y', y));
  }

  /** The better of both curves at every amount, and never more. `merge` also tells which one that is. */
  combine(other) {
    return wrapped(made(curves.combineCurves, this.#live, curveHeld('other', other)));
  }

  /** Through this curve and then through `tail`; undefined where nothing can go through both. */
  join(tail) {
    return wrapped(made(curves.joinCurves, this.#live, curveHeld('tail', tail)));
  }

  /** At most `maxPoints` points, and never more than before. At least three are allowed. */
  simplify(maxPoints) {
    count('maxPoints', maxPoints);
    return wrapped(made((from, at) => curves.simplifyCurve(from, maxPoints, at), this.#live));
  }

  /** Moved right by `dx` and up by `dy`, or left and down where they are negative; undefined where nothing is left. */
  shift(dx, dy = 0n) {
    const [right, up] = [distance('dx', dx), distance('dy', dy)];
    return wrapped(made((from, at) => curves.shiftCurve(from, right, up, at), this.#live));
  }

  /** x0, y0, x1, y1, …: a copy. */
  get points() {
    return curves.curvePoints(this.#live.place());
  }

  /** The binary form of the wire. */
  toBytes() {
    return this.#live.toBytes();
  }

  /** base64 of the binary form: the member `points` of a route as deployed. */
  toBase64() {
    return curves.curveBase64(this.#live.place());
  }

  /** Pairs of decimal texts, for JSON. */
  toJSON() {
    const flat = this.points;
    return Array.from({ length: flat.length / 2 }, (_, i) => [`${flat[2 * i]}`, `${flat[2 * i + 1]}`]);
  }

  /** Gives the memory back at once. Nobody has to. */
  free() {
    this.#held?.drop();
    this.#held = undefined;
  }

  get #live() {
    if (this.#held === undefined) {
      throw new C2CError('CURVE_FREED', 'This curve was freed.', 'Do not use it after free().');
    }
    return this.#held;
  }

  static {
    heldOf = (curve) => curve.#live;
    if (Symbol.dispose) this.prototype[Symbol.dispose] = this.prototype.free;
  }
}

/**
 * The curve between two ledgers of one's own: `rate` units of the destination currency for one of the source
 * currency, less the share `spread`, where at most so much may still come in and go out. Undefined where
 * there is no room.
 */
export function pairCurve({ rate, spread = '0', sourceScale, destinationScale, sourceRoom, destinationRoom } = {}) {
  const room = (name, value) => (value === undefined ? undefined : amount(name, value));
  const [left, right] = [scale(sourceScale), scale(destinationScale)];
  const rooms = [room('sourceRoom', sourceRoom), room('destinationRoom', destinationRoom)];
  const bytes = attempt(() => rest().pairCurve(`${rate}`, `${spread}`, left, right, ...rooms));
  return bytes === undefined ? undefined : new Curve(held(curves.curveFromBytes, bytes), MADE);
}

/** `units` of a ledger of this scale as a decimal, with its currency code if one is given. */
export function formatAmount(units, { code, scale: decimals } = {}) {
  const shownAmount = rest().formatAmount(amount('units', units), scale(decimals));
  return code === undefined ? shownAmount : `${shownAmount} ${code}`;
}

/** A decimal as base units: `{ ok: true, units }`, or what is wrong with it. */
export function parseAmount(decimal, { scale: decimals } = {}) {
  text('decimal', decimal);
  const checked = scale(decimals);
  try {
    return { ok: true, units: rest().parseAmount(decimal.trim(), checked) };
  } catch ({ code, message, hint }) {
    return { ok: false, error: { code, message, hint } };
  }
}

/** A curve of what an operation made; undefined of nothing. */
function wrapped(held) {
  return held === undefined ? undefined : new Curve(held, MADE);
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
  makeRoom();
  const places = Uint32Array.from(taken, ({ held }) => held.place());
  let sections;
  const merged = arrived((at) => {
    sections = curves.mergeCurves(places, at);
    return curves.curveSize(at);
  });
  const curve = new Curve(merged, MADE);
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

/** Who wins of a merge at an amount, and why, in a sentence. */
export function explain(merged, x) {
  const { curve, segments, rejected } = merged ?? {};
  if (!(curve instanceof Curve) || !Array.isArray(segments)) {
    throw new C2CError('MERGED', 'That is no merge.', 'Give what merge() answered.');
  }
  const source = amount('x', x);
  const delivered = curve.amountAt(source);
  const winner = segments.findLast(({ from }) => from <= source);
  if (winner === undefined) return `Nothing comes out for ${source}: the first amount is ${segments[0].from}.`;
  const others = segments.filter((segment) => segment !== winner);
  const beside = others.map(({ nextHop, from, to }) => `${shownName(nextHop)} is better from ${from} to ${to}`);
  const left = rejected.map(({ nextHop, reason }) => `${shownName(nextHop)}: ${reason}`);
  const rest = [...beside, ...left].join('; ');
  const main = `${source} goes by ${shownName(winner.nextHop)} and delivers ${delivered}`;
  return rest === '' ? `${main}.` : `${main}; ${rest}.`;
}

/**
 * Reads a routing update from bytes (fastest) or from a string. `profile` is 'deployed' (ilp-kit 3,
 * the default) or 'cited' (the specification). Faults of the data are answered, not thrown.
 */
export function parseUpdate(json, { profile = 'deployed' } = {}) {
  const cited = isCited(profile);
  const length = give(json);
  let raw;
  try {
    raw = rest().readUpdate(length, cited);
  } catch (faults) {
    if (typeof faults !== 'string') throw faults;
    return { ok: false, errors: JSON.parse(faults) };
  }
  return { ok: true, update: new RoutingUpdate(raw) };
}

/** Those whose values are still inside; the oldest are told to take them out. */
const waiting = [];
const MOST_WAITING = 16;

/** An update that passed. Its values come out of the engine when they are first asked for. */
class RoutingUpdate {
  #raw;
  #values;

  constructor(raw) {
    this.#raw = raw;
    waiting.push(this);
    if (waiting.length > MOST_WAITING) waiting[0].#taken;
  }

  get newRoutes() {
    return this.#taken.newRoutes;
  }

  get holdDownTime() {
    return this.#taken.holdDownTime;
  }

  get unreachableThroughMe() {
    return this.#taken.unreachableThroughMe;
  }

  get requestFullTable() {
    return this.#taken.requestFullTable;
  }

  get unusable() {
    return this.#taken.unusable;
  }

  toJSON() {
    return this.#taken;
  }

  get #taken() {
    if (this.#values === undefined) {
      const values = JSON.parse(this.#raw.json());
      const curves = this.#raw.curves();
      let start = 0;
      values.newRoutes = values.newRoutes.map(({ size, ...route }) => {
        const bytes = size === undefined ? undefined : curves.subarray(start, (start += size));
        return new RouteRecord(route, bytes);
      });
      this.#values = values;
      this.#raw.free();
      this.#raw = undefined;
      waiting.splice(waiting.indexOf(this), 1);
    }
    return this.#values;
  }
}

/** A route of an update. Its curve is made when it is first asked for. */
class RouteRecord {
  #bytes;
  #curve;

  constructor(members, bytes) {
    Object.assign(this, members);
    this.#bytes = bytes;
  }

  get curve() {
    if (this.#curve === undefined && this.#bytes !== undefined) {
      this.#curve = new Curve(outside(this.#bytes), MADE);
    }
    return this.#curve;
  }

  toJSON() {
    return { ...this, points: this.curve?.toBase64() };
  }
}

/** The faults of a routing update, none where it passes: quicker than reading its values. */
export function validateUpdate(json, { profile = 'deployed' } = {}) {
  const cited = isCited(profile);
  const length = give(json);
  if (rest().isUpdate(length, cited)) return { ok: true, errors: [] };
  return { ok: false, errors: JSON.parse(rest().updateFaults(length, cited)) };
}

function isCited(profile) {
  if (PROFILES.includes(profile)) return profile === 'cited';
  throw new C2CError('PROFILE', `There is no profile ${shown(profile)}.`, "Use 'cited' or 'deployed'.");
}

function shownName(nextHop) {
  return typeof nextHop === 'string' ? nextHop : JSON.stringify(nextHop);
}

function candidate(route, index) {
  const { nextHop, hops, curve } = route ?? {};
  if (!(curve instanceof Curve)) {
    throw new C2CError('MERGE_CURVE', `Route ${index} has no Curve.`, 'Make one by Curve.from(points).');
  }
  if (!Number.isInteger(hops) || hops < 0) {
    throw new C2CError(
      'MERGE_HOPS',
      `Route ${index} has ${shown(hops)} hops.`,
      'Give the number of hops as a whole number.',
    );
  }
  return { nextHop, hops, held: heldOf(curve) };
}

function read(source) {
  if (typeof source === 'string') return held(curves.curveFromBase64, ascii(source));
  if (source instanceof BigUint64Array) return held(curves.curveFromPoints, source);
  if (source instanceof Uint8Array) return held(curves.curveFromBytes, source);
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
  return held(curves.curveFromPoints, BigUint64Array.from(flat));
}

/** What is inside of a Curve. */
function curveHeld(name, value) {
  if (value instanceof Curve) return heldOf(value);
  throw new C2CError('CURVE_TYPE', `${name} is ${shown(value)}, not a Curve.`, 'Make one by Curve.from(points).');
}

function secretText(secret) {
  if (secret instanceof Uint8Array) return rest().secretText(secret);
  if (typeof secret === 'string') return secret;
  throw new C2CError('SECRET_FORMAT', 'The secret is missing.', 'Give base64url text or a Uint8Array.');
}

