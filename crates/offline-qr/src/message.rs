//! What the frames carry (OQ-15 to OQ-19): `[1, mode, body]` for an answer, `[1, 0, body]` for a request, in CBOR, each body deflated.

use crypto::cbor::{self, Value as Cbor};
use primitives::{Blame, Instant, Left, Refusal};
use serde_json::{Map, Value};

use crate::deflate::{InflateError, deflate, inflate};
use crate::frame::MAX_MESSAGE_BYTES;
use crate::mode::{Mode, QUESTION_NUMBERS};
use crate::pack::{UnpackError, pack, unpack};

const VERSION: u8 = 1;
/// Bytes of the nonce that the wallet draws in [`Mode::OneWay`].
pub const ONE_WAY_NONCE_BYTES: usize = 16;
/// Credential queries that a message answers, at most.
pub const MAX_QUERIES: usize = 16;
/// Presentations of one credential query, at most.
pub const MAX_PRESENTATIONS: usize = 16;
/// Characters of a credential query's identifier, at most.
pub const MAX_QUERY_ID_CHARACTERS: usize = 64;

/// Why bytes are no message, or something makes none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Not the CBOR that a message is, or members that its mode does not have.
    #[error("the message is malformed")]
    Malformed,
    /// A version that is not read here.
    #[error("the message is of another version")]
    Version,
    /// More bytes, queries or presentations than allowed, compressed or not.
    #[error("the message is too large")]
    TooLarge,
}

impl Refusal for MessageError {
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "offline_message_malformed",
            Self::Version => "offline_message_version",
            Self::TooLarge => "offline_message_too_large",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Malformed => "OQ-15",
            Self::Version => "OQ-22",
            Self::TooLarge => "OQ-16",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Verifier
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl From<InflateError> for MessageError {
    fn from(error: InflateError) -> Self {
        match error {
            InflateError::Malformed => Self::Malformed,
            InflateError::TooLarge => Self::TooLarge,
        }
    }
}

impl From<UnpackError> for MessageError {
    fn from(error: UnpackError) -> Self {
        match error {
            UnpackError::Malformed => Self::Malformed,
            UnpackError::TooLarge => Self::TooLarge,
        }
    }
}

/// A question on its way to the wallet: a signed request object. It has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestMessage {
    /// The compact JWS.
    pub request_object: String,
}

impl RequestMessage {
    /// The bytes for [`Frames`](crate::Frames).
    ///
    /// # Errors
    /// [`MessageError::TooLarge`].
    pub fn encode(&self) -> Result<Vec<u8>, MessageError> {
        outer(Mode::Request, packed_and_deflated(&self.request_object)?)
    }

    /// Reads what was collected.
    ///
    /// # Errors
    /// See [`MessageError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        match opened(bytes)? {
            (Mode::Request, body) => Ok(Self { request_object: inflated_and_unpacked(&body)? }),
            _ => Err(MessageError::Malformed),
        }
    }
}

/// What is presented. It has no `Debug`: it holds presentations.
#[derive(Clone, PartialEq)]
pub struct Answer {
    /// When it was signed; a key binding's `iat` is the same.
    pub issued_at: Instant,
    /// The ready-made question, in [`Mode::Code`] and [`Mode::OneWay`].
    pub question: Option<u8>,
    /// What the wallet drew, in [`Mode::OneWay`]; the proof's `nonce` is its base64url.
    pub nonce: Option<[u8; ONE_WAY_NONCE_BYTES]>,
    /// Presentations by credential query, as in a `vp_token`: arrays of strings.
    pub vp_token: Map<String, Value>,
}

impl Answer {
    /// Deflated CBOR: what is encrypted in [`Mode::Request`], the body itself in the others.
    ///
    /// # Errors
    /// [`MessageError::Malformed`] for a `vp_token` of anything but strings, [`MessageError::TooLarge`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, MessageError> {
        let mut queries = Vec::new();
        for (query, presentations) in &self.vp_token {
            let presentations = presentations.as_array().ok_or(MessageError::Malformed)?;
            let packed =
                presentations.iter().map(|one| one.as_str().map(pack).ok_or(MessageError::Malformed));
            let packed = packed.collect::<Result<Vec<_>, _>>()?;
            queries.push((Cbor::Text(query.clone()), Cbor::Array(packed)));
        }
        let inner = Cbor::Array(vec![
            Cbor::from(self.issued_at.unix_seconds()),
            self.question.map_or(Cbor::Null, Cbor::from),
            self.nonce.map_or(Cbor::Null, |nonce| Cbor::Bytes(nonce.to_vec())),
            Cbor::Map(queries),
        ]);
        let bytes = deflate(&cbor::encode(&inner));
        // What nobody could read is not shown.
        if Self::from_bytes(&bytes)? == *self { Ok(bytes) } else { Err(MessageError::Malformed) }
    }

    /// Reads what [`to_bytes`](Self::to_bytes) made.
    ///
    /// # Errors
    /// See [`MessageError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MessageError> {
        let inner = parse(&inflate(bytes)?)?;
        let Some([issued_at, question, nonce, queries]) = inner.as_array().map(Vec::as_slice) else {
            return Err(MessageError::Malformed);
        };
        let issued_at = issued_at.as_integer().and_then(|seconds| i64::try_from(seconds).ok());
        let question = match question {
            Cbor::Null => None,
            number => {
                let number = number.as_integer().and_then(|number| u8::try_from(number).ok());
                Some(
                    number
                        .filter(|number| QUESTION_NUMBERS.contains(number))
                        .ok_or(MessageError::Malformed)?,
                )
            }
        };
        let nonce = match nonce {
            Cbor::Null => None,
            Cbor::Bytes(nonce) => Some(nonce.as_slice().try_into().map_err(|_| MessageError::Malformed)?),
            _ => return Err(MessageError::Malformed),
        };
        Ok(Self {
            issued_at: Instant::from_unix_seconds(issued_at.ok_or(MessageError::Malformed)?),
            question,
            nonce,
            vp_token: vp_token(queries)?,
        })
    }
}

fn vp_token(queries: &Cbor) -> Result<Map<String, Value>, MessageError> {
    let queries = queries.as_map().filter(|queries| !queries.is_empty()).ok_or(MessageError::Malformed)?;
    if queries.len() > MAX_QUERIES {
        return Err(MessageError::TooLarge);
    }
    let mut vp_token = Map::new();
    for (query, presentations) in queries {
        let query = query.as_text().filter(|query| query.len() <= MAX_QUERY_ID_CHARACTERS);
        let query = query.ok_or(MessageError::Malformed)?;
        let presentations = presentations.as_array().filter(|all| !all.is_empty());
        let presentations = presentations.ok_or(MessageError::Malformed)?;
        if presentations.len() > MAX_PRESENTATIONS {
            return Err(MessageError::TooLarge);
        }
        let texts = presentations.iter().map(|packed| Ok(Value::from(unpack(packed)?)));
        let texts = texts.collect::<Result<Vec<_>, MessageError>>()?;
        vp_token.insert(query.to_owned(), Value::Array(texts));
    }
    Ok(vp_token)
}

/// An answer on its way to the verifier. It has no `Debug`.
#[derive(Clone, PartialEq)]
pub enum AnswerMessage {
    /// [`Mode::Request`]: a compact JWE, encrypted to the key of the request, of [`Answer::to_bytes`].
    Sealed(String),
    /// [`Mode::Code`]: readable by whoever films it.
    Code(Answer),
    /// [`Mode::OneWay`]: readable by whoever films it.
    OneWay(Answer),
}

impl AnswerMessage {
    /// Which way it was asked.
    pub fn mode(&self) -> Mode {
        match self {
            Self::Sealed(_) => Mode::Request,
            Self::Code(_) => Mode::Code,
            Self::OneWay(_) => Mode::OneWay,
        }
    }

    /// The bytes for [`Frames`](crate::Frames).
    ///
    /// # Errors
    /// [`MessageError::Malformed`] where question or nonce are not those of the mode, [`MessageError::TooLarge`].
    pub fn encode(&self) -> Result<Vec<u8>, MessageError> {
        let body = match self {
            Self::Sealed(jwe) => packed_and_deflated(jwe)?,
            Self::Code(answer) | Self::OneWay(answer) => {
                check_members(self.mode(), answer)?;
                answer.to_bytes()?
            }
        };
        outer(self.mode(), body)
    }

    /// Reads what was collected.
    ///
    /// # Errors
    /// See [`MessageError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        let (mode, body) = opened(bytes)?;
        if mode == Mode::Request {
            return Ok(Self::Sealed(inflated_and_unpacked(&body)?));
        }
        let answer = Answer::from_bytes(&body)?;
        check_members(mode, &answer)?;
        Ok(if mode == Mode::Code { Self::Code(answer) } else { Self::OneWay(answer) })
    }
}

/// Which members an answer has in a mode (OQ-17).
pub(crate) fn check_members(mode: Mode, answer: &Answer) -> Result<(), MessageError> {
    let expected = match mode {
        Mode::Request => (false, false),
        Mode::Code => (true, false),
        Mode::OneWay => (true, true),
    };
    let numbered = answer.question.is_none_or(|number| QUESTION_NUMBERS.contains(&number));
    let fits = (answer.question.is_some(), answer.nonce.is_some()) == expected && numbered;
    if fits { Ok(()) } else { Err(MessageError::Malformed) }
}

fn packed_and_deflated(text: &str) -> Result<Vec<u8>, MessageError> {
    let deflated = deflate(&cbor::encode(&pack(text)));
    // What nobody could read is not shown.
    if inflated_and_unpacked(&deflated)? == text { Ok(deflated) } else { Err(MessageError::Malformed) }
}

fn inflated_and_unpacked(body: &[u8]) -> Result<String, MessageError> {
    Ok(unpack(&parse(&inflate(body)?)?)?)
}

fn parse(bytes: &[u8]) -> Result<Cbor, MessageError> {
    cbor::parse(bytes, crate::deflate::MAX_INFLATED_BYTES).map_err(|error| match error {
        cbor::CborError::TooLarge => MessageError::TooLarge,
        cbor::CborError::DuplicateKey | cbor::CborError::Syntax => MessageError::Malformed,
    })
}

fn outer(mode: Mode, body: Vec<u8>) -> Result<Vec<u8>, MessageError> {
    let message = Cbor::Array(vec![Cbor::from(VERSION), Cbor::from(mode.number()), Cbor::Bytes(body)]);
    let bytes = cbor::encode(&message);
    if bytes.len() <= MAX_MESSAGE_BYTES { Ok(bytes) } else { Err(MessageError::TooLarge) }
}

fn opened(bytes: &[u8]) -> Result<(Mode, Vec<u8>), MessageError> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(MessageError::TooLarge);
    }
    let Cbor::Array(members) = parse(bytes)? else { return Err(MessageError::Malformed) };
    let mut members = members.into_iter();
    let mut number = || members.next()?.as_integer().and_then(|number| u8::try_from(number).ok());
    let (version, mode) = (number(), number());
    if version.ok_or(MessageError::Malformed)? != VERSION {
        return Err(MessageError::Version);
    }
    let mode = mode.and_then(Mode::from_number).ok_or(MessageError::Malformed)?;
    match (members.next(), members.next()) {
        (Some(Cbor::Bytes(body)), None) => Ok((mode, body)),
        _ => Err(MessageError::Malformed),
    }
}

#[cfg(test)]
mod tests;
