// The npm package against what a user would pick, in one process, in turn.
//
//   node npm.mjs TARGET [FILTER]
//
// TARGET is the folder that holds the tarball, which is installed beside it. Prints one line of JSON for each row: medians in
// nanoseconds, and how many times faster ours is to be at least.

import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import * as plain from './plain.mjs'

const require = createRequire(import.meta.url)
const [target, filter = ''] = process.argv.slice(2)
process.env.C2C_TARGET = target
const { install } = await import('../c2c-wasm/packaging/installed.mjs')
const project = install()
process.on('exit', () => rmSync(project, { recursive: true }))
const installed = createRequire(join(project, 'from.cjs'))
const api = { ...installed('ilp-c2c'), ...installed('ilp-c2c/connector') }
const drop = installed('ilp-c2c/ilp-routing')
const old = require('ilp-routing')
const OldCurve = old.LiquidityCurve

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1]

function time (count, work) {
  const [start, used] = [process.hrtime.bigint(), process.cpuUsage()]
  for (let i = 0; i < count; i++) work(i)
  const wall = Number(process.hrtime.bigint() - start)
  // What takes long is interrupted by other programs: then the processor's time counts.
  const { user, system } = process.cpuUsage(used)
  return Math.min(wall, wall > 2e6 ? (user + system) * 1000 : wall) / count
}

const told = (row) => console.log(JSON.stringify(row))

/** Both in turn. `native` names the row of the native core. */
function row (name, least, ours, theirs, { native, each = 1 } = {}) {
  if (!name.includes(filter)) return
  const often = (work) => {
    const first = time(1, work)
    if (first < 2e7) for (let i = 0; i < Math.min(3000, 3e7 / first); i++) work(i)
    return Math.max(1, Math.min(200000, Math.floor(3e6 / time(3, work))))
  }
  const first = time(1, theirs)
  const slow = first > 3e8
  const [ourCount, theirCount] = [often(ours), slow ? 1 : often(theirs)]
  const [our, their] = [[], slow ? [first] : []]
  for (let i = 0; i < 9; i++) {
    our.push(time(ourCount, ours), time(ourCount, ours))
    if (!slow) their.push(time(theirCount, theirs))
  }
  told({ name, ours_ns: median(our) / each, theirs_ns: median(their) / each, least, native })
}

// The same curves as `curve/inputs.rs` makes.
const MASK = (1n << 64n) - 1n
function dice (seed) {
  let state = BigInt(seed)
  return () => {
    state = (state + 0x9e3779b97f4a7c15n) & MASK
    let z = state
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK
    return z ^ (z >> 31n)
  }
}

function points (seed, count, bits = 30) {
  const next = dice(seed)
  const shift = BigInt(64 - bits)
  const made = [[0n, 0n]]
  let [x, y] = [0n, 0n]
  while (made.length < count) {
    x += 1n + (next() >> shift)
    y += next() >> shift
    made.push([x, y])
  }
  return made
}

const bytes = (list) => Buffer.from(api.Curve.from(list).toBytes())
const ours = (list) => api.Curve.from(list)
const theirs = (list) => new OldCurve(bytes(list))
const dropped = (list) => new drop.LiquidityCurve(bytes(list))

// ---- Curves, through the package, against ilp-routing.
for (const [count, bits, least, label] of [[100, 30, 800, 'combine 2 x 100'], [1000, 30, 2000, 'combine 2 x 1000'], [10000, 30, 11000, 'combine 2 x 10000'], [1000, 53, 600, 'combine 2 x 1000 near 2^63']]) {
  if (!`curve: ${label}`.includes(filter)) continue
  const [pa, pb] = [points(1, count, bits), points(2, count, bits)]
  const [a, b, ra, rb] = [ours(pa), ours(pb), theirs(pa), theirs(pb)]
  row(`curve: ${label}`, least, () => a.combine(b), () => ra.combine(rb), { native: label })
}
for (const [count, least] of [[1000, 2800], [10000, 16000]]) {
  if (!`curve: join ${count}`.includes(filter)) continue
  const [pa, pb] = [points(3, count), points(4, count)]
  const [a, b, ra, rb] = [ours(pa), ours(pb), theirs(pa), theirs(pb)]
  row(`curve: join ${count}`, least, () => a.join(b), () => ra.join(rb), { native: `join ${count}` })
}
for (const [count, least] of [[10, 1300], [100, 4500]]) {
  if (!`curve: merge ${count} x 100`.includes(filter)) continue
  const lists = Array.from({ length: count }, (_, i) => points(100 + i, 100))
  const routes = lists.map((list, i) => ({ nextHop: i, hops: 2, curve: ours(list) }))
  const curves = lists.map(theirs)
  row(`curve: merge ${count} x 100`, least, () => api.merge(routes), () => curves.slice(1).reduce((a, b) => a.combine(b), curves[0]), { native: `merge ${count} x 100` })
}
{
  const list = points(5, 1000)
  const [curve, reference, data] = [ours(list), theirs(list), bytes(list)]
  const text = data.toString('base64')
  row('curve: decode bytes 1000', 1100, () => api.Curve.from(data), () => new OldCurve(data), { native: 'decode bytes 1000' })
  row('curve: decode base64 1000', 250, () => api.Curve.from(text), () => new OldCurve(text), { native: 'decode base64 1000' })
  row('curve: encode base64 1000', 280, () => curve.toBase64(), () => new OldCurve(reference.points).toBuffer().toString('base64'), { native: 'encode base64 1000' })
  const next = dice(6)
  const amounts = Array.from({ length: 1000 }, () => next() % list[999][0])
  const decimals = amounts.map(String)
  const wide = BigUint64Array.from(amounts)
  row('curve: amount_at one by one', 150, () => { for (const x of amounts) curve.amountAt(x) }, () => { for (const x of decimals) reference.amountAt(x) }, { native: 'amount_at one by one' })
  row('curve: amount_at 1000 at once', 1000, () => curve.amountsAt(wide), () => { for (const x of decimals) reference.amountAt(x) }, { native: 'amount_at 1000 at once' })
}
for (const count of [1000, 10000]) {
  if (!`curve: simplify ${count} to 10`.includes(filter)) continue
  const many = points(7, count)
  const [curve, reference] = [ours(many), theirs(many)]
  row(`curve: simplify ${count} to 10`, 20, () => curve.simplify(10), () => reference.simplify(10), { native: `simplify ${count} to 10` })
}

// ---- Against a plain rewrite with BigInt and Map.
for (const count of [100, 1000]) {
  const [pa, pb] = [points(1, count), points(2, count)]
  const [a, b] = [ours(pa), ours(pb)]
  row(`plain: combine 2 x ${count}`, 5, () => a.combine(b), () => plain.combine(pa, pb), { native: `combine 2 x ${count}` })
  row(`plain: join ${count}`, 5, () => a.join(b), () => plain.join(pa, pb), { native: `join ${count}` })
}
for (const count of [10, 100]) {
  const lists = Array.from({ length: count }, (_, i) => points(100 + i, 100))
  const routes = lists.map((list, i) => ({ nextHop: i, hops: 2, curve: ours(list) }))
  row(`plain: merge ${count} x 100`, 5, () => api.merge(routes), () => lists.slice(1).reduce(plain.combine, lists[0]), { native: `merge ${count} x 100` })
}

// ---- Routing. The same routes as `table/world.rs` makes.
const OWN = 'example.own.'
const PEER = 'peer.p0aaa.usd.9.'
const KEY = '5yE-6p-bnevKT9hnnx1UqgV8-DxkXUgymTZkeIrPHzg'
const COUNTRIES = ['us', 'de', 'fr', 'gb', 'jp', 'in', 'br', 'mx', 'ca', 'ng', 'ke', 'za', 'se', 'no', 'fi', 'pl']
const destination = (i) => `g.${COUNTRIES[i % COUNTRIES.length]}.bank${i}.`
const NOW = 1500000000000

function routePoints (i) {
  const yields = 900 + (i * 7) % 97
  return Array.from({ length: 10 }, (_, n) => {
    const x = n * (1000000 + i % 1000)
    return [x, Math.max(0, Math.floor(x * yields / 1000) - n * n * 1000)]
  })
}

const record = (i, asPoints) => ({
  source_ledger: PEER,
  destination_ledger: destination(i),
  points: asPoints ? routePoints(i) : new drop.LiquidityCurve(routePoints(i)).toBuffer().toString('base64'),
  min_message_window: 1,
  paths: asPoints ? undefined : [[]],
  source_account: PEER + KEY
})

const update = (from, to, asPoints) => Buffer.from(JSON.stringify({
  new_routes: Array.from({ length: to - from }, (_, i) => record(from + i, asPoints)),
  hold_down_time: 45000,
  unreachable_through_me: []
}))

const localPairs = () => [[PEER, OWN], [OWN, PEER]].map(([source, to]) => ({
  source_ledger: source,
  destination_ledger: to,
  source_account: source + 'us',
  destination_account: to + 'us',
  min_message_window: 1,
  points: [[0, 0], [1e12, 998e9]]
}))

function ourTable () {
  const curve = api.Curve.from([[0, 0], [1e12, 998e9]])
  return new api.RouteTable({
    pairs: localPairs().map((pair) => ({ sourceLedger: pair.source_ledger, destinationLedger: pair.destination_ledger, sourceAccount: pair.source_account, destinationAccount: pair.destination_account, curve }))
  })
}
const sent = { sender: PEER + KEY, now: NOW }

/** Their tables with `count` destinations, made of what `addRoute` would have put there: that takes minutes. */
function filled ({ RoutingTables, Route }, count) {
  const made = new RoutingTables(localPairs(), 45000)
  made.eachSource((table) => {
    const head = made.getLocalPairRoute(OWN, PEER)
    if (made.sources.get(OWN) !== table) return
    const prefixes = []
    for (let i = 0; i < count; i++) {
      const joined = head.join(Route.fromData(record(i), 0), 45000, 0)
      table.destinations.items[destination(i)] = new Map([[PEER + KEY, joined]])
      prefixes.push(destination(i))
    }
    prefixes.push(...table.destinations.prefixes)
    table.destinations.prefixes = prefixes.sort((a, b) => b.length - a.length || (a < b ? 1 : a > b ? -1 : 0))
  })
  return made
}

const MANY = 100000
if ('routing: among 100000 add by apply 10000 again'.includes(filter) || filter.startsWith('routing')) {
  const table = ourTable()
  for (let i = 0; i < MANY; i += 10000) table.apply(update(i, i + 10000), sent)
  const reference = filled(old, MANY)
  const asked = Array.from({ length: 1000 }, (_, i) => destination((i * 7919 + 13) % MANY) + 'alice')
  let turn = 0
  const to = () => asked[turn++ % asked.length]
  const from = OWN + 'me'
  row('routing: best hop by source among 100000', 5000, () => table.bestHop({ from, to: to(), sourceAmount: 1500000n }), () => reference.findBestHopForSourceAmount(from, to(), '1500000'), { native: 'routing: best hop by source among 100000' })
  row('routing: best hop by destination among 100000', 5000, () => table.bestHop({ from, to: to(), destinationAmount: 1500000n }), () => reference.findBestHopForDestinationAmount(from, to(), '1500000'), { native: 'routing: best hop by destination among 100000' })
  let next = MANY
  const added = update(MANY, MANY + 100)
  const gone = Buffer.from(JSON.stringify({ new_routes: [], hold_down_time: 45000, unreachable_through_me: Array.from({ length: 100 }, (_, i) => destination(MANY + i)) }))
  row('routing: add, table of 100000 (and take out)', 150, () => { table.apply(added, sent); table.apply(gone, sent) }, () => { for (let i = 0; i < 100; i++) reference.addRoute(old.Route.fromData(record(next++), 0)) }, { native: 'routing: add, table of 100000', each: 100 })
  const large = update(0, 10000)
  const again = ourTable()
  const theirAgain = new old.RoutingTables(localPairs(), 45000)
  const theyTake = (into) => { for (const route of JSON.parse(large).new_routes) into.addRoute(route) }
  const fresh = () => { const made = ourTable(); made.apply(large, sent); made.free() }
  row('routing: apply 10000 routes', 90, fresh, () => theyTake(new old.RoutingTables(localPairs(), 45000)), { native: 'routing: apply 10000 routes', each: 10000 })
  theyTake(theirAgain)
  again.apply(large, sent)
  row('routing: apply them again', 60, () => again.apply(large, sent), () => theyTake(theirAgain), { native: 'routing: apply them again', each: 10000 })
}
for (const count of [100, 1000, 10000]) {
  if (!`plain: apply ${count} routes`.includes(filter)) continue
  // Two peers' worth of curves in turn, so that every route is a new one each time.
  const some = [0, 1].map((more) => Buffer.from(JSON.stringify({
    new_routes: Array.from({ length: count }, (_, i) => ({ ...record(i + more), destination_ledger: destination(i) })),
    hold_down_time: 45000,
    unreachable_through_me: []
  })))
  const head = [[0n, 0n], [1000000000000n, 998000000000n]]
  const [mine, map] = [ourTable(), new Map()]
  row(`plain: apply ${count} routes`, 5, (i) => mine.apply(some[i & 1], sent), (i) => plain.apply(map, head, some[i & 1]), { native: `apply ${count} routes` })
}

// ---- The drop-in, BigNumber results included.
for (const count of [10, 100, 1000]) {
  if (!`drop-in: ${count}`.includes(filter) && !filter.startsWith('drop-in')) continue
  const [pa, pb] = [points(1, count), points(2, count)]
  const [a, b, ra, rb] = [dropped(pa), dropped(pb), theirs(pa), theirs(pb)]
  const least = count >= 100 ? 300 : 1
  const native = (what) => ({ native: `2017: ${what} ${count}` })
  row(`drop-in: combine 2 x ${count}`, least, () => a.combine(b), () => ra.combine(rb), native('combine'))
  row(`drop-in: join ${count}`, least, () => a.join(b), () => ra.join(rb), native('join'))
  const end = pa[count - 1][0]
  const next = dice(6)
  const decimals = Array.from({ length: 64 }, () => String(next() % end))
  let turn = 0
  row(`drop-in: amountAt of ${count}`, 5, () => a.amountAt(decimals[turn++ & 63]), () => ra.amountAt(decimals[turn++ & 63]), native('amount_at'))
  row(`drop-in: amountReverse of ${count}`, 1, () => a.amountReverse(decimals[turn++ & 63]), () => ra.amountReverse(decimals[turn++ & 63]), native('amount_reverse'))
  row(`drop-in: simplify ${count} to 10`, 1, () => a.simplify(10), () => ra.simplify(10), native('simplify'))
  row(`drop-in: shiftX of ${count}`, 1, () => a.shiftX(1), () => ra.shiftX(1), native('shift_x'))
  row(`drop-in: shiftY of ${count}`, 1, () => a.shiftY(1), () => ra.shiftY(1), native('shift_y'))
  row(`drop-in: getPoints of ${count}`, 1, () => a.getPoints(), () => ra.getPoints(), native('points'))
  const [data, numbers] = [bytes(pa), ra.getPoints()]
  const text = data.toString('base64')
  row(`drop-in: new of ${count} from bytes`, 1, () => new drop.LiquidityCurve(data), () => new OldCurve(data), native('from bytes'))
  row(`drop-in: new of ${count} from base64`, 1, () => new drop.LiquidityCurve(text), () => new OldCurve(text), native('from base64'))
  row(`drop-in: new of ${count} from numbers`, 1, () => new drop.LiquidityCurve(numbers), () => new OldCurve(numbers), native('from points'))
  row(`drop-in: new of ${count} and its points`, 1, () => new drop.LiquidityCurve(data).points, () => new OldCurve(data).points, native('from bytes'))
}
if ('drop-in: merge 10 x 100'.includes(filter)) {
  const lists = Array.from({ length: 10 }, (_, i) => points(100 + i, 100))
  const [a, b] = [lists.map(dropped), lists.map(theirs)]
  const fold = (curves) => curves.slice(1).reduce((one, two) => one.combine(two), curves[0])
  row('drop-in: merge 10 x 100', 300, () => fold(a), () => fold(b), { native: '2017: merge 10 x 100' })
}
if ('drop-in: tables'.includes(filter) || filter.startsWith('drop-in')) {
  for (const count of [1000, 10000]) {
    const [mine, reference] = [filled(drop, count), filled(old, count)]
    const from = OWN + 'me'
    let turn = 0
    const addresses = Array.from({ length: 1000 }, (_, i) => destination((i * 7919 + 13) % count) + 'alice')
    const to = () => addresses[turn++ % 1000]
    row(`drop-in: tables of ${count}, by source`, 30, () => mine.findBestHopForSourceAmount(from, to(), '1500000'), () => reference.findBestHopForSourceAmount(from, to(), '1500000'), { native: `table of ${count}: by source` })
    row(`drop-in: tables of ${count}, by destination`, 30, () => mine.findBestHopForDestinationAmount(from, to(), '1500000'), () => reference.findBestHopForDestinationAmount(from, to(), '1500000'), { native: `table of ${count}: by destination` })
    const some = Array.from({ length: 20 }, (_, i) => record(i * 37 % count))
    row(`drop-in: tables of ${count}, addRoute`, 30, () => { for (const route of some) mine.addRoute(route) }, () => { for (const route of some) reference.addRoute(route) }, { native: `table of ${count}: add`, each: 20 })
    if (count === 1000) row(`drop-in: tables of ${count}, toJSON(10)`, 30, () => mine.toJSON(10), () => reference.toJSON(10))
  }
}

// ---- Validating updates with every check, against decode, JSON.parse and ajv.
if ('validate'.includes(filter) || filter.startsWith('validate')) {
  const Ajv = require('ajv').default
  const schema = (name) => JSON.parse(readFileSync(new URL(`../c2c/schemas/routing-update.${name}.json`, import.meta.url)))
  const decoder = new TextDecoder()
  /** An update in which one member is something else. */
  const faulty = (bytes, i) => {
    const made = JSON.parse(bytes)
    const members = ['source_ledger', 'destination_ledger', 'points', 'min_message_window', 'source_account']
    const others = [null, 5, 'a b', [[1]], {}]
    made.new_routes[i % 10][members[i % 5]] = others[(i / 5 | 0) % 5]
    return made
  }
  for (const [dialect, name, profile, wanted, texts] of [[21, 'deployed', 'deployed', [6, 7, 7], [4, 5, 5]], [17, 'cited', 'cited', [5, 5, 5], [4, 5, 5]]]) {
    const body = (count) => update(0, count, dialect === 17)
    for (const [state, faults] of [['', 0], [', after faults', 100]]) {
      const check = new Ajv({ strict: false }).compile(schema(name))
      // Whoever hears peers hears faults too, and what the compiler of JavaScript made of ajv's function is lost by them.
      for (let i = 0; i < faults; i++) check(faulty(body(10), i))
      for (const [place, count] of [10, 1000, 10000].entries()) {
        const bytes = body(count)
        const text = bytes.toString()
        if (!check(JSON.parse(text)) || !api.validateUpdate(bytes, { profile }).ok) throw new Error(`an update of dialect ${dialect} is refused`)
        const settings = { native: `validate ${count} routes, dialect ${dialect}` }
        row(`validate: bytes, ${count} routes, dialect ${dialect}${state}`, wanted[place], () => api.validateUpdate(bytes, { profile }), () => check(JSON.parse(decoder.decode(bytes))), settings)
        row(`validate: text, ${count} routes, dialect ${dialect}${state}`, texts[place], () => api.validateUpdate(text, { profile }), () => check(JSON.parse(text)), settings)
      }
    }
  }
}

// ---- Prefix and token.
if ('derive'.includes(filter) || filter.startsWith('derive')) {
  const nacl = require('tweetnacl')
  const { x25519 } = await import('@noble/curves/ed25519.js')
  const { sha256 } = await import('@noble/hashes/sha2.js')
  const { hmac } = await import('@noble/hashes/hmac.js')
  const secret = 'Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA'
  const peerPublicKey = '_K4lZSbMIXkfvPInzzC8-N5m7PTqSQyQS4R_HfEeRhU'
  const x = api.publicKey(secret)
  // From a key pair: the others too are given the public key, or make no account's name of it.
  const facts = { secret, publicKey: x, peerPublicKey, currencyCode: 'USD', currencyScale: 9 }
  const [seed, peer] = [Buffer.from(secret, 'base64url'), Buffer.from(peerPublicKey, 'base64url')]
  const nodeMac = (key, label) => crypto.createHmac('sha256', key).update(label).digest('base64url')
  const both = (shared) => [`peer.${nodeMac(shared, 'token').slice(0, 5)}.usd.9.`, nodeMac(shared, 'authorization')]
  const scalar = () => crypto.createHash('sha256').update(seed).digest()
  const byNacl = () => both(nacl.scalarMult(scalar(), peer))
  const byNoble = () => {
    const shared = x25519.getSharedSecret(sha256(seed), peer)
    const mac = (label) => Buffer.from(hmac(sha256, shared, Buffer.from(label))).toString('base64url')
    return [`peer.${mac('token').slice(0, 5)}.usd.9.`, mac('authorization')]
  }
  const byNode = () => {
    const d = scalar().toString('base64url')
    const privateKey = crypto.createPrivateKey({ key: { kty: 'OKP', crv: 'X25519', d, x }, format: 'jwk' })
    const publicKey = crypto.createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: peerPublicKey }, format: 'jwk' })
    return both(crypto.diffieHellman({ privateKey, publicKey }))
  }
  const expected = api.derive(facts)
  for (const work of [byNacl, byNoble, byNode]) {
    if (work().join() !== [expected.prefix, expected.authToken].join()) throw new Error('another token')
  }
  const settings = { native: 'derive' }
  row('derive: against tweetnacl', 13, () => api.derive(facts), byNacl, settings)
  row('derive: against noble', 11, () => api.derive(facts), byNoble, settings)
  row('derive: against node:crypto', 0.8, () => api.derive(facts), byNode, settings)
}

// ---- Packets.
if ('packet'.includes(filter) || filter.startsWith('packet')) {
  const packets = require('ilp-packet')
  const account = 'example.red.bank.alice.~ipr.f575bd75-5f51-4771-81d6-dc9e9a8889f4'
  const curve = points(1, 4)
  const at = '2017-06-14T11:58:18.509Z'
  const about = { destinationAccount: account, destinationHoldDuration: 5000 }
  const hold = { sourceHoldDuration: 6000 }
  const forwardedBy = ['example.red.connector', 'example.blue.connector']
  const error = { code: 'F00', name: 'Bad Request', triggeredBy: account, forwardedBy, triggeredAt: new Date(at), data: '{"message":"x"}' }
  const curveBytes = bytes(curve)
  for (const [kind, theirName, theirFields] of [
    ['payment', 'IlpPayment', { amount: '123456789', account, data: Buffer.alloc(60, 7).toString('base64url') }],
    ['liquidity-request', 'IlqpLiquidityRequest', about],
    ['liquidity-response', 'IlqpLiquidityResponse', { liquidityCurve: curveBytes, appliesToPrefix: 'example.red.', ...hold, expiresAt: new Date(at) }],
    ['by-source-request', 'IlqpBySourceRequest', { ...about, sourceAmount: '123456789' }],
    ['by-source-response', 'IlqpBySourceResponse', { destinationAmount: '123456789', ...hold }],
    ['by-destination-request', 'IlqpByDestinationRequest', { ...about, destinationAmount: '123456789' }],
    ['by-destination-response', 'IlqpByDestinationResponse', { sourceAmount: '123456789', ...hold }],
    ['error', 'IlpError', error]
  ]) {
    const [write, read] = [packets[`serialize${theirName}`], packets[`deserialize${theirName}`]]
    const octets = write(theirFields)
    const found = api.decodePacket(octets)
    if (!found.ok || found.packet.type !== kind) throw new Error(`${kind} was not read`)
    if (Buffer.compare(api.encodePacket(found.packet), octets) !== 0) throw new Error(`${kind} was written otherwise`)
    row(`packet: write ${kind}`, 5, () => api.encodePacket(found.packet), () => write(theirFields), { native: `packet write ${kind}` })
    row(`packet: read ${kind}`, 5, () => api.decodePacket(octets), () => read(octets), { native: `packet read ${kind}` })
  }
}

// ---- From import to the first answer, in programs of their own.
if ('start'.includes(filter)) {
  const program = (name, load, ask) => {
    const file = join(project, name)
    writeFileSync(file, `const start = process.hrtime.bigint();\n${load}\n${ask}\nconsole.log(Number(process.hrtime.bigint() - start));\n`)
    return () => Number(execFileSync(process.execPath, [file], { encoding: 'utf8' }))
  }
  const mine = program('start.mjs', "const { Curve } = await import('ilp-c2c');", 'Curve.from([[0n, 0n], [10n, 9n]]).amountAt(5n);')
  const required = program('start.cjs', "const { Curve } = require('ilp-c2c');", 'Curve.from([[0n, 0n], [10n, 9n]]).amountAt(5n);')
  const other = program('start-old.cjs', `const { LiquidityCurve } = require(${JSON.stringify(require.resolve('ilp-routing'))});`, "new LiquidityCurve([[0, 0], [10, 9]]).amountAt('5');")
  const [a, b, c] = [[], [], []]
  for (let i = 0; i < 9; i++) {
    a.push(mine())
    b.push(required())
    c.push(other())
  }
  const theirs = median(c)
  told({ name: 'start: import', ours_ns: median(a), theirs_ns: theirs, most_ns: 1e7 })
  told({ name: 'start: require', ours_ns: median(b), theirs_ns: theirs, most_ns: 1e7 })
}
