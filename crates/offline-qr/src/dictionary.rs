//! The preset dictionary `offline-qr/v1`: what presentations and requests have in common. It is part of the format and never changes; a
//! better one is `offline-qr/v2`, with another version in the frame.

/// The dictionary. What is most frequent stands last: short distances cost fewer bits.
pub const DICTIONARY: &[u8] = b"{\"alg\":\"ES256\",\"typ\":\"dc+sd-jwt\",\"x5c\":[\"";
