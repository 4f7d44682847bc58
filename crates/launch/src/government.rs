//! The demo government as the wallet's programs start it: the one place that knows how.

use std::path::Path;

use demo_government::{Config, Government, GovernmentError};

/// Starts the government, or attaches to the one that runs. A folder that was named is a government of its own, which takes any
/// free ports at its first start; the usual one has its usual ports.
pub(crate) async fn start(folder: Option<&Path>) -> Result<Government, GovernmentError> {
    let port_base = folder.is_some().then_some(0);
    Government::start(Config { folder: folder.map(Path::to_owned), port_base }).await
}
