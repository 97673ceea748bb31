// Merges curves over and over, as a connector does all day, and watches the memory.
//
//   node memory.mjs [MERGES]
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Merges so often without ever letting a garbage collector's clean-up run; the engine's bytes on the way. */
export function merges(api, bytesInside, times) {
  const points = (seed) => Array.from({ length: 20 }, (_, i) => [BigInt(i * 1000), BigInt(i * (900 + (seed % 90)) + (i > 9 ? seed % 7 : 0))]);
  const sizes = [];
  const old = api.LiquidityCurve;
  const curve = new old(points(3));
  for (let i = 0; i < times; i++) {
    const [a, b] = [api.Curve.from(points(i)), api.Curve.from(points(i * 31 + 7))];
    const merged = api.merge([
      { nextHop: 'a', hops: 2, curve: a },
      { nextHop: 'b', hops: 2, curve: b },
    ]);
    merged.curve.amountAt(5000n);
    if (i % 4 === 0) curve.combine(new old(points(i))).amountAt('5000');
    if (i % 1000 === 999) sizes.push(bytesInside());
  }
  return sizes;
}

/** The package of an installed project, and how to look at its engine's memory. */
export function load(project) {
  const installed = createRequire(`${project}/from.cjs`);
  const { Instance } = WebAssembly;
  const memories = [];
  WebAssembly.Instance = function (...given) {
    const made = new Instance(...given);
    memories.push(made.exports.memory);
    return made;
  };
  const api = { ...installed('ilp-c2c'), ...installed('ilp-c2c/ilp-routing') };
  WebAssembly.Instance = Instance;
  return { api, bytesInside: () => memories[0].buffer.byteLength };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const times = Number(process.argv[2] ?? 1_000_000);
  const { install } = await import('./installed.mjs');
  const { api, bytesInside } = load(install());
  const sizes = merges(api, bytesInside, times);
  const tenth = sizes[Math.floor(sizes.length / 10)];
  const last = sizes.at(-1);
  console.log(`${times} merges: engine ${tenth} bytes after a tenth, ${last} at the end; process ${process.memoryUsage.rss()} bytes`);
  process.exitCode = last > tenth ? 1 : 0;
}
