// The verifying peer. It asks for library cards over the redirect flow of OpenID4VP 1.0 and judges what comes:
// @openid4vc/openid4vp makes the signed request and reads the answer, jose opens it, @sd-jwt/sd-jwt-vc and @owf/mdoc judge the
// presentations, dcql judges whether they are what was asked for.
//
// A judge that says yes to everything would pass every test: with each answer it also judges changed copies of it,
// and reports which of them it refused.
//
// Orders: {do: "trust", pem, tlsRoot} · {do: "request", prefix, method, mode, query} · {do: "verdict", id}

import { calculateX509HashClientIdPrefixValue, Openid4vpVerifier } from '@openid4vc/openid4vp'
import { calculateJwkThumbprint } from '@openid4vc/oauth2'
import { DeviceResponse, SessionTranscript, Verifier } from '@owf/mdoc'
import { DcqlPresentationResult, DcqlQuery } from 'dcql'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { exportJWK, generateKeyPair } from 'jose'
import { base64url, callbacks, isSignedBy, openJwe, sha256, token } from './lib/callbacks.mjs'
import { authorityKeyIdentifiers, checkChain, makeLeaf, makeRoot, makeTlsLeaf } from './lib/certificates.mjs'
import { getHere } from './lib/get.mjs'
import { mdocContext } from './lib/mdoc-context.mjs'
import { obey, serve } from './lib/program.mjs'

const HOST = 'verifier.peers.localhost'

const tlsRoot = await makeRoot('Peer Verifier TLS Root')
const root = await makeRoot('Peer Verifier Root')
const signer = await makeLeaf(root, 'Peer Verifier', { hosts: [HOST] })
const decryptionKeys = new Map()
const callbackContext = callbacks({ signers: [signer], decryptionKeys })
const verifier = new Openid4vpVerifier({ callbacks: callbackContext })

const issuerAnchors = []
const issuerTlsRoots = []
const sessions = new Map()
let origin

async function newRequest({ prefix, method, mode, query }) {
  DcqlQuery.validate(DcqlQuery.parse(query))
  const id = token()
  const clientId =
    prefix === 'x509_hash'
      ? `x509_hash:${await calculateX509HashClientIdPrefixValue({ x509Certificate: signer.der, hash: callbackContext.hash })}`
      : `x509_san_dns:${HOST}`
  const payload = {
    response_type: 'vp_token',
    response_mode: mode,
    client_id: clientId,
    response_uri: `${origin}/answers/${id}`,
    nonce: token(),
    state: token(),
    dcql_query: query,
    client_metadata: {
      vp_formats_supported: {
        'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] },
        mso_mdoc: { issuerauth_alg_values: [-7], deviceauth_alg_values: [-7] },
      },
    },
  }
  const session = { payload, query, method, verdict: { state: 'waiting' } }
  if (mode === 'direct_post.jwt') {
    const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true })
    const shared = { kid: id, use: 'enc', alg: 'ECDH-ES' }
    session.encryptionJwk = { ...(await exportJWK(publicKey)), ...shared }
    decryptionKeys.set(id, { ...(await exportJWK(privateKey)), ...shared })
    // A key that the wallet cannot use stands before the one that it can.
    const foreign = { kty: 'OKP', crv: 'X25519', kid: 'foreign', use: 'enc', alg: 'ECDH-ES', x: token() + token().slice(0, 11) }
    payload.client_metadata.jwks = { keys: [foreign, session.encryptionJwk] }
    payload.client_metadata.encrypted_response_enc_values_supported = ['A128GCM', 'A256GCM']
  }
  sessions.set(id, session)
  const { authorizationRequest } = await signed(session, id)
  const link = new URL(authorizationRequest)
  if (method === 'post') link.searchParams.set('request_uri_method', 'post')
  return { id, request: link.toString() }
}

const signed = (session, id, walletNonce) =>
  verifier.createOpenId4vpAuthorizationRequest({
    authorizationRequestPayload: session.payload,
    jar: {
      jwtSigner: { method: 'x5c', alg: 'ES256', x5c: signer.x5c },
      requestUri: `${origin}/requests/${id}`,
      expiresInSeconds: 120,
      additionalJwtPayload: { aud: 'https://self-issued.me/v2', ...(walletNonce ? { wallet_nonce: walletNonce } : {}) },
    },
  })

async function giveRequest(call, id, session) {
  if (call.method !== session.method.toUpperCase()) return { status: 405 }
  const walletNonce = call.method === 'POST' ? new URLSearchParams(call.body).get('wallet_nonce') : undefined
  session.walletNonce = Boolean(walletNonce)
  const { jar } = await signed(session, id, walletNonce)
  return { headers: { 'content-type': 'application/oauth-authz-req+jwt' }, body: jar.authorizationRequestJwt }
}

/** One SD-JWT VC presentation: issuer chain, signature, disclosures, status, key binding (signature, nonce, `aud`, `sd_hash`, age). */
async function judgeSdJwt(presentation, { nonce, audience }) {
  const instance = new SDJwtVcInstance({
    hasher: (data) => sha256(data),
    hashAlg: 'sha-256',
    saltGenerator: () => token(),
    verifier: async (data, signature) => {
      const header = JSON.parse(Buffer.from(data.split('.')[0], 'base64url'))
      const leaf = checkChain(header.x5c.map((one) => Buffer.from(one, 'base64')), issuerAnchors)
      return isSignedBy(`${data}.${signature}`, leaf.publicKey.export({ format: 'jwk' }))
    },
    kbVerifier: (data, signature, payload) => isSignedBy(`${data}.${signature}`, payload.cnf.jwk),
    statusListFetcher: async (uri) => {
      const { status, body } = await getHere(new URL(uri), issuerTlsRoots)
      if (status !== 200) throw new Error(`the status list answers ${status}`)
      return body
    },
  })
  const { payload, header, kb } = await instance.verify(presentation, { keyBindingNonce: nonce })
  if (!payload.status?.status_list) throw new Error('the credential names no status list')
  if (header.typ !== 'dc+sd-jwt') throw new Error(`typ is ${header.typ}`)
  if (kb.header.typ !== 'kb+jwt') throw new Error(`typ of the key binding is ${kb.header.typ}`)
  if (kb.payload.aud !== audience) throw new Error(`aud is ${kb.payload.aud}`)
  if (Math.abs(Date.now() / 1000 - kb.payload.iat) > 60) throw new Error('the key binding is old')
  const disclosed = (await instance.decode(presentation)).disclosures.map((one) => one.key ?? '[]').sort()
  const chain = header.x5c.map((one) => Buffer.from(one, 'base64'))
  return { claims: payload, disclosed, authorities: authorityKeyIdentifiers(chain) }
}

async function judgeMdoc(presentation, { nonce, audience, responseUri, encryptionJwk }) {
  const jwkThumbprint = encryptionJwk
    ? new Uint8Array(Buffer.from(await calculateJwkThumbprint({ jwk: encryptionJwk, hashAlgorithm: 'sha-256', hashCallback: callbackContext.hash }), 'base64url'))
    : undefined
  const sessionTranscript = await SessionTranscript.forOid4Vp({ clientId: audience, nonce, jwkThumbprint, responseUri }, mdocContext)
  const deviceResponse = DeviceResponse.fromEncodedForOid4Vp(presentation)
  const checks = []
  await Verifier.verifyDeviceResponse(
    {
      deviceResponse,
      sessionTranscript,
      trustedCertificates: issuerAnchors.map((pem) => new Uint8Array(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'))),
      onCheck: (check) => checks.push(check),
    },
    mdocContext,
  )
  const failed = checks.filter((check) => check.status === 'FAILED')
  if (failed.length > 0 || checks.length === 0) throw new Error(failed.map((check) => check.reason ?? check.check).join('; '))
  if (deviceResponse.documents.length !== 1) throw new Error('not one document')
  const [document] = deviceResponse.documents
  const namespaces = {}
  for (const [namespace, items] of document.issuerSigned.issuerNamespaces.issuerNamespaces) {
    namespaces[namespace] = Object.fromEntries(items.map((item) => [item.elementIdentifier, item.elementValue]))
  }
  const disclosed = Object.values(namespaces).flatMap(Object.keys).sort()
  const authorities = authorityKeyIdentifiers(document.issuerSigned.issuerAuth.certificateChain)
  return { doctype: document.docType, namespaces, disclosed, authorities, checks: checks.length }
}

const plainJson = (value) => JSON.parse(JSON.stringify(value, (_, one) => (one instanceof Uint8Array ? base64url(one) : one)))

/** One more or one less in the middle of a text of base64url. */
function bent(text, at) {
  const other = text[at] === 'A' ? 'B' : 'A'
  return text.slice(0, at) + other + text.slice(at + 1)
}

const refused = (judging) => judging.then(() => false, () => true)

/** The same presentation, changed in one place each: whether the judge refused it. */
async function judgeChanged(format, presentation, context, others) {
  const judge = format === 'mso_mdoc' ? judgeMdoc : judgeSdJwt
  const results = {
    nonce: await refused(judge(presentation, { ...context, nonce: token() })),
    audience: await refused(judge(presentation, { ...context, audience: 'x509_san_dns:elsewhere.example' })),
  }
  if (format === 'mso_mdoc') {
    results.responseUri = await refused(judge(presentation, { ...context, responseUri: `${origin}/answers/other` }))
    results.encryptionKey = await refused(judge(presentation, { ...context, encryptionJwk: context.encryptionJwk ? undefined : others }))
    // A byte of the given name, which stands in the issuer's item and nowhere else.
    const bytes = Buffer.from(presentation, 'base64url')
    const at = bytes.indexOf(Buffer.from('하늘'))
    if (at >= 0) {
      bytes[at + 5] ^= 1
      results.element = await refused(judge(bytes.toString('base64url'), context))
    }
  } else {
    const parts = presentation.split('~')
    const [jwt, binding] = [parts[0], parts.at(-1)]
    const disclosures = parts.slice(1, -1)
    results.issuerSignature = await refused(judge(presentation.replace(jwt, bent(jwt, jwt.length - 40)), context))
    results.keyBinding = await refused(judge([...parts.slice(0, -1), bent(binding, binding.length - 40)].join('~'), context))
    results.withoutKeyBinding = await refused(judge([...parts.slice(0, -1), ''].join('~'), context))
    if (disclosures.length > 0) {
      const forged = JSON.parse(Buffer.from(disclosures[0], 'base64url'))
      forged[forged.length - 1] = 'forged'
      const changed = base64url(JSON.stringify(forged))
      results.disclosure = await refused(judge([jwt, changed, ...disclosures.slice(1), binding].join('~'), context))
      // A disclosure less: sd_hash is over all of them.
      results.fewerDisclosures = await refused(judge([jwt, ...disclosures.slice(1), binding].join('~'), context))
    }
  }
  const anchors = issuerAnchors.splice(0)
  results.issuer = await refused(judge(presentation, context))
  issuerAnchors.push(...anchors)
  return results
}

async function judge(call, session) {
  const fields = Object.fromEntries(new URLSearchParams(call.body))
  // A refusal may come encrypted too; the library reads encrypted answers with a vp_token only.
  const kid = session.encryptionJwk?.kid
  const told = kid && fields.response ? JSON.parse(await openJwe(fields.response, decryptionKeys.get(kid), kid)) : fields
  if (told.error) {
    const { error, state } = told
    return { state: 'declined', error, fields: Object.keys(told).sort(), outside: Object.keys(fields), stateEchoed: state === session.payload.state }
  }
  const answer = await verifier.parseOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: session.payload,
    authorizationResponse: fields,
    callbacks: callbackContext,
  })
  const context = {
    nonce: session.payload.nonce,
    audience: session.payload.client_id,
    responseUri: session.payload.response_uri,
    encryptionJwk: session.encryptionJwk,
  }
  const verdict = { state: 'valid', encrypted: answer.jarm ? JSON.parse(Buffer.from(fields.response.split('.')[0], 'base64url')).enc : null, walletNonce: session.walletNonce ?? false, presentations: {} }
  const forDcql = {}
  for (const [queryId, presentations] of Object.entries(answer.dcql.presentations)) {
    const { format } = session.query.credentials.find((one) => one.id === queryId) ?? {}
    verdict.presentations[queryId] = []
    forDcql[queryId] = []
    for (const presentation of presentations) {
      const judged = format === 'mso_mdoc' ? await judgeMdoc(presentation, context) : await judgeSdJwt(presentation, context)
      const shared = { credential_format: format, cryptographic_holder_binding: true, authority: { type: 'aki', values: judged.authorities } }
      forDcql[queryId].push(
        format === 'mso_mdoc'
          ? { ...shared, doctype: judged.doctype, namespaces: plainJson(judged.namespaces) }
          : { ...shared, vct: judged.claims.vct, claims: judged.claims },
      )
      const other = { kty: 'EC', ...signer.publicJwk }
      verdict.presentations[queryId].push({
        format,
        ...plainJson(judged),
        refused: await judgeChanged(format, presentation, context, other),
      })
    }
  }
  const result = DcqlPresentationResult.fromDcqlPresentation(forDcql, { dcqlQuery: DcqlQuery.parse(session.query) })
  verdict.answersTheQuery = result.can_be_satisfied
  if (!result.can_be_satisfied) throw new Error('the answer is not what was asked for')
  return verdict
}

async function handle(call) {
  const [, kind, id] = call.path.split('/')
  const session = sessions.get(id)
  if (!session) return { status: 404 }
  if (kind === 'requests') return giveRequest(call, id, session)
  if (kind === 'done' && call.method === 'GET') {
    session.verdict.pageOpened = true
    return { headers: { 'content-type': 'text/plain' }, body: 'done' }
  }
  if (kind !== 'answers' || call.method !== 'POST') return { status: 404 }
  try {
    session.verdict = await judge(call, session)
  } catch (error) {
    process.stderr.write(`${error?.stack ?? error}\n`)
    session.verdict = { state: 'invalid', reason: String(error?.message ?? error) }
    return { status: 400, body: { error: 'invalid_request' } }
  }
  return { body: { redirect_uri: `${origin}/done/${id}` } }
}

const tls = await makeTlsLeaf(tlsRoot, HOST)
const server = await serve(tls, HOST, handle)
origin = server.origin

await obey(
  { peer: 'verifier', port: server.port, tlsRoot: tlsRoot.pem, anchor: root.pem, host: HOST },
  {
    trust: ({ pem, tlsRoot }) => {
      issuerAnchors.push(pem)
      issuerTlsRoots.push(tlsRoot)
      return {}
    },
    request: newRequest,
    verdict: ({ id }) => sessions.get(id).verdict,
  },
)
