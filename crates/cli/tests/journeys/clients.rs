//! A wallet that an agency knows as a client by name and key (`private_key_jwt`, HA-3): a developer's profile names it, `profile clients` prints what the
//! agency has to be given.

use std::process::Stdio;

use crypto::PublicJwk;
use demo_government::GrantKind;
use serde_json::{Value, json};

use crate::stage::*;
use crate::wait_for;

/// The agency of resident cards.
const AGENCY: &str = "nuri-mois";
const CLIENT: &str = "library-wallet";

/// The agency's own profile as a developer's, without a wallet provider: what is left is the client that the agency knows.
fn profile(stage: &Stage, name: &str, client: &str, key: Option<&str>) -> String {
    let mut profile: Value = serde_json::from_str(stage.government.profile_json()).unwrap();
    profile["marking"] = json!("developer");
    profile.as_object_mut().unwrap().remove("walletProvider").expect("the demo has one");
    let server = stage.government.addresses().origin(AGENCY);
    profile["clients"] = json!([{ "server": server, "clientId": client }]);
    if let Some(key) = key {
        profile["clients"][0]["key"] = json!(key);
    }
    let path = stage.folder.path().join(name);
    std::fs::write(&path, profile.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A wallet whose profile names it as this client, beside a running government.
fn known_as(client: &str, key: Option<&str>) -> Stage {
    let stage = Stage::new();
    stage.ok(&["init", "--profile", &profile(&stage, "developer.json", client, key)]);
    stage
}

/// What `profile clients` says is to be given to the agency.
fn printed(stage: &Stage) -> Value {
    let clients = stage.ok(&["profile", "clients"])["clients"].clone();
    assert_eq!(clients.as_array().unwrap().len(), 1);
    assert_eq!(clients[0]["server"], stage.government.addresses().origin(AGENCY));
    clients[0].clone()
}

/// The agency takes the key that the wallet printed.
fn register(stage: &Stage, client: &str, printed: &Value) {
    let jwk = &printed["jwks"]["keys"][0];
    assert!(jwk.get("d").is_none(), "the private half stays");
    let key = *PublicJwk::from_value(jwk).unwrap().key();
    stage.government.register_client(AGENCY, client, key).unwrap();
}

/// Refused by the server, with its code told, and nothing kept.
fn not_taken(stage: &Stage, words: &[&str]) {
    let error = stage.error(words, 6, "server_refused_invalid_client");
    assert_eq!((&error["blame"], &error["left"]), (&json!("application"), &json!(false)), "{error}");
    assert_eq!(stage.ok(&["list", "id"])["shelves"][0]["total"], 0);
    let line = stage.ok(&["history"])["entries"][0].clone();
    assert_eq!(line["code"], "server_refused_invalid_client", "{line}");
}

// rule: HA-3
#[test]
fn a_wallet_that_the_agency_knows_by_its_key_receives_a_paper_and_its_copies_anew() {
    let stage = known_as(CLIENT, Some("2026"));
    let clients = printed(&stage);
    assert_eq!(clients["clientId"], CLIENT);
    // The agency does not know the client yet.
    let offer = stage.offer("p1", &["p1-resident"], PLAIN);
    not_taken(&stage, &["accept", &offer, "--yes"]);

    register(&stage, CLIENT, &clients);
    let offer = stage.offer("p1", &["p1-resident"], PLAIN);
    assert_eq!(stage.ok(&["accept", &offer, "--yes"])["status"], "done");
    let list = stage.ok(&["list", "id"]);
    let paper = list["shelves"][0]["papers"][0]["id"].as_str().unwrap();
    assert_eq!(stage.ok(&["show", paper])["trust"]["signature"], "holds");
    // The refresh token belongs to this client as well, and another process still has the key.
    let renewed = stage.ok(&["refresh", paper]);
    assert_eq!(renewed["status"], "done", "{renewed}");
    assert_eq!(printed(&stage), clients);
}

// rule: HA-3, CI-10
#[test]
fn a_wallet_that_the_agency_knows_by_its_key_pushes_its_request_and_comes_back_from_the_page() {
    let stage = known_as(CLIENT, Some("2026"));
    let offer = stage.offer("p1", &["p1-resident"], GrantKind::AuthorizationCode);
    not_taken(&stage, &["accept", &offer, "--yes"]);
    assert!(!stage.folder.path().join("opened").exists(), "no page is opened for a client that is not known");

    register(&stage, CLIENT, &printed(&stage));
    let child = stage.command(&["accept", &offer, "--yes", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    wait_for("the page is opened", || stage.folder.path().join("opened").exists());
    let page = stage.opened();
    assert!(page.contains(&format!("client_id={CLIENT}&")), "{page}");
    stage.consent(&page, "p1");
    let (exit, answer) = answer(&child.wait_with_output().unwrap());
    assert_eq!((exit, &answer["ok"]["status"]), (0, &json!("done")), "{answer}");
    assert_eq!(stage.ok(&["list", "id"])["shelves"][0]["total"], 1);
}

// rule: HA-3
#[test]
fn another_key_another_wallet_or_another_name_is_not_the_client_that_the_agency_knows() {
    // The profile says another name for the key than that of the key which was given.
    let stage = known_as(CLIENT, Some("2026"));
    let before = printed(&stage);
    let renamed = known_as(CLIENT, Some("2027"));
    register(&renamed, CLIENT, &before);
    assert_ne!(printed(&renamed)["jwks"], before["jwks"], "every wallet has a key of its own");
    let offer = renamed.offer("p1", &["p1-resident"], PLAIN);
    not_taken(&renamed, &["accept", &offer, "--yes"]);
    // The right key under a name that the agency does not know.
    register(&stage, "somebody-else", &before);
    let offer = stage.offer("p1", &["p1-resident"], PLAIN);
    not_taken(&stage, &["accept", &offer, "--yes"]);
    // The name alone, where the agency wants more, is no client: nothing is asked of it.
    let bare = known_as(CLIENT, None);
    assert_eq!(printed(&bare)["jwks"], Value::Null);
    register(&bare, CLIENT, &before);
    let offer = bare.offer("p1", &["p1-resident"], PLAIN);
    let error = bare.error(&["accept", &offer, "--yes"], 6, "attestation_no_provider");
    assert_eq!(error["left"], false);
    assert_eq!(bare.ok(&["list", "id"])["shelves"][0]["total"], 0);
}
