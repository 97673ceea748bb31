// ILP packets, types 1 to 8, as octets. They are short: to cross into the engine would take longer than to
// read them here. The tests hold this against the engine's vectors and against ilp-packet 1.4.
import { amount as checkedAmount, shown } from './check.js';
import { C2CError } from './failure.js';

const TYPES = [
  undefined,
  'payment',
  'liquidity-request',
  'liquidity-response',
  'by-source-request',
  'by-source-response',
  'by-destination-request',
  'by-destination-response',
  'error',
];
/** The longest address. */
const MOST_ADDRESS = 1023;
/** For each character 1 unless it may stand in an address. */
const FOREIGN = new Uint8Array(256).fill(1);
for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-') FOREIGN[letter.charCodeAt(0)] = 0;
/** What each type is. */
const KINDS = new Map(TYPES.map((type, kind) => [type, kind]));
const MOST_HOLD = 2 ** 32 - 1;
const MOST_TIME = 253402300799999;
const DAY = 86400000;
const utf8 = new TextDecoder();
const encoder = new TextEncoder();

/** Amounts of points on their way, and the same as bytes: views cost more than what goes through them. */
const amounts = new BigUint64Array(64);
const amountBytes = new Uint8Array(amounts.buffer);

/** Why bytes are no packet. */
class Fault {
  constructor(code, message, hint) {
    Object.assign(this, { code, message, hint });
  }
}

/** What stands in a packet: `{ ok: true, packet }`, or what is wrong with it. */
export function decodePacket(bytes) {
  if (!(bytes instanceof Uint8Array)) {
    throw new C2CError('PACKET_TYPE', `${shown(bytes)} is no packet.`, 'Give a Uint8Array.');
  }
  try {
    return { ok: true, packet: read(bytes) };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { ok: false, error: { ...fault } };
  }
}

/** The octets of a packet. */
export function encodePacket(packet) {
  const kind = KINDS.get(packet?.type) ?? 0;
  if (kind === 0) {
    const names = TYPES.slice(1).join(', ');
    throw new C2CError('PACKET_TYPE', `There is no packet of type ${shown(packet?.type)}.`, `Use ${names}.`);
  }
  // Taken while it is written to: a packet that asks for its own parts may write another one.
  const room = idle ?? new Writer();
  idle = undefined;
  room.begin();
  write(room, kind, packet);
  room.u8(0); // no extensions
  const octets = room.wrapped(kind);
  idle = room;
  return octets;
}

function read(bytes) {
  const kind = bytes[0];
  if (bytes.length === 0) throw short(0, 1, 0);
  if (!(kind >= 1 && kind <= 8)) {
    throw new Fault('PACKET_TYPE', `Byte 0: packet type ${kind} is not known.`, 'Types are 1 to 8.');
  }
  const from = new Reader(bytes, 1, bytes.length);
  const length = from.length();
  from.at = from.take(length);
  from.end = from.at + length;
  const type = TYPES[kind];
  switch (kind) {
    case 1:
      return { type, amount: from.u64(), account: from.address(), data: from.octets() };
    case 2:
      return { type, destinationAccount: from.address(), destinationHold: from.u32() };
    case 3:
      return {
        type,
        points: from.points(),
        appliesToPrefix: from.address(),
        sourceHold: from.u32(),
        expiresAt: from.time(),
      };
    case 4:
      return { type, destinationAccount: from.address(), sourceAmount: from.u64(), destinationHold: from.u32() };
    case 5:
      return { type, destinationAmount: from.u64(), sourceHold: from.u32() };
    case 6:
      return { type, destinationAccount: from.address(), destinationAmount: from.u64(), destinationHold: from.u32() };
    case 7:
      return { type, sourceAmount: from.u64(), sourceHold: from.u32() };
    default:
      return {
        type,
        code: from.code(),
        name: from.text(),
        triggeredBy: from.address(),
        forwardedBy: from.addresses(),
        triggeredAt: from.time(),
        data: from.octets(),
      };
  }
}

function write(to, kind, packet) {
  switch (kind) {
    case 1:
      to.u64('amount', packet.amount);
      to.address('account', packet.account);
      to.octets(packet.data ?? new Uint8Array());
      return;
    case 2:
      to.address('destinationAccount', packet.destinationAccount);
      to.u32('destinationHold', packet.destinationHold);
      return;
    case 3:
      to.points(packet.points);
      to.address('appliesToPrefix', packet.appliesToPrefix);
      to.u32('sourceHold', packet.sourceHold);
      to.time('expiresAt', packet.expiresAt);
      return;
    case 4:
      to.address('destinationAccount', packet.destinationAccount);
      to.u64('sourceAmount', packet.sourceAmount);
      to.u32('destinationHold', packet.destinationHold);
      return;
    case 5:
      to.u64('destinationAmount', packet.destinationAmount);
      to.u32('sourceHold', packet.sourceHold);
      return;
    case 6:
      to.address('destinationAccount', packet.destinationAccount);
      to.u64('destinationAmount', packet.destinationAmount);
      to.u32('destinationHold', packet.destinationHold);
      return;
    case 7:
      to.u64('sourceAmount', packet.sourceAmount);
      to.u32('sourceHold', packet.sourceHold);
      return;
    default:
      to.code(packet.code);
      to.text(packet.name ?? '');
      to.address('triggeredBy', packet.triggeredBy);
      to.count((packet.forwardedBy ?? []).length);
      for (const account of packet.forwardedBy ?? []) to.address('forwardedBy', account);
      to.time('triggeredAt', packet.triggeredAt);
      to.octets(packet.data ?? new Uint8Array());
  }
}

class Reader {
  constructor(bytes, at, end) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  take(count) {
    const { at, end } = this;
    if (at + count > end) throw short(at, count, end - at);
    this.at = at + count;
    return at;
  }

  u32() {
    const at = this.take(4);
    return word(this.bytes, at);
  }

  u64() {
    const at = this.take(8);
    const high = word(this.bytes, at);
    const low = word(this.bytes, at + 4);
    return high < 0x200000 ? BigInt(high * 4294967296 + low) : (BigInt(high) << 32n) | BigInt(low);
  }

  /** A length in its shortest form: one byte below 128, else 0x80 + n and n bytes. */
  length() {
    const start = this.at;
    const first = this.bytes[this.take(1)];
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count > 6) throw oversized(start, count);
    const at = this.take(count);
    const length = number(this.bytes, at, count);
    if (length < 0x80 || this.bytes[at] === 0) {
      throw new Fault(
        'PACKET_LENGTH',
        `Byte ${start}: the length is not in its shortest form.`,
        'Write it in as few bytes as it needs.',
      );
    }
    return length;
  }

  octets() {
    const length = this.length();
    const at = this.take(length);
    return this.bytes.slice(at, at + length);
  }

  count() {
    const start = this.at;
    const length = this.length();
    const at = this.take(length);
    if (length < 1 || length > 6) throw oversized(start, length);
    return number(this.bytes, at, length);
  }

  /** UTF-8. */
  text() {
    const length = this.length();
    const at = this.take(length);
    const { bytes } = this;
    let isAscii = true;
    for (let i = at; i < at + length; i++) isAscii &&= bytes[i] < 0x80;
    return isAscii ? characters(bytes, at, length) : utf8.decode(bytes.subarray(at, at + length));
  }

  address() {
    const start = this.at;
    const length = this.length();
    const at = this.take(length);
    const { bytes } = this;
    const end = at + length;
    let foreign = 0;
    for (let i = at; i < end; i++) foreign |= FOREIGN[bytes[i]];
    if (foreign === 0 && length <= MOST_ADDRESS) return characters(bytes, at, length);
    throw new Fault('PACKET_ADDRESS', `Byte ${start}: that is no address.`, 'Use letters, digits and . _ ~ - only.');
  }

  addresses() {
    const list = [];
    for (let left = this.count(); left > 0; left--) list.push(this.address());
    return list;
  }

  code() {
    const text = characters(this.bytes, this.take(3), 3);
    if (/^[!-~]{3}$/.test(text)) return text;
    throw new Fault('PACKET_CODE', 'The error code is not three visible characters.', 'Such as F00.');
  }

  points() {
    const count = this.count();
    const at = this.take(16 * count);
    // Each amount has its high word first; in memory the low one comes first.
    if (2 * count > amounts.length) {
      const flat = new BigUint64Array(2 * count);
      const words = new Uint8Array(flat.buffer);
      for (let i = 0; i < words.length; i++) words[i ^ 4] = this.bytes[at + i];
      return flat;
    }
    const { bytes } = this;
    for (let i = 0; i < 16 * count; i++) amountBytes[i ^ 4] = bytes[at + i];
    return amounts.slice(0, 2 * count);
  }

  time() {
    const start = this.at;
    const length = this.length();
    const at = this.take(length);
    const { bytes } = this;
    const part = (from, count) => digits(bytes, at + from, count);
    if (length === 19 && bytes[at + 14] === 46 && bytes[at + 18] === 90) {
      const [year, month, day] = [part(0, 4), part(4, 2), part(6, 2)];
      const [hour, minute, second, milli] = [part(8, 2), part(10, 2), part(12, 2), part(15, 3)];
      const isTime = hour < 24 && minute < 60 && second < 60 && milli >= 0 && year >= 1970;
      if (isTime && month > 0 && month < 13 && day > 0 && day <= daysOf(year, month)) {
        return dayOf(year, month, day) * DAY + ((hour * 60 + minute) * 60 + second) * 1000 + milli;
      }
    }
    const text = characters(bytes, at, length);
    throw new Fault('PACKET_TIME', `Byte ${start}: "${text}" is no time.`, 'It stands as 20170614115818.509Z.');
  }
}

/** Which day since 1970 it is. Years that begin in March have their odd day at the end. */
function dayOf(year, month, day) {
  const march = month > 2 ? year : year - 1;
  const days = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return march * 365 + Math.floor(march / 4) - Math.floor(march / 100) + Math.floor(march / 400) + days - 719468;
}

/** A number in decimal digits; not a number where one is none. */
function digits(bytes, at, count) {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = bytes[i] - 48;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : NaN;
  }
  return value;
}

function daysOf(year, month) {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** In front of a packet there is room for the type and the longest length. */
const FRONT = 10;
/** Packets lie one behind the other in blocks: to make memory for each takes longer than to write it. */
const BLOCK = 1 << 13;
/** What most packets have room in. */
const ENOUGH = 1 << 10;
/** A longer block was made for one packet. */
const MOST_KEPT = 1 << 16;

/** The room that nobody writes to. */
let idle;

class Writer {
  constructor() {
    this.bytes = new Uint8Array(BLOCK);
    this.start = this.at = 0;
  }

  /** Begins a packet behind the one before. */
  begin() {
    const { length } = this.bytes;
    if (this.at + ENOUGH > length || length > MOST_KEPT) {
      this.bytes = new Uint8Array(BLOCK);
      this.at = 0;
    }
    this.start = this.at;
    this.at += FRONT;
  }

  /** Room for so many more bytes. */
  room(count) {
    if (this.at + count > this.bytes.length) {
      const more = new Uint8Array(2 * (this.at - this.start + count));
      more.set(this.bytes.subarray(this.start, this.at));
      this.bytes = more;
      this.at -= this.start;
      this.start = 0;
    }
    const { at } = this;
    this.at += count;
    return at;
  }

  u8(value) {
    const at = this.room(1);
    this.bytes[at] = value;
  }

  u32(name, value) {
    if (!Number.isInteger(value) || value < 0 || value > MOST_HOLD) {
      throw new C2CError('PACKET_HOLD', `${name} is ${shown(value)}.`, 'Give whole milliseconds below 2^32.');
    }
    const at = this.room(4);
    putWord(this.bytes, at, value);
  }

  u64(name, value) {
    const units = checkedAmount(name, value);
    const at = this.room(8);
    if (units <= 0x1fffffffffffffn) {
      const number = Number(units);
      putWord(this.bytes, at, Math.floor(number / 4294967296));
      putWord(this.bytes, at + 4, number % 4294967296);
    } else {
      putWord(this.bytes, at, Number(units >> 32n));
      putWord(this.bytes, at + 4, Number(units & 0xffffffffn));
    }
  }

  length(length) {
    if (length < 0x80) return this.u8(length);
    const count = length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 4;
    this.u8(0x80 | count);
    for (let shift = count - 1; shift >= 0; shift--) this.u8(Math.floor(length / 256 ** shift) & 0xff);
    return undefined;
  }

  octets(bytes) {
    if (!(bytes instanceof Uint8Array)) {
      throw new C2CError('PACKET_DATA', `${shown(bytes)} is no data.`, 'Give a Uint8Array.');
    }
    this.length(bytes.length);
    const at = this.room(bytes.length);
    this.bytes.set(bytes, at);
  }

  count(count) {
    if (count < 0x100) {
      this.u8(1);
      this.u8(count);
    } else {
      const digits = count < 0x10000 ? 2 : 3;
      this.u8(digits);
      for (let shift = digits - 1; shift >= 0; shift--) this.u8((count >> (8 * shift)) & 0xff);
    }
  }

  /** UTF-8. */
  text(text) {
    const given = `${text}`;
    let isAscii = true;
    for (let i = 0; i < given.length; i++) isAscii &&= given.charCodeAt(i) < 0x80;
    if (!isAscii) return this.octets(encoder.encode(given));
    this.length(given.length);
    let at = this.room(given.length);
    const { bytes } = this;
    for (let i = 0; i < given.length; i++) bytes[at++] = given.charCodeAt(i);
    return undefined;
  }

  address(name, text) {
    let foreign = 1;
    if (typeof text === 'string' && text.length <= MOST_ADDRESS) {
      const { length } = text;
      this.length(length);
      const at = this.room(length);
      const { bytes } = this;
      foreign = 0;
      for (let i = 0; i < length; i++) {
        const code = text.charCodeAt(i);
        foreign |= code < 256 ? FOREIGN[code] : 1;
        bytes[at + i] = code;
      }
    }
    if (foreign !== 0) {
      throw new C2CError('PACKET_ADDRESS', `${name} is ${shown(text)}: no address.`, 'Use letters, digits and . _ ~ - only.');
    }
  }

  code(text) {
    if (typeof text !== 'string' || !/^[!-~]{3}$/.test(text)) {
      throw new C2CError('PACKET_CODE', `${shown(text)} is no error code.`, 'Three visible characters, such as F00.');
    }
    let at = this.room(3);
    for (let i = 0; i < 3; i++) this.bytes[at++] = text.charCodeAt(i);
  }

  points(flat) {
    if (!(flat instanceof BigUint64Array) || flat.length % 2 !== 0) {
      throw new C2CError('PACKET_POINTS', 'The points are no flat list.', 'Give curve.points, a BigUint64Array.');
    }
    this.count(flat.length / 2);
    const at = this.room(8 * flat.length);
    const { bytes } = this;
    for (let from = 0; from < flat.length; from += amounts.length) {
      const part = flat.length <= amounts.length ? flat : flat.subarray(from, from + amounts.length);
      amounts.set(part);
      const start = at + 8 * from;
      for (let i = 0; i < 8 * part.length; i++) bytes[start + i] = amountBytes[i ^ 4];
    }
  }

  time(name, value) {
    if (!Number.isSafeInteger(value) || value < 0 || value > MOST_TIME) {
      throw new C2CError('PACKET_TIME', `${name} is ${shown(value)}.`, 'Give milliseconds since 1970, before the year 10000.');
    }
    this.length(19);
    const at = this.room(19);
    const { bytes } = this;
    const days = Math.floor(value / DAY);
    const time = value - days * DAY;
    // Years that begin in March, from the year 0 on, in rounds of four hundred.
    const since = days + 719468;
    const round = Math.floor(since / 146097);
    const rest = since - round * 146097;
    const year = Math.floor((rest - Math.floor(rest / 1460) + Math.floor(rest / 36524) - Math.floor(rest / 146096)) / 365);
    const day = rest - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
    const month = Math.floor((5 * day + 2) / 153);
    putDigits(bytes, at, 4, year + 400 * round + (month < 10 ? 0 : 1));
    putDigits(bytes, at + 4, 2, month < 10 ? month + 3 : month - 9);
    putDigits(bytes, at + 6, 2, day - Math.floor((153 * month + 2) / 5) + 1);
    putDigits(bytes, at + 8, 2, Math.floor(time / 3600000));
    putDigits(bytes, at + 10, 2, Math.floor(time / 60000) % 60);
    putDigits(bytes, at + 12, 2, Math.floor(time / 1000) % 60);
    bytes[at + 14] = 46;
    putDigits(bytes, at + 15, 3, time % 1000);
    bytes[at + 18] = 90;
  }

  /** The whole packet: type and length go in front of what was written. */
  wrapped(kind) {
    const length = this.at - this.start - FRONT;
    const digits = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 4;
    const start = this.start + 8 - digits;
    this.bytes[start] = kind;
    this.bytes[start + 1] = digits === 0 ? length : 0x80 | digits;
    for (let i = 0; i < digits; i++) this.bytes[start + 2 + i] = Math.floor(length / 256 ** (digits - 1 - i)) & 0xff;
    return this.bytes.subarray(start, this.at);
  }
}

function word(bytes, at) {
  return bytes[at] * 0x1000000 + ((bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]);
}

function putWord(bytes, at, value) {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function number(bytes, at, count) {
  let value = 0;
  for (let i = 0; i < count; i++) value = value * 256 + bytes[at + i];
  return value;
}

function characters(bytes, at, length) {
  // Node's own is quicker for what is longer than a few characters.
  if (length > 8 && typeof bytes.latin1Slice === 'function') return bytes.latin1Slice(at, at + length);
  let text = '';
  for (let i = at; i < at + length; i++) text += String.fromCharCode(bytes[i]);
  return text;
}

function putDigits(bytes, at, count, value) {
  let left = value;
  for (let i = at + count - 1; i >= at; i--) {
    const rest = Math.floor(left / 10);
    bytes[i] = 48 + left - 10 * rest;
    left = rest;
  }
}

function short(at, needed, left) {
  return new Fault(
    'PACKET_SHORT',
    `Byte ${at}: ${needed} bytes should follow, but only ${left} do.`,
    'Send the whole packet.',
  );
}

function oversized(at, bytes) {
  return new Fault('PACKET_INTEGER', `Byte ${at}: an integer of ${bytes} bytes.`, 'Write it in 1 to 6.');
}
