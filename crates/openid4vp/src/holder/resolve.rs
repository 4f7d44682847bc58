//! Between a request and its authentication: the DID document of a `did:web` client, fetched before the signature can be checked (VP-C5).

use primitives::Instant;
use primitives::http::{Request, Response};

use super::dc_api::UnauthenticatedDcApiRequest;
use super::did::{Did, DidFetch};
use super::error::RequestError;
use super::invocation::{Form, Policy, Unauthenticated, UnauthenticatedRequest};
use super::screen::ScreenRequest;
use super::signature::{RequestTrust, may_ask};
use crate::client::{ClientId, ClientIdPrefix};
use crate::dc_api::Protocol;

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
    /// As [`UnauthenticatedRequest::resolve`]; to be asked again after each document. One trusted signature of several suffices (VP-A3), so
    /// nothing is fetched once there is one; then the documents of the DIDs that the profile knows, one after the other, and last that of
    /// the first which it does not know, if it lets such ask and nobody else did.
    #[must_use]
    pub fn resolve(self, trust: &RequestTrust<'_>, now: Instant, policy: &Policy) -> Resolution<Self> {
        match self.wanted_document(trust, now, policy) {
            None => Resolution::Request(Box::new(self)),
            Some(fetch) => Resolution::Fetch(Box::new(FetchDidDocument { request: self, fetch })),
        }
    }

    fn wanted_document(&self, trust: &RequestTrust<'_>, now: Instant, policy: &Policy) -> Option<DidFetch> {
        let clients = self.claimed_clients();
        let fetches = clients.iter().filter_map(|id| document_of(id, trust, policy).ok().flatten());
        let (known, unknown): (Vec<_>, Vec<_>) =
            fetches.partition(|fetch| trust.known.did(fetch.did()).is_some());
        let was_asked_for = |fetch: &DidFetch| self.has_asked_for(fetch.did());
        let unknown = match unknown.iter().any(was_asked_for) {
            true => None,
            false => unknown.into_iter().next(),
        };
        let known = known.into_iter().find(|fetch| !was_asked_for(fetch));
        if self.protocol() != Protocol::MultiSigned {
            return known.or(unknown);
        }
        match self.multi_signed(trust, policy, now) {
            Ok((_, client)) if client.is_authenticated() => None,
            Ok(_) => known,
            Err(_) => known.or(unknown),
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
    /// Takes the document. Of several signatures one without its document fails alone.
    ///
    /// # Errors
    /// [`RequestError::DidDocument`], where there is one signature: not found, too large, malformed, or that of another DID.
    pub fn receive(self, response: &Response) -> Result<UnauthenticatedDcApiRequest, RequestError> {
        let document = match self.fetch.receive(response) {
            Ok(document) => Some(document),
            Err(_) if self.request.protocol() == Protocol::MultiSigned => None,
            Err(error) => return Err(error),
        };
        Ok(self.request.with_answer(self.fetch.did(), document))
    }

    /// Goes on without the document where nobody answered; `None`: there is one signature, and it cannot be checked.
    #[must_use]
    pub fn unanswered(self) -> Option<UnauthenticatedDcApiRequest> {
        let is_one_of_several = self.request.protocol() == Protocol::MultiSigned;
        is_one_of_several.then(|| self.request.with_answer(self.fetch.did(), None))
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
