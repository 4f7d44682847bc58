//! The answer (OpenID4VP 1.0 sections 8.1 to 8.3 and appendix B; VP-S1 to VP-S6, VP-H1 to VP-H3, HA-9): made for one request out of what a
//! person selected, and posted to its `response_uri`.

use crypto::Signer;
use crypto::jwe::{self, PartyInfo};
use dcql::{Disclosure, Format, Identifier, Selection, Solution};
use mdoc::{IssuerSigned, SessionTranscript};
use primitives::http::{Request, Response};
use primitives::{Entropy, Instant};
use sd_jwt_vc::{KeyBinding, TransactionData, VerifiedSdJwtVc};
use serde_json::{Map, Value};
use url::Url;

use super::error::{AnswerError, RespondError};
use super::invocation::Policy;
use super::request::AuthenticatedRequest;
use crate::limits;
use crate::uri;

/// One credential with its key, to be presented once. It has no `Debug`: it holds claims.
#[derive(Clone, Copy)]
pub enum Copy<'a> {
    /// An SD-JWT VC.
    SdJwtVc {
        /// The credential.
        credential: &'a VerifiedSdJwtVc,
        /// The key in its `cnf`; `None` if it has none.
        signer: Option<&'a dyn Signer>,
    },
    /// An mdoc.
    Mdoc {
        /// The credential.
        issuer_signed: &'a IssuerSigned,
        /// Its device key.
        signer: &'a dyn Signer,
    },
}

/// An answer, ready to be posted. It has no `Debug`: it holds claims.
#[derive(Clone)]
pub struct PreparedResponse {
    request: Request,
    disclosures: Vec<Disclosure>,
}

impl PreparedResponse {
    /// The HTTP request that sends it. Redirects are not to be followed.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// What it discloses, for the history.
    pub fn disclosures(&self) -> &[Disclosure] {
        &self.disclosures
    }

    /// The HTTP request, given away.
    pub fn into_request(self) -> Request {
        self.request
    }
}

/// What the verifier said to an answer or a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The page to open in the browser, under the rules for pages (VP-S2).
    pub redirect_uri: Option<Url>,
}

impl AuthenticatedRequest {
    /// Makes the answer that `selection` names. `copies` has one copy for each presentation, in the order of [`dcql::select`]; each is the
    /// wallet's choice among the copies of the holding.
    ///
    /// # Errors
    /// A [`RespondError`]; nothing has left.
    pub fn respond(
        &self,
        solution: &Solution,
        selection: &Selection,
        copies: &[Copy<'_>],
        now: Instant,
        entropy: &dyn Entropy,
    ) -> Result<PreparedResponse, RespondError> {
        let disclosures = dcql::select(solution, selection)?;
        if disclosures.len() != copies.len() {
            return Err(RespondError::Copies);
        }
        let mut tokens: Vec<(&Identifier, Vec<Value>)> = Vec::new();
        for (disclosure, copy) in disclosures.iter().zip(copies) {
            let presentation = Value::String(self.present(disclosure, copy, now)?);
            match tokens.iter_mut().find(|(id, _)| *id == &disclosure.query) {
                Some((_, presentations)) => presentations.push(presentation),
                None => tokens.push((&disclosure.query, vec![presentation])),
            }
        }
        let vp_token: Map<String, Value> =
            tokens.into_iter().map(|(id, list)| (id.as_str().to_owned(), Value::Array(list))).collect();
        let request = match &self.encryption {
            None => {
                let vp_token = serde_json::to_string(&vp_token).map_err(|_| RespondError::Encoding)?;
                post(self, &[("vp_token", &vp_token)])
            }
            Some(_) => {
                let mut payload = Map::new();
                payload.insert("vp_token".to_owned(), Value::Object(vp_token));
                self.post_encrypted(payload, entropy)?
            }
        };
        Ok(PreparedResponse { request, disclosures })
    }

    /// The answer "no": `access_denied`, the same whether the person declined or nothing fits (VP-S5, VP-S6). Where an encrypted answer is
    /// asked for it is encrypted, and if that fails it goes as it is, which section 8.3.1 allows for errors.
    pub fn decline(&self, entropy: &dyn Entropy) -> Request {
        let mut payload = Map::new();
        payload.insert("error".to_owned(), Value::from("access_denied"));
        let encrypted = self.encryption.as_ref().and_then(|_| self.post_encrypted(payload, entropy).ok());
        encrypted.unwrap_or_else(|| post(self, &[("error", "access_denied")]))
    }

    fn present(
        &self,
        disclosure: &Disclosure,
        copy: &Copy<'_>,
        now: Instant,
    ) -> Result<String, RespondError> {
        match (&disclosure.format, copy) {
            (Format::SdJwtVc, Copy::SdJwtVc { credential, signer }) => {
                let selected = credential.select(&disclosure.paths()).map_err(RespondError::SdJwtVc)?;
                let binding = KeyBinding {
                    audience: self.client.id.as_str(),
                    nonce: &self.nonce,
                    issued_at: now,
                    transaction_data: TransactionData::default(),
                };
                match signer {
                    Some(signer) => selected.with_key_binding(&binding, *signer),
                    None => selected.without_key_binding(),
                }
                .map_err(RespondError::SdJwtVc)
            }
            (Format::Mdoc, Copy::Mdoc { issuer_signed, signer }) => {
                let paths = disclosure.paths();
                let elements = paths.iter().map(|path| match path.names().as_deref() {
                    Some([name_space, element]) => Ok((*name_space, *element)),
                    _ => Err(RespondError::Copies),
                });
                let elements = elements.collect::<Result<Vec<_>, _>>()?;
                let selected = issuer_signed.select(elements).map_err(|_| RespondError::Copies)?;
                selected.respond_base64url(&self.transcript(), *signer).map_err(RespondError::Mdoc)
            }
            _ => Err(RespondError::Copies),
        }
    }

    /// What a device signature is bound to (VP-H3).
    fn transcript(&self) -> SessionTranscript {
        let thumbprint = self.encryption.as_ref().map(|encryption| encryption.key().thumbprint());
        SessionTranscript::openid4vp_redirect(
            self.client.id.as_str(),
            &self.nonce,
            thumbprint.as_ref(),
            &self.response_uri_text,
        )
    }

    /// `response` with the parameters as JWE payload; `state` goes inside with them (section 8.3).
    fn post_encrypted(
        &self,
        mut payload: Map<String, Value>,
        entropy: &dyn Entropy,
    ) -> Result<Request, RespondError> {
        let encryption = self.encryption.as_ref().ok_or(RespondError::Encoding)?;
        if let Some(state) = &self.state {
            payload.insert("state".to_owned(), Value::from(state.as_str()));
        }
        let plaintext = serde_json::to_vec(&payload).map_err(|_| RespondError::Encoding)?;
        let jwe =
            jwe::encrypt(encryption.key(), encryption.method(), &PartyInfo::default(), &plaintext, entropy)?;
        Ok(self.post_form(&[("response", &jwe)]))
    }

    fn post_form(&self, fields: &[(&str, &str)]) -> Request {
        Request::post_form(self.response_uri.clone(), fields.iter().copied())
            .with_header("accept", "application/json")
            .with_max_response_bytes(limits::MAX_ANSWER_BYTES)
    }

    /// Reads what the verifier said to the answer or the refusal. Unknown members are ignored (VP-S2).
    ///
    /// # Errors
    /// An [`AnswerError`]; the answer itself has left.
    pub fn receive_answer(&self, response: &Response, policy: &Policy) -> Result<Answer, AnswerError> {
        if response.status != 200 {
            return Err(AnswerError::Status);
        }
        if response.body.is_empty() {
            // Section 8.2 asks for a JSON object; an empty body says as much as an empty object.
            return Ok(Answer { redirect_uri: None });
        }
        let members = primitives::json::parse_strict_object(&response.body, limits::MAX_ANSWER_BYTES)
            .map_err(|_| AnswerError::Malformed)?;
        let redirect_uri = match members.get("redirect_uri") {
            None => None,
            Some(Value::String(address)) => {
                Some(uri::page(address, policy.loopback_http).ok_or(AnswerError::RedirectUri)?)
            }
            Some(_) => return Err(AnswerError::Malformed),
        };
        Ok(Answer { redirect_uri })
    }
}

/// A plain form with `state`.
fn post(request: &AuthenticatedRequest, fields: &[(&str, &str)]) -> Request {
    let state = request.state.as_deref().map(|state| ("state", state));
    let fields: Vec<_> = fields.iter().copied().chain(state).collect();
    request.post_form(&fields)
}
