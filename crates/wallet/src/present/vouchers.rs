//! Whoever vouched for the other side when its request was shown has to vouch for it still when the answer is signed, and when one that
//! waited leaves: lists change in between, and certificates end or are renewed. So the certificates that came with the request are verified
//! anew, up to the anchors of that moment (TL-11, TL-15, PK-3, PK-22).

use openid4vp::holder::AuthenticatedRequest;
use primitives::{Base64UrlBytes, Instant};
use serde::{Deserialize, Serialize};
use trust::{AnchorStore, CertificateChain, ChainPolicy, Role, VerifiedChain, verify_chain};

use super::PresentError;
use crate::app::Wallet;
use crate::profile::Anchors;
use crate::trust_list::TrustListTooOld;

/// The certificates by which an answer goes to somebody. They are kept with an answer that waits.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Vouchers {
    /// `None`: no certificates vouch for who asks.
    verifier: Option<Sent>,
    registrations: Vec<Registered>,
}

/// A chain as it came with the request: DER, leaf first.
#[derive(Clone, Serialize, Deserialize)]
struct Sent(Vec<Base64UrlBytes>);

#[derive(Clone, Serialize, Deserialize)]
struct Registered {
    registrar: Sent,
    /// It counts before then (PK-22).
    expires_at: Instant,
}

/// Why nobody vouches any more.
pub(super) enum Unvouched {
    /// No anchor vouches any more, or something has ended.
    Gone(PresentError),
    /// It stands in a list alone that is too old; the next one may name it again.
    TooOld(TrustListTooOld),
}

impl Sent {
    fn of<R: Role>(chain: &VerifiedChain<R>) -> Self {
        Self(chain.chain().to_der().into_iter().map(Base64UrlBytes::new).collect())
    }

    fn holds<R: Role>(&self, anchors: &AnchorStore<R>, now: Instant) -> bool {
        CertificateChain::from_der(&self.0)
            .is_ok_and(|chain| verify_chain(&chain, anchors, now, &ChainPolicy::role_only()).is_ok())
    }
}

impl Vouchers {
    pub(super) fn of(request: &AuthenticatedRequest) -> Self {
        let registrations = request.registrations().map(|one| Registered {
            registrar: Sent::of(one.registrar()),
            expires_at: one.registration().expires_at,
        });
        Self { verifier: request.client().chain().map(Sent::of), registrations: registrations.collect() }
    }

    /// Whether each of them has an anchor, and has not ended.
    pub(super) fn hold(&self, anchors: &Anchors, now: Instant) -> bool {
        self.verifier.iter().all(|chain| chain.holds(&anchors.verifiers, now))
            && self
                .registrations
                .iter()
                .all(|one| now < one.expires_at && one.registrar.holds(&anchors.registrars, now))
    }
}

impl Wallet {
    /// Refuses an answer to somebody for whom nobody vouches any more. `vouchers` without any value are those of an answer that a version
    /// of the wallet kept which did not note them: then nobody can say who vouches.
    pub(super) fn refuse_unvouched(&self, vouchers: Option<&Vouchers>) -> Result<(), Unvouched> {
        let now = self.known_now();
        let Some(vouchers) = vouchers.filter(|one| one.hold(&self.anchors(), now)) else {
            return Err(Unvouched::Gone(PresentError::NoLongerVouched));
        };
        if vouchers.hold(&self.profile.anchors, now) || !self.is_list_too_old() {
            return Ok(());
        }
        Err(Unvouched::TooOld(TrustListTooOld))
    }

    /// The same of a request that was shown. One that was read off a screen is answered by an old list as well, under its mark (TL-15).
    pub(super) fn refuse_unvouched_request(&self, request: &AuthenticatedRequest) -> Result<(), Unvouched> {
        match self.refuse_unvouched(Some(&Vouchers::of(request))) {
            Err(Unvouched::TooOld(_)) if request.screen().is_some() => Ok(()),
            result => result,
        }
    }
}
