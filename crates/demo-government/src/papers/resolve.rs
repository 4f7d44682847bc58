//! `{"inDays": n}` is a day counted from today; everything else stays.

use primitives::CivilDate;
use serde_json::{Map, Value};

/// The day that a value of the data names; `None` for `null` and for what is no day.
pub(super) fn date_of(value: &Value, today: CivilDate) -> Option<CivilDate> {
    match value {
        Value::Object(_) => Some(today.plus_days(value.get("inDays")?.as_i64()?)),
        Value::String(text) => CivilDate::parse(text).ok(),
        _ => None,
    }
}

/// The value with each relative day as a date.
pub(super) fn resolved(value: &Value, today: CivilDate) -> Value {
    match value {
        Value::Object(members) => match date_of(value, today) {
            Some(day) if members.len() == 1 => Value::String(day.to_string()),
            _ => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), resolved(value, today)))
                    .collect::<Map<_, _>>(),
            ),
        },
        Value::Array(values) => Value::Array(values.iter().map(|value| resolved(value, today)).collect()),
        other => other.clone(),
    }
}
