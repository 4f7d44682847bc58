//! Issuers with several authorization servers: each grant goes to the server that it is for, and to no other (OpenID4VCI 1.0 sections 4.1.1
//! and 12.2.4, RFC 6749 section 10.4).

use crate::common::*;
use openid4vci::holder::*;
use openid4vci::metadata::IssuerMetadata;
use openid4vci::offer::*;
use primitives::http::{Request, Response};
use primitives::{Refusal as _, UniqueNonEmpty};
use serde_json::{Value, json};

/// Another server of the issuer's, which takes authorization codes as this wallet asks for them.
const OTHER: &str = "https://other.example";

/// A world whose issuer lists these servers; its own takes pre-authorized codes alone.
fn listing(servers: &[&str]) -> World {
    let mut world = World::new();
    list(&mut world, json!(servers));
    world.server.grant_types = vec![PRE_AUTHORIZED_CODE_GRANT.to_owned()];
    world
}

fn list(world: &mut World, servers: Value) {
    let mut json = issuer_json();
    json["authorization_servers"] = servers;
    world.metadata = IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
}

/// What [`OTHER`] says of itself; everything else is answered by the world.
fn with_other(request: &Request, response: Response) -> Response {
    if request.url.host_str() != Some("other.example") {
        return response;
    }
    let mut server = server_json();
    server["issuer"] = json!(OTHER);
    for (name, path) in [
        ("authorization_endpoint", "authorize"),
        ("token_endpoint", "token"),
        ("pushed_authorization_request_endpoint", "par"),
    ] {
        server[name] = json!(format!("{OTHER}/{path}"));
    }
    server["grant_types_supported"] = json!([AUTHORIZATION_CODE_GRANT]);
    Response::of_json(200, &server)
}

/// The hosts whose metadata were asked for, in order.
fn asked(world: &World) -> Vec<&str> {
    world.sent.iter().filter_map(|request| request.url.host_str()).collect()
}

fn renewal() -> Discovery {
    let ids = UniqueNonEmpty::one("resident".to_owned());
    Discovery::new(CredentialOffer::renewal(identifier(), ids), DiscoveryPolicy::default())
}

// rule: CI-5, CI-13
#[test]
fn a_refresh_token_goes_to_the_server_that_issued_it_and_to_no_other() {
    let mut world = listing(&[OTHER, ISSUER]);
    let offer = world.offer(&["resident"], None);
    let discovery = Discovery::new(offer, DiscoveryPolicy::default());
    let resolved = world.drive_altered(discovery, with_other).unwrap();
    let client = world.client();
    let authorized = world.drive(resolved.pre_authorized(client.clone(), &[], None).unwrap()).unwrap();
    let mut stored = serde_json::to_value(authorized.stored_access()).unwrap();
    let access = |stored: &Value| serde_json::from_value::<StoredAccess>(stored.clone()).unwrap();

    world.sent.clear();
    let again = renewal().granted_by(&access(&stored));
    let resolved = world.drive_altered(again, with_other).unwrap();
    assert_eq!(resolved.server().issuer.as_str(), ISSUER);
    assert_eq!(asked(&world), ["garam.example"; 2], "of the servers, it alone was asked");
    let exchange = resolved.refresh(client.clone(), access(&stored)).unwrap();
    let newer = world.drive(exchange).unwrap().stored_access();
    assert_eq!(serde_json::to_value(newer).unwrap()["server"], ISSUER, "and it is known the next time");

    // Whoever resolves another one sends nothing there.
    let resolved = world.drive_altered(renewal(), with_other).unwrap();
    assert_eq!(resolved.server().issuer.as_str(), OTHER);
    let refused = resolved.clone().refresh(client.clone(), access(&stored)).map(drop);
    assert_eq!(refused, Err(TokenError::GrantNotOffered));

    // What was stored before servers were is exchanged at the one that fits best.
    assert!(stored.as_object_mut().unwrap().shift_remove("server").is_some());
    let again = renewal().granted_by(&access(&stored));
    let fits = world.drive_altered(again, with_other).unwrap();
    assert_eq!(fits.server().issuer.as_str(), OTHER);
    assert!(resolved.refresh(client, access(&stored)).is_ok());
}

// rule: CI-13
#[test]
fn a_grant_of_a_server_that_is_no_longer_the_issuers_is_not_taken_elsewhere() {
    let mut world = World::new();
    let access = world.authorized(&["resident"]).stored_access();
    for (servers, listed) in [
        (Value::Null, true),
        (json!([ISSUER]), true),
        (json!([OTHER, ISSUER]), true),
        (json!([OTHER]), false),
    ] {
        list(&mut world, servers.clone());
        world.sent.clear();
        let resolved = world.drive_altered(renewal().granted_by(&access), with_other);
        let error = resolved.map(drop).err();
        assert_eq!(error, (!listed).then_some(DiscoveryError::GrantingServerGone), "{servers}");
        assert!(!asked(&world).contains(&"other.example"), "{servers}");
    }
    let gone = DiscoveryError::GrantingServerGone;
    assert_eq!((gone.code(), gone.rule()), ("renew_no_longer", "CI-13"));
}
