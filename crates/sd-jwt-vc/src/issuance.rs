//! Issuing an SD-JWT VC: which claims can be kept back, and the signature (RFC 9901 section 4; SD-JWT VC section 3.2).

use std::collections::BTreeSet;

use crypto::jws::HeaderBuilder;
use crypto::{PublicJwk, PublicKey, Signer};
use primitives::{ClaimPath, Entropy, Instant, PathElement};
use serde_json::{Map, Value};
use trust::CertificateChain;
use trust::status::StatusReference;

use crate::credential::{NEVER_DISCLOSABLE, TYP};
use crate::disclosure::{Disclosure, RESERVED_NAMES, decoy};
use crate::error::IssueError;
use crate::limits::{MAX_BYTES, MAX_DEPTH, MAX_DIGESTS, MAX_DISCLOSURES};
use crate::process::Place;

/// Claims that are set by their own methods and not through [`Issuance::new`].
const OWN_METHODS: [&str; 1] = ["iat"];

/// A credential to be issued. What no method marks stands in the open; so do `iss`, `nbf`, `exp`, `iat`, `cnf`, `vct`,
/// `vct#integrity` and `status` always (SV-4).
#[derive(Clone)]
pub struct Issuance {
    vct: String,
    claims: Map<String, Value>,
    disclosable: Vec<ClaimPath>,
    decoys: u8,
    registered: Map<String, Value>,
}

impl Issuance {
    /// A credential of this type with these claims about its subject.
    #[must_use]
    pub fn new(vct: impl Into<String>, claims: Map<String, Value>) -> Self {
        Self { vct: vct.into(), claims, disclosable: Vec::new(), decoys: 0, registered: Map::new() }
    }

    /// Makes what this path names selectively disclosable, each place on its own. Paths can lie within each other: the
    /// inner claim is then disclosable only together with the outer one (recursive disclosure). `null` means each
    /// element of an array.
    #[must_use]
    pub fn disclosable(mut self, path: ClaimPath) -> Self {
        self.disclosable.push(path);
        self
    }

    /// Makes each claim at the top level selectively disclosable.
    #[must_use]
    pub fn all_disclosable(mut self) -> Self {
        self.disclosable.extend(self.claims.keys().map(ClaimPath::top_level));
        self
    }

    /// Adds this many decoy digests to each object and each array that has a disclosable claim (SJ-20).
    #[must_use]
    pub fn decoys(mut self, each: u8) -> Self {
        self.decoys = each;
        self
    }

    /// Sets `iss`: the issuer's https identifier, which its certificate has to name (SV-8).
    #[must_use]
    pub fn issuer(self, identifier: &str) -> Self {
        self.with("iss", identifier.into())
    }

    /// Sets `iat`.
    #[must_use]
    pub fn issued_at(self, at: Instant) -> Self {
        self.with("iat", at.unix_seconds().into())
    }

    /// Sets `nbf`.
    #[must_use]
    pub fn not_before(self, at: Instant) -> Self {
        self.with("nbf", at.unix_seconds().into())
    }

    /// Sets `exp`.
    #[must_use]
    pub fn expires(self, at: Instant) -> Self {
        self.with("exp", at.unix_seconds().into())
    }

    /// Binds the credential to the holder's key: `cnf.jwk` (SV-9).
    #[must_use]
    pub fn holder_key(self, key: &PublicKey) -> Self {
        let mut cnf = Map::new();
        cnf.insert("jwk".to_owned(), PublicJwk::new(*key).to_value());
        self.with("cnf", Value::Object(cnf))
    }

    /// Sets `status.status_list` (SV-11).
    #[must_use]
    pub fn status(self, reference: &StatusReference) -> Self {
        self.with("status", reference.to_json())
    }

    /// Sets `vct#integrity` (SV-18).
    #[must_use]
    pub fn type_integrity(self, integrity: &str) -> Self {
        self.with("vct#integrity", integrity.into())
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.registered.insert(name.to_owned(), value);
        self
    }

    /// Signs the credential: `<JWT>~<Disclosure>~…~` with `typ`, `x5c` and all disclosures.
    ///
    /// `chain` is the signer's, without the anchor (HA-9); that it fits the signer's key is the caller's to know.
    ///
    /// # Errors
    /// See [`IssueError`].
    pub fn sign(
        self,
        signer: &dyn Signer,
        chain: &CertificateChain,
        entropy: &dyn Entropy,
    ) -> Result<String, IssueError> {
        if self.vct.is_empty() {
            return Err(IssueError::NoType);
        }
        let is_registered = |name: &str| NEVER_DISCLOSABLE.contains(&name) || OWN_METHODS.contains(&name);
        if self.claims.keys().any(|name| is_registered(name)) {
            return Err(IssueError::RegisteredClaim);
        }
        let claims = Value::Object(self.claims);
        check_claims(&claims, 0)?;
        let mut work = Work {
            disclosable: places(&claims, &self.disclosable)?,
            decoys: self.decoys,
            entropy,
            disclosures: Vec::new(),
            digests: 0,
        };
        let mut payload = self.registered;
        payload.insert("vct".to_owned(), Value::String(self.vct));
        if let Value::Object(open) = work.hide(claims, &mut Vec::new())? {
            payload.extend(open);
        }
        // SV-13: where nothing can be kept back, nothing speaks of digests.
        if !work.disclosures.is_empty() {
            payload.insert("_sd_alg".to_owned(), "sha-256".into());
        }
        let mut text = HeaderBuilder::new(TYP)
            .x5c(&chain.to_der())
            .sign_claims(&payload, signer)
            .map_err(|_| IssueError::Signer)?;
        text.push('~');
        for disclosure in &work.disclosures {
            text.push_str(disclosure.encoded());
            text.push('~');
        }
        if text.len() > MAX_BYTES { Err(IssueError::TooLarge) } else { Ok(text) }
    }
}

/// SJ-21, and no deeper than a reader of ours goes.
fn check_claims(value: &Value, depth: usize) -> Result<(), IssueError> {
    let is_container = value.is_object() || value.is_array();
    if is_container && depth >= MAX_DEPTH {
        return Err(IssueError::TooLarge);
    }
    match value {
        Value::Object(object) => object.iter().try_for_each(|(name, value)| {
            if RESERVED_NAMES.contains(&name.as_str()) {
                return Err(IssueError::ReservedName);
            }
            check_claims(value, depth + 1)
        }),
        Value::Array(array) => array.iter().try_for_each(|value| check_claims(value, depth + 1)),
        _ => Ok(()),
    }
}

fn places(claims: &Value, paths: &[ClaimPath]) -> Result<BTreeSet<Place>, IssueError> {
    let mut places = BTreeSet::new();
    for path in paths {
        let found = path.locate(claims).map_err(|_| IssueError::PathSelectsNothing)?;
        places.extend(found.into_iter().map(|(place, _)| place.elements().to_vec()));
    }
    Ok(places)
}

struct Work<'a> {
    disclosable: BTreeSet<Place>,
    decoys: u8,
    entropy: &'a dyn Entropy,
    disclosures: Vec<Disclosure>,
    digests: usize,
}

impl Work<'_> {
    /// The value with digests in place of what is disclosable in it, from the inside out.
    fn hide(&mut self, value: Value, here: &mut Place) -> Result<Value, IssueError> {
        match value {
            Value::Object(object) => self.hide_members(object, here).map(Value::Object),
            Value::Array(array) => self.hide_elements(array, here).map(Value::Array),
            scalar => Ok(scalar),
        }
    }

    fn hide_members(
        &mut self,
        object: Map<String, Value>,
        here: &mut Place,
    ) -> Result<Map<String, Value>, IssueError> {
        let mut open = Map::new();
        let mut digests = Vec::new();
        for (name, value) in object {
            here.push(PathElement::Name(name.clone()));
            let value = self.hide(value, here)?;
            if self.disclosable.contains(here) {
                let disclosure = Disclosure::of_property(&name, value, self.entropy)?;
                digests.push(self.keep(disclosure)?);
            } else {
                open.insert(name, value);
            }
            here.pop();
        }
        if !digests.is_empty() {
            for _ in 0..self.decoys {
                digests.push(self.decoy()?);
            }
            // SJ-19
            digests.sort_unstable();
            open.insert("_sd".to_owned(), digests.into());
        }
        Ok(open)
    }

    fn hide_elements(&mut self, array: Vec<Value>, here: &mut Place) -> Result<Vec<Value>, IssueError> {
        let mut open = Vec::new();
        let mut hidden = false;
        for (index, value) in (0u32..).zip(array) {
            here.push(PathElement::Index(index));
            let value = self.hide(value, here)?;
            if self.disclosable.contains(here) {
                let disclosure = Disclosure::of_element(value, self.entropy)?;
                open.push(placeholder(self.keep(disclosure)?));
                hidden = true;
            } else {
                open.push(value);
            }
            here.pop();
        }
        for _ in 0..if hidden { self.decoys } else { 0 } {
            let at = self.below(open.len() + 1)?;
            let decoy = placeholder(self.decoy()?);
            open.insert(at, decoy);
        }
        Ok(open)
    }

    fn keep(&mut self, disclosure: Disclosure) -> Result<String, IssueError> {
        if self.disclosures.len() >= MAX_DISCLOSURES {
            return Err(IssueError::TooLarge);
        }
        self.count()?;
        let digest = disclosure.digest().to_owned();
        self.disclosures.push(disclosure);
        Ok(digest)
    }

    fn decoy(&mut self) -> Result<String, IssueError> {
        self.count()?;
        decoy(self.entropy)
    }

    fn count(&mut self) -> Result<(), IssueError> {
        self.digests += 1;
        if self.digests > MAX_DIGESTS { Err(IssueError::TooLarge) } else { Ok(()) }
    }

    /// A random place among `places`, so that a decoy does not show by where it stands. The bias of the remainder is of no account.
    fn below(&self, places: usize) -> Result<usize, IssueError> {
        let random = crypto::random::bytes::<8>(self.entropy).map_err(IssueError::Entropy)?;
        let places = u64::try_from(places).unwrap_or(u64::MAX);
        Ok(usize::try_from(u64::from_le_bytes(random).checked_rem(places).unwrap_or(0)).unwrap_or(0))
    }
}

fn placeholder(digest: String) -> Value {
    let mut object = Map::new();
    object.insert("...".to_owned(), Value::String(digest));
    Value::Object(object)
}
