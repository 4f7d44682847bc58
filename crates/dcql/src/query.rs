//! The validated query and its one constructor (VP-D1, VP-D9 to VP-D12).

use std::collections::{BTreeMap, BTreeSet};

use primitives::{ClaimPath, NonEmpty, PathElement, base64url, json};
use serde_json::{Map, Value};

use crate::error::QueryError;
use crate::limits;
use crate::wire::{WireAuthority, WireClaim, WireCredential, WireCredentialSet, WireQuery};

/// A name of a Credential Query or a claim: one or more letters, digits, `_` or `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identifier(String);

impl Identifier {
    /// Takes a text that is a valid identifier.
    ///
    /// # Errors
    /// [`QueryError::Identifier`] or [`QueryError::TooLarge`] (VP-D1).
    pub fn new(text: String) -> Result<Self, QueryError> {
        if text.len() > limits::MAX_TEXT_BYTES {
            return Err(QueryError::TooLarge);
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if text.is_empty() || !text.bytes().all(allowed) {
            return Err(QueryError::Identifier);
        }
        Ok(Self(text))
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Identifier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The credential format that a Credential Query asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// `dc+sd-jwt`.
    SdJwtVc,
    /// `mso_mdoc`.
    Mdoc,
    /// Another one, such as the W3C formats: recognised, never matched here.
    Unsupported(String),
}

impl Format {
    /// The Credential Format Identifier.
    pub fn as_str(&self) -> &str {
        match self {
            Self::SdJwtVc => "dc+sd-jwt",
            Self::Mdoc => "mso_mdoc",
            Self::Unsupported(name) => name,
        }
    }
}

/// Which types of the format are asked for (`meta`, VP-D10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeConstraint {
    /// `meta` is empty: no constraint (section 6.1).
    Any,
    /// One of these: `vct_values`, or the single `doctype_value`.
    OneOf(NonEmpty<String>),
}

/// One accepted authority (VP-D9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// `aki`: the raw bytes of a KeyIdentifier.
    KeyIdentifier(Vec<u8>),
    /// `etsi_tl`: the address of a trusted list, understood and never matched.
    EtsiTrustedList(String),
    /// `openid_federation`: an Entity Identifier, understood and never matched.
    OpenIdFederation(String),
    /// A type that this wallet does not know; never matched.
    Unknown,
}

/// A value that a claim may have (VP-D4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimMatch {
    /// A string.
    Text(String),
    /// An integer.
    Integer(i128),
    /// A boolean.
    Boolean(bool),
}

impl ClaimMatch {
    /// Whether type and value are those of `value`.
    pub fn matches(&self, value: &Value) -> bool {
        match (self, value) {
            // Without a copy: this is asked of every paper.
            (Self::Text(text), Value::String(value)) => text == value,
            (Self::Text(_), _) => false,
            _ => Self::of(value).as_ref() == Some(self),
        }
    }

    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::Text(text.clone())),
            Value::Bool(flag) => Some(Self::Boolean(*flag)),
            Value::Number(number) => {
                let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
                integer.map(Self::Integer)
            }
            _ => None,
        }
    }
}

/// A Claims Query (section 6.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimQuery {
    /// Which claims are meant.
    pub path: ClaimPath,
    /// The values they may have; `None`: any.
    pub values: Option<NonEmpty<ClaimMatch>>,
    /// mdoc: whether the verifier means to keep it; `None`: it does not say.
    pub intent_to_retain: Option<bool>,
}

/// A Credential Query (section 6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialQuery {
    /// Its name in the response.
    pub id: Identifier,
    /// The format asked for.
    pub format: Format,
    /// The types asked for.
    pub types: TypeConstraint,
    /// Whether several presentations may answer.
    pub multiple: bool,
    /// Whether a proof of possession is required.
    pub holder_binding_required: bool,
    /// The accepted authorities; `None`: any.
    pub authorities: Option<NonEmpty<Authority>>,
    /// The claims asked for, without repetitions (VP-D12); empty if `claims` is absent (VP-D2).
    pub claims: Vec<ClaimQuery>,
    /// The combinations, as places in `claims`, the preferred one first; `None`: all claims.
    pub claim_sets: Option<NonEmpty<Vec<usize>>>,
}

impl CredentialQuery {
    /// The combinations that satisfy this query, the preferred one first: `claim_sets`, or all of `claims` as the only one.
    pub fn combinations(&self) -> Vec<Vec<usize>> {
        match &self.claim_sets {
            Some(sets) => sets.as_slice().to_vec(),
            None => vec![(0..self.claims.len()).collect()],
        }
    }
}

/// A Credential Set Query (section 6.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialSetQuery {
    /// Each option as places in `credentials`, without repetitions.
    pub options: NonEmpty<Vec<usize>>,
    /// Whether one of them must be satisfied.
    pub required: bool,
}

/// A query that passed every rule of VP-D1.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    wire: WireQuery,
    credentials: NonEmpty<CredentialQuery>,
    sets: Option<NonEmpty<CredentialSetQuery>>,
}

impl Query {
    /// Reads a query from JSON of at most [`limits::MAX_QUERY_BYTES`].
    ///
    /// # Errors
    /// A [`QueryError`] for whatever breaks VP-D1 or a bound.
    pub fn parse(bytes: &[u8]) -> Result<Self, QueryError> {
        let value = json::parse_strict(bytes, limits::MAX_QUERY_BYTES).map_err(|error| match error {
            json::JsonError::TooLarge | json::JsonError::TooDeep => QueryError::TooLarge,
            _ => QueryError::Shape,
        })?;
        Self::from_value(value)
    }

    /// Takes a query from JSON that was already parsed, and whose size the caller has bounded.
    ///
    /// # Errors
    /// A [`QueryError`] for whatever breaks VP-D1 or a bound.
    pub fn from_value(value: Value) -> Result<Self, QueryError> {
        let wire: WireQuery = serde_json::from_value(value).map_err(|_| QueryError::Shape)?;
        Self::try_from(wire)
    }

    /// The query as it travels, without the properties that nobody knows.
    pub fn as_wire(&self) -> &WireQuery {
        &self.wire
    }

    /// The Credential Queries.
    pub fn credentials(&self) -> &NonEmpty<CredentialQuery> {
        &self.credentials
    }

    /// The Credential Set Queries; `None`: all Credential Queries are required.
    pub fn sets(&self) -> Option<&NonEmpty<CredentialSetQuery>> {
        self.sets.as_ref()
    }

    /// The Credential Query of this name.
    pub fn credential(&self, id: &str) -> Option<&CredentialQuery> {
        self.credentials.iter().find(|credential| credential.id.as_str() == id)
    }

    /// The same query, where no Credential Query of a format that `is_excluded` names is ever matched.
    #[must_use]
    pub fn without_formats(self, is_excluded: impl Fn(&Format) -> bool) -> Self {
        let credentials = self.credentials.map(|credential| match is_excluded(&credential.format) {
            true => {
                let format = Format::Unsupported(credential.format.as_str().to_owned());
                CredentialQuery { format, ..credential }
            }
            false => credential,
        });
        Self { credentials, ..self }
    }

    /// Whether something that `can` takes could answer every Credential Query that has to be answered: all of them, or one option of each
    /// required set, and of one set at least (VP-D5).
    pub fn is_answerable(&self, can: impl Fn(&CredentialQuery) -> bool) -> bool {
        let can_at = |place: &usize| self.credentials.as_slice().get(*place).is_some_and(&can);
        let has_option =
            |set: &CredentialSetQuery| set.options.iter().any(|option| option.iter().all(can_at));
        match &self.sets {
            None => self.credentials.iter().all(can),
            Some(sets) => {
                sets.iter().filter(|set| set.required).all(has_option) && sets.iter().any(has_option)
            }
        }
    }

    /// Whether a presentation without proof of possession is asked for anywhere, so that `state` is required (VP-R7).
    pub fn asks_without_holder_binding(&self) -> bool {
        self.credentials.iter().any(|credential| !credential.holder_binding_required)
    }
}

impl TryFrom<WireQuery> for Query {
    type Error = QueryError;

    fn try_from(wire: WireQuery) -> Result<Self, QueryError> {
        check_sizes(&wire)?;
        let credentials =
            wire.credentials.iter().map(credential_query).collect::<Result<Vec<_>, QueryError>>()?;
        let mut places = BTreeMap::new();
        for (place, credential) in credentials.iter().enumerate() {
            if places.insert(credential.id.as_str(), place).is_some() {
                return Err(QueryError::DuplicateIdentifier);
            }
        }
        let sets = match &wire.credential_sets {
            None => None,
            Some(sets) => {
                let sets = sets.iter().map(|set| set_query(set, &places)).collect::<Result<Vec<_>, _>>()?;
                Some(non_empty(sets)?)
            }
        };
        let credentials = non_empty(credentials)?;
        Ok(Self { wire, credentials, sets })
    }
}

fn non_empty<T>(list: Vec<T>) -> Result<NonEmpty<T>, QueryError> {
    NonEmpty::new(list).map_err(|_| QueryError::Empty)
}

fn at_most(count: usize, bound: usize) -> Result<(), QueryError> {
    if count > bound { Err(QueryError::TooLarge) } else { Ok(()) }
}

fn bounded_text(text: &str) -> Result<(), QueryError> {
    at_most(text.len(), limits::MAX_TEXT_BYTES)
}

/// The bounds that concern the query as a whole, before anything is built from it.
fn check_sizes(wire: &WireQuery) -> Result<(), QueryError> {
    at_most(wire.credentials.len(), limits::MAX_CREDENTIALS)?;
    at_most(
        wire.credentials.iter().filter_map(|c| c.claims.as_ref()).map(Vec::len).sum(),
        limits::MAX_CLAIMS,
    )?;
    let claim_sets = || wire.credentials.iter().filter_map(|c| c.claim_sets.as_ref());
    for sets in claim_sets() {
        at_most(sets.len(), limits::MAX_CLAIM_SETS)?;
    }
    at_most(claim_sets().flatten().map(Vec::len).sum(), limits::MAX_CLAIM_REFERENCES)?;
    let sets = || wire.credential_sets.iter().flatten();
    at_most(sets().count(), limits::MAX_CREDENTIAL_SETS)?;
    for set in sets() {
        at_most(set.options.len(), limits::MAX_OPTIONS)?;
    }
    at_most(sets().flat_map(|set| &set.options).map(Vec::len).sum(), limits::MAX_OPTION_REFERENCES)
}

fn credential_query(wire: &WireCredential) -> Result<CredentialQuery, QueryError> {
    let id = Identifier::new(wire.id.clone())?;
    bounded_text(&wire.format)?;
    let format = match wire.format.as_str() {
        "dc+sd-jwt" => Format::SdJwtVc,
        "mso_mdoc" => Format::Mdoc,
        other => Format::Unsupported(other.to_owned()),
    };
    let authorities = match &wire.trusted_authorities {
        None => None,
        Some(list) => Some(authorities(list)?),
    };
    let (claims, claim_sets) = claims(wire, &format)?;
    Ok(CredentialQuery {
        id,
        types: type_constraint(&format, &wire.meta)?,
        format,
        multiple: wire.multiple.unwrap_or(false),
        holder_binding_required: wire.require_cryptographic_holder_binding.unwrap_or(true),
        authorities,
        claims,
        claim_sets,
    })
}

fn type_constraint(format: &Format, meta: &Map<String, Value>) -> Result<TypeConstraint, QueryError> {
    let names = match format {
        _ if meta.is_empty() => return Ok(TypeConstraint::Any),
        Format::Unsupported(_) => return Ok(TypeConstraint::Any),
        Format::SdJwtVc => {
            let values = meta.get("vct_values").and_then(Value::as_array).ok_or(QueryError::Meta)?;
            at_most(values.len(), limits::MAX_TYPES)?;
            values
                .iter()
                .map(|value| value.as_str().ok_or(QueryError::Meta))
                .collect::<Result<Vec<_>, _>>()?
        }
        Format::Mdoc => vec![meta.get("doctype_value").and_then(Value::as_str).ok_or(QueryError::Meta)?],
    };
    for name in &names {
        bounded_text(name)?;
        if name.is_empty() {
            return Err(QueryError::Meta);
        }
    }
    Ok(TypeConstraint::OneOf(non_empty(names.into_iter().map(str::to_owned).collect())?))
}

fn authorities(list: &[WireAuthority]) -> Result<NonEmpty<Authority>, QueryError> {
    at_most(list.len(), limits::MAX_AUTHORITIES)?;
    let mut authorities = Vec::new();
    for entry in list {
        at_most(entry.values.len(), limits::MAX_AUTHORITY_VALUES)?;
        if entry.values.is_empty() {
            return Err(QueryError::Empty);
        }
        for value in &entry.values {
            bounded_text(value)?;
            authorities.push(match entry.kind.as_str() {
                "aki" => {
                    Authority::KeyIdentifier(base64url::decode(value).map_err(|_| QueryError::Authority)?)
                }
                "etsi_tl" => Authority::EtsiTrustedList(value.clone()),
                "openid_federation" => Authority::OpenIdFederation(value.clone()),
                _ => Authority::Unknown,
            });
        }
    }
    non_empty(authorities)
}

type Claims = (Vec<ClaimQuery>, Option<NonEmpty<Vec<usize>>>);

fn claims(wire: &WireCredential, format: &Format) -> Result<Claims, QueryError> {
    let Some(list) = &wire.claims else {
        return match wire.claim_sets {
            Some(_) => Err(QueryError::ClaimSetsWithoutClaims),
            None => Ok((Vec::new(), None)),
        };
    };
    if list.is_empty() {
        return Err(QueryError::Empty);
    }
    let mut claims: Vec<ClaimQuery> = Vec::new();
    let mut places_by_path = BTreeMap::new();
    let mut places_by_id = BTreeMap::new();
    for entry in list {
        let claim = claim_query(entry, format)?;
        // A second query for the same claim is not another claim (VP-D12): its identifier stands for the first.
        let place = *places_by_path.entry(claim.path.clone()).or_insert_with(|| {
            claims.push(claim);
            claims.len() - 1
        });
        let Some(id) = &entry.id else {
            if wire.claim_sets.is_some() {
                return Err(QueryError::ClaimWithoutIdentifier);
            }
            continue;
        };
        if places_by_id.insert(Identifier::new(id.clone())?.0, place).is_some() {
            return Err(QueryError::DuplicateIdentifier);
        }
    }
    let claim_sets = match &wire.claim_sets {
        None => None,
        Some(sets) => Some(non_empty(
            sets.iter().map(|set| references(set, |id| places_by_id.get(id))).collect::<Result<_, _>>()?,
        )?),
    };
    Ok((claims, claim_sets))
}

fn claim_query(wire: &WireClaim, format: &Format) -> Result<ClaimQuery, QueryError> {
    at_most(wire.path.len(), limits::MAX_PATH_ELEMENTS)?;
    let elements = wire.path.iter().map(path_element).collect::<Result<Vec<_>, _>>()?;
    let path = ClaimPath::new(elements).map_err(|_| QueryError::Path)?;
    if *format == Format::Mdoc && path.names().is_none_or(|names| names.len() != 2) {
        return Err(QueryError::MdocPath);
    }
    let values = match &wire.values {
        None => None,
        Some(list) => {
            at_most(list.len(), limits::MAX_VALUES)?;
            let list = list.iter().map(expected_value).collect::<Result<Vec<_>, _>>()?;
            Some(non_empty(list)?)
        }
    };
    Ok(ClaimQuery { path, values, intent_to_retain: wire.intent_to_retain })
}

fn expected_value(value: &Value) -> Result<ClaimMatch, QueryError> {
    if let Some(text) = value.as_str() {
        bounded_text(text)?;
    }
    ClaimMatch::of(value).ok_or(QueryError::Value)
}

fn path_element(value: &Value) -> Result<PathElement, QueryError> {
    match value {
        Value::Null => Ok(PathElement::All),
        Value::String(name) => {
            bounded_text(name)?;
            Ok(PathElement::Name(name.clone()))
        }
        Value::Number(number) => {
            let index =
                number.as_u64().and_then(|index| u32::try_from(index).ok()).ok_or(QueryError::Path)?;
            Ok(PathElement::Index(index))
        }
        _ => Err(QueryError::Path),
    }
}

fn set_query(
    wire: &WireCredentialSet,
    places: &BTreeMap<&str, usize>,
) -> Result<CredentialSetQuery, QueryError> {
    let options = wire
        .options
        .iter()
        .map(|option| references(option, |id| places.get(id)))
        .collect::<Result<_, _>>()?;
    Ok(CredentialSetQuery { options: non_empty(options)?, required: wire.required.unwrap_or(true) })
}

/// The places that a non-empty list of identifiers names, each once.
fn references<'p>(
    ids: &[String],
    place: impl Fn(&str) -> Option<&'p usize>,
) -> Result<Vec<usize>, QueryError> {
    if ids.is_empty() {
        return Err(QueryError::Empty);
    }
    let places = ids
        .iter()
        .map(|id| place(id).copied().ok_or(QueryError::UnknownReference))
        .collect::<Result<BTreeSet<_>, _>>()?;
    Ok(places.into_iter().collect())
}
