// Every room of the viewer against a demo network, by what it says; and axe-core, which
// finds nothing wrong on any of them, in light and dark.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WIDE, nothingForAxe, openPage, paste, serveSite, startBrowser, startDemo } from './harness.mjs';

const ROUTE = '#/routes?from=example.alder.&to=example.rowan.';
let demo;
let files;
let browser;
before(async () => {
  [demo, files, browser] = await Promise.all([startDemo(), serveSite(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await Promise.all([demo?.stop(), files?.stop()]);
});

const open = (hash, options = WIDE) => openPage(browser, `${demo.dashboard}${hash}`, options);

test('the overview sums up what the connector tells', async () => {
  const { context, page, troubles } = await open('#/overview');
  await page.getByTestId('figures').filter({ hasText: /Peers\s*\d/ }).waitFor();
  const { peers } = await demo.get('snapshot');
  assert.match(await page.getByTestId('figures').innerText(), new RegExp(`Peers\\s*${peers.length}\\b`));
  // Routes still come in; what is shown follows.
  for (let tries = 0; ; tries += 1) {
    const { routes } = await demo.get('snapshot');
    const found = new RegExp(`Destinations\\s*${routes.length}\\b`).test(await page.getByTestId('figures').innerText());
    if (found) break;
    assert.ok(tries < 30, 'the count follows');
    await page.waitForTimeout(500);
  }
  assert.deepEqual(troubles, []);
  await context.close();
});

test('the graph shows who leads where, and a ledger opens its route', async () => {
  const { context, page, troubles } = await open('#/graph?from=example.alder.');
  const nodes = page.getByTestId('graph-node');
  await nodes.filter({ hasText: 'example.rowan.' }).first().click();
  await page.getByTestId('destination').filter({ hasText: 'example.rowan.' }).waitFor();
  assert.deepEqual(troubles, []);
  await context.close();
});

test('two snapshots are compared', async () => {
  const snapshot = await demo.get('snapshot');
  const less = structuredClone(snapshot);
  const gone = less.routes.splice(1, 1)[0];
  const changed = less.routes.find((route) => route.merged?.points.length > 1);
  changed.candidates[0].hops += 1;
  const { context, page } = await openPage(browser, `${files.page}#/compare`, WIDE);
  const show = async (json) => {
    await paste(page, JSON.stringify(json));
    await page.getByTestId('snapshot-notice').waitFor();
  };
  await show(snapshot);
  await page.getByTestId('lay-aside').click();
  await page.getByTestId('differences').filter({ hasText: `0 added, 0 removed, 0 changed, ${snapshot.routes.length} as they were.` }).waitFor();
  await page.getByTestId('close-snapshot').click();
  await show(less);
  await page.getByTestId('differences').filter({ hasText: `0 added, 1 removed, 1 changed, ${snapshot.routes.length - 2} as they were.` }).waitFor();
  assert.ok((await page.getByTestId('removed').innerText()).includes(gone.target_prefix));
  await context.close();
});

test('a text is held against both profiles, and the engine says what it keeps', async () => {
  const { context, page, troubles } = await open('#/validate');
  const route = (account, to) => ({
    source_ledger: 'peer.a.usd.9.', destination_ledger: to, points: [[0, 0], [1000, 990]],
    min_message_window: 1, source_account: `peer.a.usd.9.${account}`,
  });
  const update = { new_routes: [route('bob', 'g.x.'), route('bob', 'g.y.'), route('eve', 'g.z.')], hold_down_time: 45000, unreachable_through_me: [] };
  await page.getByTestId('validate-text').fill(JSON.stringify(update, null, 1));
  await page.getByTestId('validate').click();
  await page.getByTestId('cited').filter({ hasText: 'Right in every member.' }).waitFor();
  assert.match(await page.getByTestId('deployed').innerText(), /new_routes\[0\]\.points, line \d+, column \d+/);
  assert.match(await page.getByTestId('acceptance').innerText(), /2 kept, 1 dropped\.[^]*ROUTE_NOT_THE_SENDER/);
  assert.deepEqual(troubles, []);
  await context.close();
});

test('axe-core finds nothing, in light and dark', async () => {
  const rooms = ['#/overview', ROUTE, '#/graph?from=example.alder.', '#/compare', '#/validate', '#/lab', '#/connector'];
  for (const colorScheme of ['light', 'dark']) {
    const { context, page } = await open(rooms[0], { ...WIDE, colorScheme });
    for (const room of rooms) {
      await page.evaluate((hash) => {
        window.location.hash = hash;
      }, room);
      await page.locator('main h1').first().waitFor({ state: 'attached' });
      await page.waitForTimeout(400);
      await nothingForAxe(page, `${room} ${colorScheme}`);
    }
    await context.close();
  }
});
