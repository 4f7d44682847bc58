//! How much of a foreign SD-JWT is worked on at all (SJ-3). Each bound is checked before the work it bounds.

/// The longest SD-JWT or SD-JWT+KB that is read, in bytes. Portraits travel in credentials as data URIs; a mebibyte leaves room for one.
pub const MAX_BYTES: usize = 1024 * 1024;

/// The most disclosures that one SD-JWT may carry.
pub const MAX_DISCLOSURES: usize = 1024;

/// The most embedded digests that one SD-JWT may hold, decoys included, over the payload and all disclosures.
pub const MAX_DIGESTS: usize = 4096;

/// The deepest nesting of objects and arrays in the processed payload. An object in the payload is at depth 1.
pub const MAX_DEPTH: usize = 32;

/// The longest key binding JWT that is read, in bytes.
pub const MAX_KEY_BINDING_BYTES: usize = 16 * 1024;

/// The most entries of `transaction_data` that one presentation can be bound to.
pub const MAX_TRANSACTION_DATA: usize = 16;

/// The largest type metadata document that is read, in bytes.
pub const MAX_TYPE_METADATA_BYTES: usize = 512 * 1024;

/// The most entries of each list in type metadata (claims, locales of one display).
pub const MAX_TYPE_METADATA_ENTRIES: usize = 512;
