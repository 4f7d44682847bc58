//! A verifier that is who it says and asks for more than it registered (VP-R13): a parcel locker that wants a birthday with the name. A wallet
//! marks what is beyond the registration, item by item, and lets it go only with a yes of its own.

use serde_json::{Value, json};

use crate::error::GovernmentError;

/// The verifier.
pub(super) const PARCEL: &str = "v-parcel";
/// What it registered of the paper that it asks for.
pub(super) const REGISTERED: &[&str] = &["name", "phone"];
/// The one that it stands before.
const NEXT: &str = "v-bad1";

/// Puts it among the verifiers, first of those that are bad on purpose.
pub(crate) fn add_to(verifiers: &mut Vec<Value>) -> Result<(), GovernmentError> {
    let place = verifiers.iter().position(|one| one.get("id").is_some_and(|id| id == NEXT));
    let parcel = json!({
        "id": PARCEL, "ko": "가상택배(시연) 보관함", "purpose": "본인에게 물건 내주기",
        "ask": { "MobileResidentCard": ["name", "phone", "birth"] },
        "optional": {}, "retention": "내준 뒤 30일", "basis": "받는 사람 동의",
    });
    verifiers.insert(place.ok_or(GovernmentError::Data)?, parcel);
    Ok(())
}
