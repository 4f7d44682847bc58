//! How an issuer names the claims of a paper.
//!
//! Clauses: OpenID4VCI 1.0 appendices B.2 and B.3, and C for the paths; CI-25.

use std::collections::{HashMap, HashSet};

use primitives::{ClaimPath, PathElement};
use serde::{Deserialize, Serialize};

use crate::wire::{self, Display, WireError};

/// Most claim descriptions in one configuration.
pub const CLAIMS_MAX: usize = 2048;

/// How an issuer names one claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimDescription {
    /// Which claim.
    pub path: ClaimPath,
    /// The issuer always includes it.
    #[serde(default)]
    pub mandatory: bool,
    /// Its names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub display: Vec<Display>,
}

/// What a path goes into, as its next element says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    /// A name: an object.
    Object,
    /// `null`: an array, as a whole.
    WholeArray,
    /// An index: an array, claim by claim.
    ArrayByPlace,
}

impl Container {
    fn with(element: &PathElement) -> Self {
        match element {
            PathElement::Name(_) => Self::Object,
            PathElement::All => Self::WholeArray,
            PathElement::Index(_) => Self::ArrayByPlace,
        }
    }
}

/// Bounds a list of descriptions. Appendix B.3: a claim that is described twice, an array that is described both as a whole and by place, and
/// what is described both as array and as object end the processing. An index says array in an mdoc too, whose maps may have numbers for keys
/// (appendix C.2): B.3 makes no exception.
pub(super) fn claims(list: Vec<ClaimDescription>) -> Result<Vec<ClaimDescription>, WireError> {
    const MEMBER: WireError = WireError::Member("claims");
    if list.len() > CLAIMS_MAX {
        return Err(MEMBER);
    }
    let mut seen = HashSet::new();
    let mut containers = HashMap::new();
    for claim in &list {
        let elements = claim.path.elements();
        if !seen.insert(elements) {
            return Err(MEMBER);
        }
        for (at, element) in elements.iter().enumerate() {
            let container = Container::with(element);
            let before = containers.insert(elements.get(..at), container);
            if before.is_some_and(|before| before != container) {
                return Err(MEMBER);
            }
        }
        wire::displays(claim.display.clone())?;
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn described(paths: &[Value]) -> bool {
        let list = paths.iter().map(|path| json!({ "path": path })).collect::<Value>();
        claims(serde_json::from_value(list).unwrap()).is_ok()
    }

    // rule: CI-25
    #[test]
    fn a_claim_that_is_described_twice_is_refused() {
        assert!(described(&[json!(["a"]), json!(["a", "b"]), json!(["b"])]));
        assert!(!described(&[json!(["a", "b"]), json!(["c"]), json!(["a", "b"])]));
        assert!(!described(&[json!(["a", null]), json!(["a", null])]));
    }

    // rule: CI-25
    #[test]
    fn an_array_is_described_as_a_whole_or_by_place() {
        assert!(described(&[json!(["a", 0]), json!(["a", 1]), json!(["b", null])]));
        assert!(described(&[json!(["a"]), json!(["a", null]), json!(["a", null, "b"])]));
        assert!(!described(&[json!(["a", null]), json!(["a", 0])]));
        assert!(!described(&[json!(["a", 0, "b"]), json!(["c"]), json!(["a", null, "d"])]));
        assert!(!described(&[json!(["a", "b", 3]), json!(["a", "b", null, "c"])]));
    }

    // rule: CI-25
    #[test]
    fn what_is_described_as_an_array_is_not_described_as_an_object() {
        assert!(!described(&[json!(["a", null]), json!(["a", "b"])]));
        assert!(!described(&[json!(["a", "b", "c"]), json!(["a", 0])]));
        assert!(!described(&[json!(["a", null, "b"]), json!(["a", null, null])]));
        assert!(!described(&[json!(["a"]), json!([null])]));
        assert!(described(&[json!(["a", "x"]), json!(["b", null]), json!(["c", 0])]), "of other claims");
    }

    // rule: CI-25
    #[test]
    fn descriptions_are_bounded_in_number() {
        let paths = |count: usize| (0..count).map(|at| json!([format!("c{at}")])).collect::<Vec<Value>>();
        assert!(described(&paths(CLAIMS_MAX)));
        assert!(!described(&paths(CLAIMS_MAX + 1)));
    }
}
