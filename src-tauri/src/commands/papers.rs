//! Today, shelves, papers, history.

use serde::Deserialize;
use wallet::view::{
    History, HistoryEntry, Original, Paper, Received, RefreshResult, Shelf, ShelfView, Text, Today,
};

use super::{Answer, Application};

/// `ShelfRequest` of the contract.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShelfQuery {
    shelf: Shelf,
    query: String,
}

/// Names a paper or a line of the history.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Id {
    id: String,
}

/// Names a fact of a paper.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FactOf {
    paper_id: String,
    fact_id: String,
}

/// Where a page of the history begins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Before {
    before: Option<String>,
}

#[tauri::command]
pub(crate) async fn today(app: Application<'_>) -> Answer<Today> {
    app.work(|wallet| wallet.today()).await
}

#[tauri::command]
pub(crate) async fn shelf(app: Application<'_>, request: ShelfQuery) -> Answer<ShelfView> {
    app.work(move |wallet| wallet.shelf(request.shelf, &request.query)).await
}

#[tauri::command]
pub(crate) async fn paper(app: Application<'_>, request: Id) -> Answer<Paper> {
    app.work(move |wallet| wallet.paper(&request.id)).await
}

#[tauri::command]
pub(crate) async fn reveal_fact(app: Application<'_>, request: FactOf) -> Answer<Text> {
    app.work(move |wallet| wallet.reveal_fact(&request.paper_id, &request.fact_id)).await
}

#[tauri::command]
pub(crate) async fn paper_original(app: Application<'_>, request: Id) -> Answer<Original> {
    app.work(move |wallet| wallet.original(&request.id)).await
}

#[tauri::command]
pub(crate) async fn remove_paper(app: Application<'_>, request: Id) -> Answer<()> {
    app.flow(async move |wallet| wallet.remove_paper(&request.id).await).await
}

#[tauri::command]
pub(crate) async fn renew_paper(app: Application<'_>, request: Id) -> Answer<Received> {
    app.flow(async move |wallet| wallet.renew_paper(&request.id).await).await
}

#[tauri::command]
pub(crate) async fn history(app: Application<'_>, request: Before) -> Answer<History> {
    app.work(move |wallet| wallet.history(request.before.as_deref())).await
}

#[tauri::command]
pub(crate) async fn history_entry(app: Application<'_>, request: Id) -> Answer<HistoryEntry> {
    app.work(move |wallet| wallet.history_entry(&request.id)).await
}

#[tauri::command]
pub(crate) async fn refresh(app: Application<'_>) -> Answer<RefreshResult> {
    app.flow(async |wallet| wallet.refresh().await).await
}
