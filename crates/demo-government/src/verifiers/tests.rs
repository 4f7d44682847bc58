//! Every verifier over its real listener: TLS under the demo root, status lists fetched, papers issued as the agencies issue them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use civic::notice::Notice;
use civic::transaction::Transaction;
use crypto::PrivateKey;
use dcql::{CredentialType as Type, Holding, Selection, Solution};
use host::http::PortSet;
use host::{AddressPolicy, HttpClient, TlsRoots};
use mdoc::IssuerSigned;
use openid4vp::holder::{
    AuthenticatedRequest, Copy, Invocation, Next, Policy, RequestError, RequestTrust, Unauthenticated,
};
use primitives::http::{Request, Response};
use primitives::test_support::FixedClock;
use primitives::{Clock, Http as _, Instant, Refusal as _};
use sd_jwt_vc::{UnverifiedSdJwtVc, VcPolicy, VerifiedSdJwtVc};
use serde_json::Value;
use trust::TrustAnchor;
use url::Url;
use verifier::{Outcome, Verdict};

use super::Verifiers;
use super::identification::{self, Identification};
use crate::issue::{self, Form};
use crate::papers::Standing;
use crate::people::Country;
use crate::pki::Pki;
use crate::state::State;
use crate::world::{Addresses, ENTROPY, STATUS, World};
use crate::{server, status};

/// A paper in a wallet.
struct Held {
    id: String,
    credential: Credential,
    claims: Value,
    key: PrivateKey,
}

enum Credential {
    SdJwt(Box<VerifiedSdJwtVc>),
    Mdoc(Box<IssuerSigned>, &'static str),
}

impl Held {
    fn holding(&self) -> Holding<'_> {
        let credential_type = match &self.credential {
            Credential::SdJwt(credential) => Type::SdJwtVc { vct: credential.vct() },
            Credential::Mdoc(_, doctype) => Type::Mdoc { doctype },
        };
        Holding {
            id: &self.id,
            credential_type,
            claims: &self.claims,
            authority_key_identifiers: &[],
            holder_binding: true,
            always_disclosed: &[],
        }
    }

    fn copy(&self) -> Copy<'_> {
        match &self.credential {
            Credential::SdJwt(credential) => Copy::SdJwtVc { credential, signer: Some(&self.key) },
            Credential::Mdoc(issuer_signed, _) => Copy::Mdoc { issuer_signed, signer: &self.key },
        }
    }
}

struct Stand {
    world: Arc<World>,
    verifiers: Verifiers,
    identification: Identification,
    http: HttpClient,
    _folder: tempfile::TempDir,
}

const POLICY: Policy = Policy {
    unauthenticated: Unauthenticated::Warn,
    loopback_http: true,
    transactions: super::approvals::TYPES,
    ..Policy::STRICT
};

impl Stand {
    async fn new() -> Self {
        Self::at(Arc::new(host::SystemClock)).await
    }

    async fn at(clock: Arc<dyn Clock>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bind = || tokio::net::TcpListener::bind("127.0.0.1:0");
        let (tls, plain) = (bind().await.unwrap(), bind().await.unwrap());
        let addresses =
            Addresses { https: tls.local_addr().unwrap().port(), pages: plain.local_addr().unwrap().port() };
        let now = clock.now();
        let pki = Pki::load(folder.path(), now).unwrap();
        let state = State::load(folder.path(), now).unwrap();
        let world = World::new(
            folder.path().to_owned(),
            Country::load().unwrap(),
            pki,
            addresses,
            String::new(),
            String::new(),
            state,
        );
        let world = Arc::new(world.unwrap().at(clock));
        let verifiers = Verifiers::new(&world).unwrap();
        let mut services = verifiers.services();
        let identification = Identification::new(&world).unwrap();
        let desk = Arc::clone(&identification.desk);
        services.insert(identification::ID.to_owned(), verifier::protocol_router(desk));
        services.insert(STATUS.to_owned(), server::service(&world, STATUS, status::answer));
        let config = server::tls_config(&world, services.keys().cloned()).unwrap();
        tokio::spawn(server::serve_tls(tls, Arc::clone(&world), config, services));
        tokio::spawn(server::serve_pages(plain, Arc::clone(&world), verifiers.pages()));
        let ports = PortSet::These([addresses.https, addresses.pages].into());
        let roots = TlsRoots::only(vec![world.pki.tls_root.certificate.der().to_vec()]);
        let http = HttpClient::new(AddressPolicy::with_loopback(ports, true), &roots).unwrap();
        Self { world, verifiers, identification, http, _folder: folder }
    }

    /// The papers of a person, each in every form.
    fn wallet(&self, person: &str) -> Vec<Held> {
        let issuers = super::issuers(&self.world).unwrap();
        let mut wallet = Vec::new();
        for paper in self.world.papers_of(person).unwrap() {
            let key = PrivateKey::generate(&ENTROPY).unwrap();
            let keys = [key.public_key_of()];
            let text = issue::copies(&self.world, &paper, Form::SdJwtVc, &keys).unwrap().remove(0);
            let now = self.world.now();
            let credential =
                UnverifiedSdJwtVc::parse(&text).unwrap().verify(&issuers, now, &VcPolicy::default());
            // A paper of the data that is over is none in a wallet.
            let Ok(credential) = credential else { continue };
            wallet.push(Held {
                id: paper.id.clone(),
                claims: credential.claims().clone(),
                credential: Credential::SdJwt(Box::new(credential)),
                key: key.clone(),
            });
            if let Some(document) = paper.kind.mobile_document {
                let text = issue::copies(&self.world, &paper, Form::Mdoc, &keys).unwrap().remove(0);
                let issuer_signed = IssuerSigned::parse_base64url(&text).unwrap();
                wallet.push(Held {
                    id: format!("{}-mdoc", paper.id),
                    claims: issuer_signed.unverified_claims().into_json(),
                    credential: Credential::Mdoc(Box::new(issuer_signed), document.doctype),
                    key,
                });
            }
        }
        wallet
    }

    async fn send(&self, request: Request) -> Response {
        self.http.send(request).await.unwrap()
    }

    async fn receive(&self, link: &str) -> Result<AuthenticatedRequest, RequestError> {
        let anchor = |root: &crate::pki::Authority| root.certificate.clone();
        let verifiers =
            [TrustAnchor::new(anchor(&self.world.pki.verifier_root)).unwrap()].into_iter().collect();
        let registrars =
            [TrustAnchor::new(anchor(&self.world.pki.registrar_root)).unwrap()].into_iter().collect();
        let trust = RequestTrust::new(&verifiers, &registrars);
        let request = match Invocation::parse(link, &POLICY)?.next(&ENTROPY)? {
            Next::Request(request) => *request,
            Next::Fetch(fetch) => {
                let response = self.send(fetch.request().clone()).await;
                fetch.receive(&response)?
            }
        };
        request.authenticate(&trust, self.world.now(), &POLICY)
    }

    async fn present(
        &self,
        id: &str,
        wallet: &[Held],
        choose: impl Fn(&Solution) -> Option<Selection>,
    ) -> Option<Verdict> {
        let desk = self.verifiers.desk(id).unwrap();
        let created = desk.create().unwrap();
        let request = self.receive(&created.cross_device_link).await.unwrap();
        let holdings: Vec<Holding<'_>> = wallet.iter().map(Held::holding).collect();
        let solution = request.solve(&holdings);
        let selection = choose(&solution)?;
        let disclosures = dcql::select(&solution, &selection).unwrap();
        let copies: Vec<Copy<'_>> = disclosures
            .iter()
            .map(|disclosure| wallet.iter().find(|held| held.id == disclosure.holding).unwrap().copy())
            .collect();
        let post = request.respond(&solution, &selection, &copies, self.world.now(), &ENTROPY).unwrap();
        assert_eq!(self.send(post.into_delivery().into_post().unwrap()).await.status, 200);
        Some(desk.redeem(&created.id, Some(&created.browser), None).ok().unwrap())
    }
}

trait PublicHalf {
    fn public_key_of(&self) -> crypto::PublicKey;
}

impl PublicHalf for PrivateKey {
    fn public_key_of(&self) -> crypto::PublicKey {
        crypto::Signer::public_key(self)
    }
}

fn answers(verdict: &Verdict) -> BTreeMap<String, Value> {
    verdict.answers.iter().map(|answer| (answer.path.to_string(), answer.value.clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_good_verifier_confirms_somebody_and_nobody_can_answer_the_loan() {
    let stand = Stand::new().await;
    let people: Vec<String> = stand.world.country.personas.iter().map(|person| person.id.clone()).collect();
    let wallets: Vec<Vec<Held>> = people.iter().map(|person| stand.wallet(person)).collect();
    let mut confirmed = BTreeSet::new();
    for data in &stand.world.country.verifiers {
        let id = data["id"].as_str().unwrap();
        if id == super::IMPOSTOR {
            continue;
        }
        for wallet in &wallets {
            let Some(verdict) = stand.present(id, wallet, Solution::required_only).await else { continue };
            assert_eq!(verdict.outcome, Outcome::Confirmed, "{id} {:?}", verdict.reasons);
            assert_eq!(verdict.approved.len(), usize::from(["v-pay", "v-apply"].contains(&id)), "{id}");
            assert!(verdict.papers.iter().all(|paper| paper.not_asked == 0 && !paper.issuer.is_empty()));
            confirmed.insert(id.to_owned());
        }
    }
    let expected = [
        "v-air",
        "v-apply",
        "v-clinic",
        "v-fine",
        "v-library",
        "v-metro",
        "v-parcel",
        "v-pay",
        "v-petition",
        "v-rent",
        "v-store",
    ];
    assert_eq!(confirmed.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_comes_out_as_under_19_without_a_birth_date() {
    // p6 was born on 2010-05-17, and grows up.
    let stand = Stand::at(Arc::new(FixedClock::new(Instant::from_unix_seconds(1_795_000_000)))).await;
    for person in stand.world.country.personas.iter().map(|person| person.id.clone()).collect::<Vec<_>>() {
        let Some(verdict) = stand.present("v-store", &stand.wallet(&person), Solution::required_only).await
        else {
            continue;
        };
        let answers = answers(&verdict);
        assert_eq!(answers.len(), 1, "{person}");
        assert_eq!(answers[r#"["ageOver19"]"#], Value::Bool(person != "p6"), "{person}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mobile_document_boards_as_well_and_a_revoked_card_does_not() {
    let stand = Stand::new().await;
    let wallet = stand.wallet("p1");
    let documents = |solution: &Solution| {
        let mut selection = Selection::default();
        selection.options.insert(0, 1);
        let query = solution.query("MobileResidentCard-mdoc")?;
        let holding = query.candidates.first()?.holding.clone();
        selection
            .picks
            .insert(query.query.id.as_str().to_owned(), vec![dcql::Pick { holding, combination: None }]);
        Some(selection)
    };
    for id in ["v-air", "v-store"] {
        let verdict = stand.present(id, &wallet, documents).await.unwrap();
        assert_eq!(verdict.outcome, Outcome::Confirmed);
        assert!(
            verdict.papers[0].credential_type.starts_with("kr.example"),
            "{}",
            verdict.papers[0].credential_type
        );
    }
    stand
        .world
        .change(|state| {
            state.standings.insert("p1-resident".to_owned(), Standing::Revoked);
            Ok(())
        })
        .unwrap();
    // The verifier has seen a list a moment ago; it asks again.
    let verdict = stand.present("v-store", &wallet, documents).await.unwrap();
    assert_eq!(verdict.outcome, Outcome::NotConfirmed);
    assert_eq!(verdict.reasons[0].code, "status_invalid");
    assert!(verdict.answers.is_empty());

    stand
        .world
        .change(|state| {
            state.standings.clear();
            Ok(())
        })
        .unwrap();
    assert_eq!(stand.present("v-store", &wallet, documents).await.unwrap().outcome, Outcome::Confirmed);
    stand.world.set_stopped(STATUS, true).unwrap();
    let verdict = stand.present("v-store", &wallet, documents).await.unwrap();
    assert_eq!(verdict.outcome, Outcome::ConfirmedWeak);
    assert_eq!(verdict.reasons[0].code, "status_stale");
    let verdict = stand.present("v-library", &wallet, Solution::required_only).await.unwrap();
    assert_eq!(verdict.outcome, Outcome::ConfirmedWeak);
    assert_eq!(verdict.reasons[0].code, "status_unreachable");
}

// rule: VP-R13
#[tokio::test(flavor = "multi_thread")]
async fn registrations_hold_for_their_questions_but_for_the_two_that_ask_more() {
    let stand = Stand::new().await;
    for data in &stand.world.country.verifiers {
        let id = data["id"].as_str().unwrap();
        if id == super::IMPOSTOR {
            continue;
        }
        let created = stand.verifiers.desk(id).unwrap().create().unwrap();
        let request = stand.receive(&created.link).await.unwrap();
        if id == "v-petition" {
            assert!(!request.client().is_authenticated() && request.registrations().count() == 0);
            continue;
        }
        assert!(request.client().is_authenticated(), "{id}");
        assert_eq!(request.client().certified_name(), data["ko"].as_str(), "{id}");
        let registration = request.registrations().next().unwrap().registration();
        for text in [&registration.name, &registration.purpose] {
            assert!(!text.ko.is_empty() && !text.en.is_empty(), "{id}");
        }
        assert_eq!(registration.retention.as_ref().map(|text| text.ko.as_str()), data["retention"].as_str());
        assert!(registration.consequences_of_refusal.is_some());
        let over: Vec<String> = request
            .over_asked()
            .unwrap()
            .iter()
            .map(|one| one.claim.as_ref().map(ToString::to_string).unwrap_or_default())
            .collect();
        if id == super::SHOP {
            assert_eq!(over, [r#"["ihidnum"]"#, r#"["address","full"]"#, r#"["portrait"]"#]);
            assert!(registration.legal_basis.is_none() && registration.resident_number_basis.is_none());
        } else {
            let beyond: &[&str] = if id == super::overasking::PARCEL { &[r#"["birth"]"#] } else { &[] };
            assert_eq!(over, beyond, "{id}");
            assert!(registration.legal_basis.is_some(), "{id}");
        }
    }
}

/// A government stays up past midnight, and notices that are received then say another due date.
// rule: VP-T1
#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_paid_is_what_the_notice_says_on_the_day_of_the_request() {
    let clock = Arc::new(FixedClock::new(host::SystemClock.now()));
    let stand = Stand::at(Arc::clone(&clock) as _).await;
    let mut due = Vec::new();
    for _ in 0..2 {
        let created = stand.verifiers.desk("v-pay").unwrap().create().unwrap();
        let mut paid = Vec::new();
        for link in [&created.link, &created.cross_device_link] {
            let request = stand.receive(link).await.unwrap();
            let [transaction] = request.transactions() else { panic!("one payment") };
            match Transaction::read(transaction.type_name(), transaction.details()) {
                Some(Transaction::Payment(payment)) => paid.push(payment),
                _ => panic!("no payment"),
            }
        }
        let wallet = stand.wallet("p1");
        let held = wallet.iter().find(|held| held.id == "p1n-resident").unwrap();
        let notice = Notice::read(&held.claims);
        for payment in paid {
            assert_eq!((Some(payment.due), Some(payment.amount)), (notice.due, Some(11_330)));
        }
        due.extend(notice.due);
        clock.advance(24 * 60 * 60);
    }
    assert_eq!(due[1], due[0].plus_days(1));
}

// rule: VP-C4
#[tokio::test(flavor = "multi_thread")]
async fn the_impostor_claims_to_be_the_library_and_is_found_out() {
    let stand = Stand::new().await;
    let created = stand.verifiers.desk(super::IMPOSTOR).unwrap().create().unwrap();
    let library = stand.verifiers.desk(super::LIBRARY).unwrap().settings();
    let verifier::Identity::X509SanDns { chain, .. } = &library.identity else { panic!("not by name") };
    let claimed = Invocation::parse(&created.link, &POLICY).unwrap().claimed_client_id().as_str().to_owned();
    assert_eq!(claimed, format!("x509_hash:{}", primitives::base64url::encode(&chain.leaf().hash())));
    let error = stand.receive(&created.link).await.err().unwrap();
    assert_eq!(error.code(), "request_signature_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_and_each_page_open_in_the_browser_and_say_that_they_are_a_demonstration() {
    let stand = Stand::new().await;
    let origin = stand.world.addresses.pages_origin();
    let get = async |path: &str| {
        let response = stand.send(Request::get(Url::parse(&format!("{origin}{path}")).unwrap())).await;
        (response.status, String::from_utf8(response.body).unwrap())
    };
    for (lang, word) in [("ko", "요청 만들기"), ("en", "Begin a request")] {
        let (status, list) = get(&format!("/verifiers?lang={lang}")).await;
        assert_eq!(status, 200);
        assert!(list.contains("시연용") && list.matches(word).count() == 14);
    }
    for data in &stand.world.country.verifiers {
        let id = data["id"].as_str().unwrap();
        let begun = stand
            .send(Request::post(Url::parse(&format!("{origin}/verifiers/{id}/sessions")).unwrap()))
            .await;
        assert_eq!(begun.status, 200);
        let cookie: Vec<&str> =
            begun.headers_named("set-cookie").filter_map(|cookie| cookie.split(';').next()).collect();
        let session = begun.json().unwrap()["session"].as_str().unwrap().to_owned();
        let page = format!("{origin}/verifiers/{id}/session/{session}");
        let request = Request::get(Url::parse(&page).unwrap()).with_header("cookie", cookie.join("; "));
        let response = stand.send(request).await;
        let body = String::from_utf8(response.body).unwrap();
        assert_eq!(response.status, 200, "{id}");
        assert!(
            body.contains("openid4vp://") && body.contains("/qr.svg") && body.contains("시연용"),
            "{id}: {body}"
        );
    }
}

// rule: CI-8, VP-S2
#[tokio::test(flavor = "multi_thread")]
async fn a_card_shown_from_another_device_identifies_nobody_to_a_browser() {
    let stand = Stand::new().await;
    let mut wallet = stand.wallet("p1");
    wallet.retain(|held| held.id == "p1-resident");
    let page = Url::parse("http://127.0.0.1/authorize/nuri-nts?request_uri=x").unwrap();
    for other_device in [true, false] {
        let created = stand.identification.begin(&page, stand.world.now()).unwrap();
        let link = if other_device { &created.cross_device_link } else { &created.link };
        let request = stand.receive(link).await.unwrap();
        let solution = request.solve(&[wallet[0].holding()]);
        let selection = solution.required_only().unwrap();
        let copies = [wallet[0].copy()];
        let post = request.respond(&solution, &selection, &copies, stand.world.now(), &ENTROPY).unwrap();
        let reply = stand.send(post.into_delivery().into_post().unwrap()).await.json().unwrap();
        let back = reply.get("redirect_uri").map(|back| Url::parse(back.as_str().unwrap()).unwrap());
        assert_eq!(back.is_none(), other_device);
        let code = back.and_then(|back| back.query_pairs().next().map(|(_, code)| code.into_owned()));
        let (id, browser) = (created.id.as_str(), Some(created.browser.as_str()));
        let led = stand.identification.done(&stand.world, id, browser, code.as_deref());
        assert_eq!(led.is_none(), other_device, "who is at the browser is not known from another device");
        assert_eq!(stand.identification.known(browser, &page, stand.world.now()).is_none(), other_device);
    }
}
