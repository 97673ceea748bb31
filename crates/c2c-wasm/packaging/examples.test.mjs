// The three sample programs, unchanged, on the packed package.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { install } from './installed.mjs';

let project;
before(() => {
  project = install();
  for (const name of ['validate-broadcast.mjs', 'next-hop.cjs', 'liquidity-monitor.mjs']) {
    copyFileSync(fileURLToPath(new URL(`../examples/${name}`, import.meta.url)), join(project, name));
  }
});
after(() => rmSync(project, { recursive: true }));

function run(words, input) {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: project, encoding: 'utf8', input });
  return { status, lines: stdout.trimEnd().split('\n'), stderr };
}

const routeOf = (ledger, delivers) => ({
  source_ledger: ledger,
  destination_ledger: 'example.blue.',
  points: Buffer.from(`0000000000000000000000000000000000000000${hex(1000000)}00000000${hex(delivers)}`, 'hex').toString('base64'),
  min_message_window: 1,
  source_account: `${ledger}bob`,
  paths: [[]],
});
const hex = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('hex');
};
const updateOf = (routes, gone = []) => ({ new_routes: routes, hold_down_time: 45000, unreachable_through_me: gone });
const near = 'peer.aaaaa.usd.9.';
const far = 'peer.bbbbb.usd.9.';

test('the validator of broadcasts', () => {
  writeFileSync(join(project, 'good.json'), JSON.stringify(updateOf([routeOf(near, 900000)], ['example.red.'])));
  assert.deepEqual(run(['validate-broadcast.mjs', 'good.json']), { status: 0, lines: ['good.json: 1 routes, 1 withdrawn'], stderr: '' });
  const bad = run(['validate-broadcast.mjs', '-'], '{"new_routes": [],\n "hold_down_time": 0, "unreachable_through_me": []}');
  assert.equal(bad.status, 1);
  assert.match(bad.lines[0], /^-:2:\d+: hold_down_time: .*45000/);
  assert.equal(run(['validate-broadcast.mjs', '--cited', 'good.json']).status, 1);
  assert.equal(run(['validate-broadcast.mjs']).status, 2);
});

test('the decider of an old connector', () => {
  assert.deepEqual(run(['next-hop.cjs']).lines, ['peer.bbbbb.usd.9.bob delivers 948']);
  const { tablesOf, hear, decide } = createRequire(join(project, 'x.cjs'))('./next-hop.cjs');
  const tables = tablesOf(['example.red.', near], 'me', 1);
  assert.equal(hear(tables, `${near}bob`, updateOf([routeOf(near, 500000), routeOf(far, 900000)])), 1);
  assert.equal(decide(tables, 'example.red.x', 'example.blue.y', '10').delivers, '5');
  hear(tables, `${near}bob`, updateOf([], ['example.blue.']));
  assert.equal(decide(tables, 'example.red.x', 'example.blue.y', '10'), undefined);
});

test('the monitor of liquidity', () => {
  const lines = [
    { at: 0, sender: `${near}bob`, update: updateOf([routeOf(near, 900000)]) },
    { at: 1000, sender: `${near}bob`, update: updateOf([]) },
    { at: 2000, sender: `${far}bob`, update: updateOf([routeOf(far, 950000)]) },
    { at: 3000, sender: `${far}bob`, update: updateOf([routeOf(near, 990000)]) },
    { at: 4000, sender: `${far}bob`, update: { new_routes: 1 } },
    { at: 5000, sender: `${far}bob`, update: updateOf([], ['example.blue.']) },
    { at: 90000, sender: `${far}bob`, update: updateOf([]) },
  ];
  const { status, lines: told } = run(['liquidity-monitor.mjs', 'example.blue.bob', '1000'], lines.map((line) => JSON.stringify(line)).join('\n'));
  assert.equal(status, 0);
  assert.match(told[0], /^1970-01-01T00:00:00.000Z 1000 → 900 by peer.aaaaa.usd.9.bob$/);
  assert.match(told[1], /^1970-01-01T00:00:02.000Z 1000 → 950 by peer.bbbbb.usd.9.bob$/);
  assert.match(told[2], /^peer.bbbbb.usd.9.bob: /);
  assert.match(told[3], /^peer.bbbbb.usd.9.bob: \w+: /);
  assert.match(told.at(-2), /^1970-01-01T00:00:05.000Z 1000 → 900 by peer.aaaaa/);
  assert.match(told.at(-1), /^1970-01-01T00:01:30.000Z No route leads/);
  assert.equal(run(['liquidity-monitor.mjs'], '').status, 2);
});
