// Curves in wasm against ilp-routing 10.1.0, in one process, in turn.
//
//   node curve.mjs MODULE.wasm [FILTER]
//
// Prints one line of JSON for each operation: medians in nanoseconds.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const LiquidityCurve = createRequire(import.meta.url)('ilp-routing/src/lib/liquidity-curve')

const [file, filter = ''] = process.argv.slice(2)
const { instance } = await WebAssembly.instantiate(readFileSync(file), {})
const engine = instance.exports

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

function points (seed, count, bits) {
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

/** The binary form: high word, low word, each little-endian. */
function bytes (list) {
  const buffer = Buffer.alloc(list.length * 16)
  list.flat().forEach((value, i) => {
    buffer.writeUInt32LE(Number(value >> 32n), i * 8)
    buffer.writeUInt32LE(Number(value & 0xffffffffn), i * 8 + 4)
  })
  return buffer
}

function fill (data) {
  const at = engine.buffer(data.length)
  new Uint8Array(engine.memory.buffer, at, data.length).set(data)
}

function keep (list) {
  fill(bytes(list))
  return engine.keep()
}

const reference = (list) => new LiquidityCurve(bytes(list))
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1]

function time (count, work) {
  const [start, used] = [process.hrtime.bigint(), process.cpuUsage()]
  for (let i = 0; i < count; i++) work(i)
  const wall = Number(process.hrtime.bigint() - start)
  // What takes long is interrupted by other programs: then the processor's time counts.
  const { user, system } = process.cpuUsage(used)
  return Math.min(wall, wall > 2e6 ? (user + system) * 1000 : wall) / count
}

function row (name, ours, theirs) {
  if (!name.includes(filter)) return
  for (let i = 0; i < 200; i++) ours(i)
  const first = time(1, theirs)
  // What takes seconds is run once more, what takes microseconds often.
  const theirCount = Math.max(1, Math.min(1000, Math.floor(4e6 / first)))
  const ourCount = Math.max(1, Math.min(100000, Math.floor(1e6 / time(3, ours))))
  const rounds = first > 1e9 ? 1 : 9
  const [our, their] = [[], []]
  for (let i = 0; i < rounds; i++) {
    for (let j = 0; j < 4; j++) our.push(time(ourCount, ours))
    their.push(time(theirCount, theirs))
  }
  console.log(JSON.stringify({ name, wasm_ns: median(our), ilp_routing_ns: median(their) }))
}

for (const [name, count, bits] of [
  ['combine 2 x 100', 100, 30],
  ['combine 2 x 1000', 1000, 30],
  ['combine 2 x 10000', 10000, 30],
  ['combine 2 x 1000 near 2^63', 1000, 53]
]) {
  const [pa, pb] = [points(1, count, bits), points(2, count, bits)]
  const [a, b, ra, rb] = [keep(pa), keep(pb), reference(pa), reference(pb)]
  row(name, () => engine.combine(a, b), () => ra.combine(rb))
}

for (const [name, count] of [['join 1000', 1000], ['join 10000', 10000]]) {
  const [pa, pb] = [points(3, count, 30), points(4, count, 30)]
  const [a, b, ra, rb] = [keep(pa), keep(pb), reference(pa), reference(pb)]
  row(name, () => engine.join(a, b), () => ra.join(rb))
}

for (const [name, count] of [['merge 10 x 100', 10], ['merge 100 x 100', 100]]) {
  const lists = Array.from({ length: count }, (_, i) => points(100 + i, 100, 30))
  const kept = lists.map(keep)
  const curves = lists.map(reference)
  const fold = () => curves.slice(1).reduce((a, b) => a.combine(b), curves[0])
  row(name, () => engine.merge_many(kept[0], count), fold)
}

const list = points(5, 1000, 30)
const [curve, theirs, data] = [keep(list), reference(list), bytes(list)]
const text = data.toString('base64')
row('decode bytes 1000', () => { fill(data); engine.decode_bytes() }, () => new LiquidityCurve(data))
row('decode base64 1000', () => {
  // Text goes in as bytes: copied at once, not a character at a time.
  const at = engine.buffer(text.length)
  Buffer.from(engine.memory.buffer, at, text.length).latin1Write(text, 0)
  engine.decode_base64()
}, () => new LiquidityCurve(text))
row('encode base64 1000', () => {
  const at = engine.encode_base64(curve)
  return Buffer.from(engine.memory.buffer, at, text.length).latin1Slice()
}, () => new LiquidityCurve(theirs.points).toBuffer().toString('base64'))

const end = list[list.length - 1][0]
const next = dice(6)
const amounts = Array.from({ length: 1000 }, () => next() % end)
const decimals = amounts.map(String)
row('amount_at one by one', () => { for (const x of amounts) engine.amount_at(curve, x) },
  () => { for (const x of decimals) theirs.amountAt(x) })
const at = engine.amounts(amounts.length)
new BigUint64Array(engine.memory.buffer, at, amounts.length).set(amounts)
row('amount_at 1000 at once', () => engine.amounts_at(curve), () => { for (const x of decimals) theirs.amountAt(x) })

for (const [name, count] of [['simplify 1000 to 10', 1000], ['simplify 10000 to 10', 10000]]) {
  const many = points(7, count, 30)
  const [ours, reduced] = [keep(many), reference(many)]
  row(name, () => engine.simplify(ours, 10), () => reduced.simplify(10))
}
