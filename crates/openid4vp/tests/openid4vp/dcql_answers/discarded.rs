//! A presentation that is not accepted is discarded, and what is left is the answer (OpenID4VP 1.0 section 8.6), unless it was made for
//! another request, or nothing says that it was made for this one: then the whole response is rejected (section 14.1).

use super::*;
use crate::transaction::{PAY, authorised, details};
use crypto::cbor::Value as Cbor;
use crypto::cose::Sign1Builder;
use mdoc::{DeviceResponseError, Disclosure, IssuerDataError, IssuerSigned, SessionTranscript};
use openid4vp::screen::OfflineBinding;
use openid4vp::verifier::{PresentationFault, ResponseError, Session};
use primitives::{Instant, base64url};
use sd_jwt_vc::{KeyBindingError, PresentationError};
use test_world::{DAY, Party};
use trust::CredentialType;

fn card_query(id: &str, members: Value) -> Value {
    let mut card = json!({ "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": ["name"] }] });
    card.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    card
}

/// A card that is required, and another one, an mdoc and these that are not.
fn a_card_and(others: &[Value]) -> Query {
    let mdoc = json!({
        "id": "mdoc", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE }, "claims": [{ "path": [NAME_SPACE, "name"] }]
    });
    let optional = [&[card_query("more", json!({ "multiple": true })), mdoc], others].concat();
    let options: Vec<Value> = optional.iter().map(|one| json!([one["id"]])).collect();
    let credentials = [&[card_query("card", json!({}))], &optional[..]].concat();
    query(json!({
        "credentials": credentials,
        "credential_sets": [{ "options": [["card"]] }, { "options": options, "required": false }]
    }))
}

fn a_card_and_more() -> Query {
    a_card_and(&[card_query("unbound", json!({ "require_cryptographic_holder_binding": false }))])
}

fn the_name(mdoc: &IssuerSigned) -> Disclosure {
    mdoc.select([(NAME_SPACE, "name")]).unwrap()
}

/// A request, with what answers it and what does not.
struct Scene {
    world: World,
    prepared: PreparedRequest,
    claims: Map<String, Value>,
    /// An issuer that nobody named.
    stranger: Party,
    expired: VerifiedSdJwtVc,
    strangers: VerifiedSdJwtVc,
}

impl Scene {
    fn new() -> Self {
        let world = World::new();
        let (prepared, claims) = asked(&world, a_card_and_more());
        let stranger = Party::named("Stranger").document_signer().make(&world.entropy);
        let strangers = issue_card(&stranger, Some(&world.holder_key), &world.entropy, world.now);
        let theirs = stranger.entitled_to([CredentialType::sd_jwt_vc(VCT)]);
        let strangers = verified_card(&strangers, &theirs, world.now);
        let dates = world.now - DAY / 2..world.now - DAY / 4;
        let expired = test_world::card(VCT, json!({ "name": "Hong" }), dates)
            .holder_key(&world.holder_key.public_key())
            .sign(&world.issuer.key, &world.issuer.chain, &world.entropy)
            .unwrap();
        let expired = verified_card(&expired, &world.issuers, world.now - DAY / 3);
        Self { world, prepared, claims, stranger, expired, strangers }
    }

    fn card(&self, card: &VerifiedSdJwtVc) -> String {
        present(&self.world, card, &self.claims, &["name"])
    }

    fn own(&self) -> String {
        self.card(&self.world.card)
    }

    /// With a proof for another request.
    fn card_with(&self, card: &VerifiedSdJwtVc, member: &str) -> String {
        let mut claims = self.claims.clone();
        claims.insert(member.to_owned(), "x509_hash:another".into());
        present(&self.world, card, &claims, &["name"])
    }

    fn transcript(&self, nonce: &str) -> SessionTranscript {
        let text = |name: &str| self.claims[name].as_str().unwrap();
        SessionTranscript::openid4vp_redirect(text("client_id"), nonce, None, text("response_uri"))
    }

    fn nonce(&self) -> &str {
        self.claims["nonce"].as_str().unwrap()
    }

    /// The device's answer with this much of an mdoc.
    fn shown(&self, mdoc: &Disclosure, nonce: &str) -> String {
        mdoc.respond_base64url(&self.transcript(nonce), &self.world.device_key).unwrap()
    }

    fn mdoc_by(&self, issuer: &Party, nonce: &str) -> String {
        let mdoc = issue_mdoc(issuer, &self.world.device_key, &self.world.entropy, self.world.now);
        self.shown(&the_name(&mdoc), nonce)
    }

    fn expired_mdoc(&self, nonce: &str) -> String {
        let dates = self.world.now - DAY / 2..self.world.now - DAY / 4;
        let mdoc = test_world::mdoc(DOCTYPE, NAME_SPACE, json!({ "name": "Hong" }), dates)
            .sign(
                &self.world.device_key.public_key(),
                &self.world.issuer.key,
                &self.world.issuer.chain,
                &self.world.entropy,
            )
            .unwrap();
        self.shown(&the_name(&mdoc), nonce)
    }

    fn mdoc(&self, issuer: &Party) -> String {
        self.mdoc_by(issuer, self.nonce())
    }

    /// Which queries the answer holds presentations of.
    fn judge(&self, vp_token: Value) -> Result<Vec<String>, ResponseError> {
        let answer = judge(&self.world, &self.prepared, &self.claims, &vp_token)?;
        Ok(answer.presentations.iter().map(|one| one.query.as_str().to_owned()).collect())
    }

    fn fault(&self, vp_token: Value) -> (String, PresentationFault) {
        match self.judge(vp_token) {
            Err(ResponseError::Presentation { query, fault }) => (query.as_str().to_owned(), fault),
            other => panic!("{other:?}"),
        }
    }
}

// rule: VP-D5
#[test]
fn a_presentation_that_does_not_count_is_discarded_and_the_others_stay() {
    let scene = Scene::new();
    let card = scene.own();
    let expired = scene.card(&scene.expired);
    assert_eq!(scene.judge(json!({ "card": [card], "more": [expired] })), Ok(vec!["card".to_owned()]));
    assert_eq!(
        scene.judge(json!({ "card": [card], "more": [expired, scene.own(), scene.card(&scene.strangers)] })),
        Ok(vec!["card".to_owned(), "more".to_owned()])
    );
    let cut = scene.own().replacen('.', "", 1);
    let nothing_asked = present(&scene.world, &scene.world.card, &scene.claims, &["birth"]);
    for more in [scene.card(&scene.strangers), nothing_asked, cut] {
        assert_eq!(scene.judge(json!({ "card": [card], "more": [more] })), Ok(vec!["card".to_owned()]));
    }
    let both = Ok(vec!["card".to_owned(), "mdoc".to_owned()]);
    assert_eq!(scene.judge(json!({ "card": [card], "mdoc": [scene.mdoc(&scene.world.issuer)] })), both);
    for mdoc in [scene.mdoc(&scene.stranger), scene.expired_mdoc(scene.nonce())] {
        assert_eq!(scene.judge(json!({ "card": [card], "mdoc": [mdoc] })), Ok(vec!["card".to_owned()]));
    }
    // Without a proof where none is asked for.
    let unbound = format!("{}~", scene.card(&scene.strangers).rsplit_once('~').unwrap().0);
    assert_eq!(scene.judge(json!({ "card": [card], "unbound": [unbound] })), Ok(vec!["card".to_owned()]));
}

// rule: VP-D5
#[test]
fn what_is_left_has_to_be_an_answer_or_the_first_fault_is_said() {
    let scene = Scene::new();
    let (query, fault) =
        scene.fault(json!({ "card": [scene.card(&scene.strangers)], "more": [scene.own()] }));
    assert!(query == "card" && matches!(fault, PresentationFault::SdJwtVc(PresentationError::Credential(_))));
    let both = json!({ "card": [scene.own().replacen('.', "", 1)], "more": [scene.card(&scene.expired)] });
    let (query, fault) = scene.fault(both);
    assert!(query == "card" && matches!(fault, PresentationFault::SdJwtVc(PresentationError::Parse(_))));
}

// rule: VP-H1, VP-H2, VP-D8
#[test]
fn a_presentation_for_another_request_rejects_the_whole_response() {
    let scene = Scene::new();
    let card = scene.own();
    let proof = |error| PresentationFault::SdJwtVc(PresentationError::KeyBinding(error));
    let fault = |more: String| scene.fault(json!({ "card": [card], "more": [more] })).1;
    assert_eq!(fault(scene.card_with(&scene.world.card, "nonce")), proof(KeyBindingError::Nonce));
    assert_eq!(fault(scene.card_with(&scene.world.card, "client_id")), proof(KeyBindingError::Audience));
    let bare = |text: String| format!("{}~", text.rsplit_once('~').unwrap().0);
    assert_eq!(fault(bare(scene.own())), proof(KeyBindingError::Missing));
    // Whatever else is wrong with it: whose request it was made for stands in the proof.
    for member in ["nonce", "client_id"] {
        for other in [&scene.expired, &scene.strangers] {
            let fault = fault(scene.card_with(other, member));
            assert!(
                matches!(fault, PresentationFault::SdJwtVc(PresentationError::Credential(_))),
                "{fault:?}"
            );
        }
        let cut = scene.card_with(&scene.world.card, member).replacen('.', "", 1);
        assert!(matches!(fault(cut), PresentationFault::SdJwtVc(PresentationError::Parse(_))));
    }
    // Nothing says whose request it was made for.
    for unread in [bare(scene.card(&scene.strangers)), format!("{}proof", bare(scene.own()))] {
        assert!(matches!(fault(unread), PresentationFault::SdJwtVc(_)));
    }
    let fault = |mdoc: String| match scene.fault(json!({ "card": [card], "mdoc": [mdoc] })).1 {
        PresentationFault::Mdoc(error) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(scene.mdoc_by(&scene.world.issuer, "another")), DeviceResponseError::DeviceSignature);
    // Of an mdoc as well, whatever else is wrong with it.
    let strangers = fault(scene.mdoc_by(&scene.stranger, "another"));
    assert!(matches!(strangers, DeviceResponseError::Issuer(IssuerDataError::Chain(_))), "{strangers:?}");
    assert_eq!(fault(scene.expired_mdoc("another")), DeviceResponseError::Issuer(IssuerDataError::Expired));
    // Nothing says whose request it was made for.
    assert_eq!(fault("no mdoc".to_owned()), DeviceResponseError::NotBase64Url);
}

/// The member of a map with this text key.
fn member<'v>(map: &'v mut Cbor, name: &str) -> &'v mut Cbor {
    let mut entries = map.as_map_mut().unwrap().iter_mut();
    &mut entries.find(|(key, _)| key.as_text() == Some(name)).unwrap().1
}

/// The answer with what the device signed changed.
fn with_device_signed(answer: &str, change: impl FnOnce(&mut Cbor)) -> String {
    let bytes = base64url::decode(answer).unwrap();
    let mut answer = crypto::cbor::parse(&bytes, bytes.len()).unwrap();
    let document = &mut member(&mut answer, "documents").as_array_mut().unwrap()[0];
    change(member(document, "deviceSigned"));
    base64url::encode(&crypto::cbor::encode(&answer))
}

// rule: MD-27, MD-28, MD-29, VP-H3
#[test]
fn an_mdoc_whose_device_does_not_prove_itself_rejects_the_whole_response() {
    let scene = Scene::new();
    let card = scene.own();
    let good = scene.mdoc(&scene.world.issuer);
    let fault = |change: &dyn Fn(&mut Cbor)| {
        let mdoc = with_device_signed(&good, |signed| change(signed));
        match scene.fault(json!({ "card": [card], "mdoc": [mdoc] })) {
            (query, PresentationFault::Mdoc(error)) if query == "mdoc" => error,
            other => panic!("{other:?}"),
        }
    };
    let mac = |signed: &mut Cbor| {
        *member(signed, "deviceAuth") = Cbor::Map(vec![(Cbor::Text("deviceMac".to_owned()), Cbor::Null)]);
    };
    assert_eq!(fault(&mac), DeviceResponseError::DeviceMac);
    let nothing = |signed: &mut Cbor| *member(signed, "deviceAuth") = Cbor::Map(Vec::new());
    assert_eq!(fault(&nothing), DeviceResponseError::DeviceAuth);
    let algorithm = |signed: &mut Cbor| {
        let es384 = crypto::cbor::encode(&Cbor::Map(vec![(Cbor::from(1), Cbor::from(-35))]));
        let signature = member(member(signed, "deviceAuth"), "deviceSignature").as_array_mut().unwrap();
        signature[0] = Cbor::Bytes(es384);
    };
    assert_eq!(fault(&algorithm), DeviceResponseError::DeviceAlgorithm);
    // The true key signs for this request what its issuer does not let it say.
    let not_authorised = |signed: &mut Cbor| {
        let embed = |value: &Cbor| Cbor::Tag(24, Box::new(Cbor::Bytes(crypto::cbor::encode(value))));
        let elements = Cbor::Map(vec![(Cbor::Text("name".to_owned()), Cbor::Bool(true))]);
        let name_spaces = embed(&Cbor::Map(vec![(Cbor::Text(NAME_SPACE.to_owned()), elements)]));
        let transcript = scene.transcript(scene.nonce());
        let authentication = Cbor::Array(vec![
            Cbor::Text("DeviceAuthentication".to_owned()),
            crypto::cbor::parse(transcript.as_bytes(), transcript.as_bytes().len()).unwrap(),
            Cbor::Text(DOCTYPE.to_owned()),
            name_spaces.clone(),
        ]);
        let payload = crypto::cbor::encode(&embed(&authentication));
        let signature = Sign1Builder::new().sign_detached(&scene.world.device_key, &payload, &[]).unwrap();
        *member(signed, "nameSpaces") = name_spaces;
        *member(member(signed, "deviceAuth"), "deviceSignature") = signature.to_value();
    };
    assert_eq!(fault(&not_authorised), DeviceResponseError::DeviceElementNotAuthorised);
}

// rule: VP-T2, VP-T4
#[test]
fn an_mdoc_that_approves_another_transaction_rejects_the_whole_response() {
    let world = World::new();
    let builder =
        world.builder(a_card_and_more()).unencrypted().transaction(PAY, ["card", "mdoc"], details(1));
    let prepared = builder.build(world.now, &world.entropy).unwrap();
    let object = prepared.request_object(&world.signer()).unwrap();
    let claims = UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap();
    let text = |name: &str| claims[name].as_str().unwrap();
    let asked = [claims["transaction_data"][0].as_str().unwrap().to_owned()];
    let binding = KeyBinding {
        audience: text("client_id"),
        nonce: text("nonce"),
        issued_at: world.now,
        transaction_data: TransactionData { strings: &asked, names_algorithm: true },
    };
    let name = [ClaimPath::top_level("name")];
    let card = world.card.select(&name).unwrap().with_key_binding(&binding, &world.holder_key).unwrap();
    let transcript =
        SessionTranscript::openid4vp_redirect(text("client_id"), text("nonce"), None, text("response_uri"));
    let (name_space, element) = PAY.element;
    let judged = |approved: Option<&str>| {
        let mut mdoc = the_name(&authorised(&world, &[element]));
        if let Some(approved) = approved {
            let hashes = json!([base64url::encode(&crypto::sha256(approved.as_bytes()))]);
            let hashes = mdoc::ElementValue::from_json(&hashes).unwrap();
            mdoc = mdoc.with_device_element(name_space, element, hashes).unwrap();
        }
        let mdoc = mdoc.respond_base64url(&transcript, &world.device_key).unwrap();
        judge(&world, &prepared, &claims, &json!({ "card": [card], "mdoc": [mdoc] })).map(drop)
    };
    assert_eq!(judged(None), Ok(()));
    let query = dcql::Identifier::new("mdoc".to_owned()).unwrap();
    let fault = PresentationFault::Transaction;
    assert_eq!(judged(Some("another")), Err(ResponseError::Presentation { query, fault }));
}

// rule: OQ-2, OQ-3
#[test]
fn what_was_shown_at_another_moment_rejects_the_whole_answer() {
    const AUDIENCE: &str = "offline-qr:v1:code:1";
    const NONCE: &str = "1ABCDEFGHJ";
    let scene = Scene::new();
    let world = &scene.world;
    let binding = OfflineBinding::code(AUDIENCE, NONCE).unwrap();
    let session = Session::for_offline_question(a_card_and(&[]), binding, world.now, 300).unwrap();
    // The question was put ten seconds ago.
    let shown_at = world.now + 10;
    let card = |moment: Instant| {
        let binding = KeyBinding {
            audience: AUDIENCE,
            nonce: NONCE,
            issued_at: moment,
            transaction_data: TransactionData::default(),
        };
        let name = [ClaimPath::top_level("name")];
        world.card.select(&name).unwrap().with_key_binding(&binding, &world.holder_key).unwrap()
    };
    let mdoc = |issuer: &Party, moment: Instant| {
        let mdoc = issue_mdoc(issuer, &world.device_key, &world.entropy, world.now);
        let transcript = SessionTranscript::offline_qr(AUDIENCE, NONCE, moment, None);
        the_name(&mdoc).respond_base64url(&transcript, &world.device_key).unwrap()
    };
    let judged = |query: &str, text: String| {
        let shown =
            Map::from_iter([("card".to_owned(), json!([card(shown_at)])), (query.to_owned(), json!([text]))]);
        let answer = session.validate_screen(&shown, shown_at, &world.issuers, shown_at);
        answer.map(|answer| answer.presentations.len()).map_err(|error| match error {
            ResponseError::Presentation { fault, .. } => fault,
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(judged("more", card(shown_at)), Ok(2));
    assert_eq!(judged("more", card(shown_at - 1)), Err(PresentationFault::Moment));
    assert_eq!(judged("mdoc", mdoc(&world.issuer, shown_at)), Ok(2));
    let device = PresentationFault::Mdoc(DeviceResponseError::DeviceSignature);
    assert_eq!(judged("mdoc", mdoc(&world.issuer, shown_at - 1)), Err(device));
    // One that does not count falls out if it was shown then, and else everything does.
    assert_eq!(judged("mdoc", mdoc(&scene.stranger, shown_at)), Ok(1));
    assert!(matches!(judged("mdoc", mdoc(&scene.stranger, shown_at - 1)), Err(PresentationFault::Mdoc(_))));
}
