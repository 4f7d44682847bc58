//! Lists that cannot be empty, and lists that cannot be empty or repeat themselves.

use std::collections::HashSet;
use std::hash::Hash;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, de};

/// Why a list is not what its type promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CollectionError {
    /// The list has no element.
    #[error("the list is empty")]
    Empty,
    /// Two elements are equal.
    #[error("the list repeats an element")]
    Duplicate,
}

/// A list of at least one element.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct NonEmpty<T>(Vec<T>);

impl<T> NonEmpty<T> {
    /// A list from a vector.
    ///
    /// # Errors
    /// [`CollectionError::Empty`].
    pub fn new(elements: Vec<T>) -> Result<Self, CollectionError> {
        if elements.is_empty() { Err(CollectionError::Empty) } else { Ok(Self(elements)) }
    }

    /// A list of one.
    pub fn one(element: T) -> Self {
        Self(vec![element])
    }

    /// A list from its first element and the others.
    pub fn from_first_and_rest(first: T, rest: impl IntoIterator<Item = T>) -> Self {
        Self(std::iter::once(first).chain(rest).collect())
    }

    /// The first element.
    #[expect(
        clippy::indexing_slicing,
        reason = "the one constructor refuses an empty vector and nothing removes elements"
    )]
    pub fn first(&self) -> &T {
        &self.0[0]
    }

    /// Adds an element at the end.
    pub fn push(&mut self, element: T) {
        self.0.push(element);
    }

    /// The elements as a slice.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// The elements as a vector.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }

    /// The list with each element mapped.
    pub fn map<U>(self, map: impl FnMut(T) -> U) -> NonEmpty<U> {
        NonEmpty(self.0.into_iter().map(map).collect())
    }

    /// The list with each element mapped by what can fail.
    ///
    /// # Errors
    /// The first error of `map`.
    pub fn try_map<U, E>(self, map: impl FnMut(T) -> Result<U, E>) -> Result<NonEmpty<U>, E> {
        self.0.into_iter().map(map).collect::<Result<_, _>>().map(NonEmpty)
    }
}

/// A list of at least one element in which no two are equal; the order is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct UniqueNonEmpty<T>(Vec<T>);

impl<T: Eq + Hash> UniqueNonEmpty<T> {
    /// A list from a vector.
    ///
    /// # Errors
    /// [`CollectionError::Empty`], [`CollectionError::Duplicate`].
    pub fn new(elements: Vec<T>) -> Result<Self, CollectionError> {
        if elements.is_empty() {
            return Err(CollectionError::Empty);
        }
        let mut seen = HashSet::with_capacity(elements.len());
        if elements.iter().all(|element| seen.insert(element)) {
            Ok(Self(elements))
        } else {
            Err(CollectionError::Duplicate)
        }
    }
}

impl<T> UniqueNonEmpty<T> {
    /// A list of one.
    pub fn one(element: T) -> Self {
        Self(vec![element])
    }

    /// The first element.
    #[expect(
        clippy::indexing_slicing,
        reason = "the constructors refuse an empty vector and nothing removes elements"
    )]
    pub fn first(&self) -> &T {
        &self.0[0]
    }

    /// The elements as a slice.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// The elements as a vector.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> From<UniqueNonEmpty<T>> for NonEmpty<T> {
    fn from(unique: UniqueNonEmpty<T>) -> Self {
        Self(unique.0)
    }
}

macro_rules! as_list {
    ($($list:ident),*) => {$(
        impl<T> Deref for $list<T> {
            type Target = [T];

            fn deref(&self) -> &[T] {
                &self.0
            }
        }

        impl<T> IntoIterator for $list<T> {
            type Item = T;
            type IntoIter = std::vec::IntoIter<T>;

            fn into_iter(self) -> Self::IntoIter {
                self.0.into_iter()
            }
        }

        impl<'a, T> IntoIterator for &'a $list<T> {
            type Item = &'a T;
            type IntoIter = std::slice::Iter<'a, T>;

            fn into_iter(self) -> Self::IntoIter {
                self.0.iter()
            }
        }
    )*};
}

as_list!(NonEmpty, UniqueNonEmpty);

impl<T> TryFrom<Vec<T>> for NonEmpty<T> {
    type Error = CollectionError;

    fn try_from(elements: Vec<T>) -> Result<Self, CollectionError> {
        Self::new(elements)
    }
}

impl<T: Eq + Hash> TryFrom<Vec<T>> for UniqueNonEmpty<T> {
    type Error = CollectionError;

    fn try_from(elements: Vec<T>) -> Result<Self, CollectionError> {
        Self::new(elements)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for NonEmpty<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl<'de, T: Deserialize<'de> + Eq + Hash> Deserialize<'de> for UniqueNonEmpty<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lists_are_refused() {
        assert_eq!(NonEmpty::<u8>::new(vec![]), Err(CollectionError::Empty));
        assert_eq!(UniqueNonEmpty::<u8>::new(vec![]), Err(CollectionError::Empty));
        assert!(serde_json::from_str::<NonEmpty<u8>>("[]").is_err());
        assert!(serde_json::from_str::<UniqueNonEmpty<u8>>("[]").is_err());
    }

    #[test]
    fn repeated_elements_are_refused_only_where_promised() {
        assert_eq!(UniqueNonEmpty::new(vec![1, 2, 1]), Err(CollectionError::Duplicate));
        assert!(serde_json::from_str::<UniqueNonEmpty<u8>>("[1,1]").is_err());
        assert_eq!(serde_json::from_str::<NonEmpty<u8>>("[1,1]").unwrap().len(), 2);
    }

    #[test]
    fn order_is_kept() {
        let list = UniqueNonEmpty::new(vec![3, 1, 2]).unwrap();
        assert_eq!(serde_json::to_string(&list).unwrap(), "[3,1,2]");
        assert_eq!(*list.first(), 3);
        assert_eq!(NonEmpty::from(list).map(|n| n * 2).into_vec(), [6, 2, 4]);
    }
}
