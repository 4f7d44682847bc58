//! Responses that prove nothing, one case for each step of the verifier's check, and answers that the holder cannot make (VP-S, VP-D, VP-H).

use crate::support::*;
use crypto::jwe::{ContentEncryption, PartyInfo, encrypt};
use crypto::{PrivateKey, PublicJwk, Signer};
use dcql::Query;
use mdoc::{DeviceResponseError, SessionTranscript};
use openid4vp::limits;
use openid4vp::verifier::{Outcome, PreparedRequest, PresentationFault, ResponseError as E, VerifiedAnswer};
use primitives::{ClaimPath, Refusal};
use sd_jwt_vc::{KeyBinding, KeyBindingError, PresentationError, TransactionData};
use serde_json::{Map, Value, json};
use trust::AnchorStore;

/// A verifier's session with what a holder would know of it.
struct Asked {
    prepared: PreparedRequest,
    claims: Map<String, Value>,
}

impl Asked {
    fn new(world: &World, query: Query, encrypted: bool) -> Self {
        let builder = world.builder(query);
        let builder = if encrypted { builder } else { builder.unencrypted() };
        let prepared = builder.build(world.now, &world.entropy).unwrap();
        let object = prepared.request_object(&world.signer()).unwrap();
        let claims = crypto::jws::UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap();
        Self { prepared, claims }
    }

    fn plain(world: &World, query: Query) -> Self {
        Self::new(world, query, false)
    }

    fn text(&self, name: &str) -> &str {
        self.claims[name].as_str().unwrap()
    }

    fn key(&self) -> PublicJwk {
        PublicJwk::from_value(&self.claims["client_metadata"]["jwks"]["keys"][0]).unwrap()
    }

    fn card(&self, world: &World, paths: &[&[&str]]) -> String {
        present_card(world, self.text("client_id"), self.text("nonce"), paths)
    }

    fn mdoc(&self, world: &World, elements: &[&str]) -> String {
        present_mdoc(
            world,
            self.text("client_id"),
            self.text("nonce"),
            None,
            self.text("response_uri"),
            elements,
        )
    }

    fn validate(&self, world: &World, body: &str) -> Result<Outcome, E> {
        self.prepared.session().validate(body.as_bytes(), &world.issuers, world.now)
    }

    /// Posts a vp_token in the clear with the right state.
    fn post(&self, world: &World, vp_token: &Value) -> Result<VerifiedAnswer, E> {
        match self
            .validate(world, &encode(&[("vp_token", &vp_token.to_string()), ("state", self.text("state"))]))?
        {
            Outcome::Verified(answer) => Ok(answer),
            Outcome::Refused { error } => panic!("{error}"),
        }
    }

    fn fault(&self, world: &World, presentation: String) -> PresentationFault {
        let id = self.prepared.session().query().credentials().first().id.as_str().to_owned();
        match self.post(world, &json!({ id: [presentation] })) {
            Err(E::Presentation { fault, .. }) => fault,
            other => panic!("{:?}", other.map(|_| ())),
        }
    }
}

fn present_card(world: &World, audience: &str, nonce: &str, paths: &[&[&str]]) -> String {
    let paths: Vec<ClaimPath> =
        paths.iter().map(|path| ClaimPath::of_names(path.iter().copied()).unwrap()).collect();
    let transaction_data = TransactionData::default();
    let binding = KeyBinding { audience, nonce, issued_at: world.now, transaction_data };
    world.card.select(&paths).unwrap().with_key_binding(&binding, &world.holder_key).unwrap()
}

fn present_mdoc(
    world: &World,
    client_id: &str,
    nonce: &str,
    thumbprint: Option<&[u8; 32]>,
    response_uri: &str,
    elements: &[&str],
) -> String {
    let transcript = SessionTranscript::openid4vp_redirect(client_id, nonce, thumbprint, response_uri);
    let elements = elements.iter().map(|element| (NAME_SPACE, *element));
    world.mdoc.select(elements).unwrap().respond_base64url(&transcript, &world.device_key).unwrap()
}

fn encode(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

const NAME: &[&[&str]] = &[&["name"], &["address", "city"]];

fn mdoc_query() -> Query {
    query(json!({ "credentials": [{
        "id": "mdoc", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE },
        "claims": [{ "path": [NAME_SPACE, "name"] }]
    }] }))
}

fn card_with(members: Value) -> Query {
    let mut credential = json!({ "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] } });
    credential.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    query(json!({ "credentials": [credential] }))
}

#[test]
fn the_good_responses_are_accepted_as_they_are() {
    let world = World::new();
    let asked = Asked::plain(&world, card_query());
    assert!(asked.post(&world, &json!({ "card": [asked.card(&world, NAME)] })).is_ok());
    let asked = Asked::plain(&world, mdoc_query());
    assert!(asked.post(&world, &json!({ "mdoc": [asked.mdoc(&world, &["name"])] })).is_ok());
}

#[test]
fn a_session_ends() {
    let mut world = World::new();
    let asked = Asked::plain(&world, card_query());
    let declined = encode(&[("error", "access_denied"), ("state", asked.text("state"))]);
    world.now = asked.prepared.session().expires_at();
    assert!(asked.validate(&world, &declined).is_ok());
    world.now = world.now + 1;
    assert!(matches!(asked.validate(&world, &declined), Err(E::Expired)));
}

// rule: VP-R7
#[test]
fn state_is_the_one_sent() {
    let world = World::new();
    let asked = Asked::plain(&world, card_query());
    let vp_token = json!({ "card": [asked.card(&world, NAME)] }).to_string();
    for body in [
        encode(&[("vp_token", &vp_token)]),
        encode(&[("vp_token", &vp_token), ("state", "other")]),
        encode(&[("error", "access_denied")]),
    ] {
        assert!(matches!(asked.validate(&world, &body), Err(E::State)));
    }
}

// rule: VP-S2
#[test]
fn malformed_forms_are_refused() {
    let world = World::new();
    let asked = Asked::plain(&world, card_query());
    let state = asked.text("state").to_owned();
    let malformed = |body: &str| matches!(asked.validate(&world, body), Err(E::Malformed));
    assert!(malformed(&encode(&[("state", &state), ("state", &state), ("error", "access_denied")])));
    assert!(malformed(&"a".repeat(limits::MAX_RESPONSE_BYTES + 1)));
    let longest = "a".repeat(64);
    let refused = asked.validate(&world, &encode(&[("error", &longest), ("state", &state)]));
    assert!(matches!(refused, Ok(Outcome::Refused { error }) if error == longest));
    for error in ["", "Access denied", "<b>", "access-denied", &"a".repeat(65)] {
        assert!(malformed(&encode(&[("error", error), ("state", &state)])), "{error}");
    }
    assert!(matches!(asked.validate(&world, &encode(&[("state", &state)])), Err(E::VpToken)));
}

// rule: VP-S1
#[test]
fn the_vp_token_has_the_shape_of_the_query() {
    let world = World::new();
    let asked = Asked::plain(&world, card_query());
    let card = asked.card(&world, NAME);
    for vp_token in [
        json!([card]),
        json!("x"),
        json!({ "card": card }),
        json!({ "card": [] }),
        json!({ "card": [1] }),
        json!({ "card": [{}] }),
    ] {
        assert_eq!(asked.post(&world, &vp_token).err(), Some(E::VpToken), "{vp_token}");
    }
    let unknown = json!({ "card": [card], "other": [card] });
    assert_eq!(asked.post(&world, &unknown).err(), Some(E::UnknownQuery));
    let twice = format!(r#"{{"card":["{card}"],"card":["{card}"]}}"#);
    let body = encode(&[("vp_token", &twice), ("state", asked.text("state"))]);
    assert!(matches!(asked.validate(&world, &body), Err(E::VpToken)));
}

// rule: VP-D7
#[test]
fn several_presentations_where_one_is_asked_for_are_refused() {
    let world = World::new();
    let asked = Asked::plain(&world, card_query());
    let card = asked.card(&world, NAME);
    let refused = asked.post(&world, &json!({ "card": [card, card] })).err().unwrap();
    assert!(matches!(refused, E::TooMany(id) if id.as_str() == "card"));

    let asked = Asked::plain(&world, card_with(json!({ "multiple": true })));
    let post = |count: usize| {
        asked.post(&world, &json!({ "card": vec![asked.card(&world, &[]); count] })).map(|_| ())
    };
    assert_eq!(post(limits::MAX_PRESENTATIONS + 1), Err(E::VpToken));
    // As many as there may be are looked at.
    assert_ne!(post(limits::MAX_PRESENTATIONS), Err(E::VpToken));
}

// rule: VP-S3
#[test]
fn an_encrypted_response_is_encrypted_to_the_key_of_the_request() {
    let world = World::new();
    let asked = Asked::new(&world, card_query(), true);
    let card = asked.card(&world, NAME);
    let payload = json!({ "vp_token": { "card": [card] }, "state": asked.text("state") }).to_string();
    let post = |key: &PublicJwk, payload: &str| {
        let jwe = encrypt(
            key,
            ContentEncryption::A128Gcm,
            &PartyInfo::default(),
            payload.as_bytes(),
            &world.entropy,
        );
        asked.validate(&world, &encode(&[("response", &jwe.unwrap())]))
    };
    assert!(matches!(post(&asked.key(), &payload), Ok(Outcome::Verified(_))));

    let plain =
        encode(&[("vp_token", &json!({ "card": [card] }).to_string()), ("state", asked.text("state"))]);
    assert!(matches!(asked.validate(&world, &plain), Err(E::NotEncrypted)));

    let other =
        PublicJwk::new(PrivateKey::generate(&world.entropy).unwrap().public_key()).with_alg("ECDH-ES");
    assert!(matches!(post(&other, &payload), Err(E::Decryption)));
    assert!(matches!(post(&asked.key().with_kid("other"), &payload), Err(E::Decryption)));
    assert!(matches!(asked.validate(&world, &encode(&[("response", "a.b.c.d.e")])), Err(E::Decryption)));
    assert!(matches!(post(&asked.key(), "[]"), Err(E::Malformed)));
    assert!(matches!(post(&asked.key(), r#"{"state":"a","state":"a"}"#), Err(E::Malformed)));
    let foreign_state = json!({ "vp_token": { "card": [card] }, "state": "other" }).to_string();
    assert!(matches!(post(&asked.key(), &foreign_state), Err(E::State)));

    let asked_plain = Asked::plain(&world, card_query());
    let jwe = encrypt(&asked.key(), ContentEncryption::A128Gcm, &PartyInfo::default(), b"{}", &world.entropy);
    let refused = asked_plain.validate(&world, &encode(&[("response", &jwe.unwrap())]));
    assert!(matches!(refused, Err(E::Decryption)));
}

// rule: VP-H1
#[test]
fn an_sd_jwt_is_bound_to_this_nonce_and_client() {
    let world = World::new();
    let asked = Asked::plain(&world, card_query());
    let (client_id, nonce) = (asked.text("client_id"), asked.text("nonce"));
    let fault = |text: String| match asked.fault(&world, text) {
        PresentationFault::SdJwtVc(PresentationError::KeyBinding(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(present_card(&world, client_id, "other", NAME)), KeyBindingError::Nonce);
    assert_eq!(fault(present_card(&world, "x509_hash:other", nonce, NAME)), KeyBindingError::Audience);
    // The identifier without its prefix is another identifier (VP-C9).
    let bare = client_id.strip_prefix("x509_hash:").unwrap();
    assert_eq!(fault(present_card(&world, bare, nonce, NAME)), KeyBindingError::Audience);
}

// rule: VP-D8
#[test]
fn a_proof_of_possession_that_is_asked_for_must_come() {
    let world = World::new();
    let strip = |text: String| format!("{}~", text.rsplit_once('~').unwrap().0);
    let asked = Asked::plain(&world, card_query());
    let fault = asked.fault(&world, strip(asked.card(&world, NAME)));
    assert_eq!(fault, PresentationFault::SdJwtVc(PresentationError::KeyBinding(KeyBindingError::Missing)));

    let lax = Asked::plain(&world, card_with(json!({ "require_cryptographic_holder_binding": false })));
    let answer = lax.post(&world, &json!({ "card": [strip(lax.card(&world, &[]))] })).unwrap();
    assert!(answer.presentations[0].holder_key.is_none());
    // A proof that came is checked all the same.
    let foreign = present_card(&world, lax.text("client_id"), "other", &[]);
    assert!(matches!(lax.fault(&world, foreign), PresentationFault::SdJwtVc(_)));
}

// rule: VP-H2, VP-H3
#[test]
fn an_mdoc_is_bound_to_client_nonce_key_and_address() {
    let world = World::new();
    let asked = Asked::plain(&world, mdoc_query());
    let (client_id, nonce, address) =
        (asked.text("client_id"), asked.text("nonce"), asked.text("response_uri"));
    for (client_id, nonce, thumbprint, address) in [
        ("x509_hash:other", nonce, None, address),
        (client_id, "other", None, address),
        (client_id, nonce, Some(&[0; 32]), address),
        (client_id, nonce, None, "https://verifier.example/other"),
    ] {
        let text = present_mdoc(&world, client_id, nonce, thumbprint, address, &["name"]);
        let expected = PresentationFault::Mdoc(DeviceResponseError::DeviceSignature);
        assert_eq!(asked.fault(&world, text), expected);
    }

    // Encrypted, the transcript holds the thumbprint of the key encrypted to, and nothing else is accepted.
    let asked = Asked::new(&world, mdoc_query(), true);
    let thumbprint = asked.key().thumbprint();
    let post = |thumbprint: Option<&[u8; 32]>| {
        let (client_id, nonce) = (asked.text("client_id"), asked.text("nonce"));
        let text = present_mdoc(&world, client_id, nonce, thumbprint, RESPONSE_URI, &["name"]);
        let payload = json!({ "vp_token": { "mdoc": [text] }, "state": asked.text("state") }).to_string();
        let info = PartyInfo::default();
        let jwe =
            encrypt(&asked.key(), ContentEncryption::A256Gcm, &info, payload.as_bytes(), &world.entropy);
        asked.validate(&world, &encode(&[("response", &jwe.unwrap())])).is_ok()
    };
    assert!(post(Some(&thumbprint)));
    assert!(!post(None));
}

#[test]
fn an_issuer_without_an_anchor_is_refused() {
    let mut world = World::new();
    world.issuers = AnchorStore::new();
    let asked = Asked::plain(&world, card_query());
    assert!(matches!(asked.fault(&world, asked.card(&world, NAME)), PresentationFault::SdJwtVc(_)));
    let asked = Asked::plain(&world, mdoc_query());
    assert!(matches!(asked.fault(&world, asked.mdoc(&world, &["name"])), PresentationFault::Mdoc(_)));
}

// rule: VP-D10
#[test]
fn another_type_or_format_is_refused() {
    let world = World::new();
    let asked = Asked::plain(&world, card_with(json!({ "meta": { "vct_values": ["urn:other"] } })));
    assert_eq!(asked.fault(&world, asked.card(&world, &[])), PresentationFault::Type);
    let other = json!({ "credentials": [{
        "id": "mdoc", "format": "mso_mdoc", "meta": { "doctype_value": "other" }
    }] });
    let asked = Asked::plain(&world, query(other));
    assert_eq!(asked.fault(&world, asked.mdoc(&world, &["name"])), PresentationFault::Type);
    assert!(matches!(asked.fault(&world, asked.card(&world, &[])), PresentationFault::Mdoc(_)));
    let asked = Asked::plain(&world, card_query());
    assert!(matches!(asked.fault(&world, asked.mdoc(&world, &["name"])), PresentationFault::SdJwtVc(_)));
    let w3c = query(json!({ "credentials": [{ "id": "w", "format": "ldp_vc", "meta": {} }] }));
    let asked = Asked::plain(&world, w3c);
    assert_eq!(asked.fault(&world, "{}".to_owned()), PresentationFault::Format);
}

// rule: VP-D9
#[test]
fn an_issuer_of_another_authority_is_refused() {
    let world = World::new();
    let ours = world.issuer.chain.authority_key_ids();
    let asked_with = |id: &[u8]| {
        let authority = json!({ "type": "aki", "values": [primitives::base64url::encode(id)] });
        Asked::plain(&world, card_with(json!({ "trusted_authorities": [authority] })))
    };
    let asked = asked_with(&ours[0]);
    assert!(asked.post(&world, &json!({ "card": [asked.card(&world, &[])] })).is_ok());
    let asked = asked_with(b"another");
    assert_eq!(asked.fault(&world, asked.card(&world, &[])), PresentationFault::Authority);
}

// rule: VP-D2, VP-D4
#[test]
fn claims_that_are_missing_or_have_other_values_are_refused() {
    let world = World::new();
    let asked = Asked::plain(&world, card_query());
    assert_eq!(asked.fault(&world, asked.card(&world, &[&["name"]])), PresentationFault::Claims);
    let asked = Asked::plain(&world, mdoc_query());
    assert_eq!(asked.fault(&world, asked.mdoc(&world, &["birth"])), PresentationFault::Claims);
    let asked =
        Asked::plain(&world, card_with(json!({ "claims": [{ "path": ["name"], "values": ["Kim"] }] })));
    assert_eq!(asked.fault(&world, asked.card(&world, &[&["name"]])), PresentationFault::Claims);
}

// rule: VP-D3
#[test]
fn what_comes_beyond_the_query_is_flagged() {
    let world = World::new();
    let paths = |found: &[ClaimPath]| found.iter().map(ToString::to_string).collect::<Vec<_>>();
    let asked = Asked::plain(&world, card_query());
    let more = asked.card(&world, &[&["name"], &["address"], &["birth"]]);
    let answer = asked.post(&world, &json!({ "card": [more] })).unwrap();
    let mut over = paths(&answer.presentations[0].over_delivered);
    over.sort();
    assert_eq!(over, [r#"["address","street"]"#, r#"["birth"]"#]);

    let asked = Asked::plain(&world, mdoc_query());
    let answer = asked.post(&world, &json!({ "mdoc": [asked.mdoc(&world, &["name", "birth"])] })).unwrap();
    assert_eq!(paths(&answer.presentations[0].over_delivered), [r#"["org.example.card.1","birth"]"#]);

    let either = card_with(json!({
        "claims": [{ "id": "n", "path": ["name"] }, { "id": "b", "path": ["birth"] }],
        "claim_sets": [["n"], ["b"]]
    }));
    let asked = Asked::plain(&world, either);
    let answer = asked.post(&world, &json!({ "card": [asked.card(&world, &[&["name"]])] })).unwrap();
    assert!(answer.presentations[0].over_delivered.is_empty());
    let both = asked.card(&world, &[&["name"], &["birth"]]);
    let answer = asked.post(&world, &json!({ "card": [both] })).unwrap();
    assert_eq!(answer.presentations[0].over_delivered.len(), 1);
}

// rule: VP-D11
#[test]
fn an_array_element_asked_for_by_its_place_is_found_although_it_moved() {
    let world = World::new();
    let asked = card_with(json!({ "claims": [{ "path": ["nationalities", 1] }] }));
    let prepared = world.prepare(asked);
    let request = world.receive(&prepared).unwrap();
    let post = world.answer(&request, &[world.card_copy()]);
    let outcome = prepared.session().validate(&post.body, &world.issuers, world.now).unwrap();
    let Outcome::Verified(answer) = outcome else { panic!("refused") };
    assert_eq!(answer.presentations[0].claims["nationalities"], json!(["JP"]));
}

// rule: VP-D5
#[test]
fn everything_required_must_come() {
    let world = World::new();
    let asked = Asked::plain(&world, both_query());
    let card = asked.card(&world, &[&["name"]]);
    assert_eq!(asked.post(&world, &json!({ "card": [card] })).err(), Some(E::Incomplete));
    assert_eq!(asked.post(&world, &json!({})).err(), Some(E::Incomplete));

    let mut either = serde_json::to_value(both_query().as_wire()).unwrap();
    either["credential_sets"] = json!([{ "options": [["card"], ["mdoc"]] }]);
    let asked = Asked::plain(&world, query(either.clone()));
    let card = asked.card(&world, &[&["name"]]);
    let answer = asked.post(&world, &json!({ "card": [card] })).unwrap();
    assert!(answer.over_delivered.is_empty());
    assert_eq!(asked.post(&world, &json!({})).err(), Some(E::Incomplete));
    // A second option is more than was asked for.
    let both = json!({ "card": [card], "mdoc": [asked.mdoc(&world, &["name"])] });
    let answer = asked.post(&world, &both).unwrap();
    assert_eq!(answer.over_delivered[0].as_str(), "mdoc");

    // An optional set that is answered does not stand for a required one that is not.
    either["credential_sets"] =
        json!([{ "options": [["mdoc"]] }, { "options": [["card"]], "required": false }]);
    let asked = Asked::plain(&world, query(either.clone()));
    let card = json!({ "card": [asked.card(&world, &[&["name"]])] });
    assert_eq!(asked.post(&world, &card).err(), Some(E::Incomplete));

    either["credential_sets"][0]["required"] = json!(false);
    let asked = Asked::plain(&world, query(either));
    assert_eq!(asked.post(&world, &json!({})).err(), Some(E::Incomplete));
}

#[test]
fn a_response_error_is_nobodys_secret_and_names_its_rule() {
    assert_eq!(E::State.rule(), "VP-R7");
    assert_eq!(E::NotEncrypted.rule(), "VP-S3");
    assert_eq!(E::Incomplete.code(), "response_incomplete");
}
