//! A verifier's identity, taken out of the folder of a configuration to be kept elsewhere: in the vault of an application that is a desk as
//! well (`docs/decisions/0007-desk-in-the-window.md`).

use primitives::{LocalizedText, json};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::{Config, ConfigError, MAX_FILE_BYTES, ReadFile, signing_identity};
use crate::settings::Identity;

const VERSION: u32 = 1;
/// Longest form in which it is kept, in bytes.
pub const MAX_IDENTITY_BYTES: usize = 16 * 1024;

/// Who asks at a desk: name, key, certificates and registration. It has no `Debug`: it holds a key.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeskIdentity {
    version: u32,
    name: LocalizedText,
    dns_name: Option<String>,
    key: String,
    chain: String,
    registration: Option<String>,
    status_lists: Vec<String>,
}

impl DeskIdentity {
    /// Out of a configuration of the program `verifier`, which has to hold as a whole.
    ///
    /// # Errors
    /// A [`ConfigError`]; [`ConfigError::Unsigned`] where it signs nothing.
    pub fn of_configuration(text: &str, read: ReadFile<'_>) -> Result<Self, ConfigError> {
        let config = Config::parse(text, read)?;
        let dns_name = match &config.settings.identity {
            Identity::X509SanDns { name, .. } => Some(name.clone()),
            Identity::X509Hash { .. } => None,
            Identity::Unsigned => return Err(ConfigError::Unsigned),
        };
        let value = json::parse_strict(text.as_bytes(), MAX_FILE_BYTES)
            .map_err(|error| ConfigError::Shape(error.to_string()))?;
        let file = |member: &str| {
            let name = value.get(member).and_then(Value::as_str).ok_or(ConfigError::Unsigned)?;
            let text = read(name).ok_or_else(|| ConfigError::File(name.to_owned()))?;
            Ok::<_, ConfigError>(text.trim().to_owned())
        };
        Ok(Self {
            version: VERSION,
            name: config.settings.name,
            dns_name,
            key: file("key")?,
            chain: file("chain")?,
            registration: config.settings.registration,
            status_lists: config.offline.status_lists,
        })
    }

    /// As it is kept: JSON, with the key. `None` where it is longer than [`MAX_IDENTITY_BYTES`].
    pub fn to_kept(&self) -> Option<String> {
        serde_json::to_string(self).ok().filter(|text| text.len() <= MAX_IDENTITY_BYTES)
    }

    /// From what was kept; `None` where it is not readable.
    pub fn from_kept(text: &str) -> Option<Self> {
        let value = json::parse_strict(text.as_bytes(), MAX_IDENTITY_BYTES).ok()?;
        serde_json::from_value(value).ok().filter(|this: &Self| this.version == VERSION)
    }

    /// Who asks; `None` where key and certificates do not belong together.
    pub fn identity(&self) -> Option<Identity> {
        signing_identity(self.dns_name.clone(), &self.key, &self.chain).ok()
    }

    /// What the verifier calls itself on its own screen.
    pub fn name(&self) -> &LocalizedText {
        &self.name
    }

    /// The signed registration.
    pub fn registration(&self) -> Option<&str> {
        self.registration.as_deref()
    }

    /// The addresses of the status lists that its configuration keeps.
    pub fn status_lists(&self) -> &[String] {
        &self.status_lists
    }
}
