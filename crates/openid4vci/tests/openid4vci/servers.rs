//! Issuers with several authorization servers: each grant goes to the server that it is for, and to no other (OpenID4VCI 1.0 sections 4.1.1
//! and 12.2.4, RFC 6749 section 10.4).

use crate::common::*;
use openid4vci::holder::*;
use openid4vci::metadata::IssuerMetadata;
use openid4vci::offer::*;
use primitives::http::{Request, Response};
use primitives::{Refusal as _, UniqueNonEmpty};
use serde_json::{Value, json};
use url::Url;

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

/// An offer with both grants, each with the server that is named for it.
fn both_grants(world: &mut World, pre_authorized: Option<&str>, code: Option<&str>) -> CredentialOffer {
    let mut offer = world.offer(&["resident"], Some("4711")).to_json();
    offer["grants"][AUTHORIZATION_CODE_GRANT] = json!({});
    for (grant, server) in [(PRE_AUTHORIZED_CODE_GRANT, pre_authorized), (AUTHORIZATION_CODE_GRANT, code)] {
        if let Some(server) = server {
            offer["grants"][grant]["authorization_server"] = json!(server);
        }
    }
    CredentialOffer::from_json(offer.to_string().as_bytes()).unwrap()
}

fn resolved(
    world: &mut World,
    offer: CredentialOffer,
    alter: impl FnMut(&Request, Response) -> Response,
) -> Result<ResolvedOffer, DiscoveryError> {
    world.drive_altered(Discovery::new(offer, DiscoveryPolicy::default()), alter)
}

fn by_code(world: &World, resolved: ResolvedOffer) -> Result<(), AuthorizationError> {
    let redirect = Url::parse(REDIRECT).unwrap();
    resolved.authorization_code(world.client(), &[], redirect, &world.context()).map(drop)
}

// rule: CI-2, CI-5
#[test]
fn of_two_grants_the_code_that_is_there_goes_to_the_server_that_takes_it_whatever_is_named_for_the_other() {
    for servers in [[OTHER, ISSUER], [ISSUER, OTHER]] {
        for (pre_authorized, code) in
            [(None, None), (None, Some(OTHER)), (Some(ISSUER), None), (Some(ISSUER), Some(OTHER))]
        {
            let case = format!("{servers:?} {pre_authorized:?} {code:?}");
            let mut world = listing(&servers);
            let offer = both_grants(&mut world, pre_authorized, code);
            let resolved = resolved(&mut world, offer, with_other).unwrap();
            assert_eq!(resolved.server().issuer.as_str(), ISSUER, "{case}");
            assert!(resolved.has_pre_authorized_code() && !resolved.has_authorization_code(), "{case}");
            assert!(resolved.transaction_code().is_some(), "{case}");
            if pre_authorized.is_some() {
                assert_eq!(asked(&world), ["garam.example"; 2], "the named one is asked first: {case}");
            }
            let refused = by_code(&world, resolved.clone());
            assert_eq!(refused, Err(AuthorizationError::GrantNotOffered), "{case}");
            let client = world.client();
            let exchange = resolved.pre_authorized(client, &[], Some("4711")).unwrap();
            assert!(world.drive(exchange).is_ok(), "{case}");
            assert!(
                world
                    .sent
                    .iter()
                    .all(|it| it.url.path() != "/token" || it.url.host_str() != Some("other.example"))
            );
        }
    }
}

// rule: CI-2, CI-5
#[test]
fn a_code_that_is_there_is_kept_from_a_server_that_suits_the_other_grant_alone() {
    let broken = |request: &Request, response: Response| match request.url.path() {
        "/.well-known/oauth-authorization-server/mobile" => Response::new(500, ""),
        _ => with_other(request, response),
    };
    for servers in [[OTHER, ISSUER], [ISSUER, OTHER]] {
        let mut world = listing(&servers);
        let offer = both_grants(&mut world, None, None);
        let resolved = resolved(&mut world, offer, broken).unwrap();
        assert_eq!(resolved.server().issuer.as_str(), OTHER);
        assert!(resolved.has_authorization_code() && !resolved.has_pre_authorized_code());
        assert!(resolved.transaction_code().is_none(), "nobody is asked for it");
        assert_eq!(by_code(&world, resolved.clone()), Ok(()));
        let client = world.client();
        let refused = resolved.pre_authorized(client, &[], Some("4711")).map(drop);
        assert_eq!(refused, Err(TokenError::GrantNotOffered));
    }
}

// rule: CI-2
#[test]
fn each_server_that_an_offer_names_must_be_listed_and_the_named_one_takes_what_it_is_named_for() {
    let mut world = listing(&[ISSUER, OTHER]);
    for (pre_authorized, code) in
        [(Some("https://evil.example"), Some(ISSUER)), (Some(ISSUER), Some("https://evil.example"))]
    {
        let offer = both_grants(&mut world, pre_authorized, code);
        let error = resolved(&mut world, offer, with_other).map(drop);
        assert_eq!(error, Err(DiscoveryError::ServerNotListed), "{pre_authorized:?} {code:?}");
    }
    // Many servers say nothing of their grants.
    let offer = both_grants(&mut world, Some(OTHER), Some(ISSUER));
    let resolved = resolved(&mut world, offer, with_other).unwrap();
    assert_eq!(resolved.server().issuer.as_str(), OTHER);
    assert!(resolved.has_pre_authorized_code());
}

// rule: CI-5
#[test]
fn a_listed_server_that_does_not_answer_leaves_it_to_the_next() {
    let mut world = listing(&[OTHER, ISSUER, "https://last.example"]);
    let offer = both_grants(&mut world, None, None);
    let discovery = Discovery::new(offer, DiscoveryPolicy::default());
    assert!(discovery.clone().unanswered().is_none(), "without the issuer's metadata there is no other");
    assert!(discovery.clone().given_up().is_none());
    let answered = |world: &mut World, discovery: Discovery| {
        let request = discovery.request(&world.context()).unwrap();
        let response = with_other(&request, world.answer(&request));
        discovery.receive(&response, &world.context()).unwrap()
    };
    let host = |world: &World, discovery: &Discovery| {
        discovery.request(&world.context()).unwrap().url.host_str().unwrap().to_owned()
    };
    let Step::Again(first) = answered(&mut world, discovery) else { panic!("the servers come next") };
    assert_eq!(host(&world, &first), "other.example");
    assert!(first.clone().given_up().is_none(), "nobody has answered");
    let Some(Step::Again(second)) = first.clone().unanswered() else { panic!("there is another") };
    assert_eq!(host(&world, &second), "garam.example");
    let Some(Step::Again(last)) = second.unanswered() else { panic!("there is another") };
    assert_eq!(host(&world, &last), "last.example");
    assert!(last.unanswered().is_none(), "and then none");
    // One that takes it by authorization code has answered by now.
    let Step::Again(second) = answered(&mut world, first) else { panic!("a better one may come") };
    let given_up = second.clone().given_up().unwrap();
    assert!(given_up.has_authorization_code() && given_up.server().issuer.as_str() == OTHER);
    let Some(Step::Again(last)) = second.unanswered() else { panic!("there is another") };
    let Some(Step::Done(resolved)) = last.unanswered() else { panic!("one is there") };
    assert!(resolved.has_authorization_code() && resolved.server().issuer.as_str() == OTHER);
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

// rule: CI-5, CI-8, HA-2
#[test]
fn where_nobody_takes_the_code_that_is_there_the_best_server_for_the_other_grant_is_taken_the_first_among_equals()
 {
    // By their names: two that protect the authorization, one that does not, one without a page, one that takes another grant.
    let described = |request: &Request, response: Response| {
        let host = request.url.host_str().unwrap();
        if host == "garam.example" {
            return response;
        }
        let mut server = server_json();
        server["issuer"] = json!(format!("https://{host}"));
        server["grant_types_supported"] = json!([AUTHORIZATION_CODE_GRANT]);
        match host {
            "weak.example" => server["pushed_authorization_request_endpoint"] = Value::Null,
            "pageless.example" => server["authorization_endpoint"] = Value::Null,
            "silent.example" => server["grant_types_supported"] = json!(["client_credentials"]),
            _ => {}
        }
        Response::of_json(200, &server)
    };
    for (hosts, taken) in [
        (&["one", "two"][..], Some("one")),
        (&["two", "one"], Some("two")),
        (&["weak", "one"], Some("one")),
        (&["one", "weak"], Some("one")),
        (&["pageless", "one"], Some("one")),
        (&["silent", "weak"], Some("weak")),
        (&["pageless", "silent"], None),
    ] {
        let servers: Vec<String> = hosts.iter().map(|host| format!("https://{host}.example")).collect();
        let servers: Vec<&str> = servers.iter().map(String::as_str).collect();
        let mut world = listing(&servers);
        let both = both_grants(&mut world, None, None);
        for offer in [both, world.code_offer(&["resident"])] {
            let resolved = resolved(&mut world, offer, described);
            let host = resolved.as_ref().ok().map(|it| it.server().issuer.host());
            assert_eq!(host, taken.map(|host| format!("{host}.example")), "{hosts:?}");
            match resolved {
                Ok(resolved) => assert!(resolved.has_authorization_code(), "{hosts:?}"),
                Err(error) => assert_eq!(error, DiscoveryError::NoServerFits),
            }
        }
    }
}
