// What is wrong is said, in the words the other side reads, and nothing that was there before is lost.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { test } from 'node:test'
import { LIMIT, eventually, freePort, peerKitWithServer, startKit, startServer } from './harness.mjs'

test('a broken broadcast from a real peer, and calls without the right words', async t => {
  const [red, ours] = await Promise.all([startKit(t, 'example.red.'), startServer(t)])
  const { theirs, ours: peer } = await peerKitWithServer(red, ours)
  const toRed = async () => (await ours.get('/routes')).routes.filter(route => route.target_prefix === 'example.red.')
  await eventually('red is known', async () => (await toRed()).length > 0)
  const before = (await toRed()).map(route => route.merged.points)

  const message = data => ({
    ledger: theirs.prefix,
    from: theirs.account,
    to: theirs.peer_account,
    custom: { method: 'broadcast_routes', data }
  })
  const heartbeat = { new_routes: [], hold_down_time: 4500, unreachable_through_me: [] }

  await t.test('the plugin of 2017 gets an error packet for a broken update, and an empty answer for a good one', async () => {
    const good = await red.control('request', { prefix: theirs.prefix, message: message(heartbeat) })
    assert.equal(good.ilp, undefined)
    for (const broken of [
      { ...heartbeat, hold_down_time: 0 },
      { ...heartbeat, new_routes: {} },
      { ...heartbeat, unreachable_through_me: ['spaces are no address'] },
      { ...heartbeat, surprise: 1 },
      { ...heartbeat, new_routes: [{ source_ledger: theirs.prefix }] }
    ]) {
      const answer = await red.control('request', { prefix: theirs.prefix, message: message(broken) })
      assert.equal(answer.ledger, theirs.prefix)
      assert.equal(answer.from, theirs.peer_account)
      assert.equal(answer.to, theirs.account)
      const packet = Buffer.from(answer.ilp, 'base64url')
      assert.equal(packet[0], 8, 'not an ILP error packet')
      assert.match(packet.toString('latin1'), /F00/)
    }
  })

  await t.test('a route with a broken curve is skipped alone, and its reason kept', async () => {
    const route = {
      source_ledger: theirs.prefix,
      destination_ledger: 'example.broken.',
      min_message_window: 1,
      source_account: theirs.account,
      paths: [[]]
    }
    // (10, 10), then (20, 5).
    const falling = 'AAAAAAoAAAAAAAAACgAAAAAAAAAUAAAAAAAAAAUAAAA='
    const points = [[0, 0], [1000, 900]].flat().map(value => {
      const words = Buffer.alloc(8)
      words.writeUInt32LE(value, 4)
      return words
    })
    const fine = { ...route, destination_ledger: 'example.fine.', points: Buffer.concat(points).toString('base64') }
    await red.control('request', {
      prefix: theirs.prefix,
      message: message({ ...heartbeat, new_routes: [{ ...route, points: falling }, fine] })
    })
    const routes = (await ours.get('/routes')).routes
    assert.ok(!routes.some(found => found.target_prefix === 'example.broken.'))
    assert.ok(routes.some(found => found.target_prefix === 'example.fine.'))
    const { refused } = await ours.get('/routes/refused')
    const kept = refused.find(entry => entry.destination_ledger === 'example.broken.')
    assert.equal(kept.peer, theirs.prefix)
    assert.match(kept.reason, /point|curve|order|fall/i)
  })

  await t.test('status by status', async () => {
    const call = async (query, headers, body) => {
      const response = await fetch(`${ours.url}/rpc${query}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
      return { status: response.status, body: await response.json() }
    }
    const right = { authorization: `Bearer ${theirs.token}` }
    const at = method => `?method=${method}&prefix=${theirs.prefix}`
    const expected = [
      [200, at('get_limit'), right, '[]'],
      [200, at('get_balance'), right, '[]'],
      [401, at('get_limit'), {}, '[]'],
      [401, at('get_limit'), { authorization: 'Basic abc' }, '[]'],
      [401, '?method=get_limit', right, '[]'],
      [401, '?method=get_limit&prefix=peer.nobod.usd.9.', right, '[]'],
      [403, at('get_limit'), { authorization: `Bearer ${theirs.token.slice(0, -1)}_` }, '[]'],
      [422, at('no_such_method'), right, '[]'],
      [422, at('send_request'), right, '[{"ledger":1}]'],
      [413, at('send_request'), right, `["${'x'.repeat(1_100_000)}"]`]
    ]
    for (const [status, query, headers, body] of expected) {
      const answer = await call(query, headers, body)
      assert.equal(answer.status, status, `${query} ${JSON.stringify(answer.body)}`)
      if (status !== 200) {
        assert.ok(answer.body.id.length > 0 && answer.body.message.length > 0, JSON.stringify(answer.body))
        assert.ok(!JSON.stringify(answer.body).includes(theirs.token))
      }
    }
    const notJson = await call(at('send_request'), right, '[{')
    assert.ok(notJson.status >= 400 && notJson.status < 500, String(notJson.status))
  })

  assert.deepEqual((await toRed()).map(route => route.merged.points), before)
  const view = await ours.get(`/peers/${peer.prefix}`)
  assert.equal(view.state, 'checked')
  assert.equal(view.balance, '0')
})

test('hosts that cannot be peered with get the words of their fault, and leave no residue', async t => {
  const ours = await startServer(t)
  let body
  const host = createServer((request, response) => {
    const { status = 200, text } = body
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  }).listen(0, '127.0.0.1')
  await once(host, 'listening')
  t.after(() => { host.close(); host.closeAllConnections() })
  const url = `http://127.0.0.1:${host.address().port}`
  const key = Buffer.alloc(32, 9).toString('base64url')
  const record = changes => JSON.stringify({
    subject: url,
    properties: { 'https://interledger.org/rel/publicKey': key, 'https://interledger.org/rel/protocolVersion': 'Compatible: ilp-kit v3.0.0' },
    links: [{ rel: 'https://interledger.org/rel/peersRpcUri', href: `${url}/rpc` }],
    ...changes
  })
  const add = (changes = {}) => ours.api('POST', '/peers', { mode: 'webfinger', host: url, currency: 'USD', scale: 9, limit: '1000', ...changes })
  const rel = name => `https://interledger.org/rel/${name}`

  const faults = [
    ['WF_STATUS', { status: 500, text: '{}' }],
    ['WF_NOT_JSON', { text: '<html>' }],
    ['WF_NO_KEY', { text: record({ properties: {} }) }],
    ['WF_BAD_KEY', { text: record({ properties: { [rel('publicKey')]: Buffer.alloc(31, 9).toString('base64url') } }) }],
    ['WF_BAD_KEY', { text: record({ properties: { [rel('publicKey')]: Buffer.alloc(32).toString('base64url') } }) }],
    ['WF_SUBJECT', { text: record({ subject: 'https://somebody.example' }) }],
    ['WF_NO_RPC', { text: record({ links: [] }) }],
    ['WF_NO_RPC', { text: record({ links: [{ rel: rel('peersRpcUri'), href: 'http://somebody.example/rpc' }] }) }]
  ]
  for (const [code, answer] of faults) {
    body = answer
    const { status, body: error } = await add()
    assert.ok(status >= 400 && status < 600, `${code}: ${status}`)
    assert.equal(error.id, code, JSON.stringify(error))
    assert.ok(error.message.length > 20)
  }
  body = { text: record() }
  for (const [code, changes] of [
    ['HOST_SYNTAX', { host: 'two words' }],
    ['HOST_SELF', { host: ours.url }],
    ['CODE_FORMAT', { currency: 'U$D' }],
    ['SCALE_RANGE', { scale: 19 }],
    ['WF_UNREACHABLE', { host: `http://127.0.0.1:${await freePort()}` }]
  ]) {
    const { status, body: error } = await add(changes)
    assert.ok(status >= 400, code)
    assert.equal(error.id, code, JSON.stringify(error))
  }
  assert.deepEqual(await ours.get('/peers'), { peers: [] })

  assert.equal((await add({ limit: LIMIT })).status, 201)
  const { status, body: error } = await add()
  assert.equal(status, 409)
  assert.equal(error.id, 'DUPLICATE')
  const { peers } = await ours.get('/peers')
  assert.equal(peers.length, 1)
  assert.equal(peers[0].limit, LIMIT)
})
