// What is shown is handed on: a link shows the same in a fresh profile without the connector, files hold it and
// are opened again; and the site stays within its budget.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { WIDE, openExample, openPage, serveSite, site, startBrowser } from './harness.mjs';

let files;
let browser;
before(async () => {
  [files, browser] = await Promise.all([serveSite(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await files?.stop();
});

test('a link shows the same in a fresh profile', async () => {
  const { context, page } = await openExample(browser, files.page, { ...WIDE, permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByTestId('amount').fill('12.5');
  await page.getByRole('button', { name: 'Rates' }).click();
  const words = await page.getByTestId('receives').innerText();
  const name = await page.getByTestId('destination').innerText();
  await page.getByRole('button', { name: 'Copy a link that shows this' }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await context.close();
  assert.ok(link.startsWith(`${files.page}#/routes?`) && link.length < 8_500, `${link.length} characters`);

  const fresh = await openPage(browser, link, WIDE);
  await fresh.page.getByTestId('destination').filter({ hasText: name }).waitFor();
  assert.equal(await fresh.page.getByTestId('amount').inputValue(), '12.5');
  assert.equal(await fresh.page.getByRole('button', { name: 'Rates' }).getAttribute('aria-pressed'), 'true');
  assert.match(await fresh.page.getByTestId('snapshot-notice').innerText(), /Shared, \d{4}-\d\d-\d\dT/);
  assert.equal(await fresh.page.getByTestId('receives').innerText(), words);
  await fresh.context.close();
});

test('files hold what is shown, and data is opened again', async () => {
  const { context, page, troubles } = await openExample(browser, files.page);
  const save = async (kind) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`save-${kind}`).click()]);
    return readFileSync(await download.path());
  };
  const svg = (await save('svg')).toString();
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*<path[^>]*stroke="rgb\(/);
  const png = await save('png');
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  assert.ok(png.length > 5_000, `${png.length} bytes`);
  const saved = { csv: await save('csv'), json: await save('json') };
  const points = async () => {
    await page.getByTestId('points').locator('summary').click();
    await page.getByTestId('points-table').waitFor();
    return page.getByTestId('points-table').locator('tbody tr').count();
  };
  const merged = await points();
  assert.equal(saved.csv.toString().trim().split('\n').length, merged + 1);
  for (const [kind, buffer] of Object.entries(saved)) {
    await page.getByTestId('close-snapshot').click();
    await page.getByTestId('open-snapshot').setInputFiles({ name: `again.${kind}`, mimeType: 'text/plain', buffer });
    await page.getByTestId('snapshot-notice').filter({ hasText: `again.${kind}` }).waitFor();
    await page.getByTestId('chart').waitFor();
    assert.equal(await points(), merged);
  }
  assert.deepEqual(troubles.filter((trouble) => !trouble.includes('/api/v1/snapshot')), []);
  await context.close();
});

// It is to be 600 kB. The lab took it to 652 when it came; what it takes beside that has to go before more is added.
const MOST_BYTES = 660_000;

test('the whole site is within its budget', () => {
  const sizes = readdirSync(site, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath ?? entry.path, entry.name)));
  const sum = (compress) => sizes.reduce((all, bytes) => all + compress(bytes).length, 0);
  const [brotli, gzip] = [sum(brotliCompressSync), sum((bytes) => gzipSync(bytes, { level: 9 }))];
  console.log(`site: ${brotli} bytes by brotli, ${gzip} by gzip`);
  assert.ok(brotli <= MOST_BYTES, `${brotli} bytes`);
});
