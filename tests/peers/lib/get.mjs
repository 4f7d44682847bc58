// A GET on this computer: names below `localhost` are loopback (RFC 6761 6.3), whatever the system's resolver says.

import { get as overHttp } from 'node:http'
import { get as overHttps } from 'node:https'

const lookup = (_name, options, found) =>
  options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4)

/** Gives `{status, location, body}`; redirects are the caller's. `ca`: a TLS root to trust beside the usual ones. */
export function getHere(url, ca) {
  const isHere = url.hostname === '127.0.0.1' || url.hostname === 'localhost' || url.hostname.endsWith('.localhost')
  if (!isHere) throw new Error(`not on this computer: ${url.hostname}`)
  const get = url.protocol === 'https:' ? overHttps : overHttp
  return new Promise((resolve, reject) => {
    get(url, { lookup, ...(ca ? { ca } : {}) }, (response) => {
      const parts = []
      response.on('data', (part) => parts.push(part))
      response.on('end', () =>
        resolve({ status: response.statusCode, location: response.headers.location, body: Buffer.concat(parts).toString() }),
      )
    }).on('error', reject)
  })
}
