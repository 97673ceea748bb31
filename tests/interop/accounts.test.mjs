// Money between accounts on our own ledger and accounts behind a real peer of 2017: ours pays there, and is paid from
// there, and afterwards both sides agree to the unit.
import assert from 'node:assert/strict'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually, peerKitWithServer, run, startKit, startServer } from './harness.mjs'

const packets = createRequire(import.meta.url)('ilp-packet')

/** A secret of a receiver, and what it is waited for by. */
function secret () {
  const preimage = randomBytes(32)
  return {
    fulfillment: preimage.toString('base64url'),
    condition: createHash('sha256').update(preimage).digest('base64url')
  }
}

/** Somebody on the ledger of `kit` pays `comes` for `amount` to arrive at `account`. */
async function payFrom (kit, { comes, amount, account, condition }) {
  const id = randomUUID()
  await kit.control('incoming', {
    id,
    ledger: kit.ledger,
    from: `${kit.ledger}alice`,
    to: `${kit.ledger}connector`,
    amount: String(comes),
    ilp: packets.serializeIlpPayment({ amount: String(amount), account, data: '' }).toString('base64url'),
    executionCondition: condition,
    expiresAt: new Date(Date.now() + 10_000).toISOString()
  })
  return eventually(`${id} ends at ${kit.ledger}`, async () =>
    (await kit.state()).own.find(entry => entry.what !== 'sent' && entry.id === id))
}

for (const curves of ['1', '0']) {
  test(`accounts of ours and of a real peer pay each other, with curves in broadcasts ${curves === '1' ? 'on' : 'off'}`, async t => {
    const [red, ours] = await Promise.all([
      startKit(t, 'example.red.', { settings: { BROADCAST_CURVES: curves } }),
      startServer(t, { toml: 'full_table_interval_ms = 3000' })
    ])
    const { prefix } = (await peerKitWithServer(red, ours)).theirs
    const ways = () => eventually('both know the way', async () => {
      const theirs = (await red.state()).routes.some(route => route.source_ledger === red.ledger && route.destination_ledger === 'example.ours.')
      const { routes } = await ours.get('/routes?source=example.ours.')
      return theirs && routes.some(route => route.target_prefix === red.ledger)
    }, 30_000)
    await ways()

    for (const [name, balance] of [['alice', '10000000000'], ['bob', '0']]) {
      const { status } = await ours.api('POST', '/accounts', { ledger: 'example.ours.', name, balance })
      assert.equal(status, 201)
    }
    /** What each account holds, and what we have with red; theirs and ours are opposite numbers. */
    const holdings = () => eventually('both sides agree', async () => {
      const theirs = BigInt((await red.state()).balances[prefix].balance)
      const mine = BigInt((await ours.get(`/peers/${prefix}`)).balance)
      if (theirs !== -mine) throw new Error(`they say ${theirs}, we say ${mine}`)
      const { accounts } = await ours.get('/accounts')
      const found = Object.fromEntries(accounts.map(one => [one.name, BigInt(one.balance)]))
      const sum = accounts.reduce((sum, one) => sum + BigInt(one.balance) + BigInt(one.on_hold), 0n)
      assert.equal(sum, 0n, 'money was made or lost on our ledger')
      return { ...found, red: mine }
    })
    /** What is sent on red's own ledger for a condition. */
    const arrived = condition => eventually('it arrives at red', async () =>
      (await red.state()).own.find(entry => entry.what === 'sent' && entry.transfer.executionCondition === condition)?.transfer)

    await t.test('ours pays an account on the ledger of red, at the price that was quoted', async () => {
      const before = await holdings()
      const { fulfillment, condition } = secret()
      const about = { destination: 'example.red.bob', destination_amount: '1000000000' }
      const quote = await ours.api('POST', '/quotes', { source: 'example.ours.alice', ...about })
      assert.deepEqual([quote.status, quote.body.found], [200, curves === '1' ? 'curve' : 'remote'])
      const paying = ours.api('POST', '/payments', { from: 'example.ours.alice', ...about, condition })
      const transfer = await arrived(condition)
      assert.deepEqual([transfer.to, transfer.amount], ['example.red.bob', '1000000000'])
      await red.control('fulfill', { id: transfer.id, fulfillment })
      const { status, body } = await paying
      assert.deepEqual([status, body.state, body.fulfillment], [200, 'executed', fulfillment])
      assert.equal(body.source_amount, quote.body.source_amount)
      const cost = BigInt(body.source_amount)
      // Two connectors keep 0.2 % each.
      assert.ok(cost >= 1_004_012_000n && cost <= 1_004_012_100n, body.source_amount)
      const after = await holdings()
      assert.equal(after.alice, before.alice - cost)
      assert.ok(after.red + after.connector > before.red + before.connector, 'we have lost money')
    })

    await t.test('red refuses, and the money is back with its reason', async () => {
      const before = await holdings()
      const { condition } = secret()
      const paying = ours.api('POST', '/payments', {
        from: 'example.ours.alice', destination: 'example.red.bob', destination_amount: '1000000000', condition
      })
      const transfer = await arrived(condition)
      const reason = { code: 'F05', name: 'Wrong Condition', message: 'not mine', triggered_by: 'example.red.bob', additional_info: {} }
      await red.control('reject', { id: transfer.id, reason })
      const { body } = await paying
      assert.deepEqual([body.state, body.reason.code, body.reason.message], ['rejected', 'F05', 'not mine'])
      assert.deepEqual(await holdings(), before)
    })

    await t.test('somebody on the ledger of red pays an invoice of ours', async () => {
      const before = await holdings()
      const { body: invoice } = await ours.api('POST', '/invoices', { account: 'example.ours.bob', amount: '2000000000' })
      const about = { amount: 2_000_000_000, account: invoice.address, condition: invoice.condition }
      const end = await payFrom(red, { comes: 2_010_000_000, ...about })
      assert.equal(end.what, 'fulfilled', JSON.stringify(end))
      assert.equal(createHash('sha256').update(Buffer.from(end.fulfillment, 'base64url')).digest('base64url'), invoice.condition)
      const after = await holdings()
      assert.equal(after.bob, before.bob + 2_000_000_000n)
      assert.ok(after.red + after.connector > before.red + before.connector, 'we have lost money')

      for (const [what, code, changed] of [
        ['paid already', 'F06', about],
        ['too little', 'R01', { ...about, comes: 1_000_000_000 }]
      ]) {
        const end = await payFrom(red, { comes: 2_010_000_000, ...changed })
        assert.deepEqual([end.what, end.reason.code], ['rejected', code], what)
      }
      const { body: second } = await ours.api('POST', '/invoices', { account: 'example.ours.bob', amount: '5000000' })
      for (const [code, changed] of [
        ['F05', { amount: 5_000_000, account: second.address, condition: secret().condition }],
        ['F04', { amount: 4_999_999, account: second.address, condition: second.condition }],
        ['F06', { amount: 5_000_000, account: 'example.ours.bob', condition: second.condition }],
        ['F02', { amount: 5_000_000, account: 'example.ours.carl', condition: second.condition }]
      ]) {
        const end = await payFrom(red, { comes: 6_000_000, ...changed })
        assert.deepEqual([end.what, end.reason.code, end.reason.triggered_by], ['rejected', code, 'example.ours.connector'])
      }
      assert.deepEqual(await holdings(), after)
    })

    await t.test('one on hold while we are killed is fulfilled after we are back, and its money is gone once', async () => {
      const before = await holdings()
      const { fulfillment, condition } = secret()
      const id = randomUUID()
      const order = {
        id,
        from: 'example.ours.alice',
        destination: 'example.red.bob',
        destination_amount: '1000000000',
        condition,
        expires_at: new Date(Date.now() + 10_000).toISOString()
      }
      const lost = ours.api('POST', '/payments', order).catch(error => error)
      const transfer = await arrived(condition)
      await ours.stop('SIGKILL')
      assert.ok(await lost instanceof Error)
      await ours.start()
      // The same order again is the same payment.
      const again = ours.api('POST', '/payments', order)
      await red.control('fulfill', { id: transfer.id, fulfillment })
      const { status, body } = await again
      assert.deepEqual([status, body.id, body.state], [200, id, 'executed'], JSON.stringify(body))
      const after = await holdings()
      assert.equal(after.alice, before.alice - BigInt(body.source_amount))
      assert.deepEqual(await ours.get(`/payments/${id}`), body)
      await ways()
    })

    await t.test('the same from the command line', async () => {
      const server = ['--server', ours.url, '--admin-token-file', join(ours.dir, 'admin.token'), '--json']
      const opened = await run(['account', 'open', 'example.ours.', 'carl', '--balance', '7', '--minimum', '-3', ...server])
      assert.deepEqual([opened.code, JSON.parse(opened.stdout).minimum], [0, '-3'], opened.stderr)
      const made = await run(['invoice', 'example.ours.carl', '5000000', ...server])
      const invoice = JSON.parse(made.stdout)
      const end = await payFrom(red, { comes: 6_000_000, amount: 5_000_000, account: invoice.address, condition: invoice.condition })
      assert.equal(end.what, 'fulfilled', JSON.stringify(end))
      const listed = await run(['account', 'list', ...server])
      assert.equal(JSON.parse(listed.stdout).accounts.find(one => one.name === 'carl').balance, '5000007')
      const quoted = await run(['quote', 'example.ours.', 'example.red.bob', '--destination-amount', '5000000', ...server])
      assert.equal(quoted.code, 0, quoted.stderr)
      const { fulfillment, condition } = secret()
      const paying = run(['pay', 'example.ours.alice', 'example.red.bob', '5000000', '--condition', condition, ...server])
      const transfer = await arrived(condition)
      await red.control('fulfill', { id: transfer.id, fulfillment })
      const paid = await paying
      assert.equal(paid.code, 0, paid.stderr)
      const payment = JSON.parse(paid.stdout)
      assert.deepEqual([payment.fulfillment, payment.source_amount], [fulfillment, JSON.parse(quoted.stdout).source_amount])
      const poor = await run(['pay', 'example.ours.bob', 'example.red.bob', '9000000000', '--condition', condition, ...server])
      assert.deepEqual([poor.code, JSON.parse(poor.stderr || poor.stdout).id], [1, 'INSUFFICIENT_BALANCE'])
    })
  })
}
