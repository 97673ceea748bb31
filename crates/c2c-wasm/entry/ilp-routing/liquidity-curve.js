// ilp-routing's LiquidityCurve on the engine's curves. `data` is made with the curve, `points` when it is
// first asked for.
import * as engine from '../curve-engine.js';
import { arrived, held, made, makeRoom } from '../places.js';
import * as slow from './by-decimals.js';
import { BigNumber, bits, decimal, decimalOf, whole } from './decimal.js';

const POINT = 16;
const WORD = 2 ** 32;
/** Amounts with a high word below this are below 2^53. */
const EXACT_HIGH = 2 ** 21;

/** Marks what the engine made, on its way through the constructor. */
const MADE = Symbol('made');

/** A curve that cannot be: its name and its texts are those of ilp-routing. */
class InvalidLiquidityCurveError extends Error {
  constructor(message, points) {
    super(points ? `${message} points:${JSON.stringify(points)}` : message);
    this.name = 'InvalidLiquidityCurveError';
  }
}

/** Lets a curve see into another one. */
let curveOf;

/**
 * `amountAt` and `amountReverse` of a whole amount below 2^53, without a BigNumber: -1 where that takes the usual
 * way, infinite where so much never comes out.
 */
export let quickAt;
export let quickReverse;

/** The base64 of a curve that `simplify` would leave as it is; undefined of any other. */
export let keptBase64;

export class LiquidityCurve {
  #held;
  /** What `data` was when the curve was made of it. */
  #bytes;
  #points;
  /** The numbers of `points` as they were handed out, to see whether somebody changed them. */
  #given;

  constructor(data, mark) {
    if (mark === MADE) {
      this.#held = data;
      this.data = this.#bytes = data.bytes = buffer(data.toBytes());
    } else if (typeof data === 'string') {
      this.setData(fromBase64(data));
    } else if (data instanceof Array) {
      this.setData(serialize(data));
    } else {
      this.setData(data);
    }
  }

  setData(data) {
    if (data.length % POINT !== 0) throw new InvalidLiquidityCurveError('Invalid LiquidityCurve buffer');
    this.data = this.#bytes = data;
    this.#points = data.length === 0 ? [] : undefined;
    this.#given = undefined;
    this.#held = undefined;
    if (data.length > 0) this.#held = read(data);
  }

  get points() {
    if (this.#points === undefined) {
      this.#points = this.#list();
      this.#given = this.#points.flat();
    }
    return this.#points;
  }

  set points(points) {
    this.#points = points;
    this.#given = undefined;
  }

  amountAt(xVal) {
    const [curve, x] = [this.#curve(), whole(xVal)];
    if (curve === undefined || x === undefined) {
      return slow.amountAt(this.#list(), decimalOf(xVal, InvalidLiquidityCurveError));
    }
    const at = curve.place();
    if (typeof x === 'number') {
      const y = engine.amountAtNumber(at, x);
      if (y >= 0) return decimal(y);
    }
    return decimal(engine.amountAt(at, BigInt(x)));
  }

  amountReverse(yVal) {
    const [curve, y] = [this.#curve(), whole(yVal)];
    if (curve === undefined || y === undefined) {
      return slow.amountReverse(this.#list(), decimalOf(yVal, InvalidLiquidityCurveError));
    }
    const at = curve.place();
    if (typeof y === 'number') {
      const x = engine.amountReverseNumber(at, y);
      if (x >= 0) return x === Infinity ? new BigNumber(Infinity) : decimal(x);
    }
    const x = engine.amountReverse(at, BigInt(y));
    return x === undefined ? new BigNumber(Infinity) : decimal(x);
  }

  simplify(maxPoints) {
    const curve = this.#curve();
    if (curve === undefined) {
      const copy = new LiquidityCurve(this.getPoints());
      return copy.data.length === 0 ? copy : copy.simplify(maxPoints);
    }
    const most = Math.floor(maxPoints);
    const isKept = curve.size < 3 || Number.isNaN(most) || (most >= 3 && curve.size <= most);
    if (isKept) return new LiquidityCurve(arrivedAgain(curve), MADE);
    const few = Math.max(0, Math.min(most, curve.size));
    return new LiquidityCurve(made((a, at) => engine.simplifyAs2017(a, few, at), curve), MADE);
  }

  combine(curve) {
    const [a, b] = [this.#curve(), curveOf(curve)];
    if (a !== undefined && b !== undefined) {
      return new LiquidityCurve(made(engine.combineAs2017, a, b), MADE);
    }
    return new LiquidityCurve(slow.combine(this.#list(), curve.points));
  }

  join(curve) {
    const [head, tail] = [this.#curve(), curveOf(curve)];
    if (head !== undefined && tail !== undefined) {
      const joined = made(engine.joinAs2017, head, tail);
      return joined === undefined ? new LiquidityCurve([]) : new LiquidityCurve(joined, MADE);
    }
    return new LiquidityCurve(slow.join(this.#list(), curve.points));
  }

  shiftX(_dx) {
    const dx = new BigNumber(_dx);
    const points = this.#list().map(([x, y]) => [x.add(dx), y]);
    if (dx.gte(0)) return new LiquidityCurve(points);
    const kept = points.findLastIndex(([x]) => x.lt(0)) + 1;
    const start = kept > 0 ? [[0, this.amountAt(dx.negated())]] : [];
    return new LiquidityCurve([...start, ...points.slice(kept)]);
  }

  shiftY(_dy) {
    const dy = new BigNumber(_dy);
    const points = this.#list().map(([x, y]) => [x, y.add(dy)]);
    if (dy.gte(0)) return new LiquidityCurve(points);
    const kept = points.findLastIndex(([, y]) => y.isNegative()) + 1;
    const start = kept > 0 ? [[this.amountReverse(dy.negated()), new BigNumber(0)]] : [];
    return new LiquidityCurve([...start, ...points.slice(kept)]);
  }

  /** The points as numbers, which lose digits above 2^53. */
  getPoints() {
    if (this.#points !== undefined) return this.#points.map(([x, y]) => [x.toNumber(), y.toNumber()]);
    const bytes = this.#bytes;
    const list = [];
    for (let i = 0; i < bytes.length; i += POINT) list.push([numberIn(bytes, i), numberIn(bytes, i + 8)]);
    return list;
  }

  toBuffer() {
    return this.data;
  }

  toJSON() {
    return { data: this.data, points: this.points };
  }

  /** The engine's curve; undefined where there is none, or where `points` was changed by hand. */
  #curve() {
    if (this.#points === undefined) return this.#held;
    return this.#given !== undefined && isSame(this.#points, this.#given) ? this.#held : undefined;
  }

  /** The points as they are, without handing them out. */
  #list() {
    if (this.#points !== undefined) return this.#points;
    const bytes = this.#bytes;
    const list = [];
    for (let i = 0; i < bytes.length; i += POINT) list.push([amountIn(bytes, i), amountIn(bytes, i + 8)]);
    return list;
  }

  static {
    curveOf = (curve) => (#held in curve ? curve.#curve() : undefined);
    const { amountAt, amountReverse, simplify, toBuffer } = this.prototype;
    quickAt = (curve, x) => {
      const inside = curve.amountAt === amountAt ? curveOf(curve) : undefined;
      return inside === undefined ? -1 : engine.amountAtNumber(inside.place(), x);
    };
    quickReverse = (curve, y) => {
      const inside = curve.amountReverse === amountReverse ? curveOf(curve) : undefined;
      return inside === undefined ? -1 : engine.amountReverseNumber(inside.place(), y);
    };
    keptBase64 = (curve, most) => {
      const isUsual = curve.simplify === simplify && curve.toBuffer === toBuffer;
      const inside = isUsual ? curveOf(curve) : undefined;
      const isKept = inside !== undefined && (inside.size < 3 || (most >= 3 && inside.size <= Math.floor(most)));
      return isKept ? base64(curve.data) : undefined;
    };
  }
}

function isSame(points, given) {
  if (points.length * 2 !== given.length) return false;
  for (let i = 0; i < points.length; i++) {
    if (points[i][0] !== given[2 * i] || points[i][1] !== given[2 * i + 1]) return false;
  }
  return true;
}

/** The same curve once more. */
function arrivedAgain(curve) {
  makeRoom();
  const from = curve.place();
  return arrived((at) => engine.copyCurve(from, at));
}

/** Puts the curve of a buffer inside, or tells what is wrong with it as ilp-routing does. */
function read(data) {
  try {
    return held(engine.curveFromBytes, data, data);
  } catch (failure) {
    if (failure instanceof Error) throw failure;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    const at = (i) => (BigInt(view.getUint32(i, true)) << 32n) | BigInt(view.getUint32(i + 4, true));
    const flat = Array.from({ length: data.length / 8 }, (_, i) => at(8 * i));
    const wrong = flat.findIndex((value, i) => i > 1 && (i % 2 === 0 ? value <= flat[i - 2] : value < flat[i - 2]));
    const message =
      wrong % 2 === 0
        ? 'Curve x-coordinates must strictly increase in series'
        : 'Curve y-coordinates must increase in series';
    throw new InvalidLiquidityCurveError(message, numbers(flat));
  }
}

/** The binary form of pairs of anything that is an amount. */
function serialize(points) {
  const words = new Uint32Array(points.length * 4);
  let i = 0;
  for (const point of points) {
    for (const value of [point[0], point[1]]) {
      const amount = bits(value, InvalidLiquidityCurveError);
      if (typeof amount === 'number') {
        words[i] = amount / WORD;
        words[i + 1] = amount % WORD;
      } else {
        words[i] = Number(amount >> 32n);
        words[i + 1] = Number(amount & 0xffffffffn);
      }
      i += 2;
    }
  }
  return buffer(new Uint8Array(words.buffer));
}

/** An amount as it stands in bytes: its high word, then its low one. */
function amountIn(bytes, at) {
  const [high, low] = [wordIn(bytes, at), wordIn(bytes, at + 4)];
  return decimal(high < EXACT_HIGH ? high * WORD + low : (BigInt(high) << 32n) | BigInt(low));
}

/** The same as a number, which loses digits above 2^53. */
function numberIn(bytes, at) {
  return wordIn(bytes, at) * WORD + wordIn(bytes, at + 4);
}

function wordIn(bytes, at) {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

function numbers(flat) {
  const list = [];
  for (let i = 0; i < flat.length; i += 2) list.push([Number(flat[i]), Number(flat[i + 1])]);
  return list;
}

/** Bytes as base64. */
export function base64(bytes) {
  if (typeof Buffer === 'function') return buffer(bytes).toString('base64');
  return btoa(String.fromCharCode(...bytes));
}

/** The same bytes as Buffer, where there is one. */
function buffer(bytes) {
  return typeof Buffer === 'function' ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : bytes;
}

function fromBase64(text) {
  if (typeof Buffer === 'function') return Buffer.from(text, 'base64');
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/[^A-Za-z0-9+/]/g, '');
  return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
}
