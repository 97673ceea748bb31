// What every end-to-end test needs: a demo network of its own and a browser that keeps an eye on the page.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createServer as createSafeServer } from 'node:https';
import { extname, join, normalize } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/** Where everything that is built or left behind goes. */
export const target = process.env.C2C_TARGET ?? fileURLToPath(new URL('../../target', import.meta.url));
const server = process.env.C2C_BIN ?? join(target, 'debug', 'c2c');
/** The built web app. */
export const site = process.env.C2C_WEB ?? join(target, 'www');

/** The windows that most tests look through. */
export const WIDE = { viewport: { width: 1280, height: 900 } };
export const NARROW = { viewport: { width: 360, height: 760 } };

/** Starts a demo network on free ports with data of its own; answers its dashboard and how to stop it. */
export async function startDemo({ patience = 60_000 } = {}) {
  mkdirSync(join(target, 'e2e'), { recursive: true });
  const data = mkdtempSync(join(target, 'e2e', 'demo-'));
  const child = spawn(server, ['demo', '--port', '0', '--data', data, '--web', site], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => child.kill('SIGKILL');
  process.on('exit', end);
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  const log = [];
  createInterface({ input: child.stderr }).on('line', (line) => log.push(line));

  const dashboard = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`the demo ${why}:\n${log.slice(-20).join('\n')}`));
    const timer = setTimeout(() => fail(`printed no dashboard within ${patience} ms`), patience);
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.push(line);
      const found = /^dashboard: (http:\S+)/.exec(line);
      if (found) {
        clearTimeout(timer);
        resolve(found[1]);
      }
    });
    ended.then((how) => {
      clearTimeout(timer);
      fail(`ended (${how})`);
    });
    child.once('error', reject);
  });

  const connectors = {};
  for (const line of log) {
    const found = /^ {2}(\w+) +(http:\S+)\/ /.exec(line);
    if (found) connectors[found[1]] = { url: found[2], host: new URL(found[2]).host };
  }
  return {
    dashboard,
    log,
    /** The address of each connector of the network, by its name. */
    connectors,
    /** The secret that a connector of the network keeps in its folder. */
    secret: (name) => readFileSync(join(data, name, 'connector.secret'), 'utf8').trim(),
    /** The file with the admin token of the dashboard's connector. */
    adminToken: join(data, 'alder', 'admin.token'),
    /** The admin token itself, of any connector of the network. */
    tokenOf: (name) => readFileSync(join(data, name, 'admin.token'), 'utf8').trim(),
    /** What the admin API of the dashboard's connector answers. */
    get: (path) => fetch(new URL(`api/v1/${path}`, dashboard)).then((answer) => answer.json()),
    /** Ends it as Ctrl-C would; answers its exit code, or the signal if it had to be forced. */
    async stop() {
      child.kill('SIGINT');
      const forced = setTimeout(end, 10_000);
      const how = await ended;
      clearTimeout(forced);
      process.off('exit', end);
      rmSync(data, { recursive: true, force: true });
      return how;
    },
  };
}

/** Starts a headless Chromium. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // The sandbox cannot be set up by root or in a container; what is opened here is our own.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

/**
 * Opens a page on which nothing goes wrong unseen: `troubles` collects console errors, uncaught errors
 * and requests to any other host than the page's own.
 */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext(options);
  const troubles = [];
  const { hostname } = new URL(url);
  context.on('request', (request) => {
    const asked = new URL(request.url());
    const ours = asked.hostname === hostname || ['data:', 'blob:'].includes(asked.protocol);
    if (!ours) troubles.push(`request to another host: ${asked.origin}`);
  });
  context.on('weberror', (error) => troubles.push(`uncaught: ${error.error().stack}`));
  context.on('console', (message) => {
    if (message.type() === 'error') troubles.push(`console: ${message.text()} (${message.location().url})`);
  });
  const page = await context.newPage();
  await page.goto(url);
  return { context, page, troubles };
}

/** Serves with `answer(request, response)` on a free loopback port. */
export const serve = (answer) => listen(createServer(answer));

/** A host whose certificate nobody vouches for: it signed that itself, in 2026, with a key that opens nothing else. */
export function serveBadly() {
  const pem = readFileSync(new URL('self-signed.pem', import.meta.url));
  return listen(createSafeServer({ key: pem, cert: pem }, (_, response) => response.end('{}')));
}

async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${server.address().port}`;
  return {
    host,
    url: `http://${host}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/**
 * Serves the built site below `/deep/folder/` as the plainest of file servers would: it does not know
 * what wasm is, sends no headers of its own, and answers 404 to everything else.
 */
export async function serveSite() {
  const base = '/deep/folder/';
  const server = await serve((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const name = normalize(pathname.slice(base.length) || 'index.html');
    try {
      if (!pathname.startsWith(base) || name.startsWith('..')) throw new Error('not here');
      const bytes = readFileSync(join(site, name));
      response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(bytes);
    } catch {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>');
    }
  });
  return { ...server, page: server.url + base };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Asks axe-core about the page as it stands: it finds nothing. `where` is told where it does. */
export async function nothingForAxe(page, where) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const found = violations.map(({ id, nodes }) => `${where} ${id}: ${nodes.map((node) => node.html).slice(0, 3).join(' ')}`);
  assert.deepEqual(found, []);
}

/** Pastes a text into the page and has it shown. As a paste does it: in one go, not letter by letter. */
export async function paste(page, text) {
  if (!(await page.getByTestId('snapshot-text').isVisible())) await page.getByTestId('paste-snapshot').click();
  await page.getByTestId('snapshot-text').evaluate((area, value) => {
    area.value = value;
  }, text);
  await page.getByTestId('use-snapshot').click();
}

/** Opens the page as plain files and loads the example network. */
export async function openExample(browser, page, options = WIDE) {
  const opened = await openPage(browser, page, options);
  await opened.page.getByTestId('load-demo').click();
  await opened.page.getByTestId('routes-table').waitFor();
  return opened;
}

/**
 * The page as it stands is no wider than its window, and no word of it stands out of it. What scrolls in a box of its
 * own may be as wide as it wants. `where` is told with each thing that stands out, by its selector and how far.
 */
export async function nothingTooWide(page, where) {
  const [window, out] = await page.evaluate(() => {
    const root = document.documentElement;
    const edge = root.clientWidth;
    const inScroll = (node) => {
      for (let at = node; at && at !== root && at !== document.body; at = at.parentElement) {
        const { overflowX, clipPath } = getComputedStyle(at);
        if (overflowX !== 'visible' || clipPath !== 'none') return true;
      }
      return false;
    };
    const named = (node) => {
      const steps = [];
      for (let at = node; at && at !== document.body && steps.length < 4; at = at.parentElement) {
        const { testid, check, fact, step } = at.dataset;
        const data = Object.entries({ testid, check, fact, step }).find(([, value]) => value);
        const classes = [...at.classList].map((name) => `.${name}`).join('');
        steps.unshift(at.localName + (at.id ? `#${at.id}` : classes) + (data ? `[data-${data[0]}="${data[1]}"]` : ''));
        if (at.id || data) break;
      }
      return steps.join(' > ');
    };
    const found = [];
    const look = (node, { right, width }, text) => {
      const px = Math.ceil(right - edge);
      if (width > 0 && px > 0 && !inScroll(node)) found.push({ node, px, text });
    };
    for (const node of document.body.querySelectorAll('*')) {
      look(node, node.getBoundingClientRect(), '');
      for (const part of node.childNodes) {
        if (part.nodeType !== Node.TEXT_NODE || !part.data.trim()) continue;
        const range = document.createRange();
        range.selectNodeContents(part);
        for (const box of range.getClientRects()) look(node, box, ` "${part.data.trim().slice(0, 60)}"`);
      }
    }
    // What is wide because of something in it is not told beside that.
    const innermost = found.filter(({ node }) => !found.some((other) => other.node !== node && node.contains(other.node)));
    const told = new Map();
    for (const { node, px, text } of innermost) {
      if (!(told.get(node)?.px > px)) told.set(node, { px, words: `${named(node)} by ${px} px${text}` });
    }
    const over = root.scrollWidth - edge;
    if (over > 0 && told.size === 0) told.set(root, { words: `the page itself by ${over} px` });
    return [edge, [...told.values()].map(({ words }) => words)];
  });
  assert.deepEqual(out, [], `${where} stands out of a window of ${window} px: ${out.join('; ')}`);
}
