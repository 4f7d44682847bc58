//! Reading CBOR maps without letting a repeated key choose its meaning.

use crypto::cbor::Value;

/// A key appears twice, or the value is not a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAMap;

/// The value under a text key.
pub(super) fn text_entry<'a>(map: &'a Value, name: &str) -> Result<Option<&'a Value>, NotAMap> {
    entry(map, |key| key.as_text() == Some(name))
}

/// The value under an integer key.
pub(super) fn integer_entry(map: &Value, name: i128) -> Result<Option<&Value>, NotAMap> {
    entry(map, |key| key.as_integer().map(i128::from) == Some(name))
}

fn entry(map: &Value, is_wanted: impl Fn(&Value) -> bool) -> Result<Option<&Value>, NotAMap> {
    let mut found =
        map.as_map().ok_or(NotAMap)?.iter().filter(|(key, _)| is_wanted(key)).map(|(_, value)| value);
    match (found.next(), found.next()) {
        (first, None) => Ok(first),
        _ => Err(NotAMap),
    }
}

/// A non-negative integer.
pub(super) fn unsigned(value: &Value) -> Option<u64> {
    value.as_integer().and_then(|number| u64::try_from(number).ok())
}
