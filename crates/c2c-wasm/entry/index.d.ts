export * from './api.js';

/** Ready at once; here so that a program reads the same with the slim entry. */
export declare function init(): Promise<void>;
