//! What would be lost if the vault were away: a token that an issuer exchanged, a paper that it gives once. As long as such work is under way
//! the vault is not taken out for a passphrase, and the window's own lock waits a little.

use crate::app::Wallet;
use crate::error::WalletError;

/// Work under way, as long as this lives.
pub(crate) struct Working<'w>(&'w Wallet);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.working = state.working.saturating_sub(1);
    }
}

impl Wallet {
    /// Begins work that needs the vault until it ends.
    ///
    /// # Errors
    /// [`WalletError`]: locked, or taken out for a passphrase.
    pub(crate) fn begin_work(&self) -> Result<Working<'_>, WalletError> {
        let mut state = self.state();
        state.unlocked()?;
        state.working += 1;
        Ok(Working(self))
    }

    /// Whether something is under way that an issuer gives once. A lock is the citizen's to ask for at any time; one that nobody asked for can
    /// wait until this is kept.
    #[must_use]
    pub fn is_receiving(&self) -> bool {
        self.state().working > 0
    }
}
