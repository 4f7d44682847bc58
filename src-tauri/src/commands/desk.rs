//! 확인하기: the verifier's desk.

use std::collections::BTreeMap;

use serde::Deserialize;
use tauri::ipc::{InvokeBody, Request};
use wallet::view::{
    Desk, DeskBegun, DeskDraft, DeskFed, DeskPaperType, DeskRefreshed, DeskSaved, FrameSize, Frames,
    ShownMode,
};

use super::{Answer, Application};

/// A question and how it is asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    question: String,
    mode: ShownMode,
}

/// Frames of the desk's own request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Next {
    desk_id: String,
    from: u16,
    count: u16,
    size: FrameSize,
}

/// Codes as text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Typed {
    desk_id: String,
    text: String,
}

/// A picture file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Picture {
    desk_id: String,
    base64: String,
}

/// A check.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Check {
    desk_id: String,
}

/// The configuration of a verifier, and the texts of the files that it names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    configuration: String,
    files: BTreeMap<String, String>,
}

/// A question of one's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    question: String,
}

/// A switch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switch {
    on: bool,
}

/// A receipt to be saved.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receipt {
    receipt: String,
}

#[tauri::command]
pub(crate) async fn desk(app: Application<'_>) -> Answer<Desk> {
    app.desk(launch::Desk::overview).await
}

#[tauri::command]
pub(crate) async fn desk_begin(app: Application<'_>, request: Asked) -> Answer<DeskBegun> {
    app.desk(move |desk| desk.begin(&request.question, request.mode)).await
}

#[tauri::command]
pub(crate) async fn desk_frames(app: Application<'_>, request: Next) -> Answer<Frames> {
    let Next { desk_id, from, count, size } = request;
    app.desk(move |desk| desk.request_frames(&desk_id, from, count, size)).await
}

/// A camera's picture is no JSON: the body is the picture itself.
#[tauri::command]
pub(crate) async fn desk_camera(app: Application<'_>, picture: Request<'_>) -> Answer<DeskFed> {
    let body = match picture.body() {
        InvokeBody::Raw(body) => body.clone(),
        InvokeBody::Json(_) => Vec::new(),
    };
    app.desk_camera(body).await
}

#[tauri::command]
pub(crate) async fn desk_text(app: Application<'_>, request: Typed) -> Answer<DeskFed> {
    app.desk(move |desk| desk.text(&request.desk_id, &request.text)).await
}

#[tauri::command]
pub(crate) async fn desk_picture(app: Application<'_>, request: Picture) -> Answer<DeskFed> {
    app.desk(move |desk| {
        // What is no base64 is no picture either.
        let bytes = primitives::base64url::decode_standard(&request.base64).unwrap_or_default();
        desk.picture(&request.desk_id, &bytes)
    })
    .await
}

#[tauri::command]
pub(crate) async fn desk_stop(app: Application<'_>, request: Check) -> Answer<()> {
    app.desk(move |desk| {
        desk.stop(&request.desk_id);
        Ok(())
    })
    .await
}

#[tauri::command]
pub(crate) async fn desk_refresh(app: Application<'_>) -> Answer<DeskRefreshed> {
    app.desk_refresh().await
}

#[tauri::command]
pub(crate) async fn desk_import(app: Application<'_>, request: Identity) -> Answer<Desk> {
    app.desk(move |desk| {
        desk.import_identity(&request.configuration, &request.files)?;
        desk.overview()
    })
    .await
}

#[tauri::command]
pub(crate) async fn desk_forget(app: Application<'_>) -> Answer<Desk> {
    app.desk(|desk| {
        desk.forget_identity()?;
        desk.overview()
    })
    .await
}

#[tauri::command]
pub(crate) async fn desk_papers(app: Application<'_>) -> Answer<Vec<DeskPaperType>> {
    app.desk(|_| Ok(launch::Desk::papers())).await
}

#[tauri::command]
pub(crate) async fn desk_question_add(app: Application<'_>, request: DeskDraft) -> Answer<Desk> {
    app.desk(move |desk| {
        desk.add_question(request)?;
        desk.overview()
    })
    .await
}

#[tauri::command]
pub(crate) async fn desk_question_remove(app: Application<'_>, request: Named) -> Answer<Desk> {
    app.desk(move |desk| {
        desk.remove_question(&request.question)?;
        desk.overview()
    })
    .await
}

#[tauri::command]
pub(crate) async fn desk_questions_forget(app: Application<'_>) -> Answer<Desk> {
    app.desk(|desk| {
        desk.forget_unreadable_questions()?;
        desk.overview()
    })
    .await
}

#[tauri::command]
pub(crate) async fn desk_record_forget(app: Application<'_>) -> Answer<Desk> {
    app.desk(|desk| {
        desk.forget_unreadable_record()?;
        desk.overview()
    })
    .await
}

#[tauri::command]
pub(crate) async fn desk_receipts(app: Application<'_>, request: Switch) -> Answer<Desk> {
    app.desk(move |desk| {
        desk.switch_receipts(request.on)?;
        desk.overview()
    })
    .await
}

#[tauri::command]
pub(crate) async fn desk_receipt_save(app: Application<'_>, request: Receipt) -> Answer<DeskSaved> {
    app.desk_receipt_save(request.receipt).await
}
