//! CBOR values as JSON, for DCQL's value matching and for the screen (MD-33; OpenID4VP 6.4.1 "the CBOR value … MUST first be
//! converted to JSON, following the advice given in Section 6.1 of RFC 8949").

use primitives::base64url;
use serde_json::{Map, Number, Value};

use crate::cbor::{Item, Kind};

/// An element value that has no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("two keys of a map are the same in JSON")]
pub(crate) struct AmbiguousKeys;

/// The value as JSON. The nesting is that of `item`, which is bounded since it was read.
pub(crate) fn from_cbor(item: &Item<'_>) -> Result<Value, AmbiguousKeys> {
    Ok(match &item.kind {
        Kind::Integer(integer) => integer_value(*integer),
        Kind::Bytes(bytes) => Value::String(base64url::encode(bytes)),
        Kind::Text(text) => Value::String((*text).to_owned()),
        Kind::Array(items) => Value::Array(items.iter().map(from_cbor).collect::<Result<_, _>>()?),
        Kind::Map(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                if object.insert(key_text(key), from_cbor(value)?).is_some() {
                    return Err(AmbiguousKeys);
                }
            }
            Value::Object(object)
        }
        Kind::Tag(number, content) => tagged(*number, content)?,
        Kind::Boolean(boolean) => Value::Bool(*boolean),
        // Infinities and NaN have no JSON and become its substitute value, like simple values without a name.
        Kind::Float(float) => Number::from_f64(*float).map_or(Value::Null, Value::Number),
        Kind::Null | Kind::Simple => Value::Null,
    })
}

fn integer_value(integer: i128) -> Value {
    if let Ok(unsigned) = u64::try_from(integer) {
        return Value::from(unsigned);
    }
    match i64::try_from(integer) {
        Ok(signed) => Value::from(signed),
        // Below -2^63: the number as JSON readers with double precision would take it.
        Err(_) => Number::from_f64(integer as f64).map_or(Value::Null, Value::Number),
    }
}

fn key_text(key: &Item<'_>) -> String {
    match &key.kind {
        Kind::Text(text) => (*text).to_owned(),
        Kind::Bytes(bytes) => base64url::encode(bytes),
        Kind::Integer(integer) => integer.to_string(),
        // Reading refuses other keys (MD-1).
        _ => String::new(),
    }
}

/// Tags 2, 3 (bignums) and 21 to 23 (expected later encoding) change the JSON; of every other the number is dropped, so that a
/// `tdate` and a `full-date` become their text.
fn tagged(number: u64, content: &Item<'_>) -> Result<Value, AmbiguousKeys> {
    Ok(match (number, &content.kind) {
        (3, Kind::Bytes(bytes)) => Value::String(format!("~{}", base64url::encode(bytes))),
        (22, Kind::Bytes(bytes)) => Value::String(base64url::encode_standard(bytes)),
        (23, Kind::Bytes(bytes)) => Value::String(bytes.iter().map(|byte| format!("{byte:02X}")).collect()),
        _ => from_cbor(content)?,
    })
}

#[cfg(test)]
mod tests;
