// What comes in is checked before it crosses: a negative or too large bigint would wrap around silently.
import { C2CError, shown } from './failure.js';

export { shown };

const MOST = 2n ** 64n - 1n;
const encoder = new TextEncoder();

export function amount(name, value) {
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

/** Many amounts, as the engine takes them. */
export function amounts(xs) {
  if (xs instanceof BigUint64Array) return xs;
  return BigUint64Array.from(xs ?? [], (x, i) => amount(`amount ${i}`, x));
}

/** A whole number of base units, also a negative one. */
export function distance(name, value) {
  const given = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof given === 'bigint' && BigInt.asIntN(64, given) === given) return given;
  throw new C2CError('DISTANCE', `${name} is ${shown(value)}.`, 'Give a whole number from -2^63 to 2^63 - 1.');
}

export function count(name, value) {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
  throw new C2CError('COUNT', `${name} is ${shown(value)}.`, 'Give a whole number, not negative.');
}

export function text(name, value) {
  if (typeof value !== 'string') {
    throw new C2CError('TEXT', `${name} is ${shown(value)}, not text.`, `Give ${name} as a string.`);
  }
}

export function bytesOf(json) {
  if (typeof json === 'string') return encoder.encode(json);
  if (json instanceof Uint8Array) return json;
  throw new C2CError('UPDATE_TYPE', `${shown(json)} is no update.`, 'Give a Uint8Array or a string of JSON.');
}

/** Text as bytes. What is not ASCII becomes something that the engine refuses. */
export function ascii(text) {
  return encoder.encode(text);
}

/** Milliseconds since 1970, or a length of time: a whole number that is not negative. */
export function millis(name, value) {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new C2CError('MILLISECONDS', `${name} is ${shown(value)}.`, 'Give whole milliseconds, not negative.');
}

/** Decimals of a currency. */
export function scale(value) {
  if (Number.isInteger(value) && value >= 0 && value <= 18) return value;
  throw new C2CError('SCALE_RANGE', `The scale is ${shown(value)}: a whole number from 0 to 18.`, 'Most use 9.');
}
