// How Lighthouse judges the built site, served on loopback as a good static host would: compressed, with the right
// types. Prints the figures, keeps its reports in `target/lighthouse`, and ends with 1 where a target is missed.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { launch } from 'chrome-launcher';
import lighthouse, { desktopConfig, generateReport } from 'lighthouse';

const target = process.env.C2C_TARGET ?? fileURLToPath(new URL('../../target', import.meta.url));
const site = process.env.C2C_WEB ?? join(target, 'www');
const reports = join(target, 'lighthouse');
const TARGETS = { performance: 95, accessibility: 100, 'best-practices': 100 };
// How fast a page is differs from run to run: the median of so many is taken.
const RUNS = Number(process.env.C2C_RUNS ?? 3);
const PAGES = { start: '', peer: '#/peer', directory: '#/directory', validate: '#/validate' };
const WINDOWS = { desktop: desktopConfig, phone: undefined };

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml', '.json': 'application/json', '.wasm': 'application/wasm', '.png': 'image/png',
};
const compressed = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
const files = new Map(
  readdirSync(site, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .map((path) => [path.slice(site.length), compressed(readFileSync(path))]),
);
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const name = pathname === '/' ? '/index.html' : pathname;
  const bytes = files.get(name);
  if (!bytes) return response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found');
  const type = TYPES[extname(name)] ?? 'application/octet-stream';
  return response.writeHead(200, { 'content-type': type, 'content-encoding': 'br', 'cache-control': 'no-cache' }).end(bytes);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = `http://127.0.0.1:${server.address().port}/`;

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const rows = [];
let missed = 0;
mkdirSync(reports, { recursive: true });
try {
  for (const [window, config] of Object.entries(WINDOWS)) {
    for (const [name, hash] of Object.entries(PAGES)) {
      const results = [];
      for (let run = 0; run < RUNS; run += 1) {
        // A browser of its own: nothing of the run before is kept.
        const chrome = await launch({
          chromePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
          chromeFlags: ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage'],
        });
        try {
          const flags = { port: chrome.port, onlyCategories: Object.keys(TARGETS), logLevel: 'error' };
          const { lhr } = await lighthouse(address + hash, flags, config);
          if (lhr.runtimeError) throw new Error(`${name}: ${lhr.runtimeError.message}`);
          results.push(lhr);
        } finally {
          chrome.kill();
        }
      }
      const score = (category) => Math.round(100 * median(results.map((lhr) => lhr.categories[category].score ?? 0)));
      const time = (audit) => Math.round(median(results.map((lhr) => lhr.audits[audit].numericValue)));
      rows.push({
        page: name, window,
        ...Object.fromEntries(Object.keys(TARGETS).map((category) => [category, score(category)])),
        'first paint ms': time('first-contentful-paint'), 'largest paint ms': time('largest-contentful-paint'),
        'blocked ms': time('total-blocking-time'), shift: median(results.map((lhr) => lhr.audits['cumulative-layout-shift'].numericValue)),
      });
      const last = results.at(-1);
      writeFileSync(join(reports, `${name}-${window}.html`), generateReport(last, 'html'));
      for (const [category, least] of Object.entries(TARGETS)) {
        if (score(category) >= least) continue;
        missed += 1;
        const faults = last.categories[category].auditRefs
          .map(({ id, weight }) => ({ ...last.audits[id], weight }))
          .filter((audit) => audit.weight > 0 && audit.score !== null && audit.score < 1);
        for (const fault of faults) console.error(`${name}, ${window}, ${category}: ${fault.id} ${fault.displayValue ?? fault.title}`);
      }
    }
  }
} finally {
  server.close();
  server.closeAllConnections();
}
console.table(rows);
console.log(`targets: ${Object.entries(TARGETS).map(([category, least]) => `${category} ${least}`).join(', ')}; ${missed} missed`);
writeFileSync(join(target, 'lighthouse.json'), JSON.stringify(rows, null, 1));
process.exitCode = missed === 0 ? 0 : 1;
