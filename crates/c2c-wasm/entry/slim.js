// The slim entry: the caller brings the engine, `ilp-c2c/c2c.wasm`, as bytes, a module, a response or a URL.
import start, { initSync as startNow } from './engine.js';

/** Loads the engine. Call it once, before anything else. */
export async function init(source) {
  await start({ module_or_path: source });
}

/** The same at once, from bytes or a compiled module. */
export function initSync(source) {
  startNow({ module: source });
}

export * from './api.js';
