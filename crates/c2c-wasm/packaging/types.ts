// A program of a strict user: compiled as ES module and as CommonJS by the tests, never run.
import { C2CError, Curve, derive, generateSecret, init, merge, parseUpdate, publicKey } from 'ilp-c2c';
import type { Amount, Merged, Peering, RouteRecord, Violation } from 'ilp-c2c';
import { LiquidityCurve, PrefixMap, Route, RoutingTable, RoutingTables } from 'ilp-c2c/ilp-routing';
import type { BigNumber } from 'ilp-c2c/ilp-routing';
import { generatePrefix, generatePublicKey, token } from 'ilp-c2c/ilp-plugin-virtual';
import { validateCall, validateMessage, validateTransfer } from 'ilp-c2c/connector';
import type { Carried, Checked, Method } from 'ilp-c2c/connector';
import { RouteTable, checkPeer, decodeInvite, diff, encodeInvite, lookup, record, simulate } from 'ilp-c2c/connector';
import { decodePacket, encodePacket, explain, formatAmount, pairCurve, parseAmount, validateUpdate } from 'ilp-c2c';
import type { Packet } from 'ilp-c2c';
import { initSync } from 'ilp-c2c/slim';

export async function tour(bytes: Uint8Array): Promise<Amount | undefined> {
  await init();
  initSync(bytes);
  const peering: Peering = derive({
    secret: generateSecret(),
    peerPublicKey: publicKey(generateSecret()),
    currencyCode: 'USD',
    currencyScale: 9,
  });
  const curve = Curve.from([[0n, 0n], [1000n, 990]]);
  const merged: Merged<{ host: string }> = merge([{ nextHop: { host: peering.prefix }, hops: 1, curve }]);
  const read = parseUpdate(bytes, { profile: 'cited' });
  if (!read.ok) {
    const [first]: Violation[] = read.errors;
    throw new C2CError(first?.code ?? '', first?.message ?? '', first?.hint ?? '');
  }
  const route: RouteRecord | undefined = read.update.newRoutes[0];
  return route?.curve?.leastSourceFor(merged.segments[0]?.to ?? 0n);
}

export function oldConnector(secretKey: string): string | undefined {
  const keys = { secretKey, peerPublicKey: generatePublicKey(secretKey) };
  const prefix: string = generatePrefix({ ...keys, currencyCode: 'USD', currencyScale: 9 }) + token(keys);
  const curve = new LiquidityCurve([[0, 0], ['1000', 990n]]);
  const least: BigNumber = curve.join(curve).combine(curve).amountReverse(curve.amountAt('500'));
  const route = new Route(curve, { sourceLedger: prefix, nextLedger: 'example.blue.' });
  const tables = new RoutingTables([route, { source_ledger: 'a.', destination_ledger: 'b.', points: 'AA==' }], 45000);
  const map = new PrefixMap<RoutingTable>();
  map.insert('a.', new RoutingTable());
  return tables.findBestHopForSourceAmount('a.x', 'b.y', least)?.bestValue;
}

export function judged(body: string, method: Method): string {
  const message = validateMessage(body);
  const carried: Carried | undefined = message.ok ? message.carries : undefined;
  const both: Checked[] = [validateTransfer(body), validateCall(method, body)];
  const first: Violation | undefined = both.flatMap(({ errors }) => errors)[0];
  return `${carried} ${first?.path} ${message.errors[0]?.hint}`;
}

export async function connector(bytes: Uint8Array, fetch: (url: string) => Promise<{ status: number; arrayBuffer(): Promise<ArrayBuffer> }>): Promise<string> {
  using curve = Curve.from([[0n, 0n]]);
  const pair = pairCurve({ rate: '1', sourceScale: 9, destinationScale: 9 }) ?? curve;
  const ledgers = { sourceLedger: 'a.', destinationLedger: 'b.', sourceAccount: 'a.me', destinationAccount: 'b.me' };
  const table = new RouteTable({ pairs: [{ ...ledgers, curve: pair }], rounding: '2017' });
  const applied = table.apply(bytes, { sender: 'b.you', now: 0 });
  if (!applied.ok) return applied.errors[0]?.hint ?? '';
  const hop = table.bestHop({ from: 'a.x', to: 'b.y', sourceAmount: 5 });
  const quote = table.quote({ from: 'a.x', to: 'b.y', destinationAmount: 5n, destinationHold: 1000 });
  const amount: bigint | undefined = quote.ok && quote.ask === undefined ? quote.sourceAmount : undefined;
  const found = await lookup('wallet1.example', { fetch });
  const check = await checkPeer({ prefix: 'peer.a.usd.9.', authToken: 't', rpcUri: 'https://x/rpc' }, { fetch });
  const read = decodePacket(encodePacket({ type: 'by-source-response', destinationAmount: amount ?? 0n, sourceHold: 1 }));
  const packet: Packet | undefined = read.ok ? read.packet : undefined;
  const invite = decodeInvite(encodeInvite({ says: 'offer', mode: 'webfinger', host: 'x.example', currencyCode: 'USD', currencyScale: 9, date: '' }));
  const changes = diff(table.routes(), table.routes()).changed.length;
  const net = simulate({ connectors: [{ name: 'a' }], peerings: [] });
  const title = found.ok ? found.record.title : found.error.hint;
  const units = parseAmount('1.5', { scale: 9 });
  const why = explain(merge([{ nextHop: 'a', hops: 1, curve }]), 5n);
  const said = [hop.ok ? hop.nextHop : hop.reason, packet?.type, invite.ok, changes, net.isQuiet, title, why];
  said.push(units.ok ? formatAmount(units.units, { code: 'USD', scale: 9 }) : units.error.code, check.ok);
  return said.join() + validateUpdate(bytes).ok + record({ host: 'x', publicKey: 'y' }).subject;
}
