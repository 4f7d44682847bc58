//! What an mdoc shows in every presentation beside the elements that were chosen (ISO/IEC 18013-5 9.1.2.4): `issuerAuth`, whole. Whatever its
//! issuer wrote there that nobody needs to verify it, every reader gets.

use crypto::cose::{ALG, X5CHAIN};

use crate::cbor::{Item, STRUCTURE_BOUNDS};
use crate::issuer_auth::IssuerAuth;

/// The longest `version` that says no more than a version, in bytes.
const VERSION_BYTES: usize = 4;
/// `kty`, `alg`, `crv`, `x` and `y` of a COSE_Key (RFC 9052 section 7.1, RFC 9053 section 7.1.1).
const KEY_LABELS: [i128; 5] = [1, 3, -1, -2, -3];
const KEY_ALG: i128 = 3;

/// Whether `issuerAuth` holds anything but what verifying needs: the algorithm and the certificates, and of the security object the members of
/// the standard, with no more in the device key than the key. Which elements the device may sign stands there too and is judged by who
/// knows them: [`KeyAuthorizations`](crate::KeyAuthorizations).
pub(crate) fn says_more(auth: &IssuerAuth) -> bool {
    !auth.has_only_headers(&[ALG], &[X5CHAIN]) || has_only_the_standard(auth.payload()).is_none()
}

fn has_only_the_standard(payload: &[u8]) -> Option<()> {
    const OBJECT: &[&str] =
        &["version", "digestAlgorithm", "valueDigests", "deviceKeyInfo", "docType", "validityInfo", "status"];
    let embedded = Item::parse(payload, STRUCTURE_BOUNDS).ok()?;
    let object = Item::parse(embedded.as_embedded()?, STRUCTURE_BOUNDS).ok()?;
    only(&object, OBJECT)?;
    (object.member("version")?.as_text()?.len() <= VERSION_BYTES).then_some(())?;
    let key_info = object.member("deviceKeyInfo")?;
    only(key_info, &["deviceKey", "keyAuthorizations"])?;
    if let Some(authorizations) = key_info.member("keyAuthorizations") {
        only(authorizations, &["nameSpaces", "dataElements"])?;
    }
    for (label, value) in key_info.member("deviceKey")?.as_map()? {
        let label = label.as_integer().filter(|label| KEY_LABELS.contains(label))?;
        (label != KEY_ALG || value.as_integer().is_some()).then_some(())?;
    }
    only(object.member("validityInfo")?, &["signed", "validFrom", "validUntil", "expectedUpdate"])?;
    if let Some(status) = object.member("status") {
        only(status, &["status_list"])?;
        only(status.member("status_list")?, &["idx", "uri"])?;
    }
    Some(())
}

/// Nothing beside these members.
fn only(map: &Item<'_>, known: &[&str]) -> Option<()> {
    let is_known = |key: &Item<'_>| key.as_text().is_some_and(|name| known.contains(&name));
    map.as_map()?.iter().all(|(key, _)| is_known(key)).then_some(())
}
