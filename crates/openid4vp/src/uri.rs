//! Addresses and parameters as they stand in links: percent-encoding in which a raw `+` is a plus ("How a wallet must behave", 4),
//! and which addresses a party may name (VP-R9, VP-R15, VP-S2).

use url::Url;

use crate::limits;

/// Splits the query of a link into its parameters, in order. `None`: malformed, too many, or a name that stands twice (RFC 6749
/// section 3.1).
pub(crate) fn parameters(query: &str) -> Option<Vec<(String, String)>> {
    let mut parameters: Vec<(String, String)> = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        if parameters.len() == limits::MAX_PARAMETERS {
            return None;
        }
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let (name, value) = (percent_decode(name)?, percent_decode(value)?);
        if parameters.iter().any(|(present, _)| *present == name) {
            return None;
        }
        parameters.push((name, value));
    }
    Some(parameters)
}

/// Decodes percent-encoding only; the result must be UTF-8.
fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Encodes one parameter value so that both readings of `+` agree.
pub(crate) fn encode_component(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// An address that the other side named for us to call: https, or http on loopback where the profile allows it; without user
/// information or fragment.
pub(crate) fn endpoint(text: &str, loopback_http: bool) -> Option<Url> {
    let url = page(text, loopback_http)?;
    url.fragment().is_none().then_some(url)
}

/// An address that the other side wants opened in the browser: as [`endpoint`], and a fragment is allowed.
pub(crate) fn page(text: &str, loopback_http: bool) -> Option<Url> {
    // The parser of addresses leaves blanks and line breaks out where they stand; what is compared and signed is the text.
    let has_blanks = text.bytes().any(|byte| byte <= b' ' || byte == 0x7f);
    if text.len() > limits::MAX_URL_BYTES || has_blanks {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let scheme_fits = match url.scheme() {
        "https" => true,
        "http" => loopback_http && is_loopback(&url),
        _ => false,
    };
    let plain = url.username().is_empty() && url.password().is_none() && url.has_host();
    (scheme_fits && plain).then_some(url)
}

/// Whether the host is loopback by its name or literal address. What a name resolves to is checked by the HTTP port.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a text has one or more ASCII URL safe characters only (section 5.2), and is not longer than
/// [`limits::MAX_TOKEN_BYTES`].
pub(crate) fn is_url_safe_token(text: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    !text.is_empty() && text.len() <= limits::MAX_TOKEN_BYTES && text.bytes().all(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_plus_is_a_plus_and_escapes_are_decoded() {
        let parsed = parameters("a=dc+sd-jwt&b=%EA%B0%80+%2B&c").unwrap();
        let expected = [("a", "dc+sd-jwt"), ("b", "가++"), ("c", "")];
        assert_eq!(parsed, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn repeated_names_bad_escapes_and_bad_utf_8_are_refused() {
        for query in ["a=1&a=2", "a=1&%61=2", "a=%", "a=%4", "a=%zz", "a=%+1", "a=%ff"] {
            assert_eq!(parameters(query), None, "{query}");
        }
        let many: Vec<String> = (0..=limits::MAX_PARAMETERS).map(|n| format!("a{n}=1")).collect();
        assert_eq!(parameters(&many.join("&")), None);
        assert_eq!(parameters(&many[1..].join("&")).map(|all| all.len()), Some(limits::MAX_PARAMETERS));
    }

    #[test]
    fn an_endpoint_is_https_or_allowed_loopback_without_user_or_fragment() {
        assert!(endpoint("https://verifier.example/post?x=1", false).is_some());
        for text in [
            "http://verifier.example/",
            "http://127.0.0.1:1/",
            "https://user@verifier.example/",
            "https://verifier.example/#f",
            "ftp://verifier.example/",
            "verifier.example",
            "https:///x y",
            " https://verifier.example/",
            "https://verifier.example/a\tb",
            "https://verif\nier.example/",
        ] {
            assert!(endpoint(text, false).is_none(), "{text}");
        }
        for text in ["http://127.0.0.1:1/", "http://[::1]:1/", "http://a.localhost/"] {
            assert!(endpoint(text, true).is_some(), "{text}");
        }
        for text in ["http://localhost.example/", "http://127.0.0.1.example/", "http://10.0.0.1/"] {
            assert!(endpoint(text, true).is_none(), "{text}");
        }
        assert!(page("https://verifier.example/#f", false).is_some());
        assert!(page("https://:secret@verifier.example/", false).is_none());
        let of = |bytes: usize| page(&format!("{:a<bytes$}", "https://verifier.example/"), false);
        assert!(of(limits::MAX_URL_BYTES).is_some() && of(limits::MAX_URL_BYTES + 1).is_none());
    }

    #[test]
    fn tokens_are_url_safe_and_bounded() {
        assert!(is_url_safe_token("n-0S6_WzA2Mj.~"));
        assert!(is_url_safe_token(&"a".repeat(limits::MAX_TOKEN_BYTES)));
        for text in ["", "a b", "a+b", "가", "a/b", &"a".repeat(limits::MAX_TOKEN_BYTES + 1)] {
            assert!(!is_url_safe_token(text));
        }
    }
}
