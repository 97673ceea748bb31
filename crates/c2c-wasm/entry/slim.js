// The slim entry: the caller brings the engine, `ilp-c2c/c2c.wasm`, as bytes, a module, a response or a URL.
import { start } from './engines.js';

/** Loads the engine. Call it once, before anything else. */
export async function init(source) {
  let given = await source;
  if (typeof given === 'string' || is(given, 'URL') || is(given, 'Request')) given = await fetch(given);
  if (is(given, 'Response')) given = await given.arrayBuffer();
  start(given instanceof WebAssembly.Module ? given : await WebAssembly.compile(given));
}

/** The same at once, from bytes or a compiled module. */
export function initSync(source) {
  start(source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source));
}

/** Whether it is one of a kind that not every place has. */
function is(given, kind) {
  return typeof globalThis[kind] === 'function' && given instanceof globalThis[kind];
}

export * from './api.js';
