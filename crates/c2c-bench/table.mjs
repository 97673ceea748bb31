// Routing tables in wasm against ilp-routing 10.1.0, in one process, in turn.
//
//   node table.mjs MODULE.wasm [FILTER]
//
// Prints one line of JSON for each operation: medians in nanoseconds of one route or one look-up.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { RoutingTables, Route } = createRequire(import.meta.url)('ilp-routing')

const [file, filter = ''] = process.argv.slice(2)
const { instance } = await WebAssembly.instantiate(readFileSync(file), {})
const engine = instance.exports

const MANY = 100000
const UPDATE = 10000
const OWN = 'example.own.'
const KEY = '5yE-6p-bnevKT9hnnx1UqgV8-DxkXUgymTZkeIrPHzg'

// The same routes as `table/world.rs` makes: banks of sixteen countries, numbered as they came.
const ledger = (peer) => `peer.p${peer}aaa.usd.9.`
const COUNTRIES = ['us', 'de', 'fr', 'gb', 'jp', 'in', 'br', 'mx', 'ca', 'ng', 'ke', 'za', 'se', 'no', 'fi', 'pl']
const destination = (i) => `g.${COUNTRIES[i % COUNTRIES.length]}.bank${i}.`

function points (i, peer) {
  const yields = 900 + (i * 7 + peer * 13) % 97
  return Array.from({ length: 10 }, (_, n) => {
    const x = n * (1000000 + i % 1000)
    return [x, Math.max(0, Math.floor(x * yields / 1000) - n * n * 1000)]
  })
}

/** The binary form: high word, low word, each little-endian. */
function base64 (list) {
  const buffer = Buffer.alloc(list.length * 16)
  list.flat().forEach((value, i) => {
    buffer.writeUInt32LE(Math.floor(value / 2 ** 32), i * 8)
    buffer.writeUInt32LE(value % 2 ** 32, i * 8 + 4)
  })
  return buffer.toString('base64')
}

function record (i) {
  return {
    source_ledger: ledger(0),
    destination_ledger: destination(i),
    points: base64(points(i, 0)),
    min_message_window: 1,
    paths: [[]],
    source_account: ledger(0) + KEY
  }
}

// A pair each way between our own ledger and that of the one peer that announces.
function tables () {
  const ledgers = [ledger(0), OWN]
  const pairs = []
  for (const source of ledgers) {
    for (const to of ledgers) {
      if (source === to) continue
      pairs.push({
        source_ledger: source,
        destination_ledger: to,
        source_account: source + 'us',
        destination_account: to + 'us',
        min_message_window: 1,
        points: [[0, 0], [1e12, 998e9]]
      })
    }
  }
  return new RoutingTables(pairs, 45000)
}

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1]

function time (work) {
  const [start, used] = [process.hrtime.bigint(), process.cpuUsage()]
  work()
  const wall = Number(process.hrtime.bigint() - start)
  // What takes long is interrupted by other programs: then the processor's time counts.
  const { user, system } = process.cpuUsage(used)
  return Math.min(wall, wall > 2e6 ? (user + system) * 1000 : wall)
}

/** Both in turn, ours four times as often; each is told how often it runs what it is divided by. */
function row (name, rounds, ours, theirs) {
  if (!name.includes(filter)) return
  const [our, their] = [[], []]
  ours()
  for (let i = 0; i < rounds; i++) {
    for (let j = 0; j < 4; j++) our.push(ours())
    their.push(theirs())
  }
  console.log(JSON.stringify({ name, wasm_ns: median(our), ilp_routing_ns: median(their) }))
}

const names = [
  'routing: add, table of 100000',
  'routing: best hop by source among 100000',
  'routing: best hop by destination among 100000'
]
if (names.some((name) => name.includes(filter))) {
  engine.table_fill(MANY, 1)
  const theirs = filled(MANY)
  const asked = Array.from({ length: 1000 }, (_, i) => destination((i * 7919 + 13) % MANY) + 'alice')
  let [next, turn] = [MANY, 0]
  // Ten others each time: where in their list a name stands is what it costs them.
  const some = () => Array.from({ length: 10 }, () => asked[turn++ % asked.length])
  row(names[0], 5, () => {
    engine.table_batch(MANY, MANY + 1000)
    const spent = time(() => engine.table_add()) / 1000
    engine.table_take_out(MANY, MANY + 1000)
    return spent
  }, () => {
    const routes = Array.from({ length: 40 }, () => Route.fromData(record(next++), 0))
    return time(() => { for (const route of routes) theirs.addRoute(route) }) / 40
  })
  row(names[1], 9, () => time(() => engine.table_by_source()) / 1000,
    () => {
      const ten = some()
      return time(() => { for (const to of ten) theirs.findBestHopForSourceAmount(OWN + 'me', to, '1500000') }) / 10
    })
  row(names[2], 9, () => time(() => engine.table_by_destination()) / 1000,
    () => {
      const ten = some()
      return time(() => { for (const to of ten) theirs.findBestHopForDestinationAmount(OWN + 'me', to, '1500000') }) / 10
    })
}

/**
 * Their tables with `count` destinations. Added one by one that takes minutes, for each is looked for
 * from the front; so the tables are made of what `addRoute` would have put there.
 */
function filled (count) {
  const made = tables()
  const routes = new Map()
  for (let i = 0; i < count; i++) routes.set(destination(i), Route.fromData(record(i), 0))
  made.eachSource((table, source) => {
    const head = made.getLocalPairRoute(source, ledger(0))
    if (!head) return
    for (const [prefix, route] of routes) {
      const joined = head.join(route, 45000, 0)
      table.destinations.items[prefix] = new Map([[ledger(0) + KEY, joined]])
      table.destinations.prefixes.push(prefix)
    }
    table.destinations.prefixes.sort((a, b) => b.length - a.length || (a < b ? 1 : a > b ? -1 : 0))
  })
  return made
}

const update = Buffer.from(JSON.stringify({
  new_routes: Array.from({ length: UPDATE }, (_, i) => record(i)),
  hold_down_time: 45000,
  unreachable_through_me: []
}))

/** Text goes in as bytes, copied at once. */
function oursTakes () {
  return time(() => {
    const at = engine.buffer(update.length)
    Buffer.from(engine.memory.buffer, at, update.length).set(update)
    if (engine.table_apply() !== UPDATE) throw new Error('ours did not take the update')
  }) / UPDATE
}

// Their side has no check of the schema, which ilp-connector adds.
function theirsTakes (into) {
  return time(() => {
    const parsed = JSON.parse(update)
    for (const route of parsed.new_routes) into.addRoute(route)
  }) / UPDATE
}

row('routing: apply 10000 routes', 2, () => {
  engine.table_fill(0, 0)
  return oursTakes()
}, () => theirsTakes(tables()))

if ('routing: apply them again'.includes(filter)) {
  engine.table_fill(0, 0)
  oursTakes()
  const theirs = tables()
  theirsTakes(theirs)
  row('routing: apply them again', 2, oursTakes, () => theirsTakes(theirs))
}
