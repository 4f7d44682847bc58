//! Reading a link, a file, a picture, the screen; opening a page.

use serde::Deserialize;
use wallet::view::{Found, Input};

use super::{Answer, Application};

/// A page to open.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    url: String,
}

#[tauri::command]
pub(crate) async fn read_input(app: Application<'_>, request: Input) -> Answer<Found> {
    app.read_input(request).await
}

#[tauri::command]
pub(crate) async fn open_external(app: Application<'_>, request: Page) -> Answer<()> {
    app.open_external(request.url).await
}
