//! From a paper and the wallet's keys to credentials: SD-JWT VC or mdoc, each copy with a place of its own in the status list.

use crypto::PublicKey;
use mdoc::ElementValue;
use primitives::{CivilDate, Instant, base64url};
use serde_json::Value;
use trust::status::StatusReference;

use civic::catalogue::Kind;

use crate::error::GovernmentError;
use crate::papers::{JPEG, Paper};
use crate::pki::{AgencyKeys, Party};
use crate::status;
use crate::world::{ENTROPY, World};

/// What an mdoc's identifier ends with; without it, it is the SD-JWT VC.
pub(crate) const MDOC_SUFFIX: &str = ".mdoc";

/// The claim of a notice that says when it was paid.
const PAID_ON: &str = "paidOn";

/// A form of a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    SdJwtVc,
    Mdoc,
}

impl Form {
    /// The credential identifier of a paper in this form.
    pub(crate) fn identifier(self, paper: &str) -> String {
        match self {
            Self::SdJwtVc => paper.to_owned(),
            Self::Mdoc => format!("{paper}{MDOC_SUFFIX}"),
        }
    }

    /// What tells the form apart in a list for people.
    pub(crate) fn note(self) -> &'static str {
        match self {
            Self::SdJwtVc => "",
            Self::Mdoc => " (mdoc)",
        }
    }
}

/// The paper and the form that a credential identifier names.
pub(crate) fn of_identifier(identifier: &str) -> (&str, Form) {
    match identifier.strip_suffix(MDOC_SUFFIX) {
        Some(paper) => (paper, Form::Mdoc),
        None => (identifier, Form::SdJwtVc),
    }
}

/// Issues one copy for each key.
pub(crate) fn copies(
    world: &World,
    paper: &Paper,
    form: Form,
    keys: &[PublicKey],
) -> Result<Vec<String>, GovernmentError> {
    let agency = world.pki.agencies.get(&paper.agency).ok_or(GovernmentError::UnknownService)?;
    let today = world.today();
    let ends = ends_at(paper, agency, form);
    let places = status::reserve(world, paper, keys.len(), ends)?;
    let uri = status::uri(world, &paper.agency);
    keys.iter()
        .zip(places)
        .map(|(key, place)| {
            let reference =
                StatusReference::new(uri.clone(), place).map_err(|_| GovernmentError::Certificates)?;
            match form {
                Form::SdJwtVc => sd_jwt(world, paper, agency, key, &reference, today, ends),
                Form::Mdoc => mobile_document(paper, agency, key, reference, today, ends),
            }
        })
        .collect()
}

/// The end of the paper, or of the signer's certificate if that comes first.
fn ends_at(paper: &Paper, agency: &AgencyKeys, form: Form) -> Instant {
    let certificate = party(agency, form).chain.leaf().not_after();
    paper.valid_until.map_or(certificate, |day| day.ends_at().min(certificate))
}

fn party(agency: &AgencyKeys, form: Form) -> &Party {
    match form {
        Form::SdJwtVc => &agency.signer,
        Form::Mdoc => &agency.document_signer,
    }
}

fn sd_jwt(
    world: &World,
    paper: &Paper,
    agency: &AgencyKeys,
    key: &PublicKey,
    status: &StatusReference,
    today: CivilDate,
    ends: Instant,
) -> Result<String, GovernmentError> {
    let mut claims = paper.claims().clone();
    if let Some(day) = world.paid_on(paper) {
        claims.insert(PAID_ON.to_owned(), Value::from(day.to_string()));
    }
    let mut issuance = sd_jwt_vc::Issuance::new(paper.kind.vct, claims.clone());
    let claims = Value::Object(claims);
    for claim in paper.kind.claims.iter().filter(|claim| claim.disclosable) {
        if value_at(&claims, claim.path).is_some()
            && let Some(path) = claim.claim_path()
        {
            issuance = issuance.disclosable(path);
        }
    }
    issuance
        .issuer(&world.addresses.origin(&paper.agency))
        // the day and not the second: copies of one batch, and of one day, look alike
        .issued_at(today.starts_at())
        .not_before(paper.starts_at())
        .expires(ends)
        .holder_key(key)
        .status(status)
        .sign(&agency.signer.key, &agency.signer.chain, &ENTROPY)
        .map_err(|_| GovernmentError::Certificates)
}

fn mobile_document(
    paper: &Paper,
    agency: &AgencyKeys,
    key: &PublicKey,
    status: StatusReference,
    today: CivilDate,
    ends: Instant,
) -> Result<String, GovernmentError> {
    let document = paper.kind.mobile_document.ok_or(GovernmentError::UnknownPaper)?;
    let signed = today.starts_at();
    let validity = mdoc::Validity { signed, valid_from: signed, valid_until: ends, expected_update: None };
    let claims = Value::Object(paper.claims().clone());
    let mut issuance = mdoc::Issuance::new(document.doctype, validity).status(status);
    for claim in paper.kind.claims {
        if let Some(value) = value_at(&claims, claim.path) {
            let element = element(claim.kind, value).ok_or(GovernmentError::Data)?;
            issuance = issuance.element(document.namespace, claim.element_identifier(), element);
        }
    }
    let party = &agency.document_signer;
    let document = issuance.sign(key, &party.key, &party.chain, &ENTROPY);
    document.map(|it| it.to_base64url()).map_err(|_| GovernmentError::Certificates)
}

fn value_at<'v>(claims: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(claims, |value, name| value.get(*name))
}

/// Dates as `full-date`, pictures as bytes, everything else as its JSON says.
fn element(kind: Kind, value: &Value) -> Option<ElementValue> {
    match (kind, value) {
        (Kind::Date, Value::String(text)) => CivilDate::parse(text).ok().map(ElementValue::FullDate),
        (Kind::Picture, Value::String(text)) => {
            let bytes = base64url::decode_standard(text.strip_prefix(JPEG)?).ok()?;
            Some(ElementValue::Bytes(bytes))
        }
        _ => ElementValue::from_json(value).ok(),
    }
}
