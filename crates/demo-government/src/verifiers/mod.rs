//! The fourteen verifiers: each is a desk of the crate `verifier` with its own question, name, key and registration. Three of them are bad
//! on purpose: one asks for more than it registered, one for what no law allows, one only claims to be the library.

pub(crate) mod approvals;
pub(crate) mod identification;
mod impostor;
pub(crate) mod kit;
mod list;
pub(crate) mod overasking;
mod question;
mod statements;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use crypto::Signer;
use host::http::PortSet;
use host::{AddressPolicy, HttpClient, TlsRoots};
use primitives::LocalizedText;
use trust::registration::{RegisteredVerifier, Registration};
use trust::status::FreshnessPolicy;
use trust::{
    AnchorStore, CertificateChain, Issuer, IssuerEntitlements, StatusScope, StatusSigner, TrustAnchor,
};
use url::Url;
use verifier::{Addresses, Desk, Identity, Limits, Settings, StatusChecker, pages_router, protocol_router};

use crate::desk::entitlements;
use crate::error::GovernmentError;
use crate::people::AGENCIES;
use crate::pki::Pki;
use crate::world::{ENTROPY, World};
use impostor::Impostor;
use question::{Asked, VerifierData};
use statements::{Client, Statements, statements};

/// The path of the list of verifiers; each has its pages below.
const PAGES: &str = "/verifiers";
/// How long a registration is valid, in seconds; it is signed anew at each start.
const REGISTRATION_SECONDS: i64 = 90 * 24 * 60 * 60;
/// A verdict waits this long for the browser that the wallet opens: starting one takes its time.
const RESULT_SECONDS: i64 = 60;
/// The verifier whose name the impostor takes.
const LIBRARY: &str = "v-library";
const IMPOSTOR: &str = "v-bad2";
const SHOP: &str = "v-bad1";
/// An office that takes applications for two weeks: its requests outlive an outage.
const OFFICE: &str = "v-rent";
const OFFICE_SECONDS: i64 = 14 * 24 * 60 * 60;

/// One verifier, for the list.
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) name: LocalizedText,
    pub(crate) statements: &'static Statements,
    pub(crate) purpose_ko: String,
    pub(crate) desk: Arc<Desk>,
}

/// All verifiers, in the order of the data.
pub(crate) struct Verifiers {
    entries: Arc<Vec<Entry>>,
}

impl Verifiers {
    /// Makes their keys, questions and registrations.
    ///
    /// # Errors
    /// [`GovernmentError`].
    pub(crate) fn new(world: &Arc<World>) -> Result<Self, GovernmentError> {
        let mut entries = Vec::new();
        for data in &world.country.verifiers {
            let data: VerifierData =
                serde_json::from_value(data.clone()).map_err(|_| GovernmentError::Data)?;
            entries.push(entry(world, data)?);
        }
        Ok(Self { entries: Arc::new(entries) })
    }

    /// What each verifier answers to wallets at `https://ID.localhost`, by id.
    pub(crate) fn services(&self) -> BTreeMap<String, Router> {
        let service = |entry: &Entry| (entry.id.clone(), protocol_router(Arc::clone(&entry.desk)));
        self.entries.iter().map(service).collect()
    }

    /// The verifiers' pages for the browser, under `/verifiers`.
    pub(crate) fn pages(&self) -> Router {
        let entries = Arc::clone(&self.entries);
        let list = get(move |uri: axum::http::Uri| {
            let entries = Arc::clone(&entries);
            async move { list::show(&entries, &uri) }
        });
        let lists = Router::new().route(PAGES, list);
        self.entries.iter().fold(lists, |router, entry| router.merge(pages_router(Arc::clone(&entry.desk))))
    }

    /// The desk of a verifier.
    #[cfg(test)]
    pub(crate) fn desk(&self, id: &str) -> Option<&Arc<Desk>> {
        self.entries.iter().find(|entry| entry.id == id).map(|entry| &entry.desk)
    }
}

fn entry(world: &Arc<World>, data: VerifierData) -> Result<Entry, GovernmentError> {
    let said = statements(&data.id).ok_or(GovernmentError::Data)?;
    let asked = Asked::of(&data, said)?;
    let name = LocalizedText::new(data.ko.clone(), said.name_en);
    let (chain, signer) = request_key(&world.pki, &data)?;
    // The impostor sends what it saw: the library's own registration.
    let registration = match said.client {
        Client::Unsigned => None,
        _ => Some(registration(world, &data, said, &asked, &chain)?),
    };
    let identity = match said.client {
        Client::Unsigned => Identity::Unsigned,
        Client::Hash => Identity::X509Hash { chain, signer },
        Client::Name => Identity::X509SanDns { name: format!("{}.localhost", data.id), chain, signer },
    };
    let settings = Settings {
        name: name.clone(),
        purpose: LocalizedText::new(data.purpose.clone(), said.purpose_en),
        identity,
        question: asked.query,
        captions: asked.captions,
        titles: asked.titles,
        registration,
        encrypted: said.encrypted,
        request_by_post: said.request_by_post,
        scheme: "openid4vp".to_owned(),
        issuers: issuers(world)?,
        addresses: addresses(world, &data.id)?,
        limits: Limits {
            lifetime_seconds: lifetime_seconds(&data.id),
            result_seconds: RESULT_SECONDS,
            ..Limits::default()
        },
        loopback_http: false,
        demo: true,
    };
    let desk = Desk::new(settings, status_checker(world)?, Arc::clone(&world.clock), Arc::new(ENTROPY));
    let desk = match approvals::payment(&data.id, world) {
        Some(observer) => desk.with_observer(observer),
        None => desk,
    };
    let desk = match approvals::asked(&data.id, world)? {
        Some(approvals) => desk.with_approvals(approvals),
        None => desk,
    };
    Ok(Entry { id: data.id, name, statements: said, purpose_ko: data.purpose, desk: Arc::new(desk) })
}

fn lifetime_seconds(id: &str) -> i64 {
    if id == OFFICE { OFFICE_SECONDS } else { Limits::default().lifetime_seconds }
}

/// The key that signs a verifier's requests, with the chain that it shows. The impostor shows the library's chain, and signs with a key
/// of its own.
fn request_key(
    pki: &Pki,
    data: &VerifierData,
) -> Result<(CertificateChain, Arc<dyn Signer>), GovernmentError> {
    let party = |id: &str, registered| pki.verifier(id, &data.ko, &format!("{id}.localhost"), registered);
    if data.id == IMPOSTOR {
        let library = party(LIBRARY, true)?;
        let own = party(IMPOSTOR, false)?;
        let signer = Impostor { claimed: library.key.public_key(), own: own.key };
        return Ok((library.chain, Arc::new(signer)));
    }
    let own = party(&data.id, true)?;
    Ok((own.chain, Arc::new(own.key)))
}

fn registration(
    world: &World,
    data: &VerifierData,
    said: &Statements,
    asked: &Asked,
    chain: &CertificateChain,
) -> Result<String, GovernmentError> {
    let now = world.now();
    let text = |ko: &str, en: &str| LocalizedText::new(ko, en);
    let registration = Registration {
        verifier: RegisteredVerifier::of_certificate(chain.leaf()),
        issued_at: now,
        expires_at: now + REGISTRATION_SECONDS,
        name: text(&data.ko, said.name_en),
        purpose: text(&data.purpose, said.purpose_en),
        // Two are registered for less than they ask.
        items: match data.id.as_str() {
            SHOP => asked.registered_only(&["name", "birth"]),
            overasking::PARCEL => asked.registered_only(overasking::REGISTERED),
            _ => asked.items.clone(),
        },
        retention: Some(text(&data.retention, said.retention_en)),
        consequences_of_refusal: Some(text(said.refusal_ko, said.refusal_en)),
        legal_basis: said.basis_en.map(|basis| text(&data.basis, basis)),
        resident_number_basis: None,
    };
    let registrar = &world.pki.registrar;
    registration.sign(&registrar.chain, &registrar.key).map_err(|_| GovernmentError::Certificates)
}

fn addresses(world: &World, id: &str) -> Result<Addresses, GovernmentError> {
    let url = |text: String| Url::parse(&text).map_err(|_| GovernmentError::Data);
    Ok(Addresses {
        protocol: url(format!("{}/", world.addresses.origin(id)))?,
        pages: url(format!("{}{PAGES}/{id}/", world.addresses.pages_origin()))?,
    })
}

/// The agencies' anchors, each with what it may issue.
fn issuers(world: &World) -> Result<AnchorStore<Issuer>, GovernmentError> {
    let mut store = AnchorStore::new();
    for agency in AGENCIES {
        let Some(keys) = world.pki.agencies.get(agency.id) else { continue };
        let types = IssuerEntitlements::types(entitlements(agency.id, &world.country));
        let anchor = TrustAnchor::for_issuer(keys.root.certificate.clone(), types);
        store.add(anchor.map_err(|_| GovernmentError::Certificates)?);
    }
    Ok(store)
}

fn status_checker(world: &World) -> Result<StatusChecker, GovernmentError> {
    let mut scope = StatusScope::default();
    scope.issuer_anchors.extend(world.pki.agencies.values().map(|keys| keys.root.certificate.hash()));
    let anchor = TrustAnchor::for_status_signer(world.pki.status_root.certificate.clone(), scope);
    let mut signers = AnchorStore::<StatusSigner>::new();
    signers.add(anchor.map_err(|_| GovernmentError::Certificates)?);
    let policy = AddressPolicy::with_loopback(PortSet::These([world.addresses.https].into()), false);
    let roots = TlsRoots::only(vec![world.pki.tls_root.certificate.der().to_vec()]);
    let http = HttpClient::new(policy, &roots).map_err(|_| GovernmentError::Certificates)?;
    // Asked for each time, so that a revocation on the console shows at once; an older list counts while the service is stopped.
    let policy = FreshnessPolicy { shortest_ttl: 0, longest_ttl: 0, ..FreshnessPolicy::default() };
    Ok(StatusChecker::new(Arc::new(http), signers, policy))
}
