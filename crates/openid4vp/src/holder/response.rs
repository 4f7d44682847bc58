//! The answer (OpenID4VP 1.0 sections 8.1 to 8.3 and appendix B; VP-S1 to VP-S6, VP-H1 to VP-H3, HA-9): made for one request out of what a
//! person selected, and posted to its `response_uri`.

use crypto::Signer;
use crypto::jwe::{self, PartyInfo};
use dcql::{Disclosure, Format, Identifier, Selection, Solution};
use mdoc::{ElementValue, IssuerSigned, SessionTranscript};
use primitives::http::{FORM, Request, Response};
use primitives::{Entropy, Instant};
use sd_jwt_vc::{KeyBinding, TransactionData, VerifiedSdJwtVc};
use serde_json::{Map, Value};
use url::Url;

use super::error::{AnswerError, RespondError};
use super::invocation::Policy;
use super::request::{AuthenticatedRequest, Channel};
use super::screen::{ScreenAnswer, ScreenRecipient};
use crate::dc_api::DcApiResponse;
use crate::limits;
use crate::metadata::ResponseEncryption;
use crate::screen::ScreenMode;
use crate::transaction::{self, Transaction};
use crate::uri;

/// The answer "no".
const ACCESS_DENIED: &str = "access_denied";

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

/// How an answer or a refusal leaves. It has no `Debug`: an answer holds claims.
#[derive(Clone)]
pub enum Delivery {
    /// By this HTTP request. Redirects are not to be followed.
    Post(Request),
    /// By handing this to the platform, which gives it to the origin that asked (VP-A4).
    DcApi(DcApiResponse),
    /// By showing this on the screen, as QR (OQ-1).
    Screen(ScreenAnswer),
    /// Not at all: who asked on a screen learns of a refusal from the person.
    Nothing,
}

impl Delivery {
    /// The HTTP request; `None` for what leaves in another way.
    pub fn into_post(self) -> Option<Request> {
        match self {
            Self::Post(request) => Some(request),
            Self::DcApi(_) | Self::Screen(_) | Self::Nothing => None,
        }
    }

    /// The object for the platform; `None` for what leaves in another way.
    pub fn into_dc_api(self) -> Option<DcApiResponse> {
        match self {
            Self::DcApi(response) => Some(response),
            Self::Post(_) | Self::Screen(_) | Self::Nothing => None,
        }
    }

    /// What is shown; `None` for what leaves in another way.
    pub fn into_screen(self) -> Option<ScreenAnswer> {
        match self {
            Self::Screen(answer) => Some(answer),
            Self::Post(_) | Self::DcApi(_) | Self::Nothing => None,
        }
    }
}

/// An answer, ready to leave. It has no `Debug`: it holds claims.
#[derive(Clone)]
pub struct PreparedResponse {
    delivery: Delivery,
    disclosures: Vec<Disclosure>,
}

impl PreparedResponse {
    /// How it leaves.
    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    /// What it discloses, for the history.
    pub fn disclosures(&self) -> &[Disclosure] {
        &self.disclosures
    }

    /// How it leaves, given away.
    pub fn into_delivery(self) -> Delivery {
        self.delivery
    }
}

/// What the verifier said to an answer or a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The page to open in the browser, under the rules for pages (VP-S2).
    pub redirect_uri: Option<Url>,
}

impl Answer {
    /// Reads what the verifier said. Unknown members are ignored (VP-S2).
    ///
    /// # Errors
    /// An [`AnswerError`]; the answer itself has left.
    pub fn of(response: &Response, policy: &Policy) -> Result<Self, AnswerError> {
        if response.status != 200 {
            return Err(AnswerError::Status);
        }
        if response.body.is_empty() {
            // Section 8.2 asks for a JSON object; an empty body says as much as an empty object.
            return Ok(Self { redirect_uri: None });
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
        Ok(Self { redirect_uri })
    }
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
        if let Some(objection) = self.objection {
            return Err(RespondError::Objection(objection));
        }
        // VP-R12: it may have been read for longer than it counts.
        if self.expires_at.is_some_and(|ends| now >= ends + limits::CLOCK_SKEW_SECONDS) {
            return Err(RespondError::Expired);
        }
        let disclosures = dcql::select(solution, selection)?;
        if disclosures.len() != copies.len() {
            return Err(RespondError::Copies);
        }
        let carried = self.carried(&disclosures)?;
        let mut tokens: Vec<(&Identifier, Vec<Value>)> = Vec::new();
        for ((disclosure, copy), transactions) in disclosures.iter().zip(copies).zip(&carried) {
            let presentation = Value::String(self.present(disclosure, copy, transactions, now)?);
            match tokens.iter_mut().find(|(id, _)| *id == &disclosure.query) {
                Some((_, presentations)) => presentations.push(presentation),
                None => tokens.push((&disclosure.query, vec![presentation])),
            }
        }
        let vp_token: Map<String, Value> =
            tokens.into_iter().map(|(id, list)| (id.as_str().to_owned(), Value::Array(list))).collect();
        let one = |name: &str, value: Value| Map::from_iter([(name.to_owned(), value)]);
        let delivery = match (&self.channel, &self.encryption) {
            (Channel::Screen(mode), _) => {
                Delivery::Screen(ScreenAnswer { vp_token, issued_at: now, to: self.recipient(*mode)? })
            }
            (Channel::DirectPost { url, .. }, None) => {
                let vp_token = serde_json::to_string(&vp_token).map_err(|_| RespondError::Encoding)?;
                Delivery::Post(self.post(url, &[("vp_token", &vp_token)]))
            }
            (Channel::DirectPost { url, .. }, Some(encryption)) => Delivery::Post(self.post_encrypted(
                url,
                encryption,
                one("vp_token", vp_token.into()),
                entropy,
            )?),
            (Channel::DcApi { protocol, .. }, None) => {
                Delivery::DcApi(DcApiResponse::new(*protocol, one("vp_token", vp_token.into())))
            }
            (Channel::DcApi { protocol, .. }, Some(encryption)) => {
                let jwe = encrypt(encryption, &one("vp_token", vp_token.into()), entropy)?;
                Delivery::DcApi(DcApiResponse::new(*protocol, one("response", jwe.into())))
            }
        };
        Ok(PreparedResponse { delivery, disclosures })
    }

    /// The answer "no": `access_denied`, the same whether the person declined or nothing fits (VP-S5, VP-S6). Where an encrypted answer is
    /// asked for it is encrypted, and if that fails it goes as it is, which section 8.3.1 allows for errors. Over the Digital Credentials
    /// API it is the single member `error` of `data` (appendix A.4).
    /// A request with an [`Objection`](super::Objection) is answered with the objection's error instead. To a question on a screen nothing is
    /// sent (OQ-1).
    pub fn decline(&self, entropy: &dyn Entropy) -> Delivery {
        let error = self.objection.map_or(ACCESS_DENIED, super::Objection::error_code);
        let url = match &self.channel {
            Channel::DcApi { protocol, .. } => {
                return Delivery::DcApi(DcApiResponse::error(*protocol, error));
            }
            Channel::Screen(_) => return Delivery::Nothing,
            Channel::DirectPost { url, .. } => url,
        };
        let payload = Map::from_iter([("error".to_owned(), Value::from(error))]);
        let encrypted = self
            .encryption
            .as_ref()
            .and_then(|encryption| self.post_encrypted(url, encryption, payload, entropy).ok());
        Delivery::Post(encrypted.unwrap_or_else(|| self.post(url, &[("error", error)])))
    }

    fn present(
        &self,
        disclosure: &Disclosure,
        copy: &Copy<'_>,
        transactions: &[&Transaction],
        now: Instant,
    ) -> Result<String, RespondError> {
        match (&disclosure.format, copy) {
            (Format::SdJwtVc, Copy::SdJwtVc { credential, signer }) => {
                let selected = credential.select(&disclosure.paths()).map_err(RespondError::SdJwtVc)?;
                let audience = self.audience();
                let strings: Vec<String> = transactions.iter().map(|one| one.text().to_owned()).collect();
                let binding = KeyBinding {
                    audience: &audience,
                    nonce: &self.nonce,
                    issued_at: now,
                    transaction_data: TransactionData {
                        strings: &strings,
                        names_algorithm: transactions.iter().any(|one| one.names_algorithm()),
                    },
                };
                match signer {
                    None if !strings.is_empty() => return Err(RespondError::Transaction),
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
                let selected = approved_by_device(selected, transactions)?;
                selected.respond_base64url(&self.session_transcript(now), *signer).map_err(RespondError::Mdoc)
            }
            _ => Err(RespondError::Copies),
        }
    }

    /// Which transactions each presentation carries: each exactly one presentation, that of the first of its `credential_ids` that is
    /// answered (VP-T2).
    fn carried(&self, disclosures: &[Disclosure]) -> Result<Vec<Vec<&Transaction>>, RespondError> {
        let mut carried = vec![Vec::new(); disclosures.len()];
        for transaction in &self.transactions {
            let place = transaction
                .credential_ids()
                .iter()
                .find_map(|id| disclosures.iter().position(|disclosure| disclosure.query == *id));
            let place = place.and_then(|place| carried.get_mut(place)).ok_or(RespondError::Transaction)?;
            place.push(transaction);
        }
        Ok(carried)
    }

    /// For whom an answer is that is shown (OQ-2).
    fn recipient(&self, mode: ScreenMode) -> Result<ScreenRecipient, RespondError> {
        match (mode, &self.encryption) {
            (ScreenMode::Request, Some(encryption)) => Ok(ScreenRecipient::Asked(encryption.clone())),
            (ScreenMode::Request, None) => Err(RespondError::Encoding),
            (ScreenMode::Code, _) => Ok(ScreenRecipient::Code { audience: self.client.id.clone() }),
            (ScreenMode::OneWay, _) => {
                let (audience, nonce) = (self.client.id.clone(), self.nonce.clone());
                Ok(ScreenRecipient::OneWay { audience, nonce })
            }
        }
    }

    /// Whom a key binding is for (VP-H1): the whole client identifier; over the Digital Credentials API the origin, also where the
    /// request is signed (appendix A.4).
    fn audience(&self) -> String {
        match &self.channel {
            Channel::DirectPost { .. } | Channel::Screen(_) => self.client.id.as_str().to_owned(),
            Channel::DcApi { origin, .. } => origin.audience(),
        }
    }

    /// What a device signature is bound to (VP-H3, VP-H4, MD-35). `issued_at` is when it is made, and counts for an answer that is shown.
    pub fn session_transcript(&self, issued_at: Instant) -> SessionTranscript {
        let thumbprint = self.encryption.as_ref().map(|encryption| encryption.key().thumbprint());
        match &self.channel {
            Channel::DirectPost { text, .. } => SessionTranscript::openid4vp_redirect(
                self.client.id.as_str(),
                &self.nonce,
                thumbprint.as_ref(),
                text,
            ),
            Channel::DcApi { origin, .. } => {
                SessionTranscript::openid4vp_dc_api(origin.as_str(), &self.nonce, thumbprint.as_ref())
            }
            Channel::Screen(_) => SessionTranscript::offline_qr(
                self.client.id.as_str(),
                &self.nonce,
                issued_at,
                thumbprint.as_ref(),
            ),
        }
    }

    /// `response` with the parameters as JWE payload; `state` goes inside with them (section 8.3).
    fn post_encrypted(
        &self,
        url: &Url,
        encryption: &ResponseEncryption,
        mut payload: Map<String, Value>,
        entropy: &dyn Entropy,
    ) -> Result<Request, RespondError> {
        if let Some(state) = &self.state {
            payload.insert("state".to_owned(), Value::from(state.as_str()));
        }
        // A compact JWE is base64url and full stops, which stand in a form as they are: nothing is to be escaped.
        let form = format!("response={}", encrypt(encryption, &payload, entropy)?);
        Ok(answered_in_json(Request::post(url.clone()).with_body(FORM, form.into_bytes())))
    }

    /// A plain form with `state`.
    fn post(&self, url: &Url, fields: &[(&str, &str)]) -> Request {
        let state = self.state.as_deref().map(|state| ("state", state));
        let fields: Vec<_> = fields.iter().copied().chain(state).collect();
        post_form(url, &fields)
    }

    /// Reads what the verifier said to the answer or the refusal. Unknown members are ignored (VP-S2).
    ///
    /// # Errors
    /// An [`AnswerError`]; the answer itself has left.
    pub fn receive_answer(&self, response: &Response, policy: &Policy) -> Result<Answer, AnswerError> {
        Answer::of(response, policy)
    }
}

/// VP-T4: the hashes as an element that the device signs by itself, if the issuer authorised its key to.
fn approved_by_device(
    mut selected: mdoc::Disclosure,
    transactions: &[&Transaction],
) -> Result<mdoc::Disclosure, RespondError> {
    for (name_space, element, hashes) in transaction::device_elements(transactions) {
        let value = ElementValue::from_json(&hashes).map_err(|_| RespondError::Encoding)?;
        selected = selected
            .with_device_element(name_space, element, value)
            .map_err(|_| RespondError::Transaction)?;
    }
    Ok(selected)
}

fn encrypt(
    encryption: &ResponseEncryption,
    payload: &Map<String, Value>,
    entropy: &dyn Entropy,
) -> Result<String, RespondError> {
    let plaintext = serde_json::to_vec(payload).map_err(|_| RespondError::Encoding)?;
    Ok(jwe::encrypt(encryption.key(), encryption.method(), &PartyInfo::default(), &plaintext, entropy)?)
}

fn post_form(url: &Url, fields: &[(&str, &str)]) -> Request {
    answered_in_json(Request::post_form(url.clone(), fields.iter().copied()))
}

/// A post to a verifier, which answers in JSON.
fn answered_in_json(request: Request) -> Request {
    request.with_header("accept", "application/json").with_max_response_bytes(limits::MAX_ANSWER_BYTES)
}
