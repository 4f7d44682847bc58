//! What is approved together with a presentation (OpenID4VP 1.0 section 8.4; VP-T1 to VP-T4): the two transactions that this wallet can show
//! in full. What they mean is `civic::transaction`'s, how they are bound to the answer `openid4vp`'s.

use civic::transaction::{self as known, Transaction};
use openid4vp::TransactionType;
use openid4vp::holder::AuthenticatedRequest;
use primitives::{CivilDate, ClaimPath};
use serde_json::{Map, Value};
use vault::{CredentialFormat, HistoryItem};

use super::choice::type_ids;
use crate::held::Form;
use crate::view::{Acknowledgement, Approval};

/// The types; a request with any other is refused whole.
pub(crate) const TYPES: &[TransactionType] = &[
    TransactionType {
        name: known::PAYMENT,
        fits: is_payment,
        element: (known::NAME_SPACE, known::PAYMENT_ELEMENT),
    },
    TransactionType {
        name: known::SIGNATURE,
        fits: is_signature,
        element: (known::NAME_SPACE, known::SIGNATURE_ELEMENT),
    },
];

fn is_payment(members: &Map<String, Value>) -> bool {
    Transaction::read(known::PAYMENT, members).is_some()
}

fn is_signature(members: &Map<String, Value>) -> bool {
    Transaction::read(known::SIGNATURE, members).is_some()
}

/// The transactions of a request as the screen shows them, in its order. `None`: one of them cannot be shown, which a request that was
/// authenticated with [`TYPES`] never has.
pub(super) fn approvals(request: &AuthenticatedRequest, today: CivilDate) -> Option<Vec<Approval>> {
    let shown = |one: &openid4vp::Transaction| {
        let read = Transaction::read(one.type_name(), one.details())?;
        Some(match read {
            Transaction::Payment(payment) => Approval::Payment {
                payee: payment.payee.into(),
                title: payment.title.into(),
                notice_number: payment.notice_number,
                amount: payment.amount,
                overdue: payment.due < today,
                due: payment.due.to_string(),
            },
            Transaction::Signature(signature) => Approval::Signature {
                agency: signature.agency.into(),
                title: signature.title.into(),
                number: signature.number,
                statement: signature.statement.into(),
                digest: digits(&signature.digest),
            },
        })
    };
    request.transactions().iter().map(shown).collect()
}

/// Each kind of transaction takes a yes of its own: to give data is not to pay, nor to sign.
pub(super) fn acknowledgements(approvals: &[Approval]) -> Vec<Acknowledgement> {
    let mut kinds: Vec<Acknowledgement> = approvals
        .iter()
        .map(|approval| match approval {
            Approval::Payment { .. } => Acknowledgement::Payment,
            Approval::Signature { .. } => Acknowledgement::Signature,
        })
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// What the history says of them: that, and never what or how much.
pub(super) fn history_items(request: &AuthenticatedRequest) -> Vec<HistoryItem> {
    let item = |one: &openid4vp::Transaction| {
        let path = ClaimPath::of_names(["approved"]).ok()?;
        Some(HistoryItem { type_key: one.type_name().to_owned(), path })
    };
    request.transactions().iter().filter_map(item).collect()
}

/// Whether a paper in this form can answer although transactions are to be approved: a mobile document that is asked to carry one which its
/// issuer does not let the device sign is not offered (VP-T4).
pub(super) fn may_answer(request: &AuthenticatedRequest, form: &Form) -> bool {
    form.format != CredentialFormat::Mdoc
        || request.transactions().iter().all(|transaction| {
            let asked = transaction.credential_ids().iter().any(|id| {
                let query = request.query().credential(id.as_str());
                query.is_some_and(|query| {
                    query.format == dcql::Format::Mdoc && type_ids(query).contains(&form.type_id.as_str())
                })
            });
            let (name_space, element) = transaction.element();
            !asked || form.device_may_sign.allow(name_space, element)
        })
}

fn digits(digest: &[u8]) -> String {
    let groups: Vec<String> =
        digest.chunks(4).map(|group| group.iter().map(|byte| format!("{byte:02x}")).collect()).collect();
    groups.join(" ")
}
