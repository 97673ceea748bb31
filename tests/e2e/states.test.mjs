// Each room has words of its own for each state that its data can be in: not here yet, none, some of it, old, none to be
// had; and whatever turns or fills says what it waits for.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NARROW, nothingForAxe, nothingTooWide, openPage, startBrowser, startDemo } from './harness.mjs';

const ROOMS = ['overview', 'routes', 'graph', 'compare', 'connector'];
let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** A room on a narrow window, where the connector behind it answers as `answer` does. */
async function room(name, answer) {
  const opened = await openPage(browser, 'about:blank', NARROW);
  await opened.context.route('**/api/v1/snapshot', answer);
  await opened.page.goto(`${demo.dashboard}#/${name}`);
  await opened.page.locator(`nav a[href="#/${name}"][aria-current=page]`).waitFor();
  return opened;
}
async function enter(page, name) {
  await page.evaluate((hash) => {
    globalThis.location.hash = hash;
  }, `#/${name}`);
  await page.locator(`nav a[href="#/${name}"][aria-current=page]`).waitFor();
}
async function holds({ page, context }, where) {
  await nothingTooWide(page, where);
  await nothingForAxe(page, where);
  // What turns or fills is told in words beside it too.
  for (const bar of await page.locator('progress').all()) {
    assert.match(await bar.evaluate((node) => node.parentElement.innerText), /\S+ \S+/, where);
  }
  await context.unrouteAll({ behavior: 'ignoreErrors' });
  await context.close();
}
const emptied = async (route, change) => {
  const answer = await route.fetch();
  await route.fulfill({ response: answer, json: change(await answer.json()) });
};

for (const name of ROOMS) {
  test(`${name} says that it looks, that nothing answers, and what to do then`, async () => {
    let release;
    const asked = new Promise((done) => {
      release = done;
    });
    const opened = await room(name, async (route) => {
      await asked;
      await route.fulfill({ status: 500, json: { id: 'STORE', message: 'The disk is full.' } });
    });
    const { page } = opened;
    await page.locator('main [role=status]').filter({ hasText: 'Looking for a connector behind this page…' }).waitFor();
    await page.getByTestId('status').filter({ hasText: /^Looking for a connector…$/ }).waitFor();
    release();
    await page.getByTestId('feed-fault').filter({ hasText: /\S+ \S+/ }).waitFor();
    await page.getByTestId('load-demo').waitFor();
    await page.getByTestId('status').filter({ hasText: /^No answer$/ }).waitFor();
    await holds(opened, `${name} without an answer`);
  });

  test(`${name} says that there is nothing yet, and why`, async () => {
    const opened = await room(name, (route) => emptied(route, (snapshot) => ({ ...snapshot, peers: [], routes: [], inbox: [], refused: { refused: [], broadcasts: [] } })));
    const { page } = opened;
    const words = {
      overview: /knows no peer yet/, routes: /knows no peer yet/, graph: /knows no peer yet/, compare: /Lay aside what is shown now/,
      connector: /None yet\. Peer with another connector[^]*Nobody unknown called\.[^]*All that peers told was taken\./,
    };
    await page.getByTestId('status').filter({ hasText: 'Live' }).waitFor();
    await page.locator('main').filter({ hasText: words[name] }).waitFor();
    if (!['compare'].includes(name)) await page.locator('main a[href="#/peer"]').first().waitFor();
    await holds(opened, `${name} with nothing`);
  });
}

test('every room says how old it is once nothing more is heard', async () => {
  let last = null;
  let quiet = false;
  const opened = await room('overview', async (route) => {
    if (quiet) return route.abort();
    return emptied(route, (snapshot) => (last ??= snapshot));
  });
  const { page, context } = opened;
  await page.getByTestId('status').filter({ hasText: 'Live' }).waitFor();
  quiet = true;
  await context.route('**/api/v1/events*', (route) => route.abort());
  for (const name of ROOMS) {
    await enter(page, name);
    await page.getByTestId('stale').filter({ hasText: /^Last heard \d+ s ago\. What you see may no longer hold/ }).waitFor({ timeout: 60_000 });
    // It has a clock of its own.
    await page.getByTestId('status').filter({ hasText: /last heard \d+ s ago$/ }).waitFor();
    await nothingTooWide(page, `${name} that is old`);
  }
  await holds(opened, 'what is old');
});

test('of a text in part it is said how much of it is shown', async () => {
  const opened = await openPage(browser, `${demo.dashboard}#/routes`, NARROW);
  const { page } = opened;
  await page.getByTestId('status').filter({ hasText: 'Live' }).waitFor();
  const good = (at) => ({ source_ledger: 'peer.a.usd.9.', destination_ledger: `g.r${at}.`, min_message_window: 1, paths: [[]], source_account: 'peer.a.usd.9.bob' });
  // Behind a connector a text is pasted beside all fields.
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData('text', text);
    globalThis.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data }));
  }, JSON.stringify([good(1), { source_ledger: 7 }, good(2)]));
  await page.getByTestId('partial').filter({ hasText: /1 of 3 .*refused.*; the others are shown\./ }).waitFor();
  for (const name of ['overview', 'graph', 'compare']) {
    await enter(page, name);
    await page.getByTestId('partial').waitFor();
  }
  await holds(opened, 'in part');
});

test('the page itself says that the engine is loaded, and why it is not', async () => {
  const opened = await openPage(browser, 'about:blank', NARROW);
  const { page, context } = opened;
  let release;
  const asked = new Promise((done) => {
    release = done;
  });
  await context.route('**/c2c_web_bg.wasm', async (route) => {
    await asked;
    await route.fulfill({ status: 503, body: '' });
  });
  await page.goto(demo.dashboard);
  await page.locator('#boot').filter({ hasText: 'Loading the engine…' }).waitFor();
  await page.locator('nav a[href="#/peer"]').waitFor();
  release();
  await page.locator('#boot').filter({ hasText: 'The app could not start: the engine\'s file was answered with status 503. Reload the page' }).waitFor();
  await holds(opened, 'no engine');
});
