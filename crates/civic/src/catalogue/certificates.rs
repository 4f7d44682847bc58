//! 증명서: certificates. Field lists follow the printed forms; purpose and document number are the holder's to disclose.

use super::{ClaimType, Group, Kind, PaperType, Shelf, Silhouette, Special, claim, words};

const NAME: ClaimType = claim(&["name"], "성명", "Name", Kind::Text, Group::Person);
const BIRTH: ClaimType = claim(&["birth"], "생년월일", "Date of birth", Kind::Date, Group::Person).masked();
const MEMBERS: ClaimType = claim(&["members"], "가구원", "Household", Kind::Rows, Group::Person).masked();
const PURPOSE: ClaimType = claim(&["purpose"], "용도", "Purpose", Kind::Text, Group::Reference);

/// A certificate: on the third shelf, a sheet, SD-JWT VC only.
const fn sheet(
    key: &'static str,
    name: super::Words,
    vct: &'static str,
    telling: Option<&'static [&'static str]>,
    claims: &'static [ClaimType],
) -> PaperType {
    PaperType {
        key,
        shelf: Shelf::Benefits,
        silhouette: Silhouette::Sheet,
        name,
        vct,
        mobile_document: None,
        face: &[],
        claims,
        telling,
    }
}

pub(super) const TYPES: &[PaperType] = &[
    sheet(
        "ResidentRegisterExtract",
        words("주민등록등본", "Resident register extract"),
        "urn:nuri-demo:ResidentRegisterExtract:1",
        None,
        &[
            claim(&["householdHead"], "세대주", "Head of household", Kind::Text, Group::Person),
            claim(&["address"], "주소", "Address", Kind::Text, Group::Person).masked(),
            claim(&["movedIn"], "전입일", "Moved in", Kind::Date, Group::Period),
            claim(&["memberCount"], "세대원 수", "Household size", Kind::People, Group::Person),
            claim(&["members"], "세대원", "Household members", Kind::Rows, Group::Person).masked(),
            PURPOSE,
            claim(&["documentNumber"], "문서확인번호", "Document number", Kind::Text, Group::Reference),
        ],
    ),
    sheet(
        "FamilyRelationCertificate",
        words("가족관계증명서", "Family relation certificate"),
        "urn:nuri-demo:FamilyRelationCertificate:1",
        None,
        &[
            NAME,
            claim(&["spouse"], "배우자", "Spouse", Kind::Parts, Group::Person).masked(),
            claim(&["children"], "자녀", "Children", Kind::Rows, Group::Person).masked(),
        ],
    ),
    sheet(
        "IncomeCertificate",
        words("소득금액증명", "Income certificate"),
        "urn:nuri-demo:IncomeCertificate:1",
        Some(&["year"]),
        &[
            NAME,
            claim(&["year"], "귀속연도", "Year", Kind::Year, Group::Period),
            claim(&["kind"], "소득 구분", "Kind of income", Kind::Text, Group::Content),
            claim(&["incomeAmount"], "소득금액", "Income", Kind::Won, Group::Money).masked(),
            claim(&["taxAmount"], "총결정세액", "Tax assessed", Kind::Won, Group::Money).masked(),
        ],
    ),
    sheet(
        "NationalTaxPaymentCertificate",
        words("국세 납세증명서", "National tax payment certificate"),
        "urn:nuri-demo:NationalTaxPaymentCertificate:1",
        None,
        &[
            NAME,
            claim(&["arrears"], "밀린 국세", "National tax arrears", Kind::Won, Group::Money),
            claim(&["deferrals"], "징수유예", "Deferrals", Kind::Rows, Group::Content),
            PURPOSE,
        ],
    ),
    sheet(
        "LocalTaxPaymentCertificate",
        words("지방세 납세증명서", "Local tax payment certificate"),
        "urn:nuri-demo:LocalTaxPaymentCertificate:1",
        None,
        &[
            NAME,
            claim(&["arrears"], "밀린 지방세", "Local tax arrears", Kind::Won, Group::Money),
            claim(&["deferrals"], "징수유예", "Deferrals", Kind::Rows, Group::Content),
            PURPOSE,
        ],
    ),
    sheet(
        "HealthInsuranceQualification",
        words("건강보험 자격득실확인서", "Health insurance record"),
        "urn:nuri-demo:HealthInsuranceQualification:1",
        None,
        &[NAME, claim(&["rows"], "자격 기록", "Records", Kind::Rows, Group::Content).masked()],
    ),
    sheet(
        "HealthInsurancePaymentCertificate",
        words("건강보험료 납부확인서", "Health insurance payments"),
        "urn:nuri-demo:HealthInsurancePaymentCertificate:1",
        None,
        &[
            NAME,
            claim(&["rows"], "납부 내역", "Payments", Kind::Rows, Group::Money).masked(),
            claim(&["basis"], "가입 구분", "Kind of insurance", Kind::Text, Group::Content),
        ],
    ),
    sheet(
        "JobSeekerCertificate",
        words("구직등록확인증", "Job seeker certificate"),
        "urn:nuri-demo:JobSeekerCertificate:1",
        None,
        &[
            NAME,
            claim(&["registered"], "등록일", "Registered on", Kind::Date, Group::Period),
            claim(&["wantedJob"], "희망 직종", "Wanted job", Kind::Text, Group::Content),
        ],
    ),
    sheet(
        "LeaseContract",
        words("임대차계약서(확정일자)", "Lease contract with fixed date"),
        "urn:nuri-demo:LeaseContract:1",
        None,
        &[
            claim(&["tenant"], "임차인", "Tenant", Kind::Text, Group::Person),
            claim(&["deposit"], "보증금", "Deposit", Kind::Won, Group::Money).masked(),
            claim(&["monthlyRent"], "월세", "Monthly rent", Kind::Won, Group::Money),
            claim(&["from"], "시작", "From", Kind::Date, Group::Period),
            claim(&["to"], "끝", "Until", Kind::Date, Group::Period),
            claim(&["fixedDate"], "확정일자", "Fixed date", Kind::Date, Group::Period),
            claim(&["fixedDateNumber"], "확정일자 번호", "Fixed date number", Kind::Text, Group::Reference),
        ],
    ),
    sheet(
        "BusinessRegistrationCertificate",
        words("사업자등록증명", "Business registration certificate"),
        "urn:nuri-demo:BusinessRegistrationCertificate:1",
        Some(&["businessName"]),
        &[
            NAME,
            claim(&["businessNumber"], "사업자등록번호", "Business number", Kind::Text, Group::Reference),
            claim(&["businessName"], "상호", "Business name", Kind::Text, Group::Content),
            claim(&["kind"], "업태", "Kind of business", Kind::Text, Group::Content),
            claim(&["item"], "종목", "Item", Kind::Text, Group::Content),
            claim(&["opened"], "개업일", "Opened on", Kind::Date, Group::Period),
            claim(&["businessStatus"], "상태", "Status", Kind::Text, Group::Content),
        ],
    ),
    sheet(
        "EnrollmentCertificate",
        words("재학증명서", "Enrolment certificate"),
        "urn:nuri-demo:EnrollmentCertificate:1",
        Some(&["name"]),
        &[
            NAME,
            BIRTH,
            claim(&["school"], "학교", "School", Kind::Text, Group::Content),
            claim(&["level"], "학교급", "Level", Kind::Text, Group::Content),
            claim(&["grade"], "학년", "Grade", Kind::Number, Group::Content),
        ],
    ),
    sheet(
        "SingleParentCertificate",
        words("한부모가족증명서", "Single-parent family certificate"),
        "urn:nuri-demo:SingleParentCertificate:1",
        Some(&["kind"]),
        &[
            NAME,
            claim(&["kind"], "구분", "Kind", Kind::Text, Group::Content),
            MEMBERS,
            claim(&["incomeCeilingPercent"], "소득 상한", "Income ceiling", Kind::Percent, Group::Content)
                .masked(),
        ],
    ),
    sheet(
        "BasicLivelihoodCertificate",
        words("기초생활수급자 증명서", "Basic livelihood certificate"),
        "urn:nuri-demo:BasicLivelihoodCertificate:1",
        None,
        &[
            NAME,
            claim(&["kinds"], "급여 종류", "Kinds of support", Kind::TextList, Group::Content).masked(),
            claim(&["members"], "가구원", "Household", Kind::TextList, Group::Person).masked(),
            claim(&["office"], "보장 기관", "Office", Kind::Text, Group::Reference),
        ],
    ),
    sheet(
        "DisabilityCertificate",
        words("장애인증명서", "Disability certificate"),
        "urn:nuri-demo:DisabilityCertificate:1",
        None,
        &[
            NAME,
            BIRTH,
            claim(&["disabilityType"], "장애 유형", "Type of disability", Kind::Text, Group::Content)
                .special(Special::Disability),
            claim(&["degree"], "장애 정도", "Degree of disability", Kind::Text, Group::Content)
                .special(Special::Disability),
            claim(&["registered"], "등록일", "Registered on", Kind::Date, Group::Period),
        ],
    ),
    sheet(
        "PregnancyCertificate",
        words("임신확인서", "Pregnancy certificate"),
        "urn:nuri-demo:PregnancyCertificate:1",
        None,
        &[
            NAME,
            claim(&["dueDate"], "분만 예정일", "Due date", Kind::Date, Group::Period)
                .special(Special::Pregnancy),
            claim(&["fetuses"], "태아 수", "Number of babies", Kind::Number, Group::Content)
                .special(Special::Pregnancy),
            claim(&["clinic"], "의료기관", "Clinic", Kind::Text, Group::Reference).special(Special::Health),
        ],
    ),
    sheet(
        "FarmBusinessRegistration",
        words("농업경영체 등록확인서", "Farm registration certificate"),
        "urn:nuri-demo:FarmBusinessRegistration:1",
        None,
        &[
            claim(&["operator"], "경영주", "Operator", Kind::Text, Group::Person),
            claim(&["coOperator"], "공동경영주", "Co-operator", Kind::Text, Group::Person),
            claim(&["registrationNumber"], "등록번호", "Registration number", Kind::Text, Group::Reference),
            claim(&["crops"], "재배 품목", "Crops", Kind::TextList, Group::Content),
            claim(&["areaSquareMetres"], "면적", "Area", Kind::Area, Group::Content),
        ],
    ),
];
