//! Answers that wait for the network: kept by a yes of their own, listed, sent, taken back.

use serde::Deserialize;
use wallet::view::{QueueResult, QueuedAnswer};

use super::{Answer, Application};

/// An answer that was approved and could not leave.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Unsent {
    session_id: String,
}

/// An answer that waits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Waiting {
    id: String,
}

#[tauri::command]
pub(crate) async fn queue_answer(app: Application<'_>, request: Unsent) -> Answer<QueuedAnswer> {
    app.work(move |wallet| wallet.queue_answer(&request.session_id)).await
}

#[tauri::command]
pub(crate) async fn queued_answers(app: Application<'_>) -> Answer<Vec<QueuedAnswer>> {
    app.work(|wallet| wallet.queued_answers()).await
}

#[tauri::command]
pub(crate) async fn withdraw_queued(app: Application<'_>, request: Waiting) -> Answer<Vec<QueuedAnswer>> {
    app.work(move |wallet| {
        wallet.withdraw_queued(&request.id)?;
        wallet.queued_answers()
    })
    .await
}

#[tauri::command]
pub(crate) async fn send_queued(app: Application<'_>) -> Answer<QueueResult> {
    app.flow(async |wallet| wallet.send_queued().await).await
}
