//! What an issuer granted: with it tokens are exchanged for newer ones, for copies that are fetched anew, for papers that come later and
//! for what the issuer is told (RFC 6749 section 6; OpenID4VCI 1.0 sections 9 and 11, "Refreshing Issued Credentials"; CI-13).
//!
//! One grant serves all papers of an offer, and many servers take a refresh token once. So what the vault keeps of a grant is what
//! counts, whoever goes on with it; it is read and exchanged by one at a time, and what came for it is durable before it is used.

use openid4vci::holder::{Authorized, Discovery, StoredAccess};
use openid4vci::offer::CredentialOffer;
use openid4vci::wire::Identifier;
use primitives::{Instant, UniqueNonEmpty};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use vault::{Grant, GrantId, PaperId, StoreError, Transaction};

use super::client::ClientKeys;
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::Fault;

/// What an issuer granted, and the name by which it knows this wallet: what newer tokens are had with.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct GrantState {
    pub(crate) keys: ClientKeys,
    pub(crate) access: StoredAccess,
}

/// A grant as it was at some time, with the id under which it is, or will be, kept.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Granted {
    pub(crate) id: GrantId,
    pub(crate) state: GrantState,
}

impl Granted {
    pub(super) fn to_stored(&self, issuer: &str, now: Instant) -> Result<Grant, StoreError> {
        let state = serde_json::to_vec(&self.state).map_err(|_| StoreError::Damaged)?;
        Ok(Grant { id: self.id, issuer: issuer.to_owned(), updated_at: now, state: state.into() })
    }
}

/// The tokens that something is tried with: the one that is there, then newer ones of its grant.
pub(super) struct Tokens<'a> {
    issuer: &'a str,
    granted: Option<&'a Granted>,
    access: StoredAccess,
    /// It was exchanged just now: there is no newer one to be had.
    fresh: bool,
}

impl<'a> Tokens<'a> {
    /// Begins with this one.
    pub(super) fn new(issuer: &'a str, granted: Option<&'a Granted>, access: StoredAccess) -> Self {
        Self { issuer, granted, access, fresh: false }
    }

    /// The one to be used now.
    pub(super) fn access(&self) -> &StoredAccess {
        &self.access
    }
}

impl Wallet {
    /// Takes a newer token if this one has ended, as far as the server said. Where there is none, the issuer is to judge the old one: our
    /// clock may be the one that is wrong.
    pub(super) async fn unended_token(&self, tokens: &mut Tokens<'_>) -> Result<(), Fault> {
        if tokens.access.has_ended(self.now()) {
            self.newer_token(tokens).await?;
        }
        Ok(())
    }

    /// Takes a newer token of the grant: the one that was exchanged for something else meanwhile, or else one that is exchanged now.
    /// Whether there is one.
    pub(super) async fn newer_token(&self, tokens: &mut Tokens<'_>) -> Result<bool, Fault> {
        let Some(granted) = tokens.granted.filter(|_| !tokens.fresh) else { return Ok(false) };
        let _one_at_a_time = self.granting.lock().await;
        let state = self.kept_grant(granted)?;
        if !state.access.is_same_token(&tokens.access) && !state.access.has_ended(self.now()) {
            tokens.access = state.access;
            return Ok(true);
        }
        if !state.access.can_refresh() {
            return Ok(false);
        }
        let granted = Granted { id: granted.id, state };
        let (_, granted) = self.exchanged(tokens.issuer, None, granted).await?;
        tokens.access = granted.state.access;
        tokens.fresh = true;
        Ok(true)
    }

    /// Exchanges what is kept of a grant, for papers of these configurations.
    pub(super) async fn exchange_grant(
        &self,
        issuer: &str,
        id: GrantId,
        configurations: Vec<String>,
    ) -> Result<(Authorized, Granted), Fault> {
        let _one_at_a_time = self.granting.lock().await;
        let grant = self.read(|transaction| transaction.grant(id)).map_err(Fault::Wallet)?;
        let state = serde_json::from_slice(&grant.state).map_err(|_| damaged())?;
        self.exchanged(issuer, Some(configurations), Granted { id, state }).await
    }

    /// A grant as it is kept. It is kept from its first exchange or its first paper on, as long as something goes on with it: until then it is
    /// as it was given.
    fn kept_grant(&self, granted: &Granted) -> Result<GrantState, Fault> {
        let kept = self.read(|transaction| match transaction.grant(granted.id) {
            Ok(grant) => Ok(serde_json::from_slice(&grant.state).ok()),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        });
        Ok(kept.map_err(Fault::Wallet)?.unwrap_or_else(|| granted.state.clone()))
    }

    /// Exchanges a grant while nobody else does. The old token may be void by now: the new one is durable before anything else is done
    /// with it.
    async fn exchanged(
        &self,
        issuer: &str,
        configurations: Option<Vec<String>>,
        granted: Granted,
    ) -> Result<(Authorized, Granted), Fault> {
        let Granted { id, state } = granted;
        let authorized = self.granted_again(issuer, configurations, &state).await?;
        let granted =
            Granted { id, state: GrantState { access: authorized.stored_access(), keys: state.keys } };
        let newer = granted.to_stored(issuer, self.now()).map_err(|error| Fault::Wallet(error.into()))?;
        self.transaction(|transaction| transaction.save_grant(&newer)).map_err(Fault::Wallet)?;
        Ok((authorized, granted))
    }

    /// The grant again, for these configurations or for whatever the issuer has.
    async fn granted_again(
        &self,
        issuer: &str,
        configurations: Option<Vec<String>>,
        grant: &GrantState,
    ) -> Result<Authorized, Fault> {
        let stop = Notify::new();
        let id = Identifier::parse(issuer, "credential_issuer").map_err(|_| damaged())?;
        let policy = self.discovery_policy();
        let discovery = match configurations {
            None => Discovery::of_issuer(id, policy),
            Some(ids) => {
                let ids = UniqueNonEmpty::new(ids).map_err(|_| damaged())?;
                Discovery::new(CredentialOffer::renewal(id, ids), policy)
            }
        };
        // Of the issuer's servers, the one whose refresh token it is.
        let discovery = discovery.granted_by(&grant.access);
        let resolved = self.exchange(issuer, discovery, &stop).await?;
        let client = self.client(&resolved, &grant.keys).await?;
        let exchange = resolved.refresh(client, grant.access.clone())?;
        self.exchange(issuer, exchange, &stop).await
    }

    /// The grants by which a paper came, as they are kept.
    pub(super) fn grants_of(&self, id: PaperId) -> Result<Vec<Granted>, WalletError> {
        self.read(|transaction| {
            let sources = transaction.paper_sources(id)?;
            let grants = sources.iter().map(|source| transaction.grant(source.grant));
            let grants = grants.collect::<Result<Vec<_>, _>>()?;
            let read = |grant: &Grant| {
                let state = serde_json::from_slice(&grant.state).ok()?;
                Some(Granted { id: grant.id, state })
            };
            Ok(grants.iter().filter_map(read).collect())
        })
    }
}

fn damaged() -> Fault {
    Fault::Wallet(StoreError::Damaged.into())
}

/// Forgets the grants by which no paper comes any more and with which no session goes on.
pub(crate) fn forget_grants(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let sessions = transaction.sessions()?;
    let awaited = sessions
        .iter()
        .filter_map(|session| serde_json::from_slice::<Awaiting>(&session.state).ok()?.grant())
        .collect::<Vec<GrantId>>();
    transaction.forget_unused_grants(&awaited).map(drop)
}

/// What a kept session says of its grant: what is to be told says it itself, what comes later says it of the paper.
#[derive(Deserialize)]
struct Awaiting {
    granted: Option<Named>,
    described: Option<Box<Awaiting>>,
}

#[derive(Deserialize)]
struct Named {
    id: GrantId,
}

impl Awaiting {
    fn grant(self) -> Option<GrantId> {
        self.granted.map(|named| named.id).or_else(|| self.described?.grant())
    }
}
