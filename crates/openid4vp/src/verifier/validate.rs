//! What a response proves (OpenID4VP 1.0 sections 8.6, 14.1, 14.9): decrypted, of this request, each presentation verified for this client and
//! nonce, and the whole an answer to the query.

use crypto::PublicKey;
use dcql::{Format, Identifier};
use primitives::{ClaimPath, Instant, json};
use serde_json::{Map, Value};
use trust::status::StatusReference;
use trust::{AnchorStore, Issuer, VerifiedChain};
use url::form_urlencoded;

use super::error::ResponseError;
use super::request::{ReplyTo, Session};
use crate::limits;
use crate::transaction::Transaction;
use crate::verifier::{presentation, union};

/// One presentation that verified, of a type and with the claims asked for. It has no `Debug`: it holds claims.
#[derive(Clone)]
pub struct VerifiedPresentation {
    /// The Credential Query that it answers.
    pub query: Identifier,
    /// The format.
    pub format: Format,
    /// `vct` or doctype.
    pub credential_type: String,
    /// What was disclosed: the processed payload of an SD-JWT VC; for an mdoc an object of name spaces.
    pub claims: Value,
    /// Who issued it.
    pub issuer: VerifiedChain<Issuer>,
    /// Where it says whether it was revoked; still to be asked by the caller.
    pub status: Option<StatusReference>,
    /// The key that the holder proved to have for this request; `None` only where no proof was asked for and none came.
    pub holder_key: Option<PublicKey>,
    /// The transactions that the holder approved with it.
    pub approved: Vec<Transaction>,
    /// Selectively disclosable claims that came without being asked for.
    pub over_delivered: Vec<ClaimPath>,
}

/// An answer: the presentations that verified, which are all that was required. One that did not verify was discarded (section 8.6). It has
/// no `Debug`: it holds claims.
#[derive(Clone)]
pub struct VerifiedAnswer {
    /// The presentations in the order of the query.
    pub presentations: Vec<VerifiedPresentation>,
    /// Credential Queries that were answered although no satisfied option needs them.
    pub over_delivered: Vec<Identifier>,
}

impl VerifiedAnswer {
    /// The presentations of one Credential Query.
    pub fn of_query<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a VerifiedPresentation> {
        self.presentations.iter().filter(move |presentation| presentation.query.as_str() == id)
    }
}

/// What came back.
#[derive(Clone)]
pub enum Outcome {
    /// The wallet sent an error: `access_denied`, or another. Nothing more can be read out of it (VP-S6).
    Refused {
        /// The error code, at most 64 characters of `a-z` and `_`.
        error: String,
    },
    /// What was required came and verified.
    Verified(VerifiedAnswer),
}

impl Session {
    /// Validates the body of a post to `response_uri` (`application/x-www-form-urlencoded`).
    ///
    /// # Errors
    /// A [`ResponseError`]; nothing of the response is then to be used.
    pub fn validate(
        &self,
        body: &[u8],
        issuers: &AnchorStore<Issuer>,
        now: Instant,
    ) -> Result<Outcome, ResponseError> {
        if !matches!(self.reply_to, ReplyTo::ResponseUri(_)) {
            return Err(ResponseError::Channel);
        }
        if now > self.expires_at {
            return Err(ResponseError::Expired);
        }
        let parameters = self.open(body)?;
        if parameters.get("state").and_then(Value::as_str) != Some(self.state.as_str()) {
            return Err(ResponseError::State);
        }
        self.accept(&parameters, issuers, now)
    }

    /// Validates what came back through the Digital Credentials API: the JSON of `data`, or of the whole object with `protocol` and `data`
    /// (VP-A4). There is no `state`; the origin in each presentation's proof ties it to the request.
    ///
    /// # Errors
    /// A [`ResponseError`]; nothing of the response is then to be used.
    pub fn validate_dc_api(
        &self,
        json: &[u8],
        issuers: &AnchorStore<Issuer>,
        now: Instant,
    ) -> Result<Outcome, ResponseError> {
        if !matches!(self.reply_to, ReplyTo::Origin(_)) {
            return Err(ResponseError::Channel);
        }
        if now > self.expires_at {
            return Err(ResponseError::Expired);
        }
        let whole = json::parse_strict_object(json, limits::MAX_RESPONSE_BYTES)
            .map_err(|_| ResponseError::Malformed)?;
        let data = match whole.get("data") {
            None => whole,
            Some(Value::Object(data)) => data.clone(),
            Some(_) => return Err(ResponseError::Malformed),
        };
        let parameters = self.decrypted(data)?;
        self.accept(&parameters, issuers, now)
    }

    /// The response parameters, whatever way they came.
    fn accept(
        &self,
        parameters: &Map<String, Value>,
        issuers: &AnchorStore<Issuer>,
        now: Instant,
    ) -> Result<Outcome, ResponseError> {
        if let Some(error) = parameters.get("error") {
            return refused(error);
        }
        let vp_token = parameters.get("vp_token").and_then(Value::as_object).ok_or(ResponseError::VpToken)?;
        Ok(Outcome::Verified(self.verify(vp_token, None, issuers, now)?))
    }

    /// What the presentations prove, whatever way they came. `shown_at` is the moment that the message names if they were shown.
    pub(crate) fn verify(
        &self,
        vp_token: &Map<String, Value>,
        shown_at: Option<Instant>,
        issuers: &AnchorStore<Issuer>,
        now: Instant,
    ) -> Result<VerifiedAnswer, ResponseError> {
        let answers = self.shape(vp_token)?;
        let mut presentations = Vec::new();
        let mut discarded = None;
        for (credential, texts) in answers {
            for text in texts {
                match presentation::verify(self, credential, text, shown_at, issuers, now) {
                    Ok(verified) => presentations.push(verified),
                    Err(fault) => {
                        let alone =
                            presentation::concerns_itself_alone(self, credential, text, shown_at, &fault);
                        let query = credential.id.clone();
                        let error = ResponseError::Presentation { query, fault };
                        if !alone {
                            return Err(error);
                        }
                        discarded.get_or_insert(error);
                    }
                }
            }
        }
        // Where what is left is no answer, the presentation that fell out says why.
        self.complete(union::allow(presentations)).map_err(|error| discarded.unwrap_or(error))
    }

    /// The answer, if these presentations are one.
    fn complete(&self, presentations: Vec<VerifiedPresentation>) -> Result<VerifiedAnswer, ResponseError> {
        let over_delivered = self.check_complete(&presentations)?;
        self.check_approved(&presentations)?;
        Ok(VerifiedAnswer { presentations, over_delivered })
    }

    /// The response parameters: out of the JWE if one was asked for, else out of the form. An error may come in the clear either way
    /// (section 8.3.1).
    fn open(&self, body: &[u8]) -> Result<Map<String, Value>, ResponseError> {
        if body.len() > limits::MAX_RESPONSE_BYTES {
            return Err(ResponseError::Malformed);
        }
        let mut form = Map::new();
        for (name, value) in form_urlencoded::parse(body).take(limits::MAX_PARAMETERS) {
            if form.insert(name.into_owned(), Value::String(value.into_owned())).is_some() {
                return Err(ResponseError::Malformed);
            }
        }
        if let Some(Value::String(vp_token)) = form.get("vp_token").filter(|_| self.decryption.is_none()) {
            let vp_token = json::parse_strict_object(vp_token.as_bytes(), limits::MAX_RESPONSE_BYTES)
                .map_err(|_| ResponseError::VpToken)?;
            form.insert("vp_token".to_owned(), Value::Object(vp_token));
        }
        self.decrypted(form)
    }

    /// The parameters out of `response`, where encryption was asked for; else as they came.
    fn decrypted(&self, outer: Map<String, Value>) -> Result<Map<String, Value>, ResponseError> {
        let response = outer.get("response").and_then(Value::as_str);
        match (&self.decryption, response) {
            (Some(key), Some(response)) => {
                let plaintext = key.decrypt(response)?;
                json::parse_strict_object(plaintext.expose(), limits::MAX_RESPONSE_BYTES)
                    .map_err(|_| ResponseError::Malformed)
            }
            (None, Some(_)) => Err(ResponseError::Decryption),
            (Some(_), None) if !outer.contains_key("error") => Err(ResponseError::NotEncrypted),
            (_, None) => Ok(outer),
        }
    }

    /// VP-T2: every transaction is approved by one presentation, and by one only.
    fn check_approved(&self, presentations: &[VerifiedPresentation]) -> Result<(), ResponseError> {
        let once = |transaction: &Transaction| {
            presentations
                .iter()
                .flat_map(|one| &one.approved)
                .filter(|approved| *approved == transaction)
                .count()
                == 1
        };
        if self.transactions.iter().all(once) { Ok(()) } else { Err(ResponseError::Transaction) }
    }

    /// VP-S1, VP-D7: an object of known ids, each with one presentation, or more where `multiple` allows it.
    fn shape<'s>(
        &'s self,
        vp_token: &'s Map<String, Value>,
    ) -> Result<Vec<(&'s dcql::CredentialQuery, Vec<&'s str>)>, ResponseError> {
        if vp_token.keys().any(|id| self.query.credential(id).is_none()) {
            return Err(ResponseError::UnknownQuery);
        }
        let mut answers = Vec::new();
        let mut count = 0;
        for credential in self.query.credentials() {
            let Some(entry) = vp_token.get(credential.id.as_str()) else { continue };
            let entries = entry.as_array().filter(|list| !list.is_empty()).ok_or(ResponseError::VpToken)?;
            if entries.len() > 1 && !credential.multiple {
                return Err(ResponseError::TooMany(credential.id.clone()));
            }
            count += entries.len();
            if count > limits::MAX_PRESENTATIONS {
                return Err(ResponseError::VpToken);
            }
            let texts = entries.iter().map(|entry| entry.as_str().ok_or(ResponseError::VpToken));
            answers.push((credential, texts.collect::<Result<Vec<_>, _>>()?));
        }
        Ok(answers)
    }

    /// VP-D5: every required set has an option answered whole. Gives what was answered beyond the satisfied options.
    fn check_complete(
        &self,
        presentations: &[VerifiedPresentation],
    ) -> Result<Vec<Identifier>, ResponseError> {
        let delivered = |id: &Identifier| presentations.iter().any(|one| one.query == *id);
        let credentials = self.query.credentials();
        let is_answered = |place: &usize| credentials.get(*place).is_some_and(|one| delivered(&one.id));
        let Some(sets) = self.query.sets() else {
            let complete = credentials.iter().all(|credential| delivered(&credential.id));
            return if complete { Ok(Vec::new()) } else { Err(ResponseError::Incomplete) };
        };
        let mut needed = std::collections::BTreeSet::new();
        for set in sets {
            // One satisfied option answers a set; a second one is more than was asked for.
            match set.options.iter().find(|option| option.iter().all(is_answered)) {
                Some(option) => needed.extend(option.iter().copied()),
                None if set.required => return Err(ResponseError::Incomplete),
                None => {}
            }
        }
        if needed.is_empty() {
            return Err(ResponseError::Incomplete);
        }
        let beyond = credentials
            .iter()
            .enumerate()
            .filter(|(place, one)| !needed.contains(place) && delivered(&one.id));
        Ok(beyond.map(|(_, one)| one.id.clone()).collect())
    }
}

/// An error code as a verifier may keep and show it.
fn refused(error: &Value) -> Result<Outcome, ResponseError> {
    let code = error.as_str().ok_or(ResponseError::Malformed)?;
    let plain = code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if code.is_empty() || code.len() > 64 || !plain {
        return Err(ResponseError::Malformed);
    }
    Ok(Outcome::Refused { error: code.to_owned() })
}
