//! 신분증: cards. Field names after the government's guide for relying parties, without the resident number, the CI
//! and the licence's serial number: those are never issued (개인정보 보호법 제24조의2).

use super::{ClaimType, Group, Kind, MobileDocumentType, PaperType, Shelf, Silhouette, claim, words};

const NAME: ClaimType = claim(&["name"], "성명", "Name", Kind::Text, Group::Person);
const BIRTH: ClaimType = claim(&["birth"], "생년월일", "Date of birth", Kind::Date, Group::Person).masked();
const PORTRAIT: ClaimType = claim(&["portrait"], "사진", "Portrait", Kind::Picture, Group::Person);
const SEX: ClaimType = claim(&["sex"], "성별", "Sex", Kind::Sex, Group::Person);
const AGE_14: ClaimType = claim(&["ageOver14"], "14세 이상", "14 or older", Kind::Boolean, Group::Person);
const AGE_19: ClaimType = claim(&["ageOver19"], "19세 이상", "19 or older", Kind::Boolean, Group::Person);
const AGE_65: ClaimType = claim(&["ageOver65"], "65세 이상", "65 or older", Kind::Boolean, Group::Person);
const ADDRESS: ClaimType = claim(&["address", "full"], "주소", "Address", Kind::Text, Group::Person).masked();
const SIDO: ClaimType = claim(&["address", "sido"], "시·도", "Province", Kind::Text, Group::Person);
const SIGUNGU: ClaimType =
    claim(&["address", "sigungu"], "시·군·구", "City or county", Kind::Text, Group::Person);
const ISSUED: ClaimType = claim(&["issueDate"], "발급일", "Date of issue", Kind::Date, Group::Period);
const ISSUER: ClaimType = claim(&["issuerName"], "발급 기관", "Issued by", Kind::Text, Group::Reference);

pub(super) const TYPES: &[PaperType] = &[
    PaperType {
        key: "MobileResidentCard",
        shelf: Shelf::Identity,
        silhouette: Silhouette::Card,
        name: words("모바일 주민등록증", "Mobile resident card"),
        vct: "urn:nuri-demo:MobileResidentCard:1",
        mobile_document: Some(MobileDocumentType {
            doctype: "kr.example.nuri.resident.1",
            namespace: "kr.example.nuri.resident.1",
        }),
        claims: &[
            PORTRAIT,
            NAME,
            claim(&["nameRoman"], "로마자 성명", "Name in Roman letters", Kind::Text, Group::Person),
            BIRTH,
            SEX,
            claim(
                &["ihidnumMasked"],
                "주민등록번호(가림)",
                "Resident number (masked)",
                Kind::Text,
                Group::Person,
            )
            .masked(),
            AGE_14,
            AGE_19,
            AGE_65,
            ADDRESS,
            SIDO,
            SIGUNGU,
            claim(&["phone"], "전화번호", "Telephone", Kind::Text, Group::Person).masked(),
            ISSUED,
            ISSUER,
        ],
        telling: Some(&["name"]),
        face: &[&["birth"], &["ihidnumMasked"], &["address", "sigungu"], &["issueDate"]],
    },
    PaperType {
        key: "MobileDriverLicense",
        shelf: Shelf::Identity,
        silhouette: Silhouette::Card,
        name: words("모바일 운전면허증", "Mobile driving licence"),
        vct: "urn:nuri-demo:MobileDriverLicense:1",
        mobile_document: Some(MobileDocumentType {
            doctype: "org.iso.18013.5.1.mDL",
            namespace: "kr.example.nuri.licence.1",
        }),
        claims: &[
            PORTRAIT,
            NAME,
            BIRTH,
            AGE_19,
            ADDRESS,
            SIDO,
            SIGUNGU,
            claim(&["licenseNumber"], "면허번호", "Licence number", Kind::Text, Group::Reference).masked(),
            claim(&["licenseTypes"], "면허 종별", "Classes", Kind::TextList, Group::Content),
            claim(&["aptitudeFrom"], "적성검사 시작", "Renewal from", Kind::Date, Group::Period),
            claim(&["aptitudeTo"], "적성검사 끝", "Renewal until", Kind::Date, Group::Period),
            claim(&["organDonor"], "장기기증", "Organ donor", Kind::Boolean, Group::Content)
                .special(super::Special::Health),
            ISSUED,
            ISSUER,
        ],
        telling: Some(&["name"]),
        face: &[&["birth"], &["licenseTypes"], &["aptitudeTo"], &["issueDate"]],
    },
    PaperType {
        key: "VeteranCard",
        shelf: Shelf::Identity,
        silhouette: Silhouette::Card,
        name: words("국가보훈등록증", "Veteran card"),
        vct: "urn:nuri-demo:VeteranCard:1",
        mobile_document: None,
        claims: &[
            PORTRAIT,
            NAME,
            BIRTH,
            claim(&["title"], "구분", "Title", Kind::Text, Group::Content),
            claim(&["target"], "대상", "Entitlement", Kind::Text, Group::Content),
            claim(&["registrationNumber"], "보훈번호", "Registration number", Kind::Text, Group::Reference)
                .masked(),
            claim(&["relation"], "관계", "Relation", Kind::Text, Group::Person),
            claim(&["disabilityGrade"], "상이 등급", "Disability grade", Kind::Text, Group::Content)
                .special(super::Special::Disability),
            ISSUED,
        ],
        telling: Some(&["name"]),
        face: &[&["birth"], &["title"], &["target"], &["issueDate"]],
    },
    PaperType {
        key: "AlienRegistrationCard",
        shelf: Shelf::Identity,
        silhouette: Silhouette::Card,
        name: words("모바일 외국인등록증", "Mobile residence card"),
        vct: "urn:nuri-demo:AlienRegistrationCard:1",
        mobile_document: None,
        claims: &[
            PORTRAIT,
            NAME,
            claim(&["nameKo"], "한글 성명", "Name in Korean", Kind::Text, Group::Person),
            BIRTH,
            SEX,
            claim(&["nationality"], "국적", "Nationality", Kind::Text, Group::Person),
            claim(&["stayStatus"], "체류 자격", "Status of stay", Kind::Text, Group::Content),
            claim(
                &["registrationNumberMasked"],
                "등록번호(가림)",
                "Registration number (masked)",
                Kind::Text,
                Group::Reference,
            )
            .masked(),
            AGE_19,
            ADDRESS,
            SIDO,
            SIGUNGU,
            claim(&["validTo"], "체류 기한", "Stay until", Kind::Date, Group::Period),
        ],
        telling: Some(&["name"]),
        face: &[&["nameKo"], &["birth"], &["stayStatus"], &["validTo"]],
    },
    PaperType {
        key: "YouthCard",
        shelf: Shelf::Identity,
        silhouette: Silhouette::Card,
        name: words("청소년증", "Youth card"),
        vct: "urn:nuri-demo:YouthCard:1",
        mobile_document: None,
        claims: &[PORTRAIT, NAME, BIRTH, AGE_14, AGE_19, ADDRESS, SIDO, SIGUNGU, ISSUED],
        telling: Some(&["name"]),
        face: &[&["birth"], &["address", "sigungu"], &["issueDate"]],
    },
];
