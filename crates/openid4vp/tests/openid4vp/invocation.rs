//! Links, and the fetch of a request object (VP-R9 to VP-R11, VP-C1, VP-C2; "How a wallet must behave", 4).

use crate::support::*;
use openid4vp::holder::{FetchRequestObject, Invocation, Next, Policy, RequestError as E, Unauthenticated};
use openid4vp::limits;
use primitives::http::{Method, Response};
use proptest::prelude::*;
use serde_json::{Value, json};

const WARN: Policy = Policy { unauthenticated: Unauthenticated::Warn, ..Policy::STRICT };

fn parse(link: &str) -> Result<Invocation, E> {
    Invocation::parse(link, &Policy::STRICT)
}

fn refused(link: &str) -> E {
    parse(link).map(|_| ()).expect_err(link)
}

fn fetch(world: &World, link: &str) -> FetchRequestObject {
    match parse(link).unwrap().next(&world.entropy).unwrap() {
        Next::Fetch(fetch) => fetch,
        Next::Request(_) => panic!("nothing to fetch"),
    }
}

/// The parameters of a valid unsigned request.
fn unsigned() -> Vec<(&'static str, String)> {
    let query = serde_json::to_string(card_query().as_wire()).unwrap();
    vec![
        ("client_id", format!("redirect_uri:{RESPONSE_URI}")),
        ("response_type", "vp_token".to_owned()),
        ("response_mode", "direct_post".to_owned()),
        ("nonce", "n".to_owned()),
        ("dcql_query", query),
    ]
}

fn to_link(parameters: &[(&str, String)]) -> String {
    let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("openid4vp://?{}", pairs.join("&"))
}

fn authenticate(world: &World, link: &str, policy: &Policy) -> Result<(), E> {
    match Invocation::parse(link, policy)?.next(&world.entropy)? {
        Next::Request(request) => request.authenticate(&world.trust(), world.now, policy).map(|_| ()),
        Next::Fetch(_) => panic!("something to fetch"),
    }
}

#[test]
fn any_scheme_is_read_and_the_fragment_is_not() {
    for link in [
        "openid4vp://?client_id=x509_hash:a&request_uri=https://v.example/r",
        "haip-vp://authorize?client_id=x509_hash:a&request_uri=https%3A%2F%2Fv.example%2Fr",
        "eudi-openid4vp:?client_id=x509_hash:a&request_uri=https://v.example/r#client_id=b",
        "  https://wallet.example/open?client_id=x509_hash:a&request_uri=https://v.example/r\n",
        "client_id=x509_hash:a&request_uri=https://v.example/r",
    ] {
        let invocation = parse(link).expect(link);
        assert_eq!(invocation.claimed_client_id().as_str(), "x509_hash:a");
        assert_eq!(invocation.fetch_host(), Some("v.example"));
    }
}

// rule: VP-C1
#[test]
fn links_that_are_no_requests_are_refused() {
    assert_eq!(refused(""), E::ClientIdMissing);
    assert_eq!(refused("openid4vp://?request_uri=https://v.example/r"), E::ClientIdMissing);
    assert_eq!(refused("openid4vp://?client_id=&request_uri=https://v.example/r"), E::ClientIdMissing);
    let long = "a".repeat(limits::MAX_CLIENT_ID_BYTES + 1);
    assert_eq!(refused(&format!("openid4vp://?client_id={long}")), E::ClientIdMissing);
    assert_eq!(refused("openid4vp://?client_id=a&client_id=a"), E::Invocation);
    assert_eq!(refused("openid4vp://?client_id=%zz"), E::Invocation);
    assert_eq!(refused("openid4vp://?client_id=a&dcql_query={"), E::Invocation);
    assert_eq!(refused(r#"openid4vp://?client_id=a&client_metadata={"a":1,"a":2}"#), E::Invocation);
    assert_eq!(refused(&"a".repeat(limits::MAX_INVOCATION_BYTES + 1)), E::Invocation);
    assert_eq!(refused(&"a".repeat(limits::MAX_INVOCATION_BYTES)), E::ClientIdMissing);
}

// rule: VP-R9
#[test]
fn a_request_object_is_passed_in_one_way_and_fetched_over_https() {
    let base = "openid4vp://?client_id=x509_hash:a";
    assert_eq!(
        refused(&format!("{base}&request=a.b.c&request_uri=https://v.example/")),
        E::AmbiguousRequestObject
    );
    for address in ["http://v.example/", "https://u:p@v.example/", "file:///etc/passwd", "v.example", ""] {
        assert_eq!(refused(&format!("{base}&request_uri={address}")), E::RequestUri, "{address}");
    }
    let loopback = format!("{base}&request_uri=http://127.0.0.1:8080/r");
    assert_eq!(refused(&loopback), E::RequestUri);
    assert!(Invocation::parse(&loopback, &Policy { loopback_http: true, ..Policy::STRICT }).is_ok());
}

// rule: VP-R10
#[test]
fn the_method_is_get_or_post_and_stands_beside_an_address() {
    let world = World::new();
    let base = "openid4vp://?client_id=x509_hash:a&request_uri=https://v.example/r";
    assert_eq!(fetch(&world, base).request().method, Method::Get);
    assert_eq!(fetch(&world, &format!("{base}&request_uri_method=get")).request().method, Method::Get);
    assert_eq!(fetch(&world, &format!("{base}&request_uri_method=post")).request().method, Method::Post);
    for method in ["GET", "POST", "put", ""] {
        assert_eq!(refused(&format!("{base}&request_uri_method={method}")), E::RequestUriMethod, "{method}");
    }
    assert_eq!(refused("openid4vp://?client_id=a&request_uri_method=post"), E::RequestUriMethod);
    assert_eq!(refused("openid4vp://?client_id=a&request=a.b.c&request_uri_method=get"), E::RequestUriMethod);
}

// rule: VP-R10
#[test]
fn the_wallet_nonce_comes_back_or_the_process_ends() {
    let world = World::new();
    let prepared = world.prepare(card_query());
    let link = prepared.link_by_reference("openid4vp", REQUEST_URI, true).unwrap();
    let receive = |object: String| {
        fetch(&world, &link)
            .receive(&object_response(&object))
            .unwrap()
            .authenticate(&world.trust(), world.now, &Policy::STRICT)
            .map(|_| ())
    };
    assert_eq!(receive(prepared.request_object(&world.signer()).unwrap()), Err(E::WalletNonce));
    let other = prepared.handle_request_uri_post(b"wallet_nonce=other", &world.signer()).unwrap();
    assert_eq!(receive(other), Err(E::WalletNonce));
}

// rule: VP-R10
#[test]
fn a_malformed_post_of_a_wallet_is_not_signed() {
    let world = World::new();
    let prepared = world.prepare(card_query());
    let long = format!("wallet_nonce={}", "a".repeat(limits::MAX_TOKEN_BYTES + 1));
    for body in ["wallet_nonce=a&wallet_nonce=b", "wallet_nonce=", &long] {
        assert!(prepared.handle_request_uri_post(body.as_bytes(), &world.signer()).is_err());
    }
    for body in ["", "x=y&wallet_metadata=%7B%7D", "wallet_nonce=%EA%B0%80"] {
        assert!(prepared.handle_request_uri_post(body.as_bytes(), &world.signer()).is_ok());
    }
}

// rule: VP-R11
#[test]
fn signing_algorithms_are_named_only_where_a_signature_is_possible() {
    let world = World::new();
    let metadata = |client_id: &str| -> Value {
        let link = format!(
            "openid4vp://?client_id={client_id}&request_uri=https://v.example/r&request_uri_method=post"
        );
        let fields = form(&fetch(&world, &link).request());
        let (_, metadata) = fields.into_iter().find(|(name, _)| name == "wallet_metadata").unwrap();
        serde_json::from_str(&metadata).unwrap()
    };
    let signed = metadata("x509_hash:a");
    assert_eq!(signed["request_object_signing_alg_values_supported"], json!(["ES256"]));
    assert!(signed["vp_formats_supported"]["dc+sd-jwt"].is_object());
    let unsigned = metadata("redirect_uri:https://v.example/r");
    assert!(unsigned.get("request_object_signing_alg_values_supported").is_none());
}

// rule: VP-R9
#[test]
fn anything_but_200_with_a_request_object_ends_the_process() {
    let world = World::new();
    let prepared = world.prepare(card_query());
    let link = prepared.link_by_reference("openid4vp", REQUEST_URI, false).unwrap();
    let object = prepared.request_object(&world.signer()).unwrap();
    let receive = |status: u16, content_type: &str, body: &[u8]| {
        let response = Response::new(status, body).with_header("content-type", content_type);
        fetch(&world, &link).receive(&response).map(|_| ())
    };
    let media_type = "application/oauth-authz-req+jwt";
    assert_eq!(receive(200, media_type, object.as_bytes()), Ok(()));
    assert_eq!(receive(200, "application/jwt", object.as_bytes()), Ok(()));
    for status in [201, 204, 302, 307, 400, 404, 500] {
        assert_eq!(receive(status, media_type, object.as_bytes()), Err(E::FetchStatus), "{status}");
    }
    for other in ["text/html", "application/json", ""] {
        assert_eq!(receive(200, other, object.as_bytes()), Err(E::FetchContentType), "{other}");
    }
    assert_eq!(receive(200, media_type, b"\xff"), Err(E::RequestObject));
    assert_eq!(receive(200, media_type, &vec![b'a'; limits::MAX_REQUEST_OBJECT_BYTES]), Ok(()));
    assert_eq!(
        receive(200, media_type, &vec![b'a'; limits::MAX_REQUEST_OBJECT_BYTES + 1]),
        Err(E::RequestObject)
    );
}

#[test]
fn a_request_object_in_the_link_is_authenticated_like_a_fetched_one() {
    let world = World::new();
    let object = world.prepare(card_query()).request_object(&world.signer()).unwrap();
    let link = format!("openid4vp://?client_id={}&request={object}", world.verifier.hash_id());
    assert_eq!(authenticate(&world, &link, &Policy::STRICT), Ok(()));
    let mismatch = format!("openid4vp://?client_id=x509_san_dns:{HOST}&request={object}");
    assert_eq!(authenticate(&world, &mismatch, &Policy::STRICT), Err(E::ClientIdMismatch));
}

// rule: VP-C2
#[test]
fn unsigned_requests_are_for_redirect_uri_clients_where_the_profile_allows_them() {
    let world = World::new();
    let link = to_link(&unsigned());
    assert_eq!(authenticate(&world, &link, &WARN), Ok(()));
    assert_eq!(authenticate(&world, &link, &Policy::STRICT), Err(E::Unauthenticated));
    for client_id in [world.verifier.hash_id(), format!("x509_san_dns:{HOST}")] {
        let mut parameters = unsigned();
        parameters[0].1 = client_id;
        parameters.push(("response_uri", RESPONSE_URI.to_owned()));
        assert_eq!(authenticate(&world, &to_link(&parameters), &WARN), Err(E::SignatureMissing));
    }
}

// rule: VP-R15, VP-C2
#[test]
fn a_redirect_uri_client_is_answered_at_its_own_address_only() {
    let world = World::new();
    let mut parameters = unsigned();
    parameters.push(("response_uri", RESPONSE_URI.to_owned()));
    assert_eq!(authenticate(&world, &to_link(&parameters), &WARN), Ok(()));
    parameters.pop();
    parameters.push(("response_uri", format!("{RESPONSE_URI}/other")));
    assert_eq!(authenticate(&world, &to_link(&parameters), &WARN), Err(E::ResponseUriForeign));
    let mut parameters = unsigned();
    parameters[0].1 = "redirect_uri:http://verifier.example/".to_owned();
    assert_eq!(authenticate(&world, &to_link(&parameters), &WARN), Err(E::ResponseUri));
}

// rule: VP-R5
#[test]
fn a_raw_plus_in_a_format_is_a_plus() {
    // `to_link` escapes nothing, and the query says dc+sd-jwt.
    let world = World::new();
    let link = to_link(&unsigned());
    assert!(link.contains("dc+sd-jwt"));
    let Next::Request(request) = Invocation::parse(&link, &WARN).unwrap().next(&world.entropy).unwrap()
    else {
        panic!("something to fetch")
    };
    let request = request.authenticate(&world.trust(), world.now, &WARN).unwrap();
    assert_eq!(request.query().credentials().first().format, dcql::Format::SdJwtVc);
}

// rule: VP-R14
#[test]
fn a_redirect_uri_parameter_is_refused_in_a_link_too() {
    let world = World::new();
    let mut parameters = unsigned();
    parameters.push(("redirect_uri", RESPONSE_URI.to_owned()));
    assert_eq!(authenticate(&world, &to_link(&parameters), &WARN), Err(E::RedirectUriPresent));
}

proptest! {
    #[test]
    fn no_link_makes_the_parser_panic(link in "\\PC{0,200}", query in "[a-z_%=&{}\\[\\]\":0-9+]{0,200}") {
        let _ = parse(&link);
        let _ = parse(&format!("openid4vp://?client_id=a&{query}"));
    }
}
