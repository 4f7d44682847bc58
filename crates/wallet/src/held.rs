//! Papers as the application works with them: read from the vault, verified as of when they were received, kept in memory
//! while the wallet is unlocked and dropped when it locks.

use std::collections::BTreeMap;
use std::sync::Arc;

use civic::{Catalogue, PaperType};
use crypto::jws::UnverifiedJws;
use dcql::{CredentialType, Holding};
use mdoc::IssuerSigned;
use primitives::{CivilDate, ClaimPath, Instant, PathElement};
use sd_jwt_vc::{UnverifiedSdJwtVc, VcPolicy};
use serde_json::{Map, Value};
use trust::status::{StatusReference, VerifiedStatusList};
use trust::{AnchorStore, Issuer, TrustAnchor, VerifiedChain};
use vault::{CredentialFormat, Paper, PaperId, PaperState, VerifiedHistory};

use crate::app::Wallet;
use crate::error::WalletError;
use crate::history::BESIDE;

/// The vct or doctype, the claims and the trust of a paper in one of its formats.
pub(crate) struct Form {
    pub(crate) format: CredentialFormat,
    /// `vct` or document type.
    pub(crate) type_id: String,
    /// The claims as the format has them: what the query language is asked over.
    pub(crate) claims: Value,
    /// Key identifiers of the authorities in the issuer's chain (VP-D9).
    pub(crate) authority_key_ids: Vec<Vec<u8>>,
    /// Whether its copies are bound to keys of the holder.
    pub(crate) bound: bool,
    /// What the issuer lets the device of a mobile document sign by itself (VP-T4).
    pub(crate) device_may_sign: mdoc::KeyAuthorizations,
    /// Claims that go out with every presentation.
    pub(crate) always_disclosed: Vec<ClaimPath>,
    /// Places that have a disclosure of their own; of a mobile document every element has one.
    pub(crate) disclosable: Vec<ClaimPath>,
    pub(crate) status: Option<StatusReference>,
    /// Who signed it, by the name in the certificate (SV-8).
    pub(crate) signer: Option<String>,
    /// The anchor that vouched for it.
    pub(crate) anchor: TrustAnchor<Issuer>,
    pub(crate) valid_from: Option<Instant>,
    pub(crate) valid_until: Option<Instant>,
    /// Copies in this format, and those of them that were never used.
    pub(crate) copies: usize,
    pub(crate) unused_copies: usize,
}

/// A paper with what its copies say.
pub(crate) struct Held {
    pub(crate) paper: Paper,
    pub(crate) kind: Option<&'static PaperType>,
    /// The claims in the catalogue's shape, whatever the format.
    pub(crate) claims: Value,
    /// One for each format. Empty: the issuer's signature does not hold with the anchors in use.
    pub(crate) forms: Vec<Form>,
}

impl Held {
    pub(crate) fn signature_holds(&self) -> bool {
        !self.forms.is_empty()
    }

    /// Who signed it, by the name in the certificate.
    pub(crate) fn signed_by(&self) -> Option<&str> {
        self.forms.iter().find_map(|form| form.signer.as_deref())
    }

    /// The status references of its forms, each with the anchor whose word counts.
    pub(crate) fn statuses(&self) -> impl Iterator<Item = (&StatusReference, &TrustAnchor<Issuer>)> {
        self.forms.iter().filter_map(|form| Some((form.status.as_ref()?, &form.anchor)))
    }

    pub(crate) fn valid_from(&self) -> Option<Instant> {
        self.forms.iter().filter_map(|form| form.valid_from).max()
    }

    pub(crate) fn valid_until(&self) -> Option<Instant> {
        self.forms.iter().filter_map(|form| form.valid_until).min()
    }

    /// Whether it holds already; the issuer's clock may be a little ahead of ours.
    pub(crate) fn has_begun(&self, now: Instant) -> bool {
        self.valid_from().is_none_or(|from| from <= now + trust::CLOCK_LEEWAY_SECONDS)
    }

    /// Whether it holds no longer.
    pub(crate) fn has_ended(&self, now: Instant) -> bool {
        self.valid_until().is_some_and(|until| until <= now)
    }

    /// The first day on which it holds.
    pub(crate) fn first_day(&self) -> Option<CivilDate> {
        self.valid_from().map(CivilDate::of)
    }

    /// The last day on which it holds: what ends at midnight ended the day before.
    pub(crate) fn last_day(&self) -> Option<CivilDate> {
        self.valid_until().map(|until| CivilDate::of(until - 1))
    }

    pub(crate) fn key(&self) -> &str {
        self.kind.map_or(self.paper.type_key.as_str(), |kind| kind.key)
    }
}

fn signer_of(issuer: &VerifiedChain<Issuer>) -> Option<String> {
    issuer.leaf().display_name().map(str::to_owned)
}

impl Form {
    /// Its type, as an issuer is entitled to it.
    pub(crate) fn credential_type(&self) -> trust::CredentialType {
        match self.format {
            CredentialFormat::SdJwtVc => trust::CredentialType::sd_jwt_vc(self.type_id.as_str()),
            CredentialFormat::Mdoc => trust::CredentialType::mdoc(self.type_id.as_str()),
        }
    }

    /// The form as the query language sees it.
    pub(crate) fn holding<'a>(&'a self, id: &'a str) -> Holding<'a> {
        Holding {
            id,
            credential_type: match self.format {
                CredentialFormat::SdJwtVc => CredentialType::SdJwtVc { vct: &self.type_id },
                CredentialFormat::Mdoc => CredentialType::Mdoc { doctype: &self.type_id },
            },
            claims: &self.claims,
            authority_key_identifiers: &self.authority_key_ids,
            holder_binding: self.bound,
            always_disclosed: &self.always_disclosed,
        }
    }
}

/// Address of a status list, and hash of the anchor by whose word it counts.
pub(crate) type ListKey = (String, [u8; 32]);

/// What is kept in memory while the wallet is unlocked.
#[derive(Default)]
pub(crate) struct Shelves {
    papers: BTreeMap<PaperId, Arc<Held>>,
    /// Status lists by address and by the anchor under which they were verified: what one issuer signs says nothing of the
    /// papers of another.
    pub(crate) lists: BTreeMap<ListKey, Arc<(VerifiedStatusList, Instant)>>,
    /// How far the history was found whole since the unlock.
    pub(crate) verified_history: Option<VerifiedHistory>,
}

impl Shelves {
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn forget(&mut self, id: PaperId) {
        self.papers.remove(&id);
    }
}

/// The policy for SD-JWT VCs: that under which they are received (SV-8).
pub(crate) fn vc_policy() -> VcPolicy {
    VcPolicy::default()
}

impl Wallet {
    /// Every paper that is in use, in the order it was received.
    pub(crate) fn held_papers(&self) -> Result<Vec<Arc<Held>>, WalletError> {
        let papers = self.read(|transaction| transaction.papers())?;
        papers
            .into_iter()
            .filter(|paper| paper.state == PaperState::Ready)
            .map(|paper| self.held_of(paper))
            .collect()
    }

    /// One paper.
    pub(crate) fn held(&self, id: PaperId) -> Result<Arc<Held>, WalletError> {
        let paper = self.read(|transaction| transaction.paper(id))?;
        self.held_of(paper)
    }

    fn held_of(&self, paper: Paper) -> Result<Arc<Held>, WalletError> {
        let id = paper.id;
        let (epoch, anchors) = {
            let state = self.state();
            if let Some(held) = state.shelves.papers.get(&id).filter(|held| held.paper == paper) {
                return Ok(Arc::clone(held));
            }
            (state.epoch, Arc::clone(&state.anchors))
        };
        let copies = self.read(|transaction| transaction.copies(id))?;
        let mut forms = Vec::new();
        for format in paper.formats.iter() {
            let mut of_format = copies.iter().filter(|copy| copy.format == *format);
            let unused_copies = of_format.clone().filter(|copy| copy.used_count == 0).count();
            let count = of_format.clone().count();
            let form = of_format.next().and_then(|copy| {
                read_form(*format, copy.credential.expose(), &anchors.issuers, paper.received_at)
            });
            forms.extend(form.map(|form| Form { copies: count, unused_copies, ..form }));
        }
        let kind = Catalogue.by_key(&paper.type_key);
        let claims = forms.first().map_or(Value::Null, |form| catalogue_claims(kind, form));
        let held = Arc::new(Held { paper, kind, claims, forms });
        let mut state = self.state();
        // A lock or another trust list in between dropped what was in memory; it stays dropped.
        if state.epoch == epoch && Arc::ptr_eq(&state.anchors, &anchors) {
            state.shelves.papers.insert(id, Arc::clone(&held));
        }
        Ok(held)
    }
}

/// Reads and verifies a stored credential as of when it was taken in; `None` if it does not hold.
pub(crate) fn read_form(
    format: CredentialFormat,
    credential: &[u8],
    issuers: &AnchorStore<Issuer>,
    at: Instant,
) -> Option<Form> {
    match format {
        CredentialFormat::SdJwtVc => {
            let text = std::str::from_utf8(credential).ok()?;
            let verified = UnverifiedSdJwtVc::parse(text).ok()?.verify(issuers, at, &vc_policy()).ok()?;
            let validity = verified.validity();
            Some(Form {
                format,
                type_id: verified.vct().to_owned(),
                authority_key_ids: verified.issuer().chain().authority_key_ids(),
                bound: verified.holder_key().is_some(),
                device_may_sign: mdoc::KeyAuthorizations::default(),
                always_disclosed: with_beside(always_disclosed(&verified), header_says_more(text)),
                disclosable: verified.sd_jwt().disclosable_paths(),
                status: verified.status().cloned(),
                signer: signer_of(verified.issuer()),
                anchor: verified.issuer().anchor().clone(),
                valid_from: validity.not_before,
                valid_until: validity.expires,
                copies: 1,
                unused_copies: 0,
                claims: verified.claims().clone(),
            })
        }
        CredentialFormat::Mdoc => {
            let text = std::str::from_utf8(credential).ok()?;
            let issued = IssuerSigned::parse_base64url(text).ok()?;
            let doctype = issued.unverified_security_object().doc_type.clone();
            let device_may_sign = issued.unverified_security_object().key_authorizations.clone();
            let verified = issued.verify(&doctype, issuers, at).ok()?;
            let validity = verified.validity();
            let says_more = verified.says_more() || !may_sign_transactions_only(&device_may_sign);
            Some(Form {
                format,
                type_id: doctype,
                authority_key_ids: verified.issuer().chain().authority_key_ids(),
                bound: true,
                device_may_sign,
                always_disclosed: with_beside(Vec::new(), says_more),
                disclosable: Vec::new(),
                status: verified.status().cloned(),
                signer: signer_of(verified.issuer()),
                anchor: verified.issuer().anchor().clone(),
                valid_from: Some(validity.valid_from),
                valid_until: Some(validity.valid_until),
                copies: 1,
                unused_copies: 0,
                claims: verified.claims().into_json(),
            })
        }
    }
}

impl Form {
    /// What a person has to be told when this claim leaves: the claim itself or, where its issuer put others into the same disclosure, the
    /// place of that disclosure, for then they leave with it (SJ-23).
    pub(crate) fn told_with(&self, path: &ClaimPath) -> ClaimPath {
        let opened = self.disclosable.iter().filter(|place| path.starts_with(place));
        opened
            .filter(|place| {
                let whole = place.select(&self.claims).ok();
                let mut here = place.elements().to_vec();
                whole
                    .and_then(|found| found.first().copied())
                    .is_some_and(|it| self.tells_more(it, &mut here, path))
            })
            .min_by_key(|place| place.elements().len())
            .unwrap_or(path)
            .clone()
    }

    /// Whether anything at `here` leaves beside `path`: what is neither part of it nor kept back by a disclosure of its own.
    fn tells_more(&self, value: &Value, here: &mut Vec<PathElement>, path: &ClaimPath) -> bool {
        let is_on_the_way = path.elements().starts_with(here);
        let kept_back = |place: &ClaimPath| place.elements() == here.as_slice();
        if here.starts_with(path.elements()) || (!is_on_the_way && self.disclosable.iter().any(kept_back)) {
            return false;
        }
        let mut child = |step: PathElement, value: &Value| {
            here.push(step);
            let more = self.tells_more(value, here, path);
            here.pop();
            more
        };
        match value {
            Value::Object(members) if is_on_the_way || !members.is_empty() => {
                members.iter().any(|(name, value)| child(PathElement::Name(name.clone()), value))
            }
            Value::Array(elements) if is_on_the_way || !elements.is_empty() => {
                (0_u32..).zip(elements).any(|(at, value)| child(PathElement::Index(at), value))
            }
            _ => true,
        }
    }
}

impl Held {
    /// The form that a holding stands for, and what of it a person is told when these claims leave.
    pub(crate) fn told(&self, holding: &str, paths: Vec<ClaimPath>) -> Vec<ClaimPath> {
        let form = self.forms.iter().find(|form| holding.ends_with(form.format.as_str()));
        let mut told: Vec<ClaimPath> = Vec::new();
        for path in paths {
            let path = form.map_or_else(|| path.clone(), |form| form.told_with(&path));
            if !told.contains(&path) {
                told.push(path);
            }
        }
        told
    }
}

/// Claims of the protocol's own. `sub` is among them and says who somebody is.
const PROTOCOL_CLAIMS: [&str; 10] =
    ["iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status", "_sd_alg", "sub"];

/// Whether a claim that no issuer may keep back says what the protocol needs and nothing beside it: then there is nothing that a person would
/// have to be told. Whatever else stands in it, as a name in the JWK, is told like any claim that every presentation shows.
fn is_only_protocol(name: &str, value: &Value) -> bool {
    let members = |value: &Value, known: &[&str]| {
        value.as_object().is_some_and(|members| members.keys().all(|name| known.contains(&name.as_str())))
    };
    match name {
        "iat" | "nbf" | "exp" => value.is_number(),
        "iss" | "vct" | "vct#integrity" | "_sd_alg" => value.is_string(),
        "cnf" => {
            let jwk = value.get("jwk").filter(|_| members(value, &["jwk"]));
            jwk.is_some_and(|jwk| {
                members(jwk, &["kty", "crv", "x", "y", "alg", "use", "kid"]) && is_its_own_name(jwk)
            })
        }
        "status" => {
            let list = value.get("status_list").filter(|_| members(value, &["status_list"]));
            list.is_some_and(|list| members(list, &["idx", "uri"]))
        }
        _ => false,
    }
}

/// A key is named after itself or not at all (RFC 7638).
fn is_its_own_name(jwk: &Value) -> bool {
    jwk.get("kid").is_none_or(|kid| {
        crypto::jwk::PublicJwk::from_value(jwk)
            .is_ok_and(|jwk| kid.as_str() == Some(&jwk.thumbprint_base64url()))
    })
}

/// The claims that every presentation shows, as far as a person should be told of them: whole where nothing of them can be kept
/// back, else part by part. An object or list whose parts are all kept back shows nothing by itself.
fn always_disclosed(credential: &sd_jwt_vc::VerifiedSdJwtVc) -> Vec<ClaimPath> {
    let Ok(nothing) = credential.select(&[]) else { return Vec::new() };
    let kept_back = credential.sd_jwt().disclosable_paths();
    let holds_kept_back =
        |path: &ClaimPath| kept_back.iter().any(|place| place.elements().starts_with(path.elements()));
    let mut told = Vec::new();
    for revealed in nothing.revealed() {
        let Some(PathElement::Name(name)) = revealed.path.elements().first() else { continue };
        let whole = ClaimPath::top_level(name.as_str());
        if PROTOCOL_CLAIMS.contains(&name.as_str()) {
            let shown = credential.claims().get(name).is_some_and(|value| is_only_protocol(name, value));
            if !shown && !told.contains(&whole) {
                told.push(whole);
            }
            continue;
        }
        let path = match (holds_kept_back(&whole), holds_kept_back(&revealed.path)) {
            (false, _) => whole,
            (true, false) => revealed.path,
            (true, true) => continue,
        };
        if !told.contains(&path) {
            told.push(path);
        }
    }
    told
}

/// The members of a JOSE header that verifying needs. `kid` is the issuer's name for its key, as `iss` is that for itself.
const HEADER_MEMBERS: [&str; 4] = ["alg", "typ", "x5c", "kid"];

/// Whether the issuer wrote something of its own into the header of an SD-JWT, which goes out with every presentation as it is.
fn header_says_more(text: &str) -> bool {
    let issuer_signed = text.split('~').next().unwrap_or_default();
    UnverifiedJws::parse(issuer_signed).map_or(true, |jws| {
        let mut members = jws.header().members().iter();
        members.any(|(name, value)| {
            !HEADER_MEMBERS.contains(&name.as_str()) || (name == "kid" && !value.is_string())
        })
    })
}

/// Whether a device may sign what this wallet knows it for, and nothing that somebody could be told by.
fn may_sign_transactions_only(device: &mdoc::KeyAuthorizations) -> bool {
    use civic::transaction::{NAME_SPACE, PAYMENT_ELEMENT, SIGNATURE_ELEMENT};
    let known = [PAYMENT_ELEMENT, SIGNATURE_ELEMENT];
    device.name_spaces.iter().all(|name| name == NAME_SPACE)
        && device.data_elements.iter().all(|(name, elements)| {
            name == NAME_SPACE && elements.iter().all(|element| known.contains(&element.as_str()))
        })
}

/// What goes out with every presentation, and with it that the issuer wrote more beside the claims than verifying needs.
fn with_beside(mut told: Vec<ClaimPath>, says_more: bool) -> Vec<ClaimPath> {
    if says_more {
        told.push(ClaimPath::top_level(BESIDE));
    }
    told
}

/// The claims of a form in the catalogue's shape. Elements of a mobile document stand under the paths they are joined of.
pub(crate) fn catalogue_claims(kind: Option<&'static PaperType>, form: &Form) -> Value {
    match (form.format, kind) {
        (CredentialFormat::SdJwtVc, _) => {
            let mut claims = form.claims.clone();
            if let Some(members) = claims.as_object_mut() {
                PROTOCOL_CLAIMS.iter().for_each(|name| {
                    members.shift_remove(*name);
                });
            }
            claims
        }
        (CredentialFormat::Mdoc, Some(kind)) => {
            let mut claims = Map::new();
            let elements =
                form.claims.as_object().into_iter().flat_map(Map::values).filter_map(Value::as_object);
            for (element, value) in elements.flatten() {
                if let Some(claim) = kind.claim_of_element(element) {
                    insert_at(&mut claims, claim.path, element_value(claim.kind, value));
                }
            }
            Value::Object(claims)
        }
        (CredentialFormat::Mdoc, None) => form.claims.clone(),
    }
}

/// A picture is bytes in a mobile document and a `data:` address in the catalogue.
pub(crate) fn element_value(kind: civic::Kind, value: &Value) -> Value {
    match (kind, value) {
        (civic::Kind::Picture, Value::String(base64url)) => {
            primitives::base64url::decode(base64url).map_or(Value::Null, |bytes| {
                Value::String(format!(
                    "data:image/jpeg;base64,{}",
                    primitives::base64url::encode_standard(&bytes)
                ))
            })
        }
        _ => value.clone(),
    }
}

fn insert_at(claims: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [name] => {
            claims.insert((*name).to_owned(), value);
        }
        [name, rest @ ..] => {
            let inner = claims.entry((*name).to_owned()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert_at(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
