// The packed package in every loader: bundled by esbuild, Vite and webpack, by an import map, in a worker; each in
// Chromium under a strict policy, with one request less than a file of wasm would need. Node is in readme.test.mjs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import webpack from 'webpack';
import { install } from './installed.mjs';

const PROGRAM = `
import { Curve, derive, merge, parseUpdate } from 'ilp-c2c';
import { RouteTable, simulate } from 'ilp-c2c/connector';
import { LiquidityCurve } from 'ilp-c2c/ilp-routing';
import { generatePublicKey } from 'ilp-c2c/ilp-plugin-virtual';

export function answers() {
  const secret = 'Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA';
  const { prefix } = derive({ secret, peerPublicKey: generatePublicKey('c2hvcnQ'), currencyCode: 'USD', currencyScale: 9 });
  const curve = Curve.from([[0n, 0n], [1000n, 990n]]);
  const { segments } = merge([{ nextHop: 'near', hops: 2, curve }]);
  const update = parseUpdate('{"new_routes": [], "hold_down_time": 45000, "unreachable_through_me": []}');
  const old = new LiquidityCurve([[0, 0], [1000, 990]]).combine(new LiquidityCurve('AAAAAAAAAAAAAAAAAAAAAAAAAAAKAAAAAAAAAAkBAAA='));
  const { isQuiet } = simulate({ connectors: [{ name: 'a', ledgers: ['example.a.'] }, { name: 'b' }], peerings: [['a', 'b']] });
  const table = new RouteTable();
  return [prefix, curve.amountAt(500n), segments[0].nextHop, update.ok, old.amountAt('500').toString(), isQuiet, table.destinations].join(' ');
}
`;
const SHOW = "import { answers } from './program.js';\ndocument.body.textContent = `answers: ${answers()}`;\n";
const WORK = "import { answers } from './program.js';\npostMessage(answers());\n";
const WAIT = `const worker = new Worker('./work.built.js', { type: 'module' });
worker.onmessage = ({ data }) => { document.body.textContent = \`answers: \${data}\`; };
worker.onerror = ({ message }) => { document.body.textContent = message; };
`;

let project;
let server;
let expected;
const asked = [];

const file = (name, text) => writeFileSync(join(project, name), text);

before(async () => {
  project = install();
  file('program.js', PROGRAM);
  file('package.json', '{ "private": true, "type": "module" }');
  file('show.js', SHOW);
  file('work.js', WORK);
  file('wait.built.js', WAIT);
  file('node.js', "import { answers } from './program.js';\nconsole.log(answers());\n");
  expected = execFileSync(process.execPath, [join(project, 'node.js')], { encoding: 'utf8' }).trim();
  const kinds = { '.js': 'text/javascript', '.html': 'text/html', '.wasm': 'application/wasm' };
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://x');
    asked.push(pathname);
    const path = join(project, pathname);
    if (pathname.includes('..') || !existsSync(path)) return response.writeHead(404).end();
    const body = readFileSync(path);
    const map = /<script type="importmap">([^]*?)<\/script>/.exec(body.toString('latin1'))?.[1];
    const hash = map === undefined ? '' : ` 'sha256-${createHash('sha256').update(map).digest('base64')}'`;
    response.writeHead(200, {
      'content-type': kinds[extname(path)] ?? 'text/plain',
      'content-security-policy': `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'${hash}; worker-src 'self'`,
    });
    return response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => {
  server?.close();
  rmSync(project, { recursive: true });
});

/** What a page shows in the end. */
async function shown(name, script, head = '') {
  file(`${name}.html`, `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${head}<body><script type="module" src="/${script}"></script>`);
  const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=10000', '--dump-dom'];
  const profile = `--user-data-dir=${join(project, `profile-${name}`)}`;
  const { port } = server.address();
  asked.length = 0;
  const { stdout } = await promisify(execFile)(chromium, [...flags, profile, `http://127.0.0.1:${port}/${name}.html`], { timeout: 60_000 });
  assert.ok(!asked.some((path) => path.endsWith('.wasm')), 'the engine is inlined');
  return /answers: ([^<]*)/.exec(stdout)?.[1] ?? stdout;
}

test('in Node', () => assert.match(expected, /^peer\.\w{5}\.usd\.9\. 495 near true \d+ true 0$/));

test('by an import map, without a bundler', async () => {
  const from = '/node_modules/ilp-c2c';
  const names = { 'ilp-c2c': 'index', 'ilp-c2c/connector': 'connector', 'ilp-c2c/ilp-routing': 'ilp-routing/index', 'ilp-c2c/ilp-plugin-virtual': 'ilp-plugin-virtual' };
  const imports = Object.fromEntries(Object.entries(names).map(([name, path]) => [name, `${from}/${path}.js`]));
  const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
  assert.equal(await shown('map', 'show.js', map), expected);
});

test('by esbuild', async () => {
  await esbuild({ entryPoints: [join(project, 'show.js')], outfile: join(project, 'esbuild.built.js'), bundle: true, format: 'esm', logLevel: 'error' });
  assert.equal(await shown('esbuild', 'esbuild.built.js'), expected);
});

test('in a worker', async () => {
  await esbuild({ entryPoints: [join(project, 'work.js')], outfile: join(project, 'work.built.js'), bundle: true, format: 'esm', logLevel: 'error' });
  assert.equal(await shown('worker', 'wait.built.js'), expected);
});

test('by Vite', async () => {
  await vite({
    root: project,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: join(project, 'vite'),
      rollupOptions: { input: join(project, 'show.js'), output: { entryFileNames: 'vite.built.js' } },
      chunkSizeWarningLimit: 10_000,
    },
  });
  assert.equal(await shown('vite-page', 'vite/vite.built.js'), expected);
});

test('by webpack', async () => {
  const stats = await promisify(webpack)({
    context: project,
    mode: 'production',
    entry: './show.js',
    output: { path: project, filename: 'webpack.built.js' },
    performance: false,
  });
  assert.ok(!stats.hasErrors(), stats.toString({ all: false, errors: true }));
  assert.equal(await shown('webpack', 'webpack.built.js'), expected);
});
