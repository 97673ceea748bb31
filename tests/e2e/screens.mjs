// Takes a picture of every screen, light, dark and in a narrow window, into the folder named, or
// `target/screens`. For people to look at; what must hold is in the tests beside it.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openPage, serve, serveSite, startBrowser, startDemo, target } from './harness.mjs';

const folder = resolve(process.argv[2] ?? join(target, 'screens'));
const WINDOWS = {
  light: { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  narrow: { viewport: { width: 360, height: 740 }, colorScheme: 'light', deviceScaleFactor: 2 },
};

mkdirSync(folder, { recursive: true });
const [demo, files, browser] = await Promise.all([startDemo(), serveSite(), startBrowser()]);
const { birch, cedar } = demo.connectors;
const gone = await serve(() => {});
await gone.stop();
const route = '#/routes?from=example.alder.&to=example.rowan.';

async function lookUp(page, host) {
  await page.getByTestId('their-host').fill(host);
  await page.getByTestId('their-host-look-up').click();
}
async function load(page, secret) {
  await page.getByTestId('my-secret').fill(secret);
  await page.getByTestId('load-secret').click();
  await page.getByTestId('secret-held').waitFor();
}

/** Each screen: where it begins, and what is done there until it is to be seen. */
const SCREENS = {
  'routes-table': [demo.dashboard, (page) => page.getByTestId('route-row').nth(5).waitFor()],
  routes: [demo.dashboard + route, (page) => page.getByTestId('candidate').nth(3).waitFor()],
  'routes-rates': [
    demo.dashboard + route,
    async (page) => {
      await page.getByTestId('candidate').nth(3).waitFor();
      await page.getByRole('button', { name: 'Rates' }).click();
      await page.locator('.chart-frame').hover();
    },
  ],
  'routes-search': [
    demo.dashboard,
    async (page) => {
      await page.getByTestId('search').fill('example.nobody');
      await page.getByTestId('route-count').filter({ hasText: 'No route' }).waitFor();
    },
  ],
  'routes-below': [
    demo.dashboard + route,
    async (page) => {
      await page.getByTestId('candidate').nth(3).waitFor();
      await page.getByRole('button', { name: 'Below best' }).click();
      await page.getByTestId('what-if').locator('summary').click();
    },
  ],
  overview: [`${demo.dashboard}#/overview`, (page) => page.getByTestId('figures').waitFor()],
  graph: [`${demo.dashboard}#/graph?from=example.alder.`, (page) => page.getByTestId('graph-node').nth(3).waitFor()],
  compare: [
    `${demo.dashboard}#/compare`,
    async (page) => {
      await page.getByTestId('lay-aside').click();
      await page.getByTestId('differences').waitFor();
    },
  ],
  validate: [
    `${demo.dashboard}#/validate`,
    async (page) => {
      await page.getByTestId('validate-text').fill('{"new_routes": [], "hold_down_time": "45000", "unreachable_through_me": []}');
      await page.getByTestId('validate').click();
      await page.getByTestId('cited').waitFor();
    },
  ],
  connector: [`${demo.dashboard}#/connector`, (page) => page.getByTestId('peer').nth(2).waitFor()],
  'peer-empty': [`${demo.dashboard}#/peer`, (page) => page.getByTestId('facts-missing').waitFor()],
  'peer-facts': [
    `${demo.dashboard}#/peer`,
    async (page) => {
      await lookUp(page, birch.url);
      await load(page, demo.secret('alder'));
      await page.getByTestId('limit').fill('100');
      await page.getByTestId('verdict').waitFor();
    },
  ],
  'peer-differs': [
    `${demo.dashboard}#/peer`,
    async (page) => {
      await lookUp(page, cedar.url);
      await load(page, demo.secret('alder'));
      await page.getByTestId('scale').fill('6');
      await page.locator('.mark-bad').first().waitFor();
    },
  ],
  'peer-wrong': [
    `${files.page}#/peer`,
    async (page) => {
      await page.getByTestId('generate-secret').click();
      await page.getByTestId('currency').fill('US$');
      await page.getByTestId('limit').fill('1.2345678901');
      await lookUp(page, gone.url);
      await page.locator('[data-code=WF_UNREACHABLE]').waitFor();
      await page.getByTestId('paste-theirs-open').click();
    },
  ],
  'files-welcome': [files.page, (page) => page.getByTestId('welcome').waitFor()],
  'files-refused': [
    files.page,
    async (page) => {
      await page.getByTestId('paste-snapshot').click();
      await page.getByTestId('snapshot-text').fill('not a snapshot');
      await page.getByTestId('use-snapshot').click();
      await page.getByTestId('snapshot-refused').waitFor();
    },
  ],
  'files-example': [files.page, (page) => page.getByTestId('load-demo').click()],
};

try {
  for (const [window, options] of Object.entries(WINDOWS)) {
    for (const [name, [url, act]] of Object.entries(SCREENS)) {
      const { context, page } = await openPage(browser, url, options);
      await act(page);
      const file = join(folder, `${name}-${window}.png`);
      await page.screenshot({ path: file, fullPage: true });
      console.log(file);
      await context.close();
    }
  }
} finally {
  await Promise.all([browser.close(), files.stop(), demo.stop()]);
}
