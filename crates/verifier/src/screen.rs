//! `--desk`: the desk that looks at screens, on this computer only.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crypto::SystemEntropy;
use host::{HttpClient, SystemClock};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use verifier::config::Config;
use verifier::offline::Refreshed;
use verifier::{OpenDesk, OpenError, screen_router};

use crate::{MAX_WAITING, fail, in_words, say, say_aside, serve};

/// How often lists are fetched while there is a network.
const FETCH_EVERY: Duration = Duration::from_secs(3600);

pub(crate) async fn run(config: Config, folder: &Path, json: bool) -> Result<ExitCode, ExitCode> {
    let desk = OpenDesk::new(&config, folder, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let OpenDesk { pages, lists } = desk.map_err(|error| {
        let code = if error == OpenError::NotLoopback { 2 } else { 6 };
        fail(code, &error.to_string())
    })?;
    for unusable in lists.unusable() {
        say_aside(&format!("{} is not used: {}", unusable.file, unusable.code));
    }
    let http = HttpClient::new(config.policy, &config.roots).map_err(|error| fail(6, &error.to_string()))?;
    let listener = TcpListener::bind(config.pages).await.map_err(|_| fail(6, "a port is in use"))?;
    let (verdicts, mut printed) = mpsc::channel::<String>(MAX_WAITING);
    pages.observe(Box::new(move |shown| {
        let line = if json { shown.to_json().to_string() } else { in_words(&shown.verdict) };
        let _ = verdicts.try_send(line);
    }));
    tokio::spawn(serve::pages(listener, screen_router(pages)));
    let (trust_list, addresses) = (config.offline.trust_list, config.offline.status_lists);
    tokio::spawn(async move {
        let mut before = Refreshed::default();
        loop {
            let refreshed = lists.refresh(&http, trust_list.as_ref(), &addresses, &SystemClock).await;
            for (address, code) in refreshed.news(&before) {
                match code {
                    Some(code) => say_aside(&format!("{address} is not renewed: {code}")),
                    None => say_aside(&format!("{address} is renewed again")),
                }
            }
            before = refreshed;
            tokio::time::sleep(FETCH_EVERY).await;
        }
    });
    let address = &config.settings.addresses.pages;
    match json {
        true => say(&json!({ "version": 1, "pages": address }).to_string()),
        false => say(&format!("pages     {address}")),
    }
    loop {
        tokio::select! {
            line = printed.recv() => match line {
                Some(line) => say(&line),
                None => return Ok(ExitCode::SUCCESS),
            },
            _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
        }
    }
}
