//! Questions and answers over the screen: what is answered, what is believed, and what an attacker tries (OQ-1 to OQ-5).

use crate::support::*;
use crypto::PublicJwk;
use crypto::jwe::{self, PartyInfo};
use dcql::Query;
use mdoc::DeviceResponseError;
use openid4vp::holder::{AuthenticatedRequest, Copy, Delivery, ScreenAnswer, ScreenRecipient, ScreenRequest};
use openid4vp::screen::{CLOCK_SKEW_SECONDS, OfflineBinding, PROOF_SECONDS, ScreenMode};
use openid4vp::verifier::{
    BuildError, ClientIdentity, PreparedRequest, PresentationFault, RequestBuilder, ResponseError, Session,
    VerifiedAnswer,
};
use primitives::Instant;
use sd_jwt_vc::{KeyBindingError, PresentationError};
use serde_json::{Map, Value, json};

const AUDIENCE: &str = "offline-qr:v1:code:1";
const NONCE: &str = "1ABCDEFGHJ";

fn mdoc_query() -> Query {
    query(json!({ "credentials": [
        { "id": "mdoc", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE },
          "claims": [{ "path": [NAME_SPACE, "name"] }] }
    ] }))
}

fn screen(world: &World, query: Query) -> RequestBuilder {
    RequestBuilder::for_screen(ClientIdentity::X509Hash(world.verifier.chain.clone()), query)
}

fn prepare(world: &World, query: Query) -> PreparedRequest {
    screen(world, query).build(world.now, &world.entropy).unwrap()
}

fn read(world: &World, prepared: &PreparedRequest) -> AuthenticatedRequest {
    let object = prepared.request_object(&world.signer()).unwrap();
    ScreenRequest::parse(&object).unwrap().authenticate(&world.trust(), world.now, &world.policy).unwrap()
}

fn question(world: &World, query: Query, audience: &str, nonce: &str) -> AuthenticatedRequest {
    let binding = OfflineBinding::code(audience, nonce).unwrap();
    AuthenticatedRequest::of_offline_question(query, binding, world.now).unwrap()
}

fn desk(world: &World, query: Query, audience: &str, nonce: &str) -> Session {
    let binding = OfflineBinding::code(audience, nonce).unwrap();
    Session::for_offline_question(query, binding, world.now, 300).unwrap()
}

/// The answer with one copy for each credential asked for, signed at this moment.
fn show_at(world: &World, request: &AuthenticatedRequest, at: Instant) -> ScreenAnswer {
    let solution = request.solve(&world.holdings());
    let selection = solution.required_only().unwrap();
    let copies: Vec<Copy<'_>> = dcql::select(&solution, &selection)
        .unwrap()
        .iter()
        .map(|one| if one.query.as_str() == "mdoc" { world.mdoc_copy() } else { world.card_copy() })
        .collect();
    let response = request.respond(&solution, &selection, &copies, at, &world.entropy).unwrap();
    response.into_delivery().into_screen().unwrap()
}

fn show(world: &World, request: &AuthenticatedRequest) -> ScreenAnswer {
    show_at(world, request, world.now)
}

fn check(
    world: &World,
    session: &Session,
    shown: &ScreenAnswer,
    now: Instant,
) -> Result<VerifiedAnswer, ResponseError> {
    session.validate_screen(&shown.vp_token, shown.issued_at, &world.issuers, now)
}

/// What is wrong with the first presentation.
fn fault<T>(outcome: Result<T, ResponseError>) -> PresentationFault {
    match outcome.err().unwrap() {
        ResponseError::Presentation { fault, .. } => fault,
        other => panic!("{other:?}"),
    }
}

fn wrong(proof: KeyBindingError) -> PresentationFault {
    PresentationFault::SdJwtVc(PresentationError::KeyBinding(proof))
}

const DEVICE: PresentationFault = PresentationFault::Mdoc(DeviceResponseError::DeviceSignature);

fn claims_of(prepared: &PreparedRequest, world: &World) -> Map<String, Value> {
    let object = prepared.request_object(&world.signer()).unwrap();
    crypto::jws::UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap()
}

fn nonce_of(prepared: &PreparedRequest, world: &World) -> String {
    claims_of(prepared, world)["nonce"].as_str().unwrap().to_owned()
}

/// Posts this to a verifier that asked over the network for an encrypted answer.
fn post(
    world: &World,
    online: &PreparedRequest,
    vp_token: &Map<String, Value>,
) -> Result<openid4vp::verifier::Outcome, ResponseError> {
    let claims = claims_of(online, world);
    let key = PublicJwk::from_value(&claims["client_metadata"]["jwks"]["keys"][0]).unwrap();
    let payload = json!({ "vp_token": vp_token, "state": claims["state"] }).to_string();
    let method = jwe::ContentEncryption::A256Gcm;
    let jwe = jwe::encrypt(&key, method, &PartyInfo::default(), payload.as_bytes(), &world.entropy).unwrap();
    online.session().validate(format!("response={jwe}").as_bytes(), &world.issuers, world.now)
}

/// The presentations of an answer that was posted to `session`'s key.
fn posted(world: &World, session: &Session, request: &AuthenticatedRequest) -> Map<String, Value> {
    let post = world.answer(request, &[world.mdoc_copy()]);
    let jwe = form(&post).into_iter().find(|(name, _)| name == "response").unwrap().1;
    let plaintext = session.decrypt_screen(&jwe).unwrap();
    let payload: Value = serde_json::from_slice(plaintext.expose()).unwrap();
    payload["vp_token"].as_object().unwrap().clone()
}

// rule: OQ-1, OQ-2, OQ-4
#[test]
fn a_signed_request_on_a_screen_is_answered_on_the_screen() {
    let world = World::new();
    let names = [
        ClientIdentity::X509Hash(world.verifier.chain.clone()),
        ClientIdentity::X509SanDns { name: HOST.to_owned(), chain: world.verifier.chain.clone() },
    ];
    for identity in names {
        // Asking for no encryption changes nothing: what is shown anybody can film.
        let builder = RequestBuilder::for_screen(identity, both_query()).unencrypted();
        let prepared = builder.build(world.now, &world.entropy).unwrap();
        let request = read(&world, &prepared);
        assert!(request.client().is_authenticated());
        assert_eq!(request.client().certified_name(), Some("Verifier"));
        assert_eq!(request.screen(), Some(ScreenMode::Request));
        assert_eq!(prepared.session().screen(), Some(ScreenMode::Request));
        assert_eq!((request.response_uri(), request.origin(), request.destination()), (None, None, ""));

        let shown = show(&world, &request);
        assert_eq!(shown.issued_at, world.now);
        let ScreenRecipient::Asked(encryption) = &shown.to else { panic!("not to who asked") };
        let answer = check(&world, prepared.session(), &shown, world.now).unwrap();
        assert_eq!(answer.presentations.len(), 2);
        assert_eq!(answer.of_query("card").next().unwrap().claims["name"], json!("Hong"));
        assert_eq!(answer.of_query("mdoc").next().unwrap().claims, json!({ NAME_SPACE: { "name": "Hong" } }));

        // The key of the request opens what is encrypted to it, and nothing else does.
        let seal = |bytes: &[u8]| {
            jwe::encrypt(encryption.key(), encryption.method(), &PartyInfo::default(), bytes, &world.entropy)
                .unwrap()
        };
        let sealed = seal(b"message");
        assert_eq!(prepared.session().decrypt_screen(&sealed).unwrap().expose(), b"message");
        let other = prepare(&world, both_query());
        assert_eq!(other.session().decrypt_screen(&sealed).err(), Some(ResponseError::Decryption));
    }
}

// rule: OQ-1, OQ-2, OQ-5
#[test]
fn a_question_that_nobody_signed_is_bound_to_its_name_and_nonce() {
    let world = World::new();
    let one_way = OfflineBinding::one_way("offline-qr:v1:one-way:1", "bm9uY2Ugbm9uY2Ugbm8").unwrap();
    for binding in [OfflineBinding::code(AUDIENCE, NONCE).unwrap(), one_way] {
        let mode = binding.mode();
        let request =
            AuthenticatedRequest::of_offline_question(both_query(), binding.clone(), world.now).unwrap();
        assert!(!request.client().is_authenticated());
        assert!(!request.client().is_signed());
        assert!(request.registrations().count() == 0);
        assert!(request.transactions().is_empty());
        assert_eq!(request.screen(), Some(mode));
        let shown = show(&world, &request);
        assert_eq!(shown.to.mode(), mode);
        match (&shown.to, mode) {
            (ScreenRecipient::Code { audience }, ScreenMode::Code) => assert_eq!(audience.as_str(), AUDIENCE),
            (ScreenRecipient::OneWay { audience, nonce }, ScreenMode::OneWay) => {
                assert_eq!(audience.as_str(), "offline-qr:v1:one-way:1");
                assert_eq!(nonce, "bm9uY2Ugbm9uY2Ugbm8");
            }
            _ => panic!("for somebody else"),
        }
        let session = Session::for_offline_question(both_query(), binding, world.now, 300).unwrap();
        assert_eq!(session.screen(), Some(mode));
        assert_eq!(check(&world, &session, &shown, world.now).unwrap().presentations.len(), 2);
        assert_eq!(session.decrypt_screen("a.b.c.d.e").err(), Some(ResponseError::Decryption));
    }
}

// rule: OQ-2
#[test]
fn a_binding_names_a_question_and_never_a_client() {
    for (audience, nonce) in [
        ("x509_hash:abc", NONCE),
        ("https://verifier.example", NONCE),
        ("", NONCE),
        ("Offline-qr:v1:code:1", NONCE),
        (AUDIENCE, ""),
        (AUDIENCE, "a b"),
    ] {
        assert_eq!(OfflineBinding::code(audience, nonce), None, "{audience} {nonce}");
        assert_eq!(OfflineBinding::one_way(audience, nonce), None, "{audience} {nonce}");
    }
}

// rule: OQ-2
#[test]
fn nothing_is_asked_or_shown_without_the_holders_proof() {
    let world = World::new();
    let bearer = || {
        query(json!({ "credentials": [{
            "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] },
            "require_cryptographic_holder_binding": false, "claims": [{ "path": ["name"] }]
        }] }))
    };
    let binding = || OfflineBinding::code(AUDIENCE, NONCE).unwrap();
    let built = screen(&world, bearer()).build(world.now, &world.entropy).err();
    assert_eq!(built, Some(BuildError::HolderBinding));
    let session = Session::for_offline_question(bearer(), binding(), world.now, 300).err();
    assert_eq!(session, Some(BuildError::HolderBinding));
    assert!(AuthenticatedRequest::of_offline_question(bearer(), binding(), world.now).is_err());

    // The same presentation without its proof.
    let session = desk(&world, card_query(), AUDIENCE, NONCE);
    let mut shown = show(&world, &question(&world, card_query(), AUDIENCE, NONCE));
    assert!(check(&world, &session, &shown, world.now).is_ok());
    let text = shown.vp_token["card"][0].as_str().unwrap().to_owned();
    let (bare, _) = text.rsplit_once('~').unwrap();
    shown.vp_token["card"] = json!([format!("{bare}~")]);
    let outcome = fault(check(&world, &session, &shown, world.now));
    assert_eq!(outcome, wrong(KeyBindingError::Missing));
}

// rule: OQ-2
#[test]
fn an_answer_to_another_desk_question_or_client_is_refused() {
    let world = World::new();
    // Another code, the same question; another question, the same code.
    let other_code = desk(&world, card_query(), AUDIENCE, "1ABCDEFGHK");
    let other_question = desk(&world, card_query(), "offline-qr:v1:code:2", NONCE);
    let shown = show(&world, &question(&world, card_query(), AUDIENCE, NONCE));
    assert_eq!(fault(check(&world, &other_code, &shown, world.now)), wrong(KeyBindingError::Nonce));
    assert_eq!(fault(check(&world, &other_question, &shown, world.now)), wrong(KeyBindingError::Audience));

    let other_code = desk(&world, mdoc_query(), AUDIENCE, "1ABCDEFGHK");
    let other_question = desk(&world, mdoc_query(), "offline-qr:v1:code:2", NONCE);
    let shown = show(&world, &question(&world, mdoc_query(), AUDIENCE, NONCE));
    assert_eq!(fault(check(&world, &other_code, &shown, world.now)), DEVICE);
    assert_eq!(fault(check(&world, &other_question, &shown, world.now)), DEVICE);

    // Another request of the same verifier, and another verifier with the same nonce.
    for (query, nonce, audience) in [
        (card_query as fn() -> Query, wrong(KeyBindingError::Nonce), wrong(KeyBindingError::Audience)),
        (mdoc_query as fn() -> Query, DEVICE, DEVICE),
    ] {
        let prepared = prepare(&world, query());
        let shown = show(&world, &read(&world, &prepare(&world, query())));
        assert_eq!(fault(check(&world, prepared.session(), &shown, world.now)), nonce);
        let asked_by_code = question(&world, query(), AUDIENCE, &nonce_of(&prepared, &world));
        let shown = show(&world, &asked_by_code);
        assert_eq!(fault(check(&world, prepared.session(), &shown, world.now)), audience);
    }
}

// rule: OQ-1, OQ-2
#[test]
fn what_was_shown_is_not_believed_online() {
    let world = World::new();
    for (query, other) in [
        (card_query as fn() -> Query, wrong(KeyBindingError::Audience)),
        (mdoc_query as fn() -> Query, DEVICE),
    ] {
        // A question with the very nonce of the online request.
        let online = world.prepare(query());
        let shown = show(&world, &question(&world, query(), AUDIENCE, &nonce_of(&online, &world)));
        assert_eq!(fault(post(&world, &online, &shown.vp_token)), other);
        // A signed request on a screen, of the same verifier.
        let shown = show(&world, &read(&world, &prepare(&world, query())));
        let nonce = if other == DEVICE { DEVICE } else { wrong(KeyBindingError::Nonce) };
        assert_eq!(fault(post(&world, &online, &shown.vp_token)), nonce);
        // What belongs there is believed.
        let copies = if other == DEVICE { [world.mdoc_copy()] } else { [world.card_copy()] };
        let answer = world.answer(&world.receive(&online).unwrap(), &copies);
        assert!(online.session().validate(&answer.body, &world.issuers, world.now).is_ok());
    }
    // The same client, nonce and key: the handover alone tells the two apart.
    let (one, other) = (World::new(), World::new());
    let online = one.prepare(mdoc_query());
    let prepared = prepare(&other, mdoc_query());
    assert_eq!(nonce_of(&online, &one), nonce_of(&prepared, &other));
    let shown = show(&other, &read(&other, &prepared));
    assert!(check(&other, prepared.session(), &shown, other.now).is_ok());
    assert_eq!(fault(post(&one, &online, &shown.vp_token)), DEVICE);
}

// rule: OQ-1, OQ-2
#[test]
fn what_was_presented_online_is_not_believed_on_a_screen() {
    let world = World::new();
    let online = world.builder(card_query()).unencrypted().build(world.now, &world.entropy).unwrap();
    let answer = world.answer(&world.receive(&online).unwrap(), &[world.card_copy()]);
    let vp_token: Value = serde_json::from_str(&form(&answer)[0].1).unwrap();
    let vp_token = vp_token.as_object().unwrap();
    let believe = |session: &Session| session.validate_screen(vp_token, world.now, &world.issuers, world.now);
    let with_its_nonce = desk(&world, card_query(), AUDIENCE, &nonce_of(&online, &world));
    assert_eq!(fault(believe(&with_its_nonce)), wrong(KeyBindingError::Audience));
    let prepared = prepare(&world, card_query());
    assert_eq!(fault(believe(prepared.session())), wrong(KeyBindingError::Nonce));

    // The same client, nonce and key.
    let (one, other) = (World::new(), World::new());
    let online = one.prepare(mdoc_query());
    let prepared = prepare(&other, mdoc_query());
    let vp_token = posted(&one, prepared.session(), &one.receive(&online).unwrap());
    let outcome = prepared.session().validate_screen(&vp_token, one.now, &one.issuers, one.now);
    assert_eq!(fault(outcome), DEVICE);
}

// rule: OQ-1
#[test]
fn a_session_takes_answers_only_the_way_it_asked() {
    let world = World::new();
    let channel = Some(ResponseError::Channel);
    let shown = show(&world, &question(&world, card_query(), AUDIENCE, NONCE));
    let token = json!({ "vp_token": shown.vp_token });
    let posted = format!("vp_token={}", token["vp_token"]);
    for session in [&desk(&world, card_query(), AUDIENCE, NONCE), prepare(&world, card_query()).session()] {
        assert_eq!(session.validate(posted.as_bytes(), &world.issuers, world.now).err(), channel);
        let json = token.to_string();
        assert_eq!(session.validate_dc_api(json.as_bytes(), &world.issuers, world.now).err(), channel);
    }
    let over_dc_api = screen(&world, card_query()).over_dc_api("https://verifier.example");
    for builder in [world.builder(card_query()), over_dc_api] {
        let online = builder.build(world.now, &world.entropy).unwrap();
        assert_eq!(online.session().screen(), None);
        assert_eq!(check(&world, online.session(), &shown, world.now).err(), channel);
        assert_eq!(online.session().decrypt_screen("a.b.c.d.e").err(), channel);
    }
}

// rule: OQ-3
#[test]
fn a_proof_counts_for_sixty_seconds_from_the_moment_that_it_names() {
    let world = World::new();
    for query in [card_query as fn() -> Query, mdoc_query] {
        let session = desk(&world, query(), AUDIENCE, NONCE);
        let shown = show(&world, &question(&world, query(), AUDIENCE, NONCE));
        let at = |seconds: i64| check(&world, &session, &shown, world.now + seconds).err();
        assert_eq!(PROOF_SECONDS, 60);
        assert_eq!(at(60), None);
        assert_eq!(at(61), Some(ResponseError::ProofTooOld));
        assert_eq!(at(-CLOCK_SKEW_SECONDS), None);
        assert_eq!(at(-CLOCK_SKEW_SECONDS - 1), Some(ResponseError::ProofInFuture));
    }
}

// rule: OQ-3
#[test]
fn a_message_cannot_name_another_moment_than_its_proofs() {
    let world = World::new();
    for (query, other) in
        [(card_query as fn() -> Query, PresentationFault::Moment), (mdoc_query as fn() -> Query, DEVICE)]
    {
        let session = desk(&world, query(), AUDIENCE, NONCE);
        let mut shown = show(&world, &question(&world, query(), AUDIENCE, NONCE));
        // Filmed, and given a new date a minute later.
        shown.issued_at = world.now + 61;
        assert_eq!(fault(check(&world, &session, &shown, world.now + 61)), other);
        shown.issued_at = world.now - 1;
        assert_eq!(fault(check(&world, &session, &shown, world.now)), other);
    }
}

// rule: OQ-3
#[test]
fn a_session_that_is_over_takes_nothing() {
    let world = World::new();
    let binding = OfflineBinding::code(AUDIENCE, NONCE).unwrap();
    let session = Session::for_offline_question(card_query(), binding, world.now, 30).unwrap();
    let shown = show(&world, &question(&world, card_query(), AUDIENCE, NONCE));
    assert!(check(&world, &session, &shown, world.now + 30).is_ok());
    assert_eq!(check(&world, &session, &shown, world.now + 31).err(), Some(ResponseError::Expired));
}

// rule: OQ-1, VP-D3
#[test]
fn a_disclosure_more_than_asked_is_reported() {
    let world = World::new();
    let card = |paths: Value| {
        query(json!({ "credentials": [{
            "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": paths
        }] }))
    };
    let document = |paths: Value| {
        query(json!({ "credentials": [{
            "id": "mdoc", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE }, "claims": paths
        }] }))
    };
    let name = json!({ "path": ["name"] });
    let element = |element: &str| json!({ "path": [NAME_SPACE, element] });
    for (narrow, wide, expected) in [
        (card(json!([name])), card(json!([name, { "path": ["birth"] }])), json!(["birth"])),
        (
            document(json!([element("name")])),
            document(json!([element("name"), element("birth")])),
            json!([NAME_SPACE, "birth"]),
        ),
    ] {
        let beyond = |asked: &Query| {
            let session = desk(&world, narrow.clone(), AUDIENCE, NONCE);
            let shown = show(&world, &question(&world, asked.clone(), AUDIENCE, NONCE));
            let answer = check(&world, &session, &shown, world.now).unwrap();
            let paths = answer.presentations[0].over_delivered.iter();
            paths.map(|path| serde_json::to_value(path).unwrap()).collect::<Vec<_>>()
        };
        // An honest wallet, and one that answers a wider question than the desk asked.
        assert!(beyond(&narrow).is_empty());
        assert_eq!(beyond(&wide), [expected]);
    }
}

// rule: OQ-1, VP-S6
#[test]
fn a_no_to_a_question_on_a_screen_sends_nothing() {
    let world = World::new();
    for request in
        [read(&world, &prepare(&world, card_query())), question(&world, card_query(), AUDIENCE, NONCE)]
    {
        assert!(matches!(request.decline(&world.entropy), Delivery::Nothing));
        assert!(request.decline(&world.entropy).into_post().is_none());
        assert!(request.decline(&world.entropy).into_dc_api().is_none());
        assert!(request.decline(&world.entropy).into_screen().is_none());
    }
}

// rule: OQ-4
#[test]
fn a_request_for_a_screen_is_signed_and_by_value() {
    let world = World::new();
    let unsigned = RequestBuilder::for_screen(ClientIdentity::RedirectUri, card_query());
    assert_eq!(unsigned.build(world.now, &world.entropy).err(), Some(BuildError::Signing));
    let prepared = prepare(&world, card_query());
    assert_eq!(prepared.link_by_reference("openid4vp", REQUEST_URI, false).err(), Some(BuildError::Signing));
    assert_eq!(prepared.link_by_value("openid4vp").err(), Some(BuildError::Signing));
    assert_eq!(prepared.dc_api_signed(&world.signer()).err(), Some(BuildError::Signing));
    let claims = claims_of(&prepared, &world);
    assert_eq!(claims["response_mode"], json!("offline_qr"));
    assert_eq!(claims["exp"], json!(prepared.session().expires_at().unix_seconds()));
    for absent in ["response_uri", "redirect_uri", "request_uri", "state", "expected_origins"] {
        assert!(!claims.contains_key(absent), "{absent}");
    }
}

// rule: OQ-1
#[test]
fn a_request_on_a_screen_is_answered_once() {
    let world = World::new();
    let prepared = prepare(&world, card_query());
    let key = read(&world, &prepared).replay_key();
    assert_eq!(read(&world, &prepared).replay_key(), key);
    assert_ne!(read(&world, &prepare(&world, card_query())).replay_key(), key);
    let code = |nonce| question(&world, card_query(), AUDIENCE, nonce).replay_key();
    assert_eq!(code(NONCE), code(NONCE));
    assert_ne!(code(NONCE), code("1ABCDEFGHK"));
}
