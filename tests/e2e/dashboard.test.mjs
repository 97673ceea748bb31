// The dashboard of a demo network opens, quietly, and Ctrl-C leaves nothing behind.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openPage, startBrowser, startDemo } from './harness.mjs';

let demo;
let browser;
let stopped = false;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  if (!stopped) await demo?.stop();
});

test('it opens without an error and asks no other host', async () => {
  const { context, page, troubles } = await openPage(browser, demo.dashboard);
  await page.locator('#boot').waitFor({ state: 'detached' });
  await page.locator('main h1').first().waitFor();
  await page.waitForTimeout(1000);
  assert.deepEqual(troubles, []);
  await context.close();
});

test('Ctrl-C ends it well, and its port is free again', async () => {
  const how = await demo.stop();
  stopped = true;
  assert.equal(how, 0);
  await assert.rejects(fetch(demo.dashboard));
});
