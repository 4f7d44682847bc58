// The cryptography that the peers' libraries ask for: jose and Node's own, nothing of the wallet's.

import { createHash, randomBytes } from 'node:crypto'
import { CompactEncrypt, CompactSign, compactDecrypt, compactVerify, importJWK } from 'jose'
import { clientAuthenticationNone } from '@openid4vc/oauth2'
import { checkChain } from './certificates.mjs'

export const sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest())
export const base64url = (bytes) => Buffer.from(bytes).toString('base64url')
export const token = () => base64url(randomBytes(24))

/** Signs a compact JWS with ES256. */
export async function signCompact(header, payload, privateJwk) {
  const key = await importJWK(privateJwk, 'ES256')
  return new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader(header).sign(key)
}

/** Whether a compact JWS is of this key and ES256. */
export async function isSignedBy(compact, jwk) {
  const { kty, crv, x, y } = jwk
  const key = await importJWK({ kty, crv, x, y }, 'ES256')
  return compactVerify(compact, key, { algorithms: ['ES256'] }).then(() => true, () => false)
}

/** Opens a compact JWE that must be for the key of this `kid`; gives its text. */
export async function openJwe(jwe, privateJwk, kid) {
  const { plaintext, protectedHeader } = await compactDecrypt(jwe, await importJWK(privateJwk, 'ECDH-ES'), {
    keyManagementAlgorithms: ['ECDH-ES'],
    contentEncryptionAlgorithms: ['A128GCM', 'A256GCM'],
  })
  if (protectedHeader.kid !== kid) throw new Error(`the kid is ${protectedHeader.kid}`)
  return Buffer.from(plaintext).toString()
}

/** Closes a text for this key, with its own `alg` and `kid`. */
export async function sealJwe(text, jwk, enc) {
  const header = { alg: jwk.alg, enc, ...(jwk.kid ? { kid: jwk.kid } : {}) }
  return new CompactEncrypt(Buffer.from(text)).setProtectedHeader(header).encrypt(await importJWK(jwk, jwk.alg))
}

/**
 * What the OpenID4VC libraries call for.
 * `signers`: leaves by their first certificate, and keys by their JWK; `anchors`: PEM roots for signatures that come with a chain;
 * `decryptionKeys`: private JWKs by kid; `fetch`: answers the libraries' own questions.
 */
export function callbacks({ signers = [], anchors = () => [], decryptionKeys = new Map(), fetch } = {}) {
  const signerFor = (signer) =>
    signers.find((one) => (signer.method === 'x5c' ? one.x5c[0] === signer.x5c[0] : one.publicJwk.x === signer.publicJwk?.x))
  return {
    fetch,
    hash: (data) => sha256(data),
    generateRandom: (length) => new Uint8Array(randomBytes(length)),
    clientAuthentication: clientAuthenticationNone({ clientId: 'peers' }),
    signJwt: async (signer, { header, payload }) => {
      const own = signerFor(signer)
      if (!own) throw new Error('no such key here')
      return { jwt: await signCompact(header, payload, own.privateJwk), signerJwk: own.publicJwk }
    },
    verifyJwt: async (signer, { compact }) => {
      let jwk
      if (signer.method === 'x5c') {
        const chain = signer.x5c.map((one) => Buffer.from(one, 'base64'))
        jwk = checkChain(chain, anchors()).publicKey.export({ format: 'jwk' })
      } else if (signer.method === 'jwk') {
        jwk = signer.publicJwk
      } else {
        return { verified: false }
      }
      if ('d' in jwk) throw new Error('a private key in a header')
      return (await isSignedBy(compact, jwk)) ? { verified: true, signerJwk: jwk } : { verified: false }
    },
    decryptJwe: async (jwe) => {
      const { kid } = JSON.parse(Buffer.from(jwe.split('.')[0], 'base64url').toString())
      const jwk = decryptionKeys.get(kid)
      if (!jwk) return { decrypted: false }
      return { decrypted: true, decryptionJwk: jwk, payload: await openJwe(jwe, jwk, kid) }
    },
    encryptJwe: () => {
      throw new Error('the peers encrypt nothing')
    },
  }
}
