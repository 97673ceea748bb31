// Writes tests/vectors/ledger.json: what the real ilp-plugin-virtual does with sequences of calls, its own clock
// turned by hand. Seeded, so that it writes the same again:
//
//   node ledger-vectors.mjs
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { writeFileSync } from 'node:fs'
import { Dice, preimage } from './money.mjs'

const require = createRequire(import.meta.url)
const START = 1_500_000_000_000

// A clock that stands still, and timers that fire when it is turned.
let now = START
let timers = []
const RealDate = Date
globalThis.Date = class extends RealDate {
  constructor (...args) { super(...(args.length ? args : [now])) }
  static now () { return now }
}
const realTimeout = globalThis.setTimeout
globalThis.setTimeout = (work, wait) => { timers.push({ at: now + Math.max(0, wait), work }); return 0 }
const settle = () => new Promise(resolve => realTimeout(resolve, 0))
async function turn (to) {
  for (;;) {
    timers.sort((one, other) => one.at - other.at)
    if (!timers.length || timers[0].at > to) break
    const { at, work } = timers.shift()
    now = at
    work()
    await settle()
  }
  now = to
}

// Its calls go to us: what we answer is turned by hand too.
let calls = []
let answer = { statusCode: 200, body: true }
const rpcPath = require.resolve('co-request', { paths: [require.resolve('ilp-plugin-virtual')] })
require.cache[rpcPath] = {
  id: rpcPath, filename: rpcPath, loaded: true,
  exports: async ({ uri, body }) => {
    calls.push({ method: new URL(uri).searchParams.get('method'), params: JSON.parse(JSON.stringify(body)) })
    return answer
  }
}
const PluginVirtual = require('ilp-plugin-virtual')

class Store {
  constructor () { this.values = new Map() }
  async get (key) { return this.values.get(key) }
  async put (key, value) { this.values.set(key, value) }
  async del (key) { this.values.delete(key) }
}

const secret = name => createHash('sha256').update(name).digest('base64')
const EVENTS = ['incoming_prepare', 'incoming_transfer', 'incoming_fulfill', 'incoming_reject', 'incoming_cancel', 'outgoing_prepare', 'outgoing_transfer', 'outgoing_fulfill', 'outgoing_reject', 'outgoing_cancel']
const REASON = { code: 'F07', name: 'Cannot Receive', message: 'no', triggered_by: 'example.them', additional_info: {} }

async function plugin (limit) {
  now = START
  timers = []
  const made = new PluginVirtual({
    secret: secret('us'), peerPublicKey: PluginVirtual.generatePublicKey(secret('them')), _store: new Store(),
    rpcUri: 'http://them/rpc', maxBalance: limit, currencyCode: 'USD', currencyScale: 9
  })
  await made.connect()
  return made
}

/** Plays steps on a fresh plugin, and writes down what each did. */
async function play (name, limit, steps) {
  const it = await plugin(limit)
  const prefix = it.getInfo().prefix
  const [us, them] = [it.getAccount(), prefix + PluginVirtual.generatePublicKey(secret('them'))]
  const transfer = ({ id, amount, expires, number, incoming }) => ({
    id, ledger: prefix, from: incoming ? them : us, to: incoming ? us : them, amount,
    ...(expires === undefined ? {} : { executionCondition: preimage(Buffer.alloc(32, number)).condition, expiresAt: new RealDate(START + expires).toISOString() })
  })
  let happened = []
  for (const event of EVENTS) it.on(event, about => happened.push([event, about.id]))
  const done = []
  for (const step of steps) {
    await turn(START + step.at)
    await settle()
    happened = happened.filter(([event]) => event.endsWith('cancel'))
    const expired = happened.map(([, id]) => id)
    happened = []
    calls = []
    const fulfillment = preimage(Buffer.alloc(32, step.number ?? 0)).fulfillment
    const run = {
      send_transfer: () => it.receive('send_transfer', [transfer({ ...step, incoming: true })]),
      fulfill_condition: () => it.receive('fulfill_condition', [step.id, fulfillment]),
      reject_incoming_transfer: () => it.receive('reject_incoming_transfer', [step.id, REASON]),
      expire_transfer: () => it.receive('expire_transfer', [step.id]),
      send: () => it.sendTransfer(transfer({ ...step, incoming: false })),
      fulfill: () => it.fulfillCondition(step.id, fulfillment),
      reject: () => it.rejectIncomingTransfer(step.id, REASON),
      wait: async () => {}
    }[step.op]
    let result
    try {
      await run()
      result = true
    } catch (error) { result = error.name }
    await settle()
    done.push({
      ...step,
      ran_out: expired, result, balance: await it.getBalance(),
      calls: calls.map(({ method, params }) => [method, params[0].id ?? params[0]]),
      events: happened.map(([event, id]) => [event, id])
    })
  }
  return { name, prefix, account: us, peer_account: them, limit, start: String(START), steps: done }
}

const by = (op, id, more) => ({ at: 0, op, id, ...more })
const held = (id, amount, number, expires = 5000) => ({ id, amount: String(amount), number, expires })
const cases = [
  await play('an incoming transfer is counted at once and fulfilled by us', '1000', [
    by('send_transfer', 'a', held('a', 400, 1)), by('fulfill', 'a', { number: 1 })]),
  await play('an incoming transfer that we reject is given back', '1000', [
    by('send_transfer', 'a', held('a', 400, 1)), by('reject', 'a')]),
  await play('an incoming transfer that runs out is given back', '1000', [
    by('send_transfer', 'a', held('a', 400, 1)), by('wait', undefined, { at: 4999 }), by('wait', undefined, { at: 5001 })]),
  await play('an outgoing transfer counts when it is fulfilled', '1000', [
    by('send', 'a', held('a', 400, 1)), by('fulfill_condition', 'a', { number: 2 }), by('fulfill_condition', 'a', { number: 1 })]),
  await play('an outgoing transfer that is rejected counts nothing', '1000', [
    by('send', 'a', held('a', 400, 1)), by('reject_incoming_transfer', 'a')]),
  await play('an outgoing transfer that runs out counts nothing', '1000', [
    by('send', 'a', held('a', 400, 1)), by('wait', undefined, { at: 5001 })]),
  await play('unconditional transfers count at once', '1000', [
    by('send_transfer', 'a', { amount: '400' }), by('send', 'b', { amount: '700' }), by('send_transfer', 'a', { amount: '400' }), by('fulfill_condition', 'b', { number: 1 })]),
  await play('reaching the limit is allowed, passing it is not', '1000', [
    by('send_transfer', 'a', held('a', 1000, 1)), by('send_transfer', 'b', held('b', 1, 2)), by('reject', 'a'), by('send_transfer', 'c', { amount: '1001' }), by('send_transfer', 'd', { amount: '1000' })]),
  await play('the same again is a repeat while it is on hold, and other contents are not', '1000', [
    by('send_transfer', 'a', held('a', 400, 1)), by('send_transfer', 'a', held('a', 400, 1)), by('send_transfer', 'a', held('a', 401, 1)), by('send', 'b', held('b', 5, 2)), by('send', 'b', held('b', 6, 2))]),
  await play('only the receiver resolves', '1000', [
    by('send_transfer', 'a', held('a', 400, 1)), by('fulfill_condition', 'a', { number: 1 }), by('reject_incoming_transfer', 'a'), by('send', 'b', held('b', 5, 2)), by('fulfill', 'b', { number: 2 }), by('reject', 'b')]),
  await play('nobody runs out before the time', '1000', [
    by('send', 'a', held('a', 400, 1)), by('expire_transfer', 'a'), by('fulfill_condition', 'a', { number: 1 })]),
  await play('what nobody knows is not found', '1000', [
    by('fulfill_condition', 'x', { number: 1 }), by('reject_incoming_transfer', 'x'), by('expire_transfer', 'x'), by('fulfill', 'x', { number: 1 }), by('reject', 'x')])
]
// Sequences by the dice. None says a thing twice about what is resolved, where 2017 forgets and revives.
const dice = new Dice('ledger')
for (let number = 0; number < 120; number++) {
  const [steps, open] = [[], []]
  let at = 0
  for (let count = 0; count < 14; count++) {
    at += dice.below(900)
    const id = `t${count}`
    for (const it of [...open]) if (it.expires <= at + 1) open.splice(open.indexOf(it), 1)
    const die = dice.below(open.length ? 6 : 2)
    if (die < 2) {
      const expires = dice.below(5) ? at + 500 + dice.below(4000) : undefined
      const op = die ? 'send' : 'send_transfer'
      const seed = 1 + dice.below(200)
      steps.push({ at, op, id, amount: String(1 + dice.below(400)), ...(expires === undefined ? {} : { number: seed, expires }) })
      if (expires !== undefined) open.push({ id, op, seed, expires, step: steps.at(-1) })
    } else {
      const which = open[dice.below(open.length)]
      const isTheirs = which.op === 'send_transfer'
      const isRight = dice.below(4) > 0
      if (dice.below(6) === 0) {
        // The same again: nothing happens.
        steps.push({ ...which.step, at })
      } else if (dice.below(3)) {
        steps.push({ at, op: isTheirs ? 'fulfill' : 'fulfill_condition', id: which.id, number: isRight ? which.seed : 201 })
        if (isRight) open.splice(open.indexOf(which), 1)
      } else {
        steps.push({ at, op: isTheirs ? 'reject' : 'reject_incoming_transfer', id: which.id })
        open.splice(open.indexOf(which), 1)
      }
    }
  }
  steps.push({ at: at + 10_000, op: 'wait' })
  cases.push(await play(`by the dice, ${number}`, '10000', steps))
}
const { version } = require('ilp-plugin-virtual/package.json')
const about = 'The ledger of ilp-plugin-virtual as one side sees it: calls of the peer (send_transfer, fulfill_condition, reject_incoming_transfer, expire_transfer), acts of its own (send, fulfill, reject), time in ms since start; a condition is that of 32 bytes of the number, an expiry counts from the start too; then the answer (true, or the class of the error), the balance, the calls it makes, the events it emits, and what ran out before.'
const text = `{\n "about": ${JSON.stringify(about)},\n "generated_with": ${JSON.stringify({ seed: dice.seed, 'ilp-plugin-virtual': version })},\n "cases": [\n${cases.map(it => `  ${JSON.stringify(it)}`).join(',\n')}\n ]\n}\n`
writeFileSync(new URL('../vectors/ledger.json', import.meta.url), text)
console.log(`${cases.length} cases, ${cases.reduce((sum, it) => sum + it.steps.length, 0)} steps`)
process.exit(0)
