//! The holder's answer: selected elements, signed with the device key (ISO/IEC 18013-5 8.3.2.1.2.2, 9.1.3.4, 9.1.3.6; HA-9;
//! MD-29, MD-31, MD-32).

use crypto::cose::Sign1Builder;
use crypto::{PublicKey, SignError, Signer};
use primitives::{Blame, Left, Refusal, base64url};

use crate::cbor::write;
use crate::element::{ElementValue, MAX_VALUE_NESTING};
use crate::issuer_auth::IssuerAuth;
use crate::issuer_signed::{Claims, IssuerSigned, NameSpace, write_issuer_signed};
use crate::mso::KeyAuthorizations;
use crate::transcript::SessionTranscript;

/// Why elements cannot be presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// The mdoc does not hold a selected element (MD-31).
    #[error("a selected element is not in the mdoc")]
    NotHeld,
    /// The issuer did not authorise the device key to sign this element (MD-29, VP-T4).
    #[error("the device key is not authorised to sign this element")]
    NotAuthorised,
    /// A device-signed element is given twice or nested too deeply.
    #[error("a device-signed element is given twice or nested too deeply")]
    DeviceElement,
}

impl Refusal for SelectionError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotHeld => "mdoc_element_not_held",
            Self::NotAuthorised => "mdoc_device_element_not_authorised",
            Self::DeviceElement => "mdoc_device_element_invalid",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::NotHeld => "MD-31",
            Self::NotAuthorised | Self::DeviceElement => "MD-29",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::NotHeld | Self::DeviceElement => Blame::Application,
            Self::NotAuthorised => Blame::Verifier,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why a response was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PresentError {
    /// The signer's key is not the device key of the mdoc (MD-32).
    #[error("the key is not the one the mdoc is bound to")]
    WrongKey,
    /// The signer did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl Refusal for PresentError {
    fn code(&self) -> &'static str {
        match self {
            Self::WrongKey => "mdoc_wrong_device_key",
            Self::Sign(error) => error.code(),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::WrongKey => "MD-32",
            Self::Sign(error) => error.rule(),
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::WrongKey => Blame::Application,
            Self::Sign(error) => error.blame(),
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// What one presentation reveals: shown to the citizen first, then signed. What is shown is what is sent, because both come from here.
///
/// Beside [`claims`](Self::claims) every presentation reveals what the security object says: doctype, validity, device key, status
/// reference, the issuer's certificates, and how many elements the issuer signed.
///
/// No `Debug`: it holds claims.
#[derive(Clone)]
pub struct Disclosure {
    doc_type: String,
    name_spaces: Vec<NameSpace>,
    issuer_auth: IssuerAuth,
    device_key: PublicKey,
    authorizations: KeyAuthorizations,
    device_elements: Vec<(String, Vec<(String, ElementValue)>)>,
}

impl IssuerSigned {
    /// Selects the elements of a presentation, each as name space and element identifier; the order and repetitions do not matter.
    /// None at all is possible: the mdoc is then proved to be held, and no element is revealed (VP-D2).
    ///
    /// # Errors
    /// [`SelectionError::NotHeld`].
    pub fn select<'s>(
        &self,
        elements: impl IntoIterator<Item = (&'s str, &'s str)>,
    ) -> Result<Disclosure, SelectionError> {
        let wanted: std::collections::BTreeSet<_> = elements.into_iter().collect();
        let is_wanted = |name_space: &NameSpace, identifier: &str| {
            wanted.contains(&(name_space.name.as_str(), identifier))
        };
        let name_spaces: Vec<_> = self
            .name_spaces
            .iter()
            .map(|name_space| NameSpace {
                name: name_space.name.clone(),
                items: name_space
                    .items
                    .iter()
                    .filter(|item| is_wanted(name_space, &item.identifier))
                    .cloned()
                    .collect(),
            })
            .filter(|name_space| !name_space.items.is_empty())
            .collect();
        let found: usize = name_spaces.iter().map(|name_space| name_space.items.len()).sum();
        if found != wanted.len() {
            return Err(SelectionError::NotHeld);
        }
        Ok(Disclosure {
            doc_type: self.security_object.doc_type.clone(),
            name_spaces,
            issuer_auth: self.issuer_auth.clone(),
            device_key: self.security_object.device_key,
            authorizations: self.security_object.key_authorizations.clone(),
            device_elements: Vec::new(),
        })
    }
}

impl Disclosure {
    /// The issuer's elements that will be revealed, with their values.
    #[must_use]
    pub fn claims(&self) -> Claims {
        Claims::of(&self.name_spaces)
    }

    /// The elements that the device key will sign by itself: name space and identifier.
    pub fn device_elements(&self) -> impl Iterator<Item = (&str, &str)> {
        self.device_elements.iter().flat_map(|(name_space, elements)| {
            elements.iter().map(move |(element, _)| (name_space.as_str(), element.as_str()))
        })
    }

    /// Adds an element that only the device signs, such as confirmed transaction data (VP-T4).
    ///
    /// # Errors
    /// [`SelectionError::NotAuthorised`] unless the issuer's `keyAuthorizations` name it; [`SelectionError::DeviceElement`].
    pub fn with_device_element(
        mut self,
        name_space: &str,
        element: &str,
        value: ElementValue,
    ) -> Result<Self, SelectionError> {
        if !self.authorizations.allow(name_space, element) {
            return Err(SelectionError::NotAuthorised);
        }
        if value.nesting() > MAX_VALUE_NESTING
            || self.device_elements().any(|known| known == (name_space, element))
        {
            return Err(SelectionError::DeviceElement);
        }
        let element = (element.to_owned(), value);
        match self.device_elements.iter_mut().find(|(name, _)| name == name_space) {
            Some((_, elements)) => elements.push(element),
            None => self.device_elements.push((name_space.to_owned(), vec![element])),
        }
        Ok(self)
    }

    /// Signs, and makes the `DeviceResponse` with this one document (HA-9), as CBOR.
    ///
    /// # Errors
    /// [`PresentError`].
    pub fn respond(
        &self,
        transcript: &SessionTranscript,
        signer: &dyn Signer,
    ) -> Result<Vec<u8>, PresentError> {
        if signer.public_key() != self.device_key {
            return Err(PresentError::WrongKey);
        }
        let device_name_spaces = self.device_name_spaces_bytes();
        let to_sign = device_authentication_bytes(transcript, &self.doc_type, &device_name_spaces);
        let signature = Sign1Builder::new().sign_detached(signer, &to_sign, &[])?;

        let mut out = Vec::new();
        write::map(&mut out, 3);
        write::text(&mut out, "version");
        write::text(&mut out, "1.0");
        write::text(&mut out, "documents");
        write::array(&mut out, 1);
        write::map(&mut out, 3);
        write::text(&mut out, "docType");
        write::text(&mut out, &self.doc_type);
        write::text(&mut out, "issuerSigned");
        write_issuer_signed(&mut out, &self.name_spaces, &self.issuer_auth);
        write::text(&mut out, "deviceSigned");
        write::map(&mut out, 2);
        write::text(&mut out, "nameSpaces");
        out.extend_from_slice(&device_name_spaces);
        write::text(&mut out, "deviceAuth");
        write::map(&mut out, 1);
        write::text(&mut out, "deviceSignature");
        out.extend_from_slice(&signature.to_bytes());
        write::text(&mut out, "status");
        write::unsigned(&mut out, 0);
        Ok(out)
    }

    /// The same as a `vp_token` carries it (VP-H2): base64url without padding.
    ///
    /// # Errors
    /// [`PresentError`].
    pub fn respond_base64url(
        &self,
        transcript: &SessionTranscript,
        signer: &dyn Signer,
    ) -> Result<String, PresentError> {
        self.respond(transcript, signer).map(|bytes| base64url::encode(&bytes))
    }

    fn device_name_spaces_bytes(&self) -> Vec<u8> {
        let mut name_spaces = Vec::new();
        write::map(&mut name_spaces, self.device_elements.len());
        for (name_space, elements) in &self.device_elements {
            write::text(&mut name_spaces, name_space);
            write::map(&mut name_spaces, elements.len());
            for (element, value) in elements {
                write::text(&mut name_spaces, element);
                value.write(&mut name_spaces);
            }
        }
        let mut embedded = Vec::new();
        write::embedded(&mut embedded, &name_spaces);
        embedded
    }
}

/// `DeviceAuthenticationBytes`: tag 24 around `["DeviceAuthentication", SessionTranscript, DocType, DeviceNameSpacesBytes]`
/// (ISO/IEC 18013-5 9.1.3.4). `device_name_spaces` is the whole tagged item, byte for byte (MD-3).
pub(crate) fn device_authentication_bytes(
    transcript: &SessionTranscript,
    doc_type: &str,
    device_name_spaces: &[u8],
) -> Vec<u8> {
    let mut authentication = Vec::new();
    write::array(&mut authentication, 4);
    write::text(&mut authentication, "DeviceAuthentication");
    authentication.extend_from_slice(transcript.as_bytes());
    write::text(&mut authentication, doc_type);
    authentication.extend_from_slice(device_name_spaces);
    let mut embedded = Vec::new();
    write::embedded(&mut embedded, &authentication);
    embedded
}
