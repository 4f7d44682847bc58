//! A presentation that is not accepted is discarded, and what is left is the answer (OpenID4VP 1.0 section 8.6), unless it was made for
//! another request: then the whole response is rejected (section 14.1).

use super::*;
use mdoc::{DeviceResponseError, SessionTranscript};
use openid4vp::verifier::{PresentationFault, ResponseError};
use sd_jwt_vc::{KeyBindingError, PresentationError};
use test_world::{DAY, Party};
use trust::CredentialType;

/// A card that is required, and another one and an mdoc that are not.
fn a_card_and_more() -> Query {
    let card = |id: &str, members: Value| {
        let mut card = json!({ "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": ["name"] }] });
        card.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        card
    };
    let unbound = json!({ "require_cryptographic_holder_binding": false });
    query(json!({
        "credentials": [
            card("card", json!({})), card("more", json!({ "multiple": true })), card("unbound", unbound),
            { "id": "mdoc", "format": "mso_mdoc", "meta": { "doctype_value": DOCTYPE }, "claims": [{ "path": [NAME_SPACE, "name"] }] }
        ],
        "credential_sets": [
            { "options": [["card"]] },
            { "options": [["more"], ["unbound"], ["mdoc"]], "required": false }
        ]
    }))
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

    fn mdoc_by(&self, issuer: &Party, nonce: &str) -> String {
        let text = |name: &str| self.claims[name].as_str().unwrap();
        let transcript =
            SessionTranscript::openid4vp_redirect(text("client_id"), nonce, None, text("response_uri"));
        issue_mdoc(issuer, &self.world.device_key, &self.world.entropy, self.world.now)
            .select([(NAME_SPACE, "name")])
            .unwrap()
            .respond_base64url(&transcript, &self.world.device_key)
            .unwrap()
    }

    fn mdoc(&self, issuer: &Party) -> String {
        self.mdoc_by(issuer, self.claims["nonce"].as_str().unwrap())
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
    for mdoc in [scene.mdoc(&scene.stranger), "no mdoc".to_owned()] {
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
    let mdoc = scene.mdoc_by(&scene.world.issuer, "another");
    let fault = scene.fault(json!({ "card": [card], "mdoc": [mdoc] })).1;
    assert_eq!(fault, PresentationFault::Mdoc(DeviceResponseError::DeviceSignature));
}
