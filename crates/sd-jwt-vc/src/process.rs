//! From digests and disclosures to claims: RFC 9901 section 7.1, steps 3 to 5.
//!
//! One pass over the payload and, through the digests in it, over the disclosures. For each disclosure it keeps where
//! its claim came to stand; that is all a holder needs to select.

use std::collections::{HashMap, HashSet};

use primitives::PathElement;
use serde_json::{Map, Value};

use crate::disclosure::{Content, Disclosure};
use crate::error::ProcessError;
use crate::limits::{MAX_DEPTH, MAX_DIGESTS};

/// The steps to one place in the claims, without `null`; empty for the top.
pub(crate) type Place = Vec<PathElement>;

/// The processed payload and where each disclosure stands in it.
#[derive(Clone)]
pub(crate) struct Processed {
    /// The processed payload: no `_sd`, no `...`, no `_sd_alg`.
    pub(crate) claims: Map<String, Value>,
    /// For each disclosure, in the order received.
    pub(crate) placements: Vec<Placement>,
}

/// Where one disclosure's claim stands.
#[derive(Clone)]
pub(crate) struct Placement {
    /// Its path in the processed payload, array indexes counted there. The disclosures it is nested in are those whose
    /// paths lead to it.
    pub(crate) path: Place,
}

/// Puts the disclosed claims where their digests stand.
pub(crate) fn process<'a>(
    payload: &'a Map<String, Value>,
    disclosures: &'a [Disclosure],
) -> Result<Processed, ProcessError> {
    // SJ-5
    match payload.get("_sd_alg") {
        None => {}
        Some(Value::String(algorithm)) if algorithm == "sha-256" => {}
        Some(_) => return Err(ProcessError::HashAlgorithm),
    }
    let mut by_digest = HashMap::with_capacity(disclosures.len());
    for (index, disclosure) in disclosures.iter().enumerate() {
        // SJ-12
        if by_digest.insert(disclosure.digest(), index).is_some() {
            return Err(ProcessError::DisclosureRepeated);
        }
    }
    let mut pass = Pass {
        disclosures,
        by_digest,
        seen: HashSet::new(),
        placements: disclosures.iter().map(|_| None).collect(),
    };
    let mut here = Vec::new();
    let claims = pass.object(payload, &mut here)?;
    // SJ-14
    let placements = pass
        .placements
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .ok_or(ProcessError::DisclosureUnreferenced)?;
    Ok(Processed { claims, placements })
}

struct Pass<'a> {
    disclosures: &'a [Disclosure],
    by_digest: HashMap<&'a str, usize>,
    seen: HashSet<&'a str>,
    placements: Vec<Option<Placement>>,
}

impl<'a> Pass<'a> {
    fn object(
        &mut self,
        object: &'a Map<String, Value>,
        here: &mut Place,
    ) -> Result<Map<String, Value>, ProcessError> {
        if here.len() >= MAX_DEPTH {
            return Err(ProcessError::TooDeep);
        }
        let mut claims = Map::new();
        for (name, value) in object {
            match name.as_str() {
                "_sd" => {}
                // At the top of the payload it has been read; at any other place it means nothing (SJ-6).
                "_sd_alg" if here.is_empty() => {}
                "_sd_alg" => return Err(ProcessError::HashAlgorithmNested),
                // Array elements of the form {"...": digest} never come here (SJ-15).
                "..." => return Err(ProcessError::DigestMisplaced),
                _ => {
                    here.push(PathElement::Name(name.clone()));
                    let value = self.value(value, here)?;
                    here.pop();
                    claims.insert(name.clone(), value);
                }
            }
        }
        let Some(digests) = object.get("_sd") else {
            return Ok(claims);
        };
        let Value::Array(digests) = digests else {
            return Err(ProcessError::DigestMisplaced);
        };
        for digest in digests {
            let Value::String(digest) = digest else {
                return Err(ProcessError::DigestMisplaced);
            };
            let Some((index, disclosure)) = self.find(digest)? else {
                continue;
            };
            // SJ-8
            let Content::Property { name, value } = disclosure.content() else {
                return Err(ProcessError::PropertyShape);
            };
            // SJ-11
            if claims.contains_key(name) {
                return Err(ProcessError::NameTaken);
            }
            here.push(PathElement::Name(name.clone()));
            self.place(index, here);
            let value = self.value(value, here)?;
            here.pop();
            claims.insert(name.clone(), value);
        }
        Ok(claims)
    }

    fn array(&mut self, array: &'a [Value], here: &mut Place) -> Result<Vec<Value>, ProcessError> {
        if here.len() >= MAX_DEPTH {
            return Err(ProcessError::TooDeep);
        }
        let mut elements = Vec::new();
        for element in array {
            let element = match embedded_digest(element)? {
                None => {
                    here.push(index_step(elements.len()));
                    element
                }
                // SJ-16: an element whose disclosure did not come is dropped, and the next one takes its index.
                Some(digest) => match self.find(digest)? {
                    None => continue,
                    Some((index, disclosure)) => {
                        // SJ-9
                        let Content::Element { value } = disclosure.content() else {
                            return Err(ProcessError::ElementShape);
                        };
                        here.push(index_step(elements.len()));
                        self.place(index, here);
                        value
                    }
                },
            };
            let element = self.value(element, here)?;
            here.pop();
            elements.push(element);
        }
        Ok(elements)
    }

    fn value(&mut self, value: &'a Value, here: &mut Place) -> Result<Value, ProcessError> {
        match value {
            Value::Object(object) => self.object(object, here).map(Value::Object),
            Value::Array(array) => self.array(array, here).map(Value::Array),
            scalar => Ok(scalar.clone()),
        }
    }

    /// Notes a digest, refusing one that stood somewhere already (SJ-13), and finds its disclosure.
    fn find(&mut self, digest: &'a str) -> Result<Option<(usize, &'a Disclosure)>, ProcessError> {
        if self.seen.len() >= MAX_DIGESTS {
            return Err(ProcessError::TooManyDigests);
        }
        if !self.seen.insert(digest) {
            return Err(ProcessError::DigestRepeated);
        }
        let index = self.by_digest.get(digest).copied();
        Ok(index.and_then(|index| self.disclosures.get(index).map(|disclosure| (index, disclosure))))
    }

    fn place(&mut self, index: usize, here: &[PathElement]) {
        if let Some(placement) = self.placements.get_mut(index) {
            *placement = Some(Placement { path: here.to_vec() });
        }
    }
}

/// An index as a step. Arrays are bounded by [`crate::limits::MAX_BYTES`], far below `u32::MAX` elements.
fn index_step(index: usize) -> PathElement {
    PathElement::Index(u32::try_from(index).unwrap_or(u32::MAX))
}

/// The digest in an array element of the form `{"...": digest}`, which has no other member (SJ-15).
fn embedded_digest(element: &Value) -> Result<Option<&str>, ProcessError> {
    let Value::Object(object) = element else {
        return Ok(None);
    };
    match object.get("...") {
        None => Ok(None),
        Some(Value::String(digest)) if object.len() == 1 => Ok(Some(digest)),
        Some(_) => Err(ProcessError::DigestMisplaced),
    }
}
