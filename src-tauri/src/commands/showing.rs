//! Showing as QR, without a network: the ways of being asked, the camera, the frames.

use serde::Deserialize;
use tauri::ipc::{InvokeBody, Request};
use wallet::view::{Found, FrameSize, Frames, NothingWhy, OfflineQuestion, PresentStarted};

use super::{Answer, Application};

/// A code as it was typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    code: String,
}

/// A ready-made question by its number.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chosen {
    question: u8,
}

/// The next frames of a showing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Next {
    session_id: String,
    from: u16,
    count: u16,
    size: FrameSize,
}

/// A showing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Shown {
    session_id: String,
}

#[tauri::command]
pub(crate) async fn offline_questions(app: Application<'_>) -> Answer<Vec<OfflineQuestion>> {
    app.work(|wallet| Ok(wallet.offline_questions())).await
}

#[tauri::command]
pub(crate) async fn read_code(app: Application<'_>, request: Typed) -> Answer<OfflineQuestion> {
    app.work(move |wallet| wallet.read_code(&request.code)).await
}

#[tauri::command]
pub(crate) async fn present_by_code(app: Application<'_>, request: Typed) -> Answer<PresentStarted> {
    app.work(move |wallet| wallet.present_by_code(&request.code)).await
}

#[tauri::command]
pub(crate) async fn present_one_way(app: Application<'_>, request: Chosen) -> Answer<PresentStarted> {
    app.work(move |wallet| wallet.present_one_way(request.question)).await
}

/// A camera's picture is no JSON: the body is the picture itself.
#[tauri::command]
pub(crate) async fn read_camera(app: Application<'_>, picture: Request<'_>) -> Answer<Found> {
    match picture.body() {
        InvokeBody::Raw(body) => app.read_camera(body.clone()).await,
        InvokeBody::Json(_) => Ok(Found::Nothing { why: NothingWhy::Unsupported }),
    }
}

#[tauri::command]
pub(crate) async fn show_frames(app: Application<'_>, request: Next) -> Answer<Frames> {
    let Next { session_id, from, count, size } = request;
    app.work(move |wallet| wallet.show_frames(&session_id, from, count, size)).await
}

#[tauri::command]
pub(crate) async fn show_extend(app: Application<'_>, request: Shown) -> Answer<()> {
    app.work(move |wallet| wallet.show_extend(&request.session_id)).await
}

#[tauri::command]
pub(crate) async fn show_stop(app: Application<'_>, request: Shown) -> Answer<()> {
    app.work(move |wallet| {
        wallet.show_stop(&request.session_id);
        Ok(())
    })
    .await
}
