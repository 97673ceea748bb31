// Money in a storm: chains of real peers with one or two of our servers between them, hundreds of payments both ways
// at once, a third of which come to nothing, over wires that lose, repeat and forge. Afterwards both sides of every
// ledger agree to the unit, what each connector has earned is its spread, and nothing came from nowhere.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { eventually, freePort, peerKitWithServer, peerServers, pause, startKit, startServer } from './harness.mjs'
import { Dice, listen, packet, preimage, startWire } from './money.mjs'

const packets = createRequire(import.meta.url)('ilp-packet')
const PAYMENTS = 500
const SEED = process.env.C2C_STORM_SEED ?? 'storm'
const NO = { code: 'F07', name: 'Cannot Receive', message: 'no', triggered_by: 'example.nobody', additional_info: {} }

/** A chain red – ours – … – blue with a wire before each door. */
async function startChain (t, length, { curves = '1', dice = new Dice(SEED) } = {}) {
  const faults = []
  const isKits = new Set()
  const check = (what, { status, body }, wanted, id) => {
    if (status !== wanted || (id && body.id !== id)) faults.push(`${what}: ${status} ${JSON.stringify(body)}`)
  }
  let isCalm = true
  /** What may happen to any call: whoever makes or answers it makes good for it. */
  const rough = () => isCalm ? undefined : ['lost', 'deaf', 'twice'][dice.below(50)]
  /** A kit never says a thing again, so that nothing of it may be lost; but others may say the wrong thing in its place. */
  const forged = ({ method, params: [about, more], send, answered }) => {
    if (isCalm) return
    const die = dice.below(12)
    if (die === 0) return 'twice'
    const later = (what, method, params, status, id) =>
      answered.then(() => pause(200)).then(() => send(method, params))
        .then(answer => check(what, answer, status, id), error => faults.push(`${what}: ${error}`))
    const wrong = dice.bytes().toString('base64url')
    if (method === 'fulfill_condition') {
      if (die < 4) return async function wrongFulfillment () { check('a wrong fulfillment', await send(method, [about, wrong]), 422, 'NotAcceptedError') }
      if (die === 5) later('fulfilled, then rejected', 'reject_incoming_transfer', [about, NO], 422, 'AlreadyFulfilledError')
      if (die === 6) later('fulfilled twice', method, [about, more], 200)
    } else if (method === 'reject_incoming_transfer') {
      if (die === 5) later('rejected, then fulfilled', 'fulfill_condition', [about, wrong], 422, 'AlreadyRolledBackError')
      if (die === 6) later('rejected twice', method, [about, NO], 200)
    } else {
      if (die === 5) later('another amount', method, [{ ...about, amount: `${about.amount}0` }], 422, 'DuplicateIdError')
      if (die === 6) later('the same again', method, [about], 200)
    }
  }
  const mischief = call => isKits.has(call.prefix) ? forged(call) : rough()

  const kit = async (ledger, settings) => {
    const [at, port] = [await freePort(), await freePort()]
    const kit = await startKit(t, ledger, { port, url: `http://127.0.0.1:${at}`, settings: { MAX_HOLD_TIME: '100', ROUTE_EXPIRY: '45000', ...settings } })
    kit.wire = await startWire(t, { at, port, mischief: rough })
    return kit
  }
  const server = async name => {
    const [at, port] = [await freePort(), await freePort()]
    const server = await startServer(t, {
      name, port, published: `http://127.0.0.1:${at}`, toml: 'full_table_interval_ms = 3000\nmax_hold_time_ms = 60000'
    })
    server.wire = await startWire(t, { at, port, mischief })
    return server
  }
  const names = Array.from({ length }, (_, index) => `ours${index + 1}`)
  const [red, blue, ...servers] = await Promise.all([
    kit('example.red.', {}), kit('example.blue.', { BROADCAST_CURVES: curves }), ...names.map(server)
  ])
  const ends = [[red, servers[0]], [blue, servers.at(-1)]]
  for (const [kit, server] of ends) {
    const { ours } = await peerKitWithServer(kit, server)
    Object.assign(kit, { prefix: ours.prefix, account: ours.peer_account, us: ours.account, server })
    isKits.add(ours.prefix)
  }
  const between = []
  for (let index = 1; index < servers.length; index++) {
    const { one } = await peerServers(servers[index - 1], servers[index])
    between.push(one.prefix)
  }
  await Promise.all([[red, blue], [blue, red]].map(([kit, other]) => eventually(`a way from ${kit.ledger} to ${other.ledger}`, async () => {
    const theirs = (await kit.state()).routes.some(route => route.source_ledger === kit.ledger && route.destination_ledger === other.ledger)
    const { routes } = await kit.server.get(`/routes?source=${kit.prefix}`)
    return theirs && routes.some(route => route.target_prefix === other.ledger)
  }, 60_000)))

  /** Theirs and ours of each ledger: opposite numbers. What the first of the two has. */
  const agreed = () => eventually('both sides of every ledger agree', async () => {
    const found = new Map()
    const balance = async (server, prefix) => BigInt((await server.get(`/peers/${prefix}`)).balance)
    for (const kit of [red, blue]) {
      const theirs = BigInt((await kit.control('balances'))[kit.prefix])
      const mine = await balance(kit.server, kit.prefix)
      assert.equal(theirs, -mine, `${kit.ledger}: theirs and ours`)
      found.set(`${kit.server.published} ${kit.prefix}`, mine)
    }
    for (const [index, prefix] of between.entries()) {
      const [one, other] = [await balance(servers[index], prefix), await balance(servers[index + 1], prefix)]
      assert.equal(one, -other, `${prefix}: one server and the next`)
      found.set(`${servers[index].published} ${prefix}`, one)
      found.set(`${servers[index + 1].published} ${prefix}`, other)
    }
    return found
  }, 30_000)

  /** Watches what ends on the own ledgers. */
  const ends_ = new Map()
  let isOver = false
  t.after(() => { isOver = true })
  const watch = async kit => {
    for (let since = 0; !isOver;) {
      const done = await kit.control('done', { since }).catch(error => { if (!isOver) throw error; return [] })
      for (const entry of done) if (entry.what !== 'sent') ends_.set(entry.id, entry)
      since += done.length
      await pause(40)
    }
  }
  for (const kit of [red, blue]) watch(kit).catch(error => faults.push(`watching ${kit.ledger}: ${error.stack}`))
  const ended = (payment, ms) => eventually(`${payment.id} ends at ${payment.from.ledger}`, () => ends_.get(payment.id), ms)
  return { red, blue, servers, dice, faults, agreed, ended, storm: () => { isCalm = false }, calm: () => { isCalm = true } }
}

/** Puts what somebody pays on hold on the own ledger of `from`. */
const begin = ({ from, to, id, condition, comes, amount, hold }) => from.control('incoming', {
  id,
  ledger: from.ledger,
  from: `${from.ledger}alice`,
  to: `${from.ledger}connector`,
  amount: String(comes),
  ilp: packet(`${to.ledger}bob`, amount),
  executionCondition: condition,
  expiresAt: new Date(Date.now() + hold).toISOString()
})

/** What was quoted is what is delivered: each kind of quote of a real peer, and the payment that goes by it. */
async function quotesHold ({ red, blue, dice, agreed }) {
  const ask = async ilp => {
    const answer = await red.control('request', {
      prefix: red.prefix,
      message: { ledger: red.prefix, from: red.account, to: red.us, ilp: ilp.toString('base64url'), timeout: 3000 }
    })
    const { type, data } = packets.deserializeIlpPacket(Buffer.from(answer.ilp, 'base64'))
    assert.notEqual(type, packets.Type.TYPE_ILP_ERROR, JSON.stringify(data))
    return data
  }
  const about = { destinationAccount: `${blue.ledger}bob`, destinationHoldDuration: 3000 }
  const quotes = []
  for (const amount of ['1000', '1503', '77777', '123456789', '1000000000']) {
    const { destinationAmount } = await ask(packets.serializeIlqpBySourceRequest({ ...about, sourceAmount: amount }))
    quotes.push([amount, destinationAmount])
    const { sourceAmount } = await ask(packets.serializeIlqpByDestinationRequest({ ...about, destinationAmount: amount }))
    quotes.push([sourceAmount, amount])
  }
  const { liquidityCurve } = await ask(packets.serializeIlqpLiquidityRequest(about))
  const points = []
  // The high half of each number first, each half with its low byte first.
  const number = at => BigInt(liquidityCurve.readUInt32LE(at)) * 2n ** 32n + BigInt(liquidityCurve.readUInt32LE(at + 4))
  for (let at = 0; at < liquidityCurve.length; at += 16) points.push([number(at), number(at + 8)])
  for (const amount of [5_000n, 123_456_789n]) {
    const next = points.findIndex(([x]) => x >= amount)
    const [[x0, y0], [x1, y1]] = [points[next - 1], points[next]]
    quotes.push([String(amount), String(y0 + (amount - x0) * (y1 - y0) / (x1 - x0))])
  }
  const before = BigInt((await red.control('balances'))[red.prefix])
  let spent = 0n
  for (const [comes, amount] of quotes) {
    const paid = preimage(dice.bytes())
    await blue.control('plan', [{ condition: paid.condition, fulfillment: paid.fulfillment, after: 0 }])
    await red.control('send', {
      prefix: red.prefix,
      transfer: {
        id: dice.id(),
        ledger: red.prefix,
        from: red.account,
        to: red.us,
        amount: comes,
        ilp: packet(`${blue.ledger}bob`, amount),
        executionCondition: paid.condition,
        expiresAt: new Date(Date.now() + 9_000).toISOString()
      }
    })
    spent += BigInt(comes)
    await eventually(`${comes} for ${amount} is paid`, async () => BigInt((await red.control('balances'))[red.prefix]) === before - spent)
    const { transfer } = (await blue.control('done', { since: 0 })).find(entry => entry.what === 'sent' && entry.transfer.executionCondition === paid.condition)
    assert.equal(transfer.amount, amount, `quoted for ${comes}`)
  }
  await agreed()
}

for (const length of [1, 2]) {
  const chain = ['red', ...Array.from({ length }, () => 'ours'), 'blue'].join(' – ')
  test(`${chain}: what was quoted is delivered, and a storm leaves no unit behind`, async t => {
    const world = await startChain(t, length)
    const { red, blue, servers, dice, faults, agreed, ended } = world
    await t.test('quotes of all three kinds hold', () => quotesHold(world))

    await t.test(`${PAYMENTS} payments both ways`, async t => {
      const before = await agreed()
      const heard = await Promise.all(servers.map(server => listen(t, server)))
      const payments = Array.from({ length: PAYMENTS }, () => {
        const [from, to] = dice.below(2) ? [red, blue] : [blue, red]
        // From a few units to a whole one, each size as often.
        const amount = 1 + dice.below(10 ** (1 + dice.below(9)))
        const fate = ['reject', 'ignore', 'pay', 'pay', 'pay', 'pay'][dice.below(6)]
        return {
          ...preimage(dice.bytes()), id: dice.id(), from, to, amount, fate,
          // Each connector on the way keeps 0.2 %, and may round.
          comes: Math.ceil(amount * 1.011) + 8,
          hold: fate === 'ignore' ? 10_000 : 40_000
        }
      })
      for (const kit of [red, blue]) {
        await kit.control('plan', payments.filter(({ to, fate }) => to === kit && fate !== 'ignore').map(({ condition, fulfillment, fate }) => ({
          condition, after: dice.below(300), ...(fate === 'pay' ? { fulfillment } : { reason: NO })
        })))
      }
      world.storm()
      let again = 0
      const one = async payment => {
        for (;;) {
          await begin(payment)
          const end = await ended(payment, payment.hold + 3_000).catch(error => {
            if (payment.fate !== 'ignore') throw error
            // A kit whose own transfer has run out rejects nothing: if our reason comes after that, it lets run out what it holds.
            return { what: 'ran out' }
          })
          // A kit whose news was late knows no way for a moment. Nothing has gone anywhere.
          const atOnce = end.reason?.code === 'F02' && end.reason.triggered_by === `${payment.from.ledger}connector`
          if (!atOnce || again > PAYMENTS) return { ...payment, end }
          payment.id = dice.id()
          again++
          await pause(500)
        }
      }
      const pool = async (list, width) => {
        const rest = [...list]
        const found = []
        await Promise.all(Array.from({ length: width }, async (_, number) => {
          // Not all at one moment: a kit that is asked for everything at once answers nothing in time.
          await pause(number * 40)
          while (rest.length) found.push(await one(rest.pop()))
        }))
        return found
      }
      const ends = (await Promise.all([
        pool(payments.filter(({ fate }) => fate === 'ignore'), 60), pool(payments.filter(({ fate }) => fate !== 'ignore'), 30)
      ])).flat()
      await pause(500)
      world.calm()

      for (const { id, fate, fulfillment, from, end } of ends) {
        if (fate === 'pay') assert.deepEqual([end.what, end.fulfillment], ['fulfilled', fulfillment], `${id}: ${JSON.stringify(end)}`)
        if (fate === 'reject') assert.deepEqual([end.what, end.reason.code, end.reason.forwarded_by], ['rejected', 'F07', `${from.ledger}connector`], id)
        if (fate === 'ignore' && end.what !== 'ran out') {
          // It ran out further on, or a busy machine left too little of its time to go on at all.
          assert.equal(end.what, 'rejected', id)
          assert.ok(['R00', 'R02'].includes(end.reason.code), `${id}: ${end.reason.code}`)
        }
      }
      assert.deepEqual(faults, [])
      const after = await agreed()
      // Where an answer was lost, a kit has forgotten the transfer when it is told again: the balances clear that up.
      for (const [key] of after) {
        const [of, peer] = key.split(' ')
        const server = servers.find(server => server.published === of)
        const { status, body } = await server.api('POST', `/peers/${peer}/reconcile`, {})
        assert.deepEqual([status, body.ok, body.difference, body.transfers], [200, true, '0', []], JSON.stringify(body))
      }

      // What came and went, as each server told it while it happened, is what its balances moved by.
      const paid = ends.filter(({ fate }) => fate === 'pay')
      const sum = numbers => numbers.reduce((total, number) => total + BigInt(number), 0n)
      for (const [index, server] of servers.entries()) {
        await pause(200)
        assert.ok(!heard[index].some(({ event }) => event === 'broken' || event === 'missed'), 'the events were lost')
        const executed = heard[index].filter(({ event, state }) => event === 'transfer_changed' && state === 'executed')
        const flows = (direction, peer) => executed.filter(it => it.direction === direction && (!peer || it.peer === peer)).map(it => it.amount)
        assert.deepEqual([flows('incoming').length, flows('outgoing').length], [paid.length, paid.length], 'each once')
        let earned = 0n
        for (const [key, balance] of after) {
          const [of, peer] = key.split(' ')
          if (of !== server.published) continue
          const moved = balance - before.get(key)
          assert.equal(moved, sum(flows('incoming', peer)) - sum(flows('outgoing', peer)), `${peer} moved by what was executed`)
          earned += moved
        }
        // The spread, and of each payment no more than the unit that is rounded.
        const least = sum(flows('incoming')) * 2n / 1000n
        assert.ok(earned >= least && earned <= least + BigInt(paid.length) + 1n, `${earned} of ${least}`)
      }
      // What the payers paid is what the receivers got and what the connectors kept.
      let kept = 0n
      for (const balance of after.values()) kept += balance
      for (const balance of before.values()) kept -= balance
      const done = { [red.ledger]: await red.control('done', { since: 0 }), [blue.ledger]: await blue.control('done', { since: 0 }) }
      const isPaid = new Map(paid.map(payment => [payment.condition, payment]))
      for (const kit of [red, blue]) {
        const got = done[kit.ledger].filter(({ what, transfer }) => what === 'sent' && isPaid.get(transfer.executionCondition))
        for (const { transfer } of got) assert.equal(transfer.amount, String(isPaid.get(transfer.executionCondition).amount))
        const comes = sum(paid.filter(({ from }) => from === kit).map(({ comes }) => comes))
        const goes = sum(got.map(({ transfer }) => transfer.amount))
        // On its ledger with us the kit has the contrary of what we have.
        const key = `${kit.server.published} ${kit.prefix}`
        const own = comes - goes - (after.get(key) - before.get(key))
        assert.ok(own >= 0n, `${kit.ledger} has lost ${-own}`)
        kept += own
      }
      assert.equal(sum(paid.map(({ comes }) => comes)), sum(paid.map(({ amount }) => amount)) + kept)
      const counts = [red, blue, ...servers].map(({ wire }) => wire.counts)
      const ranOut = ends.filter(({ end }) => end.what === 'ran out').length
      t.diagnostic(`${paid.length} paid, ${ends.length - paid.length} not, ${ranOut} of which ran out, begun again ${again}; on the wires ${JSON.stringify(counts)}`)
    })
  })
}

test('a peer that sends no curves is asked for them, and a payment goes by what it says', async t => {
  const world = await startChain(t, 1, { curves: '0' })
  await quotesHold(world)
  const asked = (await world.blue.control('calls')).filter(call => call.method === 'send_request' && call.params[0].ilp)
  assert.ok(asked.length >= 1, 'blue was asked')
})
