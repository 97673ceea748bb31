// The usual entry: the engine comes inlined, so there is nothing to load and nothing to wait for.
import { start } from './engines.js';
import { packed, wasm } from './inlined.js';
import { unpack } from './unpack.js';

start(new WebAssembly.Module(wasm()), () => unpack(packed()));

/** Ready at once; here so that a program reads the same with the slim entry. */
export async function init() {}

export * from './api.js';
