// Quotes of all three kinds that a real peer asks of us, one of them about a ledger for which we have to ask another.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { eventually, peerKitWithServer, startKit, startServer } from './harness.mjs'

const packets = createRequire(import.meta.url)('ilp-packet')
const decode = base64url => packets.deserializeIlpPacket(Buffer.from(base64url, 'base64'))

for (const curves of ['1', '0']) {
  test(`quotes by source, by destination and as a curve, with curves in broadcasts ${curves === '1' ? 'on' : 'off'}`, async t => {
    const [red, blue, ours] = await Promise.all([
      startKit(t, 'example.red.'),
      startKit(t, 'example.blue.', { settings: { BROADCAST_CURVES: curves } }),
      startServer(t)
    ])
    const { ours: withRed } = await peerKitWithServer(red, ours)
    await peerKitWithServer(blue, ours)
    await eventually('we know blue from red', async () => {
      const { routes } = await ours.get('/routes')
      return routes.some(route => route.source_ledger === withRed.prefix && route.target_prefix === 'example.blue.')
    })
    const ask = async ilp => {
      const answer = await red.control('request', {
        prefix: withRed.prefix,
        message: { ledger: withRed.prefix, from: withRed.peer_account, to: withRed.account, ilp: ilp.toString('base64url'), timeout: 3000 }
      })
      return decode(answer.ilp)
    }
    const about = { destinationAccount: 'example.blue.bob', destinationHoldDuration: 5000 }
    const there = await ask(packets.serializeIlqpBySourceRequest({ ...about, sourceAmount: '1000000000' }))
    assert.equal(there.type, packets.Type.TYPE_ILQP_BY_SOURCE_RESPONSE)
    // Two connectors, each keeping 0.2 %, and no more than a unit or two of rounding.
    const expected = 998_000_000 * 0.998
    const amount = Number(there.data.destinationAmount)
    assert.ok(amount <= expected && amount > expected - 5, there.data.destinationAmount)
    assert.ok(there.data.sourceHoldDuration > 5000 && there.data.sourceHoldDuration <= 10_000)

    const back = await ask(packets.serializeIlqpByDestinationRequest({ ...about, destinationAmount: there.data.destinationAmount }))
    assert.equal(back.type, packets.Type.TYPE_ILQP_BY_DESTINATION_RESPONSE)
    const needed = Number(back.data.sourceAmount)
    assert.ok(needed >= amount / 0.998 / 0.998 - 5 && needed <= 1_000_000_010, back.data.sourceAmount)

    const curve = await ask(packets.serializeIlqpLiquidityRequest(about))
    assert.equal(curve.type, packets.Type.TYPE_ILQP_LIQUIDITY_RESPONSE)
    assert.equal(curve.data.appliesToPrefix, 'example.blue.')
    assert.ok(new Date(curve.data.expiresAt) > new Date())
    assert.equal(curve.data.liquidityCurve.length % 16, 0)

    const none = await ask(packets.serializeIlqpBySourceRequest({ ...about, destinationAccount: 'example.nowhere.x', sourceAmount: '5' }))
    assert.equal(none.type, packets.Type.TYPE_ILP_ERROR)
    assert.equal(none.data.code, 'F02')

    if (curves === '0') {
      const asked = (await blue.control('calls')).filter(call => call.method === 'send_request' && call.params[0].ilp)
      assert.equal(asked.length, 1, 'asked once, and remembered')
      await blue.stop('SIGKILL')
      const late = await ask(packets.serializeIlqpBySourceRequest({ ...about, destinationAccount: 'example.blue.alice', sourceAmount: '1000000000' }))
      assert.equal(late.type, packets.Type.TYPE_ILQP_BY_SOURCE_RESPONSE, 'the answer was for all of blue')
    }
  })
}
