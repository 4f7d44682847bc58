//! One credential that answers several Credential Queries may be presented once for all of them (OpenID4VP 1.0 section 6.4; VP-D3): what
//! another of the queries asked of it and got did not come unasked.

use primitives::ClaimPath;

use super::validate::VerifiedPresentation;

/// Which credential a presentation is of: the hash of what its issuer signed for one holder's key. Two copies are two credentials.
pub(crate) type CredentialIdentity = [u8; 32];

/// Takes out of each presentation's claims "beyond the query" those that a presentation of the same credential for another query of this
/// request holds as asked for.
pub(crate) fn allow(
    presentations: Vec<(VerifiedPresentation, CredentialIdentity)>,
) -> Vec<VerifiedPresentation> {
    let asked_elsewhere = |own: &VerifiedPresentation, identity: &CredentialIdentity, path: &ClaimPath| {
        presentations.iter().any(|(other, other_identity)| {
            other.query != own.query
                && other.credential_type == own.credential_type
                && other_identity == identity
                && !other.over_delivered.contains(path)
                && path.select(&other.claims).is_ok()
        })
    };
    let beyond: Vec<Vec<ClaimPath>> = presentations
        .iter()
        .map(|(one, identity)| {
            one.over_delivered.iter().filter(|path| !asked_elsewhere(one, identity, path)).cloned().collect()
        })
        .collect();
    presentations
        .into_iter()
        .zip(beyond)
        .map(|((one, _), over_delivered)| VerifiedPresentation { over_delivered, ..one })
        .collect()
}
