// A program of a strict user: compiled as ES module and as CommonJS by the tests, never run.
import { C2CError, Curve, derive, generateSecret, init, merge, parseUpdate, publicKey } from 'ilp-c2c';
import type { Amount, Merged, Peering, RouteRecord, Violation } from 'ilp-c2c';
import { LiquidityCurve, PrefixMap, Route, RoutingTable, RoutingTables } from 'ilp-c2c/ilp-routing';
import type { BigNumber } from 'ilp-c2c/ilp-routing';
import { generatePrefix, generatePublicKey, token } from 'ilp-c2c/ilp-plugin-virtual';
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
