//! What registrars say of a client, out of `verifier_info` (OpenID4VP 1.0 sections 5.1 and 5.11; VP-R13).

use dcql::{Identifier, Query};
use primitives::Instant;
use trust::registration::{REGISTRATION_FORMAT, SignedRegistration, VerifiedRegistration};

use super::error::RequestError;
use super::parameters::VerifierInfo;
use super::request::Client;
use super::signature::RequestTrust;

/// A verified registration and the Credential Queries that it speaks of.
#[derive(Debug, Clone)]
pub(crate) struct Registered {
    pub(crate) registration: VerifiedRegistration,
    /// `None`: all of them.
    queries: Option<Vec<String>>,
}

impl Registered {
    /// Whether it speaks of this Credential Query.
    pub(crate) fn is_about(&self, query: &Identifier) -> bool {
        self.queries.as_ref().is_none_or(|ids| ids.iter().any(|id| id == query.as_str()))
    }
}

/// The registrations in `verifier_info`. What cannot be used is ignored (sections 5.1 and 5.11: its use is the wallet's to decide): formats
/// that nobody knows, registrars that are not ours, shapes that cannot be read. The request then counts as far as nothing was registered. One
/// that our registrar signed and that is false, over, or somebody else's refuses the request, for whoever sends one means it. A client that
/// did not sign has nothing to bind one to. `query`: the one that
/// `credential_ids` must be of, once it is read.
pub(crate) fn registrations(
    entries: &[VerifierInfo],
    client: &Client,
    query: Option<&Query>,
    trust: &RequestTrust<'_>,
    now: Instant,
) -> Result<Vec<Registered>, RequestError> {
    let names_a_query = |id: &String| query.is_none_or(|query| query.credential(id).is_some());
    if entries.iter().any(|entry| entry.queries.as_ref().is_some_and(|ids| !ids.iter().all(names_a_query))) {
        return Err(RequestError::VerifierInfo);
    }
    if !client.is_signed() {
        return Ok(Vec::new());
    }
    let registration = |entry: &VerifierInfo| {
        let signed = SignedRegistration::parse(entry.data.as_str()?).ok()?;
        let registration = match client.chain() {
            Some(chain) => signed.verify(chain, trust.registrars, now),
            None => signed.verify_for_client(client.id().as_str(), trust.registrars, now),
        };
        match registration {
            Ok(registration) => Some(Ok(Registered { registration, queries: entry.queries.clone() })),
            Err(error) if error.is_unusable() => None,
            Err(error) => Some(Err(RequestError::Registration(error))),
        }
    };
    entries.iter().filter(|entry| entry.format == REGISTRATION_FORMAT).filter_map(registration).collect()
}
