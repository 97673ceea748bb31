// The two engines. That of curves starts with the import; the other one, for keys, updates and amounts, when it
// is first called. It comes packed, or in a custom section of the first.
import * as curves from './curve-engine.js';
import * as engine from './engine.js';
import { C2CError, shown } from './failure.js';

const SECTION = 'c2c.rest';
/** More than this is refused: a little more is enough to be told so. */
const MOST = (64 << 20) + 1;

/** A heartbeat and a few routes. */
const LEAST = 1 << 14;

const encoder = new TextEncoder();
let first;
let restOf;
let memory;
/** The room in the engine into which updates are written. */
let room = new Uint8Array();

/** Starts the engine of curves, once; `bytes` gives those of the other one. */
export function start(module, bytes = () => WebAssembly.Module.customSections(module, SECTION)[0]) {
  if (first !== undefined) return;
  curves.initSync({ module });
  [first, restOf] = [module, bytes];
}

/** The other engine. */
export function rest() {
  if (memory === undefined) startRest();
  return engine;
}

/** Writes an update to where the other engine reads it; how many bytes it has. */
export function give(update) {
  if (typeof update === 'string') {
    const text = update.length > MOST ? update.slice(0, MOST) : update;
    // Nearly always each character is one byte.
    makeRoom(text.length);
    const { read, written } = encoder.encodeInto(text, room);
    if (read === text.length) return written;
    makeRoom(3 * text.length);
    return encoder.encodeInto(text, room).written;
  }
  if (update instanceof Uint8Array) {
    const bytes = update.length > MOST ? update.subarray(0, MOST) : update;
    makeRoom(bytes.length);
    room.set(bytes);
    return bytes.length;
  }
  throw new C2CError('UPDATE_TYPE', `${shown(update)} is no update.`, 'Give a Uint8Array or a string of JSON.');
}

/**
 * Sees to it that there is room for so many bytes. Memory that grows is new memory, and views of the old one have no
 * length any more: to ask for the buffer each time would take longer than to copy a small update.
 */
function makeRoom(length) {
  if (room.length >= length && room.length > 0) return;
  if (memory === undefined) startRest();
  const size = Math.max(length, room.length, LEAST);
  const place = engine.room(size);
  room = new Uint8Array(memory.buffer, place, size);
}

function startRest() {
  if (first === undefined) {
    throw new C2CError('NOT_STARTED', 'The engine was not loaded.', 'Wait for init() first.');
  }
  ({ memory } = engine.initSync({ module: new WebAssembly.Module(restOf()) }));
}
