// A real ilp-connector 21 whose ilp-routing is ours by npm's `overrides`, peering with one on the original: routes,
// quotes and payments are to the unit those of two originals.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { before, after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LIMIT, eventually, startKit, target } from './harness.mjs'
import { Dice, packet, preimage } from './money.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const packets = createRequire(import.meta.url)('ilp-packet')
const decode = base64url => packets.deserializeIlpPacket(Buffer.from(base64url, 'base64'))
const PAYMENTS = 200
// So that both runs have the same names.
const SECRETS = { red: Buffer.alloc(32, 1).toString('base64'), blue: Buffer.alloc(32, 2).toString('base64') }

let folder
before(() => {
  const tarball = readdirSync(target).find(name => /^ilp-c2c-.*\.tgz$/.test(name))
  assert.ok(tarball, 'no tarball in target: run `cargo xtask npm` first')
  mkdirSync(join(target, 'npm-tests'), { recursive: true })
  folder = mkdtempSync(join(target, 'npm-tests', 'connector-'))
  const { dependencies } = createRequire(import.meta.url)('./package.json')
  const write = (name, value) => writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value))
  write('package.json', {
    private: true,
    dependencies: { ...dependencies, 'ilp-c2c': `file:${join(target, tarball)}` },
    overrides: { 'ilp-routing': 'file:./ilp-routing' }
  })
  mkdirSync(join(folder, 'ilp-routing'))
  write('ilp-routing/package.json', { name: 'ilp-routing', version: '10.1.0', main: 'index.js' })
  write('ilp-routing/index.js', "module.exports = require('ilp-c2c/ilp-routing')\n")
  for (const name of ['kit.cjs', 'own-ledger.cjs']) copyFileSync(join(here, name), join(folder, name))
  execFileSync('npm', ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
})
after(() => { if (folder) rmSync(folder, { recursive: true }) })

test('npm puts the drop-in under the connector', () => {
  const inside = createRequire(createRequire(join(folder, 'kit.cjs')).resolve('ilp-connector/package.json'))
  assert.equal(inside('ilp-routing'), createRequire(join(folder, 'kit.cjs'))('ilp-c2c/ilp-routing'))
})

/** Everything that two connectors, red and blue, tell and pay each other. */
async function play (t, folders) {
  const options = { settings: { ROUTE_BROADCAST_INTERVAL: '1000', ROUTE_EXPIRY: '60000' } }
  const [red, blue] = await Promise.all(['red', 'blue'].map((name, i) =>
    startKit(t, `example.${name}.`, { ...options, secret: SECRETS[name], folder: folders[i] })))
  const terms = { currency: 'USD', scale: 9, limit: LIMIT }
  const peering = await red.control('peer', { url: blue.url, ...terms })
  await blue.control('peer', { url: red.url, ...terms })
  const routesOf = async kit => {
    const { routes } = await kit.state()
    return routes.map(({ added_during_epoch, ...route }) => route).sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
  }
  for (const [kit, other] of [[red, blue], [blue, red]]) {
    await eventually(`${kit.ledger} has a route to ${other.ledger}`, async () =>
      (await routesOf(kit)).some(route => route.source_ledger === kit.ledger && route.destination_ledger === other.ledger), 30_000)
  }
  const heard = { routes: [await routesOf(red), await routesOf(blue)], quotes: [], arrived: [], balances: [] }

  for (const [from, to, account, peer] of [[red, blue, peering.account, peering.peer_account], [blue, red, peering.peer_account, peering.account]]) {
    const about = { destinationAccount: `${to.ledger}bob`, destinationHoldDuration: 5000 }
    for (const ilp of [
      packets.serializeIlqpBySourceRequest({ ...about, sourceAmount: '1000000250' }),
      packets.serializeIlqpByDestinationRequest({ ...about, destinationAmount: '123456789' }),
      packets.serializeIlqpLiquidityRequest(about)
    ]) {
      const message = { ledger: peering.prefix, from: account, to: peer, ilp: ilp.toString('base64url'), timeout: 3000 }
      const { type, data } = decode((await from.control('request', { prefix: peering.prefix, message })).ilp)
      heard.quotes.push({ type, ...data, expiresAt: undefined, liquidityCurve: data.liquidityCurve?.toString('hex') })
    }
  }

  const dice = new Dice('drop-in')
  for (const [from, to] of [[red, blue], [blue, red]]) {
    const payments = Array.from({ length: PAYMENTS }, () => {
      // Far from where a share of 0.2 % would round the one way or the other.
      const comes = 1000 * (1 + dice.below(2_000_000)) + 250
      return { id: dice.id(), comes, amount: Math.floor(comes * 0.995), ...preimage(dice.bytes()) }
    })
    await to.control('plan', payments.map(({ condition, fulfillment }) => ({ condition, fulfillment, after: 0 })))
    for (const { id, comes, amount, condition } of payments) {
      await from.control('incoming', {
        id,
        ledger: from.ledger,
        from: `${from.ledger}alice`,
        to: `${from.ledger}connector`,
        amount: String(comes),
        ilp: packet(`${to.ledger}bob`, amount),
        executionCondition: condition,
        expiresAt: new Date(Date.now() + 10_000).toISOString()
      })
    }
    const ends = await eventually(`all payments to ${to.ledger} end`, async () => {
      const done = await from.control('done', { since: 0 })
      const ends = payments.map(({ id }) => done.find(entry => entry.what !== 'sent' && entry.id === id)?.what)
      return ends.every(end => end !== undefined) && ends
    }, 30_000)
    assert.deepEqual(new Set(ends), new Set(['fulfilled']))
    const done = await to.control('done', { since: 0 })
    heard.arrived.push(payments.map(({ condition }) => {
      const { transfer } = done.find(entry => entry.what === 'sent' && entry.transfer.executionCondition === condition)
      return [transfer.amount, transfer.to]
    }))
    heard.balances.push(await red.control('balances'), await blue.control('balances'))
  }
  await Promise.all([red.stop(), blue.stop()])
  return heard
}

test(`routes, quotes and ${PAYMENTS} payments each way are those of two originals`, async t => {
  const originals = await play(t, [undefined, undefined])
  assert.equal(originals.arrived.flat().length, 2 * PAYMENTS)
  assert.ok(originals.quotes.every(({ type }) => type !== packets.Type.TYPE_ILP_ERROR), JSON.stringify(originals.quotes))
  assert.deepEqual(await play(t, [undefined, folder]), originals)
})
