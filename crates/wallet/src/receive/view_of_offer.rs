//! An offer as the citizen sees it before the yes. Names are the issuer's word; what it may issue is the profile's.

use civic::Catalogue;
use openid4vci::holder::ResolvedOffer;
use openid4vci::metadata::Configuration;
use openid4vci::offer::InputMode;
use openid4vci::wire::Display;
use primitives::{Language, LocalizedText};
use trust::{CredentialType, Issuer, VerifiedChain};

use crate::app::Wallet;
use crate::view::{self, Text};

/// The most characters of an issuer's name that are kept and shown.
const NAME_CHARACTERS: usize = 200;

impl Wallet {
    pub(super) fn offer_view(&self, id: &str, resolved: &ResolvedOffer) -> view::Offer {
        let issuer = resolved.issuer();
        let host = issuer.issuer.host();
        view::Offer {
            choose: false,
            old_trust_list_as_of: self.old_list_fetched_at().map(primitives::Instant::unix_seconds),
            session_id: id.to_owned(),
            issuer: view::OfferIssuer {
                name: issuer_name(&issuer.display).map_or_else(|| Text::same(host.clone()), Text::from),
                host,
                trust: self.trust_in_issuer(resolved),
            },
            papers: resolved.configurations().map(|it| self.offered(it, resolved.batch_size())).collect(),
            grant: if resolved.has_pre_authorized_code() {
                view::GrantView::PreAuthorized
            } else {
                view::GrantView::AuthorizationCode
            },
            tx_code: resolved.transaction_code().map(|asked| view::TxCodeSpec {
                digits_only: matches!(asked.input_mode, InputMode::Numeric),
                length: asked.length,
                description: asked.description.clone().map(Text::same),
            }),
        }
    }

    fn offered(&self, configuration: &Configuration, batch_size: u32) -> view::OfferedPaper {
        let kind = kind_of(&configuration.credential_type);
        let name = kind.map_or_else(
            || {
                localized(&configuration.display)
                    .map_or_else(|| Text::same(configuration.id.as_str()), Text::from)
            },
            |kind| kind.name.into(),
        );
        view::OfferedPaper {
            configuration_id: configuration.id.clone(),
            name,
            silhouette: kind.map_or(view::Silhouette::Sheet, |kind| kind.silhouette.into()),
            shelf: kind.map_or(view::Shelf::Benefit, |kind| kind.shelf.into()),
            copies: batch_size.clamp(1, super::COPIES_WANTED),
            description: described(&configuration.display).map(Text::from),
            entitled: self.is_issued(&configuration.credential_type),
        }
    }

    /// How far the issuer is known. Registered is said only of a description whose signer may itself issue everything that is offered: an
    /// issuer of other papers is no more to these than a stranger, whatever it calls itself. Short of that, somebody in the profile may issue
    /// them, and who signs is seen when they come; or nobody may.
    pub(super) fn trust_in_issuer(&self, resolved: &ResolvedOffer) -> view::PartyTrust {
        let offered: Vec<_> = resolved.configurations().map(|it| &it.credential_type).collect();
        let signer = resolved.issuer().signer.as_ref();
        let may_issue = |chain: &VerifiedChain<Issuer>, it: &CredentialType| {
            chain.may_issue(it).is_ok() && self.vouches_for(chain.anchor(), it)
        };
        if signer.is_some_and(|chain| offered.iter().all(|it| may_issue(chain, it))) {
            view::PartyTrust::Registered
        } else if offered.iter().all(|it| self.is_issued(it)) {
            view::PartyTrust::Authenticated
        } else {
            view::PartyTrust::Unauthenticated
        }
    }
}

pub(super) fn kind_of(credential_type: &CredentialType) -> Option<&'static civic::PaperType> {
    match credential_type {
        CredentialType::SdJwtVc { vct } => Catalogue.by_vct(vct),
        CredentialType::Mdoc { doctype } => Catalogue.by_doctype(doctype),
    }
}

/// An issuer's name, cut to what a line can hold and the store keeps.
pub(super) fn issuer_name(displays: &[Display]) -> Option<LocalizedText> {
    let cut = |name: String| {
        name.chars().filter(|letter| !letter.is_control()).take(NAME_CHARACTERS).collect::<String>()
    };
    localized(displays).map(|name| LocalizedText { ko: cut(name.ko), en: cut(name.en) })
}

/// What the issuer wrote, in Korean and English; a language that it lacks is filled from the other.
pub(super) fn localized(displays: &[Display]) -> Option<LocalizedText> {
    in_languages(displays, |display| display.name.clone())
}

/// What the issuer says about a paper, in both languages where it does.
fn described(displays: &[Display]) -> Option<LocalizedText> {
    in_languages(displays, |display| display.description.clone())
}

fn in_languages(displays: &[Display], text: impl Fn(&Display) -> Option<String>) -> Option<LocalizedText> {
    let of = |language: Language| {
        displays
            .iter()
            .find(|display| display.locale.as_deref().and_then(Language::from_tag) == Some(language))
            .and_then(&text)
    };
    let any = displays.iter().find_map(&text);
    let ko = of(Language::Korean).or_else(|| any.clone())?;
    let en = of(Language::English).or(any)?;
    Some(LocalizedText { ko, en })
}
