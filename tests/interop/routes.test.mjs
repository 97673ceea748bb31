// The main job against the software of 2017: peering by WebFinger both ways, routes both ways, loss and withdrawal.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { eventually, peerKitWithServer, startKit, startServer } from './harness.mjs'

const fingerprint = token => createHash('sha256').update(token).digest('base64url').slice(0, 12)
const routesTo = (state, ledger) => state.routes.filter(route => route.destination_ledger === ledger)
const ourRoutesTo = async (server, ledger) =>
  (await server.get('/routes')).routes.filter(route => route.target_prefix === ledger)

test('red, ours and blue: peering, routes in both directions, accepted points, expiry and withdrawal', async t => {
  const [red, blue, ours] = await Promise.all([
    startKit(t, 'example.red.'), startKit(t, 'example.blue.'), startServer(t)
  ])

  const peerings = {}
  await t.test('peers by WebFinger with each, and both sides hold the same prefix, token, currency and scale', async () => {
    for (const kit of [red, blue]) {
      const { theirs, ours: mine } = await peerKitWithServer(kit, ours)
      assert.equal(mine.prefix, theirs.prefix)
      assert.equal(mine.account, theirs.peer_account)
      assert.equal(mine.peer_account, theirs.account)
      assert.equal(mine.currency, theirs.currency)
      assert.equal(mine.scale, theirs.scale)
      assert.equal(mine.token_fingerprint, fingerprint(theirs.token))
      assert.equal(mine.protocol_version, 'Compatible: ilp-kit v3.0.0')
      assert.equal(mine.rpc_uri, `${kit.url}/rpc`)
      peerings[kit.ledger] = mine
    }
    for (const kit of [red, blue]) {
      const { prefix } = peerings[kit.ledger]
      const peer = await eventually(`${kit.ledger} is checked`, async () => {
        const view = await ours.get(`/peers/${prefix}`)
        return view.state === 'checked' && view
      })
      assert.equal(peer.peer_limit, '1000000000000')
      const state = await kit.state()
      assert.deepEqual(state.balances[prefix], { balance: '0', limit: '-1000000000000' })
    }
  })

  await t.test('their routes arrive in our table, with their curve joined to our pair', async () => {
    for (const kit of [red, blue]) {
      const routes = await eventually(`our table knows ${kit.ledger}`, async () => {
        const found = await ourRoutesTo(ours, kit.ledger)
        return found.some(route => route.source_ledger === 'example.ours.') && found
      })
      const own = routes.find(route => route.source_ledger === 'example.ours.')
      assert.equal(own.candidates.length, 1)
      assert.equal(own.candidates[0].next_hop, peerings[kit.ledger].peer_account)
      assert.ok(own.merged.points.length >= 2)
    }
  })

  await t.test('our routes arrive in theirs, through us to the other end of the chain', async () => {
    for (const [kit, other] of [[red, blue], [blue, red]]) {
      const us = peerings[kit.ledger].account
      for (const ledger of ['example.ours.', other.ledger]) {
        const hop = await eventually(`${kit.ledger} has a route to ${ledger} through us`, async () => {
          const state = await kit.state()
          return state.hops.find(hop => hop.destination === ledger && hop.source === kit.ledger && hop.next_hop === us)
        })
        assert.ok(hop)
      }
      // The ledger between the two ends stands in the path, so lengths are real.
      const state = await kit.state()
      const far = state.hops.find(hop => hop.destination === other.ledger && hop.next_hop === us && hop.source === kit.ledger)
      const near = state.hops.find(hop => hop.destination === 'example.ours.' && hop.next_hop === us && hop.source === kit.ledger)
      assert.equal(far.length, near.length + 1)
    }
  })

  await t.test('every message we sent was taken, and after the first only news or heartbeats', async () => {
    for (const kit of [red, blue]) {
      const isBeat = call => call.method === 'send_request' && call.params[0].custom?.data?.new_routes?.length === 0
      const calls = await eventually('some heartbeats from us', async () => {
        const calls = await kit.control('calls')
        return calls.filter(isBeat).length >= 2 && calls
      })
      const ours = calls.filter(call => call.method === 'send_request')
      for (const call of ours) {
        assert.equal(call.error, undefined, JSON.stringify(call))
        assert.equal(call.result.ilp, undefined, `an error packet came back: ${JSON.stringify(call)}`)
      }
      // Once said, a route is not said again until something moves.
      const quiet = ours.slice(ours.findIndex(isBeat))
      assert.ok(quiet.filter(isBeat).length >= quiet.length - 2, JSON.stringify(quiet))
    }
  })

  await t.test('what we promise, they combine: points within what the chain can carry', async () => {
    const [route] = routesTo(await red.state(), 'example.blue.').filter(route => route.source_ledger === 'example.red.')
    const bytes = Buffer.from(route.points, 'base64')
    const word = at => BigInt(bytes.readUInt32LE(at)) * 2n ** 32n + BigInt(bytes.readUInt32LE(at + 4))
    const points = []
    for (let at = 0; at < bytes.length; at += 16) points.push([word(at), word(at + 8)])
    // Three connectors of 0.2 % each, and never more than blue's ledger can be given.
    for (const [x, y] of points) {
      if (x > 0n) assert.ok(y * 1_000_000_000n <= x * 998_000_000n * 998n * 998n / 1_000_000n + 1_000_000_000n, `${x} → ${y}`)
    }
    assert.ok(points.at(-1)[1] > 900_000_000_000n)
  })

  await t.test('when blue stops, its routes expire and are withdrawn from red; red and ours stay', async () => {
    await blue.stop('SIGKILL')
    await eventually('our table lost blue', async () => (await ourRoutesTo(ours, 'example.blue.')).length === 0, 20_000)
    await eventually('red lost blue', async () => routesTo(await red.state(), 'example.blue.').length === 0, 20_000)
    assert.ok(routesTo(await red.state(), 'example.ours.').length > 0)
    assert.ok((await ourRoutesTo(ours, 'example.red.')).length > 0)
    const peer = await eventually('blue is said to be silent', async () => {
      const view = await ours.get(`/peers/${peerings['example.blue.'].prefix}`)
      return view.state !== 'checked' && view
    })
    assert.ok(peer.reason.length > 0, 'a state without its reason')
  })

  await t.test('after we stop, their routes through us expire', async () => {
    await ours.stop()
    const us = peerings['example.red.'].account
    await eventually('red dropped what came through us', async () => {
      const state = await red.state()
      return !state.hops.some(hop => hop.next_hop === us)
    }, 20_000)
  })
})

test('a restarted server remembers its peers and is believed again', async t => {
  const [red, ours] = await Promise.all([startKit(t, 'example.red.'), startServer(t)])
  const { ours: peer } = await peerKitWithServer(red, ours)
  await eventually('red knows our ledger', async () => routesTo(await red.state(), 'example.ours.').length > 0)
  await ours.stop('SIGKILL')
  await ours.start()
  const again = await ours.get(`/peers/${peer.prefix}`)
  for (const fact of ['prefix', 'account', 'peer_account', 'currency', 'scale', 'rpc_uri', 'protocol_version', 'limit', 'token_fingerprint']) {
    assert.equal(again[fact], peer[fact], fact)
  }
  await eventually('our table knows red again', async () => (await ourRoutesTo(ours, 'example.red.')).length > 0)
})

test('a peer that adds us later is not lost: waiting, then checked', async t => {
  const [red, ours] = await Promise.all([startKit(t, 'example.red.'), startServer(t)])
  const { body: peer, status } = await ours.api('POST', '/peers', { mode: 'webfinger', host: red.url, currency: 'USD', scale: 9, limit: '5000' })
  assert.equal(status, 201)
  const waiting = await eventually('waiting for them', async () => {
    const view = await ours.get(`/peers/${peer.prefix}`)
    return view.state === 'waiting' && view
  })
  assert.match(waiting.reason, /does not know this peering/)
  await red.control('peer', { url: ours.url, currency: 'USD', scale: 9, limit: '7000' })
  const checked = await eventually('checked', async () => {
    const view = await ours.get(`/peers/${peer.prefix}`)
    return view.state === 'checked' && view
  })
  assert.equal(checked.peer_limit, '7000')
})

test('without curves in its broadcasts, a route of 2017 is known and marked as one to ask about', async t => {
  const [red, ours] = await Promise.all([
    startKit(t, 'example.red.', { settings: { BROADCAST_CURVES: '0' } }), startServer(t)
  ])
  await peerKitWithServer(red, ours)
  const routes = await eventually('red is known', async () => {
    const found = (await ourRoutesTo(ours, 'example.red.')).filter(route => route.source_ledger === 'example.ours.')
    return found.length > 0 && found
  })
  assert.equal(routes[0].candidates[0].points, null)
})
