//! A wallet of few lines: the holder's state machines over the real HTTP client, and the government it calls.

#![allow(dead_code, unreachable_pub)]

use std::path::Path;
use std::sync::Arc;

use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, Signer as _, SystemEntropy};
use demo_government::{Config, Government};
use host::{AddressPolicy, HttpClient, SystemClock, TlsRoots};
use openid4vci::holder::*;
use openid4vci::offer::{CredentialOffer, OfferSource};
use primitives::http::{Request, Response};
use primitives::{Clock as _, Http as _, NonEmpty};
use serde_json::{Map, Value, json};
use trust::status::{StatusAuthority, StatusFormat, StatusListToken, StatusState};
use trust::trust_list::{Anchors, SignedTrustList, VerifiedTrustList};
use trust::{AnchorStore, Certificate, TrustAnchor};
use url::Url;

pub async fn start(folder: &Path) -> Government {
    Government::start(Config { folder: Some(folder.to_owned()), port_base: Some(0) }).await.unwrap()
}

pub struct TestWallet {
    pub client: HttpClient,
    pub profile: Value,
    pub anchors: Anchors,
    pub list: VerifiedTrustList,
}

pub fn certificate(pem: &Value) -> Certificate {
    Certificate::from_pem(pem.as_str().unwrap()).unwrap()
}

/// A client that trusts the demo root alone and may call these ports.
pub fn http_client(profile: &Value) -> HttpClient {
    let ports = profile["loopback"]["ports"].as_array().unwrap();
    let ports = ports.iter().map(|port| u16::try_from(port.as_u64().unwrap()).unwrap()).collect();
    let policy = AddressPolicy::with_loopback(host::http::PortSet::These(ports), true);
    let root = certificate(&profile["tlsRoots"][0]).der().to_vec();
    HttpClient::new(policy, &TlsRoots::only(vec![root])).unwrap()
}

impl TestWallet {
    pub async fn new(government: &Government) -> Self {
        let profile: Value = serde_json::from_str(government.profile_json()).unwrap();
        let client = http_client(&profile);
        let uri = Url::parse(profile["trustList"]["uri"].as_str().unwrap()).unwrap();
        let answer = client.send(Request::get(uri)).await.unwrap();
        let mut signers = AnchorStore::new();
        signers.add(TrustAnchor::new(certificate(&profile["trustList"]["signers"][0])).unwrap());
        let list = SignedTrustList::parse(std::str::from_utf8(&answer.body).unwrap()).unwrap();
        let list = list.verify(&signers, None, SystemClock.now()).unwrap();
        Self { client, profile, anchors: list.anchors().clone(), list }
    }

    pub fn context(&self) -> Context<'_> {
        Context { now: SystemClock.now(), entropy: &SystemEntropy, issuers: &self.anchors.issuers }
    }

    pub async fn get(&self, url: &str) -> Response {
        self.client.send(Request::get(Url::parse(url).unwrap())).await.unwrap()
    }

    pub async fn drive<E: Exchange>(&self, mut exchange: E) -> Result<E::Next, E::Error> {
        for _ in 0..20 {
            let request = exchange.request(&self.context())?;
            let response = self.client.send(request).await.expect("an answer");
            match exchange.receive(&response, &self.context())? {
                Step::Again(next) => exchange = next,
                Step::Done(next) => return Ok(next),
            }
        }
        panic!("the step does not end");
    }

    pub async fn resolve(&self, link: &str) -> ResolvedOffer {
        let OfferSource::ByValue(offer) = OfferSource::parse(link).unwrap() else { panic!("by value") };
        self.resolve_offer(offer).await
    }

    pub async fn resolve_offer(&self, offer: CredentialOffer) -> ResolvedOffer {
        let policy = DiscoveryPolicy {
            loopback_authorization_page: true,
            keys: self.key_attestor().power(),
            ..DiscoveryPolicy::default()
        };
        self.drive(Discovery::new(offer, policy)).await.unwrap()
    }

    pub fn attestation_proof(&self, key: &PrivateKey, address: &str, jti: &str) -> String {
        self.proof_with(key, "wallet-instance-proof+jwt", address, jti, 0)
    }

    /// A proof of some type, so many seconds from now.
    pub fn proof_with(&self, key: &PrivateKey, typ: &str, address: &str, jti: &str, seconds: i64) -> String {
        let mut claims = Map::new();
        claims.insert("aud".into(), json!(address));
        claims.insert("iat".into(), json!(SystemClock.now().unix_seconds() + seconds));
        claims.insert("jti".into(), json!(jti));
        HeaderBuilder::new(typ).jwk(&key.public_key().to_jwk()).sign_claims(&claims, key).unwrap()
    }

    pub async fn attested_client(&self) -> Client {
        let key = Arc::new(PrivateKey::generate(&SystemEntropy).unwrap());
        let address = self.profile["walletProvider"]["attestation"].as_str().unwrap();
        let jti = crypto::random::token(&SystemEntropy).unwrap();
        let proof = self.attestation_proof(&key, address, &jti);
        let request = Request::post_json(Url::parse(address).unwrap(), &json!({ "proof": proof }));
        let answer = self.client.send(request).await.unwrap();
        assert_eq!(answer.status, 200);
        let jwt = answer.json().unwrap()["wallet_attestation"].as_str().unwrap().to_owned();
        Client::attested(ClientAttestation::new(jwt, key).unwrap(), dpop_key())
    }

    pub async fn authorized(&self, link: &str, tx_code: Option<&str>) -> Authorized {
        let resolved = self.resolve(link).await;
        let client = self.attested_client().await;
        self.drive(resolved.pre_authorized(client, &[], tx_code).unwrap()).await.unwrap()
    }

    /// Requests each paper that was granted, in so many copies, and verifies them; waits for deferred ones.
    pub async fn collect(&self, mut authorized: Authorized, count: usize) -> Vec<ReceivedCopies> {
        let mut collected = Vec::new();
        for paper in authorized.papers().to_vec() {
            let exchange = authorized
                .request_credential(
                    &paper,
                    holder_keys(count),
                    Some(Arc::new(self.key_attestor())),
                    &self.context(),
                )
                .unwrap();
            let issued = match self.drive(exchange).await {
                Ok(issued) => issued,
                Err(error) => panic!("{paper:?}: {error:?}"),
            };
            match issued.outcome {
                Outcome::Received(copies) => collected.push(*copies),
                Outcome::Deferred(session) => collected.push(self.wait(*session).await),
            }
            authorized = issued.authorized;
        }
        collected
    }
}

impl TestWallet {
    async fn wait(&self, mut session: DeferredSession) -> ReceivedCopies {
        for _ in 0..10 {
            match self
                .drive(session.poll(&SystemEntropy).unwrap())
                .await
                .map_err(|failure| failure.error)
                .unwrap()
            {
                DeferredOutcome::Received(copies) => return *copies,
                DeferredOutcome::Pending(again) => session = *again,
            }
            tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        }
        panic!("deferred for ever");
    }

    /// What the status list says of a copy, as its verifier would find it.
    pub async fn status(&self, copy: &ReceivedCopy, format: StatusFormat) -> StatusState {
        let credential = copy.credential();
        let reference = credential.status().unwrap();
        let request =
            Request::get(Url::parse(reference.uri()).unwrap()).with_header("accept", format.media_type());
        let answer = self.client.send(request).await.unwrap();
        assert_eq!(answer.content_type().as_deref(), Some(format.media_type()));
        let authority = StatusAuthority {
            credential: credential.issuer().anchor(),
            signers: &self.anchors.status_signers,
        };
        let token = StatusListToken::parse(format, &answer.body).unwrap();
        token.verify(reference, &authority, SystemClock.now()).unwrap().state(reference).unwrap()
    }
}

/// Asks the demo's wallet provider for the attestation of keys.
pub struct Attestor {
    pub address: String,
}

impl TestWallet {
    pub fn key_attestor(&self) -> Attestor {
        Attestor { address: self.profile["walletProvider"]["keyAttestation"].as_str().unwrap().to_owned() }
    }
}

impl Attestor {
    pub fn proof(&self, key: &dyn crypto::Signer, nonce: Option<&str>, jti: &str) -> String {
        let mut claims = Map::new();
        claims.insert("aud".into(), json!(self.address));
        claims.insert("iat".into(), json!(SystemClock.now().unix_seconds()));
        claims.insert("jti".into(), json!(jti));
        claims.extend(nonce.map(|nonce| ("nonce".to_owned(), json!(nonce))));
        let header = HeaderBuilder::new("wallet-key-proof+jwt").jwk(&key.public_key().to_jwk());
        header.sign_claims(&claims, key).unwrap()
    }
}

impl KeyAttestor for Attestor {
    fn power(&self) -> openid4vci::metadata::KeyAttestationPower {
        openid4vci::metadata::KeyAttestationPower {
            available: true,
            key_storage: &["iso_18045_basic"],
            user_authentication: &[],
        }
    }

    fn ask(
        &self,
        keys: &[HolderKey],
        nonce: Option<&str>,
        _: &Context<'_>,
    ) -> Result<Attesting, SigningFailed> {
        let unique = || crypto::random::token(&SystemEntropy).unwrap();
        let proofs: Vec<String> = keys.iter().map(|key| self.proof(key.signer(), nonce, &unique())).collect();
        let url = Url::parse(&self.address).unwrap();
        let body = json!({ "key_proofs": proofs, "nonce": nonce });
        Ok(Attesting::Ask(Box::new(Request::post_json(url, &body))))
    }

    fn answer(&self, response: &Response) -> Option<String> {
        response.json().ok()?.get("key_attestation")?.as_str().map(str::to_owned)
    }
}

pub fn dpop_key() -> DpopKey {
    DpopKey::new(Arc::new(PrivateKey::generate(&SystemEntropy).unwrap()), "dpop".into())
}

pub fn holder_keys(count: usize) -> HolderKeys {
    let key =
        |at| HolderKey::new(Arc::new(PrivateKey::generate(&SystemEntropy).unwrap()), format!("key-{at}"));
    NonEmpty::new((0..count).map(key).collect()).unwrap()
}
