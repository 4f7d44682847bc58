//! The wallet's state: first run, lock and passphrase, settings, profile.

use serde::{Deserialize, Serialize};
use wallet::Wallet;
use wallet::view::{Found, ProfileView, Settings, Status, Strength};

use super::{Answer, Application};
use crate::notices;

/// Whose wallet it is to be.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Begin {
    persona_id: Option<String>,
}

/// A passphrase, where one is set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unlock {
    passphrase: Option<String>,
}

/// A passphrase.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    passphrase: String,
}

/// The passphrase that is set, and the one that is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    current: String,
    passphrase: String,
}

/// The passphrase that is set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Current {
    current: String,
}

/// Licences and notices.
#[derive(Serialize)]
pub(crate) struct Notices {
    text: String,
}

#[tauri::command]
pub(crate) async fn status(app: Application<'_>) -> Answer<Status> {
    app.first_status().await
}

#[tauri::command]
pub(crate) async fn initialize(app: Application<'_>, request: Begin) -> Answer<Status> {
    app.initialize(request.persona_id).await
}

#[tauri::command]
pub(crate) async fn demo_offer(app: Application<'_>) -> Answer<Option<Found>> {
    app.demo_offer().await
}

#[tauri::command]
pub(crate) async fn unlock(app: Application<'_>, request: Unlock) -> Answer<Status> {
    app.unlock(request.passphrase).await
}

#[tauri::command]
pub(crate) async fn lock(app: Application<'_>) -> Answer<Status> {
    app.lock().await
}

#[tauri::command]
pub(crate) async fn touch(app: Application<'_>) -> Answer<()> {
    app.touch();
    Ok(())
}

#[tauri::command]
pub(crate) async fn judge_passphrase(request: Typed) -> Answer<Strength> {
    Ok(Wallet::judge_passphrase(&request.passphrase))
}

#[tauri::command]
pub(crate) async fn set_passphrase(app: Application<'_>, request: Typed) -> Answer<Status> {
    app.set_passphrase(None, Some(request.passphrase)).await
}

#[tauri::command]
pub(crate) async fn change_passphrase(app: Application<'_>, request: Change) -> Answer<Status> {
    app.set_passphrase(Some(request.current), Some(request.passphrase)).await
}

#[tauri::command]
pub(crate) async fn remove_passphrase(app: Application<'_>, request: Current) -> Answer<Status> {
    app.set_passphrase(Some(request.current), None).await
}

#[tauri::command]
pub(crate) async fn set_settings(app: Application<'_>, request: Settings) -> Answer<Status> {
    app.work(move |wallet| wallet.set_settings(request)).await?;
    app.status().await
}

#[tauri::command]
pub(crate) async fn profile_show(app: Application<'_>) -> Answer<ProfileView> {
    app.work(|wallet| Ok(wallet.profile_view())).await
}

#[tauri::command]
pub(crate) async fn notices() -> Answer<Notices> {
    Ok(Notices { text: notices::text() })
}
