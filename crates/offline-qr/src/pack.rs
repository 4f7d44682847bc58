//! Packing: text that is mostly base64, without its base64, so that it can be compressed (OQ-10 to OQ-12).
//!
//! A packed text is CBOR: a text string is itself; a byte string is the base64url of its bytes; tag 22 (RFC 8949 section 3.4.5.2) is
//! base64 with padding of what it holds; an array is its elements one after the other. Inside an array, an array stands for the base64url of
//! the text that its elements make. Nothing is lost: what does not come back exactly stays a text string.

use crypto::cbor::Value;
use primitives::base64url;

/// How deep text in base64 in text is taken apart.
pub const MAX_DEPTH: usize = 4;
/// Bytes of an unpacked text, at most: 256 KiB.
pub const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Elements of a packed text at all depths together, at most.
pub const MAX_ELEMENTS: usize = 8192;
/// Characters from which a run of base64 is taken out.
const SHORTEST_RUN: usize = 16;
/// RFC 8949 section 3.4.5.2: expected conversion to base64.
const TAG_BASE64: u64 = 22;

/// Why packed bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// An item that packing does not make.
    #[error("the packed text is malformed")]
    Malformed,
    /// Deeper than [`MAX_DEPTH`], longer than [`MAX_TEXT_BYTES`] or of more than [`MAX_ELEMENTS`] elements.
    #[error("the packed text is too large")]
    TooLarge,
}

/// Packs a text. [`unpack`] gives it back exactly if it is within the bounds.
pub fn pack(text: &str) -> Value {
    let mut pieces = pieces(text, MAX_DEPTH);
    let packed = match (pieces.pop(), pieces.is_empty()) {
        (None, _) => Value::Text(String::new()),
        // An array alone would be read as its elements, not as their base64url.
        (Some(only), true) if !only.is_array() => only,
        (Some(last), _) => {
            pieces.push(last);
            Value::Array(pieces)
        }
    };
    match unpack(&packed) {
        Ok(again) if again == text => packed,
        _ => Value::Text(text.to_owned()),
    }
}

/// The text that was packed.
///
/// # Errors
/// See [`UnpackError`].
pub fn unpack(packed: &Value) -> Result<String, UnpackError> {
    let mut unpacking = Unpacking { bytes_left: MAX_TEXT_BYTES, elements_left: MAX_ELEMENTS };
    let mut text = String::new();
    match packed {
        Value::Array(elements) => unpacking.all(elements, MAX_DEPTH, &mut text)?,
        one => unpacking.one(one, MAX_DEPTH, &mut text)?,
    }
    Ok(text)
}

struct Unpacking {
    /// Counted at every depth: what is unpacked to be encoded counts as well as what it is encoded to.
    bytes_left: usize,
    elements_left: usize,
}

impl Unpacking {
    fn all(&mut self, elements: &[Value], depth: usize, text: &mut String) -> Result<(), UnpackError> {
        elements.iter().try_for_each(|element| self.one(element, depth, text))
    }

    fn one(&mut self, element: &Value, depth: usize, text: &mut String) -> Result<(), UnpackError> {
        self.elements_left = self.elements_left.checked_sub(1).ok_or(UnpackError::TooLarge)?;
        match element {
            Value::Text(literal) => self.append(text, literal),
            Value::Tag(TAG_BASE64, inner) => {
                let bytes = self.bytes(inner, depth)?;
                self.append(text, &base64url::encode_standard(&bytes))
            }
            other => {
                let bytes = self.bytes(other, depth)?;
                self.append(text, &base64url::encode(&bytes))
            }
        }
    }

    fn bytes(&mut self, element: &Value, depth: usize) -> Result<Vec<u8>, UnpackError> {
        match element {
            // Its base64 is longer than itself: the bound is asked before it is copied.
            Value::Bytes(bytes) if bytes.len() > self.bytes_left => Err(UnpackError::TooLarge),
            Value::Bytes(bytes) => Ok(bytes.clone()),
            Value::Array(elements) => {
                let depth = depth.checked_sub(1).ok_or(UnpackError::TooLarge)?;
                let mut text = String::new();
                self.all(elements, depth, &mut text)?;
                Ok(text.into_bytes())
            }
            _ => Err(UnpackError::Malformed),
        }
    }

    fn append(&mut self, text: &mut String, more: &str) -> Result<(), UnpackError> {
        self.bytes_left = self.bytes_left.checked_sub(more.len()).ok_or(UnpackError::TooLarge)?;
        text.push_str(more);
        Ok(())
    }
}

/// Literal pieces and runs, in order; neighbouring literals are one.
fn pieces(text: &str, depth: usize) -> Vec<Value> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let skipped = rest.find(in_a_run).unwrap_or(rest.len());
        let (before, from_run) = rest.split_at(skipped);
        let end = from_run.find(|letter| !in_a_run(letter)).unwrap_or(from_run.len());
        let padding = from_run.bytes().skip(end).take(2).take_while(|byte| *byte == b'=').count();
        let (run, after) = from_run.split_at(end + padding);
        literal.push_str(before);
        match packed_run(run, depth) {
            Some(piece) => {
                if !literal.is_empty() {
                    pieces.push(Value::Text(std::mem::take(&mut literal)));
                }
                pieces.push(piece);
            }
            None => literal.push_str(run),
        }
        rest = after;
    }
    if !literal.is_empty() {
        pieces.push(Value::Text(literal));
    }
    pieces
}

/// The letters of both alphabets.
fn in_a_run(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '+' | '/')
}

fn packed_run(run: &str, depth: usize) -> Option<Value> {
    if run.len() < SHORTEST_RUN || !looks_encoded(run) {
        return None;
    }
    if run.contains(['+', '/', '=']) {
        let bytes = base64url::decode_standard(run).ok()?;
        return Some(Value::Tag(TAG_BASE64, Box::new(packed_bytes(bytes, depth))));
    }
    Some(packed_bytes(base64url::decode(run).ok()?, depth))
}

fn packed_bytes(bytes: Vec<u8>, depth: usize) -> Value {
    let is_text = |text: &str| !text.chars().any(|letter| letter.is_control() && !letter.is_whitespace());
    match String::from_utf8(bytes) {
        Ok(text) if depth > 0 && is_text(&text) => Value::Array(pieces(&text, depth - 1)),
        Ok(text) => Value::Bytes(text.into_bytes()),
        Err(error) => Value::Bytes(error.into_bytes()),
    }
}

/// Words of a language, names and dates change between small letters, capitals, digits and signs seldom; base64 does at every other
/// character. What is judged wrongly only costs bytes.
fn looks_encoded(run: &str) -> bool {
    let kind = |byte: u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let changes = run.bytes().zip(run.bytes().skip(1)).filter(|(left, right)| kind(*left) != kind(*right));
    changes.count() * 3 >= run.len()
}

#[cfg(test)]
mod tests;
