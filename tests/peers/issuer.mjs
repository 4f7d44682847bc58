// The issuing peer. It gives a library card of a made-up type as `dc+sd-jwt` and as `mso_mdoc`, in three houses:
//
//   /plain   pre-authorized code (with or without a transaction code), a wallet without a name
//   /sealed  the same; requests for credentials and their answers are encrypted
//   /haip    authorization code: pushed request, PKCE, wallet attestation, an authorization server of its own name (/door)
//
// All demand DPoP with fresh nonces, a nonce in each proof, and give batches in another order than asked for.
// Every request is read and judged by @openid4vc/oauth2 and @openid4vc/openid4vci; credentials are made by @sd-jwt/sd-jwt-vc,
// @sd-jwt/jwt-status-list and @owf/mdoc.
//
// Orders: {do: "offer", house, configurations, txCode?, deferred?, spoiled?, byReference?, cardNumber?} · {do: "report", id} · {do: "revoke", id}
//
// `deferred` names configurations that come at the third question, after an outage and a "not yet". `spoiled` says what is wrong with the credentials:
// `foreignKey` (bound to a key that is nobody's), `anchorInChain`, `otherType`, `expired`, `revoked`, `plaintext` (in the sealed house).

import { Openid4vciIssuer, Openid4vciVersion } from '@openid4vc/openid4vci'
import {
  authorizationCodeGrantIdentifier,
  Oauth2AuthorizationServer,
  Oauth2ResourceServer,
  Oauth2ResourceUnauthorizedError,
  Oauth2ServerErrorResponseError,
  parsePushedAuthorizationRequestUriReferenceValue,
  PkceCodeChallengeMethod,
  preAuthorizedCodeGrantIdentifier,
  pushedAuthorizationRequestUriPrefix,
  SupportedAuthenticationScheme,
} from '@openid4vc/oauth2'
import { exportJWK, generateKeyPair } from 'jose'
import { base64url, callbacks, openJwe, sealJwe, sha256, token } from './lib/callbacks.mjs'
import { configurations, DOCTYPE, makeCard, revoke, root, signer, statusList, VCT } from './lib/cards.mjs'
import { authorityKeyIdentifiers, makeLeaf, makeRoot, makeTlsLeaf } from './lib/certificates.mjs'
import { obey, serve } from './lib/program.mjs'

const HOST = 'issuer.peers.localhost'
const BATCH_SIZE = 2
const tlsRoot = await makeRoot('Peer TLS Root')
// Access tokens are signed with a key without a certificate.
const tokenKey = await makeLeaf(root, 'Peer Tokens')
const accessTokenSigner = { method: 'jwk', alg: 'ES256', publicJwk: { ...tokenKey.publicJwk, kid: 'tokens' } }

const walletProviders = []
let origin

/** The libraries' own questions: none but for the key of the access tokens. */
const fetchHere = async (url) => {
  if (!String(url).endsWith('/jwks')) throw new Error(`nothing is fetched from ${url}`)
  const keys = [{ ...accessTokenSigner.publicJwk, use: 'sig' }]
  return new Response(JSON.stringify({ keys }), { headers: { 'content-type': 'application/jwk-set+json' } })
}
const callbackContext = callbacks({ signers: [tokenKey, signer], anchors: () => walletProviders, fetch: fetchHere })
const authorizationServer = new Oauth2AuthorizationServer({ callbacks: callbackContext })
const resourceServer = new Oauth2ResourceServer({ callbacks: callbackContext })
const credentialIssuer = new Openid4vciIssuer({ callbacks: callbackContext })

// What the peer remembers; each value that may be used once is taken out when it is used.
const offers = new Map()
const pushed = new Map()
const codes = new Map()
const grants = new Map()
const dpopNonces = new Set()
const dpopProofs = new Set()
const credentialNonces = new Set()
const transactions = new Map()
let statusQuestions = 0
let signedMetadata = 0

const requestKeys = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true })
const requestJwk = { ...(await exportJWK(requestKeys.publicKey)), kid: 'requests', use: 'enc', alg: 'ECDH-ES' }
const requestPrivateJwk = await exportJWK(requestKeys.privateKey)

function houseOf(path) {
  if (path.includes('/haip') || path.includes('/door')) return 'haip'
  return path.includes('/sealed') ? 'sealed' : 'plain'
}

/** The house's metadata, as the library lets them through. */
function metadata(house) {
  const issuer = `${origin}/${house}`
  const door = house === 'haip' ? `${origin}/door` : issuer
  const haip = house === 'haip'
  const credentialIssuerMetadata = credentialIssuer.createCredentialIssuerMetadata({
    credential_issuer: issuer,
    ...(haip ? { authorization_servers: [door] } : {}),
    credential_endpoint: `${issuer}/credential`,
    nonce_endpoint: `${issuer}/nonce`,
    deferred_credential_endpoint: `${issuer}/deferred`,
    notification_endpoint: `${issuer}/notification`,
    ...(house === 'sealed'
      ? {
          credential_request_encryption: { jwks: { keys: [requestJwk] }, enc_values_supported: ['A256GCM'], encryption_required: true },
          credential_response_encryption: { alg_values_supported: ['ECDH-ES'], enc_values_supported: ['A256GCM'], encryption_required: true },
        }
      : {}),
    batch_credential_issuance: { batch_size: BATCH_SIZE },
    display: [
      { name: '나루 도서관 (시험 상대)', locale: 'ko' },
      { name: 'Naru Library (test peer)', locale: 'en' },
    ],
    credential_configurations_supported: configurations(),
  })
  const authorizationServerMetadata = authorizationServer.createAuthorizationServerMetadata({
    issuer: door,
    token_endpoint: `${door}/token`,
    jwks_uri: `${door}/jwks`,
    dpop_signing_alg_values_supported: ['ES256'],
    grant_types_supported: haip ? ['authorization_code'] : [preAuthorizedCodeGrantIdentifier],
    ...(haip
      ? {
          authorization_endpoint: `${door}/authorize`,
          pushed_authorization_request_endpoint: `${door}/par`,
          require_pushed_authorization_requests: true,
          code_challenge_methods_supported: [PkceCodeChallengeMethod.S256],
          authorization_response_iss_parameter_supported: true,
          response_types_supported: ['code'],
          scopes_supported: ['card_sd_jwt', 'card_mdoc'],
          token_endpoint_auth_methods_supported: ['attest_jwt_client_auth'],
          client_attestation_signing_alg_values_supported: ['ES256'],
          client_attestation_pop_signing_alg_values_supported: ['ES256'],
        }
      : { 'pre-authorized_grant_anonymous_access_supported': true, token_endpoint_auth_methods_supported: ['none'] }),
  })
  return {
    originalDraftVersion: Openid4vciVersion.V1,
    credentialIssuer: credentialIssuerMetadata,
    authorizationServers: [authorizationServerMetadata],
    knownCredentialConfigurations: credentialIssuer.getKnownCredentialConfigurationsSupported(credentialIssuerMetadata),
  }
}

const newDpopNonce = () => {
  const nonce = token()
  dpopNonces.add(nonce)
  return nonce
}

/** What the library leaves to its caller: a nonce of ours, used once, and a proof that was not seen before. */
async function judgeDpop(jwt, call, accessToken) {
  if (!jwt) return { refused: 'invalid_dpop_proof' }
  const { nonce, jti } = JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'))
  if (!nonce || !dpopNonces.delete(nonce)) return { refused: 'use_dpop_nonce' }
  const { jwkThumbprint } = await authorizationServer.verifyDpopJwt({
    dpopJwt: jwt,
    request: call,
    expectedNonce: nonce,
    allowedSigningAlgs: ['ES256'],
    accessToken,
  })
  if (dpopProofs.has(jti)) return { refused: 'invalid_dpop_proof' }
  dpopProofs.add(jti)
  return { jwkThumbprint }
}

const oauthError = (error, status = 400, headers = {}) => ({ status, headers, body: { error } })

async function answeringErrors(action, note) {
  try {
    return await action()
  } catch (error) {
    note?.(String(error.message))
    if (error instanceof Oauth2ServerErrorResponseError) return { status: error.status, body: error.errorResponse }
    if (error instanceof Oauth2ResourceUnauthorizedError) return { status: 401, headers: { 'www-authenticate': error.toHeaderValue() } }
    throw error
  }
}

async function push(call) {
  const request = await authorizationServer.parsePushedAuthorizationRequest({
    authorizationRequest: Object.fromEntries(new URLSearchParams(call.body)),
    request: call,
  })
  const asked = request.authorizationRequest
  const offer = [...offers.values()].find((one) => one.issuerState && one.issuerState === asked.issuer_state)
  if (!offer) return oauthError('invalid_request')
  const verified = await authorizationServer.verifyPushedAuthorizationRequest({
    authorizationRequest: asked,
    authorizationServerMetadata: metadata('haip').authorizationServers[0],
    request: call,
    clientAttestation: { ...request.clientAttestation, required: true },
    dpop: { ...request.dpop, required: true, allowedSigningAlgs: ['ES256'] },
  })
  if (asked.response_type !== 'code' || asked.code_challenge_method !== 'S256' || !asked.code_challenge) return oauthError('invalid_request')
  const scopes = (asked.scope ?? '').split(' ').sort().join(' ')
  const wanted = offer.configurations.map((id) => configurations()[id].scope).sort().join(' ')
  if (scopes !== wanted) return oauthError('invalid_scope')
  const id = token()
  pushed.set(id, { asked, offer, jkt: verified.dpop?.jwkThumbprint, clientId: verified.clientAttestation.clientAttestation.payload.sub })
  offer.report.pushed = { scope: asked.scope, clientId: asked.client_id, dpop_jkt: Boolean(asked.dpop_jkt), resource: asked.resource ?? null }
  const { pushedAuthorizationResponse } = authorizationServer.createPushedAuthorizationResponse({
    requestUri: `${pushedAuthorizationRequestUriPrefix}${id}`,
    expiresInSeconds: 60,
  })
  return { status: 201, body: pushedAuthorizationResponse }
}

/** The login page of a person who agrees to everything: it sends the browser back at once. */
function authorize(call) {
  const parameters = new URL(call.url).searchParams
  const id = parsePushedAuthorizationRequestUriReferenceValue({ uri: parameters.get('request_uri') ?? '' })
  const request = pushed.get(id)
  if (!request || request.asked.client_id !== parameters.get('client_id')) return oauthError('invalid_request')
  pushed.delete(id)
  request.offer.report.page = [...parameters.keys()].sort()
  const code = token()
  codes.set(code, { ...request, expiresAt: new Date(Date.now() + 60_000) })
  const back = new URL(request.asked.redirect_uri)
  back.searchParams.set('code', code)
  back.searchParams.set('state', request.asked.state)
  back.searchParams.set('iss', `${origin}/door`)
  return { status: 302, headers: { location: back.toString() }, body: '' }
}

async function giveToken(call, house) {
  const meta = metadata(house).authorizationServers[0]
  const request = authorizationServer.parseAccessTokenRequest({
    request: call,
    accessTokenRequest: Object.fromEntries(new URLSearchParams(call.body)),
  })
  const dpop = await judgeDpop(request.dpop?.jwt, call)
  if (dpop.refused) return oauthError(dpop.refused, 400, { 'dpop-nonce': newDpopNonce() })
  const shared = { request: call, authorizationServerMetadata: meta, accessTokenRequest: request.accessTokenRequest }
  let offer
  let clientId
  if (request.grant.grantType === preAuthorizedCodeGrantIdentifier && house !== 'haip') {
    offer = [...offers.values()].find((one) => one.code && one.code === request.grant.preAuthorizedCode)
    if (!offer) return oauthError('invalid_grant')
    if (request.accessTokenRequest.client_id) return oauthError('invalid_client', 401)
    await authorizationServer.verifyPreAuthorizedCodeAccessTokenRequest({
      ...shared,
      grant: request.grant,
      expectedPreAuthorizedCode: offer.code,
      expectedTxCode: offer.txCode,
      dpop: { ...request.dpop, required: true, allowedSigningAlgs: ['ES256'] },
    })
    offer.code = undefined
  } else if (request.grant.grantType === authorizationCodeGrantIdentifier && house === 'haip') {
    const granted = codes.get(request.grant.code)
    codes.delete(request.grant.code)
    if (!granted) return oauthError('invalid_grant')
    if (request.accessTokenRequest.redirect_uri !== granted.asked.redirect_uri) return oauthError('invalid_grant')
    await authorizationServer.verifyAuthorizationCodeAccessTokenRequest({
      ...shared,
      grant: request.grant,
      expectedCode: request.grant.code,
      codeExpiresAt: granted.expiresAt,
      clientAttestation: { ...request.clientAttestation, required: true, expectedClientId: granted.clientId },
      dpop: { ...request.dpop, required: true, allowedSigningAlgs: ['ES256'], expectedJwkThumbprint: granted.jkt },
      pkce: { codeVerifier: request.pkceCodeVerifier, codeChallenge: granted.asked.code_challenge, codeChallengeMethod: PkceCodeChallengeMethod.S256 },
    })
    offer = granted.offer
    clientId = granted.clientId
  } else {
    return oauthError('unsupported_grant_type')
  }
  offer.report.token = { grant: request.grant.grantType, attested: Boolean(request.clientAttestation), clientId: clientId ?? null }
  const { header } = await authorizationServer.verifyDpopJwt({ dpopJwt: request.dpop.jwt, request: call, allowedSigningAlgs: ['ES256'] })
  const body = await authorizationServer.createAccessTokenResponse({
    audience: metadata(house).credentialIssuer.credential_issuer,
    authorizationServer: meta.issuer,
    expiresInSeconds: 300,
    subject: offer.id,
    clientId,
    signer: accessTokenSigner,
    dpop: { jwk: header.jwk },
  })
  grants.set(offer.id, { offer, clientId, left: new Set(offer.configurations) })
  return { body, headers: { 'dpop-nonce': newDpopNonce() } }
}

/** The access token and its proof, by the library; the nonce and the replay by us. */
async function resource(call, house) {
  const meta = metadata(house)
  const proof = call.headers.get('dpop')
  const presented = call.headers.get('authorization')?.split(' ')[1]
  const dpop = await judgeDpop(proof, call, presented)
  if (dpop.refused) {
    const challenge = `DPoP error="${dpop.refused}", algs="ES256"`
    return { refusal: { status: 401, headers: { 'www-authenticate': challenge, 'dpop-nonce': newDpopNonce() } } }
  }
  const { tokenPayload } = await resourceServer.verifyResourceRequest({
    authorizationServers: meta.authorizationServers,
    request: call,
    resourceServer: meta.credentialIssuer.credential_issuer,
    allowedAuthenticationSchemes: [SupportedAuthenticationScheme.DPoP],
  })
  const grant = grants.get(tokenPayload.sub)
  if (!grant) throw new Error('a token without a grant')
  return { grant }
}

/** The keys of an attestation that says as much of them as was demanded; the library has checked who signed it, for which nonce, and when it ends. */
function judgedKeys({ header, payload }, demanded) {
  const storage = demanded.key_attestations_required.key_storage
  if (header.typ !== 'key-attestation+jwt' || !header.x5c) return null
  if (!(payload.key_storage ?? []).some((one) => storage.includes(one))) return null
  return payload.attested_keys
}

async function credential(call, house) {
  const { refusal, grant } = await resource(call, house)
  if (refusal) return refusal
  const { report } = grant.offer
  const meta = metadata(house)
  const sealed = house === 'sealed'
  if (call.headers.get('content-type') !== (sealed ? 'application/jwt' : 'application/json')) return oauthError('invalid_credential_request')
  const text = sealed ? await openJwe(call.body, requestPrivateJwk, 'requests') : call.body
  const asked = JSON.parse(text)
  const seal = asked.credential_response_encryption
  // The library knows the shape of the drafts, where `alg` stood beside the key and not in it.
  if (seal) asked.credential_response_encryption = { ...seal, alg: seal.jwk.alg }
  const request = credentialIssuer.parseCredentialRequest({ credentialRequest: asked, issuerMetadata: meta })
  if (sealed !== Boolean(seal)) return oauthError('invalid_encryption_parameters')
  const id = request.credentialConfigurationId
  if (!id || !grant.left.has(id)) return oauthError('unknown_credential_configuration')
  const [kind, ...others] = Object.keys(request.proofs ?? {})
  const proofs = request.proofs?.[kind] ?? []
  if (others.length !== 0 || proofs.length === 0 || proofs.length > BATCH_SIZE) return oauthError('invalid_proof')
  const demanded = configurations()[id].proof_types_supported[kind]
  if (!demanded) return oauthError('invalid_proof')
  const nonces = new Set(proofs.map((jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url')).nonce))
  const [nonce] = nonces
  if (nonces.size !== 1 || !credentialNonces.delete(nonce)) return oauthError('invalid_nonce')
  const keys = []
  let attestedKeys = 0
  for (const jwt of kind === 'attestation' ? proofs : []) {
    const attestation = await credentialIssuer.verifyCredentialRequestAttestationProof({ issuerMetadata: meta, keyAttestationJwt: jwt, expectedNonce: nonce })
    const judged = judgedKeys(attestation, demanded)
    if (!judged) return oauthError('invalid_proof')
    keys.push(...judged)
    attestedKeys += judged.length
  }
  for (const jwt of kind === 'jwt' ? proofs : []) {
    const proof = await credentialIssuer.verifyCredentialRequestJwtProof({ issuerMetadata: meta, jwt, expectedNonce: nonce, clientId: grant.clientId })
    if (!grant.clientId && proof.payload.iss !== undefined) return oauthError('invalid_proof')
    if (Math.abs(Date.now() / 1000 - proof.payload.iat) > 60) return oauthError('invalid_proof')
    if (!demanded.key_attestations_required) {
      if (proof.keyAttestation) return oauthError('invalid_proof')
      keys.push(proof.signer.publicJwk)
      continue
    }
    // An attestation stands for all of its keys (appendix F.1); each proof may carry the same one.
    const judged = proof.keyAttestation && judgedKeys(proof.keyAttestation, demanded)
    if (!judged || proof.keyAttestation.payload.nonce !== nonce) return oauthError('invalid_proof')
    const fresh = judged.filter((key) => !keys.some((known) => known.x === key.x))
    keys.push(...fresh)
    attestedKeys += fresh.length
  }
  if (keys.length === 0 || keys.length > BATCH_SIZE) return oauthError('invalid_proof')
  if (new Set(keys.map((key) => key.x)).size !== keys.length) return oauthError('invalid_proof')
  grant.left.delete(id)
  report.credentials.push({ configuration: id, proofs: proofs.length, kind, attestedKeys, sealed, deferred: false, notificationId: token(), event: null })
  const told = report.credentials.at(-1)
  const make = async () => {
    const credentials = []
    for (const key of keys) credentials.push({ credential: await makeCard(id, key, grant.offer, origin, `${origin}/${house}`) })
    // In another order than the proofs.
    return credentials.reverse()
  }
  if (grant.offer.deferred.includes(id)) {
    const transactionId = token()
    transactions.set(transactionId, { grant, told, make, questions: 0 })
    const body = credentialIssuer.createCredentialResponse({ credentialRequest: request, transactionId, interval: 1 })
    return sealedAnswer(202, body, seal, grant.offer)
  }
  const body = credentialIssuer.createCredentialResponse({ credentialRequest: request, credentials: await make(), notificationId: told.notificationId })
  return sealedAnswer(200, body, seal, grant.offer)
}

/** An answer to a credential request, encrypted where that was asked for. */
async function sealedAnswer(status, body, seal, offer) {
  const headers = { 'dpop-nonce': newDpopNonce() }
  if (!seal || offer.spoiled === 'plaintext') return { status, headers, body }
  const { jwk, enc } = seal
  if (jwk.alg !== 'ECDH-ES' || enc !== 'A256GCM') return oauthError('invalid_encryption_parameters')
  return { status, headers: { ...headers, 'content-type': 'application/jwt' }, body: await sealJwe(JSON.stringify(body), jwk, enc) }
}

async function deferredCredential(call, house) {
  const { refusal, grant } = await resource(call, house)
  if (refusal) return refusal
  const { deferredCredentialRequest } = credentialIssuer.parseDeferredCredentialRequest({ deferredCredentialRequest: JSON.parse(call.body) })
  const id = deferredCredentialRequest.transaction_id
  const transaction = transactions.get(id)
  if (!transaction || transaction.grant !== grant) return oauthError('invalid_transaction_id')
  transaction.questions += 1
  // First an outage, which ends nothing; then "not yet".
  if (transaction.questions === 1) return { status: 503 }
  if (transaction.questions === 2) {
    return { status: 202, body: credentialIssuer.createDeferredCredentialResponse({ transactionId: id, interval: 1 }) }
  }
  transactions.delete(id)
  transaction.told.deferred = true
  const body = credentialIssuer.createDeferredCredentialResponse({ credentials: await transaction.make() })
  // The library refuses `notification_id` beside `credentials`, which section 9.2 of the specification allows.
  return { headers: { 'dpop-nonce': newDpopNonce() }, body: { ...body, notification_id: transaction.told.notificationId } }
}

async function notified(call, house) {
  const { refusal, grant } = await resource(call, house)
  if (refusal) return refusal
  const { notification_id: id, event } = JSON.parse(call.body)
  const told = grant.offer.report.credentials.find((one) => one.notificationId === id)
  if (!told) return oauthError('invalid_notification_id')
  told.event = event
  return { status: 204 }
}

/** Signed by the library for who asks for that; the sealed house signs none. */
async function issuerMetadata(call, meta, house) {
  if (house === 'sealed' || !call.headers.get('accept')?.includes('application/jwt')) return { body: meta.credentialIssuer }
  signedMetadata += 1
  const jwt = await credentialIssuer.createSignedCredentialIssuerMetadataJwt({
    credentialIssuerMetadata: meta.credentialIssuer,
    signer: { method: 'x5c', alg: 'ES256', x5c: signer.x5c },
    issuedAt: new Date(),
    expiresAt: new Date(Date.now() + 3600_000),
    issuer: meta.credentialIssuer.credential_issuer,
  })
  return { headers: { 'content-type': 'application/jwt' }, body: jwt }
}

async function handle(call) {
  const house = houseOf(call.path)
  const meta = metadata(house)
  const key = `${call.method} ${call.path.replace(/\/(plain|sealed|haip|door)\b/, '/*')}`
  const note = (text) => process.stderr.write(`${key}: ${text}\n`)
  switch (key) {
    case 'GET /.well-known/openid-credential-issuer/*':
      return issuerMetadata(call, meta, house)
    case 'GET /.well-known/oauth-authorization-server/*':
      return { body: meta.authorizationServers[0] }
    case 'POST /*/par':
      return answeringErrors(() => push(call), note)
    case 'GET /*/authorize':
      return answeringErrors(() => authorize(call), note)
    case 'POST /*/token':
      return answeringErrors(() => giveToken(call, house), note)
    case 'POST /*/nonce': {
      if (call.body !== '' || call.headers.get('authorization')) return oauthError('invalid_request')
      const nonce = token()
      credentialNonces.add(nonce)
      return { headers: { 'dpop-nonce': newDpopNonce() }, body: credentialIssuer.createNonceResponse({ cNonce: nonce }) }
    }
    case 'POST /*/credential':
      return answeringErrors(() => credential(call, house), note)
    case 'POST /*/deferred':
      return answeringErrors(() => deferredCredential(call, house), note)
    case 'POST /*/notification':
      return answeringErrors(() => notified(call, house), note)
    case 'GET /status/1':
      statusQuestions += 1
      return statusList(origin)
    case `GET /offers/${call.path.slice('/offers/'.length)}`:
      return { body: offers.get(call.path.slice('/offers/'.length))?.object }
    default:
      note('no such address')
      return { status: 404 }
  }
}

// A wallet provider for the wallet that is tried out: the key and certificate of a developer's profile.
const providerRoot = await makeRoot('Peer Wallet Provider Root')
const provider = await makeLeaf(providerRoot, 'Peer Wallet Provider')
walletProviders.push(providerRoot.pem)

const tls = await makeTlsLeaf(tlsRoot, HOST)
const server = await serve(tls, HOST, handle)
origin = server.origin

await obey(
  {
    peer: 'issuer',
    port: server.port,
    tlsRoot: tlsRoot.pem,
    anchor: root.pem,
    authority: authorityKeyIdentifiers([signer.der])[0],
    vct: VCT,
    doctype: DOCTYPE,
    provider: { privateKey: provider.privateKeyPem, certificate: provider.pem },
  },
  {
    offer: async ({ house, configurations: ids, txCode, deferred = [], spoiled, byReference = false, cardNumber }) => {
      const id = base64url(sha256(token()))
      const offer = { id, configurations: ids, txCode, deferred, spoiled, cardNumber, statuses: [], report: { credentials: [] } }
      if (house === 'haip') offer.issuerState = token()
      else offer.code = token()
      offers.set(id, offer)
      const { credentialOffer, credentialOfferObject } = await credentialIssuer.createCredentialOffer({
        ...(byReference ? { credentialOfferUri: `${origin}/offers/${id}` } : {}),
        issuerMetadata: metadata(house),
        credentialConfigurationIds: ids,
        grants:
          house === 'haip'
            ? { [authorizationCodeGrantIdentifier]: { issuer_state: offer.issuerState } }
            : {
                [preAuthorizedCodeGrantIdentifier]: {
                  'pre-authorized_code': offer.code,
                  ...(txCode ? { tx_code: { input_mode: 'numeric', length: txCode.length, description: 'Printed on the letter' } } : {}),
                },
              },
      })
      offer.object = credentialOfferObject
      return { id, offer: credentialOffer }
    },
    report: ({ id }) => ({ ...offers.get(id).report, statusQuestions, signedMetadata }),
    revoke: ({ id }) => {
      revoke(offers.get(id))
      return {}
    },
  },
)
