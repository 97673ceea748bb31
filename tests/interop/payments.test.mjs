// Money over the software of 2017: from red's own ledger through us to blue's, and back; all balances agree to the
// unit on both sides, whatever became of the payments, and also after we were killed in between.
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { LIMIT, eventually, peerKitWithServer, startKit, startServer } from './harness.mjs'
import { packet, preimage } from './money.mjs'

const HOLD = 10_000

/** Puts a transfer on hold on the own ledger of `from`, for somebody on the own ledger of `to`. */
async function pay (from, to, comes, amount, { account = `${to.ledger}bob`, hold = HOLD } = {}) {
  const payment = { id: randomUUID(), ...preimage(randomBytes(32)) }
  await from.control('incoming', {
    id: payment.id,
    ledger: from.ledger,
    from: `${from.ledger}alice`,
    to: `${from.ledger}connector`,
    amount: String(comes),
    ilp: packet(account, amount),
    executionCondition: payment.condition,
    expiresAt: new Date(Date.now() + hold).toISOString()
  })
  return payment
}

const own = async kit => (await kit.state()).own

/** The transfer that reached the receiver's ledger. */
const arrived = (kit, payment) => eventually(`${payment.id} arrives at ${kit.ledger}`, async () =>
  (await own(kit)).find(entry => entry.what === 'sent' && entry.transfer.executionCondition === payment.condition)?.transfer)

/** What became of it on the payer's ledger. */
const ended = (kit, payment) => eventually(`${payment.id} ends at ${kit.ledger}`, async () =>
  (await own(kit)).find(entry => entry.what !== 'sent' && entry.id === payment.id))

test('red, ours and blue: payments in both directions', async t => {
  const [red, blue, ours] = await Promise.all([
    startKit(t, 'example.red.'), startKit(t, 'example.blue.'),
    // A kit loses changes of its own that happen while it is broadcasting; asked often, it tells them again.
    startServer(t, { toml: 'full_table_interval_ms = 3000' })
  ])
  const prefixes = {}
  for (const kit of [red, blue]) prefixes[kit.ledger] = (await peerKitWithServer(kit, ours)).theirs.prefix
  const ways = () => Promise.all([[red, blue], [blue, red]].map(([kit, other]) =>
    eventually(`${kit.ledger} has a route to ${other.ledger}, and so have we`, async () => {
      const theirs = (await kit.state()).routes.some(route => route.source_ledger === kit.ledger && route.destination_ledger === other.ledger)
      const { routes } = await ours.get(`/routes?source=${prefixes[kit.ledger]}`)
      return theirs && routes.some(route => route.target_prefix === other.ledger)
    }, 30_000)))
  await ways()

  /** Theirs and ours of each ledger are opposite numbers. */
  const balances = () => eventually('both sides agree', async () => {
    const found = {}
    for (const kit of [red, blue]) {
      const prefix = prefixes[kit.ledger]
      const theirs = BigInt((await kit.state()).balances[prefix].balance)
      const mine = BigInt((await ours.get(`/peers/${prefix}`)).balance)
      if (theirs !== -mine) throw new Error(`${kit.ledger}: they say ${theirs}, we say ${mine}`)
      found[kit.ledger] = mine
    }
    return found
  })

  await t.test('a payment goes on, its fulfillment comes back, and we keep our share', async () => {
    const payment = await pay(red, blue, 1_010_000_000, 1_000_000_000)
    const transfer = await arrived(blue, payment)
    assert.equal(transfer.amount, '1000000000')
    assert.equal(transfer.to, 'example.blue.bob')
    await blue.control('fulfill', { id: transfer.id, fulfillment: payment.fulfillment })
    const end = await ended(red, payment)
    assert.deepEqual([end.what, end.fulfillment], ['fulfilled', payment.fulfillment])
    const { 'example.red.': owed, 'example.blue.': owing } = await balances()
    // Red keeps 0.2 %, then we do.
    assert.ok(owed >= 1_007_979_998n && owed <= 1_007_980_000n, String(owed))
    assert.ok(-owing <= owed * 998n / 1000n && -owing >= owed * 998n / 1000n - 2n, String(owing))
  })

  await t.test('a payment that is rejected comes back with the reason of the receiver', async () => {
    const before = await balances()
    const payment = await pay(red, blue, 1_010_000_000, 1_000_000_000)
    const transfer = await arrived(blue, payment)
    const reason = { code: 'F05', name: 'Wrong Condition', message: 'not mine', triggered_by: 'example.blue.bob', additional_info: {} }
    await blue.control('reject', { id: transfer.id, reason })
    const end = await ended(red, payment)
    assert.equal(end.what, 'rejected')
    assert.equal(end.reason.code, 'F05')
    assert.equal(end.reason.message, 'not mine')
    assert.equal(end.reason.forwarded_by, 'example.red.connector')
    assert.deepEqual(await balances(), before)
  })

  await t.test('refusals on the way have their codes', async () => {
    const before = await balances()
    const tooLittle = await ended(red, await pay(red, blue, 1_000_000_000, 1_000_000_000))
    assert.equal(tooLittle.reason.code, 'R01')
    const nowhere = await ended(red, await pay(red, blue, 1_000_000_000, 1, { account: 'example.ours.nobody' }))
    assert.equal(nowhere.reason.code, 'F02')
    assert.equal(nowhere.reason.triggered_by, 'example.ours.connector')
    assert.deepEqual(await balances(), before)
  })

  await t.test('a payment that nobody answers runs out, and is rejected by us before it does at red', async () => {
    const before = await balances()
    const payment = await pay(red, blue, 1_010_000_000, 1_000_000_000, { hold: 5_000 })
    await arrived(blue, payment)
    const end = await ended(red, payment)
    assert.equal(end.reason.code, 'R00')
    assert.deepEqual(await balances(), before)
    for (const kit of [red, blue]) {
      const calls = await kit.control('calls')
      assert.ok(!calls.some(call => call.method === 'expire_transfer'), 'we told a kit that something expired')
    }
  })

  await t.test('one on hold while we are killed is fulfilled after we are back', async () => {
    const before = await balances()
    const payment = await pay(red, blue, 2_020_000_000, 2_000_000_000)
    const transfer = await arrived(blue, payment)
    await ours.stop('SIGKILL')
    await ours.start()
    await blue.control('fulfill', { id: transfer.id, fulfillment: payment.fulfillment })
    const end = await ended(red, payment)
    assert.equal(end.fulfillment, payment.fulfillment)
    const after = await balances()
    assert.ok(after['example.red.'] > before['example.red.'] + 2_000_000_000n)
    await ways()
  })

  await t.test('many at once, both ways, a third of them rejected', async () => {
    const before = await balances()
    const one = async number => {
      const [from, to] = number % 2 ? [red, blue] : [blue, red]
      const amount = 1_000_000 + number * 7_654_321
      const payment = await pay(from, to, Math.ceil(amount * 1.01), amount)
      const { id } = await arrived(to, payment)
      const isPaid = number % 3 !== 0
      await (isPaid
        ? to.control('fulfill', { id, fulfillment: payment.fulfillment })
        : to.control('reject', { id, reason: { code: 'F07', name: 'Cannot Receive', message: 'no', triggered_by: to.ledger, additional_info: {} } }))
      const end = await ended(from, payment)
      assert.equal(end.what, isPaid ? 'fulfilled' : 'rejected')
    }
    await Promise.all(Array.from({ length: 40 }, (_, number) => one(number)))
    const after = await balances()
    const gained = kits => kits['example.red.'] + kits['example.blue.']
    assert.ok(gained(after) > gained(before), 'we have lost money')
    assert.ok(after['example.red.'] < BigInt(LIMIT))
  })
})
