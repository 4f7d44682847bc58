//! A desk without a network, an issuer that signs its lists, and a wallet with a card in both formats that shows its answers.
#![allow(dead_code, unreachable_pub)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crypto::jwe::{self, ContentEncryption, PartyInfo};
use crypto::{PrivateKey, Signer as _, SystemEntropy};
use dcql::{CredentialType as Type, Holding, Query};
use mdoc::{ElementValue, IssuerSigned};
use offline_qr::{Collector, Fed as Collected, Frames, Kind, RequestMessage, ShortCode, audience};
use openid4vp::holder::{
    AuthenticatedRequest, Copy, Invocation, Next, Policy, PreparedResponse, RequestTrust, ScreenAnswer,
    ScreenRequest,
};
use openid4vp::screen::OfflineBinding;
use primitives::test_support::FixedClock;
use primitives::{ClaimPath, Clock as _, Entropy as _, Instant, LocalizedText};
use sd_jwt_vc::{UnverifiedSdJwtVc, VcPolicy, VerifiedSdJwtVc};
use serde_json::json;
use trust::certificate::builder::{CertificateBuilder, Purpose, Subject, Validity};
use trust::status::{Bits, Publication, StatusListBuilder, StatusReference, StatusState};
use trust::{
    AnchorStore, Certificate, CertificateChain, CredentialType, Issuer, IssuerEntitlements, TrustAnchor,
};
use verifier::Identity;
use verifier::offline::*;

pub const VCT: &str = "urn:nuri-demo:MobileResidentCard:1";
pub const DOCTYPE: &str = "kr.example.nuri.resident.1";
pub const LIST: &str = "https://lists.example/1";
pub const INDEX: u64 = 3;
pub const AGE: &str = "age-over-19";
pub const WHO: &str = "identity";

/// A party with a certificate under a root of its own.
pub struct Party {
    pub root: Certificate,
    pub root_key: PrivateKey,
    pub key: PrivateKey,
    pub chain: CertificateChain,
}

impl Party {
    pub fn new(name: &str, purpose: Option<Purpose>, now: Instant) -> Self {
        let root_key = PrivateKey::generate(&SystemEntropy).unwrap();
        let validity = Validity::days(now - 400 * 86_400, 900);
        let root = CertificateBuilder::authority(Subject::new(format!("{name} root")), validity)
            .self_signed(&root_key, &SystemEntropy)
            .unwrap();
        let key = PrivateKey::generate(&SystemEntropy).unwrap();
        let leaf = CertificateBuilder::leaf(Subject::new(name).organisation(name), validity);
        let leaf = match purpose {
            Some(purpose) => leaf.with_purpose(purpose),
            None => leaf,
        };
        let leaf = leaf.issued_by(&key.public_key(), &root, &root_key, &SystemEntropy).unwrap();
        Self { root, root_key, key, chain: CertificateChain::new(vec![leaf]).unwrap() }
    }

    pub fn identity(&self) -> Identity {
        Identity::X509Hash { chain: self.chain.clone(), signer: Arc::new(self.key.clone()) }
    }
}

/// Lists that are there because the test put them there.
#[derive(Default)]
pub struct FixedLists {
    pub trust: Mutex<Trust>,
    pub tokens: Mutex<BTreeMap<String, KeptToken>>,
    /// A time in a list that is not looked at any more.
    pub signed: Mutex<Option<Instant>>,
}

impl Lists for FixedLists {
    fn trust(&self) -> Trust {
        self.trust.lock().unwrap().clone()
    }
    fn status_token(&self, uri: &str, _: &TrustAnchor<Issuer>) -> Option<KeptToken> {
        self.tokens.lock().unwrap().get(uri).cloned()
    }
    fn status_dates(&self) -> Vec<Instant> {
        self.tokens.lock().unwrap().values().map(|kept| kept.fetched_at).collect()
    }
    fn latest_signed(&self) -> Option<Instant> {
        self.signed.lock().unwrap().max(self.status_dates().into_iter().max())
    }
}

pub struct World {
    pub clock: Arc<FixedClock>,
    pub shop: Party,
    pub issuer: Party,
    pub lists: Arc<FixedLists>,
    pub holder_key: PrivateKey,
    pub device_key: PrivateKey,
    pub card: VerifiedSdJwtVc,
    pub mdoc: IssuerSigned,
    pub issuers: AnchorStore<Issuer>,
    pub desk: ScreenDesk,
}

/// Which format the wallet holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    SdJwt,
    Mdoc,
}

impl World {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut ScreenSettings)) -> Self {
        let now = Instant::from_unix_seconds(1_800_000_000);
        let clock = Arc::new(FixedClock::new(now));
        let shop = Party::new("Shop", None, now);
        let issuer = Party::new("Issuer", Some(Purpose::MdocDocumentSigner), now);
        let types = [CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOCTYPE)];
        let issuers: AnchorStore<Issuer> =
            [TrustAnchor::for_issuer(issuer.root.clone(), IssuerEntitlements::types(types)).unwrap()]
                .into_iter()
                .collect();
        let lists = Arc::new(FixedLists::default());
        lists.trust.lock().unwrap().issuers = Arc::new(issuers.clone());
        let holder_key = PrivateKey::generate(&SystemEntropy).unwrap();
        let device_key = PrivateKey::generate(&SystemEntropy).unwrap();
        let reference = StatusReference::new(LIST, INDEX).unwrap();
        let claims = json!({
            "name": "이도담", "birth": "1988-06-14", "ageOver19": true,
            "address": { "sigungu": "가람시", "full": "물결로 101" }
        });
        let card = sd_jwt_vc::Issuance::new(VCT, claims.as_object().unwrap().clone())
            .all_disclosable()
            .disclosable(ClaimPath::of_names(["address", "sigungu"]).unwrap())
            .disclosable(ClaimPath::of_names(["address", "full"]).unwrap())
            .issued_at(now - 60)
            .expires(now + 200 * 86_400)
            .status(&reference)
            .holder_key(&holder_key.public_key())
            .sign(&issuer.key, &issuer.chain, &SystemEntropy)
            .unwrap();
        let card =
            UnverifiedSdJwtVc::parse(&card).unwrap().verify(&issuers, now, &VcPolicy::default()).unwrap();
        let validity = mdoc::Validity {
            signed: now - 60,
            valid_from: now - 60,
            valid_until: now + 200 * 86_400,
            expected_update: None,
        };
        let mut issuance = mdoc::Issuance::new(DOCTYPE, validity);
        for (name, value) in
            [("name", json!("이도담")), ("birth", json!("1988-06-14")), ("ageOver19", json!(true))]
        {
            issuance = issuance.element(DOCTYPE, name, ElementValue::from_json(&value).unwrap());
        }
        let mdoc = issuance
            .status(reference)
            .sign(&device_key.public_key(), &issuer.key, &issuer.chain, &SystemEntropy)
            .unwrap();
        let mut settings = ScreenSettings {
            name: LocalizedText::new("가상편의점", "Shop"),
            identity: Some(shop.identity()),
            registration: None,
            questions: Question::ready_made(),
            policy: TimePolicy::default(),
            limits: ScreenLimits::default(),
            receipts: false,
        };
        change(&mut settings);
        let ports = ScreenPorts {
            lists: Arc::clone(&lists) as Arc<_>,
            memory: Arc::new(PassingMemory::default()),
            clock: Arc::clone(&clock) as Arc<_>,
            entropy: Arc::new(SystemEntropy),
        };
        let desk = ScreenDesk::new(settings, ports).unwrap();
        let world = Self { clock, shop, issuer, lists, holder_key, device_key, card, mdoc, issuers, desk };
        world.keep(StatusState::Valid);
        world
    }

    /// Another desk of the same kind, with the same lists and a key of its own.
    pub fn other_desk(&self) -> ScreenDesk {
        let party = Party::new("Other shop", None, self.now());
        let settings = ScreenSettings { identity: Some(party.identity()), ..self.desk.settings().clone() };
        let ports = ScreenPorts {
            lists: Arc::clone(&self.lists) as Arc<_>,
            memory: Arc::new(PassingMemory::default()),
            clock: Arc::clone(&self.clock) as Arc<_>,
            entropy: Arc::new(SystemEntropy),
        };
        ScreenDesk::new(settings, ports).unwrap()
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// A list, signed now, that ends after so many days.
    pub fn token(&self, state: StatusState, days: i64) -> KeptToken {
        self.token_of(LIST, state, days)
    }

    pub fn token_of(&self, uri: &str, state: StatusState, days: i64) -> KeptToken {
        let mut list = StatusListBuilder::new(Bits::Two, 16).unwrap();
        list.set(INDEX, state).unwrap();
        let publication = Publication {
            uri: uri.to_owned(),
            issued_at: self.now(),
            expires_at: Some(self.now() + days * 86_400),
            time_to_live: Some(3600),
        };
        let token = list.sign_jwt(&publication, &self.issuer.chain, &self.issuer.key).unwrap();
        KeptToken { token: token.into_bytes(), fetched_at: self.now() }
    }

    /// The desk has this list from now on.
    pub fn keep(&self, state: StatusState) {
        self.keep_token(self.token(state, 60));
    }

    pub fn keep_token(&self, token: KeptToken) {
        self.lists.tokens.lock().unwrap().insert(LIST.to_owned(), token);
    }

    /// The wallet reads a desk's request, off its frames.
    pub fn read_request(&self, desk: &ScreenDesk, begun: &Begun) -> AuthenticatedRequest {
        self.try_read_request(desk, begun).unwrap()
    }

    pub fn request_object(&self, desk: &ScreenDesk, begun: &Begun) -> String {
        let mut collector = Collector::new(Kind::Request);
        for frame in desk.request_frames(&begun.id, 0, 32, FrameSize::Standard).unwrap() {
            if let Collected::Complete(message) = collector.feed(&frame.text) {
                return RequestMessage::decode(&message.bytes).unwrap().request_object;
            }
        }
        panic!("the request is not whole")
    }

    pub fn try_read_request(
        &self,
        desk: &ScreenDesk,
        begun: &Begun,
    ) -> Result<AuthenticatedRequest, openid4vp::holder::RequestError> {
        // Any shop may ask whose root the wallet knows; here: that of the desk's own chain.
        let verifiers = [TrustAnchor::new(self.shop.root.clone()).unwrap()].into_iter().collect();
        let registrars = AnchorStore::new();
        let trust = RequestTrust::new(&verifiers, &registrars);
        let object = self.request_object(desk, begun);
        ScreenRequest::parse(&object)?.authenticate(&trust, self.now(), &Policy::STRICT)
    }

    /// The wallet, which knows this party, reads its desk's request.
    pub fn read_request_of(&self, desk: &ScreenDesk, begun: &Begun, party: &Party) -> AuthenticatedRequest {
        let verifiers = [TrustAnchor::new(party.root.clone()).unwrap()].into_iter().collect();
        let registrars = AnchorStore::new();
        let trust = RequestTrust::new(&verifiers, &registrars);
        let request = ScreenRequest::parse(&self.request_object(desk, begun)).unwrap();
        request.authenticate(&trust, self.now(), &Policy::STRICT).unwrap()
    }

    /// The presentations that the wallet posts, in the clear, to who asked by a link.
    pub fn posted(
        &self,
        link: &str,
        object: &str,
        holds: Holds,
    ) -> serde_json::Map<String, serde_json::Value> {
        let verifiers = [TrustAnchor::new(self.shop.root.clone()).unwrap()].into_iter().collect();
        let registrars = AnchorStore::new();
        let trust = RequestTrust::new(&verifiers, &registrars);
        let policy = Policy::STRICT;
        let Next::Fetch(fetch) = Invocation::parse(link, &policy).unwrap().next(&SystemEntropy).unwrap()
        else {
            panic!("nothing to fetch")
        };
        let response = primitives::http::Response {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/oauth-authz-req+jwt".to_owned())],
            body: object.as_bytes().to_vec(),
        };
        let request = fetch.receive(&response).unwrap().authenticate(&trust, self.now(), &policy).unwrap();
        let post = self.respond(&request, holds, self.now()).into_delivery().into_post().unwrap();
        let fields: BTreeMap<String, String> = url::form_urlencoded::parse(&post.body).into_owned().collect();
        serde_json::from_str(&fields["vp_token"]).unwrap()
    }

    /// What the wallet answers with, to a query of its choice, for this code.
    pub fn by_code(&self, code: &str, query: Query) -> AuthenticatedRequest {
        let code = ShortCode::parse(code).unwrap();
        let binding = OfflineBinding::code(&audience(Mode::Code, code.question()), code.nonce()).unwrap();
        AuthenticatedRequest::of_offline_question(query, binding, self.now()).unwrap()
    }

    pub fn one_way(&self, question: u8, query: Query) -> AuthenticatedRequest {
        let mut nonce = [0; 16];
        SystemEntropy.fill(&mut nonce).unwrap();
        let nonce = primitives::base64url::encode(&nonce);
        let binding = OfflineBinding::one_way(&audience(Mode::OneWay, question), &nonce).unwrap();
        AuthenticatedRequest::of_offline_question(query, binding, self.now()).unwrap()
    }

    pub fn query(&self, question: &str) -> Query {
        self.desk.questions().iter().find(|one| one.id == question).unwrap().query.clone()
    }

    pub fn answer(&self, request: &AuthenticatedRequest, holds: Holds) -> ScreenAnswer {
        self.answer_at(request, holds, self.now())
    }

    pub fn answer_at(&self, request: &AuthenticatedRequest, holds: Holds, at: Instant) -> ScreenAnswer {
        self.respond(request, holds, at).into_delivery().into_screen().unwrap()
    }

    fn respond(&self, request: &AuthenticatedRequest, holds: Holds, at: Instant) -> PreparedResponse {
        let card_claims = self.card.claims().clone();
        let mdoc_claims = self.mdoc.unverified_claims().into_json();
        let holding = |id, credential_type, claims| Holding {
            id,
            credential_type,
            claims,
            authority_key_identifiers: &[],
            holder_binding: true,
            always_disclosed: &[],
        };
        let holding = match holds {
            Holds::SdJwt => holding("card", Type::SdJwtVc { vct: VCT }, &card_claims),
            Holds::Mdoc => holding("mdoc", Type::Mdoc { doctype: DOCTYPE }, &mdoc_claims),
        };
        let solution = request.solve(&[holding]);
        let selection = solution.required_only().unwrap();
        let copies: Vec<Copy<'_>> = dcql::select(&solution, &selection)
            .unwrap()
            .iter()
            .map(|_| match holds {
                Holds::Mdoc => Copy::Mdoc { issuer_signed: &self.mdoc, signer: &self.device_key },
                Holds::SdJwt => Copy::SdJwtVc { credential: &self.card, signer: Some(&self.holder_key) },
            })
            .collect();
        request.respond(&solution, &selection, &copies, at, &SystemEntropy).unwrap()
    }

    /// The wallet answers a check in its mode, honestly.
    pub fn shown(&self, desk: &ScreenDesk, begun: &Begun, holds: Holds) -> Vec<u8> {
        let query = self.query(&begun.question);
        let request = match begun.mode {
            Mode::Request => self.read_request(desk, begun),
            Mode::Code => self.by_code(begun.code.as_ref().unwrap(), query),
            Mode::OneWay => self.one_way(number(desk, begun), query),
        };
        message(&self.answer(&request, holds))
    }

    /// Begins, answers honestly, reads.
    pub fn check(&self, question: &str, mode: Mode, holds: Holds) -> ScreenVerdict {
        let begun = self.desk.begin(question, mode).unwrap();
        let shown = self.shown(&self.desk, &begun, holds);
        feed(&self.desk, &begun, &shown)
    }
}

pub fn number(desk: &ScreenDesk, begun: &Begun) -> u8 {
    desk.questions().iter().find(|one| one.id == begun.question).unwrap().number.unwrap()
}

/// The message of an answer, as a wallet makes it.
pub fn message(shown: &ScreenAnswer) -> Vec<u8> {
    offline_qr::answer_message(shown, &SystemEntropy).unwrap()
}

pub fn seal(key: &crypto::PublicJwk, method: ContentEncryption, bytes: &[u8]) -> String {
    jwe::encrypt(key, method, &PartyInfo::default(), bytes, &SystemEntropy).unwrap()
}

pub fn frames(message: &[u8]) -> Frames {
    Frames::new(Kind::Answer, message, FrameSize::Standard, &SystemEntropy).unwrap()
}

/// Shows a message to a desk, frame by frame, until it says something.
pub fn feed(desk: &ScreenDesk, begun: &Begun, message: &[u8]) -> ScreenVerdict {
    feed_frames(desk, begun, &frames(message))
}

pub fn feed_frames(desk: &ScreenDesk, begun: &Begun, frames: &Frames) -> ScreenVerdict {
    for sequence in 0..u16::from(frames.count()) * 3 {
        if let Fed::Verdict(verdict) = desk.feed(&begun.id, &frames.text(sequence)).unwrap() {
            return *verdict;
        }
    }
    panic!("no verdict")
}

/// The codes of a verdict's reasons.
pub fn codes(verdict: &ScreenVerdict) -> Vec<&'static str> {
    verdict.verdict.reasons.iter().map(|reason| reason.code).collect()
}
