// The person's browser: opens the page that it is given, follows where it is sent, and prints the last status.
// NODE_EXTRA_CA_CERTS names the peers' TLS roots.

import { getHere } from './lib/get.mjs'

let page = new URL(process.argv.at(-1))
for (let redirects = 0; redirects < 5; redirects += 1) {
  const { status, location } = await getHere(page)
  if (status < 300 || status > 399 || !location) {
    process.stdout.write(`${status}\n`)
    break
  }
  page = new URL(location, page)
}
