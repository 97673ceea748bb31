// The operator's pages: signing in with the admin token, changing and removing peers, and what the connector tells
// of itself, live also where it wants the token for everything.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPage, startBrowser, startDemo } from './harness.mjs';

const WIDE = { viewport: { width: 1280, height: 900 } };
// What a change makes is shown with what the connector tells next, and that may take long on a busy machine.
const TOLD = { timeout: 45_000 };
let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const api = (method, path, body) =>
  fetch(new URL(`api/v1/${path}`, demo.dashboard), {
    method,
    headers: { authorization: `Bearer ${demo.tokenOf('alder')}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  }).then((answer) => answer.json());
const units = (text, scale) => BigInt(text.replace('.', '')) * 10n ** BigInt(scale - (text.split('.')[1]?.length ?? 0));

test('what is changed without the token waits for it, and goes on with it', async () => {
  const { context, page } = await openPage(browser, `${demo.dashboard}#/connector`, WIDE);
  const peer = page.getByTestId('peer').first();
  await peer.waitFor();
  await page.getByTestId('health').filter({ hasText: 'Healthy' }).waitFor();
  const prefix = await peer.getAttribute('data-prefix');
  const edit = async (limit) => {
    await peer.getByTestId('edit-limit').click();
    await peer.getByTestId('new-limit').fill(limit);
    // The page draws itself again each second; what was typed stays.
    await page.waitForTimeout(1_200);
    assert.equal(await peer.getByTestId('new-limit').inputValue(), limit);
    await peer.getByTestId('save-limit').click();
  };
  await edit('123.5');
  await peer.getByTestId('admin-token').fill('not the token');
  await peer.getByRole('button', { name: 'Open', exact: true }).click();
  await peer.getByTestId('token-refused').waitFor();
  await peer.getByTestId('admin-token').fill(demo.tokenOf('alder'));
  await peer.getByRole('button', { name: 'Open', exact: true }).click();
  await peer.getByTestId('limit-words').filter({ hasText: 'They may owe 123.5 ' }).waitFor(TOLD);
  const now = await demo.get(`peers/${prefix}`);
  assert.equal(BigInt(now.limit), units('123.5', now.scale));

  await edit('0');
  await peer.locator('.wrong').filter({ hasText: /\S/ }).first().waitFor();
  await peer.getByRole('button', { name: 'Leave it' }).click();
  await peer.getByTestId('remove-peer').click();
  await peer.getByRole('button', { name: 'Keep it' }).click();
  const before = await page.getByTestId('peer').count();
  await peer.getByTestId('remove-peer').click();
  await peer.getByTestId('really-remove').click();
  await page.waitForFunction((count) => document.querySelectorAll('[data-testid=peer]').length === count, before - 1, TOLD);
  await page.getByTestId('sign-out').click();
  await page.getByTestId('sign-in-open').waitFor();
  await context.close();
});

test('a connector that is locked opens with its token, and then tells by itself what happens', async () => {
  // By this name the page is no page of this machine, and reads nothing without the token.
  const locked = demo.dashboard.replace('127.0.0.1', 'localhost');
  const context = await browser.newContext(WIDE);
  const page = await context.newPage();
  // The page asks by the clock, too, each five seconds. Here that takes long: what is shown sooner was told.
  await page.addInitScript(() => {
    const { setTimeout: real } = globalThis;
    globalThis.setTimeout = (act, after, ...rest) => real(act, after === 5_000 ? 120_000 : after, ...rest);
  });
  const streams = [];
  context.on('response', async (response) => {
    if (response.url().endsWith('/api/v1/events')) {
      const headers = await response.request().allHeaders();
      streams.push([response.status(), response.headers()['content-type'], headers.authorization]);
    }
  });
  await page.goto(`${locked}#/connector`);
  await page.getByTestId('admin-token').fill('not the token');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByTestId('token-refused').waitFor();
  assert.equal(await page.getByTestId('peer').count(), 0);
  await page.getByTestId('admin-token').fill(demo.tokenOf('alder'));
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  const peer = page.getByTestId('peer').first();
  await peer.waitFor(TOLD);
  await page.getByTestId('signed-in').waitFor();
  const prefix = await peer.getAttribute('data-prefix');
  for (let tries = 0; streams.length === 0; tries += 1) {
    assert.ok(tries < 200, 'the stream is opened');
    await page.waitForTimeout(100);
  }
  assert.deepEqual(streams, [[200, 'text/event-stream', `Bearer ${demo.tokenOf('alder')}`]]);
  // Somebody else changes something, and calls.
  const { scale } = await api('PATCH', `peers/${prefix}`, { limit: '77000000' });
  assert.ok(scale >= 0);
  await fetch(`${demo.connectors.alder.url}/rpc?method=get_limit&prefix=peer.nobdy.usd.9.`, {
    method: 'POST', headers: { authorization: 'Bearer 0123456789abcdef0123456789abcdef' }, body: '[]',
  });
  await page.getByTestId('inbox').filter({ hasText: 'peer.nobdy.usd.9.' }).waitFor(TOLD);
  const shown = (await peer.getByTestId('limit-words').innerText()).replace(/\s+/g, ' ');
  assert.ok(units(/owe ([\d.]+) /.exec(shown)[1], scale) === 77_000_000n, shown);
  // Nothing of the token is kept anywhere.
  const kept = await page.evaluate(() => JSON.stringify([location.href, document.cookie, { ...localStorage }, { ...sessionStorage }, document.body.innerHTML]));
  assert.ok(!kept.includes(demo.tokenOf('alder')));
  await context.close();
});
