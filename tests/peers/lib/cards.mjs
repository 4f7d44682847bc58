// The library card: its two forms, what it says, how it is made and how it is revoked.

import { createHeaderAndPayload, StatusList } from '@sd-jwt/jwt-status-list'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { CoseKey, DateOnly, DeviceKey, Issuer, SignatureAlgorithm } from '@owf/mdoc'
import { sha256, signCompact, token } from './callbacks.mjs'
import { DOCUMENT_SIGNER, makeLeaf, makeRoot } from './certificates.mjs'
import { mdocContext } from './mdoc-context.mjs'

export const VCT = 'urn:peers:library-card:1'
export const DOCTYPE = 'org.peers.library.card.1'
const CARD = {
  given_name: '하늘',
  family_name: '이',
  card_number: 'L-2031-0077',
  address: { city: '가람시', district: '누리구' },
  branches: ['중앙', '강변', '산마루'],
  adult: true,
}

export const root = await makeRoot('Peer Library Root')
/** Signs cards, issuer metadata and status lists; its host is that of `iss`. */
export const signer = await makeLeaf(root, 'Peer Library', { hosts: ['issuer.peers.localhost'] })
const documentSigner = await makeLeaf(root, 'Peer Library mdoc', { purposes: [DOCUMENT_SIGNER] })
const stranger = await makeLeaf(root, 'Nobody')

const statuses = new StatusList(new Array(1024).fill(0), 1)
let nextStatus = 0

/** The configurations of the issuer's metadata. */
export function configurations() {
  const shared = {
    proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
    credential_metadata: {
      display: [
        { name: '나루 도서관 회원증', locale: 'ko', description: 'A library card of a peer' },
        { name: 'Naru library card', locale: 'en' },
      ],
    },
  }
  const sdJwt = {
    ...shared,
    format: 'dc+sd-jwt',
    vct: VCT,
    cryptographic_binding_methods_supported: ['jwk'],
    credential_signing_alg_values_supported: ['ES256'],
  }
  // Keys that somebody attests: with a proof of one of them, alone, or kept better than software can.
  const attested = (storage) => ({ proof_signing_alg_values_supported: ['ES256'], key_attestations_required: { key_storage: [storage] } })
  return {
    'card-sd-jwt': { ...sdJwt, scope: 'card_sd_jwt' },
    'card-attested': { ...sdJwt, scope: 'card_attested', proof_types_supported: { jwt: attested('iso_18045_basic') } },
    'card-attestation': { ...sdJwt, scope: 'card_attestation', proof_types_supported: { attestation: attested('iso_18045_basic') } },
    'card-hardware': { ...sdJwt, scope: 'card_hardware', proof_types_supported: { jwt: attested('iso_18045_high') } },
    'card-mdoc': {
      ...shared,
      format: 'mso_mdoc',
      doctype: DOCTYPE,
      scope: 'card_mdoc',
      cryptographic_binding_methods_supported: ['cose_key'],
      credential_signing_alg_values_supported: [-7],
    },
  }
}

/** Makes a card of one configuration for one key. */
export const makeCard = (configuration, key, offer, origin, issuerIdentifier) =>
  configuration === 'card-mdoc' ? issueMdoc(key, offer) : issueSdJwt(key, offer, origin, issuerIdentifier)

export function revoke(offer) {
  for (const index of offer.statuses) statuses.setStatus(index, 1)
}

/** What is wrong with a credential on purpose; the key that it is bound to instead. */
const boundTo = (key, offer) => (offer.spoiled === 'foreignKey' ? stranger.publicJwk : key)

async function issueSdJwt(key, offer, origin, issuerIdentifier) {
  const { kty, crv, x, y } = boundTo(key, offer)
  const index = nextStatus++
  offer.statuses.push(index)
  if (offer.spoiled === 'revoked') revoke(offer)
  const issuer = new SDJwtVcInstance({
    signer: async (data) => {
      const [header, payload] = data.split('.').map((part) => JSON.parse(Buffer.from(part, 'base64url')))
      const compact = await signCompact(header, payload, signer.privateJwk)
      if (!compact.startsWith(`${data}.`)) throw new Error('signed other bytes than asked')
      return compact.split('.')[2]
    },
    signAlg: 'ES256',
    hasher: (data) => sha256(data),
    hashAlg: 'sha-256',
    saltGenerator: (length) => token().slice(0, Math.max(length, 22)),
  })
  const now = Math.floor(Date.now() / 1000)
  return issuer.issue(
    {
      iss: issuerIdentifier,
      iat: now,
      exp: offer.spoiled === 'expired' ? now - 3600 : now + 7 * 24 * 3600,
      vct: offer.spoiled === 'otherType' ? `${VCT}0` : VCT,
      cnf: { jwk: { kty, crv, x, y } },
      status: { status_list: { idx: index, uri: `${origin}/status/1` } },
      ...CARD,
      card_number: offer.cardNumber ?? CARD.card_number,
    },
    {
      _sd: ['given_name', 'family_name', 'card_number', 'address', 'adult'],
      _sd_decoy: 2,
      address: { _sd: ['city', 'district'] },
      branches: { _sd: [0, 1, 2] },
    },
    { header: { x5c: offer.spoiled === 'anchorInChain' ? [...signer.x5c, ...root.x5c] : signer.x5c } },
  )
}

async function issueMdoc(key, offer) {
  const now = new Date(Math.floor(Date.now() / 1000) * 1000)
  const issuer = new Issuer(offer.spoiled === 'otherType' ? `${DOCTYPE}0` : DOCTYPE, mdocContext)
  const until = offer.spoiled === 'expired' ? -3600 * 1000 : 7 * 24 * 3600 * 1000
  const from = new Date(now.getTime() + Math.min(0, 2 * until))
  issuer.addIssuerNamespace(DOCTYPE, {
    given_name: CARD.given_name,
    card_number: offer.cardNumber ?? CARD.card_number,
    member_since: new DateOnly('2031-03-02'),
    adult: true,
    portrait: new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]),
  })
  const signed = await issuer.sign({
    signingKey: CoseKey.fromJwk({ ...documentSigner.privateJwk, alg: 'ES256' }),
    algorithm: SignatureAlgorithm.ES256,
    digestAlgorithm: 'SHA-256',
    validityInfo: { signed: from, validFrom: from, validUntil: new Date(now.getTime() + until) },
    deviceKeyInfo: { deviceKey: DeviceKey.fromJwk(boundTo(key, offer)) },
    certificates: offer.spoiled === 'anchorInChain' ? [documentSigner.der, root.der] : [documentSigner.der],
  })
  return signed.encodedForOid4Vci
}

/** The status list, signed by the cards' own issuer. */
export async function statusList(origin) {
  const now = Math.floor(Date.now() / 1000)
  const { header, payload } = createHeaderAndPayload(
    statuses,
    { iss: origin, sub: `${origin}/status/1`, iat: now, exp: now + 3600, ttl: 300 },
    { alg: 'ES256', typ: 'statuslist+jwt', x5c: signer.x5c },
  )
  return { headers: { 'content-type': 'application/statuslist+jwt' }, body: await signCompact(header, payload, signer.privateJwk) }
}
