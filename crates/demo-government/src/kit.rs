//! Writing the kit of a verifier that checks screens without a network.

use std::path::Path;

use primitives::Instant;
use trust::{AnchorStore, Certificate, TrustAnchor};
use vault::files;
use verifier::offline::{Anchors, ListFolder};

use crate::command::Command;
use crate::error::GovernmentError;
use crate::government::Government;
use crate::verifiers::kit::{Kit, LISTS, TRUST_ANCHOR};

impl Government {
    /// Writes the kit of a verifier (`v-store`, `v-air`, …) into a folder: `verifier verifier.json --desk` serves its page at this port of
    /// 127.0.0.1, with no network from then on. The key in it is the verifier's own.
    ///
    /// # Errors
    /// [`GovernmentError::UnknownService`], [`GovernmentError::Files`].
    pub async fn desk_kit(&self, verifier: &str, folder: &Path, port: u16) -> Result<(), GovernmentError> {
        let kit: Kit = self.told(Command::DeskKit { verifier: verifier.to_owned(), port }).await?;
        files::make_folder(folder)?;
        for (name, text) in &kit.files {
            files::write_atomically(folder, name, text.as_bytes())?;
        }
        let anchor = kit.files.get(TRUST_ANCHOR).and_then(|pem| Certificate::from_pem(pem).ok());
        let anchor = anchor.and_then(|certificate| TrustAnchor::new(certificate).ok());
        let mut trust_list_signers = AnchorStore::new();
        trust_list_signers.add(anchor.ok_or(GovernmentError::Certificates)?);
        let anchors = Anchors { trust_list_signers, ..Anchors::default() };
        let lists = ListFolder::open(&folder.join(LISTS), anchors).map_err(|_| GovernmentError::Files)?;
        let now = Instant::from_unix_seconds(kit.made_at);
        lists.take_trust_list(&kit.trust_list, now).map_err(|_| GovernmentError::Certificates)?;
        for (address, token) in &kit.status_lists {
            lists
                .take_status_token(address, token.as_bytes(), now)
                .map_err(|_| GovernmentError::Certificates)?;
        }
        Ok(())
    }
}
