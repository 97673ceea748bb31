// Starts real peers and our server on free loopback ports, and ends them with the test.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** Where cargo puts what it builds, and we the npm package. */
export const target = process.env.C2C_TARGET ?? join(here, '../../target')
/** The server to test: `C2C_BIN` if set, else the development build. */
export const serverProgram = resolve(process.env.C2C_BIN ?? join(target, 'debug', 'c2c'))

export async function freePort () {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

export const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

/** Asks `probe` until it gives something truthy, or fails after `ms` with what it last saw. */
export async function eventually (what, probe, ms = 15_000) {
  const end = Date.now() + ms
  let last
  for (;;) {
    try {
      const value = await probe()
      if (value) return value
      last = value
    } catch (error) { last = error }
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}; last: ${last?.stack ?? JSON.stringify(last)}`)
    await pause(100)
  }
}

class Program {
  constructor (child, name) {
    this.child = child
    this.name = name
    this.log = ''
    this.ended = once(child, 'exit')
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', line => { this.log = (this.log + line + '\n').slice(-20_000) })
    }
  }

  async stop (signal = 'SIGTERM') {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill(signal)
      await this.ended
    }
  }
}

/** A connector of 2017 with its own ledger, e.g. `example.red.`; of the packages in `folder`, or of ours. */
export async function startKit (t, ledger, { folder = here, ...options } = {}) {
  const port = options.port ?? await freePort()
  const child = spawn(process.execPath,
    // Some ordinary payments leave a rejected promise behind; the Node of its day only warned.
    ['--unhandled-rejections=warn', join(folder, 'kit.cjs'), JSON.stringify({ ...options, port, ledger })],
    { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] })
  const kit = new Program(child, ledger)
  t.after(() => kit.stop('SIGKILL'))
  kit.port = port
  // Where others find it; the tests' own door is at its port.
  kit.url = options.url ?? `http://127.0.0.1:${port}`
  kit.ledger = ledger
  kit.control = async (act, body) => {
    const response = await fetch(`http://127.0.0.1:${port}/control/${act}`, { method: 'POST', body: JSON.stringify(body ?? null) })
    const value = await response.json()
    if (!response.ok) throw new Error(`${ledger} ${act}: ${value.message}`)
    return value
  }
  kit.state = () => kit.control('state')
  await eventually(`${ledger} listens`, () => kit.log.includes('"listening"'))
  return kit
}

/** How many processes of ours share one PostgreSQL, behind one port; one alone has a file. */
const processes = Number(process.env.C2C_PROCESSES ?? 1)

/** Our server with its own data folder, secret, admin token and ledgers. */
export async function startServer (t, { name = 'ours', ledgers = [`example.${name}.`], toml = '', port, published } = {}) {
  port ??= await freePort()
  const dir = await mkdtemp(join(tmpdir(), 'c2c-interop-'))
  const url = `http://127.0.0.1:${port}`
  const made = await run(['key', 'new', '--out', join(dir, 'connector.secret')])
  if (made.code !== 0) throw new Error(made.stderr)
  const database = processes > 1 ? await makeDatabase(t) : `sqlite:${join(dir, 'c2c.db')}`
  const ports = processes > 1 ? await Promise.all(Array.from({ length: processes }, freePort)) : [port]
  const settings = port => `
url = "${published ?? url}"
listen = "127.0.0.1:${port}"
database = "${database}"
secret_file = "${join(dir, 'connector.secret')}"
admin_token_file = "${join(dir, 'admin.token')}"
allow_loopback_http = true
title = "${name}"

[routing]
broadcast_interval_ms = 1000
route_expiry_ms = 4500
spread = "0.002"
${toml}
${ledgers.map(prefix => `[[ledger]]\nprefix = "${prefix}"\ncurrency = "USD"\nscale = 9\n`).join('\n')}
`
  const config = join(dir, 'c2c.toml')
  await writeFile(config, settings(port))
  // Peers find it where it is published; the tests go to its port.
  const server = { url, published: published ?? url, port, dir, config }
  const startOne = async port => {
    const file = join(dir, `c2c-${port}.toml`)
    await writeFile(file, settings(port))
    const child = spawn(serverProgram, ['serve', '--config', file], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
    const program = new Program(child, name)
    await eventually(`${name} is healthy`, async () =>
      child.exitCode !== null || (await fetch(`http://127.0.0.1:${port}/health`)).ok)
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${program.log}`)
    return program
  }
  server.start = async () => {
    const programs = []
    // One after the other: the first one leads.
    for (const port of ports) programs.push(await startOne(port))
    server.program = programs[0]
    server.stop = signal => Promise.all(programs.map(program => program.stop(signal)))
    server.adminToken = (await readFile(join(dir, 'admin.token'), 'utf8')).trim()
  }
  await server.start()
  const spread = processes > 1 ? await inTurns(port, ports) : undefined
  t.after(async () => {
    await server.stop()
    spread?.close()
    await rm(dir, { recursive: true, force: true })
  })
  server.api = async (method, path, body) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${server.adminToken}`, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body)
    })
    const text = await response.text()
    const value = text === '' ? undefined : JSON.parse(text)
    return { status: response.status, body: value }
  }
  server.get = async path => {
    const { status, body } = await server.api('GET', path)
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`)
    return body
  }
  return server
}

/** A new database of the PostgreSQL that `C2C_POSTGRES` names; `C2C_PSQL` is a client of it. */
async function makeDatabase (t) {
  const server = process.env.C2C_POSTGRES
  const name = `c2c_interop_${randomUUID().replaceAll('-', '')}`
  const psql = async statement => {
    const { code, stderr } = await runProgram(process.env.C2C_PSQL, ['--quiet', '--command', statement, `${server}/postgres`])
    if (code !== 0) throw new Error(stderr)
  }
  await psql(`CREATE DATABASE ${name}`)
  t.after(() => psql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  return `${server}/${name}`
}

/** Listens on `port` and gives each connection to the next of `ports`, or to the one after it where nobody listens. */
async function inTurns (port, ports) {
  let turn = 0
  const server = createServer(caller => {
    const reach = left => {
      const process = connect(ports[turn++ % ports.length], '127.0.0.1')
      process.once('connect', () => {
        caller.pipe(process).pipe(caller)
        process.on('error', () => caller.destroy())
      })
      process.once('error', () => { if (process.pending && left > 1) reach(left - 1); else caller.destroy() })
      caller.once('close', () => process.destroy())
    }
    caller.on('error', () => {})
    reach(ports.length)
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Runs a command of our program to its end. */
export const run = (args, input) => runProgram(serverProgram, args, input)

async function runProgram (program, args, input) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', part => { stdout += part })
  child.stderr.on('data', part => { stderr += part })
  // One that reads nothing may have ended before; what it has to say is in its answer.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}

export const LIMIT = '1000000000000'

/** Both administrators enter the other's host name, as the specification's WebFinger way asks. */
export async function peerKitWithServer (kit, server, { currency = 'USD', scale = 9, limit = LIMIT } = {}) {
  const theirs = await kit.control('peer', { url: server.published, currency, scale, limit })
  const { status, body } = await server.api('POST', '/peers', { mode: 'webfinger', host: kit.url, currency, scale, limit })
  if (status !== 201) throw new Error(`POST /peers: ${status} ${JSON.stringify(body)}`)
  return { theirs, ours: body }
}

/** Both administrators of two servers of ours enter the other's host name. */
export async function peerServers (one, other, { currency = 'USD', scale = 9, limit = LIMIT } = {}) {
  const enter = async (from, to) => {
    const { status, body } = await from.api('POST', '/peers', { mode: 'webfinger', host: to.published, currency, scale, limit })
    if (status !== 201) throw new Error(`POST /peers: ${status} ${JSON.stringify(body)}`)
    return body
  }
  return { one: await enter(one, other), other: await enter(other, one) }
}
