//! What a request asks beyond what its sender registered (VP-R13; the consent screen says it item by item).

use dcql::{CredentialQuery, Format, Identifier, Query, TypeConstraint};
use primitives::ClaimPath;
use trust::CredentialType;
use trust::registration::Registration;

use super::registered::Registered;

/// One item that is asked for without being registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverAsked {
    /// The Credential Query that asks.
    pub query: Identifier,
    /// The claim; `None`: the paper itself, of which no claim is asked.
    pub claim: Option<ClaimPath>,
}

/// Compares a query with the registrations that speak of it, in the order of the query. A query that names no type asks for every type, which nobody
/// can register; formats that this wallet cannot present are left out.
pub(crate) fn over_asked(query: &Query, registrations: &[Registered]) -> Vec<OverAsked> {
    query
        .credentials()
        .iter()
        .filter(|credential| !matches!(credential.format, Format::Unsupported(_)))
        .flat_map(|credential| {
            let about = registrations.iter().filter(|registered| registered.is_about(&credential.id));
            let about: Vec<_> = about.map(|registered| registered.registration.registration()).collect();
            of_credential(credential, &about)
        })
        .collect()
}

fn of_credential(query: &CredentialQuery, registrations: &[&Registration]) -> Vec<OverAsked> {
    let types: Option<Vec<CredentialType>> = match &query.types {
        TypeConstraint::Any => None,
        TypeConstraint::OneOf(names) => Some(
            names
                .iter()
                .map(|name| match query.format {
                    Format::Mdoc => CredentialType::mdoc(name),
                    _ => CredentialType::sd_jwt_vc(name),
                })
                .collect(),
        ),
    };
    // Whichever of the types answers, the item must be registered for it.
    let registered_for_all = |covers: &dyn Fn(&CredentialType) -> bool| {
        types.as_ref().is_some_and(|types| types.iter().all(covers))
    };
    if query.claims.is_empty() {
        let listed = |wanted: &CredentialType| {
            registrations.iter().flat_map(|one| &one.items).any(|item| item.credential == *wanted)
        };
        let itself = OverAsked { query: query.id.clone(), claim: None };
        return if registered_for_all(&listed) { Vec::new() } else { vec![itself] };
    }
    query
        .claims
        .iter()
        .map(|claim| &claim.path)
        .filter(|path| {
            !registered_for_all(&|wanted| registrations.iter().any(|one| one.covers(wanted, path)))
        })
        .map(|path| OverAsked { query: query.id.clone(), claim: Some(path.clone()) })
        .collect()
}
