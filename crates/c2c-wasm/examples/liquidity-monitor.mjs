#!/usr/bin/env node
// A monitor of liquidity: it reads broadcasts from a stream, one a line, and tells what a payment would deliver
// now, whenever that changes.
//
//   … | node liquidity-monitor.mjs example.blue.bob 1000000
//
// A line is JSON: {"at": milliseconds, "sender": "peer.aaaaa.usd.9.bob", "update": {…}}.
import { createInterface } from 'node:readline';
import { pairCurve } from 'ilp-c2c';
import { RouteTable } from 'ilp-c2c/connector';

const [to, amount] = process.argv.slice(2);
if (to === undefined || !/^\d+$/.test(amount ?? '')) {
  console.error('usage: liquidity-monitor ADDRESS AMOUNT < broadcasts');
  process.exit(2);
}
const OWN = 'monitor.';
const curve = pairCurve({ rate: '1', sourceScale: 9, destinationScale: 9 });
const ledgers = new Set([OWN]);
const table = new RouteTable();
let last;

/** The monitor has an account on every ledger that it hears of. */
function watch(ledger) {
  if (ledgers.has(ledger)) return;
  ledgers.add(ledger);
  const pairs = [...ledgers].filter((one) => one !== OWN).map((one) => ({
    sourceLedger: OWN,
    destinationLedger: one,
    sourceAccount: `${OWN}me`,
    destinationAccount: `${one}me`,
    curve,
  }));
  table.setPairs(pairs);
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue;
  const { at, sender, update } = JSON.parse(line);
  watch(sender.slice(0, sender.lastIndexOf('.') + 1));
  table.removeExpired({ now: at });
  const heard = table.apply(JSON.stringify(update), { sender, now: at });
  if (!heard.ok) {
    console.log(`${sender}: ${heard.errors[0].path}: ${heard.errors[0].message}`);
    continue;
  }
  for (const { message } of heard.refused) console.log(`${sender}: ${message}`);
  const hop = table.bestHop({ from: `${OWN}me`, to, sourceAmount: BigInt(amount) });
  const said = hop.ok ? `${amount} → ${hop.destinationAmount ?? 'ask for a quote'} by ${hop.nextHop}` : hop.reason;
  if (said !== last) console.log(`${new Date(at).toISOString()} ${said}`);
  last = said;
}
