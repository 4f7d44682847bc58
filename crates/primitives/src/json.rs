//! JSON of other parties, read strictly: bounded in bytes and depth, and no member name twice in one object.
//!
//! RFC 8259 section 4 leaves repeated names open, and two readers that differ on them disagree about what was signed; RFC 7515 section 4 and
//! RFC 7519 section 4 therefore let a reader refuse them. We refuse them at every depth.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The deepest nesting of arrays and objects that is read.
pub const MAX_DEPTH: usize = 64;

/// Why bytes are not JSON that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// More bytes than the caller allows.
    #[error("the JSON document is too large")]
    TooLarge,
    /// Arrays and objects nest deeper than [`MAX_DEPTH`].
    #[error("the JSON document nests too deeply")]
    TooDeep,
    /// An object has two members of one name.
    #[error("a JSON object has two members of one name")]
    DuplicateMember,
    /// Not one JSON text in UTF-8 and nothing after it (RFC 8259).
    #[error("the bytes are not a JSON document")]
    Syntax,
    /// A JSON text, but not an object where one is expected.
    #[error("the JSON document is not an object")]
    NotAnObject,
}

/// Reads one JSON text of at most `max_bytes` bytes.
///
/// # Errors
/// See [`JsonError`].
pub fn parse_strict(bytes: &[u8], max_bytes: usize) -> Result<Value, JsonError> {
    if bytes.len() > max_bytes {
        return Err(JsonError::TooLarge);
    }
    let refused = Cell::new(JsonError::Syntax);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value =
        Strict { depth: 0, refused: &refused }.deserialize(&mut deserializer).map_err(|_| refused.get())?;
    deserializer.end().map_err(|_| JsonError::Syntax)?;
    Ok(value)
}

/// As [`parse_strict`], for a JSON object.
///
/// # Errors
/// See [`JsonError`].
pub fn parse_strict_object(bytes: &[u8], max_bytes: usize) -> Result<Map<String, Value>, JsonError> {
    match parse_strict(bytes, max_bytes)? {
        Value::Object(object) => Ok(object),
        _ => Err(JsonError::NotAnObject),
    }
}

/// Reads a value and notes in `refused` which of our own bounds stopped it.
#[derive(Clone, Copy)]
struct Strict<'c> {
    depth: usize,
    refused: &'c Cell<JsonError>,
}

impl Strict<'_> {
    fn refuse<E: de::Error>(&self, error: JsonError) -> E {
        self.refused.set(error);
        E::custom(error)
    }

    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.refuse(JsonError::TooDeep));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| self.refuse(JsonError::Syntax))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(inner)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(self.refuse(JsonError::DuplicateMember));
            }
            let value = members.next_value_seed(inner)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn repeated_members_are_refused_at_every_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"c":2,"a":3}}]"#, r#"{"a":1,"\u0061":2}"#] {
            assert_eq!(parse_strict(text.as_bytes(), 100), Err(JsonError::DuplicateMember), "{text}");
        }
        assert!(parse_strict(br#"{"a":{"a":1},"b":{"a":1}}"#, 100).is_ok());
    }

    #[test]
    fn size_and_depth_are_bounded() {
        assert_eq!(parse_strict(b"[1,2]", 4), Err(JsonError::TooLarge));
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse_strict(nested(MAX_DEPTH).as_bytes(), 1000).is_ok());
        assert_eq!(parse_strict(nested(MAX_DEPTH + 1).as_bytes(), 1000), Err(JsonError::TooDeep));
        assert_eq!(parse_strict(nested(100_000).as_bytes(), 1_000_000), Err(JsonError::TooDeep));
    }

    #[test]
    fn what_is_not_one_json_text_is_refused() {
        for text in [
            &b""[..],
            b"{} {}",
            b"{}x",
            b"{'a':1}",
            b"[1,]",
            b"\"\xff\"",
            b"NaN",
            b"1e999",
            b"\xef\xbb\xbf{}",
        ] {
            assert_eq!(parse_strict(text, 100), Err(JsonError::Syntax), "{text:?}");
        }
        assert_eq!(parse_strict_object(b"[]", 100), Err(JsonError::NotAnObject));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            "\\PC{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_read_back(value in any_json()) {
            let bytes = serde_json::to_vec(&value).unwrap();
            prop_assert_eq!(parse_strict(&bytes, bytes.len()).unwrap(), value);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = parse_strict(&bytes, 1000);
        }
    }
}
