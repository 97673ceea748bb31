// However long the names are that others chose: nothing stands out of a narrow window, of one that is zoomed to twice
// its size, or of one whose text is twice as large.
import { after, before, test } from 'node:test';
import { nothingTooWide, openPage, startBrowser, startDemo } from './harness.mjs';

// As long as each may be, and without a place at which a line would break by itself.
const HOST = [63, 63, 63, 61].map((length) => 'w'.repeat(length)).join('.');
const KEY = 'W'.repeat(43);
const VERSION = `Compatible: ${'W'.repeat(88)}`;
const LEDGER = `example.${'W'.repeat(400)}.`;
const WORDS = 'abstract accident announce approve attract bachelor business champion children commerce congress creature';
const UNITS = '18446744073709551615';
const SENTENCE = `${HOST} publishes the key ${KEY} that this peering was made with.`;

/** What a connector shows, with everything in it that others chose made as long as it can be. */
function lengthen(snapshot) {
  Object.assign(snapshot.identity, { title: 'W'.repeat(200), url: `https://${HOST}` });
  for (const peer of snapshot.peers) {
    Object.assign(peer, { host: HOST, rpc_uri: `https://${HOST}/rpc`, protocol_version: VERSION, reason: SENTENCE });
    Object.assign(peer, { limit: UNITS, peer_limit: UNITS, balance: `-${UNITS}`, currency: 'WWWWWWWWWWWWWWWW', state: 'waiting' });
  }
  const route = structuredClone(snapshot.routes.find(({ target_prefix: to }) => to === 'example.rowan.'));
  snapshot.routes.push({ ...route, destination_ledger: LEDGER, target_prefix: LEDGER });
  snapshot.inbox = [{ prefix: 'W'.repeat(512), method: 'send_transfer', code: 'RPC_403', times: 4_000_000_000, first: snapshot.time, last: snapshot.time }];
  snapshot.refused = {
    refused: [{ peer: snapshot.peers[0].prefix, index: 0, destination_ledger: LEDGER, code: 'W'.repeat(40), reason: SENTENCE, time: snapshot.time }],
    broadcasts: [{ peer: snapshot.peers[0].prefix, path: 'W'.repeat(200), message: SENTENCE, hint: SENTENCE, faults: 1, time: snapshot.time }],
  };
  return snapshot;
}

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
  // The route that is made longer has to be there.
  for (let tries = 0; !(await demo.get('snapshot')).routes.some(({ target_prefix: to }) => to === 'example.rowan.'); tries += 1) {
    if (tries > 60) throw new Error('example.rowan. is never told');
    await new Promise((again) => setTimeout(again, 500));
  }
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Every answer of the connector behind the page that says something long. */
async function longWinded({ context }, { prefix, account, time }) {
  const change = (path, how) =>
    context.route(path, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: how(await answer.json()) });
    });
  await change('**/api/v1/snapshot', lengthen);
  await change('**/api/v1/derive?*', (derived) => ({ ...derived, protocol_version: VERSION, rpc_uri: `https://${HOST}/rpc`, check_words: WORDS }));
  await context.route('**/api/v1/transfers?*', (route) => route.fulfill({
    json: {
      transfers: [{
        ledger: prefix, id: '0f5bb1ba-4a22-4d1a-93a1-2d3f9a8f9b5e', direction: 'outgoing', from: account, to: account,
        amount: UNITS, state: 'prepared', changed_at: time,
      }],
    },
  }));
  await context.route('**/directory.json', (route) => route.fulfill({ json: { hosts: [HOST, `${HOST.slice(0, 200)}.example`] } }));
  await context.route('**/lookup?*', (route) => route.fulfill({ status: 502, json: { id: 'WF_UNREACHABLE', message: `No answer from ${HOST}.` } }));
}

const SCREENS = {
  overview: ['#/overview', (page) => page.getByTestId('figures').waitFor()],
  'a table of routes': ['#/routes?from=example.alder.', (page) => page.getByTestId('routes-table').waitFor()],
  'a route': [
    `#/routes?from=example.alder.&to=${LEDGER}`,
    async (page) => {
      await page.getByTestId('candidate').nth(2).waitFor();
      for (const summary of await page.getByTestId('detail').locator('summary').all()) await summary.click();
    },
  ],
  graph: ['#/graph?from=example.alder.', (page) => page.getByTestId('graph').waitFor()],
  compare: [
    '#/compare',
    async (page) => {
      await page.getByTestId('lay-aside').click();
      await page.getByTestId('differences').waitFor();
    },
  ],
  validate: [
    '#/validate',
    async (page) => {
      await page.getByTestId('validate-text').fill(JSON.stringify({ new_routes: [{ source_ledger: LEDGER, ['W'.repeat(300)]: KEY }], hold_down_time: LEDGER }));
      await page.getByTestId('validate').click();
      await page.getByTestId('cited').waitFor();
    },
  ],
  connector: [
    '#/connector',
    async (page) => {
      await page.getByTestId('peer').nth(2).waitFor();
      await page.getByTestId('peer').nth(0).getByTestId('edit-limit').click();
      await page.getByTestId('peer').nth(1).getByTestId('remove-peer').click();
    },
  ],
  directory: ['#/directory', (page) => page.getByTestId('directory-count').filter({ hasText: '2 of 2' }).waitFor({ timeout: 60_000 })],
  'a derived peering': [
    '#/peer',
    async (page) => {
      await page.getByTestId('server-public-key').waitFor();
      await page.getByTestId('their-host').fill(demo.connectors.birch.url);
      await page.getByTestId('their-host-look-up').click();
      await page.getByTestId('six-facts').waitFor();
      await page.getByTestId('limit').fill('18446744073.709551615');
      await page.getByTestId('check-words').waitFor();
      await page.getByTestId('my-host').fill(HOST);
      for (const summary of await page.locator('summary').all()) await summary.click();
    },
  ],
  'a host that does not answer': [
    '#/peer',
    async (page) => {
      await page.getByTestId('server-public-key').waitFor();
      await page.getByTestId('their-host').fill(HOST);
      await page.getByTestId('their-host-look-up').click();
      await page.locator('p.wrong[data-code=WF_UNREACHABLE]').waitFor({ timeout: 60_000 });
    },
  ],
  'a peering without WebFinger': [
    '#/peer',
    async (page) => {
      await page.getByTestId('mode-manual').click();
      const fields = { 'my-rpc-uri': `https://${HOST}/${'W'.repeat(300)}`, 'my-token': 'W'.repeat(512), 'their-token': 'W'.repeat(512) };
      for (const [field, text] of Object.entries(fields)) {
        await page.getByTestId(field).fill(text);
      }
      await page.getByTestId('my-token-reveal').click();
      await page.getByTestId('currency').fill('WWWWWWWWWWWWWWWW');
      await page.getByTestId('limit').fill('18446744073.709551615');
      await page.getByTestId('letter-link').waitFor();
      await page.getByTestId('seal-open').click();
      for (const summary of await page.locator('summary').all()) await summary.click();
    },
  ],
};

for (const [name, [hash, act]] of Object.entries(SCREENS)) {
  test(`${name} fits, however long its names are`, async () => {
    const { time, peers: [peer] } = await demo.get('snapshot');
    // The page comes in once its answers are long.
    const opened = await openPage(browser, 'about:blank', { viewport: { width: 1280, height: 900 } });
    await longWinded(opened, { prefix: peer.prefix, account: peer.account, time });
    const { page, context } = opened;
    await page.goto(`${demo.dashboard}${hash}`);
    await act(page);
    for (const width of [1280, 640, 360]) {
      await page.setViewportSize({ width, height: 900 });
      await nothingTooWide(page, name);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '200%';
    });
    await nothingTooWide(page, `${name}, its text twice as large,`);
    await context.unrouteAll({ behavior: 'ignoreErrors' });
    await context.close();
  });
}
