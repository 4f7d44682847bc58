//! What both sides share of OpenID4VP over the Digital Credentials API (OpenID4VP 1.0 appendix A; VP-A1 to VP-A4, VP-H4, HA-8): the
//! protocols, the origin that the platform vouches for, and the object that goes back.
//!
//! The platform (a browser, an operating system) carries request and answer and says which origin asks. Here it is whoever starts the
//! wallet with a request and an origin; that party is trusted for the origin and for nothing else.

use serde_json::{Map, Value, json};

use crate::holder::Unauthenticated;
use crate::limits;
use crate::uri;

/// The exchange protocols of appendix A.1 (VP-A1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// The parameters themselves; only the origin says who asks.
    Unsigned,
    /// One request object, in compact serialisation.
    Signed,
    /// One payload signed by several client identifiers, in JSON serialisation.
    MultiSigned,
}

impl Protocol {
    /// Every protocol that is spoken here.
    pub const ALL: [Self; 3] = [Self::Unsigned, Self::Signed, Self::MultiSigned];

    /// As it stands in a request.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsigned => "openid4vp-v1-unsigned",
            Self::Signed => "openid4vp-v1-signed",
            Self::MultiSigned => "openid4vp-v1-multisigned",
        }
    }

    /// The protocol of this name; no other version is spoken.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }
}

/// The origin that asks, as the platform gave it. It is compared as a text, never after any change (VP-A2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// Takes a serialised origin (`scheme://host[:port]`, nothing after it) of scheme https, or of http where the host is loopback and
    /// `loopback_http` allows it. Every other scheme is refused (VP-A2), and so is a text that is not exactly how a browser writes an
    /// origin: two spellings of one origin would be two audiences.
    pub fn parse(text: &str, loopback_http: bool) -> Option<Self> {
        let url = uri::endpoint(text, loopback_http)?;
        (url.origin().ascii_serialization() == text).then(|| Self(text.to_owned()))
    }

    /// The origin, without any prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a key binding names as its audience (appendix A.4).
    pub fn audience(&self) -> String {
        format!("origin:{}", self.0)
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether an entry of `expected_origins` has a scheme that may not stand there at all (appendix A.2): http beyond allowed loopback, and
/// the schemes that no origin of a verifier has. Schemes of applications' origins are none of ours, and neither are texts that are no address
/// at all: they are never equal to an [`Origin`], and take nothing from one that stands beside them.
pub(crate) fn is_unsafe(expected: &str, loopback_http: bool) -> bool {
    let scheme = expected.split_once(':').map_or("", |(scheme, _)| scheme);
    let named = |name: &str| scheme.eq_ignore_ascii_case(name);
    if named("http") {
        return uri::endpoint(expected, loopback_http).is_none();
    }
    ["ftp", "javascript", "data", "ws", "wss", "file", "blob", "about"].into_iter().any(named)
}

/// The object that goes back to the platform (appendix A.4): the protocol of the request and `data`. It has no `Debug`: an answer holds
/// claims.
#[derive(Clone, PartialEq)]
pub struct DcApiResponse {
    protocol: Protocol,
    data: Map<String, Value>,
}

impl DcApiResponse {
    pub(crate) fn new(protocol: Protocol, data: Map<String, Value>) -> Self {
        Self { protocol, data }
    }

    /// A protocol error: the single member `error` (VP-A4).
    pub(crate) fn error(protocol: Protocol, code: &str) -> Self {
        Self::new(protocol, Map::from_iter([("error".to_owned(), Value::from(code))]))
    }

    /// The protocol of the request.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// `data`: the response parameters, or `error`.
    pub fn data(&self) -> &Map<String, Value> {
        &self.data
    }

    /// The whole object.
    pub fn to_json(&self) -> Value {
        json!({ "protocol": self.protocol.name(), "data": self.data })
    }
}

/// One entry of the requests that a verifier made: the first whose protocol is spoken here and that the profile lets ask. Where it lets none,
/// the first that is spoken, so that the refusal says why.
///
/// Takes a bare request `{"protocol", "data"}`, the options `{"requests": [..]}`, and those of a whole call `{"digital": {"requests": [..]}}`.
/// `None`: none of these, none that is spoken here, or out of bounds.
pub(crate) fn first_supported(bytes: &[u8], unsigned: Unauthenticated) -> Option<(Protocol, Value)> {
    let whole = primitives::json::parse_strict_object(bytes, limits::MAX_DC_API_REQUEST_BYTES).ok()?;
    let options = match whole.get("digital") {
        Some(digital) => digital.as_object()?,
        None => &whole,
    };
    let entry = |entry: &Value| -> Option<(Protocol, Value)> {
        let protocol = Protocol::of_name(entry.get("protocol")?.as_str()?)?;
        Some((protocol, entry.get("data")?.clone()))
    };
    match options.get("requests") {
        Some(requests) => {
            let requests = requests.as_array().filter(|list| list.len() <= limits::MAX_DC_API_REQUESTS)?;
            let spoken = || requests.iter().filter_map(entry);
            let may_ask = |(protocol, _): &(Protocol, Value)| {
                *protocol != Protocol::Unsigned || unsigned == Unauthenticated::Warn
            };
            spoken().find(may_ask).or_else(|| spoken().next())
        }
        None => entry(&Value::Object(options.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: VP-A1
    #[test]
    fn three_protocols_of_version_1_are_spoken() {
        for protocol in Protocol::ALL {
            assert_eq!(Protocol::of_name(protocol.name()), Some(protocol));
        }
        for name in ["openid4vp", "openid4vp-v2-signed", "openid4vp-v1-Signed", "org-iso-mdoc", ""] {
            assert_eq!(Protocol::of_name(name), None, "{name}");
        }
    }

    // rule: VP-A2
    #[test]
    fn an_origin_is_https_and_exactly_as_a_browser_writes_it() {
        for text in
            ["https://verifier.example", "https://verifier.example:8443", "https://xn--3e0b707e.example"]
        {
            assert_eq!(Origin::parse(text, false).unwrap().as_str(), text);
        }
        for text in [
            "https://verifier.example/",
            "https://verifier.example:443",
            "https://Verifier.example",
            "https://user@verifier.example",
            "https://verifier.example#",
            "https://verifier.example?",
            "http://verifier.example",
            "http://127.0.0.1:1",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://verifier.example",
            "ws://verifier.example",
            "wss://verifier.example",
            "android:apk-key-hash:abc",
            "origin:https://verifier.example",
            "verifier.example",
            "null",
            "",
        ] {
            assert_eq!(Origin::parse(text, false), None, "{text}");
        }
        assert!(Origin::parse("http://127.0.0.1:4321", true).is_some());
        assert!(Origin::parse("http://verifier.example", true).is_none());
        assert_eq!(Origin::parse("https://a.example", false).unwrap().audience(), "origin:https://a.example");
    }

    // rule: VP-A1
    #[test]
    fn the_first_request_that_is_spoken_here_is_taken_in_every_shape() {
        let take = |value: Value| first_supported(value.to_string().as_bytes(), Unauthenticated::Warn);
        let ours = json!({ "protocol": "openid4vp-v1-signed", "data": { "request": "x" } });
        let later = json!({ "protocol": "openid4vp-v1-unsigned", "data": {} });
        let other = json!({ "protocol": "org-iso-mdoc", "data": {} });
        let expected = Some((Protocol::Signed, json!({ "request": "x" })));
        assert_eq!(take(ours.clone()), expected);
        assert_eq!(take(json!({ "requests": [other, ours, later] })), expected);
        assert_eq!(
            take(json!({ "digital": { "requests": [other, ours] }, "mediation": "required" })),
            expected
        );
        for none in [
            json!({}),
            other.clone(),
            json!({ "requests": [] }),
            json!({ "digital": [] }),
            json!([ours]),
            json!({ "protocol": "openid4vp-v1-signed" }),
            json!({ "requests": vec![ours.clone(); limits::MAX_DC_API_REQUESTS + 1] }),
        ] {
            assert_eq!(take(none.clone()), None, "{none}");
        }
        let take = |bytes: &[u8]| first_supported(bytes, Unauthenticated::Warn);
        assert_eq!(take(br#"{"protocol":"openid4vp-v1-signed","protocol":"a","data":{}}"#), None);
        assert_eq!(take(&vec![b' '; limits::MAX_DC_API_REQUEST_BYTES + 1]), None);
    }

    // rule: VP-A1, VP-A2
    #[test]
    fn an_unsigned_request_hides_none_that_the_profile_would_take() {
        let of = |protocol: Protocol| json!({ "protocol": protocol.name(), "data": {} });
        let (unsigned, signed) = (of(Protocol::Unsigned), of(Protocol::Signed));
        let taken = |requests: Value, policy: Unauthenticated| {
            let text = json!({ "requests": requests }).to_string();
            first_supported(text.as_bytes(), policy).map(|(protocol, _)| protocol)
        };
        let both = json!([unsigned, signed]);
        assert_eq!(taken(both.clone(), Unauthenticated::Refuse), Some(Protocol::Signed));
        assert_eq!(taken(both, Unauthenticated::Warn), Some(Protocol::Unsigned));
        assert_eq!(taken(json!([unsigned]), Unauthenticated::Refuse), Some(Protocol::Unsigned));
    }
}
