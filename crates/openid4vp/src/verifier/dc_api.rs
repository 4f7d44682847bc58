//! Requests as a verifier's page hands them to the Digital Credentials API (OpenID4VP 1.0 appendix A; VP-A1 to VP-A4).

use primitives::base64url;
use serde_json::{Map, Value, json};
use trust::registration::REGISTRATION_FORMAT;

use super::error::BuildError;
use super::request::{ClientIdentity, PreparedRequest, ReplyTo, RequestBuilder, RequestSigner};
use crate::client::ClientIdPrefix;
use crate::dc_api::Protocol;
use crate::holder::REQUEST_OBJECT_TYPE;

/// One signer of a multi-signed request, under its own `x509_hash:` client identifier.
#[derive(Clone, Copy)]
pub struct DcApiSigner<'a> {
    /// Key and chain.
    pub signer: RequestSigner<'a>,
    /// Its own signed registration.
    pub registration: Option<&'a str>,
}

impl RequestBuilder {
    /// Asks as somebody else than the builder was made with.
    #[must_use]
    pub fn identified_by(mut self, identity: ClientIdentity) -> Self {
        self.identity = identity;
        self
    }

    /// Asks over the Digital Credentials API of a page of this origin, instead of by a link: the answer comes back to the page.
    /// With the identity `RedirectUri` the request is unsigned, and only the origin says who asks.
    #[must_use]
    pub fn over_dc_api(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self.on_screen = false;
        self
    }
}

impl PreparedRequest {
    /// The entry of `requests` for an unsigned request.
    ///
    /// # Errors
    /// [`BuildError::Signing`] unless it was built for the Digital Credentials API and without a signing identity.
    pub fn dc_api_unsigned(&self) -> Result<Value, BuildError> {
        self.check_channel()?;
        if self.session().client_id().prefix() != ClientIdPrefix::Origin {
            return Err(BuildError::Signing);
        }
        // Signed requests only have these (RFC 9101); unsigned ones name no client.
        let data = without(self.payload(), &["aud", "iat", "exp", "client_id", "expected_origins"]);
        Ok(entry(Protocol::Unsigned, data.into()))
    }

    /// The entry of `requests` for a signed request.
    ///
    /// # Errors
    /// [`BuildError::Signing`], [`BuildError::Identity`], [`BuildError::Sign`].
    pub fn dc_api_signed(&self, signer: &RequestSigner<'_>) -> Result<Value, BuildError> {
        self.check_channel()?;
        Ok(entry(Protocol::Signed, json!({ "request": self.request_object(signer)? })))
    }

    /// The entry of `requests` for one that each of these signs for itself: client identifier and registration stand in its own protected
    /// header (VP-A3).
    ///
    /// # Errors
    /// [`BuildError::Signing`], [`BuildError::Sign`].
    pub fn dc_api_multi_signed(&self, signers: &[DcApiSigner<'_>]) -> Result<Value, BuildError> {
        self.check_channel()?;
        let shared = without(self.payload(), &["client_id", "verifier_info"]);
        let mut payload = String::new();
        let mut signatures = Vec::new();
        for one in signers {
            let chain = one.signer.chain;
            let client_id = format!("x509_hash:{}", base64url::encode(&chain.leaf().hash()));
            let mut header = crypto::jws::HeaderBuilder::new(REQUEST_OBJECT_TYPE)
                .x5c(&chain.to_der())
                .member("client_id", client_id.into());
            if let Some(registration) = one.registration {
                let info = json!([{ "format": REGISTRATION_FORMAT, "data": registration }]);
                header = header.member("verifier_info", info);
            }
            let compact = header.sign_claims(&shared, one.signer.signer)?;
            let mut parts = compact.split('.').map(str::to_owned);
            let (protected, signed, signature) = (parts.next(), parts.next(), parts.next());
            signatures.push(json!({ "protected": protected, "signature": signature }));
            payload = signed.unwrap_or_default();
        }
        if signatures.is_empty() {
            return Err(BuildError::Signing);
        }
        let request = json!({ "payload": payload, "signatures": signatures });
        Ok(entry(Protocol::MultiSigned, json!({ "request": request })))
    }

    fn check_channel(&self) -> Result<(), BuildError> {
        match self.session().reply_to {
            ReplyTo::Origin(_) => Ok(()),
            ReplyTo::ResponseUri(_) | ReplyTo::Screen(_) => Err(BuildError::Signing),
        }
    }
}

fn entry(protocol: Protocol, data: Value) -> Value {
    json!({ "protocol": protocol.name(), "data": data })
}

fn without(members: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    let kept = members.iter().filter(|(name, _)| !names.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}
