// Routing tables and the engine around them; what differs between two lists of routes; small networks.
import * as engine from './connector-engine.js';
import { Curve, pairCurve } from './api.js';
import { amount, bytesOf, count, millis, shown, text } from './check.js';
import { lay, taken } from './desk.js';
import { C2CError, attempt } from './failure.js';

/**
 * The tables of one connector: its own pairs of ledgers, what its peers announce, and what they are told.
 * Nothing here reads a clock: `now` is milliseconds.
 */
export class RouteTable {
  #raw;

  constructor({ pairs = [], rounding = 'sound', interval = 30000, holdDown = 45000, maxPoints = 10 } = {}) {
    if (!['sound', '2017'].includes(rounding)) {
      throw new C2CError('ROUNDING', `There is no rounding ${shown(rounding)}.`, "Use 'sound' or '2017'.");
    }
    const times = [millis('interval', interval), millis('holdDown', holdDown)];
    this.#raw = new engine.RawTable(rounding === '2017', ...times, count('maxPoints', maxPoints));
    this.setPairs(pairs);
  }

  /** Puts pairs of own ledgers in place of those there are: what goes out for what comes in. */
  setPairs(pairs) {
    const texts = [];
    const windows = [];
    const given = [];
    for (const pair of pairs) {
      const { sourceLedger, destinationLedger, sourceAccount, destinationAccount, curve, minMessageWindow = 1000 } = pair;
      for (const [name, value] of Object.entries({ sourceLedger, destinationLedger, sourceAccount, destinationAccount })) {
        text(name, value);
        texts.push(value);
      }
      if (!(curve instanceof Curve)) {
        throw new C2CError('PAIR_CURVE', 'A pair has no Curve.', 'Make one by pairCurve or Curve.from.');
      }
      given.push(curve.toBytes());
      windows.push(millis('minMessageWindow', minMessageWindow));
    }
    const sizes = Uint32Array.from(given, (bytes) => bytes.length);
    const all = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
    given.reduce((at, bytes) => (all.set(bytes, at), at + bytes.length), 0);
    attempt(() => this.#live.setPairs(texts, all, sizes, Float64Array.from(windows)));
  }

  /** Does what an update (bytes, quickest, or a string) of the peer's account `sender` says. Faults are answered. */
  apply(update, { sender, now, profile = 'deployed' } = {}) {
    text('sender', sender);
    if (!['cited', 'deployed'].includes(profile)) {
      throw new C2CError('PROFILE', `There is no profile ${shown(profile)}.`, "Use 'cited' or 'deployed'.");
    }
    const [bytes, at] = [bytesOf(update), millis('now', now)];
    try {
      return { ok: true, ...JSON.parse(attempt(() => this.#live.apply(bytes, profile === 'cited', sender, at))) };
    } catch (faults) {
      if (typeof faults !== 'string') throw faults;
      return { ok: false, errors: JSON.parse(faults) };
    }
  }

  /** Where a payment goes next: `{ ok: true, nextHop, … }`, or why nowhere. Give a source or a destination amount. */
  bestHop({ from, to, sourceAmount, destinationAmount } = {}) {
    const asked = question(from, to, sourceAmount, destinationAmount);
    const live = this.#live;
    const [first, second] = lay(from, to);
    const reason = live.bestHop(first, second, asked.amount, asked.byDestination);
    if (reason !== undefined) return { ok: false, reason };
    const { text: said, counts, amounts } = taken();
    const hopEnd = counts[1];
    const nextEnd = hopEnd + counts[2];
    const destinationEnd = nextEnd + counts[3];
    const known = counts[7] === 1 ? amounts[0] : undefined;
    return {
      ok: true,
      nextHop: said.slice(0, hopEnd),
      nextLedger: said.slice(hopEnd, nextEnd),
      destinationLedger: said.slice(nextEnd, destinationEnd),
      targetPrefix: said.slice(destinationEnd),
      hops: counts[5],
      isLocal: counts[6] === 1,
      sourceAmount: asked.byDestination ? known : asked.amount,
      destinationAmount: asked.byDestination ? asked.amount : known,
      nextAmount: counts[8] === 1 ? amounts[1] : undefined,
      minMessageWindow: Number(amounts[2]),
    };
  }

  /** Why that hop, in a sentence, and what every other candidate lost by. */
  why({ from, to, sourceAmount, destinationAmount, now } = {}) {
    const asked = question(from, to, sourceAmount, destinationAmount);
    try {
      const found = JSON.parse(this.#live.why(from, to, asked.amount, asked.byDestination, millis('now', now)));
      const big = (value) => (value === null ? undefined : BigInt(value));
      const amounts = { sourceAmount: big(found.sourceAmount), destinationAmount: big(found.destinationAmount) };
      return { ok: true, ...found, ...amounts, nextHop: found.nextHop ?? undefined };
    } catch (reason) {
      if (typeof reason !== 'string') throw reason;
      return { ok: false, reason };
    }
  }

  /**
   * What a sender is quoted: amounts, and for how long the source ledger has to hold. Where the peer told no curve,
   * `ask` is the peer to ask.
   */
  quote({ from, to, sourceAmount, destinationAmount, destinationHold } = {}) {
    millis('destinationHold', destinationHold);
    const hop = this.bestHop({ from, to, sourceAmount, destinationAmount });
    if (!hop.ok) return hop;
    const sourceHold = destinationHold + hop.minMessageWindow;
    const isKnown = hop.sourceAmount !== undefined && hop.destinationAmount !== undefined;
    if (!isKnown) return { ok: true, ask: hop.nextHop, sourceHold };
    return { ok: true, sourceAmount: hop.sourceAmount, destinationAmount: hop.destinationAmount, sourceHold };
  }

  /** All ways from `from` to `to` as one curve; undefined where none has one. */
  curveTo(from, to) {
    text('from', from);
    text('to', to);
    const bytes = this.#live.curveTo(from, to);
    return bytes === undefined ? undefined : Curve.from(bytes);
  }

  /** Every way that is known. A curve is made when it is first asked for. */
  routes() {
    return JSON.parse(this.#live.routes()).map(({ points, expiresAt, ...route }) => {
      let curve;
      return {
        ...route,
        expiresAt: expiresAt ?? undefined,
        get curve() {
          if (curve === undefined && points !== null) curve = Curve.from(points);
          return curve;
        },
      };
    });
  }

  /** How many prefixes something is known of. */
  get destinations() {
    return this.#live.destinations();
  }

  /** From now on the peer on `ledger` is told what others announce. */
  addPeer(ledger, { now } = {}) {
    text('ledger', ledger);
    attempt(() => this.#live.addPeer(ledger, millis('now', now)));
  }

  /** The peer is told nothing more, and what it announced is forgotten. What can no longer be reached. */
  removePeer(ledger, account) {
    text('ledger', ledger);
    text('account', account);
    return JSON.parse(attempt(() => this.#live.removePeer(ledger, account)));
  }

  /** The update to send to the peer on `ledger` now, as JSON text; undefined where there is nothing to say. */
  broadcast(ledger, { now, profile = 'deployed' } = {}) {
    text('ledger', ledger);
    return attempt(() => this.#live.broadcast(ledger, millis('now', now), profile === 'cited'));
  }

  /** What `broadcast` gave arrived there. Nothing more is said before this, or `failed`. */
  acknowledge(ledger, { now } = {}) {
    text('ledger', ledger);
    attempt(() => this.#live.told(ledger, millis('now', now), true));
  }

  /** Nobody knows whether it arrived: all of it is told again. */
  failed(ledger, { now } = {}) {
    text('ledger', ledger);
    attempt(() => this.#live.told(ledger, millis('now', now), false));
  }

  /** Takes out what has run out. What can no longer be reached. */
  removeExpired({ now } = {}) {
    return JSON.parse(this.#live.removeExpired(millis('now', now)));
  }

  /** Gives the memory back at once. Nobody has to. */
  free() {
    this.#raw?.free();
    this.#raw = undefined;
  }

  get #live() {
    if (this.#raw === undefined) {
      throw new C2CError('TABLE_FREED', 'This table was freed.', 'Do not use it after free().');
    }
    return this.#raw;
  }

  static {
    if (Symbol.dispose) this.prototype[Symbol.dispose] = this.prototype.free;
  }
}

/**
 * What differs between two lists of routes, such as `newRoutes` of updates or `table.routes()`: those added,
 * those removed, and those changed with the corners at which their curves differ.
 */
export function diff(before, after) {
  const [old, now] = [byName(before), byName(after)];
  const found = { added: [], removed: [], changed: [] };
  for (const [name, route] of now) {
    const was = old.get(name);
    if (was === undefined) found.added.push(route);
    else {
      const points = corners(was.curve, route.curve);
      if (points.length > 0 || (was.curve === undefined) !== (route.curve === undefined)) {
        found.changed.push({ before: was, after: route, points });
      }
    }
  }
  for (const [name, route] of old) if (!now.has(name)) found.removed.push(route);
  return found;
}

/**
 * A network on invented time: every connector broadcasts to its peers at each interval until nobody has news.
 * Connectors have a `name`, `ledgers` of their own and a `spread`; `peerings` are pairs of names.
 */
export function simulate({ connectors, peerings, rounds = 50, interval = 30000 } = {}) {
  count('rounds', rounds);
  const nodes = new Map();
  for (const { name, ledgers = [], spread = '0.002' } of connectors ?? []) {
    text('name', name);
    nodes.set(name, { name, spread, ledgers: new Map(ledgers.map((ledger) => [ledger, `${ledger}${name}`])), peers: [] });
  }
  for (const [number, [a, b]] of (peerings ?? []).entries()) {
    const ledger = `peer.sim${number}.usd.9.`;
    for (const [own, other] of [[a, b], [b, a]]) {
      const node = nodes.get(own);
      if (node === undefined) throw new C2CError('SIMULATE', `No connector is named ${shown(own)}.`, 'Name it in connectors.');
      node.ledgers.set(ledger, `${ledger}${own}`);
      node.peers.push({ ledger, name: other });
    }
  }
  let now = 0;
  for (const node of nodes.values()) {
    node.table = new RouteTable({ pairs: pairsOf(node), interval, holdDown: 10 * interval });
    for (const { ledger } of node.peers) node.table.addPeer(ledger, { now });
  }
  const log = [];
  let isQuiet = false;
  for (let round = 0; round < rounds && !isQuiet; round++, now += interval) {
    isQuiet = true;
    for (const node of nodes.values()) {
      for (const { ledger, name } of node.peers) {
        const update = node.table.broadcast(ledger, { now });
        if (update === undefined) continue;
        const other = nodes.get(name);
        const outcome = other.table.apply(update, { sender: `${ledger}${node.name}`, now });
        node.table.acknowledge(ledger, { now });
        const hasNews = !update.startsWith('{"new_routes":[]') || !update.includes('"unreachable_through_me":[]');
        if (!hasNews) continue;
        isQuiet = false;
        log.push({ at: now, from: node.name, to: name, accepted: outcome.accepted, refused: outcome.refusedCount });
      }
    }
  }
  return { isQuiet, now, log, tables: new Map([...nodes].map(([name, { table }]) => [name, table])) };
}

function pairsOf({ ledgers, spread }) {
  const terms = { rate: '1', spread, sourceScale: 9, destinationScale: 9 };
  const curve = pairCurve(terms);
  const pairs = [];
  for (const [sourceLedger, sourceAccount] of ledgers) {
    for (const [destinationLedger, destinationAccount] of ledgers) {
      if (sourceLedger === destinationLedger) continue;
      pairs.push({ sourceLedger, destinationLedger, sourceAccount, destinationAccount, curve });
    }
  }
  return pairs;
}

function byName(routes) {
  const named = new Map();
  for (const route of routes ?? []) {
    const { sourceLedger, targetPrefix, destinationLedger, nextHop, sourceAccount } = route;
    named.set(JSON.stringify([sourceLedger, targetPrefix ?? destinationLedger, nextHop ?? sourceAccount]), route);
  }
  return named;
}

/** Where two curves differ, at the corners of either. */
function corners(before, after) {
  if (before === undefined || after === undefined) return [];
  const xs = new Set([...before.points, ...after.points].filter((_, i) => i % 2 === 0));
  const sources = BigUint64Array.from(xs).sort();
  const [was, is] = [before.amountsAt(sources), after.amountsAt(sources)];
  return Array.from(sources, (sourceAmount, i) => ({ sourceAmount, before: was[i], after: is[i] })).filter(
    (point) => point.before !== point.after,
  );
}

function question(from, to, sourceAmount, destinationAmount) {
  text('from', from);
  text('to', to);
  if ((sourceAmount === undefined) === (destinationAmount === undefined)) {
    throw new C2CError('ONE_AMOUNT', 'One amount is needed.', 'Give sourceAmount or destinationAmount.');
  }
  const byDestination = sourceAmount === undefined;
  return byDestination
    ? { byDestination, amount: amount('destinationAmount', destinationAmount) }
    : { byDestination, amount: amount('sourceAmount', sourceAmount) };
}
