//! Requests that a browser hands over: `present --dc-api --origin ORIGIN`.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::stage::*;

const ORIGIN: &str = "https://shop.example";

fn request(vct: &str, nonce: &str) -> String {
    let data = json!({
        "response_type": "vp_token",
        "response_mode": "dc_api",
        "nonce": nonce,
        "client_id": "ignored",
        "dcql_query": { "credentials": [{
            "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [vct] }, "claims": [{ "path": ["name"] }]
        }] },
    });
    let other = json!({ "protocol": "org-iso-mdoc", "data": {} });
    let ours = json!({ "protocol": "openid4vp-v1-unsigned", "data": data });
    json!({ "digital": { "requests": [other, ours] } }).to_string()
}

const RESIDENT: &str = "urn:nuri-demo:MobileResidentCard:1";

fn words<'a>(origin: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["present", "--dc-api", "--origin", origin, "--yes"];
    for what in ["recipient", "purpose", "retention", "refusal", "unauthenticated"] {
        words.extend(["--acknowledge", what]);
    }
    words.extend(more);
    words
}

/// What stands on standard output, the one object, and the exit status.
fn given(stage: &Stage, words: &[&str], input: Option<&str>) -> (i32, Option<Value>) {
    let mut command = stage.command(words);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.unwrap_or_default().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let value = (!text.is_empty()).then(|| serde_json::from_str(&text).expect(&text));
    (output.status.code().unwrap(), value)
}

// rule: VP-A1, VP-A2, VP-A4
#[test]
fn the_answer_for_the_browser_is_printed_and_nothing_else() {
    let stage = Stage::with_wallet();
    stage.hold("p1", "p1-resident");
    let asked = request(RESIDENT, "nonce-1");
    let (exit, answer) = given(&stage, &words(ORIGIN, &["-"]), Some(&asked));
    let answer = answer.unwrap();
    assert_eq!((exit, answer["protocol"].as_str()), (0, Some("openid4vp-v1-unsigned")));
    assert_eq!(answer.as_object().unwrap().len(), 2);
    let presentation = answer["data"]["vp_token"]["card"][0].as_str().unwrap();
    let proof = presentation.rsplit('~').next().unwrap().split('.').nth(1).unwrap();
    let proof: Value = serde_json::from_slice(&primitives::base64url::decode(proof).unwrap()).unwrap();
    assert_eq!(proof["aud"], "origin:https://shop.example");
    assert_eq!(proof["nonce"], "nonce-1");

    // Standard input is where it comes from unless something else is said; a file does as well, and one request alone.
    let (exit, answer) = given(&stage, &words(ORIGIN, &[]), Some(&request(RESIDENT, "nonce-2")));
    assert_eq!((exit, answer.is_some()), (0, true));
    let file = stage.folder.path().join("request.json");
    let whole: Value = serde_json::from_str(&request(RESIDENT, "nonce-3")).unwrap();
    std::fs::write(&file, whole["digital"]["requests"][1].to_string()).unwrap();
    let done = stage.ok(&words(ORIGIN, &[file.to_str().unwrap()]));
    assert_eq!(
        (done["status"].as_str(), done["protocol"].as_str()),
        (Some("sent"), Some("openid4vp-v1-unsigned"))
    );
    assert!(done["data"]["vp_token"]["card"][0].is_string());
}

// rule: VP-A2, VP-A4, VP-S6
#[test]
fn a_no_is_an_error_for_the_page_and_a_refusal_is_silence() {
    let stage = Stage::with_wallet();
    let denied = json!({ "protocol": "openid4vp-v1-unsigned", "data": { "error": "access_denied" } });
    // Nothing fits, and the person says so.
    let (exit, answer) = given(&stage, &words(ORIGIN, &[]), Some(&request(RESIDENT, "n1")));
    assert_ne!(exit, 0);
    assert_eq!(answer, Some(denied));
    // Without a yes nobody is told anything.
    let asked = request(RESIDENT, "n2");
    let (exit, answer) = given(&stage, &["present", "--dc-api", "--origin", ORIGIN, &asked], None);
    assert_ne!(exit, 0);
    assert_eq!(answer, None);
    // Not an origin of a site.
    let (exit, answer) = given(&stage, &words("http://shop.example", &[&asked]), None);
    assert_eq!((exit, answer), (3, None));
    let error = stage.error(&words("http://shop.example", &[&asked]), 3, "request_origin_not_allowed");
    assert_eq!(
        (error["protocolError"].as_str(), error["rule"].as_str()),
        (Some("invalid_request"), Some("VP-A2"))
    );
    let error = stage.error(&words(ORIGIN, &["{\"a\":1}"]), 3, "request_dc_api_malformed");
    assert_eq!(error["protocolError"], "invalid_request");
    // What is wrong may have a code that does not begin like those of requests.
    let mut empty: Value = serde_json::from_str(&asked).unwrap();
    empty["digital"]["requests"][1]["data"]["dcql_query"] = json!({ "credentials": [] });
    let error = stage.error(&words(ORIGIN, &[&empty.to_string()]), 3, "query_list_empty");
    assert_eq!(error["protocolError"], "invalid_request");
    // The two words belong together.
    for words in [&["present", "--dc-api", "x:"][..], &["present", "--origin", ORIGIN, "x:"], &["present"]] {
        assert_eq!(given(&stage, words, None).0, 2, "{words:?}");
    }
}
