// How fast the built web app is in Chromium: first paint, a large file from drop to table, searching, scrolling
// and hovering. Prints a table; the targets stand beside.
import { openPage, serveSite, startBrowser } from './harness.mjs';

const ROUTES = 100_000;
const HOPS = 20;
const POINTS = 10;
const ROUNDS = 20;

function base64(points) {
  const bytes = Buffer.alloc(points.length * 16);
  points.forEach(([x, y], at) => {
    bytes.writeUInt32LE(x, at * 16 + 4);
    bytes.writeUInt32LE(y, at * 16 + 12);
  });
  return bytes.toString('base64');
}
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const rows = [];
const row = (what, value, target) => rows.push({ what, 'ms': Math.round(value * 10) / 10, target });

const [files, browser] = await Promise.all([serveSite(), startBrowser()]);
try {
  const paints = [];
  for (let round = 0; round < 5; round += 1) {
    const { context, page } = await openPage(browser, files.page, { viewport: { width: 1280, height: 900 } });
    await page.getByTestId('welcome').waitFor();
    paints.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime));
    await context.close();
  }
  row('first paint, cold', median(paints), '1000');

  const { context, page } = await openPage(browser, files.page, { viewport: { width: 1280, height: 900 } });
  await page.getByTestId('welcome').waitFor();
  const points = base64(Array.from({ length: POINTS }, (_, at) => [at * 1000, at * 990]));
  const route = (at) => ({
    source_ledger: `peer.h${at % HOPS}.usd.9.`, destination_ledger: `g.r${at}.`, points, min_message_window: 1, paths: [[]],
    source_account: `peer.h${at % HOPS}.usd.9.them`,
  });
  const text = JSON.stringify(Array.from({ length: ROUTES }, (_, at) => route(at)));
  await page.evaluate((json) => {
    globalThis.file = new File([json], 'large.json');
  }, text);
  // Every frame from here on is timed in the page itself.
  const timed = (act) =>
    page.evaluate(`(async () => {
      const gaps = [];
      let on = true;
      let before = performance.now();
      const tick = (now) => { gaps.push(now - before); before = now; if (on) requestAnimationFrame(tick); };
      requestAnimationFrame((now) => { before = now; requestAnimationFrame(tick); });
      const began = performance.now();
      await (${act})();
      const took = performance.now() - began;
      on = false;
      return { took, gaps: gaps.slice(1) };
    })()`);
  const until = (test) => `new Promise((done) => { const look = () => (${test}) ? done() : requestAnimationFrame(look); look(); })`;
  const opened = await timed(`async () => {
    const transfer = new DataTransfer();
    transfer.items.add(globalThis.file);
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    await ${until("document.querySelector('[data-testid=route-count]')?.textContent.startsWith('100,000')")};
  }`);
  row(`${ROUTES} routes (${(text.length / 1e6).toFixed(0)} MB) from drop to table`, opened.took, '5000');
  row('longest frame meanwhile', Math.max(...opened.gaps), '50');

  const searched = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const term = `g.r${round * 4999}.alice`;
    const { took } = await timed(`async () => {
      const input = document.querySelector('[data-testid=search]');
      input.value = '${term}';
      input.dispatchEvent(new InputEvent('input', { bubbles: true }));
      await ${until(`document.querySelector('[data-testid=route-count]').textContent.includes('“${term}”')`)};
    }`);
    searched.push(took);
  }
  row('search among them', median(searched), '100');
  await page.getByTestId('search').fill('');
  const frames = async (what, act) => {
    const { gaps } = await timed(act);
    row(`${what}: median frame`, median(gaps), '16.7');
    row(`${what}: longest frame`, Math.max(...gaps), '50');
  };
  await frames('scroll', `async () => {
    const frame = document.querySelector('[data-testid=rows]');
    for (let at = 0; at < 120; at += 1) { frame.scrollTop = at * 997; await new Promise(requestAnimationFrame); }
  }`);
  await frames('hover', `async () => {
    const chart = document.querySelector('.chart-frame');
    const box = chart.getBoundingClientRect();
    for (let at = 0; at < 120; at += 1) {
      chart.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + 80 + at * 4, clientY: box.top + 120, bubbles: true }));
      await new Promise(requestAnimationFrame);
    }
  }`);
  await context.close();

  // One destination, a hundred ways to it of a thousand points each.
  const steps = Array.from({ length: 1000 }, (_, at) => at);
  const many = Array.from({ length: 100 }, (_, way) => ({
    ...route(way), source_ledger: `peer.w${way}.usd.9.`, source_account: `peer.w${way}.usd.9.them`, destination_ledger: 'g.one.',
    points: base64(steps.map((at) => [at * (1000 + way), at * 900 + ((at * (way + 7)) % 800)])),
  }));
  const wide = await openPage(browser, files.page, { viewport: { width: 1280, height: 900 } });
  await wide.page.getByTestId('welcome').waitFor();
  await wide.page.getByTestId('open-snapshot').setInputFiles({ name: 'many.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(many)) });
  await wide.page.getByTestId('chart').waitFor();
  const dragged = await wide.page.evaluate(async () => {
    document.querySelector('[data-testid=what-if]').open = true;
    const slider = document.querySelector('[data-testid=what-if-spread]');
    const gaps = [];
    let before = performance.now();
    for (let at = 1; at <= 60; at += 1) {
      slider.value = String(at);
      slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
      const now = await new Promise(requestAnimationFrame);
      gaps.push(now - before);
      before = now;
    }
    return gaps.slice(2);
  });
  row('100 ways of 1,000 points, what if dragged: median frame', median(dragged), '16.7');
  row('the same, longest frame', Math.max(...dragged), '50');
  await wide.context.close();
} finally {
  await Promise.all([browser.close(), files.stop()]);
}
console.table(rows);
