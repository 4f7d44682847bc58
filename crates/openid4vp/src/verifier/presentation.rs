//! One presentation, verified for one request (OpenID4VP 1.0 sections 8.6 and 14.9, appendix B; VP-H1 to VP-H3, VP-D2 to VP-D4, VP-D8 to VP-D10).

use std::collections::BTreeSet;

use crypto::jws::UnverifiedJws;
use dcql::{Candidate, CredentialQuery, CredentialType, Format, Holding, TypeConstraint};
use mdoc::DeviceResponse;
use primitives::{ClaimPath, Instant, PathElement};
use sd_jwt_vc::{ExpectedKeyBinding, TransactionData, VcPolicy, verify_presentation};
use serde_json::Value;
use trust::{AnchorStore, Issuer};

use super::error::PresentationFault;
use super::request::Session;
use super::union::CredentialIdentity;
use super::validate::VerifiedPresentation;
use crate::transaction::{self, Transaction};

/// `shown_at` is the moment that the message names in which an answer was shown; `None` for one that came over the network.
pub(crate) fn verify(
    session: &Session,
    query: &CredentialQuery,
    text: &str,
    shown_at: Option<Instant>,
    issuers: &AnchorStore<Issuer>,
    now: Instant,
) -> Result<(VerifiedPresentation, CredentialIdentity), PresentationFault> {
    match query.format {
        Format::SdJwtVc => sd_jwt_vc(session, query, text, shown_at, issuers, now),
        Format::Mdoc => mobile_document(session, query, text, shown_at, issuers, now),
        Format::Unsupported(_) => Err(PresentationFault::Format),
    }
}

/// Whether a fault concerns this presentation alone, which is then discarded (section 8.6). One that was not made for this request, or
/// of which nothing says that it was, came from elsewhere: the whole response is rejected (section 14.1). Of an SD-JWT VC its key binding
/// says it, whatever else is wrong with it; of an mdoc the device's signature, by the key that the document names, whoever issued it.
pub(crate) fn concerns_itself_alone(
    session: &Session,
    query: &CredentialQuery,
    text: &str,
    shown_at: Option<Instant>,
    fault: &PresentationFault,
) -> bool {
    match fault {
        PresentationFault::SdJwtVc(sd_jwt_vc::PresentationError::KeyBinding(_))
        | PresentationFault::Moment
        | PresentationFault::Transaction => false,
        PresentationFault::SdJwtVc(_) => match text.rsplit_once('~') {
            Some((_, "")) => !query.holder_binding_required,
            proof => proof.is_some_and(|(_, proof)| names_request(session, proof)),
        },
        PresentationFault::Mdoc(_) => DeviceResponse::parse_base64url(text)
            .is_ok_and(|response| response.is_for(&session.transcript(shown_at))),
        PresentationFault::Format
        | PresentationFault::Type
        | PresentationFault::Authority
        | PresentationFault::Claims => true,
    }
}

/// Whether a key binding that nobody verified is one for this request, by its own word.
fn names_request(session: &Session, proof: &str) -> bool {
    let claims = UnverifiedJws::parse(proof).ok().and_then(|jws| jws.dangerous_claims().ok());
    let is = |name: &str, value: &str| {
        claims.as_ref().and_then(|claims| claims.get(name)?.as_str()).is_some_and(|own| own == value)
    };
    is("nonce", &session.nonce) && is("aud", &session.audience())
}

fn sd_jwt_vc(
    session: &Session,
    query: &CredentialQuery,
    text: &str,
    shown_at: Option<Instant>,
    issuers: &AnchorStore<Issuer>,
    now: Instant,
) -> Result<(VerifiedPresentation, CredentialIdentity), PresentationFault> {
    let approved = claimed(session, query, text);
    let strings: Vec<String> = approved.iter().map(|one| one.text().to_owned()).collect();
    let audience = session.audience();
    let expected = ExpectedKeyBinding {
        audience: &audience,
        nonce: &session.nonce,
        // A proof older than the request is not one for it.
        max_age_seconds: now.seconds_since(session.created_at).max(0),
        transaction_data: TransactionData {
            strings: &strings,
            names_algorithm: approved.iter().any(|one| one.names_algorithm()),
        },
        required: query.holder_binding_required,
    };
    let verified = verify_presentation(text, &expected, issuers, now, &VcPolicy::default())?;
    let credential = verified.credential();
    let holder_key = verified.key_binding().map(|binding| binding.holder_key);
    let moment = verified.key_binding().map(|binding| binding.issued_at);
    if shown_at.is_some() && moment != shown_at {
        return Err(PresentationFault::Moment);
    }
    let presented = Presented {
        credential_type: CredentialType::SdJwtVc { vct: credential.vct() },
        claims: verified.claims(),
        authorities: credential.issuer().chain().authority_key_ids(),
        disclosed: credential.sd_jwt().disclosable_paths(),
        bound: holder_key.is_some(),
    };
    let over_delivered = presented.answers(query)?;
    let identity = crypto::sha256(text.split('~').next().unwrap_or_default().as_bytes());
    let presentation = VerifiedPresentation {
        query: query.id.clone(),
        format: Format::SdJwtVc,
        credential_type: credential.vct().to_owned(),
        claims: verified.claims().clone(),
        issuer: credential.issuer().clone(),
        status: credential.status().cloned(),
        holder_key,
        approved: approved.into_iter().cloned().collect(),
        over_delivered,
    };
    Ok((presentation, identity))
}

/// Which transactions an SD-JWT VC says to approve, by what stands in its key binding before any check: exactly these are then demanded of
/// it, so that a hash of anything else fails. Whether each was approved is asked of the whole answer.
fn claimed<'s>(session: &'s Session, query: &CredentialQuery, text: &str) -> Vec<&'s Transaction> {
    let proof = text.rsplit('~').next().unwrap_or_default();
    let claims = UnverifiedJws::parse(proof).ok().and_then(|jws| jws.dangerous_claims().ok());
    let hashes = claims.as_ref().and_then(|claims| claims.get("transaction_data_hashes")?.as_array());
    approved_among(session, query, hashes.map_or(&[], Vec::as_slice))
}

fn approved_among<'s>(
    session: &'s Session,
    query: &CredentialQuery,
    hashes: &[Value],
) -> Vec<&'s Transaction> {
    let is_named = |one: &&Transaction| {
        let hash = one.hash();
        one.may_be_carried_by(&query.id) && hashes.iter().any(|named| named.as_str() == Some(&hash))
    };
    session.transactions.iter().filter(is_named).collect()
}

/// VP-T4: the elements of transactions that a device signed are those of this request and no others.
fn approved_by_device<'s>(
    session: &'s Session,
    query: &CredentialQuery,
    device_claims: &mdoc::Claims,
) -> Result<Vec<&'s Transaction>, PresentationFault> {
    let elements: BTreeSet<(&str, &str)> = session.transactions.iter().map(Transaction::element).collect();
    let signed = |(space, element): &(&str, &str)| -> Option<(String, String, Value)> {
        let value = device_claims.value(space, element)?;
        Some(((*space).to_owned(), (*element).to_owned(), value.clone()))
    };
    let signed: Vec<(String, String, Value)> = elements.iter().filter_map(signed).collect();
    let hashes: Vec<Value> =
        signed.iter().filter_map(|(_, _, value)| value.as_array()).flatten().cloned().collect();
    let approved = approved_among(session, query, &hashes);
    let mut wanted: Vec<(String, String, Value)> = transaction::device_elements(&approved)
        .into_iter()
        .map(|(space, element, hashes)| (space.to_owned(), element.to_owned(), hashes))
        .collect();
    wanted.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    if wanted == signed { Ok(approved) } else { Err(PresentationFault::Transaction) }
}

fn mobile_document(
    session: &Session,
    query: &CredentialQuery,
    text: &str,
    shown_at: Option<Instant>,
    issuers: &AnchorStore<Issuer>,
    now: Instant,
) -> Result<(VerifiedPresentation, CredentialIdentity), PresentationFault> {
    let verified =
        DeviceResponse::parse_base64url(text)?.verify(&session.transcript(shown_at), issuers, now)?;
    let approved = approved_by_device(session, query, &verified.device_claims)?;
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
    let identity = crypto::sha256(&verified.device_key.to_sec1());
    let presentation = VerifiedPresentation {
        query: query.id.clone(),
        format: Format::Mdoc,
        credential_type: verified.doc_type,
        claims,
        issuer: verified.issuer,
        status: verified.status,
        holder_key: Some(verified.device_key),
        approved: approved.into_iter().cloned().collect(),
        over_delivered,
    };
    Ok((presentation, identity))
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

fn for_presentation(query: &CredentialQuery) -> CredentialQuery {
    let mut query = query.clone();
    for claim in &mut query.claims {
        claim.path = presented_path(&claim.path);
    }
    query
}

/// Where in a presentation the claim stands that a query asks for by this path. The elements of an array that were kept back are gone and
/// the others have moved up, so an index cannot be found again: any element counts for it.
pub fn presented_path(path: &ClaimPath) -> ClaimPath {
    let elements = path.elements().iter().map(|element| match element {
        PathElement::Index(_) => PathElement::All,
        other => other.clone(),
    });
    // As many elements as before, so this is a path as well.
    ClaimPath::new(elements.collect()).unwrap_or_else(|_| path.clone())
}
