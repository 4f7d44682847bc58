//! 고지서: notices. The parts, both amounts and the dates of a notice are visible to whoever it is shown to; who it is
//! for and the numbers to pay with are the holder's to disclose.

use super::{ClaimType, Group, Kind, PaperType, Shelf, Silhouette, claim, words};

const TITLE: ClaimType = claim(&["title"], "고지서", "Notice", Kind::Text, Group::Content).always();
const PAYER: ClaimType = claim(&["payer"], "납부자", "Payer", Kind::Text, Group::Person);
const PERIOD: ClaimType = claim(&["period"], "귀속", "Period", Kind::Text, Group::Period);
const COMPONENTS: ClaimType =
    claim(&["components"], "금액의 구성", "Parts of the amount", Kind::Rows, Group::Money).always();
const IN_DUE: ClaimType =
    claim(&["amountInDue"], "납기 안 금액", "Amount by the due date", Kind::Won, Group::Money).always();
const AFTER_DUE: ClaimType =
    claim(&["amountAfterDue"], "납기 뒤 금액", "Amount after the due date", Kind::Won, Group::Money).always();
const DUE: ClaimType = claim(&["due"], "납기", "Due date", Kind::Date, Group::Period).always();
const RULE: ClaimType =
    claim(&["lateRule"], "가산금 규칙", "Late charge rule", Kind::Text, Group::Reference).always();
const E_PAY: ClaimType =
    claim(&["ePayNumber"], "전자납부번호", "Electronic payment number", Kind::Text, Group::Reference);
const GIRO: ClaimType = claim(&["giroNumber"], "지로번호", "Giro number", Kind::Text, Group::Reference);
const ACCOUNTS: ClaimType =
    claim(&["virtualAccounts"], "가상계좌", "Virtual accounts", Kind::Rows, Group::Reference);
const OBJECT: ClaimType = claim(&["taxObject"], "과세대상", "Object", Kind::Text, Group::Content).masked();
const AUTO_DEBIT: ClaimType =
    claim(&["autoDebit"], "자동이체", "Direct debit", Kind::Boolean, Group::Money).always();
const PAID_ON: ClaimType = claim(&["paidOn"], "낸 날", "Paid on", Kind::Date, Group::Period);
const RECEIPT: ClaimType =
    claim(&["receiptNumber"], "영수 번호", "Receipt number", Kind::Text, Group::Reference);

pub(super) const TYPES: &[PaperType] = &[
    PaperType {
        key: "LocalTaxNotice",
        shelf: Shelf::Notices,
        silhouette: Silhouette::Slip,
        name: words("지방세 고지서", "Local tax notice"),
        vct: "urn:nuri-demo:LocalTaxNotice:1",
        mobile_document: None,
        claims: &[
            TITLE,
            PAYER,
            PERIOD,
            OBJECT,
            claim(&["taxBase"], "과세표준", "Tax base", Kind::Text, Group::Content),
            COMPONENTS,
            IN_DUE,
            AFTER_DUE,
            DUE,
            AUTO_DEBIT,
            RULE,
            claim(&["blocks"], "안 내면 막히는 것", "What an arrear blocks", Kind::TextList, Group::Content),
            E_PAY,
            GIRO,
            ACCOUNTS,
            PAID_ON,
            RECEIPT,
        ],
        telling: Some(&["title"]),
        face: &[],
    },
    PaperType {
        key: "NationalTaxNotice",
        shelf: Shelf::Notices,
        silhouette: Silhouette::Slip,
        name: words("국세 고지서", "National tax notice"),
        vct: "urn:nuri-demo:NationalTaxNotice:1",
        mobile_document: None,
        claims: &[
            TITLE, PAYER, PERIOD, COMPONENTS, IN_DUE, AFTER_DUE, DUE, AUTO_DEBIT, RULE, E_PAY, PAID_ON,
            RECEIPT,
        ],
        telling: Some(&["title"]),
        face: &[],
    },
    PaperType {
        key: "SocialInsuranceNotice",
        shelf: Shelf::Notices,
        silhouette: Silhouette::Slip,
        name: words("사회보험료 고지서", "Social insurance notice"),
        vct: "urn:nuri-demo:SocialInsuranceNotice:1",
        mobile_document: None,
        claims: &[
            TITLE, PAYER, PERIOD, COMPONENTS, IN_DUE, AFTER_DUE, DUE, AUTO_DEBIT, RULE, E_PAY, PAID_ON,
            RECEIPT,
        ],
        telling: Some(&["title"]),
        face: &[],
    },
    PaperType {
        key: "UtilityBill",
        shelf: Shelf::Notices,
        silhouette: Silhouette::Slip,
        name: words("공공요금 고지서", "Utility bill"),
        vct: "urn:nuri-demo:UtilityBill:1",
        mobile_document: None,
        claims: &[
            TITLE,
            PAYER,
            PERIOD,
            claim(&["customerNumber"], "수용가번호", "Customer number", Kind::Text, Group::Reference),
            COMPONENTS,
            IN_DUE,
            AFTER_DUE,
            DUE,
            AUTO_DEBIT,
            RULE,
            E_PAY,
            PAID_ON,
            RECEIPT,
        ],
        telling: Some(&["title"]),
        face: &[],
    },
    PaperType {
        key: "FinePriorNotice",
        shelf: Shelf::Notices,
        silhouette: Silhouette::Slip,
        name: words("과태료 사전통지서", "Prior notice of a fine"),
        vct: "urn:nuri-demo:FinePriorNotice:1",
        mobile_document: None,
        claims: &[
            TITLE,
            PAYER,
            claim(&["violation"], "위반 내용", "Violation", Kind::Text, Group::Content),
            OBJECT,
            claim(&["baseAmount"], "과태료", "Fine", Kind::Won, Group::Money).always(),
            claim(&["options"], "줄이는 길", "Ways to lower it", Kind::Rows, Group::Money).always(),
            claim(
                &["opinionDeadline"],
                "의견제출 기한",
                "Deadline for an opinion",
                Kind::Date,
                Group::Period,
            )
            .always(),
            RULE,
            E_PAY,
            PAID_ON,
            RECEIPT,
        ],
        telling: Some(&["title"]),
        face: &[],
    },
];
