// Certificates of the peers, made anew at each start: roots, and leaves below them. No root ever stands in a chain that is sent.

import 'reflect-metadata'
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY = 24 * 3600 * 1000
/** ISO/IEC 18013-5 B.1.4, the document signer. */
export const DOCUMENT_SIGNER = '1.0.18013.5.1.2'

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
const serial = () => `00${randomBytes(15).toString('hex')}`

async function described(certificate, keys) {
  const { kty, crv, x, y, d } = await webcrypto.subtle.exportKey('jwk', keys.privateKey)
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    certificate,
    keys,
    pem: `${certificate.toString('pem')}\n`,
    der: new Uint8Array(certificate.rawData),
    x5c: [Buffer.from(certificate.rawData).toString('base64')],
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`,
    publicJwk: { kty, crv, x, y },
    privateJwk: { kty, crv, x, y, d },
  }
}

/** A root: signs certificates, is self-signed, is what a profile names as an anchor. */
export async function makeRoot(name) {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `C=KR, O=Peers, CN=${name}`,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 30 * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return described(certificate, keys)
}

/** A leaf below a root: signs, and is nothing else. `hosts` become dNSName entries, `purposes` the extended key usage. */
export async function makeLeaf(root, name, { hosts = [], purposes = [] } = {}) {
  const keys = await newKeys()
  const extensions = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(root.keys.publicKey),
  ]
  if (hosts.length > 0) {
    const names = hosts.map((value) => ({ type: 'dns', value }))
    extensions.push(new x509.SubjectAlternativeNameExtension(names))
  }
  if (purposes.length > 0) extensions.push(new x509.ExtendedKeyUsageExtension(purposes, purposes.includes(DOCUMENT_SIGNER)))
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `C=KR, O=Peers, CN=${name}`,
    issuer: root.certificate.subjectName,
    notBefore: new Date(Date.now() - DAY / 2),
    notAfter: new Date(Date.now() + 20 * DAY),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: root.keys.privateKey,
    extensions,
  })
  return described(certificate, keys)
}

/** A leaf for a TLS server. */
export const makeTlsLeaf = (root, host) =>
  makeLeaf(root, host, { hosts: [host], purposes: ['1.3.6.1.5.5.7.3.1'] })

/** The key identifiers of the authorities above these certificates, as DCQL writes them (OpenID4VP 1.0 section 6.1.1.1). */
export const authorityKeyIdentifiers = (chain) =>
  chain
    .map((der) => new x509.X509Certificate(der).getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId)
    .filter(Boolean)
    .map((hex) => Buffer.from(hex, 'hex').toString('base64url'))

/** Checks that a chain of one certificate leads to one of these anchors, with Node's own X.509; gives the leaf. */
export function checkChain(chain, anchorPems, now = new Date()) {
  if (chain.length !== 1) throw new Error('the peers know chains of one certificate')
  const leaf = new X509Certificate(chain[0])
  if (leaf.verify(leaf.publicKey)) throw new Error('the leaf is self-signed')
  const anchor = anchorPems
    .map((pem) => new X509Certificate(pem))
    .find((one) => leaf.checkIssued(one) && leaf.verify(one.publicKey))
  if (!anchor) throw new Error('the chain leads to no anchor')
  for (const one of [leaf, anchor]) {
    if (now < new Date(one.validFrom) || now > new Date(one.validTo)) throw new Error('a certificate is out of date')
  }
  return leaf
}
