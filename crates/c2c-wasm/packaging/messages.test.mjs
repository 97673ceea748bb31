// Messages, transfers and calls, checked through the packed package; and the way of a payment, whatever addresses are
// asked with.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { install } from './installed.mjs';

const LEDGER = 'peer.OR5Df.usd.9.';
const ENDS = { ledger: LEDGER, from: `${LEDGER}bob`, to: `${LEDGER}me` };
const UPDATE = { new_routes: [], hold_down_time: 45000, unreachable_through_me: [] };
const ASKED = { source_address: `${LEDGER}bob`, destination_address: 'example.blue.bob', source_amount: '15' };

let project;
let api;
before(() => {
  project = install();
  const installed = createRequire(join(project, 'from.cjs'));
  api = { ...installed('ilp-c2c'), ...installed('ilp-c2c/connector') };
});
after(() => rmSync(project, { recursive: true }));

const faultsOf = ({ ok, errors }) => {
  assert.equal(ok, errors.length === 0);
  for (const { code, line, column, message, hint } of errors) {
    assert.ok(code && message && hint && line > 0 && column > 0, `${code} ${message} ${hint}`);
  }
  return errors.map(({ code, path }) => `${code} ${path}`);
};

test('a message is told by what it carries', () => {
  const payment = { type: 'payment', amount: 5n, account: 'example.blue.bob', data: new Uint8Array() };
  const ilp = Buffer.from(api.encodePacket(payment)).toString('base64');
  for (const [rest, carries] of [
    [{}, 'nothing'],
    [{ ilp }, 'packet'],
    [{ custom: { method: 'broadcast_routes', data: UPDATE } }, 'update'],
    [{ data: { method: 'broadcast_routes', data: UPDATE } }, 'update'],
    [{ data: { id: '1', method: 'quote_request', data: ASKED } }, 'quote-request'],
    [{ data: { id: '1', method: 'error', data: { id: 'X', message: 'y' } } }, 'quote-error'],
    [{ custom: { method: 'settlement_methods_request' } }, 'other'],
  ]) {
    const text = JSON.stringify({ ...ENDS, ...rest });
    assert.deepEqual(api.validateMessage(text), { ok: true, carries, errors: [] });
    assert.deepEqual(api.validateMessage(Buffer.from(text)).carries, carries);
    assert.deepEqual(api.validateCall('send_request', `[${text}]`), { ok: true, errors: [] });
  }
});

test('every fault of a message has its place, however deep', () => {
  const broken = { ...UPDATE, hold_down_time: '45000', new_routes: [{ source_ledger: 'a b' }] };
  const text = JSON.stringify({ ledger: 5, to: ENDS.to, ilp: 'AQAA', custom: { method: 'broadcast_routes', data: broken } }, null, 1);
  const found = api.validateMessage(text);
  assert.deepEqual(faultsOf(found), [
    'TYPE ledger',
    'PACKET ilp',
    'REQUIRED custom.data.new_routes[0].destination_ledger',
    'REQUIRED custom.data.new_routes[0].min_message_window',
    'REQUIRED custom.data.new_routes[0].source_account',
    'ADDRESS custom.data.new_routes[0].source_ledger',
    'TYPE custom.data.hold_down_time',
  ]);
  const { line, column, value } = found.errors[6];
  assert.equal(text.split('\n')[line - 1].slice(column - 1, column + 6), '"45000"');
  assert.ok(value.startsWith('"45000"'));
  const quote = { ...ENDS, data: { method: 'quote_request', data: { ...ASKED, destination_amount: '1', slippage: 'much' } } };
  assert.deepEqual(faultsOf(api.validateMessage(JSON.stringify(quote))), [
    'REQUIRED data.id',
    'UNKNOWN_MEMBER data.data.destination_amount',
    'DECIMAL data.data.slippage',
  ]);
  assert.deepEqual(faultsOf(api.validateMessage('{"ledger"')), ['JSON_SYNTAX ']);
});

test('transfers and calls are checked', () => {
  const transfer = { id: '1', ...ENDS, amount: '5' };
  assert.equal(api.validateTransfer(JSON.stringify(transfer)).ok, true);
  const half = JSON.stringify({ ...transfer, amount: 5, executionCondition: 'x' });
  assert.deepEqual(faultsOf(api.validateTransfer(half)), [
    'REQUIRED expiresAt',
    'TYPE amount',
    'BASE64 executionCondition',
  ]);
  assert.deepEqual(faultsOf(api.validateCall('send_transfer', `[${half}]`)).length, 3);
  assert.deepEqual(faultsOf(api.validateCall('fulfill_condition', '["1"]')), ['REQUIRED [1]']);
  assert.deepEqual(faultsOf(api.validateCall('get_limit', '{}')), ['TYPE ']);
  assert.equal(api.validateCall('expire_transfer', '["1"]').ok, true);
  assert.throws(() => api.validateCall('get_rich', '[]'), ({ code, hint }) => code === 'METHOD' && hint.includes('get_limit'));
  assert.throws(() => api.validateMessage({}), { code: 'UPDATE_TYPE' });
});

test('a way is found for addresses of every kind, also after the memory has grown', () => {
  const curve = api.Curve.from([[0n, 0n], [1000n, 990n]]);
  const pair = { sourceLedger: 'example.red.', destinationLedger: LEDGER, sourceAccount: 'example.red.me', destinationAccount: `${LEDGER}me`, curve };
  const table = new api.RouteTable({ pairs: [pair] });
  const route = (i) => ({
    source_ledger: LEDGER,
    destination_ledger: `example.l${i}.`,
    min_message_window: 1,
    source_account: `${LEDGER}bob`,
    paths: [[]],
    points: api.Curve.from([[0, 0], [1000, 900 + (i % 90)]]).toBase64(),
  });
  const hear = (from, to) =>
    table.apply(JSON.stringify({ ...UPDATE, new_routes: Array.from({ length: to - from }, (_, i) => route(from + i)) }), { sender: `${LEDGER}bob`, now: 0 });
  assert.equal(hear(0, 10).accepted, 10);
  const ask = (i) => table.bestHop({ from: 'example.red.alice', to: `example.l${i}.bob`, sourceAmount: 500n });
  const expected = {
    ok: true,
    nextHop: `${LEDGER}bob`,
    nextLedger: LEDGER,
    destinationLedger: 'example.l7.',
    targetPrefix: 'example.l7.',
    hops: 3,
    isLocal: false,
    sourceAmount: 500n,
    destinationAmount: 448n,
    nextAmount: 495n,
    minMessageWindow: 2000,
  };
  assert.deepEqual(ask(7), expected);
  for (let from = 10; from < 60_000; from += 10_000) hear(from, from + 10_000);
  assert.deepEqual(ask(7), expected);
  assert.equal(ask(50_007).targetPrefix, 'example.l50007.');
  const back = table.bestHop({ from: 'example.red.x', to: 'example.l7.y', destinationAmount: 448n });
  assert.equal(back.destinationAmount, 448n);
  assert.ok(back.sourceAmount <= 500n);
  for (const strange of ['', 'é', '\ud800', 'x'.repeat(100_000), 'é'.repeat(3000)]) {
    assert.equal(table.bestHop({ from: `${strange}x`, to: 'example.l7.bob', sourceAmount: 5n }).ok, false);
    const { ok, reason } = table.bestHop({ from: 'example.red.x', to: `${strange}x`, sourceAmount: 5n });
    assert.ok(!ok && reason.length > 0);
    assert.equal(table.bestHop({ from: `example.red.${strange}`, to: `example.l7.${strange}`, sourceAmount: 500n }).destinationAmount, 448n);
  }
  assert.equal(table.bestHop({ from: 'example.red.x', to: 'example.red.y', sourceAmount: 5n }).ok, false);
  assert.match(table.bestHop({ from: 'example.red.x', to: 'example.l7.y', destinationAmount: 100_000n }).reason, /\d/);
});
