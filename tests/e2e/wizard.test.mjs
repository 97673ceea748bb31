// Both ways to peer, from the first field to six equal facts on two pages; letters there and back; checks,
// and every way in which they fail; what is kept in the browser; the real software of 2017 as the other side.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { startKit } from '../interop/harness.mjs';
import { nothingTooWide, openPage, serve, serveBadly, serveSite, startBrowser, startDemo } from './harness.mjs';

const PUBLIC_KEY = 'https://interledger.org/rel/publicKey';
const RPC = 'https://interledger.org/rel/peersRpcUri';
const VERSION = 'https://interledger.org/rel/protocolVersion';
const FACTS = ['version', 'endpoint', 'prefix', 'token', 'code', 'scale'];

let demo;
let browser;
let files;
before(async () => {
  [demo, browser, files] = await Promise.all([startDemo(), startBrowser(), serveSite()]);
});
after(async () => {
  await browser?.close();
  await files?.stop();
  await demo?.stop();
});

/** The wizard on a page of its own, and everything that the page sends. */
async function open(url, options = {}) {
  const opened = await openPage(browser, url.includes('#') ? url : `${url}#/peer`, { viewport: { width: 1280, height: 900 }, ...options });
  const sent = [];
  opened.context.on('request', (request) => {
    const { authorization, ...headers } = request.headers();
    sent.push(`${request.method()} ${request.url()} ${JSON.stringify(headers)} ${request.postData() ?? ''}`);
  });
  await opened.page.getByTestId('mode-manual').waitFor();
  return { ...opened, sent };
}
const fill = async (page, fields) => {
  for (const [field, text] of Object.entries(fields)) await page.getByTestId(field).fill(text);
};
async function lookUp(page, side, host) {
  await page.getByTestId(`${side}-host`).fill(host);
  await page.getByTestId(`${side}-host-look-up`).click();
}
async function loadSecret(page, secret) {
  await page.getByTestId('my-secret').fill(secret);
  await page.getByTestId('load-secret').click();
  await page.getByTestId('secret-held').waitFor();
}
async function readLetter(page, text) {
  if (!(await page.getByTestId('letter').count())) await page.getByTestId('invited').click();
  await page.getByTestId('letter').fill(text);
  await page.getByTestId('letter-read').click();
}
const text = (page, testid) => page.getByTestId(testid).innerText();
const says = (page, kind) => page.locator(`[data-says=${kind}]`).waitFor();
const problem = (page, code) => page.locator(`p.wrong[data-code=${code}]`).evaluate((said) => said.firstChild.textContent);
const facts = async (page) => Object.fromEntries(await Promise.all(FACTS.map(async (name) => [name, await text(page, `fact-${name}`)])));
const words = (page) => page.getByTestId('check-words').locator('li').allInnerTexts();
const step = (page, name) => page.locator(`[data-check="${name}"]`);
const link = (page) => text(page, 'letter-link');
const letterIn = (link) => JSON.parse(Buffer.from(link.split('#c2c1.')[1].split('.')[0], 'base64url'));
/** A letter with other contents, and the sum that belongs to them. */
function encode(letter) {
  const json = JSON.stringify(letter);
  const sum = createHash('sha256').update(json).digest('base64url').slice(0, 6);
  return `c2c1.${Buffer.from(json).toString('base64url')}.${sum}`;
}
const api = (name, method, path, body) =>
  fetch(`${demo.connectors[name].url}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${demo.tokenOf(name)}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  }).then((answer) => answer.json());
async function addToServer(page, name) {
  await page.getByTestId('add-to-server').click();
  if (name) {
    await page.getByTestId('wizard-token').fill(demo.tokenOf(name));
    await page.getByTestId('wizard-token-use').click();
    await page.getByTestId('wizard-token').waitFor({ state: 'visible' });
    await page.getByTestId('add-to-server').click();
  }
  await page.getByTestId('in-server').waitFor();
}

/** A host that publishes the key `shown.key`, and answers calls as `shown.rpc` says. */
async function host(shown) {
  const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'authorization, content-type', 'access-control-expose-headers': 'date' };
  return serve(async (request, response) => {
    const own = `http://${request.headers.host}`;
    if (request.method === 'OPTIONS') return response.writeHead(204, cors).end();
    if (request.url.startsWith('/.well-known/')) {
      const record = { subject: own, properties: { [PUBLIC_KEY]: shown.key, [VERSION]: 'Compatible: ilp-kit v3.0.0' }, links: [{ rel: RPC, href: `${own}/rpc` }] };
      return response.writeHead(200, { ...cors, 'content-type': 'application/json', ...shown.headers }).end(JSON.stringify(record));
    }
    const [status, body] = await shown.rpc(new URL(request.url, own), request.headers.authorization);
    return response.writeHead(status, { ...cors, 'content-type': 'application/json' }).end(body);
  });
}

describe('by host names', () => {
  test('invited, countered, accepted, compared, added and checked, on two servers’ pages', async () => {
    const { alder, birch } = demo.connectors;
    const a = await open(demo.dashboard);
    const b = await open(`${birch.url}/`);
    // Who invites: their own server holds the key.
    await a.page.getByTestId('server-public-key').waitFor();
    await lookUp(a.page, 'their', birch.url);
    await fill(a.page, { currency: 'JPY', scale: '6', limit: '50' });
    assert.match(await text(a.page, 'terms-sentence'), /^They may owe you up to 50 JPY \(50000000 units\)/);
    await says(a.page, 'offer');
    const offer = await link(a.page);
    assert.ok(offer.startsWith(`${alder.url}/#c2c1.`), offer);
    assert.deepEqual(Object.keys(letterIn(offer)).sort(), ['c2c', 'currency', 'date', 'host', 'mode', 'scale']);
    await a.page.getByTestId('qr').first().waitFor();

    // Who is invited: steps filled in, another scale offered back.
    await readLetter(b.page, offer);
    await b.page.getByTestId('letter-notice').filter({ hasText: 'invites you to peer in JPY, scale 6' }).waitFor();
    assert.equal(await b.page.getByTestId('their-host').inputValue(), alder.url);
    await says(b.page, 'accept');
    await fill(b.page, { scale: '9', limit: '20' });
    await says(b.page, 'counter');
    assert.match(await text(b.page, 'letter-next'), /counter-offer/);

    await readLetter(a.page, await link(b.page));
    const differs = a.page.getByTestId('differences').locator('[data-differs=true]');
    assert.equal(await differs.count(), 1, 'one field differs');
    assert.match(await differs.innerText(), /Scale\s+9\s+6\s+✗ differs/);
    await a.page.getByTestId('take-terms').click();
    await says(a.page, 'accept');
    await readLetter(b.page, `Here you are:\n> ${await link(a.page)}\nBye`);
    await b.page.getByTestId('letter-notice').filter({ hasText: 'accepts: JPY, scale 9.' }).waitFor();

    // Compare.
    await lookUp(b.page, 'their', alder.url);
    await Promise.all([a, b].map(({ page }) => page.getByTestId('six-facts').waitFor()));
    assert.equal(await text(a.page, 'check-code'), await text(b.page, 'check-code'));
    assert.match(await text(a.page, 'check-code'), /^[A-Za-z0-9_-]{5}$/);
    const said = await words(a.page);
    assert.equal(said.length, 12);
    assert.deepEqual(said, await words(b.page));

    // A adds; B does not know it yet, which is said, and looked at again by itself.
    await addToServer(a.page, 'alder');
    await a.page.getByTestId('check').click();
    await step(a.page, 'auth').and(a.page.locator('[data-code=RPC_401]')).waitFor();
    assert.match(
      await step(a.page, 'auth').innerText(),
      new RegExp(`${birch.host} does not know this peering. Ask them to add ${alder.host} with JPY, scale 9; or press Find the mismatch.`),
    );
    assert.equal(await step(a.page, 'record').getAttribute('data-outcome'), 'fine');
    assert.equal(await step(a.page, 'clock').getAttribute('data-outcome'), 'fine');
    await addToServer(b.page, 'birch');
    await b.page.getByTestId('check').click();
    for (const { page } of [a, b]) {
      for (const name of ['record', 'tls', 'clock', 'auth', 'their limit', 'first broadcast']) {
        await step(page, name).and(page.locator('[data-outcome=fine]')).waitFor({ timeout: 45_000 });
      }
    }
    assert.match(await step(a.page, 'their limit').innerText(), /You may owe them up to 20 JPY \(20000000000 units\)/);

    // Done: what is shared is equal, what is crossed is each other's.
    const [ours, theirs] = [await facts(a.page), await facts(b.page)];
    for (const same of ['prefix', 'token', 'code', 'scale']) assert.equal(ours[same], theirs[same], same);
    assert.deepEqual([ours.endpoint, theirs.endpoint], [`${birch.url}/rpc`, `${alder.url}/rpc`]);
    assert.equal(await text(a.page, 'fact-account'), await text(b.page, 'fact-peer_account'));
    await a.page.locator('[data-export=server] summary').click();
    assert.equal(await text(a.page, 'export-server'), `c2c peer add ${birch.url} --currency JPY --scale 9 --limit 50`);
    await a.page.locator('[data-export=kit] summary').click();
    assert.match(await text(a.page, 'export-kit'), /Peer hostname: 127.0.0.1:\d+\nLimit: 50\nCurrency code: JPY/);
    await a.page.locator('[data-export=plugin] summary').click();
    const plugin = JSON.parse(await text(a.page, 'export-plugin'));
    assert.deepEqual([plugin.prefix, plugin.maxBalance, plugin.currencyScale], [ours.prefix, '50000000000', 9]);

    // A second time is named as such.
    await a.page.reload();
    await lookUp(a.page, 'their', birch.url);
    await fill(a.page, { currency: 'JPY' });
    assert.equal(await problem(a.page, 'DUPLICATE'), `You already peer with ${birch.host} in JPY, scale 9. Open that peering or change the terms.`);
    for (const { troubles, context } of [a, b]) {
      assert.deepEqual(troubles.filter((trouble) => !/status of 401/.test(trouble)), []);
      await context.close();
    }
  });

  test('other terms on the other side are found', async () => {
    const { alder, birch } = demo.connectors;
    await api('birch', 'POST', 'peers', { mode: 'webfinger', host: alder.url, currency: 'XRP', scale: 2, limit: '500' });
    const { page, context } = await open(demo.dashboard);
    await lookUp(page, 'their', birch.url);
    await fill(page, { currency: 'XRP', limit: '5' });
    await page.getByTestId('six-facts').waitFor();
    await addToServer(page, 'alder');
    await page.getByTestId('check').click();
    await page.getByTestId('find-mismatch').click();
    const found = page.getByTestId('mismatch').locator('[data-code=RPC_MISMATCH]');
    await found.waitFor({ timeout: 20_000 });
    assert.match(await found.innerText(), new RegExp(`${birch.host} added you as XRP, scale 2. Agree on one, then change yours or ask for theirs.`));
    await context.close();
  });

  test('the real software of 2017 is invited and checked', async (t) => {
    const kit = await startKit(t, 'example.kit.');
    const { alder } = demo.connectors;
    const { page, context } = await open(demo.dashboard);
    await lookUp(page, 'their', kit.url);
    await page.getByTestId('record-theirs').waitFor();
    assert.equal(await text(page, 'record-theirs-badge'), 'through your connector', 'it sends no CORS header');
    await fill(page, { limit: '100' });
    const theirs = await kit.control('peer', { url: alder.url, currency: 'USD', scale: 9, limit: '1000000000000' });
    await page.getByTestId('six-facts').waitFor();
    const derived = await facts(page);
    assert.deepEqual([derived.prefix, derived.code, derived.scale], [theirs.prefix, theirs.currency, String(theirs.scale)]);
    const fingerprint = createHash('sha256').update(theirs.token).digest('base64url').slice(0, 12);
    assert.match(derived.token, new RegExp(fingerprint));
    await addToServer(page, 'alder');
    await page.getByTestId('check').click();
    for (const name of ['record', 'auth', 'their limit', 'first broadcast']) {
      await step(page, name).and(page.locator('[data-outcome=fine]')).waitFor({ timeout: 45_000 });
    }
    await context.close();
    await api('alder', 'DELETE', `peers/${derived.prefix}`).catch(() => {});
  });

  test('two tabs without a server come to the same, and each fault of a call has its words', async () => {
    const mine = { key: '', rpc: () => [500, '{}'] };
    const theirs = { key: '', rpc: () => [500, '{}'], headers: {} };
    const [one, two] = await Promise.all([host(mine), host(theirs)]);
    const a = await open(files.page);
    const b = await open(files.page);
    for (const [{ page }, shown, own] of [[a, mine, one], [b, theirs, two]]) {
      await page.getByTestId('generate-secret').click();
      shown.key = await text(page, 'my-public-key');
      await page.getByTestId('my-host').fill(own.url);
    }
    await fill(a.page, { limit: '100' });
    await lookUp(a.page, 'their', two.url);
    // The link is opened, and fills in the steps; nothing of it stays in the address.
    await b.page.goto(await link(a.page));
    await b.page.getByTestId('letter-notice').filter({ hasText: `${one.host} invites you to peer in USD, scale 9.` }).waitFor();
    assert.match(b.page.url(), /#\/peer$/);
    await lookUp(b.page, 'their', one.url);
    await b.page.getByTestId('six-facts').waitFor();
    await readLetter(a.page, await link(b.page));
    await a.page.getByTestId('letter-notice').filter({ hasText: `${two.host} accepts: USD, scale 9.` }).waitFor();
    for (const { page } of [a, b]) await page.getByTestId('reveal-token').click();
    const [ours, others] = [await facts(a.page), await facts(b.page)];
    for (const same of ['version', 'prefix', 'token', 'code', 'scale']) assert.equal(ours[same], others[same], same);
    assert.deepEqual([ours.endpoint, others.endpoint], [`${two.url}/rpc`, `${one.url}/rpc`]);
    assert.deepEqual(await words(a.page), await words(b.page));

    // A's page asks B's host itself.
    const checked = async (rpc, code) => {
      theirs.rpc = rpc;
      await a.page.getByTestId('check').click();
      await a.page.locator(`[data-check=auth][data-code=${code}]`).waitFor({ timeout: 15_000 });
      return (await step(a.page, 'auth').locator('.check-said').innerText()).trim();
    };
    const known = (url, bearer) =>
      url.searchParams.get('prefix') !== ours.prefix ? [401, '{}'] : bearer === `Bearer ${ours.token}` ? [200, '"7000000000"'] : [403, '{}'];
    assert.equal(
      await checked(() => [401, '{}'], 'RPC_401'),
      `${two.host} does not know this peering. Ask them to add ${one.host} with USD, scale 9; or press Find the mismatch.`,
    );
    const eur = ours.prefix.replace('.usd.9.', '.eur.9.');
    theirs.rpc = (url) => (url.searchParams.get('prefix') === eur ? [200, '"1"'] : [401, '{}']);
    await a.page.getByTestId('find-mismatch').click();
    await a.page.getByTestId('mismatch').filter({ hasText: `${two.host} added you as EUR, scale 9.` }).waitFor({ timeout: 15_000 });
    assert.equal(await checked(() => [403, '{}'], 'RPC_403'), `${two.host} knows the prefix but refuses the token. Exchange tokens again.`);
    assert.equal(
      await checked(() => [200, '{"id":"TypeError","message":"no such method"}'], 'RPC_ERROR'),
      `${two.host} answered 200 but with error "no such method". Its connector has a fault; send them the bundle.`,
    );
    assert.equal(
      await checked(() => new Promise((resolve) => setTimeout(() => resolve([200, '"1"']), 6_000)), 'RPC_TIMEOUT'),
      `${two.host} took over 5 s. Your peering is saved; we retry.`,
    );
    theirs.headers = { date: new Date(Date.now() - 90_000).toUTCString() };
    theirs.rpc = known;
    await a.page.locator('[data-check=auth][data-outcome=fine]').waitFor({ timeout: 15_000 });
    assert.match(await step(a.page, 'clock').innerText(), /Your clocks differ by (89|9\d) s. Transfers carry absolute expiry times and margins of about 1 s; sync both./);
    theirs.headers = {};
    assert.match(await step(a.page, 'their limit').innerText(), /up to 7 USD \(7000000000 units\)/);
    assert.match(await step(a.page, 'first broadcast').innerText(), /Only a running connector hears broadcasts/);

    // Kept, and then the other side publishes another key.
    await a.page.getByTestId('keep-peering').click();
    await a.page.getByTestId('peerings').filter({ hasText: ours.prefix }).waitFor();
    await b.page.getByTestId('forget-secret').click();
    await b.page.getByTestId('generate-secret').click();
    theirs.key = await text(b.page, 'my-public-key');
    await a.page.reload();
    await a.page.getByTestId('peerings').getByRole('button', { name: 'Open' }).click();
    await lookUp(a.page, 'their', two.url);
    const today = new Date().toISOString().slice(0, 10);
    assert.equal(await problem(a.page, 'KEY_CHANGED'), `${two.host} changed its key on ${today}. Confirm by voice before re-deriving.`);
    assert.equal(await a.page.getByTestId('six-facts').count(), 0, 'nothing is derived before it is confirmed');
    await a.page.getByTestId('peerings').filter({ hasText: 'key changed' }).waitFor();
    await a.page.getByTestId('confirm-key').click();
    await a.page.getByTestId('key-alarm').waitFor({ state: 'detached' });
    for (const secret of [ours.token]) {
      for (const request of [...a.sent, ...b.sent]) assert.ok(!request.includes(secret), 'the token got out');
    }
    await Promise.all([a.context.close(), b.context.close(), one.stop(), two.stop()]);
  });

  test('what the server’s look-up refuses is told', async () => {
    const { page, context } = await open(demo.dashboard);
    await page.getByTestId('server-public-key').waitFor();
    await lookUp(page, 'their', 'http://localhost:1');
    assert.equal(await problem(page, 'LOOKUP_BLOCKED'), 'localhost:1 resolves to a private address. Allow it in server settings if intended.');
    // A certificate that nobody vouches for looks to a page like a host that is down; only the server can tell.
    const unsafe = await serveBadly();
    await lookUp(page, 'their', `https://${unsafe.host}`);
    const said = await problem(page, 'WF_TLS');
    const [head, tail] = [`${unsafe.host}'s certificate is invalid: `, '. Peering now would be unsafe; ask its operator to fix it.'];
    assert.ok(said.startsWith(head) && said.endsWith(tail) && said.length > head.length + tail.length, said);
    await context.close();
    await unsafe.stop();
  });
});

describe('without WebFinger', () => {
  /** Two pages without a server, and the first one's terms. */
  async function two() {
    const a = await open(files.page);
    const b = await open(files.page);
    await a.page.getByTestId('mode-manual').click();
    await fill(a.page, { 'my-rpc-uri': 'https://wallet1.example/rpc', currency: 'EUR', scale: '6', limit: '10' });
    return [a, b];
  }
  const token = async (page, field) => page.getByTestId(field).inputValue();

  test('offered without the token, answered, imported: six facts on two pages', async () => {
    const [a, b] = await two();
    const offer = await link(a.page);
    assert.equal(letterIn(offer).token, undefined, 'the token goes another way');
    const [toA] = [await token(a.page, 'my-token')];
    assert.match(toA, /^[A-Za-z0-9_-]{43}$/);
    assert.ok(!(await a.page.getByTestId('letter-text').textContent()).includes(toA));

    await b.page.goto(offer);
    await b.page.getByTestId('letter-notice').filter({ hasText: 'wallet1.example invites you to peer in EUR, scale 6.' }).waitFor();
    assert.equal(await b.page.getByTestId('prefix').inputValue(), await a.page.getByTestId('prefix').inputValue());
    await fill(b.page, { 'my-rpc-uri': 'https://wallet2.example/rpc', 'their-token': toA, limit: '5' });
    await says(b.page, 'accept');
    const toB = await token(b.page, 'my-token');

    await a.page.getByTestId('import').click();
    await a.page.getByTestId('reply').fill(await text(b.page, 'letter-link'));
    await a.page.getByTestId('reply-read').click();
    await a.page.getByTestId('letter-notice').filter({ hasText: 'wallet2.example accepts: EUR, scale 6.' }).waitFor();
    assert.equal(await a.page.getByTestId('differences').locator('[data-differs=true]').count(), 0);
    assert.match(await text(a.page, 'facts-missing'), /the token for your calls to them/);
    await fill(a.page, { 'their-token': toB });
    for (const { page } of [a, b]) await page.getByTestId('reveal-token').click();
    const [ours, theirs] = [await facts(a.page), await facts(b.page)];
    for (const same of ['prefix', 'code', 'scale']) assert.equal(ours[same], theirs[same], same);
    assert.deepEqual([ours.token, theirs.token], [toB, toA], 'crossed: what I send, they accept');
    assert.deepEqual([await text(a.page, 'fact-token-accept'), await text(b.page, 'fact-token-accept')], [toA, toB]);
    assert.deepEqual([ours.endpoint, theirs.endpoint], ['https://wallet2.example/rpc', 'https://wallet1.example/rpc']);
    assert.deepEqual(await words(a.page), await words(b.page));
    assert.equal(await text(a.page, 'fact-account'), await text(b.page, 'fact-peer_account'));
    await a.page.locator('[data-export=server] summary').click();
    const shown = await text(a.page, 'export-server');
    assert.ok(shown.includes('"send_token": "••••"') && !shown.includes(toB), shown);
    for (const { sent, context } of [a, b]) {
      for (const request of sent) assert.ok(!request.includes(toA) && !request.includes(toB), 'a token got out');
      await context.close();
    }
  });

  test('sealed by a passphrase, the link carries the token too', async () => {
    const [a, b] = await two();
    await a.page.getByTestId('seal-open').click();
    await a.page.getByTestId('seal-passphrase').fill('short');
    await a.page.getByTestId('seal').click();
    assert.match(await problem(a.page, 'PASSPHRASE_SHORT'), /at least 8 characters/);
    await a.page.getByTestId('seal-passphrase').fill('seven blue horses');
    await a.page.getByTestId('seal').click();
    const sealed = await text(a.page, 'sealed-link');
    await b.page.goto(sealed);
    await b.page.getByTestId('letter-passphrase').fill('seven red horses');
    await b.page.getByTestId('unseal').click();
    assert.match(await problem(b.page, 'PASSPHRASE'), /does not open it/);
    await b.page.getByTestId('letter-passphrase').fill('seven blue horses');
    await b.page.getByTestId('unseal').click();
    await b.page.getByTestId('letter-notice').filter({ hasText: 'wallet1.example invites you' }).waitFor();
    assert.equal(await token(b.page, 'their-token'), await token(a.page, 'my-token'));
    await Promise.all([a.context.close(), b.context.close()]);
  });

  test('the real software of 2017 is told the facts, and checked', async (t) => {
    const kit = await startKit(t, 'example.kin.');
    const { alder } = demo.connectors;
    // Its plugin derives prefix and token from the keys also where no record was read: one token, both ways.
    const { public_key: ours } = await api('alder', 'GET', 'identity');
    const theirs = await kit.control('tell', {
      name: 'alder', peerPublicKey: ours, rpcUri: `${alder.url}/rpc`, currency: 'CHF', scale: 9, limit: '3000000000',
    });
    const { page, context } = await open(demo.dashboard);
    await page.getByTestId('mode-manual').click();
    await fill(page, {
      currency: 'CHF', limit: '2', prefix: theirs.prefix, 'my-token': theirs.token, 'their-token': theirs.token,
      'their-rpc-uri': `${kit.url}/rpc`, 'my-account': theirs.peer_account, 'their-account': theirs.account,
    });
    await page.getByText('Both directions use the same token.').first().waitFor();
    await page.getByTestId('reveal-token').click();
    const shown = await facts(page);
    assert.deepEqual(shown, { version: 'Compatible: ilp-kit v3.0.0', endpoint: `${kit.url}/rpc`, prefix: theirs.prefix, token: theirs.token, code: 'CHF', scale: '9' });
    await addToServer(page, 'alder');
    await page.getByTestId('check').click();
    for (const name of ['auth', 'their limit', 'first broadcast']) {
      await step(page, name).and(page.locator('[data-outcome=fine]')).waitFor({ timeout: 45_000 });
    }
    assert.match(await step(page, 'their limit').innerText(), /You may owe them up to 3 CHF \(3000000000 units\)/);
    await context.close();
    await api('alder', 'DELETE', `peers/${theirs.prefix}`).catch(() => {});
  });

  test('damaged, expired and refused letters are told', async () => {
    const [a, b] = await two();
    const offer = await link(a.page);
    await b.page.goto(offer.slice(0, -1));
    assert.equal(await problem(b.page, 'INVITE_DAMAGED'), 'This link is incomplete. Ask for it again, or type the fields.');
    const old = { ...letterIn(offer), date: '2026-01-02T03:04:05.000Z' };
    await readLetter(b.page, encode(old));
    assert.equal(await problem(b.page, 'INVITE_EXPIRED'), 'Offered on 2026-01-02, expired. Ask for a new one.');
    await readLetter(b.page, offer);
    await b.page.getByTestId('refuse').click();
    await b.page.getByTestId('refusal-reason').fill('too small');
    const refusal = await text(b.page, 'refusal-link');
    await readLetter(a.page, refusal);
    await a.page.getByTestId('letter-notice').filter({ hasText: 'They do not want to peer: “too small”.' }).waitFor();
    await Promise.all([a.context.close(), b.context.close()]);
  });

  test('what is typed wrong is told in its field', async () => {
    const { page, context } = await open(files.page);
    await page.getByTestId('mode-manual').click();
    const wrong = async (field, typed, code, message) => {
      await page.getByTestId(field).fill(typed);
      assert.equal(await problem(page, code), message);
      assert.equal(await page.getByTestId(field).getAttribute('aria-invalid'), 'true');
      await page.getByTestId(field).fill('');
    };
    await wrong('my-rpc-uri', 'wallet1.com/rpc', 'URI_FORMAT', 'Give the full address, such as https://wallet2.com/rpc.');
    await wrong('prefix', 'g.k3x9Q.usd.9.', 'PREFIX_FORMAT', 'A peering prefix starts "peer." and ends with a dot: peer.k3x9Q.usd.9.');
    await wrong('my-token', 'short', 'TOKEN_FORMAT', 'A token has 16 to 512 characters, not 5. Copy the whole token.');
    await page.getByTestId('prefix').fill('peer.k3x9Q.eur.9.');
    await page.getByText('The prefix does not end in usd.9.').waitFor();
    await context.close();
  });
});

test('a secret is kept sealed, and only sealed', async () => {
  const { page, context } = await open(files.page);
  await page.getByTestId('my-host').waitFor();
  await loadSecret(page, demo.secret('alder'));
  const key = await text(page, 'my-public-key');
  await page.getByTestId('vault-passphrase').fill('seven blue horses');
  await page.getByTestId('vault-use').click();
  await page.getByTestId('vault-there').waitFor();
  const kept = await page.evaluate(async () => {
    const database = await new Promise((resolve) => { const r = indexedDB.open('c2c'); r.onsuccess = () => resolve(r.result); });
    const all = await new Promise((resolve) => { const r = database.transaction('kept').objectStore('kept').getAll(); r.onsuccess = () => resolve(r.result); });
    return JSON.stringify([all, { ...localStorage }, { ...sessionStorage }]);
  });
  assert.ok(!kept.includes(demo.secret('alder')), 'it is sealed');
  await page.reload();
  await page.getByTestId('vault-passphrase').fill('seven red horses');
  await page.getByTestId('vault-use').click();
  assert.match(await problem(page, 'PASSPHRASE'), /does not open it/);
  await page.getByTestId('vault-passphrase').fill('seven blue horses');
  await page.getByTestId('vault-use').click();
  await page.getByTestId('secret-held').waitFor();
  assert.equal(await text(page, 'my-public-key'), key);
  await page.getByTestId('vault-forget').click();
  await page.getByTestId('vault-there').waitFor({ state: 'detached' });
  await page.getByTestId('forget-secret').click();

  // One that was made here and is nowhere else asks before the tab closes.
  await page.getByTestId('generate-secret').click();
  const asked = new Promise((resolve) => page.once('dialog', (dialog) => { resolve(dialog.type()); dialog.accept(); }));
  await page.getByTestId('my-host').fill('wallet1.com');
  await page.close({ runBeforeUnload: true });
  assert.equal(await asked, 'beforeunload');
  await context.close();
});

describe('the directory', () => {
  test('the directory asks each host that is listed, and a row starts the wizard', async () => {
    const { alder, birch } = demo.connectors;
    const { context, page } = await openPage(browser, `${demo.dashboard}#/directory`);
    await page.getByTestId('directory-count').filter({ hasText: '7 of 7 have answered.' }).waitFor();
    const row = page.locator(`[data-testid=host-row][data-host="${birch.host}"]`);
    const shown = await row.innerText();
    const { properties } = await (await fetch(`${birch.url}/.well-known/webfinger?resource=${birch.url}`)).json();
    for (const part of ['Birch', properties[PUBLIC_KEY].slice(0, 12), properties[VERSION], 'USD', ' ms']) {
      assert.ok(shown.includes(part), `${part} in ${shown}`);
    }
    assert.ok(await page.locator(`[data-host="${alder.host}"]`).count(), 'its own operator said so');
    await row.getByRole('link', { name: `Peer with ${birch.host}` }).click();
    await page.locator('#their-host').waitFor();
    for (let tries = 0; (await page.getByTestId('their-host').inputValue()) !== birch.url; tries += 1) {
      assert.ok(tries < 40, 'the row fills in the host');
      await page.waitForTimeout(50);
    }
    await context.close();
  });

  test('an empty list and hosts that cannot be used have their words', async () => {
    const { context, page } = await openPage(browser, `${files.page}#/directory`);
    await page.getByTestId('directory-empty').waitFor();
    await context.route(/directory\.json$/, (route) => route.fulfill({ json: ['not a host', demo.connectors.birch.url] }));
    await page.getByTestId('directory-again').click();
    await page.locator('[data-testid=host-row][data-code=HOST_SYNTAX]').waitFor();
    await page.getByTestId('directory-count').filter({ hasText: '2 of 2' }).waitFor();
    await context.close();
  });
});

describe('axe finds nothing', () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const screens = {
    'the empty wizard': [() => `${files.page}#/peer`, (page) => page.getByTestId('their-host').waitFor()],
    'a derived peering': [
      () => `${demo.dashboard}#/peer`,
      async (page) => {
        await page.getByTestId('server-public-key').waitFor();
        await lookUp(page, 'their', demo.connectors.birch.url);
        await page.getByTestId('six-facts').waitFor();
        await fill(page, { limit: '100' });
        await page.getByTestId('check').click();
        await page.getByTestId('wizard-token').fill(demo.tokenOf('alder'));
        await page.getByTestId('wizard-token-use').click();
        await page.getByTestId('check').click();
        await page.locator('[data-check=auth]').waitFor();
        for (const summary of await page.locator('summary').all()) await summary.click();
      },
    ],
    'a peering without WebFinger, with a wrong field': [
      () => `${files.page}#/peer`,
      async (page) => {
        await page.getByTestId('mode-manual').click();
        await fill(page, { 'my-rpc-uri': 'https://wallet1.example/rpc', 'their-rpc-uri': 'wallet2' });
        await page.getByTestId('seal-open').click();
        await page.getByTestId('invited').click();
      },
    ],
    'the directory': [
      () => `${demo.dashboard}#/directory`,
      (page) => page.getByTestId('directory-count').filter({ hasText: '7 of 7' }).waitFor(),
    ],
  };
  for (const [name, [url, act]] of Object.entries(screens)) {
    test(name, async () => {
      const { context, page } = await openPage(browser, url(), { bypassCSP: true, viewport: { width: 1280, height: 900 } });
      await act(page);
      await page.addScriptTag({ content: axe });
      for (const [width, colorScheme] of [[1280, 'light'], [1280, 'dark'], [360, 'light'], [360, 'dark']]) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await nothingTooWide(page, name);
        const found = await page.evaluate(async () => {
          const { violations } = await axe.run();
          return violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 200) + ' ' + node.failureSummary).join(' | ')}`);
        });
        assert.deepEqual(found, [], `${name}, ${width} px, ${colorScheme}`);
      }
      await context.close();
    });
  }
});
