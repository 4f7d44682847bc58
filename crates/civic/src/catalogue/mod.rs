//! The catalogue: every paper type of the demo country, its identifiers on the wire and its claims.
//!
//! A type has one `vct` (SD-JWT VC) and, where cards exist as mobile documents too, a doctype and namespace
//! (ISO/IEC 18013-5 section 8.3). Claim names are the same in both; a nested claim is joined by `_` in an mdoc.

mod benefits;
mod certificates;
mod identity;
mod notices;

use primitives::{ClaimPath, LocalizedText, PathElement};

/// A word or sentence in Korean and English that is part of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// Korean, 합니다체 where it is a sentence.
    pub ko: &'static str,
    /// English.
    pub en: &'static str,
}

impl Words {
    /// The same words as owned text.
    #[must_use]
    pub fn localized(self) -> LocalizedText {
        LocalizedText { ko: self.ko.to_owned(), en: self.en.to_owned() }
    }
}

/// Shorthand for the tables of this module.
pub(crate) const fn words(ko: &'static str, en: &'static str) -> Words {
    Words { ko, en }
}

/// Where a paper lies in the wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shelf {
    /// 신분증: cards that say who somebody is.
    Identity,
    /// 고지서: tax and public-charge notices.
    Notices,
    /// 지원금·증명서: vouchers, decisions and certificates.
    Benefits,
}

impl Shelf {
    /// The stable name in storage, on the command line and in JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Identity => "ids",
            Self::Notices => "notices",
            Self::Benefits => "papers",
        }
    }

    /// The shelf with that stable name.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Identity, Self::Notices, Self::Benefits].into_iter().find(|shelf| shelf.key() == key)
    }
}

/// The outline by which a paper is known at a glance (design of the screens: "a paper is known by its silhouette").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silhouette {
    /// A card, 85.6 to 54.
    Card,
    /// A notice with a tear-off stub.
    Slip,
    /// A voucher with bites at both sides.
    Ticket,
    /// A certificate or decision with a folded corner.
    Sheet,
}

impl Silhouette {
    /// The stable name in JSON and in the stylesheet.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Slip => "slip",
            Self::Ticket => "ticket",
            Self::Sheet => "sheet",
        }
    }
}

/// How a claim's value is read and written for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words, shown as they were issued: never re-cased, split or cut (names have spaces, one letter, or forty).
    Text,
    /// A civil date, `YYYY-MM-DD`.
    Date,
    /// `F` or `M`, as the cards write it; anything else stands as it was issued.
    Sex,
    /// Yes or no.
    Boolean,
    /// Won, a whole number.
    Won,
    /// A whole number without unit.
    Number,
    /// A calendar year.
    Year,
    /// Per cent, a whole number.
    Percent,
    /// Square metres.
    Area,
    /// People.
    People,
    /// A picture as a `data:` URL (SD-JWT VC) or bytes (mdoc).
    Picture,
    /// A list of words.
    TextList,
    /// Rows of a table: an array of objects.
    Rows,
    /// An object whose members are claims of their own.
    Parts,
}

/// How carefully a value is shown and asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// Shown as it is.
    Plain,
    /// Hidden on the screen until the citizen asks for it (개인정보 보호법 제3조: least data).
    Masked,
    /// Sensitive in the sense of 개인정보 보호법 제23조: consent in a step of its own.
    Special(Special),
}

/// The kinds of sensitive data (개인정보 보호법 제23조) that occur in this catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    /// Disability.
    Disability,
    /// Health.
    Health,
    /// Pregnancy.
    Pregnancy,
}

impl Special {
    /// The stable name in JSON and in the sentences.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Disability => "disability",
            Self::Health => "health",
            Self::Pregnancy => "pregnancy",
        }
    }
}

/// The heading under which a fact stands on a paper's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Who it is about.
    Person,
    /// What it says.
    Content,
    /// What has to be paid or was granted.
    Money,
    /// Dates and periods.
    Period,
    /// Numbers, agency, purpose.
    Reference,
}

impl Group {
    /// All groups in the order of the page.
    pub const ALL: [Self; 5] = [Self::Person, Self::Content, Self::Money, Self::Period, Self::Reference];

    /// The heading.
    #[must_use]
    pub const fn title(self) -> Words {
        match self {
            Self::Person => words("사람", "Person"),
            Self::Content => words("내용", "Content"),
            Self::Money => words("금액", "Amounts"),
            Self::Period => words("기간", "Dates"),
            Self::Reference => words("번호와 기관", "Numbers and agency"),
        }
    }

    /// The stable name in JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Content => "content",
            Self::Money => "money",
            Self::Period => "period",
            Self::Reference => "reference",
        }
    }
}

/// One claim of a paper type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimType {
    /// Member names from the root of the claims.
    pub path: &'static [&'static str],
    /// What the citizen reads.
    pub caption: Words,
    /// How the value is read.
    pub kind: Kind,
    /// How carefully it is shown.
    pub sensitivity: Sensitivity,
    /// Under which heading.
    pub group: Group,
    /// Whether the holder may leave it out of a presentation. `false`: it is visible in every presentation.
    pub disclosable: bool,
}

impl ClaimType {
    /// The path in the terms of the query language.
    #[must_use]
    pub fn claim_path(&self) -> Option<ClaimPath> {
        ClaimPath::new(self.path.iter().map(|name| PathElement::Name((*name).to_owned())).collect()).ok()
    }

    /// The element identifier of the same claim in a mobile document: member names joined by `_`.
    #[must_use]
    pub fn element_identifier(&self) -> String {
        self.path.join("_")
    }

    pub(crate) const fn masked(mut self) -> Self {
        self.sensitivity = Sensitivity::Masked;
        self
    }

    pub(crate) const fn special(mut self, special: Special) -> Self {
        self.sensitivity = Sensitivity::Special(special);
        self
    }

    pub(crate) const fn always(mut self) -> Self {
        self.disclosable = false;
        self
    }
}

/// Shorthand for the tables: a disclosable, plainly shown claim.
pub(crate) const fn claim(
    path: &'static [&'static str],
    ko: &'static str,
    en: &'static str,
    kind: Kind,
    group: Group,
) -> ClaimType {
    ClaimType {
        path,
        caption: words(ko, en),
        kind,
        sensitivity: Sensitivity::Plain,
        group,
        disclosable: true,
    }
}

/// A card's form as a mobile document (ISO/IEC 18013-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MobileDocumentType {
    /// The document type.
    pub doctype: &'static str,
    /// The namespace of all elements in this catalogue.
    pub namespace: &'static str,
}

/// One type of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaperType {
    /// The stable key, as the demo data names it.
    pub key: &'static str,
    /// The shelf it lies on.
    pub shelf: Shelf,
    /// Its outline.
    pub silhouette: Silhouette,
    /// The name of the type; a paper may carry a narrower title of its own in the claim `title`.
    pub name: Words,
    /// The verifiable credential type (SD-JWT VC).
    pub vct: &'static str,
    /// The mobile document, where this type exists as one.
    pub mobile_document: Option<MobileDocumentType>,
    /// Its claims in reading order.
    pub claims: &'static [ClaimType],
    /// The one claim that tells this paper from another of its type, for lists.
    pub telling: Option<&'static [&'static str]>,
    /// A card's face beside portrait and name: up to four claims, in order. They are shown there even where they are masked
    /// elsewhere, as a card in the hand shows them.
    pub face: &'static [&'static [&'static str]],
}

impl PaperType {
    /// The claim at exactly this path of member names.
    #[must_use]
    pub fn claim(&self, path: &[&str]) -> Option<&'static ClaimType> {
        self.claims.iter().find(|claim| claim.path == path)
    }

    /// The claim that an element identifier of the mobile document stands for.
    #[must_use]
    pub fn claim_of_element(&self, element: &str) -> Option<&'static ClaimType> {
        self.claims.iter().find(|claim| claim.element_identifier() == element)
    }

    /// Whether any claim of this type is sensitive in the sense of 개인정보 보호법 제23조.
    #[must_use]
    pub fn has_special_claims(&self) -> bool {
        self.claims.iter().any(|claim| matches!(claim.sensitivity, Sensitivity::Special(_)))
    }
}

/// All paper types of the demo country.
#[derive(Debug, Clone, Copy, Default)]
pub struct Catalogue;

impl Catalogue {
    /// Every type, shelf by shelf.
    pub fn types(self) -> impl Iterator<Item = &'static PaperType> {
        identity::TYPES.iter().chain(notices::TYPES).chain(certificates::TYPES).chain(benefits::TYPES)
    }

    /// The type with that key.
    #[must_use]
    pub fn by_key(self, key: &str) -> Option<&'static PaperType> {
        self.types().find(|kind| kind.key == key)
    }

    /// The type with that `vct`.
    #[must_use]
    pub fn by_vct(self, vct: &str) -> Option<&'static PaperType> {
        self.types().find(|kind| kind.vct == vct)
    }

    /// The type with that document type.
    #[must_use]
    pub fn by_doctype(self, doctype: &str) -> Option<&'static PaperType> {
        self.types().find(|kind| kind.mobile_document.is_some_and(|document| document.doctype == doctype))
    }
}
