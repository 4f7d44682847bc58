//! A desk without a network, an issuer that signs its lists, and a wallet with a card in both formats that shows its answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub use crate::wallet::{Holds, Papers, Wallet, identity, knowing, party};
use crypto::SystemEntropy;
use crypto::jwe::{self, ContentEncryption, PartyInfo};
use dcql::Query;
use offline_qr::{Collector, Fed as Collected, Frames, Kind, RequestMessage, ShortCode, audience};
use openid4vp::holder::{
    AuthenticatedRequest, Invocation, Next, Policy, RequestError, ScreenAnswer, ScreenRequest,
};
use openid4vp::screen::OfflineBinding;
use primitives::test_support::FixedClock;
use primitives::{Clock as _, Entropy as _, Instant, LocalizedText};
use serde_json::json;
pub use test_world::{DAY, Party};
use trust::status::{Bits, Publication, StatusListBuilder, StatusReference, StatusState};
use trust::{AnchorStore, Issuer, TrustAnchor};
use verifier::Outcome;
use verifier::offline::*;

pub const VCT: &str = "urn:nuri-demo:MobileResidentCard:1";
pub const DOCTYPE: &str = "kr.example.nuri.resident.1";
pub const LIST: &str = "https://lists.example/1";
pub const INDEX: u64 = 3;
pub const AGE: &str = "age-over-19";
pub const WHO: &str = "identity";

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

/// The identity card, in both forms.
pub fn card() -> Papers<'static> {
    let now = test_world::now();
    Papers {
        vct: VCT,
        claims: json!({
            "name": "이도담", "birth": "1988-06-14", "ageOver19": true,
            "address": { "sigungu": "가람시", "full": "물결로 101" }
        }),
        doctype: DOCTYPE,
        name_space: DOCTYPE,
        elements: json!({ "name": "이도담", "birth": "1988-06-14", "ageOver19": true }),
        reference: Some(StatusReference::new(LIST, INDEX).unwrap()),
        dates: now - 60..now + 200 * DAY,
    }
}

/// The certificate of basic livelihood support, instead of the card.
pub fn livelihood() -> Papers<'static> {
    let claims = json!({ "name": "최한결", "kinds": ["생계급여", "의료급여"], "members": ["최한결"] });
    Papers { vct: "urn:nuri-demo:BasicLivelihoodCertificate:1", claims, ..card() }
}

/// The certificate of the national taxes, with so much owed.
pub fn taxes(arrears: i64) -> Papers<'static> {
    let claims = json!({ "name": "정마루", "arrears": arrears, "deferrals": [] });
    Papers { vct: "urn:nuri-demo:NationalTaxPaymentCertificate:1", claims, ..card() }
}

pub struct World {
    pub clock: Arc<FixedClock>,
    pub shop: Party,
    pub issuer: Party,
    pub lists: Arc<FixedLists>,
    pub wallet: Wallet,
    pub issuers: AnchorStore<Issuer>,
    pub desk: ScreenDesk,
}

impl World {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut ScreenSettings)) -> Self {
        Self::holding(card(), change)
    }

    /// A wallet with other papers than the card, before such a desk.
    pub fn holding(papers: Papers<'_>, change: impl FnOnce(&mut ScreenSettings)) -> Self {
        let now = test_world::now();
        let clock = Arc::new(FixedClock::new(now));
        let shop = party("Shop", now).make(&SystemEntropy);
        let issuer = party("Issuer", now).document_signer().make(&SystemEntropy);
        let (wallet, issuers) = Wallet::of(&issuer, papers, now);
        let lists = Arc::new(FixedLists::default());
        lists.trust.lock().unwrap().issuers = Arc::new(issuers.clone());
        let mut settings = ScreenSettings {
            name: LocalizedText::new("가상편의점", "Shop"),
            identity: Some(identity(&shop)),
            registration: None,
            questions: Question::ready_made(),
            policy: TimePolicy::default(),
            limits: ScreenLimits::default(),
            receipts: false,
        };
        change(&mut settings);
        let ports = ports(Arc::clone(&lists) as Arc<_>, &clock);
        let desk = ScreenDesk::new(settings, ports).unwrap();
        let world = Self { clock, shop, issuer, lists, wallet, issuers, desk };
        world.keep(StatusState::Valid);
        world
    }

    /// What a desk with the same lists is plugged into.
    pub fn ports(&self) -> ScreenPorts {
        ports(Arc::clone(&self.lists) as Arc<_>, &self.clock)
    }

    /// A desk of the same kind, with the same lists, of this party.
    pub fn desk_of(&self, party: &Party) -> ScreenDesk {
        let settings = ScreenSettings { identity: Some(identity(party)), ..self.desk.settings().clone() };
        ScreenDesk::new(settings, self.ports()).unwrap()
    }

    /// Another desk of the same kind, with the same lists and a key of its own.
    pub fn other_desk(&self) -> ScreenDesk {
        self.desk_of(&party("Other shop", self.now()).make(&SystemEntropy))
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// A list, signed now, that ends after so many days.
    pub fn token(&self, state: StatusState, days: i64) -> KeptToken {
        self.token_of(LIST, state, days)
    }

    pub fn token_of(&self, uri: &str, state: StatusState, days: i64) -> KeptToken {
        self.token_by(&self.issuer, uri, state, days)
    }

    pub fn token_by(&self, signer: &Party, uri: &str, state: StatusState, days: i64) -> KeptToken {
        let mut list = StatusListBuilder::new(Bits::Two, 16).unwrap();
        list.set(INDEX, state).unwrap();
        let publication = Publication {
            uri: uri.to_owned(),
            issued_at: self.now(),
            expires_at: Some(self.now() + days * DAY),
            time_to_live: Some(3600),
        };
        let token = list.sign_jwt(&publication, &signer.chain, &signer.key).unwrap();
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
    ) -> Result<AuthenticatedRequest, RequestError> {
        // Any shop may ask whose root the wallet knows; here: that of the desk's own chain.
        self.try_read(&self.request_object(desk, begun), &self.shop)
    }

    /// The wallet, which knows this party, reads its desk's request.
    pub fn read_request_of(&self, desk: &ScreenDesk, begun: &Begun, party: &Party) -> AuthenticatedRequest {
        self.try_read(&self.request_object(desk, begun), party).unwrap()
    }

    /// The wallet, which knows this party, reads a request off a screen.
    pub fn try_read(&self, object: &str, party: &Party) -> Result<AuthenticatedRequest, RequestError> {
        let request = ScreenRequest::parse(object)?;
        knowing(party, |trust| request.authenticate(trust, self.now(), &Policy::STRICT))
    }

    /// The presentations that the wallet posts, in the clear, to who asked by a link.
    pub fn posted(
        &self,
        link: &str,
        object: &str,
        holds: Holds,
    ) -> serde_json::Map<String, serde_json::Value> {
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
        let request = fetch.receive(&response).unwrap();
        let request = knowing(&self.shop, |trust| request.authenticate(trust, self.now(), &policy)).unwrap();
        let post = self.wallet.respond(&request, &[holds], self.now()).into_delivery().into_post().unwrap();
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
        self.wallet.respond(request, &[holds], at).into_delivery().into_screen().unwrap()
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

/// What a desk is plugged into: these lists, a memory that passes, this clock.
pub fn ports(lists: Arc<dyn Lists>, clock: &Arc<FixedClock>) -> ScreenPorts {
    ScreenPorts {
        lists,
        memory: Arc::new(PassingMemory::default()),
        clock: Arc::clone(clock) as Arc<_>,
        entropy: Arc::new(SystemEntropy),
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

/// Not confirmed, for this reason alone.
pub fn red(verdict: &ScreenVerdict, code: &str) {
    assert_eq!(codes(verdict), [code]);
    assert_eq!(verdict.verdict.outcome, Outcome::NotConfirmed);
    // Not a word of what was shown.
    assert!(verdict.verdict.answers.is_empty() && verdict.statement.is_none());
    assert!(verdict.not_received.is_empty());
}

/// The codes of a verdict's reasons.
pub fn codes(verdict: &ScreenVerdict) -> Vec<&'static str> {
    verdict.verdict.reasons.iter().map(|reason| reason.code).collect()
}
