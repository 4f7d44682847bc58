//! Between a request and its authentication: the DID document of a `did:web` client, fetched before the signature can be checked (VP-C5).

use primitives::http::{Request, Response};

use super::did::{Did, DidFetch};
use super::error::RequestError;
use super::invocation::{Form, Policy, UnauthenticatedRequest};
use super::signature::{RequestTrust, may_ask};
use crate::client::ClientIdPrefix;

/// Whether a request can be authenticated as it is.
#[derive(Debug)]
pub enum Resolution {
    /// It can.
    Request(Box<UnauthenticatedRequest>),
    /// The DID document of its client has to be fetched first.
    Fetch(Box<FetchDidDocument>),
}

/// A DID document that has to be fetched.
#[derive(Debug)]
pub struct FetchDidDocument {
    request: UnauthenticatedRequest,
    fetch: DidFetch,
}

impl UnauthenticatedRequest {
    /// Finds out whether anything has to be fetched to authenticate the request. Nothing is, for a client that the profile refuses anyway.
    ///
    /// # Errors
    /// [`RequestError::DidMalformed`], [`RequestError::DidMethod`], [`RequestError::DidKey`], [`RequestError::DidUnknown`].
    pub fn resolve(self, trust: &RequestTrust<'_>, policy: &Policy) -> Result<Resolution, RequestError> {
        let ClientIdPrefix::DecentralizedIdentifier(did) = self.client_id.prefix() else {
            return Ok(Resolution::Request(Box::new(self)));
        };
        // Without a signature there is nothing to check with a key.
        if matches!(self.form, Form::Parameters(_)) {
            return Err(RequestError::SignatureMissing);
        }
        may_ask(&did, trust.known, policy)?;
        Ok(match Did::parse(&did)? {
            Did::Own(_) => Resolution::Request(Box::new(self)),
            Did::Web(url) => {
                let fetch = DidFetch::new(&did, url);
                Resolution::Fetch(Box::new(FetchDidDocument { request: self, fetch }))
            }
        })
    }
}

impl FetchDidDocument {
    /// The HTTP request that fetches the document. Redirects are not to be followed.
    #[must_use]
    pub fn request(&self) -> Request {
        self.fetch.request()
    }

    /// Takes the document.
    ///
    /// # Errors
    /// [`RequestError::DidDocument`]: not found, too large, malformed, or that of another DID.
    pub fn receive(self, response: &Response) -> Result<UnauthenticatedRequest, RequestError> {
        let document = self.fetch.receive(response)?;
        Ok(UnauthenticatedRequest { did_document: Some(document), ..self.request })
    }
}
