'use strict'
// One real connector of 2017: ilp-connector 21 trading over ilp-plugin-virtual 16, put behind the two HTTP
// doors that ilp-kit gave it (the WebFinger record and the peers' RPC) and a third one for the tests.
//
//   node kit.cjs '{"port":9001,"ledger":"example.red."}'
//
// It prints one JSON line when it listens, and ends when its standard input closes.

const http = require('node:http')
const crypto = require('node:crypto')

const options = JSON.parse(process.argv[2])
// What others are told, where something stands before our door.
const origin = options.url || `http://127.0.0.1:${options.port}`
const REL = 'https://interledger.org/rel/'

const settings = {
  BACKEND: 'one-to-one',
  FX_SPREAD: '0.002',
  AUTOLOAD_PEERS: '1',
  ROUTE_BROADCAST_INTERVAL: '1000',
  ROUTE_EXPIRY: '4500',
  BROADCAST_CURVES: '1',
  STORE_CURVES: '1',
  LOG_LEVEL: 'warn',
  ...options.settings
}
for (const [name, value] of Object.entries(settings)) process.env[`CONNECTOR_${name}`] = String(value)
process.env.DB_URI = 'unused:'

// The connector keeps its plugins' state in SQL; here it lives as long as the process.
class VolatileStore {
  constructor () { this.values = new Map() }
  async get (key) { return this.values.get(key) }
  async put (key, value) { this.values.set(key, value); return null }
  async del (key) { this.values.delete(key); return null }
}
const storePath = require.resolve('ilp-connector/src/lib/pluginStore.js')
require.cache[storePath] = { id: storePath, filename: storePath, loaded: true, exports: VolatileStore }

const createConnector = require('ilp-connector/src/app')
const loadConfig = require('ilp-connector/src/lib/config')
const RoutingTables = require('ilp-connector/src/lib/routing-tables')
const PluginVirtual = require('ilp-plugin-virtual')
const OwnLedger = require('./own-ledger.cjs')

const secret = options.secret || crypto.createHmac('sha256', crypto.randomBytes(33)).update('CONNECTOR_ED25519').digest('base64')
const publicKey = PluginVirtual.generatePublicKey(secret)
const config = loadConfig()
const tables = new RoutingTables({
  backend: config.backend,
  expiryDuration: config.routeExpiry,
  fxSpread: config.fxSpread,
  slippage: config.slippage
})
const connector = createConnector(config, null, null, null, null, null, tables, null)
const peers = new Map()
const calls = []

const record = () => ({
  subject: origin,
  properties: {
    [`${REL}publicKey`]: publicKey,
    [`${REL}protocolVersion`]: 'Compatible: ilp-kit v3.0.0'
  },
  links: [{ rel: `${REL}peersRpcUri`, href: `${origin}/rpc` }]
})

// What ilp-kit's form does when an administrator enters a host name, a limit and a currency.
async function peerWith ({ url, currency, scale, limit }) {
  const answer = await fetch(`${url}/.well-known/webfinger?resource=${url}`)
  const theirs = await answer.json()
  const peerPublicKey = theirs.properties[`${REL}publicKey`]
  const rpcUri = theirs.links.find(link => link.rel === `${REL}peersRpcUri`).href
  return addPeer({ name: url, peerPublicKey, rpcUri, currency, scale, limit })
}

// What its administrator did by hand where the other side had no record: key and address were told.
async function addPeer ({ name, peerPublicKey, rpcUri, currency, scale, limit }) {
  const prefix = PluginVirtual.generatePrefix({ secretKey: secret, peerPublicKey, currencyCode: currency, currencyScale: scale })
  await connector.addPlugin(prefix, {
    currency,
    plugin: 'ilp-plugin-virtual',
    store: true,
    options: {
      name,
      secret,
      peerPublicKey,
      prefix,
      rpcUri,
      maxBalance: limit,
      currencyCode: currency,
      currencyScale: scale,
      info: { connectors: [prefix + peerPublicKey] }
    }
  })
  peers.set(prefix, { url: name, rpcUri, peerPublicKey })
  const plugin = connector.getPlugin(prefix)
  const info = plugin.getInfo()
  return {
    prefix,
    account: plugin.getAccount(),
    peer_account: prefix + peerPublicKey,
    currency: info.currencyCode,
    scale: info.currencyScale,
    token: plugin._authToken
  }
}

async function state () {
  const balances = {}
  for (const prefix of peers.keys()) {
    const plugin = connector.getPlugin(prefix)
    balances[prefix] = {
      balance: String(await plugin.getBalance()),
      limit: await plugin.getLimit().then(String, error => `failed: ${error.message}`)
    }
  }
  const hops = []
  tables.publicTables.eachRoute((route, source, destination, nextHop) => {
    hops.push({ source, destination, next_hop: nextHop, length: route.maxPathLength(), paths: route.paths })
  })
  return { public_key: publicKey, peers: [...peers.keys()], balances, routes: tables.toJSON(10), hops, own: OwnLedger.instance.done }
}

async function rpc (url, headers, params) {
  const plugin = connector.getPlugin(url.searchParams.get('prefix') || '')
  const bearer = /^Bearer (.+)$/.exec(headers.authorization || '')
  if (!plugin || !plugin.isAuthorized || !bearer) return [401]
  if (!plugin.isAuthorized(bearer[1])) return [403]
  const method = url.searchParams.get('method')
  const call = { method, params }
  calls.push(call)
  if (calls.length > 200) calls.shift()
  try {
    call.result = await plugin.receive(method, params)
    return [200, call.result]
  } catch (error) {
    call.error = { id: error.name, message: error.message }
    // ilp-kit meant 422; what left it was a 200 with this body.
    return [options.honestStatus ? 422 : 200, call.error]
  }
}

const control = {
  peer: peerWith,
  tell: addPeer,
  state,
  // Without asking the peers for their limits, as a look at the state does.
  calls: () => calls,
  request: ({ prefix, message }) => connector.getPlugin(prefix).sendRequest(message),
  incoming: transfer => { OwnLedger.instance.emit('incoming_prepare', transfer); return true },
  // What the receiver on the own ledger will do with a transfer, by its condition.
  plan: plans => { for (const plan of plans) OwnLedger.instance.plans.set(plan.condition, plan); return true },
  // What was done on the own ledger, from the entry `since` on.
  done: ({ since }) => OwnLedger.instance.done.slice(since),
  // Pays over a peer ledger, as somebody with an account at the connector would.
  send: ({ prefix, transfer }) => connector.getPlugin(prefix).sendTransfer(transfer).then(() => true),
  balances: async () => {
    const entries = [...peers.keys()].map(async prefix => [prefix, String(await connector.getPlugin(prefix).getBalance())])
    return Object.fromEntries(await Promise.all(entries))
  },
  fulfill: ({ id, fulfillment }) => {
    const sent = OwnLedger.instance.done.find(entry => entry.what === 'sent' && entry.transfer.id === id)
    if (!sent) throw new Error(`no transfer ${id} was sent on the own ledger`)
    OwnLedger.instance.emit('outgoing_fulfill', sent.transfer, fulfillment)
    return true
  },
  reject: ({ id, reason }) => {
    const sent = OwnLedger.instance.done.find(entry => entry.what === 'sent' && entry.transfer.id === id)
    if (!sent) throw new Error(`no transfer ${id} was sent on the own ledger`)
    OwnLedger.instance.emit('outgoing_reject', sent.transfer, reason)
    return true
  }
}

async function readJson (request) {
  let text = ''
  for await (const part of request) text += part
  return text === '' ? undefined : JSON.parse(text)
}

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, origin)
  const answer = (status, value) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(value === undefined ? '' : JSON.stringify(value))
  }
  try {
    if (url.pathname === '/.well-known/webfinger') return answer(200, record())
    if (url.pathname === '/rpc') return answer(...await rpc(url, request.headers, await readJson(request)))
    const act = control[url.pathname.replace('/control/', '')]
    if (!act) return answer(404)
    answer(200, await act(await readJson(request)))
  } catch (error) {
    answer(500, { id: error.name, message: error.message, stack: error.stack })
  }
})

process.stdin.on('end', () => process.exit(0)).resume()

async function start () {
  await connector.addPlugin(options.ledger, {
    currency: 'USD',
    plugin: require.resolve('./own-ledger.cjs'),
    options: { prefix: options.ledger, currencyCode: 'USD', currencyScale: 9 }
  })
  await connector.listen()
  server.listen(options.port, '127.0.0.1', () => console.log(JSON.stringify({ listening: origin, public_key: publicKey })))
}

start().catch(error => { console.error(error); process.exit(1) })
