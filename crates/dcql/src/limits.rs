//! The bounds of a query (VP-D1 says nothing of sizes; a wallet that answers strangers must).
//!
//! They are an order of magnitude above the largest query of the specification's examples.

/// Longest query that is read, in bytes of JSON.
pub const MAX_QUERY_BYTES: usize = 256 * 1024;
/// Most Credential Queries in one query.
pub const MAX_CREDENTIALS: usize = 64;
/// Most Claims Queries in a whole query, all Credential Queries together.
pub const MAX_CLAIMS: usize = 512;
/// Most elements of one claims path pointer.
pub const MAX_PATH_ELEMENTS: usize = 16;
/// Most `claim_sets` of one Credential Query.
pub const MAX_CLAIM_SETS: usize = 64;
/// Most references to claims in all `claim_sets` of a whole query.
pub const MAX_CLAIM_REFERENCES: usize = 2048;
/// Most `credential_sets` of a query.
pub const MAX_CREDENTIAL_SETS: usize = 64;
/// Most `options` of one Credential Set Query.
pub const MAX_OPTIONS: usize = 64;
/// Most references to Credential Queries in all options of a whole query.
pub const MAX_OPTION_REFERENCES: usize = 2048;
/// Most `values` of one Claims Query.
pub const MAX_VALUES: usize = 256;
/// Most `vct_values` of one Credential Query.
pub const MAX_TYPES: usize = 256;
/// Most `trusted_authorities` of one Credential Query.
pub const MAX_AUTHORITIES: usize = 32;
/// Most values of one Trusted Authorities Query.
pub const MAX_AUTHORITY_VALUES: usize = 1024;
/// Longest identifier, type, path element or value, in bytes.
pub const MAX_TEXT_BYTES: usize = 1024;
