//! Two verifiers that ask for more than papers: one to have a notice paid, one to have an application signed (VP-T1). They are the
//! program's own and stand beside those of the data.

use std::sync::Arc;

use civic::notice::Notice;
use civic::transaction::{self, Payment, Signature, Transaction};
use openid4vp::TransactionType;
use primitives::LocalizedText;
use serde_json::{Map, Value, json};
use verifier::{Approval, Approvals, Observer, Outcome};

use crate::error::GovernmentError;
use crate::world::World;

const PAY: &str = "v-pay";
const APPLY: &str = "v-apply";
/// The first of those that are bad on purpose; they stay last.
const FIRST_BAD: &str = "v-bad1";

/// The types that are asked for here.
pub(crate) const TYPES: &[TransactionType] = &[
    TransactionType {
        name: transaction::PAYMENT,
        fits: is_payment,
        element: (transaction::NAME_SPACE, transaction::PAYMENT_ELEMENT),
    },
    TransactionType {
        name: transaction::SIGNATURE,
        fits: is_signature,
        element: (transaction::NAME_SPACE, transaction::SIGNATURE_ELEMENT),
    },
];

fn is_payment(members: &Map<String, Value>) -> bool {
    Transaction::read(transaction::PAYMENT, members).is_some()
}

fn is_signature(members: &Map<String, Value>) -> bool {
    Transaction::read(transaction::SIGNATURE, members).is_some()
}

/// Puts the two among the verifiers of the data.
pub(crate) fn add_to(verifiers: &mut Vec<Value>) -> Result<(), GovernmentError> {
    let is_bad = |one: &Value| one.get("id").is_some_and(|id| id == FIRST_BAD);
    let place = verifiers.iter().position(is_bad).ok_or(GovernmentError::Data)?;
    let both = [
        json!({
            "id": PAY, "ko": "가람시(시연) 세금 납부", "purpose": "지방세 고지서 납부",
            "ask": { "MobileResidentCard": ["name"], "LocalTaxNotice": ["payer"] },
            "optional": {}, "retention": "납부 뒤 5년", "basis": "납부자 동의",
        }),
        json!({
            "id": APPLY, "ko": "누리국토부(시연) 신청", "purpose": "신청서 서명",
            "ask": { "MobileResidentCard": ["name", "birth"] },
            "optional": {}, "retention": "처분 뒤 5년", "basis": "신청인 동의",
        }),
    ];
    verifiers.splice(place..place, both);
    Ok(())
}

/// The number of the notice that is paid.
const NOTICE_NUMBER: &str = "99999-1-26-01-000001012";

/// What happens at the payment desk when somebody approved: the notice is paid, since no bank stands behind the demonstration. Nobody is told here whether it
/// could be written down; the console shows where the notice stands.
pub(crate) fn payment(verifier: &str, world: &Arc<World>) -> Option<Observer> {
    if verifier != PAY {
        return None;
    }
    let world = Arc::clone(world);
    Some(Arc::new(move |_, verdict| {
        let confirmed = matches!(verdict.outcome, Outcome::Confirmed | Outcome::ConfirmedWeak);
        if confirmed && !verdict.approved.is_empty() {
            let _ = world.pay(NOTICE_NUMBER);
        }
    }))
}

/// What a verifier asks to have approved, said anew for each request: the notice's dates are reckoned from the day, and a desk stands
/// past midnight. `None` for the others.
///
/// # Errors
/// [`GovernmentError::Data`] where it cannot be said today either.
pub(crate) fn asked(verifier: &str, world: &Arc<World>) -> Result<Option<Approvals>, GovernmentError> {
    if of(verifier, world)?.is_empty() {
        return Ok(None);
    }
    let (verifier, world) = (verifier.to_owned(), Arc::clone(world));
    Ok(Some(Arc::new(move || of(&verifier, &world).ok())))
}

/// What a verifier asks to have approved, as of today; nothing for the others. What is to be paid is what the notice says: its amount of
/// today, its own due date.
fn of(verifier: &str, world: &World) -> Result<Vec<Approval>, GovernmentError> {
    let text = |ko: &str, en: &str| LocalizedText::new(ko, en);
    let approval = match verifier {
        PAY => {
            let claims = world.notice(NOTICE_NUMBER)?.claims().clone();
            let notice = Notice::read(&Value::Object(claims));
            Transaction::Payment(Payment {
                payee: text("가람시(시연)", "Garam City (demo)"),
                title: text("주민세(개인분)", "Resident tax (individual)"),
                notice_number: NOTICE_NUMBER.to_owned(),
                amount: notice.amount_on(world.today()).ok_or(GovernmentError::Data)?,
                due: notice.due.ok_or(GovernmentError::Data)?,
            })
        }
        APPLY => {
            let statement = text(
                "적은 내용이 사실임을 확인하고 청년 월세 디딤돌을 신청합니다. (시연용, 법적 효력 없음)",
                "I confirm that what I wrote is true and apply for the youth rent support. (demo, no legal effect)",
            );
            Transaction::Signature(Signature {
                agency: text("누리국토부(시연)", "Nuri Land Ministry (demo)"),
                title: text("청년 월세 디딤돌 신청서", "Application for the youth rent support"),
                number: "DEMO-2026-000001".to_owned(),
                digest: crypto::sha256(statement.ko.as_bytes()),
                statement,
            })
        }
        _ => return Ok(Vec::new()),
    };
    let kind = TYPES.iter().find(|kind| kind.name == approval.type_name()).ok_or(GovernmentError::Data)?;
    let title = match &approval {
        Transaction::Payment(payment) => payment.title.clone(),
        Transaction::Signature(signature) => signature.title.clone(),
    };
    Ok(vec![Approval {
        kind: *kind,
        queries: vec!["MobileResidentCard".to_owned()],
        details: approval.to_members(),
        title,
    }])
}
