//! The attestation of holder keys: asked of the profile's wallet provider where an issuer demands one, all keys of a batch at once.
//!
//! The service is asked with `{"key_proofs": [JWT, …], "nonce": …}`: a `typ wallet-key-proof+jwt` of each key, with the key as `jwk` in the header, `aud`
//! the provider's address, `iat`, `jti` and the issuer's `c_nonce` as `nonce`; it answers `{"key_attestation": JWT}`. It learns neither the citizen nor
//! the issuer. (OpenID4VCI 1.0 appendix D leaves this exchange to the provider.) CI-17, CI-18, HA-4.
//!
//! The keys are software keys under the OS keyring: "basic" is said of their storage at most, nothing of who may use them, and an attestation that says more
//! is not sent.

use std::sync::Arc;

use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, PublicKey};
use openid4vci::holder::{Attesting, Context, HolderKey, KeyAttestor, SigningFailed};
use openid4vci::key_attestation::{self, Content, ISO_18045_BASIC};
use openid4vci::metadata::KeyAttestationPower;
use primitives::http::{Request, Response};
use primitives::json;
use serde_json::{Map, Value, json};
use trust::CertificateChain;
use url::Url;

use super::MAX_ANSWER_BYTES;
use crate::app::Wallet;
use crate::profile::WalletProviderAccess;

/// `typ` of the proof of a holder key.
pub const KEY_PROOF_TYPE: &str = "wallet-key-proof+jwt";
/// How long an attestation that a developer's own key makes is valid, in seconds.
const DEVELOPER_LIFE_SECONDS: i64 = 600;

/// What every attestation of this wallet's keys says.
const SOFTWARE_KEYS: KeyAttestationPower =
    KeyAttestationPower { available: true, key_storage: &[ISO_18045_BASIC], user_authentication: &[] };

impl Wallet {
    /// What can be attested of this wallet's keys with this profile.
    pub(crate) fn key_attestation_power(&self) -> KeyAttestationPower {
        self.key_attestor().map_or_else(KeyAttestationPower::default, |it| it.power())
    }

    /// Who attests keys; nobody if the profile names nobody for it.
    pub(crate) fn key_attestor(&self) -> Option<Arc<dyn KeyAttestor>> {
        match self.profile.wallet_provider.as_ref()? {
            WalletProviderAccess::Service { key_attestation, .. } => {
                Some(Arc::new(Service { address: key_attestation.clone()? }))
            }
            WalletProviderAccess::Developer { private_key_pem, chain, .. } => {
                let key = PrivateKey::from_pkcs8_pem(private_key_pem.expose_str()?).ok()?;
                let chain = CertificateChain::from_der(chain).ok()?;
                Some(Arc::new(Developer { key, chain }))
            }
        }
    }
}

/// The provider's service.
struct Service {
    address: Url,
}

impl KeyAttestor for Service {
    fn power(&self) -> KeyAttestationPower {
        SOFTWARE_KEYS
    }

    fn ask(
        &self,
        keys: &[HolderKey],
        nonce: Option<&str>,
        context: &Context<'_>,
    ) -> Result<Attesting, SigningFailed> {
        let proof = |key: &HolderKey| {
            let mut claims = Map::new();
            claims.insert("aud".to_owned(), Value::from(self.address.as_str()));
            claims.insert("iat".to_owned(), Value::from(context.now.unix_seconds()));
            let unique = crypto::random::token(context.entropy).map_err(|_| SigningFailed::Entropy)?;
            claims.insert("jti".to_owned(), Value::from(unique));
            if let Some(nonce) = nonce {
                claims.insert("nonce".to_owned(), Value::from(nonce));
            }
            let header = HeaderBuilder::new(KEY_PROOF_TYPE).jwk(&key.signer().public_key().to_jwk());
            header.sign_claims(&claims, key.signer()).map_err(|_| SigningFailed::Key)
        };
        let proofs = keys.iter().map(proof).collect::<Result<Vec<_>, _>>()?;
        let mut body = json!({ "key_proofs": proofs });
        if let (Some(nonce), Some(object)) = (nonce, body.as_object_mut()) {
            object.insert("nonce".to_owned(), Value::from(nonce));
        }
        // the profile names this address, not the issuer
        let request = Request::post_json(self.address.clone(), &body)
            .with_max_response_bytes(MAX_ANSWER_BYTES)
            .named_by(&self.address);
        Ok(Attesting::Ask(Box::new(request)))
    }

    fn answer(&self, response: &Response) -> Option<String> {
        let answer = json::parse_strict_object(&response.body, MAX_ANSWER_BYTES).ok()?;
        let attestation = answer.get("key_attestation").and_then(Value::as_str)?;
        (response.status == 200).then(|| attestation.to_owned())
    }
}

/// A developer's own key.
struct Developer {
    key: PrivateKey,
    chain: CertificateChain,
}

impl KeyAttestor for Developer {
    fn power(&self) -> KeyAttestationPower {
        SOFTWARE_KEYS
    }

    fn ask(
        &self,
        keys: &[HolderKey],
        nonce: Option<&str>,
        context: &Context<'_>,
    ) -> Result<Attesting, SigningFailed> {
        let keys: Vec<PublicKey> = keys.iter().map(|key| key.signer().public_key()).collect();
        let content = Content {
            keys: &keys,
            nonce,
            key_storage: SOFTWARE_KEYS.key_storage,
            user_authentication: SOFTWARE_KEYS.user_authentication,
            issued_at: context.now,
            expires_at: context.now + DEVELOPER_LIFE_SECONDS,
        };
        key_attestation::issue(&content, &self.chain, &self.key).map(Attesting::Done)
    }

    fn answer(&self, _response: &Response) -> Option<String> {
        None
    }
}
