//! JWTs that nobody signed (`alg` `none`, RFC 7519 section 6, RFC 7515 appendix A.5): read where a specification lets a message go unsigned, and
//! never taken for anything else. No signature function reads them, and this one reads nothing that is signed.

use primitives::base64url;
use primitives::json;
use serde_json::{Map, Value};

use crate::jws::{JwsError, MAX_HEADER_BYTES};

/// An unsecured JWT: what it says is what anybody could say.
#[derive(Clone, PartialEq)]
pub struct UnsecuredJwt {
    typ: Option<String>,
    claims: Map<String, Value>,
}

impl UnsecuredJwt {
    /// Reads the compact form of at most `max_bytes` bytes: two parts of strict base64url and an empty third one.
    ///
    /// # Errors
    /// [`JwsError::TooLarge`]; [`JwsError::Algorithm`] where `alg` is anything but `none`; [`JwsError::Signature`] where a third part
    /// follows; [`JwsError::Critical`], [`JwsError::DuplicateMember`], [`JwsError::Malformed`], [`JwsError::Payload`].
    pub fn parse(compact: &str, max_bytes: usize) -> Result<Self, JwsError> {
        if compact.len() > max_bytes {
            return Err(JwsError::TooLarge);
        }
        let mut parts = compact.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JwsError::Malformed);
        };
        let object = |part: &str, bound: usize, other: JwsError| {
            let bytes = base64url::decode(part).map_err(|_| JwsError::Malformed)?;
            json::parse_strict_object(&bytes, bound).map_err(|error| match error {
                json::JsonError::DuplicateMember => JwsError::DuplicateMember,
                json::JsonError::TooLarge => JwsError::TooLarge,
                _ => other,
            })
        };
        let header = object(header, MAX_HEADER_BYTES, JwsError::Malformed)?;
        if header.get("alg").and_then(Value::as_str) != Some("none") {
            return Err(JwsError::Algorithm);
        }
        if header.contains_key("crit") {
            return Err(JwsError::Critical);
        }
        if !signature.is_empty() {
            return Err(JwsError::Signature);
        }
        let typ = match header.get("typ") {
            None => None,
            Some(Value::String(typ)) => Some(typ.strip_prefix("application/").unwrap_or(typ).to_owned()),
            Some(_) => return Err(JwsError::Malformed),
        };
        Ok(Self { typ, claims: object(payload, max_bytes, JwsError::Payload)? })
    }

    /// `typ` without `application/`.
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The claims.
    pub fn into_claims(self) -> Map<String, Value> {
        self.claims
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsecured(header: &str, payload: &str, rest: &str) -> String {
        format!("{}.{}.{rest}", base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes()))
    }

    #[test]
    fn only_what_says_that_it_is_unsigned_is_read() {
        let read = |text: &str| UnsecuredJwt::parse(text, 1024).map(|jwt| jwt.typ().map(str::to_owned));
        assert_eq!(
            read(&unsecured(r#"{"alg":"none","typ":"a+jwt"}"#, "{}", "")),
            Ok(Some("a+jwt".to_owned()))
        );
        assert_eq!(
            read(&unsecured(r#"{"alg":"none","typ":"application/a+jwt"}"#, "{}", "")),
            Ok(Some("a+jwt".to_owned()))
        );
        assert_eq!(read(&unsecured(r#"{"alg":"none"}"#, "{}", "")), Ok(None));
        for (header, payload, rest, fault) in [
            (r#"{"alg":"ES256"}"#, "{}", "", JwsError::Algorithm),
            (r#"{"alg":"None"}"#, "{}", "", JwsError::Algorithm),
            (r#"{}"#, "{}", "", JwsError::Algorithm),
            (r#"{"alg":"none"}"#, "{}", "AAAA", JwsError::Signature),
            (r#"{"alg":"none","crit":["x"]}"#, "{}", "", JwsError::Critical),
            (r#"{"alg":"none","alg":"none"}"#, "{}", "", JwsError::DuplicateMember),
            (r#"{"alg":"none","typ":1}"#, "{}", "", JwsError::Malformed),
            (r#"[]"#, "{}", "", JwsError::Malformed),
            (r#"{"alg":"none"}"#, "[]", "", JwsError::Payload),
            (r#"{"alg":"none"}"#, r#"{"a":1,"a":1}"#, "", JwsError::DuplicateMember),
        ] {
            assert_eq!(read(&unsecured(header, payload, rest)), Err(fault), "{header} {payload}");
        }
        assert_eq!(read("e30.e30"), Err(JwsError::Malformed));
        assert_eq!(read("e30.e30.."), Err(JwsError::Malformed));
        assert_eq!(read(&"a".repeat(1025)), Err(JwsError::TooLarge));
        assert_eq!(read(&"a".repeat(1024)), Err(JwsError::Malformed));
    }
}
