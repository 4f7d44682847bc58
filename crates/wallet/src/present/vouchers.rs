//! Whoever vouched for the other side when its request was shown has to vouch for it still when the answer is signed, and when one that
//! waited leaves: lists change in between, and certificates end (TL-11, TL-15, PK-3, PK-22).

use openid4vp::holder::AuthenticatedRequest;
use primitives::Instant;
use serde::{Deserialize, Serialize};
use trust::{AnchorStore, Role, TrustAnchor, VerifiedChain};

use super::PresentError;
use crate::app::Wallet;
use crate::profile::Anchors;
use crate::trust_list::TrustListTooOld;

/// The anchors by whose word an answer goes to somebody. It is kept with an answer that waits.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Vouchers {
    /// `None`: no certificates vouch for who asks.
    verifier: Option<Voucher>,
    registrars: Vec<Voucher>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Voucher {
    /// SHA-256 of the anchor's certificate.
    anchor: [u8; 32],
    /// The last second in which its word counts.
    until: Instant,
}

/// Why nobody vouches any more.
pub(super) enum Unvouched {
    /// An anchor is none any more, or its word has ended.
    Gone(PresentError),
    /// It stands in a list alone that is too old; the next one may name it again.
    TooOld(TrustListTooOld),
}

impl Voucher {
    fn of<R: Role>(chain: &VerifiedChain<R>) -> Self {
        Self { anchor: chain.anchor().certificate().hash(), until: chain.valid_until() }
    }

    fn is_one_of<R: Role>(&self, anchors: &AnchorStore<R>) -> bool {
        anchors.iter().any(|known: &TrustAnchor<R>| known.certificate().hash() == self.anchor)
    }
}

impl Vouchers {
    pub(super) fn of(request: &AuthenticatedRequest) -> Self {
        let registrars = request.registrations().map(|one| {
            let voucher = Voucher::of(one.registrar());
            // It counts before its end (PK-22); a certificate counts at its end as well.
            Voucher { until: voucher.until.min(one.registration().expires_at - 1), ..voucher }
        });
        Self { verifier: request.client().chain().map(Voucher::of), registrars: registrars.collect() }
    }

    /// Whether each of them is an anchor still, and its word has not ended.
    pub(super) fn hold(&self, anchors: &Anchors, now: Instant) -> bool {
        self.are_among(anchors) && self.verifier.iter().chain(&self.registrars).all(|one| now <= one.until)
    }

    fn are_among(&self, anchors: &Anchors) -> bool {
        self.verifier.iter().all(|one| one.is_one_of(&anchors.verifiers))
            && self.registrars.iter().all(|one| one.is_one_of(&anchors.registrars))
    }
}

impl Wallet {
    /// Refuses an answer to somebody for whom nobody vouches any more. `vouchers` without any value are those of an answer that a version
    /// of the wallet kept which did not note them: then nobody can say who vouches.
    pub(super) fn refuse_unvouched(&self, vouchers: Option<&Vouchers>) -> Result<(), Unvouched> {
        let Some(vouchers) = vouchers.filter(|one| one.hold(&self.anchors(), self.known_now())) else {
            return Err(Unvouched::Gone(PresentError::NoLongerVouched));
        };
        if vouchers.are_among(&self.profile.anchors) || !self.is_list_too_old() {
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
