//! The state of the wallet and its profile, as the screens show them.

use civic::Catalogue;
use trust::CredentialType;
use vault::{Passphrase, estimated_bits};

use crate::app::Wallet;
use crate::profile::{Loopback, Marking, UnauthenticatedVerifiers};
use crate::view::{
    self, Advice, ProfileIssuer, ProfileMark, ProfileView, Status, Strength, Text, WalletState,
};

/// Passphrases that everybody tries first, lower case, without spaces.
const COMMON: [&str; 8] =
    ["password", "12345678", "qwertyui", "citizenwallet", "시민지갑", "비밀번호", "iloveyou", "사랑합니다"];

impl Wallet {
    /// The state of the wallet. `problem` is what the keyring said at the last try, `personas` those of the demo.
    #[must_use]
    pub fn status(&self, problem: Option<view::KeyringProblem>, personas: Vec<view::DemoPersona>) -> Status {
        let state = match (self.wallet_state(), problem) {
            (WalletState::Locked { .. } | WalletState::NeedsSetup, Some(problem)) => {
                WalletState::KeyringProblem { problem }
            }
            (state, _) => state,
        };
        let unlocked = state == WalletState::Unlocked;
        let (as_of, stale) = self.status_lists_age();
        // Out of the expression below, which would hold the state until its end.
        let network = self.state().network;
        Status {
            profile: self.profile_mark(),
            settings: self.settings(),
            has_passphrase: self.has_passphrase(),
            owner: if unlocked { self.owner().ok().flatten() } else { None },
            network,
            status_list_as_of: as_of.map(primitives::Instant::unix_seconds),
            status_list_stale: stale,
            old_trust_list_as_of: self.old_list_fetched_at().map(primitives::Instant::unix_seconds),
            overdue_count: if unlocked { self.overdue_count().unwrap_or(0) } else { 0 },
            personas,
            now: self.now().unix_seconds(),
            today: self.today_date().to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            state,
        }
    }

    fn profile_mark(&self) -> ProfileMark {
        ProfileMark { name: self.profile().name.clone().into(), marking: marking(self.profile().marking) }
    }

    /// The profile in full.
    #[must_use]
    pub fn profile_view(&self) -> ProfileView {
        let profile = self.profile();
        let anchors = self.anchors();
        let (sequence, date) = self.trust_list_in_use().unzip();
        ProfileView {
            name: profile.name.clone().into(),
            marking: marking(profile.marking),
            hash: profile.hash().iter().map(|byte| format!("{byte:02x}")).collect(),
            trust_list_sequence: sequence,
            trust_list_date: date.map(primitives::Instant::unix_seconds),
            issuers: anchors
                .issuers
                .iter()
                .map(|anchor| ProfileIssuer {
                    name: Text::same(anchor.certificate().display_name().unwrap_or_default()),
                    types: anchor.grant().listed().into_iter().flatten().map(type_name).collect(),
                    any_type: anchor.grant().listed().is_none(),
                })
                .collect(),
            verifiers: anchors
                .verifiers
                .iter()
                .map(|anchor| anchor.certificate().display_name().unwrap_or_default().to_owned())
                .collect(),
            unauthenticated_verifiers: match profile.unauthenticated_verifiers {
                UnauthenticatedVerifiers::Refuse => view::UnauthenticatedVerifiers::Refuse,
                UnauthenticatedVerifiers::Warn => view::UnauthenticatedVerifiers::Warn,
            },
            loopback_allowed: profile.loopback != Loopback::Refused,
        }
    }

    /// How strong a passphrase is, judged as it is typed. Nothing of it is kept.
    #[must_use]
    pub fn judge_passphrase(typed: &str) -> Strength {
        let bits = estimated_bits(typed);
        let plain: String =
            typed.to_lowercase().chars().filter(|character| !character.is_whitespace()).collect();
        let common = COMMON
            .iter()
            .any(|known| plain.contains(known) && plain.chars().count() < known.chars().count() + 6);
        let enough =
            bits >= vault::MIN_PASSPHRASE_BITS && !common && Passphrase::new(typed.to_owned()).is_some();
        let distinct: std::collections::BTreeSet<char> = plain.chars().collect();
        let advice = if enough {
            Advice::Good
        } else if common {
            Advice::Common
        } else if plain.chars().count() < 8 {
            Advice::TooShort
        } else if distinct.len() * 3 < plain.chars().count() {
            Advice::Repeats
        } else {
            Advice::AddWords
        };
        Strength { bits, enough, advice }
    }
}

fn marking(marking: Marking) -> view::Marking {
    match marking {
        Marking::Demo => view::Marking::Demo,
        Marking::Developer => view::Marking::Developer,
        Marking::Real => view::Marking::Real,
    }
}

fn type_name(credential_type: &CredentialType) -> Text {
    let (kind, id) = match credential_type {
        CredentialType::SdJwtVc { vct } => (Catalogue.by_vct(vct), vct),
        CredentialType::Mdoc { doctype } => (Catalogue.by_doctype(doctype), doctype),
    };
    kind.map_or_else(|| Text::same(id.as_str()), |kind| kind.name.into())
}
