// What the mdoc library asks of its surroundings, on Node's own cryptography.

import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify, X509Certificate } from 'node:crypto'
import { CoseKey } from '@owf/mdoc'
import { checkChain } from './certificates.mjs'

const HASHES = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' }
const raw = { dsaEncoding: 'ieee-p1363' }

function publicKeyOf(key) {
  const { kty, crv, x, y } = key.jwk
  return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })
}

export const mdocContext = {
  crypto: {
    random: (length) => new Uint8Array(randomBytes(length)),
    digest: ({ digestAlgorithm, bytes }) => new Uint8Array(createHash(HASHES[digestAlgorithm]).update(bytes).digest()),
    calculateEphemeralMacKey: () => {
      throw new Error('device MACs are not used here')
    },
  },
  cose: {
    sign1: {
      sign: ({ toBeSigned, key }) => {
        const { kty, crv, x, y, d } = key.jwk
        return new Uint8Array(sign('sha256', toBeSigned, { key: createPrivateKey({ key: { kty, crv, x, y, d }, format: 'jwk' }), ...raw }))
      },
      verify: ({ key, sign1 }) => {
        if (sign1.signatureAlgorithmName !== 'ES256') throw new Error(`signed with ${sign1.signatureAlgorithmName}`)
        return verify('sha256', sign1.toBeSigned, { key: publicKeyOf(key), ...raw }, sign1.signature)
      },
    },
    mac0: {
      sign: () => {
        throw new Error('device MACs are not used here')
      },
      verify: () => false,
    },
  },
  x509: {
    getIssuerNameField: ({ certificate, field }) =>
      new X509Certificate(certificate).issuer.split('\n').filter((line) => line.startsWith(`${field}=`)).map((line) => line.slice(field.length + 1)),
    getPublicKey: ({ certificate }) => CoseKey.fromJwk({ ...new X509Certificate(certificate).publicKey.export({ format: 'jwk' }), alg: 'ES256' }),
    verifyCertificateChain: ({ trustedCertificates, x5chain, now }) => {
      checkChain(x5chain.map((one) => Buffer.from(one)), trustedCertificates.map((one) => Buffer.from(one)), now)
    },
    getCertificateData: ({ certificate }) => {
      const one = new X509Certificate(certificate)
      return {
        issuerName: one.issuer,
        subjectName: one.subject,
        serialNumber: one.serialNumber,
        thumbprint: one.fingerprint256,
        notBefore: new Date(one.validFrom),
        notAfter: new Date(one.validTo),
        pem: one.toString(),
      }
    },
  },
}
