//! An agency that gives certificates to whoever comes without an offer first asks for the ID card: its authorization page is a verifier
//! too (OpenID4VCI 1.0, use case "Requires Presentation of Additional Credentials During Issuance"; OpenID4VP 1.0).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use civic::{Catalogue, Shelf};
use dcql::Query;
use primitives::{ClaimPath, Instant, LocalizedText};
use serde_json::json;
use trust::CredentialType;
use trust::registration::{RegisteredItem, RegisteredVerifier, Registration};
use url::Url;
use verifier::{Addresses, Binding, Created, Desk, Identity, Limits, Outcome, SessionId, Settings, Title};

use super::{REGISTRATION_SECONDS, RESULT_SECONDS, issuers, status_checker};
use crate::bounded::Bounded;
use crate::error::GovernmentError;
use crate::issue::MDOC_SUFFIX;
use crate::world::{ENTROPY, World};

/// The host that wallets answer to, and the name of the key.
pub(crate) const ID: &str = "nuri-identify";
/// Below this path the wallet's answer leads the browser back.
pub(crate) const PAGES: &str = "/identified/";
/// The card that is asked for.
const CARD: &str = "MobileResidentCard";
const NAME_KO: &str = "누리 증명서 창구(시연)";
const NAME_EN: &str = "Nuri certificate desk (demo)";
/// How long somebody is known to one page of one browser, in seconds.
const KNOWN_SECONDS: i64 = 600;

/// The desk that asks for the card, and whom it knows meanwhile.
pub(crate) struct Identification {
    pub(crate) desk: Arc<Desk>,
    inner: Mutex<Inner>,
}

struct Inner {
    /// The authorization page that a session was begun for.
    pages: Bounded<String>,
    /// Persons by browser and authorization page.
    known: Bounded<String>,
}

impl Identification {
    pub(crate) fn new(world: &World) -> Result<Self, GovernmentError> {
        let host = format!("{ID}.localhost");
        let party = world.pki.verifier(ID, NAME_KO, &host, true)?;
        let kind = Catalogue.by_key(CARD).ok_or(GovernmentError::Data)?;
        let (name, now) = (LocalizedText::new(NAME_KO, NAME_EN), world.now());
        let purpose = LocalizedText::new("증명서를 받을 본인 확인", "To know whose certificate it is");
        let registration = Registration {
            verifier: RegisteredVerifier::of_certificate(party.chain.leaf()),
            issued_at: now,
            expires_at: now + REGISTRATION_SECONDS,
            name: name.clone(),
            purpose: purpose.clone(),
            items: vec![RegisteredItem {
                credential: CredentialType::sd_jwt_vc(kind.vct),
                claims: vec![ClaimPath::top_level("name"), ClaimPath::top_level("birth")],
            }],
            retention: Some(LocalizedText::new("보관하지 않음", "Not kept")),
            consequences_of_refusal: Some(LocalizedText::new(
                "증명서를 받을 수 없음",
                "No certificate is issued",
            )),
            legal_basis: None,
            resident_number_basis: None,
        };
        let registrar = &world.pki.registrar;
        let registration =
            registration.sign(&registrar.chain, &registrar.key).map_err(|_| GovernmentError::Certificates)?;
        let question = json!({ "credentials": [{
            "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [kind.vct] },
            "claims": [{ "path": ["name"] }, { "path": ["birth"] }],
        }] });
        let url = |text: String| Url::parse(&text).map_err(|_| GovernmentError::Data);
        let settings = Settings {
            name,
            purpose,
            identity: Identity::X509Hash { chain: party.chain, signer: Arc::new(party.key) },
            question: Query::from_value(question).map_err(|_| GovernmentError::Data)?,
            captions: Vec::new(),
            titles: vec![Title { credential_type: kind.vct.to_owned(), text: kind.name.localized() }],
            registration: Some(registration),
            encrypted: true,
            request_by_post: false,
            scheme: "openid4vp".to_owned(),
            issuers: issuers(world)?,
            addresses: Addresses {
                protocol: url(format!("{}/", world.addresses.origin(ID)))?,
                pages: url(format!("{}{PAGES}", world.addresses.pages_origin()))?,
            },
            limits: Limits { result_seconds: RESULT_SECONDS, ..Limits::default() },
            loopback_http: false,
            demo: true,
        };
        let desk = Desk::new(settings, status_checker(world)?, Arc::clone(&world.clock), Arc::new(ENTROPY));
        let inner = Mutex::new(Inner { pages: Bounded::new(), known: Bounded::new() });
        Ok(Self { desk: Arc::new(desk), inner })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session for an authorization page; `None` if there is no room.
    pub(crate) fn begin(&self, page: &Url, now: Instant) -> Option<Created> {
        let created = self.desk.create().ok()?;
        let id = created.id.as_str().to_owned();
        self.inner().pages.put(id, page.to_string(), now + KNOWN_SECONDS, now).then_some(created)
    }

    /// Takes the browser back that the wallet opened: the authorization page to go on at, where the card's holder is known from now on.
    pub(crate) fn done(
        &self,
        world: &World,
        id: &str,
        browser: Option<&str>,
        code: Option<&str>,
    ) -> Option<Url> {
        let now = world.now();
        let (page, _) = self.inner().pages.take(id, now)?;
        let verdict = self.desk.redeem(&SessionId::named(id), browser, code).ok()?;
        let confirmed = matches!(verdict.outcome, Outcome::Confirmed | Outcome::ConfirmedWeak);
        if !confirmed || verdict.binding != Binding::SameBrowser {
            return None;
        }
        let said = |name: &str| {
            let path = ClaimPath::top_level(name);
            verdict.answers.iter().find(|it| it.path == path).and_then(|it| it.value.as_str())
        };
        let (name, birth) = (said("name")?, said("birth")?);
        let person = world.country.personas.iter().find(|it| it.name == name && it.birth_date == birth)?;
        let url = Url::parse(&page).ok()?;
        let key = key(browser?, &url);
        self.inner().known.put(key, person.id.clone(), now + KNOWN_SECONDS, now).then_some(url)
    }

    /// Who showed the card in this browser for this page.
    pub(crate) fn known(&self, browser: Option<&str>, page: &Url, now: Instant) -> Option<String> {
        self.inner().known.get(&key(browser?, page), now).cloned()
    }
}

fn key(browser: &str, page: &Url) -> String {
    format!("{browser} {page}")
}

/// Whether the card has to be shown for these configurations: cards themselves are given at a counter.
pub(crate) fn is_needed(configuration_ids: &[String]) -> bool {
    configuration_ids.iter().any(|id| {
        let key = id.strip_suffix(MDOC_SUFFIX).unwrap_or(id);
        Catalogue.by_key(key).is_some_and(|kind| kind.shelf != Shelf::Identity)
    })
}
