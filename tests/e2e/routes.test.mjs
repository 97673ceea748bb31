// The room of routes against a demo network: who carries what, exactly, by pointer and by keyboard; and
// the same page as plain files without a connector behind it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { WIDE, openPage, paste, serveSite, startBrowser, startDemo } from './harness.mjs';

const FROM = 'example.alder.';
const TO = 'example.rowan.';

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** The integer in a text such as `1,234 units`. */
const integer = (text) => BigInt(/([\d,]+) (?:base )?units?\b/.exec(text)[1].replaceAll(',', ''));
/** An amount that the page tells, in base units: it stands under the one in the currency, if that is known. */
async function toldUnits(page, testid) {
  const [big, below] = await page.getByTestId(testid).locator('.big, .hint').allInnerTexts();
  return integer(below === 'base units' ? `${big} ${below}` : below);
}
/** What the merged curve gives for a source amount, by the exact rule: straight between points, rounded down. */
function onCurve(points, sent) {
  const at = points.map(([x, y]) => [BigInt(x), BigInt(y)]);
  const after = at.findIndex(([x]) => x >= sent);
  const [[x0, y0], [x1, y1]] = [at[Math.max(after - 1, 0)], at[after]];
  return x1 === x0 ? y1 : y0 + ((sent - x0) * (y1 - y0)) / (x1 - x0);
}
const why = (amount) => demo.get(`routes/why?source=${FROM}&destination=${TO}bob&source_amount=${amount}`);

/** The route from alder to rowan, once all four ways are known. */
async function openRoute(options = WIDE) {
  const opened = await openPage(browser, `${demo.dashboard}#/routes?from=${FROM}&to=${TO}`, options);
  await opened.page.getByTestId('candidate').nth(3).waitFor();
  await opened.page.getByTestId('chart').waitFor();
  return opened;
}

/** That route as the admin API gives it. */
async function route() {
  const { routes } = await demo.get(`routes?source=${FROM}&search=${TO}`);
  return routes.find((found) => found.target_prefix === TO);
}

/** The hues of the sections of the merged curve that can be seen. */
const winners = (page) =>
  page.locator('[data-testid=chart] .merged').evaluateAll((groups) => {
    const drawn = groups.filter((group) => group.getBoundingClientRect().width > 0);
    return [...new Set(drawn.map((group) => [...group.classList].find((name) => name.startsWith('hue-'))))];
  });

describe('with a connector behind the page', () => {
  test('the printed dashboard shows a merged curve with several winners, and why', async () => {
    const { context, page, troubles } = await openPage(browser, demo.dashboard, WIDE);
    await page.getByTestId('chart').waitFor();
    await assert.doesNotReject(page.getByTestId('status').filter({ hasText: 'Live: Alder' }).waitFor());
    assert.ok((await winners(page)).length >= 2, `winners: ${await winners(page)}`);
    const band = await page.getByTestId('chart-band').locator('text').allTextContents();
    assert.ok(new Set(band).size >= 2, `names over the chart: ${band}`);
    const sentence = await page.getByTestId('why').innerText();
    assert.match(sentence, /^Via 127\.0\.0\.1:\d+ up to .+: .+\. .+\.$/);
    assert.equal(await page.title(), 'Interledger connector');
    assert.deepEqual(troubles, []);
    await context.close();
  });

  test('under the pointer stand the integers and the winner that the connector itself gives', async () => {
    const { context, page, troubles } = await openRoute();
    const frame = await page.locator('.chart-frame').boundingBox();
    const { merged, candidates } = await route();
    const seen = new Set();
    for (const part of [0.15, 0.3, 0.45, 0.6, 0.75, 0.88]) {
      await page.mouse.move(frame.x + frame.width * part, frame.y + frame.height / 2);
      await page.locator('.cross-hair.looked').waitFor({ state: 'attached' });
      const sent = await toldUnits(page, 'sends');
      const told = await why(sent);
      assert.equal(await toldUnits(page, 'receives'), onCurve(merged.points, sent), `for ${sent}`);
      // The winner's own curve, not rounded a second time, gives a few units more, and the page says so.
      const { points } = candidates.find((candidate) => candidate.next_hop === told.winner);
      const gap = onCurve(points, sent) - onCurve(merged.points, sent);
      const [, note] = await page.getByTestId('receives').locator('.hint').allInnerTexts();
      assert.equal(note, gap === 0n ? undefined : `the merged curve is ${gap} ${gap === 1n ? 'unit' : 'units'} lower`);
      const more = BigInt(told.destination_amount) - onCurve(points, sent);
      assert.ok(more >= 0n && more < 5n, `the connector delivers ${more} units more than was told for ${sent}`);
      const winner = page.getByTestId('candidate').filter({ hasText: 'carries it' });
      assert.equal(await winner.getAttribute('data-next-hop'), told.winner, `for ${sent}`);
      seen.add(told.winner);
    }
    assert.ok(seen.size >= 2, 'the pointer crossed several winners');
    await page.mouse.move(1, 1);
    await page.locator('.cross-hair.looked').waitFor({ state: 'detached' });
    assert.deepEqual(troubles, []);
    await context.close();
  });

  test('either amount can be given, and what is sent delivers what was asked for', async () => {
    const { context, page } = await openRoute();
    await page.getByTestId('amount').fill('100');
    assert.equal(await toldUnits(page, 'sends'), 100_000_000_000n);
    const { merged } = await route();
    assert.equal(await toldUnits(page, 'receives'), onCurve(merged.points, 100_000_000_000n));

    // What rowan counts in is told by hand; then its amounts stand in both units.
    await page.getByTestId('unit-code').fill('EUR');
    await page.getByTestId('unit-form').getByRole('button').click();
    await page.getByTestId('receives').filter({ hasText: 'EUR' }).waitFor();
    await page.getByRole('button', { name: 'They receive' }).click();
    await page.getByTestId('amount').fill('50');
    const sent = await toldUnits(page, 'sends');
    assert.ok((await toldUnits(page, 'receives')) >= 50_000_000_000n);
    assert.ok(BigInt((await why(sent)).destination_amount) >= 50_000_000_000n);
    const less = BigInt((await why(sent - 10n)).destination_amount);
    assert.ok(less < 50_000_000_000n, 'no more is sent than it takes');

    await page.getByTestId('amount').fill('1.0000000001');
    assert.notEqual(await page.locator('#amount-fault').innerText(), '');
    assert.equal(await page.getByTestId('amount').inputValue(), '1.0000000001');
    await page.getByTestId('amount').fill('999999999');
    assert.match(await page.locator('#amount-fault').innerText(), /^Nobody delivers that much\. At most /);
    await context.close();
  });

  test('the chart is walked by keyboard alone, and says where one is', async () => {
    const { context, page, troubles } = await openRoute();
    const onChart = () => page.evaluate(() => document.activeElement?.classList.contains('chart-frame'));
    for (let stops = 0; !(await onChart()); stops += 1) {
      assert.ok(stops < 60, 'Tab reaches the chart');
      await page.keyboard.press('Tab');
    }
    const announcement = page.getByTestId('chart-announcement');
    assert.equal(await announcement.getAttribute('aria-live'), 'polite');
    /** Presses a key and reads what is said then. */
    const press = async (key) => {
      const before = await announcement.textContent();
      await page.keyboard.press(key);
      await page.waitForFunction(
        (text) => document.querySelector('[data-testid=chart-announcement]').textContent !== text,
        before,
      );
      return announcement.textContent();
    };
    const place = (text) => {
      const read = /^(.+?), (?:point (\d+) of (\d+)|between points): send ([\d,]+) units?.*, they receive ([\d,]+) /;
      const [, curve, index, count, sent, received] = read.exec(text);
      const number = (digits) => digits.replaceAll(',', '');
      return { curve, index: Number(index), count: Number(count), point: [number(sent), number(received)] };
    };

    const { merged } = await route();
    const last = merged.points.length - 1;
    const first = place(await press('Home'));
    assert.deepEqual(first, { curve: 'Merged curve', index: 1, count: last + 1, point: merged.points[0] });
    for (let step = 1; step <= last; step += 1) {
      assert.deepEqual(place(await press('ArrowRight')).point, merged.points[step]);
    }
    assert.deepEqual(place(await press('Home')).point, merged.points[0]);
    assert.deepEqual(place(await press('End')).point, merged.points[last]);
    assert.deepEqual(place(await press('ArrowLeft')).point, merged.points[last - 1]);

    const below = place(await press('ArrowDown'));
    assert.match(below.curve, /^127\.0\.0\.1:\d+$/);
    assert.equal(below.point[0], merged.points[last - 1][0], 'another curve, the same amount');
    assert.notEqual(place(await press('ArrowDown')).curve, below.curve);
    assert.equal(place(await press('ArrowUp')).curve, below.curve);
    assert.equal(place(await press('ArrowUp')).curve, 'Merged curve');

    assert.match(await press('Enter'), /^Chosen\. Merged curve/);
    assert.equal(await toldUnits(page, 'sends'), BigInt(merged.points[last - 1][0]));
    await page.keyboard.press('Escape');
    assert.equal(await onChart(), false, 'Escape leaves the chart');
    assert.equal(await toldUnits(page, 'sends'), BigInt(merged.points[last - 1][0]), 'what was chosen stays');
    assert.deepEqual(troubles, []);
    await context.close();
  });

  test('a prefix is searched for, and an address finds its longest match', async () => {
    const { context, page } = await openRoute();
    const rows = page.getByTestId('route-row');
    const all = await rows.count();
    assert.ok(all >= 6, `${all} rows`);
    await page.getByTestId('search').fill('example.c');
    await page.getByTestId('route-count').filter({ hasText: '1 destination for “example.c”.' }).waitFor();
    assert.deepEqual(await rows.locator('a').allInnerTexts(), ['example.cedar.']);
    await page.getByTestId('search').fill('example.rowan.bob');
    await rows.filter({ hasText: 'longest match' }).waitFor();
    assert.equal(await rows.first().locator('a').innerText(), TO);
    await page.getByTestId('search').fill('example.nobody');
    await page.getByTestId('route-count').filter({ hasText: 'No route leads to “example.nobody”' }).waitFor();
    assert.equal(await rows.count(), 0);
    await page.getByTestId('search').fill('');
    await rows.nth(all - 1).waitFor();
    await context.close();
  });

  test('the chart is zoomed by brush and by keys, shows basis points, and answers what if', async () => {
    const { context, page, troubles } = await openRoute();
    const frame = page.locator('.chart-frame');
    const box = await frame.boundingBox();
    const ticks = () => page.locator('.chart .tick').allTextContents();
    const all = await ticks();
    await page.mouse.move(box.x + box.width * 0.3, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 100, { steps: 4 });
    await page.mouse.up();
    await page.getByTestId('zoom-reset').waitFor();
    assert.notDeepEqual(await ticks(), all);
    await page.getByTestId('zoom-reset').click();
    assert.deepEqual(await ticks(), all);
    await frame.focus();
    await page.keyboard.press('+');
    await page.getByTestId('chart-announcement').filter({ hasText: /^Shown: from / }).waitFor({ state: 'attached' });
    await page.keyboard.press('0');
    await page.getByRole('button', { name: 'Below best' }).click();
    await page.getByText('Basis points below the best').waitFor();
    await page.getByRole('button', { name: 'Amounts' }).click();

    const before = await toldUnits(page, 'receives');
    await page.getByTestId('what-if').locator('summary').click();
    await page.getByTestId('what-if-spread').fill('100');
    await page.getByText('What if: this is not what is told').waitFor();
    const less = await toldUnits(page, 'receives');
    assert.ok(less < before && less > (before * 98n) / 100n, `${less} of ${before}`);
    await page.getByTestId('as-told').click();
    const via = await page.getByTestId('carrier').innerText();
    await page.getByTestId('what-if-hop').first().uncheck();
    await page.waitForFunction((text) => document.querySelector('[data-testid=carrier]').innerText !== text, via);
    await page.getByTestId('as-told').click();
    await page.getByTestId('carrier').filter({ hasText: via.split('\n')[1] }).waitFor();
    // One next hop alone gives less: another carries it, or less arrives.
    await page.getByTestId('what-if-less').first().fill('300');
    await page.getByText('What if: this is not what is told').waitFor();
    const dearer = await toldUnits(page, 'receives');
    assert.ok(dearer < before && dearer >= (before * 97n) / 100n - 1n, `${dearer} of ${before}`);
    assert.deepEqual(troubles, []);
    await context.close();
  });

  test('a live view stands still while one points at it, and goes on then', async () => {
    const { context, page, troubles } = await openRoute();
    const status = page.getByTestId('status');
    const box = await page.locator('.chart-frame').boundingBox();
    for (let tries = 0; !(await status.innerText()).endsWith('still while you look'); tries += 1) {
      assert.ok(tries < 300, 'what is heard waits');
      await page.mouse.move(box.x + 100 + (tries % 50), box.y + 120);
      await page.waitForTimeout(100);
    }
    await page.mouse.move(1, 1);
    await status.filter({ hasText: /^Live: Alder$/ }).waitFor();
    // A text that is selected stays as it is too.
    await page.getByTestId('destination').selectText();
    await status.filter({ hasText: 'still while you look' }).waitFor();
    await page.evaluate(() => getSelection().removeAllRanges());
    await status.filter({ hasText: /^Live: Alder$/ }).waitFor();
    assert.deepEqual(troubles, []);
    await context.close();
  });

  test('the merged curve stands there as a table too', async () => {
    const { context, page } = await openRoute();
    await page.getByText('The merged curve as a table').click();
    await page.getByTestId('points-table').waitFor();
    const cells = await page
      .getByTestId('points-table')
      .locator('tbody tr')
      .evaluateAll((rows) => rows.map((row) => [row.cells[0], row.cells[2]].map((cell) => cell.textContent)));
    const points = cells.map((row) => row.map((text) => text.replaceAll(',', '')));
    assert.deepEqual(points, (await route()).merged.points);
    await context.close();
  });

  test('a narrow window opens a destination and comes back, without a scroll bar across', async () => {
    const { context, page, troubles } = await openPage(browser, demo.dashboard, { viewport: { width: 360, height: 740 } });
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
    await page.getByTestId('route-row').first().waitFor();
    assert.ok(await fits(), 'the table fits');
    await page.getByTestId('route-row').getByText(TO, { exact: true }).click();
    await page.getByTestId('chart').waitFor();
    assert.ok(await fits(), 'the destination fits');
    assert.ok((await winners(page)).length >= 2);
    await page.getByText('← All routes').click();
    await page.getByTestId('route-row').first().waitFor({ state: 'visible' });
    assert.deepEqual(troubles, []);
    await context.close();
  });
});

test('when the connector stops, the page says so and keeps what it has', async () => {
  const mortal = await startDemo();
  const { context, page } = await openPage(browser, `${mortal.dashboard}#/routes?from=${FROM}&to=${TO}`, WIDE);
  try {
    await page.getByTestId('candidate').nth(3).waitFor();
    await page.getByTestId('amount').fill('123');
    await page.getByTestId('search').fill('example.');
    const rows = await page.getByTestId('route-row').count();
    assert.equal(await mortal.stop(), 0);
    const fault = page.getByTestId('feed-fault');
    await fault.waitFor();
    const text = 'The connector does not answer. Check that it runs; the page keeps asking. What you see is what it told last.';
    assert.equal(await fault.innerText(), text);
    await page.getByTestId('stale').filter({ hasText: /^Last heard \d+ s ago\. What you see may no longer hold/ }).waitFor();
    await page.getByTestId('status').filter({ hasText: /^Alder: last heard \d+ s ago$/ }).waitFor();
    assert.equal(await page.getByTestId('amount').inputValue(), '123');
    assert.equal(await page.getByTestId('search').inputValue(), 'example.');
    assert.equal(await page.getByTestId('route-row').count(), rows);
    assert.equal(await page.getByTestId('chart').count(), 1);
  } finally {
    await mortal.stop();
    await context.close();
  }
});

describe('as plain files in a sub-folder, whose server does not know wasm', () => {
  let files;
  before(async () => {
    files = await serveSite();
  });
  after(() => files?.stop());

  /** Opens the page and waits until it knows that nobody is behind it. */
  async function openFiles() {
    const opened = await openPage(browser, files.page, WIDE);
    await opened.page.getByTestId('welcome').waitFor();
    // The browser itself notes the one question whether a connector is there.
    const own = opened.troubles.filter((trouble) => !trouble.includes('/deep/folder/api/v1/snapshot'));
    assert.deepEqual(own, []);
    return opened;
  }

  test('the example network is one click away', async () => {
    const { context, page } = await openFiles();
    assert.equal(await page.getByTestId('status').innerText(), 'No connector here');
    await page.getByTestId('load-demo').click();
    await page.getByTestId('chart').waitFor();
    assert.ok((await winners(page)).length >= 2);
    assert.match(await page.getByTestId('why').innerText(), /^Via .+ up to /);
    assert.equal(await page.getByTestId('status').innerText(), 'Opened: Demo network');
    await page.getByTestId('close-snapshot').click();
    await page.getByTestId('welcome').waitFor();
    await context.close();
  });

  test('a pasted snapshot is shown, and a bad one is refused with its text kept', async () => {
    const { context, page, troubles } = await openFiles();
    const asked = troubles.length;
    await paste(page, '{"version": 1, "tim');
    const refused = await page.getByTestId('snapshot-refused').innerText();
    assert.match(refused, /^This JSON has the member|^This cannot be read|^This is/);
    assert.equal(await page.getByTestId('snapshot-text').inputValue(), '{"version": 1, "tim');

    const snapshot = await demo.get('snapshot');
    await paste(page, JSON.stringify(snapshot, null, 2));
    await page.getByTestId('snapshot-notice').waitFor();
    const rows = snapshot.routes.filter((found) => found.source_ledger === FROM).length;
    await page.getByTestId('source').selectOption(FROM);
    await page.getByTestId('route-count').filter({ hasText: `${rows} destinations` }).waitFor();
    assert.equal(await page.getByTestId('route-row').count(), rows);
    assert.equal(troubles.length, asked, 'nothing was asked of anybody');
    await context.close();
  });
});
