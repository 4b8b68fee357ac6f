//! The commands that a page may call as Tauri commands, one line each.
//!
//! Written by `build.rs` from `roadbook_api::commands::of_pages`, the list from which the permissions
//! and the window's capability come, too.

use roadbook_api::ApiError;
use serde_json::Value;
use tauri::State;
use tauri::ipc::Invoke;

use crate::desk::Desk;

/// What the page gets: the response as JSON, or an error with a stable code.
type Answer = Result<Value, ApiError>;

include!(concat!(env!("OUT_DIR"), "/commands.rs"));
