//! What the data do not say of the verifiers: the English of their five lines, what refusing means, and which form of the protocol each
//! uses, so that every form is met once.

/// How a verifier says who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    /// `x509_hash:`.
    Hash,
    /// `x509_san_dns:`.
    Name,
    /// `redirect_uri:`, unsigned.
    Unsigned,
}

/// One verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Statements {
    pub(crate) id: &'static str,
    pub(crate) name_en: &'static str,
    pub(crate) purpose_en: &'static str,
    pub(crate) retention_en: &'static str,
    /// `None`: there is none, and the registration says so.
    pub(crate) basis_en: Option<&'static str>,
    pub(crate) refusal_ko: &'static str,
    pub(crate) refusal_en: &'static str,
    pub(crate) client: Client,
    pub(crate) encrypted: bool,
    pub(crate) request_by_post: bool,
    /// Whether a mobile document answers as well.
    pub(crate) mobile_document: bool,
}

const PLAIN: Statements = Statements {
    id: "",
    name_en: "",
    purpose_en: "",
    retention_en: "",
    basis_en: None,
    refusal_ko: "",
    refusal_en: "",
    client: Client::Hash,
    encrypted: true,
    request_by_post: false,
    mobile_document: false,
};

const ALL: &[Statements] = &[
    Statements {
        id: "v-store",
        name_en: "Virtual Convenience Store (demo)",
        purpose_en: "Proof of adulthood",
        retention_en: "Not kept",
        basis_en: Some("Protection of minors"),
        refusal_ko: "주류와 담배를 살 수 없습니다. 다른 물건은 살 수 있습니다.",
        refusal_en: "No alcohol or tobacco is sold to you. Everything else is.",
        mobile_document: true,
        ..PLAIN
    },
    Statements {
        id: "v-air",
        name_en: "Virtual Airport, domestic (demo)",
        purpose_en: "Identity of the passenger",
        retention_en: "Not kept",
        basis_en: Some("Aviation security"),
        refusal_ko: "유인 창구에서 실물 신분증을 보이면 됩니다.",
        refusal_en: "You may show a physical card at the desk instead.",
        client: Client::Name,
        request_by_post: true,
        mobile_document: true,
        ..PLAIN
    },
    Statements {
        id: "v-clinic",
        name_en: "Virtual Clinic (demo)",
        purpose_en: "Identity at the reception of a clinic",
        retention_en: "As long as medical records are to be kept",
        basis_en: Some("Identity check for health insurance"),
        refusal_ko: "건강보험을 적용받지 못할 수 있습니다. 보훈번호는 내지 않아도 진료받을 수 있습니다.",
        refusal_en: "Health insurance may not apply. Without the veteran number you are treated all the same.",
        request_by_post: true,
        ..PLAIN
    },
    Statements {
        id: "v-fine",
        name_en: "Garam City, Traffic (demo)",
        purpose_en: "Opinion for the reduction of a fine",
        retention_en: "Five years after the decision is final",
        basis_en: Some("Reduction of administrative fines"),
        refusal_ko: "감경 없이 과태료가 정해집니다. 의견은 따로 낼 수 있습니다.",
        refusal_en: "The fine is set without reduction. An opinion can still be given otherwise.",
        client: Client::Name,
        ..PLAIN
    },
    Statements {
        id: "v-rent",
        name_en: "Nuri Land Ministry (demo)",
        purpose_en: "Application for the youth rent support",
        retention_en: "Five years after the last payment",
        basis_en: Some("Consent of the applicant"),
        refusal_ko: "신청이 접수되지 않습니다. 서류를 창구에 낼 수도 있습니다.",
        refusal_en: "The application is not accepted online. The papers can be handed in at an office.",
        request_by_post: true,
        ..PLAIN
    },
    Statements {
        id: "v-loan",
        name_en: "Garam City, Small Business (demo)",
        purpose_en: "Loan for restaurants",
        retention_en: "Five years after repayment",
        basis_en: Some("Consent of the applicant"),
        refusal_ko: "융자를 신청할 수 없습니다.",
        refusal_en: "The loan cannot be applied for.",
        ..PLAIN
    },
    Statements {
        id: "v-petition",
        name_en: "Garam City, Petitions (demo)",
        purpose_en: "Support of a petition, one per person",
        retention_en: "Deleted when the petition ends",
        basis_en: Some("Consent of the applicant"),
        refusal_ko: "청원에 동의할 수 없습니다. 다른 불이익은 없습니다.",
        refusal_en: "You cannot support the petition. Nothing else follows.",
        client: Client::Unsigned,
        ..PLAIN
    },
    Statements {
        id: "v-library",
        name_en: "Garam City Library (demo)",
        purpose_en: "Membership card",
        retention_en: "Until membership ends",
        basis_en: Some("Consent of the applicant"),
        refusal_ko: "회원증을 받지 못합니다. 책은 도서관 안에서 읽을 수 있습니다.",
        refusal_en: "No membership card. Books can be read in the library.",
        client: Client::Name,
        ..PLAIN
    },
    Statements {
        id: "v-metro",
        name_en: "Virtual Railway (demo)",
        purpose_en: "Reduced fare",
        retention_en: "Not kept",
        basis_en: Some("Rules on reduced fares"),
        refusal_ko: "보통 요금을 냅니다.",
        refusal_en: "You pay the usual fare.",
        encrypted: false,
        ..PLAIN
    },
    Statements {
        id: "v-pay",
        name_en: "Garam City, Tax Payments (demo)",
        purpose_en: "Payment of a local tax notice",
        retention_en: "Five years after payment",
        basis_en: Some("Consent of the payer"),
        refusal_ko: "지갑으로 낼 수 없습니다. 은행이나 창구에서 낼 수 있습니다.",
        refusal_en: "It cannot be paid from the wallet. It can be paid at a bank or an office.",
        request_by_post: true,
        ..PLAIN
    },
    Statements {
        id: "v-apply",
        name_en: "Nuri Land Ministry, Applications (demo)",
        purpose_en: "Signing of an application",
        retention_en: "Five years after the decision",
        basis_en: Some("Consent of the applicant"),
        refusal_ko: "신청서가 접수되지 않습니다. 창구에서 서명할 수도 있습니다.",
        refusal_en: "The application is not accepted. It can be signed at an office.",
        client: Client::Name,
        ..PLAIN
    },
    Statements {
        id: "v-parcel",
        name_en: "Virtual Parcels, lockers (demo)",
        purpose_en: "Handing a parcel to its addressee",
        retention_en: "Thirty days after it was handed out",
        basis_en: Some("Consent of the addressee"),
        refusal_ko: "보관함에서 꺼낼 수 없습니다. 다시 배달해 달라고 할 수 있습니다.",
        refusal_en: "The locker stays closed. You can have it delivered again.",
        ..PLAIN
    },
    Statements {
        id: "v-bad1",
        name_en: "Virtual Shopping (demo)",
        purpose_en: "Prize draw",
        retention_en: "Without limit",
        refusal_ko: "경품에 응모할 수 없습니다.",
        refusal_en: "You cannot take part in the draw.",
        ..PLAIN
    },
    Statements {
        id: "v-bad2",
        name_en: "Garam City Library (demo)",
        purpose_en: "Membership card",
        retention_en: "Until membership ends",
        basis_en: Some("Consent of the applicant"),
        refusal_ko: "회원증을 받지 못합니다. 책은 도서관 안에서 읽을 수 있습니다.",
        refusal_en: "No membership card. Books can be read in the library.",
        ..PLAIN
    },
];

/// What is said of the verifier with this id.
pub(crate) fn statements(id: &str) -> Option<&'static Statements> {
    ALL.iter().find(|one| one.id == id)
}
