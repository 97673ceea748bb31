// Payments of the tests: packets, preimages, a seeded dice, and a wire between two connectors that is not kind.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'

/** A payment packet of ILP: type 1, amount, account, no data, no extensions. */
export function packet (account, amount) {
  const address = Buffer.from(account, 'ascii')
  const contents = Buffer.alloc(8 + 1 + address.length + 2)
  contents.writeBigUInt64BE(BigInt(amount))
  contents[8] = address.length
  address.copy(contents, 9)
  return Buffer.concat([Buffer.from([1, contents.length]), contents]).toString('base64url')
}

/** The SHA-256 of 32 bytes, both as they are written in 2017. */
export function preimage (bytes) {
  return {
    fulfillment: bytes.toString('base64url'),
    condition: createHash('sha256').update(bytes).digest('base64url')
  }
}

/** The same numbers for the same seed: SHA-256 of seed and count. */
export class Dice {
  constructor (seed) { this.seed = seed; this.count = 0 }
  bytes () { return createHash('sha256').update(`${this.seed}/${this.count++}`).digest() }
  /** A whole number below `end`, which is below 2^48. */
  below (end) { return this.bytes().readUIntBE(0, 6) % end }
  /** A UUID. */
  id () {
    const hex = this.bytes().toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  }
}

const TRANSFERS = ['send_transfer', 'fulfill_condition', 'reject_incoming_transfer']

/**
 * A wire to the server at `port`, listening on `at`. It passes everything on. What is done to calls about
 * transfers, `mischief(call)` says, a call being `{method, prefix, params, send, answered}`: nothing; `'twice'`: it arrives twice at
 * once; `'lost'`: it does not arrive; `'deaf'`: its answer does not; or a function, which is awaited before the
 * call goes on, and may `send(method, params)` others by the same wire with the same token. `answered` is kept once
 * the call itself is answered.
 */
export async function startWire (t, { at, port, mischief }) {
  const counts = {}
  const pass = (request, body) => new Promise((resolve, reject) => {
    const { method, url, headers } = request
    const onward = httpRequest({ host: '127.0.0.1', port, method, path: url, headers: { ...headers, host: `127.0.0.1:${port}`, 'content-length': body.length } }, async answer => {
      const parts = []
      for await (const part of answer) parts.push(part)
      resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) })
    })
    onward.on('error', reject)
    onward.end(body)
  })
  const server = createServer(async (request, response) => {
    try {
      const parts = []
      for await (const part of request) parts.push(part)
      const body = Buffer.concat(parts)
      const query = new URL(request.url, 'http://wire').searchParams
      const [method, prefix] = [query.get('method'), query.get('prefix')]
      const send = async (method, params) => {
        const other = { method: 'POST', headers: request.headers, url: request.url.replace(/method=[a-z_]+/, `method=${method}`) }
        const { status, body } = await pass(other, Buffer.from(JSON.stringify(params)))
        return { status, body: JSON.parse(body.toString()) }
      }
      let isAnswered
      const answered = new Promise(resolve => { isAnswered = resolve })
      const done = TRANSFERS.includes(method)
        ? mischief({ method, prefix, params: JSON.parse(body.toString()), send, answered })
        : undefined
      if (done) counts[done.name ?? done] = (counts[done.name ?? done] ?? 0) + 1
      if (done === 'lost') return request.socket.destroy()
      if (typeof done === 'function') await done()
      const [answer] = await Promise.all([pass(request, body), done === 'twice' ? pass(request, body) : undefined])
      isAnswered()
      if (done === 'deaf') return request.socket.destroy()
      response.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? 'application/json' })
      response.end(answer.body)
    } catch (error) {
      counts.broken = (counts.broken ?? 0) + 1
      request.socket.destroy()
    }
  })
  server.keepAliveTimeout = 60_000
  server.listen(at, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => { server.closeAllConnections(); server.close() })
  return { counts }
}

/** What happens in our server, gathered from its server-sent events. */
export async function listen (t, server) {
  const ended = new AbortController()
  t.after(() => ended.abort())
  const answer = await fetch(`${server.url}/api/v1/events`, { headers: { authorization: `Bearer ${server.adminToken}` }, signal: ended.signal })
  const heard = []
  const read = async () => {
    let text = ''
    for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
      text += part
      const lines = text.split('\n')
      text = lines.pop()
      for (const line of lines) if (line.startsWith('data:')) heard.push(JSON.parse(line.slice(5)))
    }
  }
  read().catch(error => { if (!ended.signal.aborted) heard.push({ event: 'broken', error: String(error) }) })
  return heard
}
