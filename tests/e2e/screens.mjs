// Takes a picture of every screen, light, dark and in a narrow window, into the folder named, or
// `target/screens`; and those of `www/guide` and the README, as much as a window shows, into `guide` in it.
// For people to look at; what must hold is in the tests beside it.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openPage, serve, serveSite, startBrowser, startDemo, target } from './harness.mjs';

const folder = resolve(process.argv[2] ?? join(target, 'screens'));
// Only the screens whose name contains this, where something is named.
const wanted = process.argv[3] ?? '';
const WINDOWS = {
  light: { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  narrow: { viewport: { width: 360, height: 740 }, colorScheme: 'light', deviceScaleFactor: 2 },
};

/** The pictures that the guide has, and how high a window they show. */
const GUIDE = {
  'routes-light': 1000, 'routes-below-dark': 1120, 'overview-light': 800, 'graph-light': 560, 'compare-light': 560, 'validate-light': 760,
  'peer-check-light': 1000, 'peer-letter-dark': 800, 'connector-dark': 800, 'directory-light': 760, 'routes-narrow': 740, 'peer-check-narrow': 740,
};

mkdirSync(join(folder, 'guide'), { recursive: true });
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
  // Behind a connector its own key is the first choice.
  const inTab = page.getByTestId('keeper-tab');
  if (await inTab.count()) await inTab.click();
  await page.getByTestId('my-secret').fill(secret);
  await page.getByTestId('load-secret').click();
  await page.getByTestId('secret-held').waitFor();
}

/** The letter that invites to a peering with alder, as its own page writes it. */
async function letter(page) {
  const { context, page: theirs } = await openPage(page.context().browser(), `${demo.dashboard}#/peer`);
  await theirs.getByTestId('server-public-key').waitFor();
  await lookUp(theirs, birch.url);
  for (const [field, text] of Object.entries({ currency: 'EUR', scale: '6', limit: '50' })) await theirs.getByTestId(field).fill(text);
  const link = await theirs.getByTestId('letter-link').innerText();
  await context.close();
  return link;
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
  'lab-empty': [`${files.page}#/lab`, (page) => page.getByTestId('lab-empty').waitFor()],
  lab: [
    `${files.page}#/lab?net=ring&n=8&seed=1&do=300000.break.n0.n1&at=500000`,
    async (page) => {
      await page.getByTestId('lab-standing').filter({ hasText: 'At rest' }).waitFor();
      await page.getByTestId('lab-chosen').selectOption('n0');
      await page.getByTestId('lab-to').selectOption('n2');
      await page.getByTestId('lab-what-if-link').last().click();
      await page.getByTestId('lab-supposed').waitFor();
    },
  ],
  'lab-playing': [
    `${files.page}#/lab?net=internet&n=100&seed=1&at=3000`,
    async (page) => {
      await page.getByTestId('lab-said').filter({ hasText: 'Played to' }).waitFor();
      await page.getByTestId('lab-to').selectOption('n0');
    },
  ],
  connector: [
    `${demo.dashboard}#/connector`,
    async (page) => {
      await page.getByTestId('peer').nth(2).waitFor();
      await page.getByTestId('health').filter({ hasText: 'Healthy' }).waitFor();
    },
  ],
  'connector-change': [
    `${demo.dashboard}#/connector`,
    async (page) => {
      await page.getByTestId('peer').nth(0).getByTestId('edit-limit').click();
      await page.getByTestId('peer').nth(1).getByTestId('remove-peer').click();
      await page.getByTestId('peer').nth(2).getByTestId('edit-limit').click();
      await page.getByTestId('peer').nth(2).getByTestId('save-limit').click();
      await page.getByTestId('sign-in').waitFor();
    },
  ],
  'connector-locked': [
    `${demo.dashboard.replace('127.0.0.1', 'localhost')}#/connector`,
    async (page) => {
      await page.getByTestId('admin-token').fill('not the token');
      await page.getByRole('button', { name: 'Open', exact: true }).click();
      await page.getByTestId('token-refused').waitFor();
    },
  ],
  directory: [`${demo.dashboard}#/directory`, (page) => page.getByTestId('directory-count').filter({ hasText: '7 of 7' }).waitFor()],
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
  'peer-invite': [
    `${demo.dashboard}#/peer`,
    async (page) => {
      await page.getByTestId('server-public-key').waitFor();
      await lookUp(page, birch.url);
      for (const [field, text] of Object.entries({ currency: 'JPY', scale: '6', limit: '50' })) await page.getByTestId(field).fill(text);
      await page.getByTestId('six-facts').waitFor();
      await page.getByTestId('letter-link').waitFor();
    },
  ],
  'peer-check': [
    `${demo.dashboard}#/peer`,
    async (page) => {
      await page.getByTestId('server-public-key').waitFor();
      await lookUp(page, birch.url);
      await page.getByTestId('six-facts').waitFor();
      await page.getByTestId('limit').fill('100');
      await page.getByTestId('check').click();
      await page.getByTestId('wizard-token').fill(demo.tokenOf('alder'));
      await page.getByTestId('wizard-token-use').click();
      await page.getByTestId('check').click();
      await page.locator('[data-check=auth]').waitFor();
    },
  ],
  'peer-manual': [
    `${files.page}#/peer`,
    async (page) => {
      await page.getByTestId('mode-manual').click();
      await page.getByTestId('my-rpc-uri').fill('https://wallet1.example/rpc');
      await page.getByTestId('limit').fill('10');
      await page.getByTestId('letter-link').waitFor();
    },
  ],
  'peer-letter': [
    `${files.page}#/peer`,
    async (page) => {
      await page.getByTestId('invited').click();
      await page.getByTestId('letter').fill(await letter(page));
      await page.getByTestId('letter-read').click();
      await page.getByTestId('letter-notice').waitFor();
      await page.getByTestId('scale').fill('9');
      await page.getByTestId('differences').locator('[data-differs=true]').first().waitFor();
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
    for (const [name, [url, act]] of Object.entries(SCREENS).filter(([name]) => name.includes(wanted))) {
      const { context, page } = await openPage(browser, url, options);
      await act(page);
      const file = join(folder, `${name}-${window}.png`);
      await page.screenshot({ path: file, fullPage: true });
      console.log(file);
      const height = GUIDE[`${name}-${window}`];
      if (height) {
        await page.setViewportSize({ width: options.viewport.width, height });
        await page.evaluate(() => globalThis.scrollTo(0, 0));
        await page.screenshot({ path: join(folder, 'guide', `${name}-${window}.png`) });
      }
      await context.close();
    }
  }
} finally {
  await Promise.all([browser.close(), files.stop(), demo.stop()]);
}
