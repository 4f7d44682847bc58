//! The holder's side: which claims go out, and exactly what that reveals (RFC 9901 section 7.2; VP-D2, VP-D3).

use std::collections::BTreeSet;

use primitives::{ClaimPath, PathElement};
use serde_json::{Map, Value};

use crate::error::PresentError;
use crate::process::Place;
use crate::sd_jwt::VerifiedSdJwt;

/// A choice of disclosures of one credential: the least that reveals the selected claims.
///
/// It borrows the credential, so that a choice made for one copy is never presented with another.
#[derive(Clone)]
pub struct Selection<'a> {
    sd_jwt: &'a VerifiedSdJwt,
    chosen: BTreeSet<usize>,
}

/// One claim that a presentation reveals.
///
/// It holds a claim of the citizen: there is no `Debug` and no `Serialize`.
#[derive(Clone, PartialEq)]
pub struct RevealedClaim {
    /// The place of the claim in the whole credential, without `null`.
    pub path: ClaimPath,
    /// What is revealed: a string, number, boolean, `null`, or an object or array that is empty for the verifier.
    pub value: Value,
    /// Whether the holder could have kept it back.
    pub selectively_disclosable: bool,
}

impl VerifiedSdJwt {
    /// Selects claims: for each path all that lies at and below the places it names in [`Self::claims`], and the
    /// disclosures those are nested in; no path selects no disclosure (SJ-22, SJ-23, VP-D2).
    ///
    /// # Errors
    /// [`PresentError::PathSelectsNothing`] if a path names no claim of this credential.
    pub fn select(&self, paths: &[ClaimPath]) -> Result<Selection<'_>, PresentError> {
        let mut chosen = BTreeSet::new();
        for path in paths {
            let places = path.locate(self.claims()).map_err(|_| PresentError::PathSelectsNothing)?;
            for (index, placement) in self.placements().iter().enumerate() {
                let needed = places.iter().any(|(place, _)| {
                    placement.path.starts_with(place.elements())
                        || place.elements().starts_with(&placement.path)
                });
                if needed {
                    chosen.insert(index);
                }
            }
        }
        Ok(Selection { sd_jwt: self, chosen })
    }

    /// Whether a claim at this place, which has no `null`, can be kept back: it, or something it lies in, is a disclosure of its own.
    #[must_use]
    pub fn is_selectively_disclosable(&self, place: &ClaimPath) -> bool {
        let place = place.elements();
        (1..=place.len())
            .any(|length| place.get(..length).is_some_and(|place| self.disclosure_at(place).is_some()))
    }

    /// The places of all claims with a disclosure of their own, in the order of the disclosures.
    #[must_use]
    pub fn disclosable_paths(&self) -> Vec<ClaimPath> {
        self.placements().iter().filter_map(|placement| ClaimPath::new(placement.path.clone()).ok()).collect()
    }
}

impl<'a> Selection<'a> {
    /// The presented SD-JWT without a key binding JWT: `<JWT>~<Disclosure>~…~` (SJ-22).
    pub(crate) fn text(&self) -> String {
        self.sd_jwt.text_with(|index| self.chosen.contains(&index))
    }

    /// The number of disclosures that go out.
    #[must_use]
    pub fn disclosures(&self) -> usize {
        self.chosen.len()
    }

    /// The claims as the verifier will have them, array indexes counted anew over what is left.
    #[must_use]
    pub fn claims(&self) -> Value {
        self.visible(self.sd_jwt.claims(), &mut Vec::new()).unwrap_or_else(|| Value::Object(Map::new()))
    }

    /// Everything the presentation reveals, leaf by leaf, in document order: what a consent screen has to show (SJ-23).
    ///
    /// Claims that are always visible (`iss`, `vct`, `cnf`, …) are among them.
    #[must_use]
    pub fn revealed(&self) -> Vec<RevealedClaim> {
        let mut revealed = Vec::new();
        self.collect(self.sd_jwt.claims(), &mut Vec::new(), &mut revealed);
        revealed
    }

    /// Whether the disclosure for exactly this place, if it has one, goes out.
    fn shows(&self, place: &[PathElement]) -> bool {
        self.sd_jwt.disclosure_at(place).is_none_or(|index| self.chosen.contains(&index))
    }

    fn visible(&self, value: &Value, here: &mut Place) -> Option<Value> {
        if !self.shows(here) {
            return None;
        }
        let mut child = |step: PathElement, value: &Value| {
            here.push(step);
            let visible = self.visible(value, here);
            here.pop();
            visible
        };
        Some(match value {
            Value::Object(object) => Value::Object(
                object
                    .iter()
                    .filter_map(|(name, value)| {
                        Some((name.clone(), child(PathElement::Name(name.clone()), value)?))
                    })
                    .collect(),
            ),
            Value::Array(array) => Value::Array(
                (0u32..)
                    .zip(array)
                    .filter_map(|(index, value)| child(PathElement::Index(index), value))
                    .collect(),
            ),
            scalar => scalar.clone(),
        })
    }

    fn collect(&self, value: &Value, here: &mut Place, revealed: &mut Vec<RevealedClaim>) {
        if !self.shows(here) {
            return;
        }
        let before = revealed.len();
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    here.push(PathElement::Name(name.clone()));
                    self.collect(value, here, revealed);
                    here.pop();
                }
            }
            Value::Array(array) => {
                for (index, value) in (0u32..).zip(array) {
                    here.push(PathElement::Index(index));
                    self.collect(value, here, revealed);
                    here.pop();
                }
            }
            _ => {}
        }
        // A leaf, or an object or array of which nothing else is seen: that it exists is revealed all the same.
        if revealed.len() == before
            && let Ok(path) = ClaimPath::new(here.clone())
        {
            revealed.push(RevealedClaim {
                selectively_disclosable: self.sd_jwt.is_selectively_disclosable(&path),
                path,
                value: match value {
                    Value::Object(_) => Value::Object(Map::new()),
                    Value::Array(_) => Value::Array(Vec::new()),
                    scalar => scalar.clone(),
                },
            });
        }
    }

    pub(crate) fn sd_jwt(&self) -> &'a VerifiedSdJwt {
        self.sd_jwt
    }
}
