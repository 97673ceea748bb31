// The package's surface, through the installed package: the peering vectors, refusals, both entries.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { install } from './installed.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const vectors = process.env.C2C_VECTORS ?? 'tests/vectors';
const cases = (file) => JSON.parse(readFileSync(join(root, vectors, `${file}.json`), 'utf8')).cases;

let project;
let api;
before(async () => {
  project = install();
  const installed = createRequire(join(project, 'from.cjs'));
  const folder = dirname(installed.resolve('ilp-c2c/package.json'));
  api = await import(pathToFileURL(join(folder, 'index.js')));
});
after(() => rmSync(project, { recursive: true }));

test('derives what the peers of 2017 derive', () => {
  let compared = 0;
  for (const { kind, a, b, auth_token: token, ledgers } of cases('peering')) {
    if (kind !== 'pair') continue;
    assert.equal(api.publicKey(a.secret), a.public_key);
    for (const ledger of ledgers) {
      const facts = { currencyCode: ledger.currency_code, currencyScale: ledger.currency_scale };
      const mine = api.derive({ secret: a.secret, peerPublicKey: b.public_key, ...facts });
      const known = { secret: a.secret, publicKey: a.public_key, peerPublicKey: b.public_key, ...facts };
      assert.deepEqual(api.derive(known), mine);
      assert.deepEqual(mine, {
        prefix: ledger.prefix,
        authToken: token,
        account: ledger.account_a,
        peerAccount: ledger.account_b,
      });
      const bytes = Buffer.from(b.secret, 'base64');
      const theirs = api.derive({ secret: bytes, peerPublicKey: a.public_key, ...facts });
      assert.equal(theirs.authToken, token);
      assert.equal(theirs.account, ledger.account_b);
      compared += 1;
    }
  }
  assert.ok(compared > 50);
});

test('a generated secret is 32 bytes and makes a key', () => {
  const secret = api.generateSecret();
  assert.equal(Buffer.from(secret, 'base64url').length, 32);
  assert.notEqual(secret, api.generateSecret());
  assert.match(api.publicKey(secret), /^[\w-]{43}$/);
});

test('curves give what ilp-routing gave', () => {
  for (const { points, amount_at: forward, amount_reverse: back } of cases('curve-eval')) {
    const curve = api.Curve.from(points.map(([x, y]) => [BigInt(x), BigInt(y)]));
    for (const [x, y] of forward) assert.equal(curve.amountAt(BigInt(x)), BigInt(y));
    for (const [y, x] of back) {
      const expected = x === 'Infinity' ? undefined : BigInt(x);
      assert.equal(curve.amountReverse(BigInt(y)), expected);
    }
    const copies = [curve.points, curve.toBytes(), curve.toBase64()].map((form) => api.Curve.from(form));
    for (const copy of copies) assert.deepEqual(copy.points, curve.points);
  }
});

test('amounts that do not fit are refused, never wrapped', () => {
  const curve = api.Curve.from([[0, 0], [10, 10]]);
  assert.equal(curve.amountAt(2n ** 64n - 1n), 10n);
  for (const [wrong, code] of [
    [-1n, 'AMOUNT_RANGE'],
    [2n ** 64n, 'AMOUNT_RANGE'],
    [-1, 'AMOUNT_NUMBER'],
    [0.5, 'AMOUNT_NUMBER'],
    [2 ** 53, 'AMOUNT_NUMBER'],
    ['5', 'AMOUNT_TYPE'],
    [undefined, 'AMOUNT_TYPE'],
  ]) {
    for (const ask of [
      () => curve.amountAt(wrong),
      () => curve.leastSourceFor(wrong),
      () => curve.amountReverse(wrong),
      () => api.Curve.from([[0n, wrong]]),
    ]) {
      assert.throws(ask, (error) => error instanceof api.C2CError && error.code === code && error.hint !== '');
    }
  }
});

test('mistakes are told with a code, and no secret is in any message', () => {
  const right = {
    secret: 'Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA',
    peerPublicKey: '_K4lZSbMIXkfvPInzzC8-N5m7PTqSQyQS4R_HfEeRhU',
    currencyCode: 'USD',
    currencyScale: 9,
  };
  for (const [change, code] of [
    [{ secret: undefined }, 'SECRET_FORMAT'],
    [{ secret: `${right.secret}!` }, 'SECRET_FORMAT'],
    [{ peerPublicKey: 'pMJ1V7DP5rmeu_wGU9uhw2Zki8QDbXOZbnSnDrlhyQ' }, 'WF_BAD_KEY'],
    [{ peerPublicKey: 'A'.repeat(43) }, 'WF_BAD_KEY'],
    [{ peerPublicKey: undefined }, 'TEXT'],
    [{ currencyCode: 'U.S' }, 'CODE_FORMAT'],
    [{ currencyScale: 19 }, 'SCALE_RANGE'],
    [{ currencyScale: 265 }, 'SCALE_RANGE'],
    [{ currencyScale: '9' }, 'SCALE_RANGE'],
  ]) {
    assert.throws(
      () => api.derive({ ...right, ...change }),
      (error) => {
        assert.ok(error instanceof api.C2CError);
        assert.equal(error.code, code);
        assert.ok(!error.message.includes(right.secret) && !error.hint.includes(right.secret));
        return true;
      },
    );
  }
});

test('updates are judged as the validators of 2017 judged them', () => {
  let judged = 0;
  for (const { document, document_text: text, dialect17, dialect21 } of cases('routing-update-validation')) {
    const json = text ?? JSON.stringify(document);
    for (const [profile, expected] of [['cited', dialect17], ['deployed', dialect21]]) {
      const { ok, errors } = api.parseUpdate(json, { profile });
      assert.equal(ok, api.parseUpdate(Buffer.from(json), { profile }).ok);
      if (ok === expected) judged += 1;
      if (!ok) assert.ok(errors.every(({ code, line, column }) => code && line > 0 && column > 0));
    }
  }
  // The few that differ on purpose are named one by one in the conformance tests.
  assert.ok(judged > 300, `${judged} judged alike`);
});

test('routes of an update carry their curves', () => {
  const { ok, update } = api.parseUpdate(
    JSON.stringify({
      new_routes: [
        {
          source_ledger: 'peer.OR5Df.usd.9.',
          destination_ledger: 'example.blue.',
          points: [[0, 0], [1000, 990]],
          min_message_window: 1.5,
          source_account: 'peer.OR5Df.usd.9.bob',
        },
      ],
      hold_down_time: 45000,
      unreachable_through_me: ['example.red.'],
    }),
    { profile: 'cited' },
  );
  assert.ok(ok);
  const [route] = update.newRoutes;
  assert.equal(route.curve.amountAt(500n), 495n);
  assert.equal(route.curve, route.curve);
  assert.equal(route.minMessageWindow, 1500);
  assert.deepEqual(update.unreachableThroughMe, ['example.red.']);
  assert.throws(() => api.parseUpdate('{}', { profile: 'newest' }), { code: 'PROFILE' });
  assert.throws(() => api.parseUpdate({}), { code: 'UPDATE_TYPE' });
});

test('merging tells who wins where, and why the others do not', () => {
  const curve = (...points) => api.Curve.from(points);
  const { curve: merged, segments, rejected } = api.merge([
    { nextHop: 'near', hops: 2, curve: curve([0n, 0n], [1000n, 990n]) },
    { nextHop: 'far', hops: 2, curve: curve([0n, 0n], [2000n, 1900n]) },
    { nextHop: 'worse', hops: 2, curve: curve([0n, 0n], [1000n, 10n]) },
    { nextHop: 'long', hops: 3, curve: curve([0n, 0n], [2000n, 2000n]) },
  ]);
  assert.equal(merged.amountAt(1000n), 990n);
  assert.equal(merged.amountAt(2000n), 1900n);
  assert.deepEqual(segments.map(({ nextHop }) => nextHop), ['near', 'far']);
  assert.equal(segments[0].to + 1n, segments[1].from);
  assert.deepEqual(rejected.map(({ nextHop }) => nextHop), ['worse', 'long']);
  assert.match(rejected[1].reason, /3 hops.*2/);
  assert.throws(() => api.merge([]), { code: 'MERGE_EMPTY' });
  assert.throws(() => api.merge([{ nextHop: 'a', hops: 1, curve: [] }]), { code: 'MERGE_CURVE' });
});

test('the slim entry takes the engine from its caller', () => {
  const program = `
    import { readFileSync } from 'node:fs';
    import { createRequire } from 'node:module';
    import { Curve, init } from 'ilp-c2c/slim';
    await init(readFileSync(createRequire(import.meta.url).resolve('ilp-c2c/c2c.wasm')));
    console.log(Curve.from([[0n, 0n], [2n, 2n]]).amountAt(1n));`;
  const file = join(project, 'slim.mjs');
  writeFileSync(file, program);
  assert.equal(execFileSync(process.execPath, [file], { encoding: 'utf8' }), '1n\n');
});

test('the types pass strict TypeScript without the DOM and without skipLibCheck', () => {
  const source = readFileSync(new URL('types.ts', import.meta.url), 'utf8');
  for (const name of ['types.mts', 'types.cts']) writeFileSync(join(project, name), source);
  const options = { strict: true, noEmit: true, module: 'node16', target: 'es2022', lib: ['es2022'], types: [] };
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['types.mts', 'types.cts'] }),
  );
  const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', import.meta.url));
  execFileSync(process.execPath, [compiler, '-p', project], { stdio: 'inherit' });
});

test('the package holds what it promises and nothing else', () => {
  const held = readdirSync(join(project, 'node_modules/ilp-c2c'), { recursive: true }).filter((name) => /\./.test(name));
  const shared = held.filter((name) => /^(cjs\/)?shared-[A-Z0-9]{8}\.js$/.test(name));
  assert.ok(shared.length > 0 && shared.length <= 16, `${shared}`);
  const typed = ['index', 'slim', 'connector', 'ilp-plugin-virtual', 'ilp-routing/index'];
  const names = [...typed, 'inlined', 'inlined-connector'];
  const files = [...names.map((name) => `${name}.js`), ...[...typed, 'api'].map((name) => `${name}.d.ts`)];
  const rest = ['MIGRATION.md', 'README.md', 'c2c.wasm', 'connector.wasm', 'package.json', 'cjs/package.json', 'ilp-routing/bignumber.LICENCE'];
  assert.deepEqual(held.sort(), [...files, ...files.map((name) => `cjs/${name}`), ...rest, ...shared].sort());
});
