//! What every message of this crate has in common: foreign JSON is bounded in bytes before it is parsed, addresses are https, identifiers
//! keep the text that they came as.
//!
//! Clauses: OpenID4VCI 1.0 section 12.2.1 (issuer identifier), 12.2.2 and RFC 8414 section 3 (well-known addresses); CI-3, CI-5, CI-6.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

/// Longest credential offer, in bytes.
pub const OFFER_MAX_BYTES: usize = 64 * 1024;
/// Longest credential issuer metadata, in bytes (a large ecosystem's is some 270 KB).
pub const ISSUER_METADATA_MAX_BYTES: usize = 1024 * 1024;
/// Longest authorization server metadata, in bytes.
pub const SERVER_METADATA_MAX_BYTES: usize = 128 * 1024;
/// Longest answer of the PAR, token, nonce, challenge and notification endpoints, in bytes.
pub const SMALL_ANSWER_MAX_BYTES: usize = 64 * 1024;
/// Longest credential response, in bytes: a batch of papers with portraits.
pub const CREDENTIAL_ANSWER_MAX_BYTES: usize = 8 * 1024 * 1024;
/// Longest URL, in bytes.
pub const URL_MAX_BYTES: usize = 4096;
/// Longest opaque value of a server (codes, tokens, nonces, identifiers), in bytes.
pub const OPAQUE_MAX_BYTES: usize = 8 * 1024;

/// Why foreign bytes are not the message that they should be. Carries names of members, never their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// More bytes than the message may have.
    #[error("the message is longer than {max} bytes")]
    TooLong {
        /// The bound, in bytes.
        max: usize,
    },
    /// Not JSON, or JSON of another shape (a required member is missing or has another type).
    #[error("the message is not JSON of the shape that the specification gives it")]
    Shape,
    /// A member has a value that the specification forbids.
    #[error("the member `{0}` has a value that it must not have")]
    Member(&'static str),
}

/// Parses JSON of at most `max` bytes.
pub(crate) fn json<T: DeserializeOwned>(bytes: &[u8], max: usize) -> Result<T, WireError> {
    if bytes.len() > max {
        return Err(WireError::TooLong { max });
    }
    let value = primitives::json::parse_strict(bytes, max).map_err(|_| WireError::Shape)?;
    serde_json::from_value(value).map_err(|_| WireError::Shape)
}

/// An opaque value of a server: not empty, bounded, printable ASCII (RFC 6749 appendix A, VSCHAR).
pub(crate) fn opaque(value: String, member: &'static str) -> Result<String, WireError> {
    let printable = value.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    if value.is_empty() || value.len() > OPAQUE_MAX_BYTES || !printable {
        return Err(WireError::Member(member));
    }
    Ok(value)
}

/// A text by which something is named in JSON alone (configurations, datasets, transactions, notifications): not empty and bounded. OpenID4VCI
/// calls each of them a string, so that it may hold any characters, which RFC 6749 allows of no value in a header or a form.
pub(crate) fn identifying(value: String, member: &'static str) -> Result<String, WireError> {
    if value.is_empty() || value.len() > OPAQUE_MAX_BYTES {
        return Err(WireError::Member(member));
    }
    Ok(value)
}

/// The https address of an endpoint, without user info and without fragment (CI-6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Parses an address; `member` names where it stood.
    ///
    /// # Errors
    /// Anything but an https URL of at most [`URL_MAX_BYTES`] bytes with a host and without user info and fragment.
    pub fn parse(text: &str, member: &'static str) -> Result<Self, WireError> {
        let url = bare_url(text, member)?;
        if url.scheme() != "https" {
            return Err(WireError::Member(member));
        }
        Ok(Self(url))
    }

    /// The address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

/// An absolute URL with a host, without user info and fragment.
pub(crate) fn bare_url(text: &str, member: &'static str) -> Result<Url, WireError> {
    // The parser of addresses leaves blanks and line breaks out where they stand; identifiers are compared and shown as text.
    let has_blanks = text.bytes().any(|byte| byte <= b' ' || byte == 0x7f);
    if text.len() > URL_MAX_BYTES || has_blanks {
        return Err(WireError::Member(member));
    }
    let url = Url::parse(text).map_err(|_| WireError::Member(member))?;
    let has_user = !url.username().is_empty() || url.password().is_some();
    // What is not ASCII grows when it is escaped: the address that is called has the same bound.
    let grown = url.as_str().len() > URL_MAX_BYTES;
    if has_user || grown || url.fragment().is_some() || url.host_str().is_none() {
        return Err(WireError::Member(member));
    }
    Ok(url)
}

/// A credential issuer's or an authorization server's identifier, compared as text without normalisation (CI-3, CI-5).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identifier(String);

impl Identifier {
    /// Parses an identifier; `member` names where it stood.
    ///
    /// # Errors
    /// Anything but an https URL without query, fragment, user info and dot segments.
    pub fn parse(text: &str, member: &'static str) -> Result<Self, WireError> {
        let url = bare_url(text, member)?;
        let dots = raw_path(text).split('/').any(|segment| matches!(segment, "." | ".."));
        if url.scheme() != "https" || text.contains('?') || dots {
            return Err(WireError::Member(member));
        }
        Ok(Self(text.to_owned()))
    }

    /// The identifier as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, for people.
    #[must_use]
    pub fn host(&self) -> String {
        Url::parse(&self.0).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Where the credential issuer's metadata are: the well-known string between host and path, a trailing slash kept (CI-3).
    pub(crate) fn issuer_metadata_url(&self) -> Result<Url, WireError> {
        self.well_known("openid-credential-issuer", raw_path(&self.0))
    }

    /// Where the authorization server's metadata are: the same, a trailing slash removed (CI-5, RFC 8414 section 3.1).
    pub(crate) fn server_metadata_url(&self) -> Result<Url, WireError> {
        let path = raw_path(&self.0);
        self.well_known("oauth-authorization-server", path.strip_suffix('/').unwrap_or(path))
    }

    fn well_known(&self, name: &str, path: &str) -> Result<Url, WireError> {
        let origin = self.0.strip_suffix(raw_path(&self.0)).unwrap_or(&self.0);
        Url::parse(&format!("{origin}/.well-known/{name}{path}"))
            .map_err(|_| WireError::Member("credential_issuer"))
    }
}

/// What follows the authority in `scheme://authority/path`, as written.
fn raw_path(text: &str) -> &str {
    let Some((_, rest)) = text.split_once("://") else { return "" };
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("")
}

/// What an issuer says about itself or a paper in one language (OpenID4VCI 1.0 section 12.2.4; CI-25). All of it is the other side's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Display {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A BCP 47 language tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// What it is, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A logo; none where its address is none that a wallet can use.
    #[serde(default, deserialize_with = "logo", skip_serializing_if = "Option::is_none")]
    pub logo: Option<Image>,
    /// A CSS colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background_color: Option<String>,
    /// A CSS colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_color: Option<String>,
}

/// An image by reference or whole, with an https or data URI; never fetched by this crate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alt_text: Option<String>,
}

#[derive(Deserialize)]
struct ImageWire {
    uri: String,
    alt_text: Option<String>,
}

impl Image {
    /// An image; `None` if its URI is neither an https address as any endpoint's nor a data URI of at most [`IMAGE_DATA_MAX_BYTES`].
    #[must_use]
    pub fn new(uri: String, alt_text: Option<String>) -> Option<Self> {
        let data = uri.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("data"));
        let usable = match data {
            true => uri.len() <= IMAGE_DATA_MAX_BYTES,
            false => Endpoint::parse(&uri, "uri").is_ok(),
        };
        usable.then_some(Self { uri, alt_text })
    }

    /// The https or data URI.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// What it shows, in words.
    #[must_use]
    pub fn alt_text(&self) -> Option<&str> {
        self.alt_text.as_deref()
    }
}

/// Section 12.2.4 leaves the scheme of a logo open, and a wallet has to look at it: one that it cannot use is left out, and refuses no paper.
fn logo<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Image>, D::Error> {
    let wire = Option::<ImageWire>::deserialize(deserializer)?;
    Ok(wire.and_then(|ImageWire { uri, alt_text }| Image::new(uri, alt_text)))
}

/// Most display objects in one list.
pub const DISPLAY_MAX: usize = 64;
/// Longest data URI of an image, in bytes.
pub const IMAGE_DATA_MAX_BYTES: usize = 256 * 1024;
/// Longest text in a display object, in bytes.
pub const DISPLAY_TEXT_MAX_BYTES: usize = 4096;

/// Bounds a list of display objects and refuses two objects of one language (CI-25).
pub(crate) fn displays(list: Vec<Display>) -> Result<Vec<Display>, WireError> {
    const MEMBER: WireError = WireError::Member("display");
    if list.len() > DISPLAY_MAX {
        return Err(MEMBER);
    }
    let mut locales = std::collections::BTreeSet::new();
    for display in &list {
        let Display { name, locale, description, logo, background_color, text_color } = display;
        let shown = logo.as_ref().and_then(Image::alt_text);
        let texts = [name, locale, description, background_color, text_color].map(Option::as_deref);
        if texts.into_iter().chain([shown]).flatten().any(|text| text.len() > DISPLAY_TEXT_MAX_BYTES) {
            return Err(MEMBER);
        }
        if !locales.insert(display.locale.as_deref().map(str::to_ascii_lowercase)) {
            return Err(MEMBER);
        }
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(text: &str) -> String {
        Identifier::parse(text, "x").unwrap().issuer_metadata_url().unwrap().to_string()
    }

    fn server(text: &str) -> String {
        Identifier::parse(text, "x").unwrap().server_metadata_url().unwrap().to_string()
    }

    // rule: CI-3
    #[test]
    fn issuer_well_known_stands_between_host_and_path_and_keeps_a_trailing_slash() {
        assert_eq!(issuer("https://a.example"), "https://a.example/.well-known/openid-credential-issuer");
        assert_eq!(issuer("https://a.example/"), "https://a.example/.well-known/openid-credential-issuer/");
        assert_eq!(
            issuer("https://a.example:8443/t/1/"),
            "https://a.example:8443/.well-known/openid-credential-issuer/t/1/"
        );
    }

    // rule: CI-5
    #[test]
    fn server_well_known_drops_a_trailing_slash() {
        assert_eq!(server("https://a.example/"), "https://a.example/.well-known/oauth-authorization-server");
        assert_eq!(
            server("https://a.example/t/"),
            "https://a.example/.well-known/oauth-authorization-server/t"
        );
    }

    // rule: CI-6
    #[test]
    fn an_endpoint_is_https_without_user_info_and_fragment() {
        for bad in
            ["http://a.example/x", "https://u@a.example/x", "https://a.example/x#y", "ftp://a.example", "/x"]
        {
            assert_eq!(Endpoint::parse(bad, "m"), Err(WireError::Member("m")), "{bad}");
        }
        assert!(Endpoint::parse("https://a.example/x?y=1", "m").is_ok());
    }

    // rule: CI-3
    #[test]
    fn an_identifier_has_no_query_no_fragment_and_no_dot_segment() {
        for bad in
            ["https://a.example?x", "https://a.example/#", "https://a.example/../b", "http://a.example", "a"]
        {
            assert!(Identifier::parse(bad, "m").is_err(), "{bad}");
        }
    }

    // rule: CI-25
    #[test]
    fn two_display_objects_of_one_language_are_refused() {
        let one = Display {
            name: Some("a".into()),
            locale: Some("ko".into()),
            description: None,
            logo: None,
            background_color: None,
            text_color: None,
        };
        assert!(displays(vec![one.clone()]).is_ok());
        assert!(displays(vec![one.clone(), one]).is_err());
    }

    // rule: CI-3
    #[test]
    fn messages_values_and_addresses_hold_up_to_their_bound() {
        assert!(json::<serde_json::Value>(b"{}", 2).is_ok());
        assert_eq!(json::<serde_json::Value>(b"{ }", 2), Err(WireError::TooLong { max: 2 }));
        let value = |text: &str| opaque(text.to_owned(), "m").is_ok();
        assert!(value(" ~") && value(&"a".repeat(OPAQUE_MAX_BYTES)));
        for bad in ["", "a\u{1f}", "\u{7f}", "가", &"a".repeat(OPAQUE_MAX_BYTES + 1)] {
            assert!(!value(bad), "{bad:?}");
        }
        let address = |bytes: usize| bare_url(&format!("{:a<bytes$}", "https://a.example/"), "m").is_ok();
        assert!(address(URL_MAX_BYTES) && !address(URL_MAX_BYTES + 1));
        for bad in ["https://:secret@a.example/", "data:text/plain,a"] {
            assert!(bare_url(bad, "m").is_err(), "{bad}");
        }
        for bad in ["https://a.example/?", "https://a.example/./b", "https://a.example/b/.."] {
            assert!(Identifier::parse(bad, "m").is_err(), "{bad}");
        }
    }

    // rule: CI-25
    #[test]
    fn display_objects_are_bounded_in_number_and_length() {
        let text = |bytes: usize| Some("a".repeat(bytes));
        let one = |locale: usize| Display {
            name: None,
            locale: Some(format!("l{locale}")),
            description: None,
            logo: None,
            background_color: None,
            text_color: None,
        };
        assert!(displays((0..DISPLAY_MAX).map(one).collect()).is_ok());
        assert!(displays((0..=DISPLAY_MAX).map(one).collect()).is_err());
        for (bytes, fits) in [(DISPLAY_TEXT_MAX_BYTES, true), (DISPLAY_TEXT_MAX_BYTES + 1, false)] {
            for long in [
                Display { name: text(bytes), ..one(0) },
                Display { locale: text(bytes), ..one(0) },
                Display { description: text(bytes), ..one(0) },
                Display { background_color: text(bytes), ..one(0) },
                Display { text_color: text(bytes), ..one(0) },
                Display { logo: Image::new("data:,".to_owned(), text(bytes)), ..one(0) },
            ] {
                assert_eq!(displays(vec![long]).is_ok(), fits);
            }
        }
    }

    // rule: CI-25
    #[test]
    fn a_logo_is_at_an_https_address_or_in_the_text_or_left_out() {
        let logo = |uri: &str| {
            let display = serde_json::json!({ "name": "a", "logo": { "uri": uri, "alt_text": "b" } });
            let display: Display = serde_json::from_value(display).unwrap();
            assert_eq!(display.name.as_deref(), Some("a"), "the rest stays");
            display.logo
        };
        for good in ["https://a.example/logo.png?x=1", "data:image/png;base64,AAAA", "DATA:,x"] {
            let image = logo(good).unwrap();
            assert_eq!((image.uri(), image.alt_text()), (good, Some("b")));
        }
        for bad in [
            "http://a.example/logo.png",
            "https://u:p@a.example/logo.png",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "urn:data:x",
            "logo.png",
            "//a.example/logo.png",
            "data",
            "",
        ] {
            assert_eq!(logo(bad), None, "{bad}");
        }
        let address = |bytes: usize| format!("{:a<bytes$}", "https://a.example/");
        assert!(logo(&address(URL_MAX_BYTES)).is_some() && logo(&address(URL_MAX_BYTES + 1)).is_none());
        let data = |bytes: usize| format!("data:,{}", "a".repeat(bytes - 6));
        assert!(logo(&data(IMAGE_DATA_MAX_BYTES)).is_some());
        assert!(logo(&data(IMAGE_DATA_MAX_BYTES + 1)).is_none());
        for malformed in [serde_json::json!({ "alt_text": "b" }), serde_json::json!({ "uri": 1 })] {
            let display = serde_json::json!({ "logo": malformed });
            assert!(serde_json::from_value::<Display>(display).is_err(), "a logo has an address");
        }
    }
}
