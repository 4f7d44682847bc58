//! Text for people in the two languages of the wallet.

use serde::{Deserialize, Serialize};

/// A language the wallet speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    /// 한국어, tag `ko`.
    #[default]
    #[serde(rename = "ko")]
    Korean,
    /// English, tag `en`.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// The language of a BCP 47 tag by its primary subtag (`ko-KR` is Korean); `None` for languages the wallet does not speak.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("ko") {
            Some(Self::Korean)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::English)
        } else {
            None
        }
    }

    /// The BCP 47 tag, `ko` or `en`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Korean => "ko",
            Self::English => "en",
        }
    }
}

/// A sentence or caption in Korean and English. Other languages that stand beside them are not read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LocalizedText {
    /// Korean.
    pub ko: String,
    /// English.
    pub en: String,
}

impl LocalizedText {
    /// A text from both languages.
    pub fn new(ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ko: ko.into(), en: en.into() }
    }

    /// The text in `language`.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Korean => &self.ko,
            Language::English => &self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primary_subtag_decides() {
        assert_eq!(Language::from_tag("ko-KR"), Some(Language::Korean));
        assert_eq!(Language::from_tag("EN_us.UTF-8"), Some(Language::English));
        assert_eq!(Language::from_tag("kok"), None);
        assert_eq!(Language::from_tag(""), None);
    }

    #[test]
    fn a_missing_language_is_refused_and_a_further_one_not_read() {
        assert!(serde_json::from_str::<LocalizedText>(r#"{"ko":"고지서"}"#).is_err());
        let further: LocalizedText = serde_json::from_str(r#"{"ko":"a","en":"b","fr":"c"}"#).unwrap();
        assert_eq!(further, LocalizedText::new("a", "b"));
        let text: LocalizedText = serde_json::from_str(r#"{"ko":"고지서","en":"Notice"}"#).unwrap();
        assert_eq!(text.in_language(Language::Korean), "고지서");
        assert_eq!(text.in_language(Language::English), "Notice");
    }
}
