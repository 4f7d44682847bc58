//! SD-JWT (RFC 9901), SD-JWT VC, type metadata and key binding.
