//! Why the wallet refuses a request, cannot answer it, or does not believe the answer to its answer.
//!
//! A refused request is refused on the holder's screen only: none of these errors makes anything to send ("How a wallet must
//! behave", 1). That is in the types: only an [`AuthenticatedRequest`](super::AuthenticatedRequest) can be declined or answered.

use primitives::{Blame, EntropyUnavailable, Left, Refusal};

/// Why a request is not processed. Nothing of the citizen's left, and nothing is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The link is too long, has no parameters, repeats one or is not valid percent-encoding.
    #[error("the link is not a request for a presentation")]
    Invocation,
    /// `client_id` is absent or longer than the bound.
    #[error("the request names no client")]
    ClientIdMissing,
    /// `request` and `request_uri` together, or either beside parameters that need it.
    #[error("the request is passed in two ways at once")]
    AmbiguousRequestObject,
    /// `request_uri` is no address that may be called.
    #[error("the address of the request is not allowed")]
    RequestUri,
    /// `request_uri_method` is neither `get` nor `post`, or stands without `request_uri`.
    #[error("the request asks for an unknown method")]
    RequestUriMethod,
    /// The verifier answered the fetch with something else than 200.
    #[error("the verifier did not hand out its request")]
    FetchStatus,
    /// The fetched answer is not of type `application/oauth-authz-req+jwt`.
    #[error("the fetched request is of another type")]
    FetchContentType,
    /// No random bytes for `wallet_nonce`.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
    /// The request object is too large, not a JWS with ES256, repeats a member, or its payload is not an object.
    #[error("the request object is malformed")]
    RequestObject,
    /// `typ` of the request object is not `oauth-authz-req+jwt`.
    #[error("the request object is of another type")]
    RequestObjectType,
    /// The signature of the request object is not that of the certificate's key.
    #[error("the signature of the request is invalid")]
    Signature,
    /// `client_id` inside and outside of the request object differ.
    #[error("the request names two clients")]
    ClientIdMismatch,
    /// `wallet_nonce` was sent and is not in the request object.
    #[error("the request is not the one this wallet asked for")]
    WalletNonce,
    /// `aud` of the request object is not `https://self-issued.me/v2`.
    #[error("the request is made for another wallet")]
    Audience,
    /// `exp`, `nbf` or `iat` of the request object do not fit the time.
    #[error("the request is not valid now")]
    Time,
    /// A prefix that this wallet does not know, or a client that would have to be registered in advance.
    #[error("the kind of client identifier is not known")]
    PrefixUnknown,
    /// A prefix of the specification that this wallet does not support.
    #[error("the kind of client identifier is not supported")]
    PrefixUnsupported(UnsupportedPrefix),
    /// `origin:` in a request.
    #[error("the client identifier is reserved")]
    PrefixOrigin,
    /// What follows `decentralized_identifier:` is no DID, or its key cannot be read.
    #[error("the client identifier is no DID")]
    DidMalformed,
    /// A DID method other than `did:jwk`, `did:key`, `did:web`.
    #[error("the DID method is not supported")]
    DidMethod,
    /// A DID that the profile does not know, where it refuses such.
    #[error("the DID is not one that the profile knows")]
    DidUnknown,
    /// The DID document was not handed out, is malformed, or is that of another DID.
    #[error("the DID document cannot be used")]
    DidDocument,
    /// `kid` names no P-256 key of the DID.
    #[error("the request is not signed with a key of the DID")]
    DidKey,
    /// The Verifier Attestation JWT does not hold.
    #[error("the attestation of the verifier is not valid: {0}")]
    Attestation(#[source] AttestationFault),
    /// The signature is not that of the key that a DID, an attestation or the profile names.
    #[error("the signature of the request is invalid")]
    SignatureOf(KeySource),
    /// A prefix that needs a signature, without one.
    #[error("the request has to be signed and is not")]
    SignatureMissing,
    /// `redirect_uri:` in a signed request object.
    #[error("the kind of client identifier excludes a signature")]
    SignatureExcluded,
    /// An unsigned request, which the profile refuses.
    #[error("the sender of the request is not authenticated")]
    Unauthenticated,
    /// `x5c` is absent or malformed.
    #[error("the request brings no usable certificate")]
    Certificate,
    /// The certificate chain does not hold up to an anchor for verifiers.
    #[error(transparent)]
    Chain(#[from] trust::ChainError),
    /// `x509_hash:` and the leaf certificate differ.
    #[error("the client identifier is not that of the certificate")]
    CertificateHash,
    /// `x509_san_dns:` names no `dNSName` of the leaf certificate.
    #[error("the client identifier is not a name in the certificate")]
    CertificateName,
    /// `response_type` is not `vp_token`.
    #[error("the request asks for an unknown kind of response")]
    ResponseType,
    /// `response_mode` is neither `direct_post` nor `direct_post.jwt`.
    #[error("the request asks for an unsupported way of answering")]
    ResponseMode,
    /// `nonce` is absent, too long, or has characters that are not allowed.
    #[error("the request has no usable nonce")]
    Nonce,
    /// `state` is too long or has characters that are not allowed.
    #[error("the state of the request is malformed")]
    State,
    /// A presentation without holder binding is asked for, and there is no `state`.
    #[error("the request would not be bound to its answer")]
    StateMissing,
    /// `redirect_uri` beside response mode `direct_post`.
    #[error("the request names a redirect address where none belongs")]
    RedirectUriPresent,
    /// The origin is none that may ask, or the request is in no protocol of the Digital Credentials API that is spoken here.
    #[error("the request over the browser is in no form that is known")]
    DcApi,
    /// The origin is not one of a verifier: not https, or not written as a browser writes it.
    #[error("the origin of the request is not allowed")]
    Origin,
    /// `expected_origins` of a signed request is absent, empty, malformed, or names an unsafe scheme.
    #[error("the signed request does not say where it may come from")]
    ExpectedOrigins,
    /// The signed request was made for other origins than the one that asks.
    #[error("the signed request was made for another origin")]
    OriginMismatch,
    /// Parameters that belong into the protected headers of a multi-signed request stand in its payload.
    #[error("the multi-signed request names its client where all signers share it")]
    SharedClientId,
    /// `response_uri` is absent or no address that may be called.
    #[error("the address for the answer is not allowed")]
    ResponseUri,
    /// `response_uri` is not one that this client may use.
    #[error("the address for the answer does not belong to the client")]
    ResponseUriForeign,
    /// Neither or both of `dcql_query` and `scope`.
    #[error("the request asks in no way or in two ways")]
    QueryMissing,
    /// `scope` alone: this wallet knows no scope that stands for a query.
    #[error("the request uses a scope that is not known")]
    Scope,
    /// The query breaks a rule.
    #[error(transparent)]
    Query(#[from] dcql::QueryError),
    /// `client_metadata` is malformed, or a key in it has no `kid` or shares one.
    #[error("the metadata of the client is malformed")]
    ClientMetadata,
    /// `client_metadata` of a client whose metadata the profile has.
    #[error("the request says what is known of the client already")]
    ClientMetadataKnown,
    /// An encrypted answer is asked for, and no key or content encryption offered is usable.
    #[error("the request offers no usable key to encrypt the answer to")]
    Encryption,
    /// `vp_formats_supported` excludes what this wallet can present of what is asked for.
    #[error("the verifier does not accept the formats that it asks for")]
    Formats,
    /// `transaction_data` is malformed, or a member of a transaction is not that of its type.
    #[error("the transaction in the request is malformed")]
    TransactionDataMalformed,
    /// A type of transaction, or of hash, that is not known here.
    #[error("the request carries a transaction of an unknown kind")]
    TransactionDataUnsupported,
    /// `credential_ids` of a transaction names what the query does not ask for, or asks for without proof of the holder.
    #[error("the transaction cannot be approved with what the request asks for")]
    TransactionDataCredentials,
    /// `verifier_info` is malformed.
    #[error("the information about the verifier is malformed")]
    VerifierInfo,
    /// A registration in `verifier_info` that a known registrar signed is false, over, or names another client.
    #[error("the registration of the verifier is not valid")]
    Registration(#[source] trust::registration::RegistrationError),
}

/// Where the key comes from that a request should have been signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// A DID document.
    Did,
    /// The `cnf` of a Verifier Attestation JWT.
    Attestation,
    /// The profile, where the client was registered in advance.
    Registered,
}

/// What is wrong with a Verifier Attestation JWT (VP-C6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttestationFault {
    /// The request object has no `jwt` header.
    #[error("there is none")]
    Missing,
    /// Not a JWT with ES256, or a claim is missing or malformed.
    #[error("it is malformed")]
    Malformed,
    /// `typ` is not `verifier-attestation+jwt`.
    #[error("it is of another type")]
    Type,
    /// The profile does not trust its issuer to attest verifiers, or not with this key.
    #[error("its issuer is not trusted")]
    Issuer,
    /// The signature is not the issuer's.
    #[error("its signature is invalid")]
    Signature,
    /// `sub` is another client.
    #[error("it is that of another client")]
    Subject,
    /// Expired, or not valid yet.
    #[error("it is not valid now")]
    Time,
}

/// Prefixes of the specification that are recognised and refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnsupportedPrefix {
    /// `openid_federation:`
    OpenIdFederation,
}

impl RequestError {
    /// The error of the protocol that a platform may owe the other side (OpenID4VP 1.0 section 8.5); `None`: it is not the request's fault.
    #[must_use]
    pub fn protocol_error(&self) -> Option<&'static str> {
        Some(match self {
            Self::Entropy(_) | Self::FetchStatus | Self::FetchContentType => return None,
            Self::RequestUriMethod => "invalid_request_uri_method",
            Self::ClientMetadataKnown => "invalid_client",
            Self::Formats => "vp_formats_not_supported",
            Self::TransactionDataMalformed
            | Self::TransactionDataUnsupported
            | Self::TransactionDataCredentials => "invalid_transaction_data",
            _ => "invalid_request",
        })
    }
}

impl Refusal for RequestError {
    fn code(&self) -> &'static str {
        match self {
            Self::Invocation => "request_link_malformed",
            Self::ClientIdMissing => "request_client_id_missing",
            Self::AmbiguousRequestObject => "request_object_ambiguous",
            Self::RequestUri => "request_uri_not_allowed",
            Self::RequestUriMethod => "request_uri_method_invalid",
            Self::FetchStatus => "request_fetch_status",
            Self::FetchContentType => "request_fetch_content_type",
            Self::Entropy(error) => error.code(),
            Self::RequestObject => "request_object_malformed",
            Self::RequestObjectType => "request_object_type_invalid",
            Self::Signature => "request_signature_invalid",
            Self::ClientIdMismatch => "request_client_id_mismatch",
            Self::WalletNonce => "request_wallet_nonce_mismatch",
            Self::Audience => "request_audience_mismatch",
            Self::Time => "request_not_valid_now",
            Self::PrefixUnknown => "request_prefix_unknown",
            Self::PrefixUnsupported(_) => "request_prefix_unsupported",
            Self::PrefixOrigin => "request_prefix_origin",
            Self::DidMalformed => "request_did_malformed",
            Self::DidMethod => "request_did_method_unsupported",
            Self::DidUnknown => "request_did_unknown",
            Self::DidDocument => "request_did_document_invalid",
            Self::DidKey => "request_did_key_unknown",
            Self::Attestation(fault) => match fault {
                AttestationFault::Missing => "request_attestation_missing",
                AttestationFault::Malformed => "request_attestation_malformed",
                AttestationFault::Type => "request_attestation_type",
                AttestationFault::Issuer => "request_attestation_issuer_unknown",
                AttestationFault::Signature => "request_attestation_signature_invalid",
                AttestationFault::Subject => "request_attestation_of_another",
                AttestationFault::Time => "request_attestation_not_valid_now",
            },
            Self::SignatureOf(_) => "request_signature_invalid",
            Self::SignatureMissing => "request_signature_missing",
            Self::SignatureExcluded => "request_signature_excluded",
            Self::Unauthenticated => "request_unauthenticated",
            Self::Certificate => "request_certificate_missing",
            Self::Chain(error) => error.code(),
            Self::CertificateHash => "request_certificate_hash_mismatch",
            Self::CertificateName => "request_certificate_name_mismatch",
            Self::ResponseType => "request_response_type_unsupported",
            Self::ResponseMode => "request_response_mode_unsupported",
            Self::Nonce => "request_nonce_invalid",
            Self::State => "request_state_invalid",
            Self::StateMissing => "request_state_missing",
            Self::RedirectUriPresent => "request_redirect_uri_present",
            Self::DcApi => "request_dc_api_malformed",
            Self::Origin => "request_origin_not_allowed",
            Self::ExpectedOrigins => "request_expected_origins_malformed",
            Self::OriginMismatch => "request_origin_mismatch",
            Self::SharedClientId => "request_client_id_shared",
            Self::ResponseUri => "request_response_uri_not_allowed",
            Self::ResponseUriForeign => "request_response_uri_foreign",
            Self::QueryMissing => "request_query_missing",
            Self::Scope => "request_scope_unknown",
            Self::Query(error) => error.code(),
            Self::ClientMetadata => "request_client_metadata_malformed",
            Self::ClientMetadataKnown => "request_client_metadata_known",
            Self::Encryption => "request_encryption_impossible",
            Self::Formats => "request_formats_not_supported",
            Self::TransactionDataMalformed => "request_transaction_data_malformed",
            Self::TransactionDataUnsupported => "request_transaction_data_unsupported",
            Self::TransactionDataCredentials => "request_transaction_data_credentials",
            Self::VerifierInfo => "request_verifier_info_malformed",
            Self::Registration(_) => "request_registration_invalid",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Invocation | Self::ClientIdMissing => "VP-C1",
            Self::AmbiguousRequestObject
            | Self::RequestUri
            | Self::FetchStatus
            | Self::FetchContentType
            | Self::ClientIdMismatch => "VP-R9",
            Self::RequestUriMethod | Self::WalletNonce => "VP-R10",
            Self::Entropy(error) => error.rule(),
            Self::RequestObject | Self::RequestObjectType => "VP-R1",
            Self::Signature | Self::Certificate | Self::CertificateHash => "VP-C4",
            Self::SignatureMissing | Self::CertificateName => "VP-C3",
            Self::Audience | Self::Time => "VP-R12",
            Self::PrefixUnknown => "VP-C1",
            Self::DidMalformed | Self::DidMethod | Self::DidUnknown | Self::DidDocument | Self::DidKey => {
                "VP-C5"
            }
            Self::SignatureOf(KeySource::Did) => "VP-C5",
            Self::Attestation(_) | Self::SignatureOf(KeySource::Attestation) => "VP-C6",
            Self::SignatureOf(KeySource::Registered) => "VP-C1",
            Self::PrefixUnsupported(UnsupportedPrefix::OpenIdFederation) => "VP-C7",
            Self::PrefixOrigin => "VP-C8",
            Self::SignatureExcluded | Self::Unauthenticated => "VP-C2",
            Self::Chain(error) => error.rule(),
            Self::ResponseType | Self::ResponseMode => "VP-R6",
            Self::Nonce | Self::State => "VP-R5",
            Self::StateMissing => "VP-R7",
            Self::RedirectUriPresent => "VP-R14",
            Self::DcApi => "VP-A1",
            Self::Origin | Self::ExpectedOrigins | Self::OriginMismatch => "VP-A2",
            Self::SharedClientId => "VP-A3",
            Self::ResponseUri | Self::ResponseUriForeign => "VP-R15",
            Self::QueryMissing | Self::Scope => "VP-R4",
            Self::Query(error) => error.rule(),
            Self::ClientMetadata => "VP-R8",
            Self::ClientMetadataKnown => "VP-S5",
            Self::Encryption => "VP-S3",
            Self::Formats => "VP-H1",
            Self::TransactionDataMalformed
            | Self::TransactionDataUnsupported
            | Self::TransactionDataCredentials => "VP-T1",
            Self::VerifierInfo | Self::Registration(_) => "VP-R13",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Entropy(error) => error.blame(),
            _ => Blame::Verifier,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why a request that was authenticated is not answered. Nothing has left.
#[derive(Debug, thiserror::Error)]
pub enum RespondError {
    /// The selection is not an answer to the query.
    #[error(transparent)]
    Selection(#[from] dcql::SelectionError),
    /// The request has no answer but an error.
    #[error(transparent)]
    Objection(super::request::Objection),
    /// The request does not count any more.
    #[error("the request has expired")]
    Expired,
    /// There is not exactly one copy for each presentation, of its format and in its order.
    #[error("the copies do not fit the presentations")]
    Copies,
    /// A transaction is left that no presentation of the answer carries: none of its credentials was chosen, the credential has no key, or
    /// the issuer of the mobile document does not let its device sign it (VP-T2, VP-T4).
    #[error("nothing in the answer can approve the transaction")]
    Transaction,
    /// An SD-JWT VC could not be presented.
    #[error("the credential could not be presented")]
    SdJwtVc(#[source] sd_jwt_vc::PresentError),
    /// An mdoc could not be presented.
    #[error("the mobile document could not be presented")]
    Mdoc(#[source] mdoc::PresentError),
    /// The answer could not be encrypted.
    #[error("the answer could not be encrypted")]
    Encryption(#[from] crypto::jwe::EncryptError),
    /// An answer of our own making is not JSON.
    #[error("the answer could not be written")]
    Encoding,
}

impl Refusal for RespondError {
    fn code(&self) -> &'static str {
        match self {
            Self::Selection(error) => error.code(),
            Self::Objection(objection) => objection.code(),
            Self::Expired => "request_not_valid_now",
            Self::Copies => "response_copies_mismatch",
            Self::Transaction => "response_transaction_impossible",
            Self::SdJwtVc(_) => "response_sd_jwt_vc_failed",
            Self::Mdoc(_) => "response_mdoc_failed",
            Self::Encryption(_) => "response_encryption_failed",
            Self::Encoding => "response_encoding_failed",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Selection(error) => error.rule(),
            Self::Objection(objection) => objection.rule(),
            Self::Expired => "VP-R12",
            Self::Copies | Self::Encoding => "VP-S1",
            Self::Transaction => "VP-T2",
            Self::SdJwtVc(_) => "VP-H1",
            Self::Mdoc(_) => "VP-H2",
            Self::Encryption(_) => "VP-S3",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Selection(error) => error.blame(),
            Self::Objection(objection) => objection.blame(),
            Self::Expired => Blame::Verifier,
            Self::Encryption(crypto::jwe::EncryptError::Entropy(error)) => error.blame(),
            _ => Blame::Application,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why the verifier's answer to a response is not followed. The response itself has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Not status 200.
    #[error("the verifier did not accept the answer")]
    Status,
    /// Not a JSON object of at most [`crate::limits::MAX_ANSWER_BYTES`], or `redirect_uri` is not a string.
    #[error("the verifier's reply is malformed")]
    Malformed,
    /// `redirect_uri` is no address that may be opened.
    #[error("the verifier's reply names a page that is not opened")]
    RedirectUri,
}

impl Refusal for AnswerError {
    fn code(&self) -> &'static str {
        match self {
            Self::Status => "answer_not_accepted",
            Self::Malformed => "answer_reply_malformed",
            Self::RedirectUri => "answer_redirect_uri_not_allowed",
        }
    }

    fn rule(&self) -> &'static str {
        "VP-S2"
    }

    fn blame(&self) -> Blame {
        Blame::Verifier
    }

    fn left(&self) -> Left {
        Left::Something
    }
}
