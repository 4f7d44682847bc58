//! The desktop shell: windows, commands, links; no decisions.
//!
//! The one window shows the page of `ui/`, which is inside the program; it may ask what `permissions/wallet.toml` names and
//! nothing else, and it loads nothing from anywhere. The application behind it is [`desktop`], the commands are
//! [`commands`].

mod camera;
mod commands;
mod demo;
mod desktop;
mod events;
mod idle;
pub mod links;
mod notices;
mod reading;

use std::sync::Arc;

use launch::Options;
use tauri::{App, AppHandle, Manager as _, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::desktop::Desktop;

/// The window's label, as the capability names it.
const WINDOW: &str = "main";

/// Opens the window and runs until it is closed. `link` is what the program was started with.
///
/// # Errors
/// The error of the window system, where there is no display.
pub fn run(options: Options, link: Option<String>) -> tauri::Result<()> {
    let instance = instance_name(&options);
    tauri::Builder::default()
        // First of all: a second start hands over its link and ends before it touches anything.
        .plugin(tauri_plugin_single_instance::Builder::new().dbus_id(instance).callback(second_start).build())
        .plugin(tauri_plugin_deep_link::init())
        .setup(move |app| {
            set_up(app, options, link)?;
            Ok(())
        })
        .invoke_handler(tauri::generate_handler![
            commands::state::status,
            commands::state::initialize,
            commands::state::demo_offer,
            commands::state::unlock,
            commands::state::lock,
            commands::state::touch,
            commands::state::judge_passphrase,
            commands::state::set_passphrase,
            commands::state::change_passphrase,
            commands::state::remove_passphrase,
            commands::state::set_settings,
            commands::state::profile_show,
            commands::state::notices,
            commands::papers::today,
            commands::papers::shelf,
            commands::papers::paper,
            commands::papers::reveal_fact,
            commands::papers::paper_original,
            commands::papers::remove_paper,
            commands::papers::renew_paper,
            commands::papers::history,
            commands::papers::history_entry,
            commands::papers::refresh,
            commands::input::read_input,
            commands::input::open_external,
            commands::receive::receive_start,
            commands::receive::receive_choose,
            commands::receive::receive_continue,
            commands::receive::receive_cancel,
            commands::present::present_start,
            commands::present::present_preview,
            commands::present::present_send,
            commands::present::present_decline,
            commands::queue::queue_answer,
            commands::queue::queued_answers,
            commands::queue::withdraw_queued,
            commands::queue::send_queued,
            commands::showing::offline_questions,
            commands::showing::read_code,
            commands::showing::present_by_code,
            commands::showing::present_one_way,
            commands::showing::read_camera,
            commands::showing::show_frames,
            commands::showing::show_extend,
            commands::showing::show_stop,
            commands::desk::desk,
            commands::desk::desk_begin,
            commands::desk::desk_frames,
            commands::desk::desk_camera,
            commands::desk::desk_text,
            commands::desk::desk_picture,
            commands::desk::desk_stop,
            commands::desk::desk_refresh,
            commands::desk::desk_import,
            commands::desk::desk_forget,
            commands::desk::desk_papers,
            commands::desk::desk_question_add,
            commands::desk::desk_question_remove,
            commands::desk::desk_questions_forget,
            commands::desk::desk_record_forget,
            commands::desk::desk_receipts,
            commands::desk::desk_receipt_save,
        ])
        .run(tauri::generate_context!())
}

fn set_up(app: &App, options: Options, link: Option<String>) -> tauri::Result<()> {
    let registers = options.data.is_none();
    let desktop = Arc::new(Desktop::new(app.handle().clone(), options));
    if let Some(link) = links::link_in(link) {
        desktop.links.put(link);
    }
    app.manage(Arc::clone(&desktop));
    tauri::async_runtime::spawn(Arc::clone(&desktop).start());
    let watching = Arc::clone(&desktop);
    // Without this thread the wallet would not lock by itself: better no window than one that promises it.
    std::thread::Builder::new().name("idle".to_owned()).spawn(move || watching.watch_idleness())?;
    open_window(app)?;
    take_links(app, &desktop, registers);
    Ok(())
}

/// The one window. Its title follows the page; it goes nowhere else.
fn open_window(app: &App) -> tauri::Result<WebviewWindow> {
    WebviewWindowBuilder::new(app, WINDOW, WebviewUrl::default())
        .title("시민지갑")
        .inner_size(1280.0, 832.0)
        .min_inner_size(360.0, 560.0)
        // Files are dropped on the page, not on the window system.
        .disable_drag_drop_handler()
        .devtools(cfg!(debug_assertions))
        .on_document_title_changed(|window, title| {
            // A title that cannot be set leaves the old one.
            let _ = window.set_title(&title);
        })
        .on_navigation(is_own_page)
        .on_permission_request(|page, kind| camera::permission(page.url().ok().as_ref(), kind, is_own_page))
        .build()
}

/// The page inside the program; in development, the server that builds it.
fn is_own_page(url: &tauri::Url) -> bool {
    let development = cfg!(all(debug_assertions, not(feature = "custom-protocol")));
    url.scheme() == "tauri"
        || url.host_str() == Some("tauri.localhost")
        || (development && url.host_str() == Some("127.0.0.1"))
}

/// Links of the system. A system that registers nothing leaves the other ways in: nothing depends on it. A wallet in a folder of
/// its own does not become the one that links open.
fn take_links(app: &App, desktop: &Arc<Desktop>, registers: bool) {
    if registers {
        let _ = app.deep_link().register_all();
    }
    // Linux and Windows start the program anew with the link as an argument; macOS sends an event.
    if cfg!(target_os = "macos") {
        let desktop = Arc::clone(desktop);
        app.deep_link().on_open_url(move |event| {
            if let Some(link) = links::link_in(event.urls()) {
                desktop.link(link);
            }
        });
    }
}

fn second_start(app: &AppHandle, arguments: Vec<String>, _folder: String) {
    if let Some(window) = app.get_webview_window(WINDOW) {
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
    if let (Some(link), Some(desktop)) = (links::link_in(arguments), app.try_state::<Arc<Desktop>>()) {
        desktop.link(link);
    }
}

/// One window for each data folder: the D-Bus name of decision 0001, and for a folder of one's own its hash behind it.
fn instance_name(options: &Options) -> String {
    const IDENTIFIER: &str = "kr.example.citizen-wallet";
    let Some(folder) = &options.data else { return IDENTIFIER.to_owned() };
    let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.clone());
    let hash = crypto::sha256(folder.as_os_str().as_encoded_bytes());
    let digits: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{IDENTIFIER}.d{digits}")
}
