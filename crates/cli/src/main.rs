//! `wallet`: everything that the window does, without a window (`docs/command-line.md`).

mod arguments;
mod commands;
mod console;
mod frames;
mod input;
mod open;
mod outcome;
mod sentences;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Lang};
use console::Console;
use outcome::{Exit, Failure};
use sentences::Language;
use serde_json::json;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let language = match arguments.global.lang {
        Some(Lang::En) => Language::English,
        _ => Language::Korean,
    };
    let mut console = Console::new(arguments.global.json, arguments.global.yes, language);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(_) => {
            return ExitCode::from(console.finish(Err(Failure::own("computer_no_threads", Exit::Computer))));
        }
    };
    let done = runtime.block_on(commands::run(&arguments, &mut console));
    let code = console.finish(done);
    // The wallet is locked again and free for others; only the pictures are still there.
    if let Some(frames) = console.left() {
        runtime.block_on(frames.hold(&console));
    }
    // What still runs in the background (a server, a prompt of the keyring) does not keep the command.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// Wrong usage, or a question about it.
fn usage(error: &clap::Error) -> ExitCode {
    let asked = !error.use_stderr();
    if !asked && std::env::args_os().any(|word| word == "--json") {
        let console = Console::new(true, false, Language::Korean);
        let text = error.to_string();
        let failure = Failure::own("usage", Exit::Usage).with(json!({ "usage": text.trim() }));
        return ExitCode::from(console.finish(Err(failure)));
    }
    // A closed pipe is no reason for another error.
    let _ = error.print();
    ExitCode::from(if asked { 0 } else { Exit::Usage as u8 })
}
