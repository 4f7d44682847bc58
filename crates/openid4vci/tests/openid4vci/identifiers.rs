//! What an issuer names in JSON alone it names in any language: configurations, datasets, transactions, notifications.

use crate::common::*;
use openid4vci::holder::*;
use openid4vci::metadata::IssuerMetadata;
use openid4vci::wire::OPAQUE_MAX_BYTES;
use primitives::http::{Request, Response};
use serde_json::{Value, json};

/// The answers of one endpoint with a member that has another value.
fn with(
    path: &'static str,
    member: &'static str,
    value: Value,
) -> impl FnMut(&Request, Response) -> Response {
    move |request, response| {
        let Some(mut body) = response.json().ok().filter(|body| body.get(member).is_some()) else {
            return response;
        };
        if request.url.path() != path {
            return response;
        }
        body[member] = value.clone();
        Response::of_json(response.status, &body)
    }
}

fn asked(world: &mut World, authorized: Authorized) -> CredentialExchange {
    let paper = authorized.papers()[0].clone();
    authorized.request_credential(&paper, world.keys(1), None, &world.context()).unwrap()
}

// rule: CI-10, CI-20, CI-22, CI-23
#[test]
fn datasets_transactions_and_notifications_may_be_named_in_korean() {
    let mut world = World::new();
    let mut json = issuer_json();
    let configurations = json["credential_configurations_supported"].as_object_mut().unwrap();
    let resident = configurations["resident"].clone();
    configurations.insert("주민등록증".to_owned(), resident);
    world.metadata = IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
    world.mode = Mode { identifiers: true, deferred: true, ..Mode::default() };
    let authorized = world.authorized(&["주민등록증"]);
    assert_eq!(authorized.papers()[0].credential_identifier.as_deref(), Some("주민등록증-2026"));

    let exchange = asked(&mut world, authorized);
    let named = with("/credential", "transaction_id", json!("거래-1"));
    let Outcome::Deferred(session) = world.drive_altered(exchange, named).unwrap().outcome else {
        panic!("deferred")
    };
    let waiting = world.waiting.remove("transaction-1").unwrap();
    world.waiting.insert("거래-1".to_owned(), waiting);
    world.mode.deferred = false;
    let exchange = session.poll(&crypto::SystemEntropy).unwrap();
    let named = with("/deferred", "notification_id", json!("알림-1"));
    let DeferredOutcome::Received(copies) = world.drive_altered(exchange, named).unwrap() else {
        panic!("received")
    };
    let ticket = copies.notification.unwrap();
    world.drive(ticket.notify(NotificationEvent::CredentialAccepted, None)).unwrap();
    assert_eq!(world.notifications[0].notification_id, "알림-1");
}

// rule: CI-10, CI-20, CI-22
#[test]
fn a_name_that_is_empty_or_longer_than_its_bound_is_none() {
    for (bytes, taken) in [(0, false), (1, true), (OPAQUE_MAX_BYTES, true), (OPAQUE_MAX_BYTES + 1, false)] {
        let name = "x".repeat(bytes);
        let mut world = World::new();
        let offer = world.offer(&["resident"], None);
        let resolved = world.resolve(offer);
        let exchange = resolved.pre_authorized(world.client(), &[], None).unwrap();
        let details = json!([{
            "type": "openid_credential", "credential_configuration_id": "resident", "credential_identifiers": [name],
        }]);
        let token = world.drive_altered(exchange, |request, response| match request.url.path() {
            "/token" if response.status == 200 => {
                let mut body = response.json().unwrap();
                body["authorization_details"] = details.clone();
                Response::of_json(200, &body)
            }
            _ => response,
        });
        assert_eq!(token.is_ok(), taken, "credential_identifiers of {bytes}");

        for (member, deferred) in [("notification_id", false), ("transaction_id", true)] {
            let mut world = World::new();
            let authorized = world.authorized(&["resident"]);
            world.mode.deferred = deferred;
            let exchange = asked(&mut world, authorized);
            let issued = world.drive_altered(exchange, with("/credential", member, json!(name)));
            assert_eq!(issued.is_ok(), taken, "{member} of {bytes}");
        }
    }
}
