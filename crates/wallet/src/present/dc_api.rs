//! Requests over the Digital Credentials API (OpenID4VP 1.0 appendix A; VP-A1 to VP-A4): the platform hands over a request and the origin
//! that asks, and gets the answer back. Nothing is posted, and nothing fetched but the DID document of a `did:web` client.

use openid4vp::holder::{AuthenticatedRequest, RequestTrust, Resolution, UnauthenticatedDcApiRequest};

use super::Came;
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::Fault;
use crate::view::PresentStarted;

impl Wallet {
    /// Reads and authenticates a request that a platform handed over for a page of `origin`, and works out what could answer it. `json` is
    /// the request alone, or the options of the call, of which the first supported request counts. The answer comes from
    /// [`present_send_to`](Self::present_send_to), the refusal from [`present_decline_to`](Self::present_decline_to).
    ///
    /// # Errors
    /// [`WalletError::Locked`]; whatever is wrong with the request is a [`PresentStarted::Refusal`].
    pub async fn present_start_dc_api(
        &self,
        json: &[u8],
        origin: &str,
    ) -> Result<PresentStarted, WalletError> {
        let epoch = self.epoch()?;
        let _ = self.update_trust_list().await;
        if self.was_locked_since(epoch) {
            return Err(WalletError::Locked);
        }
        match self.authenticate_dc_api(json, origin).await {
            Ok(request) => self.offer_choice(request, Came::default(), epoch),
            Err(_) if self.was_locked_since(epoch) => Err(WalletError::Locked),
            Err(fault) => Ok(PresentStarted::Refusal(Box::new(self.refuse(&fault, None, None)))),
        }
    }

    async fn authenticate_dc_api(&self, json: &[u8], origin: &str) -> Result<AuthenticatedRequest, Fault> {
        let policy = self.request_policy();
        let request = UnauthenticatedDcApiRequest::parse(json, origin, &policy)?;
        let anchors = self.anchors();
        let trust = RequestTrust::new(&anchors.verifiers, &anchors.registrars)
            .with_known(&self.profile.known_verifiers);
        let request = match request.resolve(&trust, &policy) {
            Resolution::Request(request) => *request,
            Resolution::Fetch(fetch) => {
                let call = fetch.request();
                let call = match url::Url::parse(origin) {
                    Ok(party) => call.named_by(&party),
                    Err(_) => call,
                };
                fetch.receive(&self.call(call).await?)?
            }
        };
        Ok(request.authenticate(&trust, self.now(), &policy)?)
    }
}
