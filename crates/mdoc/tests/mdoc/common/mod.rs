//! An authority, a document signer, an mdoc and a holder; and tools to take structures apart and put them together wrongly.

use crypto::cbor::Value;
use crypto::cose::Sign1Builder;
use crypto::{PrivateKey, Signer};
use mdoc::{
    DeviceResponse, DeviceResponseError, ElementValue, Issuance, IssuerSigned, KeyAuthorizations, MdocError,
    SessionTranscript, Validity, VerifiedDeviceResponse, VerifiedMdoc,
};
use primitives::test_support::SequenceEntropy;
use primitives::{CivilDate, Instant};
use trust::certificate::builder::{CertificateBuilder, Purpose, Subject, Validity as CertificateValidity};
use trust::status::StatusReference;
use trust::{
    AnchorStore, Certificate, CertificateChain, CredentialType, Issuer, IssuerEntitlements, TrustAnchor,
};

pub const DOC_TYPE: &str = "kr.go.example.resident.1";
pub const NAME_SPACE: &str = "kr.go.example.resident.1";
pub const DAY: i64 = 24 * 60 * 60;

pub fn now() -> Instant {
    Instant::parse_rfc3339("2026-11-21T13:00:00Z").unwrap()
}

pub struct World {
    pub authority: Certificate,
    pub signer_key: PrivateKey,
    pub chain: CertificateChain,
    pub anchors: AnchorStore<Issuer>,
    pub device_key: PrivateKey,
    pub entropy: SequenceEntropy,
}

pub fn key(seed: u64) -> PrivateKey {
    PrivateKey::generate(&SequenceEntropy::new(seed)).unwrap()
}

pub fn signer_certificate() -> CertificateBuilder {
    CertificateBuilder::leaf(
        Subject::new("시연용 문서 서명자").organisation("시연용 행정기관").country("KR"),
        CertificateValidity::days(now() - 30 * DAY, 400),
    )
}

pub fn anchors(authority: &Certificate, entitlements: IssuerEntitlements) -> AnchorStore<Issuer> {
    [TrustAnchor::for_issuer(authority.clone(), entitlements).unwrap()].into_iter().collect()
}

impl World {
    pub fn new() -> Self {
        Self::with_signer_certificate(signer_certificate().with_purpose(Purpose::MdocDocumentSigner))
    }

    pub fn with_signer_certificate(certificate: CertificateBuilder) -> Self {
        let entropy = SequenceEntropy::new(7);
        let (authority_key, signer_key) = (key(1), key(2));
        let authority = CertificateBuilder::authority(
            Subject::new("시연용 기관").country("KR"),
            CertificateValidity::days(now() - 365 * DAY, 3650),
        )
        .self_signed(&authority_key, &entropy)
        .unwrap();
        let leaf =
            certificate.issued_by(&signer_key.public_key(), &authority, &authority_key, &entropy).unwrap();
        let chain = CertificateChain::from_der(&[leaf.der()]).unwrap();
        let anchors = anchors(&authority, IssuerEntitlements::types([CredentialType::mdoc(DOC_TYPE)]));
        Self { authority, signer_key, chain, anchors, device_key: key(3), entropy }
    }

    pub fn sign(&self, issuance: &Issuance) -> IssuerSigned {
        issuance.sign(&self.device_key.public_key(), &self.signer_key, &self.chain, &self.entropy).unwrap()
    }

    pub fn mdoc(&self) -> IssuerSigned {
        self.sign(&issuance())
    }

    /// What a holder does with received bytes.
    pub fn receive(&self, bytes: &[u8], now: Instant) -> Result<VerifiedMdoc, MdocError> {
        Ok(IssuerSigned::parse(bytes)?.verify(DOC_TYPE, &self.anchors, now)?)
    }

    /// The error of a holder that receives these bytes now.
    pub fn refusal(&self, bytes: &[u8]) -> MdocError {
        self.receive(bytes, now()).err().expect("the mdoc must be refused")
    }

    /// The response of the holder with these elements.
    pub fn respond(&self, elements: &[&str]) -> Vec<u8> {
        let disclosure = self.mdoc().select(elements.iter().map(|element| (NAME_SPACE, *element))).unwrap();
        disclosure.respond(&transcript(), &self.device_key).unwrap()
    }

    /// What a verifier does with received bytes.
    pub fn check(&self, bytes: &[u8]) -> Result<VerifiedDeviceResponse, DeviceResponseError> {
        DeviceResponse::parse(bytes)?.verify(&transcript(), &self.anchors, now())
    }

    /// The error of a verifier that receives these bytes.
    pub fn response_refusal(&self, bytes: &[u8]) -> DeviceResponseError {
        self.check(bytes).err().expect("the response must be refused")
    }

    /// An `IssuerSigned` whose security object was changed and signed by the true signer.
    pub fn with_security_object(&self, change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let mut issuer_signed = parse(&self.mdoc().to_bytes());
        let Value::Array(sign1) = member(&mut issuer_signed, "issuerAuth") else { panic!("issuerAuth") };
        let mut object = embedded(&parse(sign1[2].as_bytes().unwrap()));
        change(&mut object);
        let payload = encode(&embed(&object));
        *member(&mut issuer_signed, "issuerAuth") = self.issuer_auth(&payload);
        encode(&issuer_signed)
    }

    /// `issuerAuth` over any payload.
    pub fn issuer_auth(&self, payload: &[u8]) -> Value {
        Sign1Builder::new()
            .x5chain(&self.chain.to_der())
            .sign(&self.signer_key, payload, &[])
            .unwrap()
            .to_value()
    }
}

pub fn validity() -> Validity {
    Validity {
        signed: now() - 3600,
        valid_from: now() - 3600,
        valid_until: now() + 30 * DAY,
        expected_update: Some(now() + 20 * DAY),
    }
}

pub fn issuance() -> Issuance {
    Issuance::new(DOC_TYPE, validity())
        .element(NAME_SPACE, "family_name", ElementValue::Text("김".into()))
        .element(NAME_SPACE, "given_name", ElementValue::Text("하늘".into()))
        .element(NAME_SPACE, "birth_date", ElementValue::FullDate(CivilDate::parse("1988-06-14").unwrap()))
        .element(NAME_SPACE, "age_over_19", ElementValue::Boolean(true))
        .element(NAME_SPACE, "portrait", ElementValue::Bytes(vec![0xff, 0xd8, 0xff]))
        .status(StatusReference::new("https://status.example/1", 42).unwrap())
}

/// May sign `confirmed` of one name space and everything of another.
pub fn authorizations() -> KeyAuthorizations {
    KeyAuthorizations {
        name_spaces: vec!["kr.go.example.free.1".into()],
        data_elements: [(NAME_SPACE.to_owned(), vec!["confirmed".to_owned()])].into(),
    }
}

pub const CLIENT_ID: &str = "x509_hash:8Jk_0Kl2mN3oP4qR5sT6uV7wX8yZ9aB0cD1eF2gH3iI";
pub const NONCE: &str = "exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA";
pub const RESPONSE_URI: &str = "https://verifier.example/response";

pub fn transcript() -> SessionTranscript {
    SessionTranscript::openid4vp_redirect(CLIENT_ID, NONCE, Some(&[7; 32]), RESPONSE_URI)
}

pub fn parse(bytes: &[u8]) -> Value {
    crypto::cbor::parse(bytes, bytes.len()).unwrap()
}

pub fn encode(value: &Value) -> Vec<u8> {
    crypto::cbor::encode(value)
}

/// The member of a map with this text key.
pub fn member<'v>(map: &'v mut Value, name: &str) -> &'v mut Value {
    let entries = map.as_map_mut().unwrap();
    &mut entries
        .iter_mut()
        .find(|(key, _)| key.as_text() == Some(name))
        .unwrap_or_else(|| panic!("no {name}"))
        .1
}

/// Takes a member out of a map.
pub fn remove(map: &mut Value, name: &str) {
    map.as_map_mut().unwrap().retain(|(key, _)| key.as_text() != Some(name));
}

/// Adds a member to a map.
pub fn add(map: &mut Value, name: &str, value: Value) {
    map.as_map_mut().unwrap().push((Value::Text(name.to_owned()), value));
}

/// What stands inside tag 24.
pub fn embedded(value: &Value) -> Value {
    let Value::Tag(24, content) = value else { panic!("not embedded") };
    parse(content.as_bytes().unwrap())
}

/// Tag 24 around a value.
pub fn embed(value: &Value) -> Value {
    Value::Tag(24, Box::new(Value::Bytes(encode(value))))
}

/// The bytes with the item of this element changed, and not signed anew.
pub fn with_item(issuer_signed: &[u8], element: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = parse(issuer_signed);
    change_item(&mut value, element, change);
    encode(&value)
}

pub fn change_item(issuer_signed: &mut Value, element: &str, change: impl FnOnce(&mut Value)) {
    let items = member(member(issuer_signed, "nameSpaces"), NAME_SPACE).as_array_mut().unwrap();
    for item in items {
        let mut content = embedded(item);
        if member(&mut content, "elementIdentifier").as_text() == Some(element) {
            change(&mut content);
            *item = embed(&content);
            return;
        }
    }
    panic!("no {element}");
}

/// The one document of a response.
pub fn document(response: &mut Value) -> &mut Value {
    &mut member(response, "documents").as_array_mut().unwrap()[0]
}

/// The response with something changed, and not signed anew.
pub fn with_response(response: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = parse(response);
    change(&mut value);
    encode(&value)
}
