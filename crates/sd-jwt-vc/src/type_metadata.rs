//! Type metadata (SD-JWT VC sections 6 to 9).
