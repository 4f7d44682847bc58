//! What an issuer and its authorization server say about themselves.
//!
//! Clauses: OpenID4VCI 1.0 section 12.2 and 12.3, RFC 8414; CI-3 to CI-6, CI-25. Unknown members are ignored; a member that this crate reads and that is
//! malformed makes the document, or the one credential configuration it stands in, unusable.

mod claims;
mod configuration;
mod issuer;
mod proof;
mod server;
mod signed;

pub use claims::{CLAIMS_MAX, ClaimDescription};
pub use configuration::{Configuration, ConfigurationEntry, Unusable, format_identifier, type_name};
pub(crate) use issuer::AUTHORIZATION_SERVERS_MAX;
pub use issuer::{
    CONFIGURATIONS_MAX, IssuerMetadata, KeyAttestationRequirement, RequestEncryption, ResponseEncryption,
};
pub use proof::{KeyAttestationPower, ProofChoice, ProofSupport, ProofType};
pub use server::ServerMetadata;
pub use signed::{SIGNED_METADATA_TYP, SignedMetadataError, sign_issuer_metadata, verify_signed_metadata};
