//! The authorization servers at which this wallet is registered by name, and how it shows that it is that client there (HA-3).

use openid4vci::wire::Identifier;
use serde::Deserialize;

use super::{MAX_ANCHORS, ProfileError};

/// Longest name of a client or a key, in bytes.
const NAME_MAX_BYTES: usize = 1024;

/// A registration at one authorization server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredClient {
    /// The server.
    pub server: Identifier,
    /// The `client_id` there.
    pub client_id: String,
    /// The name of the key by which the server knows it (`private_key_jwt`); `None`: by its name alone. The key itself is derived from the wallet secret:
    /// another wallet with the same profile has another one.
    pub key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Entry {
    server: String,
    client_id: String,
    #[serde(default)]
    key: Option<String>,
}

/// One registration a server: which one is meant is never a question.
pub(super) fn clients(entries: Vec<Entry>) -> Result<Vec<RegisteredClient>, ProfileError> {
    if entries.len() > MAX_ANCHORS {
        return Err(ProfileError::TooMany("clients"));
    }
    let mut clients: Vec<RegisteredClient> = Vec::new();
    for entry in entries {
        let server = Identifier::parse(&entry.server, "server")
            .map_err(|_| ProfileError::NotHttps("clients.server"))?;
        let fits = |text: &str| !text.is_empty() && text.len() <= NAME_MAX_BYTES;
        let twice = clients.iter().any(|it| it.server == server);
        if twice || !fits(&entry.client_id) || !entry.key.as_deref().is_none_or(fits) {
            return Err(ProfileError::Client);
        }
        clients.push(RegisteredClient { server, client_id: entry.client_id, key: entry.key });
    }
    Ok(clients)
}
