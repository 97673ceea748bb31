// Where curves are. The engine keeps as many inside as stay below two bounds; whoever came first then
// leaves with its bytes, and comes back when it is asked again. So memory stays flat without waiting for
// a garbage collector, which runs no clean-up before a loop is over.
import * as engine from './curve-engine.js';

const MOST = 4096;
const MOST_POINTS = 1 << 20;

// Those inside in the order in which they came: a ring through `order`.
const order = { before: undefined, after: undefined };
order.before = order.after = order;
const free = [];
let end = 0;
let inside = 0;
let points = 0;

/** A curve that is inside at the place `at`, or outside as `bytes`, or both. */
export class Held {
  at = -1;
  size = 0;
  bytes = undefined;
  before = undefined;
  after = undefined;

  /** The place of the curve, to which it comes back if it had left. */
  place() {
    if (this.at < 0) enter(this, engine.curveFromBytes, this.bytes);
    return this.at;
  }

  /** The binary form of the wire: a copy. */
  toBytes() {
    return this.at < 0 ? this.bytes.slice() : engine.curveBytes(this.at);
  }

  /** Gives the place and the bytes back. */
  drop() {
    if (this.at >= 0) leave(this);
    this.bytes = undefined;
    this.size = 0;
  }
}

/** A curve of what `read` reads from `source`; throws what it throws. `bytes` are the same curve, if known. */
export function held(read, source, bytes) {
  makeRoom();
  const curve = new Held();
  curve.bytes = bytes;
  enter(curve, read, source);
  return curve;
}

/** A curve of bytes that are known to be one. It comes in when it is first asked. */
export function outside(bytes) {
  const curve = new Held();
  curve.bytes = bytes;
  curve.size = bytes.length / 16;
  return curve;
}

/** A curve that `work` puts at the place it is given, answering its size; undefined where that is 0. */
export function made(work, one, other) {
  makeRoom();
  const [a, b] = [one.place(), other?.place()];
  return arrived((at) => (b === undefined ? work(a, at) : work(a, b, at)));
}

/** The same of any number of curves, of which nobody may leave meanwhile. */
export function arrived(work) {
  const at = free.pop() ?? end++;
  let size = 0;
  try {
    size = work(at);
  } finally {
    if (size === 0) free.push(at);
  }
  if (size === 0) return undefined;
  const curve = new Held();
  settle(curve, at, size);
  return curve;
}

/** Has those leave who came first, until there is room. Only between operations. */
export function makeRoom() {
  while ((inside >= MOST || points > MOST_POINTS) && order.after !== order) {
    const first = order.after;
    first.bytes ??= engine.curveBytes(first.at);
    leave(first);
  }
}

function enter(curve, read, source) {
  const at = free.pop() ?? end++;
  let size = 0;
  try {
    size = read(source, at);
  } finally {
    if (size === 0) free.push(at);
  }
  settle(curve, at, size);
}

function settle(curve, at, size) {
  curve.at = at;
  curve.size = size;
  curve.before = order.before;
  curve.after = order;
  order.before.after = curve;
  order.before = curve;
  inside += 1;
  points += size;
}

function leave(curve) {
  engine.dropCurve(curve.at);
  free.push(curve.at);
  curve.before.after = curve.after;
  curve.after.before = curve.before;
  curve.before = curve.after = undefined;
  curve.at = -1;
  inside -= 1;
  points -= curve.size;
}
