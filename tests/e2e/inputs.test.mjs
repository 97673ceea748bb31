// Everything that can be opened, as plain files in a sub-folder whose server does not know wasm: read beside
// the page, with progress and cancel, partly where a part is wrong, and without a network after the first time.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WIDE, openPage, paste, serve, serveSite, startBrowser } from './harness.mjs';

let files;
let browser;
before(async () => {
  [files, browser] = await Promise.all([serveSite(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await files?.stop();
});

/** Opens the page; `troubles()` leaves out the one question whether a connector is there. */
async function openFiles(options = WIDE) {
  const opened = await openPage(browser, files.page, options);
  await opened.page.getByTestId('welcome').waitFor();
  const own = (trouble) => !trouble.includes('/deep/folder/api/v1/snapshot');
  return { ...opened, troubles: () => opened.troubles.filter(own) };
}

/** A curve in base64: 64 bits a coordinate, as ilp-routing writes them. */
function base64(points) {
  const bytes = Buffer.alloc(points.length * 16);
  points.forEach(([x, y], at) => {
    bytes.writeBigUInt64LE(BigInt(x), at * 16);
    bytes.writeBigUInt64LE(BigInt(y), at * 16 + 8);
  });
  return bytes.toString('base64');
}
const route = (to, hop = 'bob', points = base64([[0, 0], [1000, 990]])) => ({
  source_ledger: 'peer.k3x9Q.usd.9.',
  destination_ledger: to,
  points,
  min_message_window: 1,
  paths: [[]],
  source_account: `peer.k3x9Q.usd.9.${hop}`,
});
const update = (routes) => ({ new_routes: routes, hold_down_time: 45000, unreachable_through_me: [] });

test('a routing update is pasted, dropped, picked as a file and fetched by a link', async () => {
  const { context, page, troubles } = await openFiles();
  const rows = page.getByTestId('route-row');
  const notice = page.getByTestId('snapshot-notice');
  const text = JSON.stringify(update([route('g.a.'), route('g.b.'), route('g.c.')]));
  await paste(page, text);
  await notice.filter({ hasText: 'Pasted: a routing update.' }).waitFor();
  assert.equal(await rows.count(), 3);
  await page.getByTestId('close-snapshot').click();

  await page.getByTestId('welcome').waitFor();
  await page.getByTestId('open-snapshot').setInputFiles({ name: 'told.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  await notice.filter({ hasText: 'told.json: a routing update.' }).waitFor();

  await page.evaluate((dropped) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([dropped], 'dropped.json'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, JSON.stringify([route('g.x.')]));
  await notice.filter({ hasText: 'dropped.json: a list of routes.' }).waitFor();
  assert.equal(await rows.count(), 1);
  await page.getByTestId('close-snapshot').click();

  let told = 1;
  const far = await serve((_, response) => {
    const routes = Array.from({ length: told }, (_, at) => route(`g.far${at}.`));
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end(JSON.stringify(update(routes)));
  });
  await page.getByTestId('paste-snapshot').click();
  await page.getByTestId('link').fill(far.url);
  await page.getByTestId('watch-link').check();
  await page.getByTestId('use-link').click();
  await notice.filter({ hasText: far.url }).waitFor();
  assert.equal(await rows.count(), 1);
  told = 2;
  await rows.nth(1).waitFor({ timeout: 15_000 });
  await far.stop();
  assert.deepEqual(troubles().filter((trouble) => !trouble.includes(far.host)), []);
  await context.close();
});

test('messages, calls, curves and lines of them are known by themselves', async () => {
  const { context, page, troubles } = await openFiles();
  const message = {
    ledger: 'peer.k3x9Q.usd.9.', from: 'peer.k3x9Q.usd.9.bob', to: 'peer.k3x9Q.usd.9.us',
    custom: { method: 'broadcast_routes', data: update([route('g.a.')]) },
  };
  const cases = [
    [JSON.stringify(message), 'a broadcast_routes message'],
    [JSON.stringify([message]), 'the body of a call with a broadcast_routes message'],
    [base64([[0, 0], [1000, 990]]), 'liquidity curves'],
    ['[[0,0],[1000,990]]', 'liquidity curves'],
    [`${JSON.stringify(message)}\n${JSON.stringify(update([route('g.b.', 'carl')]))}`, 'a recording'],
  ];
  for (const [text, words] of cases) {
    await paste(page, text);
    await page.getByTestId('snapshot-notice').filter({ hasText: `Pasted: ${words}.` }).waitFor();
    await page.getByTestId('chart').waitFor();
    await page.getByTestId('close-snapshot').click();
  }
  assert.deepEqual(troubles(), []);
  await context.close();
});

test('what is wrong is told, and does not take the rest away', async () => {
  const { context, page } = await openFiles();
  await paste(page, JSON.stringify(update([route('g.a.'), route('g.b.', 'bob', 7), route('g.c.')])));
  const partial = page.getByTestId('partial');
  await partial.filter({ hasText: '1 of 3 refused; the others are shown.' }).waitFor();
  await partial.locator('summary').click();
  assert.match(await partial.innerText(), /route 1\.points/);
  assert.equal(await page.getByTestId('route-row').count(), 2);
  await page.getByTestId('close-snapshot').click();
  await paste(page, '{"colour": "red"}');
  await page.getByTestId('snapshot-refused').filter({ hasText: 'This JSON has the members colour' }).waitFor();
  assert.equal(await page.getByTestId('snapshot-text').inputValue(), '{"colour": "red"}');
  await context.close();
});

test('100,000 routes are read beside the page, can be searched at once, and be given up', async () => {
  const { context, page, troubles } = await openFiles();
  const points = base64(Array.from({ length: 10 }, (_, at) => [at * 1000, at * 990]));
  const routes = Array.from({ length: 100_000 }, (_, at) => route(`g.r${at}.`, `hop${at % 20}`, points));
  const buffer = Buffer.from(JSON.stringify(update(routes)));
  const pick = (name) =>
    page.evaluate(
      ([name, text]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([text], name));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      },
      [name, buffer.toString()],
    );
  await pick('given-up.json');
  await page.getByTestId('cancel-reading').click();
  await page.getByTestId('welcome').waitFor();
  await pick('large.json');
  await page.getByTestId('route-count').filter({ hasText: '100,000 destinations.' }).waitFor({ timeout: 60_000 });
  const table = page.getByTestId('routes-table');
  assert.equal(await table.getAttribute('aria-rowcount'), '100001');
  assert.ok((await page.getByTestId('route-row').count()) < 100, 'only what can be seen is drawn');
  await page.getByTestId('rows').evaluate((rows) => rows.scrollTo(0, rows.scrollHeight / 2));
  await page.waitForFunction(() => {
    const first = document.querySelector('[data-testid=route-row]');
    return Number(first.getAttribute('aria-rowindex')) > 40_000;
  });
  await page.getByTestId('search').fill('g.r99999.alice');
  await page.getByTestId('route-count').filter({ hasText: '1 destination for' }).waitFor();
  await page.getByTestId('search').fill('');
  await page.getByTestId('all-columns').click();
  await page.getByTestId('sort-rate').click();
  await page.locator('th[aria-sort=ascending]').filter({ hasText: 'Rate' }).waitFor();
  assert.deepEqual(troubles(), []);
  await context.close();
});

test('it opens again without a network', async () => {
  const { context, page } = await openFiles();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await context.setOffline(true);
  await page.reload();
  await page.getByTestId('load-demo').click();
  await page.getByTestId('chart').waitFor();
  // The worker's files were kept too.
  await page.getByTestId('close-snapshot').click();
  await paste(page, JSON.stringify(update([route('g.a.')])));
  await page.getByTestId('snapshot-notice').waitFor();
  await context.close();
});

test('a recording is stepped through, played and slid along', async () => {
  const { context, page, troubles } = await openFiles();
  const lines = [
    update([route('g.a.'), route('g.b.')]),
    update([]),
    update([route('g.c.', 'carl')]),
    { new_routes: [], hold_down_time: 45000, unreachable_through_me: ['g.a.'] },
  ];
  await paste(page, lines.map((line) => JSON.stringify(line)).join('\n'));
  const words = page.getByTestId('moment-words');
  const count = (text) => page.getByTestId('route-count').filter({ hasText: text }).waitFor();
  await words.filter({ hasText: 'took 1 back' }).waitFor();
  await count('2 destinations.');
  await page.getByTestId('step-back').click();
  await words.filter({ hasText: 'carl told 1 route.' }).waitFor();
  await count('3 destinations.');
  await page.getByTestId('step-back').click();
  await words.filter({ hasText: 'bob told 2 routes.' }).waitFor();
  await count('2 destinations.');
  await page.getByTestId('quiet').uncheck();
  await page.getByTestId('step').click();
  await words.filter({ hasText: 'all still holds' }).waitFor();
  await page.getByTestId('moment').fill('2');
  await count('3 destinations.');
  await page.getByTestId('moment').fill('3');
  await page.getByTestId('speed').selectOption('3');
  await page.getByTestId('play').click();
  await words.filter({ hasText: 'took 1 back' }).waitFor();
  await page.getByTestId('play').filter({ hasText: 'Play' }).waitFor();
  assert.deepEqual(troubles(), []);
  await context.close();
});
