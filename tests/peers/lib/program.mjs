// How the peers are run: an HTTPS server on loopback at a port that the system chooses, and orders as lines of JSON on standard input,
// each answered by one line on standard output. The end of standard input ends the program.

import { createServer } from 'node:https'
import { createInterface } from 'node:readline'

const MAX_BODY_BYTES = 1024 * 1024

async function bodyOf(request) {
  const parts = []
  let length = 0
  for await (const part of request) {
    length += part.length
    if (length > MAX_BODY_BYTES) throw new Error('the body is too large')
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

/** Starts a server; `handle(call)` gives `{status, headers, body}`, where an object as body is sent as JSON. */
export async function serve(tls, host, handle) {
  let origin
  const server = createServer({ cert: tls.pem, key: tls.privateKeyPem }, async (request, response) => {
    let answer
    try {
      const url = new URL(request.url, origin)
      const headers = new Headers()
      for (let at = 0; at < request.rawHeaders.length; at += 2) headers.append(request.rawHeaders[at], request.rawHeaders[at + 1])
      answer = await handle({ method: request.method, url: url.toString(), path: url.pathname, headers, body: await bodyOf(request) })
    } catch (error) {
      process.stderr.write(`${error?.stack ?? error}\n`)
      answer = { status: 500, body: { error: 'server_error' } }
    }
    const { status = 200, headers = {}, body } = answer ?? { status: 404 }
    const json = body !== undefined && typeof body !== 'string'
    response.writeHead(status, { ...(json ? { 'content-type': 'application/json' } : {}), 'cache-control': 'no-store', ...headers })
    response.end(json ? JSON.stringify(body) : body)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `https://${host}:${server.address().port}`
  return { origin, port: server.address().port }
}

/** Says what the peer is, then obeys. */
export async function obey(hello, orders) {
  const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)
  say(hello)
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue
    try {
      const order = JSON.parse(line)
      say((await orders[order.do](order)) ?? {})
    } catch (error) {
      say({ error: String(error?.message ?? error) })
    }
  }
  process.exit(0)
}
