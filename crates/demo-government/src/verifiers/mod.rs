//! The eleven verifiers: their place in the government.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;

use crate::error::GovernmentError;
use crate::world::World;

/// What each verifier answers to wallets at `https://ID.localhost`, by id.
pub(crate) fn services(world: &Arc<World>) -> Result<BTreeMap<String, Router>, GovernmentError> {
    let _ = world;
    Ok(BTreeMap::new())
}

/// The verifiers' pages for the browser, under `/verifiers`.
pub(crate) fn pages(world: &Arc<World>) -> Router {
    let _ = world;
    Router::new()
}
