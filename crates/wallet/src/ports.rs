//! The world, as the application asks for it. `host` and the programs put the real things behind these ports.

use std::sync::Arc;

use primitives::{Clock, Entropy, Http, Pages};
use vault::SecretStore;

/// Everything outside that the application may touch. No part of it knows another way out.
#[derive(Clone)]
pub struct Ports {
    /// HTTP with the address rules of the profile.
    pub http: Arc<dyn Http>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The keyring.
    pub secrets: Arc<dyn SecretStore>,
    /// The person's browser, and the way back from it.
    pub pages: Arc<dyn Pages>,
}
