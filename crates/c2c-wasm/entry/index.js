// The usual entry: the engine comes inlined, so there is nothing to load and nothing to wait for.
import { initSync } from './engine.js';
import { wasm } from './inlined.js';

initSync({ module: wasm() });

/** Ready at once; here so that a program reads the same with the slim entry. */
export async function init() {}

export * from './api.js';
