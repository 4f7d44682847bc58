//! Element values that we issue (ISO/IEC 18013-5 7.2.1: `tstr`, `uint`, `bool`, `bstr`, `full-date`, `tdate` and structures of these).

use primitives::{Blame, CivilDate, Instant, Left, Refusal};
use serde_json::Value;

use crate::cbor::{DATE_TIME, FULL_DATE, write};

/// Levels of arrays and maps in one element value, at most. Reading allows more ([`crate::MAX_NESTING`]).
pub const MAX_VALUE_NESTING: usize = 8;

/// A value to be issued. What was received is read as JSON instead ([`crate::Claims`]).
///
/// No `Debug`: values are claims.
#[derive(Clone, PartialEq)]
pub enum ElementValue {
    /// `tstr`.
    Text(String),
    /// `int`, such as an amount in won.
    Integer(i64),
    /// `bool`.
    Boolean(bool),
    /// `bstr`, such as a portrait in JPEG.
    Bytes(Vec<u8>),
    /// `full-date`: tag 1004 (RFC 8943).
    FullDate(CivilDate),
    /// `tdate`: tag 0, in UTC without fractions.
    DateTime(Instant),
    /// An array.
    Array(Vec<ElementValue>),
    /// A map with text keys, in the order given.
    Map(Vec<(String, ElementValue)>),
}

/// A JSON value that is not an element value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnElement {
    /// `null` says nothing: leave the element out.
    #[error("null is not an element value")]
    Null,
    /// A number with a fraction or beyond 64 bits.
    #[error("only whole numbers of 64 bits are element values")]
    Number,
    /// More than [`MAX_VALUE_NESTING`] levels.
    #[error("the value is nested too deeply")]
    TooDeep,
}

impl Refusal for NotAnElement {
    fn code(&self) -> &'static str {
        match self {
            Self::Null => "mdoc_value_null",
            Self::Number => "mdoc_value_number",
            Self::TooDeep => "mdoc_value_too_deep",
        }
    }

    fn rule(&self) -> &'static str {
        "MD-24"
    }

    fn blame(&self) -> Blame {
        Blame::Application
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl ElementValue {
    /// The value of this JSON, text as `tstr`: what a date is, JSON does not say; use [`ElementValue::FullDate`] for those.
    ///
    /// # Errors
    /// [`NotAnElement`] for `null`, fractions and deep nesting.
    pub fn from_json(value: &Value) -> Result<Self, NotAnElement> {
        Self::from_json_within(value, MAX_VALUE_NESTING)
    }

    fn from_json_within(value: &Value, levels: usize) -> Result<Self, NotAnElement> {
        let inner = || levels.checked_sub(1).ok_or(NotAnElement::TooDeep);
        Ok(match value {
            Value::Null => return Err(NotAnElement::Null),
            Value::Bool(boolean) => Self::Boolean(*boolean),
            Value::Number(number) => Self::Integer(number.as_i64().ok_or(NotAnElement::Number)?),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(values) => {
                let levels = inner()?;
                Self::Array(
                    values
                        .iter()
                        .map(|value| Self::from_json_within(value, levels))
                        .collect::<Result<_, _>>()?,
                )
            }
            Value::Object(members) => {
                let levels = inner()?;
                Self::Map(
                    members
                        .iter()
                        .map(|(name, value)| Ok((name.clone(), Self::from_json_within(value, levels)?)))
                        .collect::<Result<_, _>>()?,
                )
            }
        })
    }

    /// Levels of arrays and maps.
    pub(crate) fn nesting(&self) -> usize {
        match self {
            Self::Array(values) => 1 + values.iter().map(Self::nesting).max().unwrap_or(0),
            Self::Map(members) => 1 + members.iter().map(|(_, value)| value.nesting()).max().unwrap_or(0),
            _ => 0,
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => write::text(out, text),
            Self::Integer(integer) => write::integer(out, *integer),
            Self::Boolean(boolean) => write::boolean(out, *boolean),
            Self::Bytes(bytes) => write::bytes(out, bytes),
            Self::FullDate(date) => {
                write::tag(out, FULL_DATE);
                write::text(out, &date.to_string());
            }
            Self::DateTime(instant) => write_date_time(out, *instant),
            Self::Array(values) => {
                write::array(out, values.len());
                for value in values {
                    value.write(out);
                }
            }
            Self::Map(members) => {
                write::map(out, members.len());
                for (name, value) in members {
                    write::text(out, name);
                    value.write(out);
                }
            }
        }
    }
}

/// A `tdate` (ISO/IEC 18013-5 7.2.1): tag 0, `YYYY-MM-DDThh:mm:ssZ`.
pub(crate) fn write_date_time(out: &mut Vec<u8>, instant: Instant) {
    write::tag(out, DATE_TIME);
    write::text(out, &instant.to_rfc3339());
}
