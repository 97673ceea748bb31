export * from './api.js';

/** Loads the engine, `ilp-c2c/c2c.wasm`: its bytes, a compiled module, a response, or a URL. */
export declare function init(source: ArrayBuffer | ArrayBufferView | string | object): Promise<void>;

/** The same at once, from bytes or a compiled module. */
export declare function initSync(source: ArrayBuffer | ArrayBufferView | object): void;
