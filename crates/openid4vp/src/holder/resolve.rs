//! Between a request and its authentication: the DID document of a `did:web` client, fetched before the signature can be checked (VP-C5).

use primitives::http::{Request, Response};

use super::dc_api::UnauthenticatedDcApiRequest;
use super::did::{Did, DidFetch};
use super::error::RequestError;
use super::invocation::{Form, Policy, Unauthenticated, UnauthenticatedRequest};
use super::screen::ScreenRequest;
use super::signature::{RequestTrust, may_ask};
use crate::client::{ClientId, ClientIdPrefix};

/// Whether a request can be authenticated as it is.
#[derive(Debug)]
pub enum Resolution<R> {
    /// It can.
    Request(Box<R>),
    /// The DID document of its client has to be fetched first.
    Fetch(Box<FetchDidDocument<R>>),
}

/// A DID document that has to be fetched.
#[derive(Debug)]
pub struct FetchDidDocument<R> {
    request: R,
    fetch: DidFetch,
}

impl UnauthenticatedRequest {
    /// Finds out whether anything has to be fetched to authenticate the request. Nothing is, for a client that the profile refuses anyway.
    ///
    /// # Errors
    /// [`RequestError::DidMalformed`], [`RequestError::DidMethod`], [`RequestError::DidKey`], [`RequestError::DidUnknown`].
    pub fn resolve(
        self,
        trust: &RequestTrust<'_>,
        policy: &Policy,
    ) -> Result<Resolution<Self>, RequestError> {
        if !matches!(self.client_id.prefix(), ClientIdPrefix::DecentralizedIdentifier(_)) {
            return Ok(Resolution::Request(Box::new(self)));
        }
        // Without a signature there is nothing to check with a key.
        if matches!(self.form, Form::Parameters(_)) {
            return Err(RequestError::SignatureMissing);
        }
        Ok(match document_of(&self.client_id, trust, policy)? {
            None => Resolution::Request(Box::new(self)),
            Some(fetch) => Resolution::Fetch(Box::new(FetchDidDocument { request: self, fetch })),
        })
    }
}

impl UnauthenticatedDcApiRequest {
    /// As [`UnauthenticatedRequest::resolve`]. Of several signatures the first one of a `did:web` that may ask is looked up; the others have
    /// to hold without.
    #[must_use]
    pub fn resolve(self, trust: &RequestTrust<'_>, policy: &Policy) -> Resolution<Self> {
        let clients = self.claimed_clients();
        match clients.iter().find_map(|id| document_of(id, trust, policy).ok().flatten()) {
            None => Resolution::Request(Box::new(self)),
            Some(fetch) => Resolution::Fetch(Box::new(FetchDidDocument { request: self, fetch })),
        }
    }
}

impl ScreenRequest {
    /// As [`UnauthenticatedRequest::resolve`]. Without a network a client that needs a document cannot be authenticated; for one that the
    /// profile does not know nothing is fetched, whatever it lets unknown ones do online: it is refused anyway (OQ-4).
    ///
    /// # Errors
    /// As there.
    pub fn resolve(
        self,
        trust: &RequestTrust<'_>,
        policy: &Policy,
    ) -> Result<Resolution<Self>, RequestError> {
        let policy = Policy { unauthenticated: Unauthenticated::Refuse, ..*policy };
        Ok(match document_of(self.claimed_client_id(), trust, &policy)? {
            None => Resolution::Request(Box::new(self)),
            Some(fetch) => Resolution::Fetch(Box::new(FetchDidDocument { request: self, fetch })),
        })
    }
}

/// The document that has to be fetched for a client; `None`: none.
fn document_of(
    id: &ClientId,
    trust: &RequestTrust<'_>,
    policy: &Policy,
) -> Result<Option<DidFetch>, RequestError> {
    let ClientIdPrefix::DecentralizedIdentifier(did) = id.prefix() else { return Ok(None) };
    may_ask(&did, trust.known, policy)?;
    Ok(match Did::parse(&did)? {
        Did::Own(_) => None,
        Did::Web(url) => Some(DidFetch::new(&did, url)),
    })
}

impl<R> FetchDidDocument<R> {
    /// The HTTP request that fetches the document. Redirects are not to be followed.
    #[must_use]
    pub fn request(&self) -> Request {
        self.fetch.request()
    }
}

impl FetchDidDocument<UnauthenticatedRequest> {
    /// Takes the document.
    ///
    /// # Errors
    /// [`RequestError::DidDocument`]: not found, too large, malformed, or that of another DID.
    pub fn receive(self, response: &Response) -> Result<UnauthenticatedRequest, RequestError> {
        let document = self.fetch.receive(response)?;
        Ok(UnauthenticatedRequest { did_document: Some(document), ..self.request })
    }
}

impl FetchDidDocument<UnauthenticatedDcApiRequest> {
    /// Takes the document.
    ///
    /// # Errors
    /// [`RequestError::DidDocument`]: not found, too large, malformed, or that of another DID.
    pub fn receive(self, response: &Response) -> Result<UnauthenticatedDcApiRequest, RequestError> {
        let document = self.fetch.receive(response)?;
        Ok(self.request.with_document(document))
    }
}

impl FetchDidDocument<ScreenRequest> {
    /// Takes the document.
    ///
    /// # Errors
    /// [`RequestError::DidDocument`]: not found, too large, malformed, or that of another DID.
    pub fn receive(self, response: &Response) -> Result<ScreenRequest, RequestError> {
        let document = self.fetch.receive(response)?;
        Ok(self.request.with_document(document))
    }
}
