//! One presentation, verified for one request (OpenID4VP 1.0 sections 8.6 and 14.9, appendix B; VP-H1 to VP-H3, VP-D2 to VP-D4, VP-D8 to VP-D10).

use dcql::{Candidate, CredentialQuery, CredentialType, Format, Holding, TypeConstraint};
use mdoc::{DeviceResponse, SessionTranscript};
use primitives::{ClaimPath, Instant, PathElement};
use sd_jwt_vc::{ExpectedKeyBinding, TransactionData, VcPolicy, verify_presentation};
use serde_json::Value;
use trust::{AnchorStore, Issuer};

use super::error::PresentationFault;
use super::request::Session;
use super::validate::VerifiedPresentation;

pub(crate) fn verify(
    session: &Session,
    query: &CredentialQuery,
    text: &str,
    issuers: &AnchorStore<Issuer>,
    now: Instant,
) -> Result<VerifiedPresentation, PresentationFault> {
    match query.format {
        Format::SdJwtVc => sd_jwt_vc(session, query, text, issuers, now),
        Format::Mdoc => mobile_document(session, query, text, issuers, now),
        Format::Unsupported(_) => Err(PresentationFault::Format),
    }
}

fn sd_jwt_vc(
    session: &Session,
    query: &CredentialQuery,
    text: &str,
    issuers: &AnchorStore<Issuer>,
    now: Instant,
) -> Result<VerifiedPresentation, PresentationFault> {
    let expected = ExpectedKeyBinding {
        audience: session.client_id.as_str(),
        nonce: &session.nonce,
        // A proof older than the request is not one for it.
        max_age_seconds: now.seconds_since(session.created_at).max(0),
        transaction_data: TransactionData::default(),
        required: query.holder_binding_required,
    };
    let verified = verify_presentation(text, &expected, issuers, now, &VcPolicy::default())?;
    let credential = verified.credential();
    let holder_key = verified.key_binding().map(|binding| binding.holder_key);
    let presented = Presented {
        credential_type: CredentialType::SdJwtVc { vct: credential.vct() },
        claims: verified.claims(),
        authorities: credential.issuer().chain().authority_key_ids(),
        disclosed: credential.sd_jwt().disclosable_paths(),
        bound: holder_key.is_some(),
    };
    let over_delivered = presented.answers(query)?;
    Ok(VerifiedPresentation {
        query: query.id.clone(),
        format: Format::SdJwtVc,
        credential_type: credential.vct().to_owned(),
        claims: verified.claims().clone(),
        issuer: credential.issuer().clone(),
        status: credential.status().cloned(),
        holder_key,
        over_delivered,
    })
}

fn mobile_document(
    session: &Session,
    query: &CredentialQuery,
    text: &str,
    issuers: &AnchorStore<Issuer>,
    now: Instant,
) -> Result<VerifiedPresentation, PresentationFault> {
    // The transcript comes from what was asked, never from the response.
    let thumbprint = session.decryption.as_ref().map(|key| key.public.thumbprint());
    let transcript = SessionTranscript::openid4vp_redirect(
        session.client_id.as_str(),
        &session.nonce,
        thumbprint.as_ref(),
        &session.response_uri,
    );
    let verified = DeviceResponse::parse_base64url(text)?.verify(&transcript, issuers, now)?;
    let disclosed = verified
        .claims
        .iter()
        .filter_map(|(name_space, element, _)| ClaimPath::of_names([name_space, element]).ok());
    let disclosed = disclosed.collect();
    let claims = verified.claims.into_json();
    let presented = Presented {
        credential_type: CredentialType::Mdoc { doctype: &verified.doc_type },
        claims: &claims,
        authorities: verified.issuer.chain().authority_key_ids(),
        disclosed,
        bound: true,
    };
    let over_delivered = presented.answers(query)?;
    Ok(VerifiedPresentation {
        query: query.id.clone(),
        format: Format::Mdoc,
        credential_type: verified.doc_type,
        claims,
        issuer: verified.issuer,
        status: verified.status,
        holder_key: Some(verified.device_key),
        over_delivered,
    })
}

/// A verified presentation as the query sees it.
struct Presented<'a> {
    credential_type: CredentialType<'a>,
    claims: &'a Value,
    authorities: Vec<Vec<u8>>,
    /// The places of the selectively disclosable claims that came.
    disclosed: Vec<ClaimPath>,
    bound: bool,
}

impl Presented<'_> {
    /// Checks that this answers the query, values included, since nothing makes a wallet obey them (section 6.4.1). Gives the disclosed
    /// claims that the best fitting combination does not ask for.
    fn answers(&self, query: &CredentialQuery) -> Result<Vec<ClaimPath>, PresentationFault> {
        let type_name = match self.credential_type {
            CredentialType::SdJwtVc { vct } => vct,
            CredentialType::Mdoc { doctype } => doctype,
        };
        if let TypeConstraint::OneOf(names) = &query.types
            && !names.iter().any(|name| name == type_name)
        {
            return Err(PresentationFault::Type);
        }
        let query = for_presentation(query);
        let holding = Holding {
            id: "",
            credential_type: self.credential_type,
            claims: self.claims,
            authority_key_identifiers: &self.authorities,
            holder_binding: self.bound,
            always_disclosed: &[],
        };
        if !query.is_certified(&holding) {
            return Err(PresentationFault::Authority);
        }
        let candidate = query.answered_by(&holding).ok_or(PresentationFault::Claims)?;
        Ok(self.beyond(&query, &candidate))
    }

    fn beyond(&self, query: &CredentialQuery, candidate: &Candidate) -> Vec<ClaimPath> {
        let combinations = query.combinations();
        let beyond = |combination: &usize| -> Option<Vec<ClaimPath>> {
            let asked: Vec<&ClaimPath> = combinations
                .get(*combination)?
                .iter()
                .filter_map(|place| query.claims.get(*place))
                .map(|claim| &claim.path)
                .collect();
            let is_asked =
                |path: &&ClaimPath| asked.iter().any(|one| path.starts_with(one) || one.starts_with(path));
            Some(self.disclosed.iter().filter(|path| !is_asked(path)).cloned().collect())
        };
        candidate.combinations.iter().filter_map(beyond).min_by_key(Vec::len).unwrap_or_default()
    }
}

/// In a presentation the elements of an array that were kept back are gone and the others have moved up, so an index of the query
/// cannot be found again: any element counts for it.
fn for_presentation(query: &CredentialQuery) -> CredentialQuery {
    let mut query = query.clone();
    for claim in &mut query.claims {
        let elements = claim.path.elements().iter().map(|element| match element {
            PathElement::Index(_) => PathElement::All,
            other => other.clone(),
        });
        if let Ok(path) = ClaimPath::new(elements.collect()) {
            claim.path = path;
        }
    }
    query
}
