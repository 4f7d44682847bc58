//! A page that the citizen wants opened, outside any flow.

use primitives::PageError;
use url::Url;

use crate::app::Wallet;

impl Wallet {
    /// Opens a page in the citizen's browser; the port refuses what no page may be (design, "Network").
    ///
    /// # Errors
    /// [`PageError`]; nothing was opened.
    pub fn open_external(&self, url: &str) -> Result<(), PageError> {
        let page = Url::parse(url).map_err(|_| PageError::AddressRefused)?;
        self.ports.pages.open(&page)
    }
}
