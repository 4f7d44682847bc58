//! Requests over the Digital Credentials API (OpenID4VP 1.0 appendix A; VP-A1 to VP-A4): the platform hands over a request and the origin
//! that asks, and gets the answer back. Nothing is posted, and nothing fetched but the DID documents of `did:web` clients.

use openid4vp::holder::{
    AuthenticatedRequest, Objection, RequestError, RequestTrust, Resolution, UnauthenticatedDcApiRequest,
};
use primitives::http::HttpError;

use super::Came;
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::Fault;
use crate::view::PresentStarted;

/// Why a request of a browser is none of somebody.
enum NotAuthenticated {
    Request(RequestError),
    Http(HttpError),
}

impl From<RequestError> for NotAuthenticated {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl NotAuthenticated {
    fn protocol_error(&self) -> Option<&'static str> {
        match self {
            Self::Request(error) => error.protocol_error(),
            Self::Http(_) => None,
        }
    }

    fn into_fault(self) -> Fault {
        match self {
            Self::Request(error) => error.into(),
            Self::Http(error) => error.into(),
        }
    }
}

impl Wallet {
    /// Reads and authenticates a request that a platform handed over for a page of `origin`, and works out what could answer it. `json` is
    /// the request alone, or the options of the call, of which the first supported request that the profile lets ask counts. The answer
    /// comes from [`present_send_to`](Self::present_send_to), the refusal from [`present_decline_to`](Self::present_decline_to).
    ///
    /// # Errors
    /// [`WalletError::Locked`]; whatever is wrong with the request is a [`PresentStarted::Refusal`].
    pub async fn present_start_dc_api(
        &self,
        json: &[u8],
        origin: &str,
    ) -> Result<PresentStarted, WalletError> {
        Ok(self.present_start_dc_api_to(json, origin).await?.0)
    }

    /// As [`present_start_dc_api`](Self::present_start_dc_api), with the error of the protocol for a platform that owes the page one
    /// (OpenID4VP 1.0 section 8.5); `None`: nothing is wrong with the request itself.
    ///
    /// # Errors
    /// As [`present_start_dc_api`](Self::present_start_dc_api).
    pub async fn present_start_dc_api_to(
        &self,
        json: &[u8],
        origin: &str,
    ) -> Result<(PresentStarted, Option<&'static str>), WalletError> {
        let epoch = self.epoch()?;
        let _ = self.update_trust_list().await;
        if self.was_locked_since(epoch) {
            return Err(WalletError::Locked);
        }
        match self.authenticate_dc_api(json, origin).await {
            Ok(request) => {
                let error = request.objection().map(Objection::error_code);
                Ok((self.offer_choice(request, Came::default(), epoch)?, error))
            }
            Err(_) if self.was_locked_since(epoch) => Err(WalletError::Locked),
            Err(error) => {
                let code = error.protocol_error();
                let refusal = self.refuse(&error.into_fault(), None, None);
                Ok((PresentStarted::Refusal(Box::new(refusal)), code))
            }
        }
    }

    async fn authenticate_dc_api(
        &self,
        json: &[u8],
        origin: &str,
    ) -> Result<AuthenticatedRequest, NotAuthenticated> {
        let policy = self.request_policy();
        let mut request = UnauthenticatedDcApiRequest::parse(json, origin, &policy)?;
        let anchors = self.anchors();
        let trust = RequestTrust::new(&anchors.verifiers, &anchors.registrars)
            .with_known(&self.profile.known_verifiers);
        let mut unreached = None;
        // Each round asks for another document, and there are only so many.
        loop {
            let fetch = match request.resolve(&trust, self.now(), &policy) {
                Resolution::Fetch(fetch) => fetch,
                Resolution::Request(request) => {
                    return request.authenticate(&trust, self.now(), &policy).map_err(|error| {
                        match (error, unreached) {
                            // Whoever could not be reached may be another time.
                            (RequestError::DidDocument, Some(unreached)) => NotAuthenticated::Http(unreached),
                            (error, _) => error.into(),
                        }
                    });
                }
            };
            let call = fetch.request();
            let call = match url::Url::parse(origin) {
                Ok(party) => call.named_by(&party),
                Err(_) => call,
            };
            request = match self.call(call).await {
                Ok(response) => fetch.receive(&response)?,
                Err(error) => {
                    unreached = Some(error);
                    fetch.unanswered().ok_or(NotAuthenticated::Http(error))?
                }
            };
        }
    }
}
