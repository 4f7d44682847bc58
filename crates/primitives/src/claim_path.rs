//! Claims path pointers (OpenID4VP 1.0 section 7): which claims of a credential are meant (VP-D11).

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{Blame, Left, Refusal};

/// The most elements a path may have. The specification sets no bound; no paper of ours nests deeper than five.
pub const MAX_PATH_ELEMENTS: usize = 32;
/// The most members of an object that are searched without hashing.
const FEW_MEMBERS: usize = 8;

/// One step of a claims path pointer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathElement {
    /// A string: the member of that name of each selected object.
    Name(String),
    /// A non-negative integer: the element at that place of each selected array.
    Index(u32),
    /// `null`: all elements of each selected array.
    All,
}

impl From<&str> for PathElement {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<u32> for PathElement {
    fn from(index: u32) -> Self {
        Self::Index(index)
    }
}

/// Why a list of elements is not a claims path pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimPathError {
    /// A path has at least one element (section 7: "a non-empty array").
    #[error("the claims path is empty")]
    Empty,
    /// The path has more than [`MAX_PATH_ELEMENTS`].
    #[error("the claims path has too many elements")]
    TooLong,
}

/// Why a path selects nothing in a credential (OpenID4VP 1.0 section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A string meets something that is not an object.
    #[error("the claims path names a member of something that is not an object")]
    NotAnObject,
    /// `null` or an index meets something that is not an array.
    #[error("the claims path goes into something that is not an array")]
    NotAnArray,
    /// Nothing is left selected.
    #[error("the claims path selects nothing")]
    NothingSelected,
}

impl Refusal for PathError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAnObject => "claims_path_not_an_object",
            Self::NotAnArray => "claims_path_not_an_array",
            Self::NothingSelected => "claims_path_selects_nothing",
        }
    }

    fn rule(&self) -> &'static str {
        "VP-D11"
    }

    fn blame(&self) -> Blame {
        Blame::Verifier
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// A claims path pointer: 1 to [`MAX_PATH_ELEMENTS`] elements, in JSON an array of strings, non-negative integers and `null`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClaimPath(Vec<PathElement>);

impl ClaimPath {
    /// A path from its elements.
    ///
    /// # Errors
    /// [`ClaimPathError::Empty`], [`ClaimPathError::TooLong`].
    pub fn new(elements: Vec<PathElement>) -> Result<Self, ClaimPathError> {
        match elements.len() {
            0 => Err(ClaimPathError::Empty),
            1..=MAX_PATH_ELEMENTS => Ok(Self(elements)),
            _ => Err(ClaimPathError::TooLong),
        }
    }

    /// A path of names only (`["address", "locality"]`).
    ///
    /// # Errors
    /// [`ClaimPathError::Empty`], [`ClaimPathError::TooLong`].
    pub fn of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, ClaimPathError> {
        Self::new(names.into_iter().map(PathElement::from).collect())
    }

    /// The path to one top-level member.
    pub fn top_level(name: impl Into<String>) -> Self {
        Self(vec![PathElement::Name(name.into())])
    }

    /// The elements, first to last; never empty.
    pub fn elements(&self) -> &[PathElement] {
        &self.0
    }

    /// The names, if the path consists of names only (as a path into an mdoc does: namespace and element).
    pub fn names(&self) -> Option<Vec<&str>> {
        self.0
            .iter()
            .map(|element| match element {
                PathElement::Name(name) => Some(name.as_str()),
                PathElement::Index(_) | PathElement::All => None,
            })
            .collect()
    }

    /// The path with one more element.
    ///
    /// # Errors
    /// [`ClaimPathError::TooLong`].
    pub fn child(&self, element: impl Into<PathElement>) -> Result<Self, ClaimPathError> {
        let mut elements = self.0.clone();
        elements.push(element.into());
        Self::new(elements)
    }

    /// Whether `prefix` is this path or leads to it, with `null` in either standing for every index. Who may have what is asked of
    /// [`lies_within`](Self::lies_within).
    pub fn starts_with(&self, prefix: &ClaimPath) -> bool {
        prefix.0.len() <= self.0.len()
            && prefix.0.iter().zip(&self.0).all(|(a, b)| match (a, b) {
                (PathElement::All, PathElement::Index(_)) | (PathElement::Index(_), PathElement::All) => true,
                (a, b) => a == b,
            })
    }

    /// Whether everything that this path can select is, or is part of, something that `whole` selects: a `null` of `whole` covers every
    /// index, and an index of `whole` covers itself alone.
    #[must_use]
    pub fn lies_within(&self, whole: &ClaimPath) -> bool {
        whole.0.len() <= self.0.len()
            && whole.0.iter().zip(&self.0).all(|(of_whole, own)| match (of_whole, own) {
                (PathElement::All, PathElement::Index(_)) => true,
                (of_whole, own) => of_whole == own,
            })
    }

    /// The values the path selects in a JSON-based credential, in document order (section 7.1.1); never an empty list.
    ///
    /// # Errors
    /// See [`PathError`]. Missing members and indices drop out silently as long as something stays selected.
    pub fn select<'v>(&self, credential: &'v Value) -> Result<Vec<&'v Value>, PathError> {
        let mut selected = vec![credential];
        for element in &self.0 {
            let mut next = Vec::with_capacity(selected.len());
            for value in selected {
                step(element, value, |_, found| next.push(found))?;
            }
            selected = next;
        }
        if selected.is_empty() { Err(PathError::NothingSelected) } else { Ok(selected) }
    }

    /// Whether the path has a `null`, and so may select more than one value.
    pub fn has_wildcard(&self) -> bool {
        self.0.iter().any(|element| matches!(element, PathElement::All))
    }

    /// The one value that a path without `null` selects, which then stands at this very path; `None` for a path with `null`, and for
    /// one that selects nothing. Unlike [`select`](Self::select) it allocates nothing.
    pub fn select_one<'v>(&self, credential: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(credential, |value, element| match element {
            PathElement::Name(name) => member(value.as_object()?, name),
            PathElement::Index(index) => value.as_array()?.get(usize::try_from(*index).ok()?),
            PathElement::All => None,
        })
    }

    /// As [`select`](Self::select), with the place of each selected value: a path without `null`.
    ///
    /// # Errors
    /// As [`select`](Self::select).
    pub fn locate<'v>(&self, credential: &'v Value) -> Result<Vec<(ClaimPath, &'v Value)>, PathError> {
        let mut selected = vec![(Vec::new(), credential)];
        for element in &self.0 {
            let mut next = Vec::with_capacity(selected.len());
            for (path, value) in selected {
                step(element, value, |place, found| {
                    let mut path: Vec<PathElement> = path.clone();
                    path.push(place);
                    next.push((path, found));
                })?;
            }
            selected = next;
        }
        if selected.is_empty() {
            return Err(PathError::NothingSelected);
        }
        Ok(selected.into_iter().map(|(path, value)| (ClaimPath(path), value)).collect())
    }
}

/// The member of that name. Few are looked at one after the other: sooner done than hashing the name, and a line of memory less to
/// fetch, which is most of what a question to ten thousand papers costs.
fn member<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    if object.len() > FEW_MEMBERS {
        return object.get(name);
    }
    object.iter().find(|(present, _)| *present == name).map(|(_, value)| value)
}

/// One step of section 7.1.1 on one selected value.
fn step<'v>(
    element: &PathElement,
    value: &'v Value,
    mut found: impl FnMut(PathElement, &'v Value),
) -> Result<(), PathError> {
    match element {
        PathElement::Name(name) => {
            let object = value.as_object().ok_or(PathError::NotAnObject)?;
            if let Some(member) = member(object, name) {
                found(element.clone(), member);
            }
        }
        PathElement::Index(index) => {
            let array = value.as_array().ok_or(PathError::NotAnArray)?;
            if let Some(member) = usize::try_from(*index).ok().and_then(|index| array.get(index)) {
                found(element.clone(), member);
            }
        }
        PathElement::All => {
            let array = value.as_array().ok_or(PathError::NotAnArray)?;
            for (index, member) in (0u32..).zip(array) {
                found(PathElement::Index(index), member);
            }
        }
    }
    Ok(())
}

/// The JSON form, `["address","locality"]`.
impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (place, element) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            match element {
                PathElement::Name(name) => write!(f, "{}", Value::String(name.clone()))?,
                PathElement::Index(index) => write!(f, "{index}")?,
                PathElement::All => f.write_str("null")?,
            }
        }
        f.write_str("]")
    }
}

impl Serialize for PathElement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Index(index) => serializer.serialize_u32(*index),
            Self::All => serializer.serialize_unit(),
        }
    }
}

impl<'de> Deserialize<'de> for PathElement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ElementVisitor;

        impl Visitor<'_> for ElementVisitor {
            type Value = PathElement;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, a non-negative integer or null")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<PathElement, E> {
                Ok(PathElement::Name(name.to_owned()))
            }

            fn visit_u64<E: de::Error>(self, index: u64) -> Result<PathElement, E> {
                u32::try_from(index).map(PathElement::Index).map_err(|_| E::custom("the index is too large"))
            }

            fn visit_unit<E: de::Error>(self) -> Result<PathElement, E> {
                Ok(PathElement::All)
            }
        }

        deserializer.deserialize_any(ElementVisitor)
    }
}

impl Serialize for ClaimPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ClaimPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PathVisitor;

        impl<'de> Visitor<'de> for PathVisitor {
            type Value = ClaimPath;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a non-empty array of strings, non-negative integers and nulls")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<ClaimPath, A::Error> {
                let mut path = Vec::new();
                while let Some(element) = elements.next_element()? {
                    if path.len() == MAX_PATH_ELEMENTS {
                        return Err(de::Error::custom(ClaimPathError::TooLong));
                    }
                    path.push(element);
                }
                ClaimPath::new(path).map_err(de::Error::custom)
            }
        }

        deserializer.deserialize_seq(PathVisitor)
    }
}
