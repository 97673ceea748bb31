// Without a mouse, on a narrow window, in light and dark: a route is inspected by keyboard alone and what is said
// of it is read; axe-core finds nothing in the states that a page passes through.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NARROW, WIDE, nothingForAxe, openExample, openPage, paste, serveSite, startBrowser } from './harness.mjs';

let files;
let browser;
before(async () => {
  [files, browser] = await Promise.all([serveSite(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await files?.stop();
});

test('a route is inspected from the first page to the file by keyboard alone', async () => {
  const { context, page, troubles } = await openPage(browser, files.page, { ...WIDE, reducedMotion: 'reduce' });
  await page.getByTestId('welcome').waitFor();
  const { keyboard } = page;
  /** Goes on by Tab until `selector` has the focus, and shows that one sees where. */
  const tabTo = async (selector) => {
    const here = () => page.evaluate((wanted) => document.activeElement?.matches(wanted), selector);
    for (let stops = 0; !(await here()); stops += 1) {
      assert.ok(stops < 90, `Tab reaches ${selector}`);
      await keyboard.press('Tab');
    }
    const outline = await page.evaluate(() => {
      const seen = document.activeElement.closest('label') ?? document.activeElement;
      return [document.activeElement, seen].map((element) => getComputedStyle(element).outlineStyle);
    });
    assert.ok(outline.some((style) => style !== 'none'), `the focus is seen on ${selector}`);
  };
  const testid = (name) => `[data-testid="${name}"]`;

  await keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the page');
  await tabTo(testid('load-demo'));
  await keyboard.press('Enter');
  await page.getByTestId('chart').waitFor();

  await tabTo(testid('search'));
  await keyboard.type('example.rowan.bob');
  await page.getByTestId('route-count').filter({ hasText: '“example.rowan.bob”' }).waitFor();
  await page.getByTestId('route-row').filter({ hasText: 'longest match' }).waitFor();
  await tabTo('[data-testid=route-row] a');
  await keyboard.press('Enter');
  await page.getByTestId('destination').filter({ hasText: 'example.rowan.' }).waitFor();

  await tabTo(testid('amount'));
  await keyboard.press('Control+A');
  await keyboard.type('12.5');
  await page.getByTestId('sends').filter({ hasText: '12.5 USD' }).waitFor();

  await tabTo('.chart-frame');
  const announcement = page.getByTestId('chart-announcement');
  const hear = async (key, words) => {
    await keyboard.press(key);
    await announcement.filter({ hasText: words }).waitFor();
  };
  const name = await page.evaluate(() => document.activeElement.getAttribute('aria-label'));
  assert.match(name, /^Liquidity curves to example\.rowan\.: \d+ curves.*\. Via /);
  await hear('Home', /^Merged curve, point 1 of \d+: send [\d,]+ units? \(.+ USD\), they receive /);
  await hear('ArrowRight', /^Merged curve, point 2 of \d+: .* carries it\.$/);
  await hear('ArrowDown', /^(?!Merged curve).+, (point \d+ of \d+|between points): send /);
  await hear('ArrowUp', /^Merged curve, point 2 of/);
  await hear('PageUp', /^Merged curve, between points: send /);
  await hear('End', /^Merged curve, point (\d+) of \1: /);
  await hear('+', /^Shown: from .+ units \(.+ USD\) to .+\.$/);
  await hear('0', /^All amounts are shown\.$/);
  await hear('Enter', /^Chosen\. Merged curve, /);
  const typed = await page.getByTestId('amount').inputValue();
  assert.notEqual(typed, '12.5', 'what was chosen stands in the field');
  await keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.matches('.chart-frame')), false);

  await tabTo('[data-testid=what-if] summary');
  await keyboard.press('Enter');
  await tabTo(testid('what-if-spread'));
  await keyboard.press('PageUp');
  await page.getByText('What if: this is not what is told').waitFor();
  await tabTo(testid('what-if-hop'));
  await keyboard.press('Space');
  await tabTo(testid('as-told'));
  await keyboard.press('Enter');
  await page.getByText('What if…').waitFor();

  await tabTo('[data-testid=points] summary');
  await keyboard.press('Enter');
  await page.getByTestId('points-table').waitFor();
  await tabTo(testid('save-csv'));
  const [download] = await Promise.all([page.waitForEvent('download'), keyboard.press('Enter')]);
  assert.match(download.suggestedFilename(), /^example\.rowan\.csv$/);
  assert.deepEqual(troubles.filter((trouble) => !trouble.includes('/api/v1/snapshot')), []);
  await context.close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe-core finds nothing on a narrow window and in passing states, ${colorScheme}`, async () => {
    const options = { ...NARROW, colorScheme };
    const empty = await openPage(browser, files.page, options);
    await empty.page.getByTestId('welcome').waitFor();
    await nothingForAxe(empty.page, 'nothing opened');
    await paste(empty.page, '{"version": 1, "tim');
    await empty.page.getByTestId('snapshot-refused').waitFor();
    await nothingForAxe(empty.page, 'a text that is none');
    const told = { new_routes: [], hold_down_time: 45000, unreachable_through_me: [] };
    await paste(empty.page, JSON.stringify(told));
    await empty.page.getByTestId('no-routes').waitFor();
    await nothingForAxe(empty.page, 'no routes');
    await empty.context.close();

    const { context, page } = await openExample(browser, files.page, options);
    await nothingForAxe(page, 'the table');
    await page.getByTestId('route-row').first().locator('a').click();
    await page.getByTestId('chart').waitFor();
    await page.getByTestId('what-if').locator('summary').click();
    await page.getByTestId('what-if-spread').fill('50');
    await page.getByTestId('points').locator('summary').click();
    await page.getByTestId('points-table').waitFor();
    await page.getByTestId('amount').fill('a lot');
    await page.locator('#amount-fault').filter({ hasText: /\S/ }).waitFor();
    await nothingForAxe(page, 'a route, what if, a wrong amount');
    for (const room of ['overview', 'graph', 'compare', 'validate', 'lab']) {
      await page.evaluate((hash) => {
        window.location.hash = hash;
      }, `#/${room}`);
      await page.locator(`nav a[href="#/${room}"][aria-current=page]`).waitFor();
      await page.locator('main h1').first().waitFor({ state: 'attached' });
      await nothingForAxe(page, `${room} at 360 px`);
    }
    await context.close();
  });
}
