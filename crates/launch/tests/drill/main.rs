//! The outage, acted out (`docs/drill.md`): papers are issued, every server stops and the network is cut, papers are read, presented and
//! checked by QR, time passes, the servers come back. Real HTTP and TLS, real wallet, real desk; only the clock is the drill's.
//!
//! `cargo xtask drill` prints the table; `cargo xtask test` runs the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub
)]

mod desk;
mod network;
mod scene;
#[path = "../support/mod.rs"]
mod support;
mod table;

use desk::{ADULT, IDENTITY, OWN};
use network::{Network, Started};
use scene::{DAY, HOUR, Scene};
use support::everything_required;
use table::Table;
use verifier::offline::Mode;
use wallet::view::*;

/// An office whose requests outlive the outage.
const OFFICE: &str = "v-rent";

// rule: OQ-30, OQ-31
#[test]
fn the_outage_is_acted_out() {
    match network::enter("the_outage_is_acted_out") {
        Started::Elsewhere { succeeded, table, said } => {
            println!("{table}");
            assert!(succeeded, "{said}");
            let written =
                std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/drill.md"));
            assert!(written.unwrap().contains(&table), "docs/drill.md has another table");
        }
        Started::Here(network, file) => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            let table = runtime.block_on(act(network));
            let text = table.text();
            match file {
                Some(file) => std::fs::write(file, &text).unwrap(),
                None => println!("{text}\nleft out: 1 network of its own (no namespace is allowed here)"),
            }
            assert!(table.differing().is_empty(), "{}", table.differing().join("\n"));
        }
    }
}

async fn act(network: Network) -> Table {
    let mut table = Table::new();
    let mut scene = Scene::new(network).await;
    let request = before(&scene, &mut table).await;
    scene.outage().await;
    at_once(&scene, &mut table, network, &request).await;
    scene.clock(HOUR);
    table.clock("+1 h");
    an_hour_later(&scene, &mut table).await;
    scene.clock(25 * HOUR);
    table.clock("+25 h");
    a_day_later(&scene, &mut table).await;
    scene.clock(8 * DAY);
    table.clock("+8 days");
    a_week_later(&scene, &mut table).await;
    scene.comes_back().await;
    afterwards(&scene, &mut table).await;
    scene.outage().await;
    for (days, expected) in [(29, "green"), (31, "red")] {
        scene.clock(days * DAY);
        table.clock(&format!("+{days} days"));
        table.row(
            "the desk looks at its trust list, with no server again",
            expected,
            scene.desk.trust_list(),
        );
    }
    table
}

async fn before(scene: &Scene, table: &mut Table) -> Box<Consent> {
    let mut papers = 0;
    for agency in [
        &["p1-resident"][..],
        &["p1-register", "p1-lease", "p1n-resident"],
        &["p1-income"],
        &["p1-jobseeker"],
        &["p1-nhq"],
    ] {
        papers += scene.hold(agency).await;
    }
    table.row("five agencies issue papers to the wallet", "7 papers", format!("{papers} papers"));
    let fetched = scene.desk.refresh(scene.http()).await;
    table.row("a desk fetches the trust list and two status lists", "3 came, 0 did not", fetched);
    table.row(
        "the desk checks the ID card by QR",
        "green",
        scene.checked((IDENTITY, 0), Mode::Request).await,
    );
    let request = scene.asked(OFFICE).await;
    table.row(
        "an office asks for four papers, for two weeks; the citizen reads it",
        "not answered yet",
        answered(scene),
    );
    request
}

async fn at_once(scene: &Scene, table: &mut Table, network: Network, request: &Consent) {
    let what = "the power of every server is cut, and the network";
    match network {
        Network::Own => table.row(what, "no network", scene.called().await),
        Network::Shared => {
            table.row("the power of every server is cut", "nobody listens", scene.called().await);
            table.left_out("the network is cut", "no network");
        }
    }
    let sent = scene.wallet.present_send(&request.session_id, &everything_required(request)).await.unwrap();
    let said = match sent {
        PresentSent::Refusal(refusal) if !refusal.left => "nothing left",
        _ => "something left",
    };
    table.row("the citizen says yes to the office", "nothing left", said);
    table.row("nothing waits without a second yes", "0 waits", scene.waiting());
    scene.wallet.queue_answer(&request.session_id).unwrap();
    table.row("the citizen says: send it when connected", "1 waits", scene.waiting());
    scene.wallet.lock();
    scene.wallet.unlock(None).unwrap();
    table.row("the wallet is locked, unlocked and its papers are read", "7 of 7 papers", scene.readable());
    let refreshed = scene.wallet.refresh().await.unwrap();
    let said = if refreshed.failed > 0 { "says that nothing answered" } else { "says nothing" };
    table.row("the wallet is told to refresh", "says that nothing answered", said);
    table.row("the answer to the office", "1 waits", scene.waiting());
    table.row(
        "checked by the desk's own request: who are you?",
        "green",
        scene.checked((IDENTITY, 0), Mode::Request).await,
    );
    table.row("checked by a typed code: 19 or older?", "green", scene.checked(ADULT, Mode::Code).await);
    table.row(
        "shown without a question: 19 or older?",
        "amber: offline_one_way",
        scene.checked(ADULT, Mode::OneWay).await,
    );
}

async fn an_hour_later(scene: &Scene, table: &mut Table) {
    table.row("papers are read", "7 of 7 papers", scene.readable());
    table.row("checked by a typed code", "green", scene.checked(ADULT, Mode::Code).await);
}

async fn a_day_later(scene: &Scene, table: &mut Table) {
    table.row("papers are read", "7 of 7 papers", scene.readable());
    table.row("checked by a typed code", "amber: status_stale", scene.checked(ADULT, Mode::Code).await);
    scene.government.revoke("p1-jobseeker").await.unwrap();
    table.row(
        "an agency revokes a paper, and cannot tell anybody; the desk checks it",
        "amber: status_stale",
        scene.checked((OWN, 0), Mode::Request).await,
    );
    scene.wallet.remove_paper(&scene.paper("건강보험").id).await.unwrap();
    table.row("a paper is removed; its issuer is to be told", "not told yet", told(scene));
}

async fn a_week_later(scene: &Scene, table: &mut Table) {
    table.row("papers are read", "6 of 6 papers", scene.readable());
    table.row("checked by a typed code", "red: status_expired", scene.checked(ADULT, Mode::Code).await);
}

async fn afterwards(scene: &Scene, table: &mut Table) {
    let fetched = scene.desk.refresh(scene.http()).await;
    table.row("the servers are back; the desk fetches its lists", "3 came, 0 did not", fetched);
    table.row(
        "the desk checks the paper that was revoked meanwhile",
        "red: status_invalid",
        scene.checked((OWN, 0), Mode::Request).await,
    );
    let queue = scene.wallet.send_queued().await.unwrap();
    let sent = format!("{} sent, {} waits", queue.sent.len(), queue.waiting);
    table.row("what waited for the office goes out", "1 sent, 0 waits", sent);
    table.row("what the office makes of it", "confirmed", scene.verdict(&queue.open_urls[0]).await);
    let refreshed = scene.wallet.refresh().await.unwrap();
    table.row("the wallet refreshes", "0 did not answer", format!("{} did not answer", refreshed.failed));
    let state = match scene.paper("구직").state {
        PaperState::Revoked { .. } => "revoked",
        _ => "in force",
    };
    table.row("the paper that was revoked meanwhile, in the wallet", "revoked", state);
    table.row(
        "the desk asks for it once more",
        "not shown: nothing_fits",
        scene.checked((OWN, 0), Mode::Request).await,
    );
    table.row("the issuer of the removed paper", "told once", told(scene));
    table.row("the desk checks the ID card", "green", scene.checked((IDENTITY, 0), Mode::Request).await);
    scene.wallet.refresh().await.unwrap();
    table.row("the wallet refreshes again; the issuer of the removed paper", "told once", told(scene));
    table.row("the office", "answered once", answered(scene));
    let history = scene.wallet.history(None).unwrap();
    let lines = history
        .entries
        .iter()
        .filter(|line| line.left && line.kind == HistoryKind::Presented && line.shown.is_none());
    let said =
        format!("{} line, chain {}", lines.count(), if history.chain_holds { "holds" } else { "broken" });
    table.row("the history of what was sent", "1 line, chain holds", said);
}

fn answered(scene: &Scene) -> &'static str {
    match scene.answered(OFFICE, "/response") {
        0 => "not answered yet",
        1 => "answered once",
        _ => "answered several times",
    }
}

fn told(scene: &Scene) -> &'static str {
    // The first was that the paper arrived.
    match scene.answered("nuri-nhis", "/notification") {
        1 => "not told yet",
        2 => "told once",
        _ => "told several times",
    }
}
