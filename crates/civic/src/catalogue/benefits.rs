//! 지원금: vouchers and decisions.

use super::{ClaimType, Group, Kind, PaperType, Shelf, Silhouette, claim, words};

const TITLE: ClaimType = claim(&["title"], "이름", "Title", Kind::Text, Group::Content).always();
const NAME: ClaimType = claim(&["name"], "받는 사람", "For", Kind::Text, Group::Person);

pub(super) const TYPES: &[PaperType] = &[
    PaperType {
        key: "Voucher",
        shelf: Shelf::Benefits,
        silhouette: Silhouette::Ticket,
        name: words("이용권", "Voucher"),
        vct: "urn:nuri-demo:Voucher:1",
        mobile_document: None,
        claims: &[
            TITLE,
            NAME,
            claim(&["granted"], "받은 금액", "Granted", Kind::Won, Group::Money),
            claim(&["used"], "쓴 금액", "Used", Kind::Won, Group::Money),
            claim(&["balance"], "남은 금액", "Balance", Kind::Won, Group::Money),
            claim(&["validFrom"], "쓸 수 있는 날부터", "Usable from", Kind::Date, Group::Period),
            claim(&["validUntil"], "쓸 수 있는 날까지", "Usable until", Kind::Date, Group::Period),
            claim(&["usableFor"], "쓰는 곳", "Kinds of shop", Kind::TextList, Group::Content),
            claim(&["usableRegion"], "쓰는 지역", "Region", Kind::Text, Group::Content),
            claim(&["uses"], "쓴 기록", "Uses", Kind::Rows, Group::Content).masked(),
        ],
        telling: Some(&["title"]),
        face: &[],
    },
    PaperType {
        key: "BenefitDecision",
        shelf: Shelf::Benefits,
        silhouette: Silhouette::Sheet,
        name: words("지원 결정 통지", "Benefit decision"),
        vct: "urn:nuri-demo:BenefitDecision:1",
        mobile_document: None,
        claims: &[
            TITLE,
            NAME,
            claim(&["amount"], "금액", "Amount", Kind::Won, Group::Money),
            claim(&["per"], "단위", "Per", Kind::Text, Group::Money),
            claim(&["decided"], "결정한 날", "Decided on", Kind::Date, Group::Period),
            claim(&["nextPayment"], "다음 받는 날", "Next payment", Kind::Date, Group::Period),
            claim(&["validUntil"], "끝나는 날", "Until", Kind::Date, Group::Period),
        ],
        telling: Some(&["title"]),
        face: &[],
    },
];
