//! What the issuer issues, and what the wallet provider attests.

use super::*;

impl Server {
    /// The wallet provider: it attests what it is shown, and believes everything.
    pub(super) fn provide(&self, request: &Request, path: &str) -> Response {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let key = |proof: &Value| {
            let proof = crypto::jws::UnverifiedJws::parse(proof.as_str().unwrap()).unwrap();
            *proof.header().jwk().unwrap().key()
        };
        if path == "/attestation" {
            let key = key(&body["proof"]);
            let content = openid4vci::client_attestation::AttestationContent {
                provider: "https://provider.example",
                client_id: "citizen-wallet",
                wallet_name: None,
                key: &key,
                issued_at: self.now(),
                expires_at: self.now() + DAY,
            };
            let jwt =
                openid4vci::client_attestation::issue(&content, &self.provider.chain, &self.provider.key);
            return Response::of_json(200, &json!({ "wallet_attestation": jwt.unwrap() }));
        }
        let keys: Vec<PublicKey> = body["key_proofs"].as_array().unwrap().iter().map(key).collect();
        let content = openid4vci::key_attestation::Content {
            keys: &keys,
            nonce: body["nonce"].as_str(),
            key_storage: &self.provider_says,
            user_authentication: &[],
            issued_at: self.now(),
            expires_at: self.now() + 600,
        };
        let jwt = openid4vci::key_attestation::issue(&content, &self.provider.chain, &self.provider.key);
        Response::of_json(200, &json!({ "key_attestation": jwt.unwrap() }))
    }

    pub(super) fn issue(&mut self, request: &VerifiedCredentialRequest) -> Vec<String> {
        let id = request.configuration.id.clone();
        let mode = self.configurations[&id].mode.clone();
        let mut keys = request.keys.clone();
        if mode.foreign_key {
            // A copy that should be bound to no key is bound to one as well.
            keys.truncate(keys.len().saturating_sub(1));
            keys.insert(0, PrivateKey::generate(&entropy()).unwrap().public_key());
        }
        let mut claims = self.configurations[&id].claims.clone();
        if let Some(named) = &request.paper.credential_identifier
            && claims.get("name").is_some()
        {
            claims["name"] = json!(named);
        }
        if keys.is_empty() {
            return vec![self.issue_unbound(&id, &claims)];
        }
        keys.iter()
            .enumerate()
            .map(|(at, key)| {
                if let (Some(name), true) = (mode.differing, at > 0) {
                    claims[name] = json!(format!("another {at}"));
                }
                let mut mode = mode.clone();
                mode.telling = mode.telling.filter(|_| at > 0);
                mode.parted = mode.parted.filter(|_| at == 0);
                self.issue_one(&id, &claims, &mode, key)
            })
            .collect()
    }

    fn issue_unbound(&self, id: &str, claims: &Value) -> String {
        let CredentialType::SdJwtVc { vct } = &self.configurations[id].credential_type else {
            panic!("an mdoc is bound")
        };
        test_world::card(vct, claims.clone(), self.now()..self.now() + 365 * DAY)
            .sign(&self.issuer.key, &self.issuer.chain, &entropy())
            .unwrap()
    }

    fn issue_one(&mut self, id: &str, claims: &Value, mode: &Mode, key: &PublicKey) -> String {
        let party = if mode.stranger { self.stranger.clone() } else { self.issuer.clone() };
        let now = self.now();
        let expires = now + mode.expires.unwrap_or(3650 * DAY).min(1500 * DAY);
        let status = mode.status.then(|| {
            self.next_index += 1;
            StatusReference::new(STATUS, self.next_index).unwrap()
        });
        let entropy = entropy();
        let configuration = &self.configurations[id];
        match &configuration.credential_type {
            CredentialType::SdJwtVc { vct } => {
                let vct = if mode.other_type { "urn:nuri-demo:Voucher:1" } else { vct };
                let claims = claims.as_object().unwrap().clone();
                let mut issuance = sd_jwt_vc::Issuance::new(vct, claims.clone());
                let told = |name: &str| configuration.always.contains(&name) || mode.telling == Some(name);
                for name in claims.keys().filter(|name| !told(name)) {
                    let parts = claims[name].as_object().filter(|_| mode.parted == Some(name));
                    match parts {
                        Some(parts) => {
                            for part in parts.keys() {
                                let path = primitives::ClaimPath::of_names([name.as_str(), part.as_str()]);
                                issuance = issuance.disclosable(path.unwrap());
                            }
                        }
                        None => {
                            issuance = issuance.disclosable(primitives::ClaimPath::top_level(name.as_str()));
                        }
                    }
                }
                issuance = issuance.issued_at(now).expires(expires).holder_key(key);
                if let Some(seconds) = mode.not_before {
                    issuance = issuance.not_before(now + seconds);
                }
                if let Some(reference) = &status {
                    issuance = issuance.status(reference);
                }
                if let Some(name) = mode.names {
                    issuance = issuance.issuer(name);
                }
                issuance.sign(&party.key, &party.chain, &entropy).unwrap()
            }
            CredentialType::Mdoc { doctype } => {
                let validity = mdoc::Validity {
                    signed: now,
                    valid_from: now,
                    valid_until: expires,
                    expected_update: None,
                };
                let mut issuance = mdoc::Issuance::new(doctype, validity);
                if let Some(name_space) = mode.device_may_sign {
                    issuance = issuance.key_authorizations(mdoc::KeyAuthorizations {
                        name_spaces: vec![name_space.to_owned()],
                        ..mdoc::KeyAuthorizations::default()
                    });
                }
                for (name, value) in claims.as_object().unwrap() {
                    let value = match value.as_str().and_then(|text| text.strip_prefix("bytes:")) {
                        Some(text) => mdoc::ElementValue::Bytes(text.as_bytes().to_vec()),
                        None => mdoc::ElementValue::from_json(value).unwrap(),
                    };
                    issuance = issuance.element(NAME_SPACE, name.as_str(), value);
                }
                if let Some(reference) = status {
                    issuance = issuance.status(reference);
                }
                issuance.sign(key, &party.key, &party.chain, &entropy).unwrap().to_base64url()
            }
        }
    }
}

fn vct(key: &str) -> CredentialType {
    CredentialType::sd_jwt_vc(civic::Catalogue.by_key(key).unwrap().vct)
}

pub fn types() -> Vec<CredentialType> {
    let names = [
        "MobileResidentCard",
        "LocalTaxNotice",
        "DisabilityCertificate",
        "Voucher",
        "BasicLivelihoodCertificate",
    ];
    let mut types: Vec<CredentialType> = names.into_iter().map(vct).collect();
    types.push(CredentialType::mdoc("kr.example.nuri.resident.1"));
    types.push(CredentialType::sd_jwt_vc("urn:foreign:1"));
    types
}

pub fn configurations() -> BTreeMap<String, Configuration> {
    let make = |credential_type: CredentialType, claims: Value, always: &[&'static str]| Configuration {
        credential_type,
        claims,
        always: always.to_vec(),
        mode: Mode::default(),
    };
    [
        (
            "resident",
            make(
                vct("MobileResidentCard"),
                json!({
                    "name": "김하늘-fixture", "birth": "1988-06-14", "sex": "여", "ageOver19": true,
                    "ihidnumMasked": "880614-0******",
                    "address": { "full": "가람시 fixture로 1", "sido": "가람도", "sigungu": "가람시" },
                    "issueDate": "2026-05-01",
                }),
                &[],
            ),
        ),
        (
            "resident_mdoc",
            make(
                CredentialType::mdoc("kr.example.nuri.resident.1"),
                json!({ "name": "김하늘-fixture", "birth": "1988-06-14", "portrait": "bytes:picture" }),
                &[],
            ),
        ),
        (
            "notice",
            make(
                vct("LocalTaxNotice"),
                json!({
                    "title": "재산세 고지서", "payer": "김하늘-fixture", "amountInDue": 100_000,
                    "amountAfterDue": 103_000, "due": "2027-01-31", "lateRule": "local", "autoDebit": false,
                    "components": [{ "ko": "재산세", "amount": 100_000 }], "ePayNumber": "1234-fixture",
                }),
                &["title", "amountInDue", "amountAfterDue", "due", "lateRule", "autoDebit", "components"],
            ),
        ),
        (
            "disability",
            make(
                vct("DisabilityCertificate"),
                json!({ "name": "김하늘-fixture", "disabilityType": "지체-fixture", "degree": "심한-fixture" }),
                &[],
            ),
        ),
        (
            "voucher",
            make(
                vct("Voucher"),
                json!({
                    "title": "농식품 이용권", "granted": 100_000, "used": 0, "balance": 100_000,
                    "validUntil": "2027-02-10",
                }),
                &["title"],
            ),
        ),
        (
            "foreign",
            make(
                CredentialType::sd_jwt_vc("urn:foreign:1"),
                json!({ "colour": "blue-fixture", "nothing": null, "picture": "data:image/svg+xml;base64,AAAA" }),
                &[],
            ),
        ),
    ]
    .into_iter()
    .map(|(id, configuration)| (id.to_owned(), configuration))
    .collect()
}
