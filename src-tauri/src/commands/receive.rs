//! Receiving.

use serde::Deserialize;
use tauri::{AppHandle, Emitter as _};
use wallet::view::{Progress, ReceiveStarted, Received};

use super::{Answer, Application};
use crate::events;

/// Names what was read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct InputId {
    pub(super) input_id: String,
}

/// Names a flow.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SessionOf {
    session_id: String,
}

/// The yes to an offer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Accept {
    session_id: String,
    tx_code: Option<String>,
}

#[tauri::command]
pub(crate) async fn receive_start(app: Application<'_>, request: InputId) -> Answer<ReceiveStarted> {
    app.flow(async move |wallet| wallet.receive_start(&request.input_id).await).await
}

/// Of what is offered, the papers that the person wants.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Choice {
    session_id: String,
    configuration_ids: Vec<String>,
}

#[tauri::command]
pub(crate) async fn receive_choose(app: Application<'_>, request: Choice) -> Answer<()> {
    app.work(move |wallet| wallet.receive_choose(&request.session_id, &request.configuration_ids)).await
}

#[tauri::command]
pub(crate) async fn receive_continue(
    app: Application<'_>,
    handle: AppHandle,
    request: Accept,
) -> Answer<Received> {
    let report = move |progress: Progress| {
        // A window that is gone needs no progress.
        let _ = handle.emit(events::PROGRESS, progress);
    };
    app.flow(async move |wallet| {
        wallet.receive_continue(&request.session_id, request.tx_code.as_deref(), &report).await
    })
    .await
}

#[tauri::command]
pub(crate) async fn receive_cancel(app: Application<'_>, request: SessionOf) -> Answer<()> {
    app.work(move |wallet| {
        wallet.receive_cancel(&request.session_id);
        Ok(())
    })
    .await
}
