//! Presenting.

use serde::{Deserialize, Serialize};
use wallet::view::{PresentSent, PresentStarted, Preview, Selection};

use super::receive::InputId;
use super::{Answer, Application};

/// A choice that is being made.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Choice {
    session_id: String,
    selection: Selection,
}

/// The yes to a choice.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Yes {
    session_id: String,
    selection: Selection,
    passphrase: Option<String>,
}

/// The no.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct No {
    session_id: String,
    tell: bool,
}

/// Whether the other side was told of the no.
#[derive(Serialize)]
pub(crate) struct Told {
    told: bool,
}

#[tauri::command]
pub(crate) async fn present_start(app: Application<'_>, request: InputId) -> Answer<PresentStarted> {
    app.flow(async move |wallet| wallet.present_start(&request.input_id).await).await
}

#[tauri::command]
pub(crate) async fn present_preview(app: Application<'_>, request: Choice) -> Answer<Preview> {
    app.work(move |wallet| wallet.present_preview(&request.session_id, &request.selection)).await
}

#[tauri::command]
pub(crate) async fn present_send(app: Application<'_>, request: Yes) -> Answer<PresentSent> {
    // Where the consent asked for the passphrase, the application takes it with the choice; today no consent asks.
    drop(request.passphrase);
    app.flow(async move |wallet| wallet.present_send(&request.session_id, &request.selection).await).await
}

#[tauri::command]
pub(crate) async fn present_decline(app: Application<'_>, request: No) -> Answer<Told> {
    let told =
        app.flow(async move |wallet| wallet.present_decline(&request.session_id, request.tell).await).await?;
    Ok(Told { told })
}
