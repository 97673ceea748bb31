// What a connector needs: packets, amounts, records, letters, tables, a network. Through the installed package.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { install } from './installed.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const vectors = process.env.C2C_VECTORS ?? 'tests/vectors';
const NOW = 1_500_000_000_000;

let project;
let api;
before(() => {
  project = install();
  const installed = createRequire(join(project, 'from.cjs'));
  api = { ...installed('ilp-c2c'), ...installed('ilp-c2c/connector') };
});
after(() => rmSync(project, { recursive: true }));

/** A packet in the words of the vectors. */
function told(packet) {
  const text = (bytes) => Buffer.from(bytes).toString('latin1');
  const time = (at) => new Date(at).toISOString();
  const p = packet;
  switch (p.type) {
    case 'payment':
      return { amount: `${p.amount}`, account: p.account, data_base64url: Buffer.from(p.data).toString('base64url') };
    case 'liquidity-request':
      return { destination_account: p.destinationAccount, destination_hold_duration_ms: p.destinationHold };
    case 'liquidity-response': {
      const points = Array.from({ length: p.points.length / 2 }, (_, i) => [`${p.points[2 * i]}`, `${p.points[2 * i + 1]}`]);
      return {
        points,
        applies_to_prefix: p.appliesToPrefix,
        source_hold_duration_ms: p.sourceHold,
        expires_at: time(p.expiresAt),
      };
    }
    case 'by-source-request':
      return {
        destination_account: p.destinationAccount,
        source_amount: `${p.sourceAmount}`,
        destination_hold_duration_ms: p.destinationHold,
      };
    case 'by-source-response':
      return { destination_amount: `${p.destinationAmount}`, source_hold_duration_ms: p.sourceHold };
    case 'by-destination-request':
      return {
        destination_account: p.destinationAccount,
        destination_amount: `${p.destinationAmount}`,
        destination_hold_duration_ms: p.destinationHold,
      };
    case 'by-destination-response':
      return { source_amount: `${p.sourceAmount}`, source_hold_duration_ms: p.sourceHold };
    default:
      return {
        code: p.code,
        name: p.name,
        triggered_by: p.triggeredBy,
        forwarded_by: p.forwardedBy,
        triggered_at: time(p.triggeredAt),
        data_text: text(p.data),
      };
  }
}

test('packets are read and written as ilp-packet did, and refused as the engine does', () => {
  const { cases } = JSON.parse(readFileSync(join(root, vectors, 'packets.json'), 'utf8'));
  const kinds = new Set();
  for (const { op, hex, fields, error, recommended, quirk } of cases) {
    if (hex === undefined) continue;
    const isRefused = recommended ? recommended.startsWith('refuse') : error !== undefined && error !== null;
    // What cannot be written, such as an amount that wraps, may be read.
    if (op === 'encode' && isRefused) continue;
    const bytes = Buffer.from(hex, 'hex');
    const read = api.decodePacket(bytes);
    assert.equal(read.ok, !isRefused, `${hex}: ${JSON.stringify(read.error)}`);
    if (!read.ok) {
      assert.ok(read.error.code && read.error.message && read.error.hint);
      continue;
    }
    kinds.add(read.packet.type);
    if (!quirk) assert.deepEqual(told(read.packet), fields);
    if (op === 'encode') assert.equal(Buffer.from(api.encodePacket(read.packet)).toString('hex'), hex);
  }
  assert.equal(kinds.size, 8);
});

test('packets that cannot be written are mistakes with a code', () => {
  const payment = { type: 'payment', amount: 1n, account: 'example.red.alice', data: new Uint8Array() };
  for (const [change, code] of [
    [{ type: 'letter' }, 'PACKET_TYPE'],
    [{ amount: -1n }, 'AMOUNT_RANGE'],
    [{ amount: 2n ** 64n }, 'AMOUNT_RANGE'],
    [{ account: 'with space' }, 'PACKET_ADDRESS'],
    [{ data: 'text' }, 'PACKET_DATA'],
  ]) {
    assert.throws(() => api.encodePacket({ ...payment, ...change }), { name: 'C2CError', code });
  }
  assert.throws(() => api.decodePacket('01'), { code: 'PACKET_TYPE' });
  const long = { ...payment, data: new Uint8Array(70_000).fill(7) };
  assert.deepEqual(api.decodePacket(api.encodePacket(long)).packet, long);
});

test('amounts go to text and back, exactly', () => {
  assert.equal(api.formatAmount(1_500_000_001n, { scale: 9, code: 'USD' }), '1.500000001 USD');
  assert.deepEqual(api.parseAmount('1.500000001', { scale: 9 }), { ok: true, units: 1_500_000_001n });
  assert.equal(api.parseAmount('1.55', { scale: 1 }).error.code, 'LIMIT_DECIMALS');
  assert.equal(api.parseAmount('one', { scale: 1 }).ok, false);
  assert.throws(() => api.formatAmount(-1n, { scale: 9 }), { code: 'AMOUNT_RANGE' });
  assert.throws(() => api.parseAmount('1', { scale: 19 }), { code: 'SCALE_RANGE' });
});

test('curves join, simplify and shift without promising more, and are freed at will', () => {
  const curve = api.Curve.from([[0n, 0n], [10n, 3n]]);
  const tail = api.Curve.from([[0n, 0n], [1n, 1000n], [3n, 1001n]]);
  assert.equal(curve.join(tail).amountAt(3n), 0n);
  assert.equal(api.Curve.from([[5n, 1n]]).join(api.Curve.from([[7n, 1n]])), undefined);
  assert.deepEqual(curve.shift(1n).points, BigUint64Array.of(1n, 0n, 11n, 3n));
  assert.equal(api.Curve.from([[0, 0], [10, 2], [20, 100], [40, 110]]).simplify(3).size, 3);
  assert.deepEqual(curve.amountsAt([0, 5n, 10]), BigUint64Array.of(0n, 1n, 3n));
  assert.deepEqual(JSON.parse(JSON.stringify(curve)), [['0', '0'], ['10', '3']]);
  assert.throws(() => curve.shift(2n ** 63n), { code: 'DISTANCE' });
  assert.throws(() => curve.simplify(-1), { code: 'COUNT' });
  assert.throws(() => curve.join([]), { code: 'CURVE_TYPE' });
  curve[Symbol.dispose]();
  assert.throws(() => curve.amountAt(1n), { code: 'CURVE_FREED' });
  const pair = api.pairCurve({ rate: '1.25', spread: '0.002', sourceScale: 9, destinationScale: 9, sourceRoom: 1000n });
  assert.deepEqual(pair.points, BigUint64Array.of(0n, 0n, 1000n, 1247n));
  assert.equal(api.pairCurve({ rate: 1, sourceScale: 9, destinationScale: 9, sourceRoom: 0 }), undefined);
  assert.throws(() => api.pairCurve({ rate: '-1', sourceScale: 9, destinationScale: 9 }), { code: 'RATE_FORMAT' });
});

test('more curves than there are places still answer', () => {
  const curves = Array.from({ length: 10_000 }, (_, i) => api.Curve.from([[0, 0], [i + 1, 2 * i + 2]]));
  curves.forEach((curve, i) => assert.equal(curve.amountAt(i + 1), BigInt(2 * i + 2)));
  const all = api.merge(curves.map((curve, i) => ({ nextHop: `${i}`, hops: 1, curve })));
  assert.equal(all.curve.amountAt(10_000n), 20_000n);
  assert.match(api.explain(all, 10_000n), /10000 goes by 9999 and delivers 20000/);
});

test('a host record is made, published, looked up and refused by its faults', async () => {
  const publicKey = api.publicKey('Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA');
  const published = api.record({ host: 'wallet1.example', publicKey, title: 'Wallet 1' });
  const answer = (status, body) => async (url) => {
    assert.equal(url, 'https://wallet1.example/.well-known/webfinger?resource=https://wallet1.example');
    return new Response(body, { status });
  };
  const ask = (fetch) => api.lookup('wallet1.example', { fetch });
  const found = await ask(answer(200, JSON.stringify(published)));
  assert.deepEqual(found.record, {
    subject: 'https://wallet1.example',
    publicKey,
    protocolVersion: 'Compatible: ilp-kit v3.0.0',
    title: 'Wallet 1',
    rpcUri: 'https://wallet1.example/rpc',
  });
  const codes = [
    [answer(404, ''), 'WF_STATUS'],
    [answer(200, '<html>'), 'WF_NOT_JSON'],
    [answer(200, '{}'), 'WF_NO_KEY'],
    [answer(200, ' '.repeat(200_000)), 'WF_NOT_JSON'],
    [async () => { throw new Error('refused'); }, 'WF_UNREACHABLE'],
  ];
  for (const [fetch, code] of codes) assert.equal((await ask(fetch)).error.code, code);
  await assert.rejects(api.lookup('a b', { fetch }), { code: 'HOST_SYNTAX' });
  await assert.rejects(api.lookup('wallet1.example'), { code: 'FETCH' });
});

test('a peering is tried by its limit', async () => {
  const facts = { prefix: 'peer.OR5Df.usd.9.', authToken: 'secret-token', rpcUri: 'https://wallet1.example/rpc' };
  const answered = (status, body) => async (url, { method, headers }) => {
    assert.equal(url, 'https://wallet1.example/rpc?method=get_limit&prefix=peer.OR5Df.usd.9.');
    assert.equal(`${method} ${headers.authorization}`, 'POST Bearer secret-token');
    return new Response(body, { status });
  };
  const good = await api.checkPeer(facts, { fetch: answered(200, '"-1000"') });
  assert.deepEqual([good.ok, good.steps.at(-1).value], [true, -1000n]);
  for (const [status, body, code] of [[401, '', 'RPC_401'], [403, '', 'RPC_403'], [200, '{"id":"x"}', 'RPC_ERROR']]) {
    const { ok, steps } = await api.checkPeer(facts, { fetch: answered(status, body) });
    assert.deepEqual([ok, steps.at(-1).code], [false, code]);
    assert.ok(!JSON.stringify(steps).includes('secret-token'));
  }
});

test('an invitation goes to one word and back', () => {
  const invite = {
    says: 'offer',
    mode: 'manual',
    rpcUri: 'https://wallet1.example/rpc',
    protocolVersion: 'Compatible: ilp-kit v3.0.0',
    currencyCode: 'USD',
    currencyScale: 9,
    prefix: 'peer.k3x9Q.usd.9.',
    account: 'peer.k3x9Q.usd.9.wallet1',
    date: '2017-07-14T02:40:00.000Z',
  };
  const word = api.encodeInvite(invite);
  assert.match(word, /^c2c1\./);
  for (const form of [word, `https://wallet1.example/#${word}`, api.inviteText(invite)]) {
    assert.deepEqual(api.decodeInvite(form), { ok: true, invite });
  }
  assert.equal(api.decodeInvite(word.slice(0, -1)).error.code, 'INVITE_DAMAGED');
  assert.throws(() => api.encodeInvite({ ...invite, currencyScale: 99 }), { code: 'SCALE_RANGE' });
});

const own = 'example.red.';
const near = 'peer.aaaaa.usd.9.';
const far = 'peer.bbbbb.usd.9.';

function table() {
  const curve = api.Curve.from([[0n, 0n], [1000n, 998n]]);
  const pairs = [[own, near], [near, own], [own, far], [far, own], [near, far], [far, near]].map(([from, to]) => ({
    sourceLedger: from,
    destinationLedger: to,
    sourceAccount: `${from}me`,
    destinationAccount: `${to}me`,
    curve,
  }));
  return new api.RouteTable({ pairs });
}

function update(ledger, points, more = {}) {
  const route = {
    source_ledger: ledger,
    destination_ledger: 'example.blue.',
    points: api.Curve.from(points).toBase64(),
    min_message_window: 1,
    source_account: `${ledger}bob`,
    paths: [[]],
  };
  return JSON.stringify({ new_routes: [{ ...route, ...more }], hold_down_time: 45000, unreachable_through_me: [] });
}

test('a table takes updates, answers, quotes, explains, tells and forgets', () => {
  const routes = table();
  const taken = routes.apply(update(near, [[0, 0], [500, 400]]), { sender: `${near}bob`, now: NOW });
  assert.deepEqual([taken.ok, taken.accepted, taken.refusedCount], [true, 1, 0]);
  routes.apply(Buffer.from(update(far, [[0, 0], [500, 450]])), { sender: `${far}bob`, now: NOW });
  const from = `${own}alice`;
  const to = 'example.blue.bob';
  const hop = routes.bestHop({ from, to, sourceAmount: 100n });
  assert.equal(hop.nextHop, `${far}bob`);
  assert.deepEqual([hop.sourceAmount, hop.nextAmount], [100n, 99n]);
  const back = routes.bestHop({ from, to, destinationAmount: hop.destinationAmount });
  assert.ok(back.sourceAmount <= 100n);
  const why = routes.why({ from, to, sourceAmount: 100n, now: NOW });
  assert.equal(why.nextHop, `${far}bob`);
  assert.match(why.rejected[0].reason, /delivers \d+ less/);
  const quote = routes.quote({ from, to, sourceAmount: 100n, destinationHold: 5000 });
  assert.deepEqual([quote.destinationAmount, quote.sourceHold], [hop.destinationAmount, 7000]);
  // As one curve it is lower by what rounding takes.
  const least = routes.curveTo(from, to).amountAt(100n);
  assert.ok(least <= hop.destinationAmount && least >= hop.destinationAmount - 3n, `${least}`);
  assert.equal(routes.routes().filter(({ targetPrefix, sourceLedger }) => targetPrefix === 'example.blue.' && sourceLedger === own).length, 2);
  assert.equal(routes.destinations, 4);

  routes.addPeer(near, { now: NOW });
  const told = JSON.parse(routes.broadcast(near, { now: NOW }));
  assert.ok(told.new_routes.some(({ destination_ledger: ledger }) => ledger === 'example.blue.'));
  assert.equal(routes.broadcast(near, { now: NOW }), undefined);
  routes.acknowledge(near, { now: NOW });

  const lost = routes.removeExpired({ now: NOW + 46_000 });
  assert.ok(lost.some(({ prefix }) => prefix === 'example.blue.'));
  assert.deepEqual(routes.bestHop({ from, to, sourceAmount: 1n }), { ok: false, reason: 'No route leads to the destination.' });
  assert.ok(JSON.parse(routes.broadcast(near, { now: NOW + 46_000 })).unreachable_through_me.includes('example.blue.'));
  routes.failed(near, { now: NOW + 46_000 });
  assert.deepEqual(routes.removePeer(far, `${far}bob`), []);
});

test('a table refuses what is wrong, in data and in programs', () => {
  const routes = table();
  const sent = { sender: `${near}bob`, now: NOW };
  const other = routes.apply(update(near, [[0, 0], [5, 4]], { source_account: `${near}eve` }), sent);
  assert.deepEqual([other.accepted, other.refused[0].code], [0, 'ROUTE_NOT_THE_SENDER']);
  const broken = routes.apply('{"new_routes": 1}', sent);
  assert.ok(!broken.ok && broken.errors.every(({ code, line }) => code && line > 0));
  const from = `${own}x`;
  assert.throws(() => routes.bestHop({ from, to: 'a.b', sourceAmount: -1n }), { code: 'AMOUNT_RANGE' });
  assert.throws(() => routes.bestHop({ from, to: 'a.b' }), { code: 'ONE_AMOUNT' });
  assert.throws(() => routes.apply('{}', { sender: 'no address!', now: NOW }), { code: 'ADDRESS' });
  assert.throws(() => routes.apply('{}', { sender: 'a.b', now: -1 }), { code: 'MILLISECONDS' });
  assert.throws(() => new api.RouteTable({ rounding: 'up' }), { code: 'ROUNDING' });
  routes.free();
  assert.throws(() => routes.routes(), { code: 'TABLE_FREED' });
});

test('what differs between two updates', () => {
  const read = (text) => api.parseUpdate(text).update.newRoutes;
  const [before, after] = [read(update(near, [[0, 0], [500, 400]])), read(update(near, [[0, 0], [500, 450]]))];
  const { added, removed, changed } = api.diff(before, after);
  assert.deepEqual([added.length, removed.length, changed.length], [0, 0, 1]);
  assert.deepEqual(changed[0].points, [{ sourceAmount: 500n, before: 400n, after: 450n }]);
  assert.equal(api.diff([], after).added.length, 1);
  assert.equal(api.diff(before, []).removed.length, 1);
});

test('a chain of connectors comes to rest, and money finds its way', () => {
  const names = ['a', 'b', 'c', 'd'];
  const connectors = names.map((name) => ({ name, ledgers: [`example.${name}.`] }));
  const peerings = [['a', 'b'], ['b', 'c'], ['c', 'd']];
  const { isQuiet, log, tables } = api.simulate({ connectors, peerings });
  assert.ok(isQuiet && log.length > 5);
  const hop = tables.get('a').bestHop({ from: 'example.a.x', to: 'example.d.y', sourceAmount: 1_000_000_000n });
  assert.equal(hop.nextLedger, 'peer.sim0.usd.9.');
  const expected = 1_000_000_000n * 998n ** 4n / 1000n ** 4n;
  assert.ok(hop.destinationAmount <= expected && hop.destinationAmount > expected - 20n, `${hop.destinationAmount}`);
  assert.throws(() => api.simulate({ connectors, peerings: [['a', 'z']] }), { code: 'SIMULATE' });
});
