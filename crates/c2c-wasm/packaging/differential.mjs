// The drop-in and ilp-routing 10.1.0 beside each other: the same random operations, the same answers.
//
//   node differential.mjs [OPERATIONS] [SEED]
//
// Every difference must be one that MIGRATION.md documents, by the name of its rule.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

const EXACT = 2n ** 53n;

/** The documented rules: which differences each explains. */
const RULES = {
  // MIGRATION.md, "Above 2^53": numbers lose digits there, or BigNumber refuses them.
  'above-2^53': ({ kind, points }) =>
    ['simplify', 'getPoints', 'route.simplify', 'tables.toJSON'].includes(kind) &&
    points().some((value) => value >= EXACT),
  // MIGRATION.md, "Crossings": the original rounds a crossing to 19 decimals before it rounds it up or down.
  'crossing-19-decimals': ({ kind, points, ours, theirs }) =>
    ['combine', 'route.combine', 'tables.toJSON'].includes(kind) &&
    points().some((value) => value >= 2n ** 31n) &&
    isNear(ours, theirs),
};

/** A generator of the same numbers for the same seed. */
function dice(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (z ^ (z >>> 14)) >>> 0;
  };
  const below = (n) => next() % n;
  const wide = (bits) => ((BigInt(next()) << 32n) | BigInt(next())) >> BigInt(64 - bits);
  return { next, below, wide, pick: (list) => list[below(list.length)], maybe: (n) => below(n) === 0 };
}

/** What a call answered, or how it failed. */
function outcome(work) {
  try {
    return { value: work() };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

/** An answer as text, the same for both sides. */
function shown(value) {
  if (value === undefined || value === null || typeof value !== 'object') return String(value);
  if (value.isBigNumber) return `BigNumber ${value.toString()} ${value.s} ${value.e} ${value.c}`;
  if (Array.isArray(value)) return `[${value.map(shown).join(' ')}]`;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value.toBuffer === 'function') {
    return `curve ${shown(value.data)} ${shown(value.points.map(([x, y]) => `${x},${y}`))}`;
  }
  if (value instanceof Map) return `map ${[...value].map(([key, entry]) => `${key}=${shown(entry)}`).join(' ')}`;
  return `{${Object.keys(value).map((key) => `${key}:${shown(value[key])}`).join(' ')}}`;
}

/** Whether two lists of points differ by at most a unit at each. */
function isNear(ours, theirs) {
  const hex = (text) => [...text.matchAll(/[0-9a-f]{32,}/g)].map(([found]) => found);
  const [a, b] = [hex(ours), hex(theirs)];
  if (a.length !== b.length) return false;
  return a.every((one, i) => {
    const [p, q] = [numbers(one), numbers(b[i])];
    return p.length === q.length && p.every((value, at) => abs(value - q[at]) <= 1n);
  });
}

const abs = (value) => (value < 0n ? -value : value);

function numbers(hex) {
  const bytes = Buffer.from(hex, 'hex');
  return Array.from({ length: bytes.length >> 3 }, (_, i) => {
    return (BigInt(bytes.readUInt32LE(8 * i)) << 32n) | BigInt(bytes.readUInt32LE(8 * i + 4));
  });
}

/** Random points: rising, in one of several sizes; now and then none, or wrong. */
function randomPoints(roll) {
  const bits = roll.pick([4, 8, 20, 31, 40, 52, 60]);
  const count = roll.maybe(60) ? 0 : roll.maybe(12) ? 20 + roll.below(40) : 1 + roll.below(12);
  let x = roll.maybe(2) ? 0n : roll.wide(bits);
  let y = roll.maybe(2) ? 0n : roll.wide(bits);
  const points = [];
  while (points.length < count && x < 2n ** 64n && y < 2n ** 64n) {
    points.push([x, y]);
    x += 1n + (roll.maybe(4) ? 0n : roll.wide(bits));
    y += roll.maybe(4) ? 0n : roll.wide(bits);
  }
  if (roll.maybe(80) && points.length > 1) points.reverse();
  return points;
}

/** The points in one of the forms that the constructor takes. */
function inForm(roll, points, BigNumber) {
  const narrow = points.flat().every((value) => value < EXACT);
  const bytes = Buffer.alloc(points.length * 16);
  points.flat().forEach((value, i) => {
    bytes.writeUInt32LE(Number(value >> 32n), 8 * i);
    bytes.writeUInt32LE(Number(value & 0xffffffffn), 8 * i + 4);
  });
  return roll.pick([
    () => (narrow ? points.map((pair) => pair.map(Number)) : points.map((pair) => pair.map(String))),
    () => points.map((pair) => pair.map(String)),
    () => points.map((pair) => pair.map((value) => new BigNumber(String(value)))),
    () => bytes,
    () => bytes.toString('base64'),
  ])();
}

/** An amount in one of the forms that are taken, and a few that are not. */
function randomAmount(roll, BigNumber) {
  const amount = roll.wide(roll.pick([3, 8, 20, 31, 40, 53, 62, 64]));
  return roll.pick([
    () => (amount < EXACT ? Number(amount) : String(amount)),
    () => String(amount),
    () => new BigNumber(String(amount)),
    () => amount,
    () => (roll.maybe(6) ? -1 - roll.below(5) : Number(amount % EXACT) / 8),
    () => (roll.maybe(6) ? '-3' : `${amount}.${roll.below(100)}`),
    () => (roll.maybe(6) ? new BigNumber(-7) : new BigNumber(`${amount}.5`)),
    () => (roll.maybe(10) ? roll.pick([Infinity, NaN, '', 'x', '1e30', undefined, null]) : '0'),
  ])();
}

/** Runs so many operations and answers how many there were of each kind, and how they differed. */
export function compare(operations, seed, ours, theirs, BigNumber) {
  const roll = dice(seed);
  const report = { operations: 0, kinds: {}, explained: {}, unexplained: [] };
  const note = (kind, points, work) => {
    const [a, b] = [outcome(() => work(ours)), outcome(() => work(theirs))].map((found) => ({
      ...found,
      text: found.error ?? shown(found.value),
    }));
    report.operations += 1;
    report.kinds[kind] = (report.kinds[kind] ?? 0) + 1;
    // What JavaScript itself says of a wrong type names what it stumbled over.
    const isSame = a.text === b.text || (a.error?.startsWith('TypeError') && b.error?.startsWith('TypeError'));
    if (isSame) return [a.value, b.value];
    const found = { kind, points, ours: a.text, theirs: b.text };
    const rule = Object.keys(RULES).find((name) => RULES[name](found));
    if (rule === undefined) report.unexplained.push({ kind, ours: a.text, theirs: b.text, points: points().join(' ') });
    else report.explained[rule] = (report.explained[rule] ?? 0) + 1;
    return [a.value, b.value];
  };
  while (report.operations < operations) {
    if (roll.maybe(3)) tables(roll, note, BigNumber);
    else curves(roll, note, BigNumber);
  }
  return report;
}

function curves(roll, note, BigNumber) {
  const lists = [randomPoints(roll), randomPoints(roll)];
  const all = () => lists.flat(2);
  const forms = lists.map((points) => inForm(roll, points, BigNumber));
  const pairs = forms.map((form) => note('new', all, ({ LiquidityCurve }) => new LiquidityCurve(form)));
  if (pairs.flat().some((curve) => curve === undefined)) return;
  const on = (kind, work) => {
    let turn = 0;
    return note(kind, all, () => {
      const at = turn++;
      return work(pairs[0][at], pairs[1][at]);
    });
  };
  const amounts = Array.from({ length: 3 }, () => randomAmount(roll, BigNumber));
  for (const amount of amounts) {
    on('amountAt', (a) => a.amountAt(amount));
    on('amountReverse', (a) => a.amountReverse(amount));
  }
  on('combine', (a, b) => a.combine(b));
  on('join', (a, b) => a.join(b));
  const most = roll.pick([1, 2, 3, 4, 5, 10, 10, 50, 3.5]);
  on('simplify', (a) => a.simplify(most));
  on('getPoints', (a) => a.getPoints());
  const by = roll.pick([0, 1, -1, 5, -7, '12', 0.5, -100, Number(roll.wide(30)), -Number(roll.wide(30))]);
  on('shiftX', (a) => a.shiftX(by));
  on('shiftY', (a) => a.shiftY(by));
  if (roll.maybe(4) && lists[0].length > 0) {
    // Points are open to be changed.
    const more = new BigNumber(roll.below(9));
    on('points', (a) => {
      a.points[a.points.length - 1][1] = a.points[a.points.length - 1][1].add(more);
      return [a.amountAt('5'), a.amountReverse('5'), a.combine(b2(a)), a.data];
    });
  }
  const paths = () => Array.from({ length: 1 + roll.below(2) }, () => randomPath(roll));
  const infos = [0, 1].map(() => ({
    sourceLedger: roll.pick(['a.', 'b.']),
    nextLedger: roll.pick(['b.', 'c.']),
    destinationLedger: roll.maybe(2) ? roll.pick(['c.', 'd.']) : undefined,
    minMessageWindow: roll.below(4),
    addedDuringEpoch: roll.below(4),
  }));
  const ways = [paths(), paths()];
  const given = forms.map((form) => (roll.maybe(9) ? undefined : form));
  const routes = [0, 1].map((i) => note('new Route', all, ({ Route }) => new Route(given[i], infos[i], ways[i])));
  const both = (kind, work) => {
    let turn = 0;
    note(kind, all, () => work(routes[0][turn], routes[1][turn++]));
  };
  both('route.combine', (a, b) => a.combine(b));
  both('route.join', (a, b) => a.join(b, 45000, 3));
  both('route.simplify', (a) => a.simplify(5));
  both('route.toJSON', (a) => a.toJSON());
  both('route.shiftX', (a) => a.shiftX(1));
}

/** Another curve of the same kind. */
function b2(curve) {
  return new curve.constructor([[0, 1], [9, 8]]);
}

const randomPath = (roll) => Array.from({ length: roll.below(3) }, () => roll.pick(['e.', 'f.', 'g.', 'c.']));

function tables(roll, note, BigNumber) {
  const bits = roll.pick([10, 20, 40]);
  const points = () => {
    const list = [[0, 0]];
    for (let i = roll.below(6); i > 0; i--) {
      const [x, y] = list[list.length - 1];
      list.push([x + 1 + Number(roll.wide(bits)), y + Number(roll.wide(bits))]);
    }
    return list;
  };
  const used = [];
  const all = () => used.flat(2).map(BigInt);
  const own = ['example.red.', 'example.blue.', 'peer.aaaaa.usd.9.'].slice(0, 2 + roll.below(2));
  const local = [];
  for (const source of own) {
    for (const destination of own) {
      if (source === destination || roll.maybe(6)) continue;
      const list = points();
      used.push(list);
      local.push({
        source_ledger: source,
        destination_ledger: destination,
        source_account: `${source}me`,
        destination_account: `${destination}me`,
        min_message_window: 1,
        points: list,
        additional_info: { rate: 'x' },
      });
    }
  }
  let pair;
  const make = note('new RoutingTables', all, ({ RoutingTables }) => {
    const made = new RoutingTables(local.map((record) => ({ ...record })), 45000);
    (pair ??= []).push(made);
    return made.currentEpoch;
  });
  if (make.includes(undefined)) return;
  const on = (kind, work) => {
    let turn = 0;
    note(kind, all, () => work(pair[turn++]));
  };
  const far = ['g.us.', 'g.us.bank.', 'g.', 'example.green.', 'example.red.', ''];
  for (let i = 0; i < 12; i++) {
    const source = roll.pick(own);
    const connector = `${source}${roll.pick(['mary', 'mark'])}`;
    const destination = roll.pick(far);
    const address = roll.pick(['g.us.bank.alice', 'g.us.x', 'g.de', 'example.green.bob', 'example.red.x', 'else']);
    const amount = String(roll.wide(bits));
    const list = roll.maybe(6) ? undefined : points();
    if (list) used.push(list);
    const record = {
      source_ledger: source,
      destination_ledger: destination === '' ? 'g.far.' : destination,
      target_prefix: destination === '' || roll.maybe(8) ? destination : undefined,
      source_account: connector,
      min_message_window: roll.below(3),
      points: list,
      paths: roll.maybe(3) ? [randomPath(roll)] : undefined,
    };
    const noExpire = roll.maybe(8);
    const step = roll.below(9);
    if (step < 4) on('tables.addRoute', (t) => t.addRoute({ ...record }, noExpire));
    if (step === 4) on('tables.invalidateConnector', (t) => t.invalidateConnector(connector));
    if (step === 5) on('tables.invalidateTo', (t) => t.invalidateConnectorsRoutesTo(connector, destination));
    if (step === 6) {
      clock += roll.pick([1000, 30000, 50000]);
      on('tables.removeExpired', (t) => t.removeExpiredRoutes());
    }
    if (step === 7) on('tables.bump', (t) => t.bumpConnector(connector, 45000));
    if (step === 8 && roll.maybe(5)) on('tables.removeLedger', (t) => t.removeLedger(source));
    on('tables.bySource', (t) => t.findBestHopForSourceAmount(`${source}x`, address, amount));
    on('tables.byDestination', (t) => t.findBestHopForDestinationAmount(`${source}x`, address, amount));
    on('tables.appliesTo', (t) => t.sources.resolve(source).getAppliesToPrefix(destination, address));
  }
  on('tables.toJSON', (t) => t.toJSON(10));
  on('tables.debug', (t) => t.toDebugStrings());
  on('tables.fields', (t) => [t.currentEpoch, t.localAccounts, t.sources.keys(), t.sources.size()]);
  on('tables.destinations', (t) => t.sources.prefixes.map((source) => t.sources.get(source).destinations.keys()));
}

let clock = Date.now();

/** Runs it on the installed packages, at a time of its own. */
export function run(operations, seed, ours) {
  const now = Date.now;
  Date.now = () => clock;
  try {
    return compare(operations, seed, ours, require('ilp-routing'), require('bignumber.js'));
  } finally {
    Date.now = now;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [operations = '100000', seed = '1'] = process.argv.slice(2);
  const { install } = await import('./installed.mjs');
  const installed = createRequire(`${install()}/from.cjs`);
  const report = run(Number(operations), Number(seed), installed('ilp-c2c/ilp-routing'));
  for (const { kind, ours, theirs, points } of report.unexplained.slice(0, 5)) {
    console.log(`${kind}: ours   ${ours}\n${kind}: theirs ${theirs}\n  of ${points}`);
  }
  console.table(report.kinds);
  const explained = Object.entries(report.explained).map(([rule, times]) => `${rule} ${times}`);
  console.log(`${report.operations} operations of ${Object.keys(report.kinds).length} kinds, seed ${seed}`);
  console.log(`explained: ${explained.join(', ') || 'none'}; unexplained: ${report.unexplained.length}`);
  process.exitCode = report.unexplained.length > 0 ? 1 : 0;
}
