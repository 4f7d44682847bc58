//! The desk's page of a world, served on a port of loopback.

use std::sync::Arc;

use crypto::SystemEntropy;
use primitives::LocalizedText;
use verifier::offline::ScreenDesk;
use verifier::{Addresses, Limits, ScreenPages, Settings, screen_router};

use crate::offline::{AGE, World, identity};

/// Serves it until the test ends, and gives the port.
pub(crate) async fn serve(world: &World, name: LocalizedText, demo: bool) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let address: url::Url = format!("http://127.0.0.1:{port}/").parse().unwrap();
    let settings = Settings {
        name,
        purpose: LocalizedText::new("확인", "Check"),
        identity: identity(&world.shop),
        question: world.query(AGE),
        captions: Vec::new(),
        titles: Vec::new(),
        registration: None,
        encrypted: true,
        request_by_post: false,
        scheme: "openid4vp".to_owned(),
        issuers: world.issuers.clone(),
        addresses: Addresses { protocol: address.clone(), pages: address },
        limits: Limits::default(),
        loopback_http: true,
        demo,
    };
    let desk = Arc::new(ScreenDesk::new(world.desk.settings().clone(), world.ports()).unwrap());
    let pages = Arc::new(ScreenPages::new(desk, settings, Arc::new(SystemEntropy)));
    tokio::spawn(async move { axum::serve(listener, screen_router(pages)).await });
    port
}
