// The BigNumber of ilp-routing 10.1.0, and the quick ways into it and out of it.
import BigNumber from './bignumber.js';

BigNumber.config({ DECIMAL_PLACES: 19 });

export { BigNumber };

const CHUNK = 1e14;
const WIDE_CHUNK = 10n ** 14n;
const MOST = 2n ** 64n - 1n;
const EXACT = 2n ** 53n;

/** A whole amount, a `number` below 2^53 or a `bigint`, as BigNumber. */
export function decimal(amount) {
  if (typeof amount === 'number' && amount < CHUNK) return new Whole(digits(amount) - 1, [amount]);
  // The coefficient is laid out in chunks of fourteen digits, without zeros behind.
  const wide = BigInt(amount);
  const [high, low] = [Number(wide / WIDE_CHUNK), Number(wide % WIDE_CHUNK)];
  if (high === 0) return decimal(low);
  return new Whole(digits(high) + 13, low === 0 ? [high] : [high, low]);
}

/** A BigNumber of parts that are known, which its own constructor would take from a text. */
function Whole(exponent, chunks) {
  this.s = 1;
  this.e = exponent;
  this.c = chunks;
}
Whole.prototype = BigNumber.prototype;

function digits(whole) {
  let count = 1;
  for (let most = 10; whole >= most; most *= 10) count += 1;
  return count;
}

/**
 * What the original takes for an amount, where it is whole and from 0 to 2^64 - 1: a `number` below 2^53,
 * else a `bigint`; undefined for everything else.
 */
export function whole(value) {
  switch (typeof value) {
    case 'number':
      return value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.floor(value) : undefined;
    case 'string': {
      if (!/^\d{1,20}$/.test(value)) return undefined;
      return value.length < 16 ? +value : narrow(BigInt(value));
    }
    case 'bigint':
      return narrow(value);
    default:
      if (!value?.isBigNumber || value.s !== 1 || value.c === null) return undefined;
      if (value.c.length === 1 && value.e >= 0 && value.e < 14) return value.c[0];
      return value.isInteger() && value.e < 20 ? narrow(BigInt(value.toFixed(0))) : undefined;
  }
}

function narrow(value) {
  if (value < 0n || value > MOST) return undefined;
  return value < EXACT ? Number(value) : value;
}

/** What the original makes of an amount, its refusals included. */
export function decimalOf(value, Refusal) {
  let given = value;
  if (typeof given === 'number') {
    if (given < 0) throw new Refusal('Cannot parse negative value: ' + given);
    given = Math.floor(given);
  }
  if (typeof given === 'string' && given[0] === '-') throw new Refusal('Cannot parse negative value: ' + given);
  if (given.isBigNumber && given.isNegative()) {
    throw new Refusal('Cannot parse negative value: ' + given.toString());
  }
  return new BigNumber(given);
}

/** The 64 bits that the original writes for an amount: rounded half up, and wrapped. */
export function bits(value, Refusal) {
  const quick = whole(value);
  if (quick !== undefined) return quick;
  const text = decimalOf(value, Refusal).toFixed(0);
  return /^-?\d+$/.test(text) ? BigInt.asUintN(64, BigInt(text)) : 0;
}
