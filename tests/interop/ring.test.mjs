// A ring of three real peers and ours, one of which is killed and comes back: red – green – blue – ours – red.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { LIMIT, eventually, peerKitWithServer, startKit, startServer } from './harness.mjs'

const PEERING = { currency: 'USD', scale: 9, limit: LIMIT }

async function peerKits (one, other) {
  const { prefix } = await one.control('peer', { url: other.url, ...PEERING })
  const again = await other.control('peer', { url: one.url, ...PEERING })
  assert.equal(prefix, again.prefix)
  return prefix
}

/** The route from our own ledger to another, if there is one. */
async function ourRoute (server, ledger) {
  const { routes } = await server.get('/routes')
  return routes.find(route => route.target_prefix === ledger && route.source_ledger === 'example.ours.')
}

/** The next hops by which a kit reaches a ledger from its own. */
async function hopsOf (kit, ledger) {
  const { hops } = await kit.state()
  return hops.filter(hop => hop.destination === ledger && hop.source === kit.ledger).map(hop => hop.next_hop)
}

test('a ring of three real peers and ours, of which the far one dies and comes back', async t => {
  const [red, blue, ours] = await Promise.all([
    startKit(t, 'example.red.'),
    startKit(t, 'example.blue.'),
    // Their news gets lost now and then, and what ran out they withdraw from nobody: so they are asked for all.
    startServer(t, { toml: 'full_table_interval_ms = 4000' })
  ])
  const { ours: withRed } = await peerKitWithServer(red, ours)
  const { ours: withBlue } = await peerKitWithServer(blue, ours)
  // The far one comes last: what a peer of 2017 knew before it had a ledger, it does not announce there.
  // The one that comes back is the same one: its secret and its address.
  const secret = randomBytes(32).toString('base64')
  let green = await startKit(t, 'example.green.', { secret })
  const { port } = green
  const greenToRed = await peerKits(green, red)
  const greenToBlue = await peerKits(green, blue)

  const both = async () => {
    const route = await ourRoute(ours, 'example.green.')
    return route && route.candidates.length === 2 && route
  }

  await t.test('we know both ways around to the far one, equally long, and each other way', async () => {
    const route = await eventually('two ways to green', both, 30_000)
    assert.deepEqual(
      route.candidates.map(candidate => candidate.next_hop).sort(),
      [withRed.peer_account, withBlue.peer_account].sort()
    )
    for (const ledger of ['example.red.', 'example.blue.']) {
      const near = await eventually(`a way to ${ledger}`, () => ourRoute(ours, ledger))
      assert.ok(near.candidates.length >= 1)
    }
  })

  await t.test('every real peer reaches every ledger of the ring, and ours', async () => {
    const all = ['example.red.', 'example.green.', 'example.blue.', 'example.ours.']
    for (const kit of [red, green, blue]) {
      for (const ledger of all.filter(ledger => ledger !== kit.ledger)) {
        await eventually(`${kit.ledger} reaches ${ledger}`, async () => (await hopsOf(kit, ledger)).length > 0, 30_000)
      }
    }
  })

  await t.test('no path goes over a ledger twice, ours or theirs', async () => {
    for (const kit of [red, green, blue]) {
      for (const hop of (await kit.state()).hops) {
        for (const path of hop.paths) assert.equal(new Set(path).size, path.length, JSON.stringify(hop))
      }
    }
    const { routes } = await ours.get('/routes')
    for (const candidate of routes.flatMap(route => route.candidates)) {
      for (const path of candidate.paths) assert.equal(new Set(path).size, path.length, JSON.stringify(candidate))
    }
  })

  await t.test('killed, it is forgotten by all, and red reaches blue through us alone', async () => {
    await green.stop('SIGKILL')
    await eventually('we lost green', async () => !await ourRoute(ours, 'example.green.'), 60_000)
    for (const [kit, other, us] of [[red, blue, withRed.account], [blue, red, withBlue.account]]) {
      await eventually(`${kit.ledger} lost green`, async () => (await hopsOf(kit, 'example.green.')).length === 0, 60_000)
      const hops = await eventually(`${kit.ledger} reaches ${other.ledger} through us`, async () => {
        const hops = await hopsOf(kit, other.ledger)
        return hops.includes(us) && hops
      }, 30_000)
      assert.ok(!hops.includes(greenToRed + green.url), 'not through the dead')
    }
    for (const ledger of ['example.red.', 'example.blue.']) assert.ok(await ourRoute(ours, ledger), `${ledger} stays`)
  })

  await t.test('restarted, it is known again by both ways, and nothing was refused', async () => {
    green = await startKit(t, 'example.green.', { secret, port })
    assert.equal(await peerKits(green, red).catch(error => error.message), greenToRed)
    assert.equal(await peerKits(green, blue).catch(error => error.message), greenToBlue)
    await eventually('two ways to green again', both, 60_000)
    for (const kit of [red, blue]) {
      await eventually(`${kit.ledger} reaches green again`, async () => (await hopsOf(kit, 'example.green.')).length > 0, 30_000)
      for (const call of await kit.control('calls')) {
        assert.equal(call.result?.ilp, undefined, `an error packet for what we said: ${JSON.stringify(call)}`)
      }
    }
    await eventually('green reaches our ledger again', async () => (await hopsOf(green, 'example.ours.')).length > 0, 30_000)
  })
})
