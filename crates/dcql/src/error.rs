//! What can be wrong with a query and with an answer to it.

use primitives::{Blame, Left, Refusal};

/// Why a query is not processed. The blame is always the verifier's, and nothing has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Not a JSON object of the shape of section 6, or a required property is missing or of the wrong type.
    #[error("the query does not have the shape of a DCQL query")]
    Shape,
    /// Larger than one of the bounds in [`crate::limits`].
    #[error("the query is larger than this wallet reads")]
    TooLarge,
    /// A list that must not be empty is empty.
    #[error("a list in the query that must not be empty is empty")]
    Empty,
    /// An identifier is empty or holds something other than letters, digits, `_` and `-`.
    #[error("an identifier in the query has characters that are not allowed")]
    Identifier,
    /// The same identifier stands twice.
    #[error("an identifier stands twice in the query")]
    DuplicateIdentifier,
    /// `claim_sets` or `options` name something that the query does not define.
    #[error("the query refers to an identifier that it does not define")]
    UnknownReference,
    /// `claim_sets` without `claims`.
    #[error("the query combines claims that it does not list")]
    ClaimSetsWithoutClaims,
    /// `claim_sets` is present and a claim has no `id`.
    #[error("a claim has no identifier although the query combines claims")]
    ClaimWithoutIdentifier,
    /// A claims path pointer is empty, too long, or has an element that is not a string, null or non-negative integer.
    #[error("a claims path pointer in the query is malformed")]
    Path,
    /// A claims path pointer into an mdoc that is not exactly a namespace and an element.
    #[error("a path into an mdoc is not a namespace and an element")]
    MdocPath,
    /// A `values` entry that is not a string, integer or boolean.
    #[error("an expected value is not a string, an integer or a boolean")]
    Value,
    /// `meta` is not empty and lacks what its format requires, or has it in the wrong type.
    #[error("the query does not say which types it asks for")]
    Meta,
    /// A Trusted Authorities Query of type `aki` with a value that is not base64url.
    #[error("an authority in the query is malformed")]
    Authority,
}

impl Refusal for QueryError {
    fn code(&self) -> &'static str {
        match self {
            Self::Shape => "query_shape_invalid",
            Self::TooLarge => "query_too_large",
            Self::Empty => "query_list_empty",
            Self::Identifier => "query_identifier_invalid",
            Self::DuplicateIdentifier => "query_identifier_duplicate",
            Self::UnknownReference => "query_reference_unknown",
            Self::ClaimSetsWithoutClaims => "query_claim_sets_without_claims",
            Self::ClaimWithoutIdentifier => "query_claim_without_identifier",
            Self::Path => "query_path_invalid",
            Self::MdocPath => "query_mdoc_path_invalid",
            Self::Value => "query_value_invalid",
            Self::Meta => "query_meta_invalid",
            Self::Authority => "query_authority_invalid",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Path | Self::MdocPath => "VP-D11",
            Self::Value => "VP-D4",
            Self::Meta => "VP-D10",
            Self::Authority => "VP-D9",
            _ => "VP-D1",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Verifier
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why a person's selection is not an answer to the query. Nothing has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// Not everything that is required can be delivered with what is held, so nothing is.
    #[error("what is held does not answer the request")]
    NothingFits,
    /// A required set has no chosen option.
    #[error("a required part of the request has no choice made")]
    RequiredSetMissing,
    /// A set or option that the query does not have.
    #[error("a choice names a part that the request does not have")]
    UnknownOption,
    /// A chosen option needs a Credential Query that has no pick.
    #[error("a part of the request has no paper chosen")]
    PickMissing,
    /// A pick for a Credential Query that no chosen option needs: it would be sent without being asked for.
    #[error("a paper was chosen that the chosen answer does not need")]
    PickNotAsked,
    /// Several picks where one is allowed.
    #[error("several papers were chosen where one is asked for")]
    TooManyPicks,
    /// The same holding twice for one Credential Query.
    #[error("the same paper was chosen twice for one part")]
    DuplicatePick,
    /// The chosen holding does not match the Credential Query.
    #[error("a chosen paper does not fit what is asked for")]
    DoesNotMatch,
    /// The chosen claim set cannot be satisfied by the chosen holding.
    #[error("a chosen combination of claims is not in the chosen paper")]
    ClaimSetNotSatisfied,
}

impl Refusal for SelectionError {
    fn code(&self) -> &'static str {
        match self {
            Self::NothingFits => "nothing_fits",
            Self::RequiredSetMissing => "selection_required_missing",
            Self::UnknownOption => "selection_option_unknown",
            Self::PickMissing => "selection_pick_missing",
            Self::PickNotAsked => "selection_pick_not_asked",
            Self::TooManyPicks => "selection_too_many",
            Self::DuplicatePick => "selection_duplicate",
            Self::DoesNotMatch => "selection_does_not_match",
            Self::ClaimSetNotSatisfied => "selection_claim_set_not_satisfied",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::NothingFits | Self::DoesNotMatch => "VP-D6",
            Self::RequiredSetMissing | Self::UnknownOption | Self::PickMissing => "VP-D5",
            Self::PickNotAsked => "VP-D3",
            Self::TooManyPicks | Self::DuplicatePick => "VP-D7",
            Self::ClaimSetNotSatisfied => "VP-D2",
        }
    }

    fn blame(&self) -> Blame {
        Blame::You
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}
