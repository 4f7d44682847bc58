//! `--desk`: the desk that looks at screens, on this computer only.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crypto::SystemEntropy;
use host::{HttpClient, SystemClock};
use serde_json::json;
use tokio::net::TcpListener;
use verifier::config::Config;
use verifier::offline::{
    Anchors, ListFolder, Question, ScreenDesk, ScreenLimits, ScreenPorts, ScreenSettings,
};
use verifier::{ScreenPages, screen_router};

use crate::{fail, say, say_aside, serve};

/// How often lists are fetched while there is a network.
const FETCH_EVERY: Duration = Duration::from_secs(3600);

pub(crate) async fn run(config: Config, folder: &Path, json: bool) -> Result<ExitCode, ExitCode> {
    if !config.pages.ip().is_loopback() {
        return Err(fail(2, "with --desk, listen.pages is on this computer only (127.0.0.1 or [::1])"));
    }
    let anchors = Anchors {
        issuers: config.settings.issuers.clone(),
        status_signers: config.status_signers,
        trust_list_signers: config.offline.trust_list_signers,
    };
    let lists = ListFolder::open(&folder.join(&config.offline.folder), anchors);
    let lists = Arc::new(lists.map_err(|error| fail(6, &error.to_string()))?);
    for unusable in lists.unusable() {
        say_aside(&format!("{} is not used: {}", unusable.file, unusable.code));
    }
    let mut questions = Question::ready_made();
    questions.push(Question::own(&config.settings));
    let settings = ScreenSettings {
        name: config.settings.name.clone(),
        identity: Some(config.settings.identity.clone()),
        registration: config.settings.registration.clone(),
        questions,
        policy: config.offline.policy,
        limits: ScreenLimits::default(),
        receipts: config.offline.receipts,
    };
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let ports = ScreenPorts {
        lists: Arc::clone(&lists) as _,
        memory: Arc::clone(&lists) as _,
        clock,
        entropy: entropy.clone(),
    };
    let desk = ScreenDesk::new(settings, ports).map_err(|error| fail(6, &error.to_string()))?;
    let http = HttpClient::new(config.policy, &config.roots).map_err(|error| fail(6, &error.to_string()))?;
    let listener = TcpListener::bind(config.pages).await.map_err(|_| fail(6, "a port is in use"))?;
    let pages = config.settings.addresses.pages.clone();
    let router = screen_router(Arc::new(ScreenPages::new(Arc::new(desk), config.settings, entropy)));
    tokio::spawn(serve::pages(listener, router));
    let (trust_list, addresses) = (config.offline.trust_list, config.offline.status_lists);
    tokio::spawn(async move {
        loop {
            lists.refresh(&http, trust_list.as_ref(), &addresses, &SystemClock).await;
            tokio::time::sleep(FETCH_EVERY).await;
        }
    });
    match json {
        true => say(&json!({ "version": 1, "pages": pages }).to_string()),
        false => say(&format!("pages     {pages}")),
    }
    let _ = tokio::signal::ctrl_c().await;
    Ok(ExitCode::SUCCESS)
}
