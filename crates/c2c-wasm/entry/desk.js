// Where tables are asked for the way of a payment, and where they lay down the answer: two addresses go in, four
// texts and some numbers come out, and none of them crosses by itself.
import * as engine from './connector-engine.js';

/** What two addresses of the longest kind take. */
const LEAST = 1 << 12;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

let memory;
/** The room for addresses, and all of the memory. Both have no length once the memory has grown. */
let room = new Uint8Array();
let all = room;
let counts;
let amounts;

/** The desk stands in this memory. */
export function setUp(of) {
  memory = of;
}

/** Lays two addresses down; how many bytes each of them has. */
export function lay(from, to) {
  const most = 3 * (from.length + to.length);
  if (room.length < most || all.length === 0) look(most);
  const first = put(from, 0);
  return [first, put(to, first)];
}

/** What lies there after a hop was found: its texts in one, counts (the lengths of texts from 1 to 4), amounts. */
export function taken() {
  if (all.length === 0) look(LEAST);
  return { text: textAt(counts[0], counts[1] + counts[2] + counts[3] + counts[4]), counts, amounts };
}

function look(most) {
  const length = Math.max(most, LEAST);
  const [asked, counted, summed] = engine.desk(length);
  const { buffer } = memory;
  room = new Uint8Array(buffer, asked, length);
  all = typeof Buffer === 'function' ? Buffer.from(buffer) : new Uint8Array(buffer);
  counts = new Uint32Array(buffer, counted, 9);
  amounts = new BigUint64Array(buffer, summed, 3);
}

function put(text, at) {
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return encoder.encodeInto(text, room.subarray(at)).written;
    room[at + i] = code;
  }
  return length;
}

/** Addresses are ASCII. */
function textAt(place, length) {
  if (typeof all.latin1Slice === 'function') return all.latin1Slice(place, place + length);
  return decoder.decode(all.subarray(place, place + length));
}
