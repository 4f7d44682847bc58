//! The wallet attestation: asked of the profile's wallet provider at issuance, with a key that is fresh for each issuer.
//!
//! A wallet works without its provider: nothing but issuance where the issuer asks for an attestation needs it.
//! The service is asked with `{"proof": JWT}`: `typ wallet-instance-proof+jwt`, the new key as `jwk` in the header, `aud`
//! the provider's address, `iat`, `jti`; it answers `{"wallet_attestation": JWT}` (draft-ietf-oauth-attestation-based-client-auth
//! leaves this exchange to the provider).

mod keys;

pub use keys::KEY_PROOF_TYPE;

use std::sync::Arc;

use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, Signer as _};
use openid4vci::client_attestation::{self, AttestationContent};
use openid4vci::holder::ClientAttestation;
use primitives::http::Request;
use primitives::{Blame, Left, Refusal, json};
use serde_json::{Map, Value, json};
use trust::CertificateChain;
use url::Url;

use crate::app::Wallet;
use crate::flow::Fault;
use crate::net::NetError;
use crate::profile::WalletProviderAccess;

/// `typ` of the proof of a new key.
pub const PROOF_TYPE: &str = "wallet-instance-proof+jwt";
/// The largest answer of a provider, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// How long an attestation that a developer's own key makes is valid, in seconds.
const DEVELOPER_LIFE_SECONDS: i64 = 3600;

/// Why there is no attestation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
    /// The profile names no wallet provider and the issuer wants an attestation.
    #[error("the issuer asks for a wallet attestation and the profile names no wallet provider")]
    NoProvider,
    /// The provider's answer is none.
    #[error("the wallet provider's answer is no attestation")]
    Answer,
    /// The developer's key or certificate cannot be used.
    #[error("the profile's key or certificate for attestations cannot be used")]
    DeveloperKey,
    /// A key would not sign.
    #[error("the attestation's key did not sign")]
    Signing,
}

impl Refusal for AttestationError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoProvider => "attestation_no_provider",
            Self::Answer => "attestation_answer",
            Self::DeveloperKey => "attestation_developer_key",
            Self::Signing => "attestation_signing",
        }
    }
    fn rule(&self) -> &'static str {
        "CI-12"
    }
    fn blame(&self) -> Blame {
        match self {
            Self::NoProvider | Self::DeveloperKey => Blame::Computer,
            Self::Answer => Blame::Network,
            Self::Signing => Blame::Application,
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl Wallet {
    /// An attestation of this fresh key.
    pub(crate) async fn attest(&self, key: Arc<PrivateKey>) -> Result<ClientAttestation, Fault> {
        let jwt = match &self.profile.wallet_provider {
            None => return Err(AttestationError::NoProvider.into()),
            Some(WalletProviderAccess::Service { attestation, .. }) => {
                self.ask_provider(attestation, &key).await?
            }
            Some(WalletProviderAccess::Developer { private_key_pem, chain, client_id }) => {
                self.attest_as_developer(private_key_pem, chain, client_id, &key)?
            }
        };
        ClientAttestation::new(jwt, key).map_err(|_| AttestationError::Answer.into())
    }

    async fn ask_provider(&self, address: &Url, key: &PrivateKey) -> Result<String, Fault> {
        let mut claims = Map::new();
        claims.insert("aud".to_owned(), Value::from(address.as_str()));
        claims.insert("iat".to_owned(), Value::from(self.now().unix_seconds()));
        let unique =
            crypto::random::token(self.ports.entropy.as_ref()).map_err(|_| AttestationError::Signing)?;
        claims.insert("jti".to_owned(), Value::from(unique));
        let proof = HeaderBuilder::new(PROOF_TYPE)
            .jwk(&key.public_key().to_jwk())
            .sign_claims(&claims, key)
            .map_err(|_| AttestationError::Signing)?;
        let request = Request::post_json(address.clone(), &json!({ "proof": proof }))
            .with_max_response_bytes(MAX_ANSWER_BYTES);
        let response = self.call(request).await.map_err(NetError::from)?;
        if response.status != 200 {
            return Err(NetError::Status(response.status).into());
        }
        json::parse_strict_object(&response.body, MAX_ANSWER_BYTES)
            .ok()
            .and_then(|answer| answer.get("wallet_attestation").and_then(Value::as_str).map(str::to_owned))
            .ok_or_else(|| AttestationError::Answer.into())
    }

    fn attest_as_developer(
        &self,
        private_key_pem: &crypto::SecretVec,
        chain: &[Vec<u8>],
        client_id: &str,
        key: &PrivateKey,
    ) -> Result<String, Fault> {
        let provider = private_key_pem
            .expose_str()
            .and_then(|pem| PrivateKey::from_pkcs8_pem(pem).ok())
            .ok_or(AttestationError::DeveloperKey)?;
        let chain = CertificateChain::from_der(chain).map_err(|_| AttestationError::DeveloperKey)?;
        let now = self.now();
        let content = AttestationContent {
            provider: client_id,
            client_id,
            wallet_name: Some("Citizen Wallet"),
            key: &key.public_key(),
            issued_at: now,
            expires_at: now + DEVELOPER_LIFE_SECONDS,
        };
        client_attestation::issue(&content, &chain, &provider).map_err(|_| AttestationError::Signing.into())
    }
}
