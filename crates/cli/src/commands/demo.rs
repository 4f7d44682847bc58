//! The demonstration and its government.

use crate::arguments::Global;
use crate::console::Console;
use crate::outcome::Done;

pub(crate) async fn demo(_: &Global, _: &mut Console) -> Done {
    Ok(serde_json::Value::Null)
}

pub(crate) async fn government(_: &Global, _: &mut Console) -> Done {
    Ok(serde_json::Value::Null)
}
