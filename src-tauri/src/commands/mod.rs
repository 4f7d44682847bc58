//! What the page may ask: one command for each entry of `Commands` in `ui/src/lib/contract.ts`, the same name, the same one
//! argument `request`. They decide nothing: each hands its question to the application and its answer back.

// Tauri's macro writes one into each command.
#![allow(clippy::unreachable)]

pub(crate) mod desk;
pub(crate) mod input;
pub(crate) mod papers;
pub(crate) mod present;
pub(crate) mod queue;
pub(crate) mod receive;
pub(crate) mod showing;
pub(crate) mod state;

use std::sync::Arc;

use tauri::State;
use wallet::view::AppError;

use crate::desktop::Desktop;

/// The application behind a command.
pub(crate) type Application<'a> = State<'a, Arc<Desktop>>;

/// What a command gives back.
pub(crate) type Answer<T> = Result<T, AppError>;
