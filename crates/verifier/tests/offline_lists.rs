//! Lists as files: verified when read, never older than what was there, and clear about what cannot be read or written.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs
)]

#[path = "offline/mod.rs"]
mod offline;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crypto::SystemEntropy;
use offline::*;
use primitives::{CivilDate, Instant, LocalizedText, Refusal as _};
use tempfile::TempDir;
use trust::status::{StatusError, StatusState};
use trust::trust_list::{ServiceRole, TrustList, TrustListError, TrustedEntity, TrustedService};
use trust::{CredentialType, TrustAnchor};
use verifier::Outcome;
use verifier::offline::*;

const DAY: i64 = 86_400;

/// The world's issuer is known by a trust list alone.
struct Listed {
    world: World,
    publisher: Party,
}

impl Listed {
    fn new() -> Self {
        let world = World::new();
        let publisher = Party::new("Publisher", None, world.now());
        Self { world, publisher }
    }

    fn anchors(&self) -> Anchors {
        let signer = TrustAnchor::new(self.publisher.root.clone()).unwrap();
        Anchors { trust_list_signers: [signer].into_iter().collect(), ..Anchors::default() }
    }

    /// A list of this number that names the issuer, or nobody.
    fn list(&self, sequence_number: u64, names_issuer: bool, days: i64) -> String {
        let text = |text: &str| LocalizedText::new(text, text);
        let types = [CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOCTYPE)];
        let service = TrustedService {
            name: text("Issuer"),
            role: ServiceRole::Issuer(types.into()),
            certificates: vec![self.world.issuer.root.clone()],
            granted: names_issuer,
        };
        let list = TrustList {
            sequence_number,
            issued_at: self.world.now(),
            next_update: self.world.now() + days * DAY,
            operator: text("Operator"),
            scheme: text("Scheme"),
            territory: "XN".to_owned(),
            entities: vec![TrustedEntity {
                name: text("Issuer"),
                information_uri: None,
                services: vec![service],
            }],
        };
        list.sign(&self.publisher.chain, &self.publisher.key).unwrap()
    }

    fn desk(&mut self, folder: &Arc<ListFolder>) {
        let ports = ScreenPorts {
            lists: Arc::clone(folder) as Arc<_>,
            memory: Arc::clone(folder) as Arc<_>,
            clock: Arc::clone(&self.world.clock) as Arc<_>,
            entropy: Arc::new(SystemEntropy),
        };
        self.world.desk = ScreenDesk::new(self.world.desk.settings().clone(), ports).unwrap();
    }

    fn open(&self, folder: &Path) -> Result<ListFolder, ListsError> {
        ListFolder::open(folder, self.anchors())
    }
}

fn status_file(folder: &Path) -> std::path::PathBuf {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    names.into_iter().find(|path| path.to_string_lossy().contains("status-")).unwrap()
}

// rule: OQ-36, TL-5
#[test]
fn a_desk_works_from_its_files_alone_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let mut listed = Listed::new();
    let now = listed.world.now();
    let lists = listed.open(folder.path()).unwrap();
    lists.take_trust_list(&listed.list(1, true, 60), now).unwrap();
    lists.take_status_token(LIST, &listed.world.token(StatusState::Valid, 60).token, now).unwrap();
    drop(lists);

    // The clock has gone on, and there is no network.
    listed.world.clock.advance(3600);
    let lists = Arc::new(listed.open(folder.path()).unwrap());
    assert_eq!(lists.unusable(), []);
    assert_eq!(lists.addresses(), [LIST]);
    listed.desk(&lists);
    let shown = listed.world.check(AGE, Mode::Code, Holds::SdJwt);
    assert_eq!((shown.verdict.outcome, codes(&shown)), (Outcome::Confirmed, vec![]));
    assert_eq!(shown.trust_list.unwrap().as_of, now);
    assert_eq!(listed.world.desk.ages().status_lists.unwrap().as_of, now);
    assert_eq!(lists.trust().trust_list.unwrap().sequence_number, 1);
    // The count and the latest signed time are there after the next start as well.
    listed.desk(&Arc::new(listed.open(folder.path()).unwrap()));
    assert_eq!(listed.world.desk.count().checks, 1);
    listed.world.clock.advance(-DAY);
    let shown = listed.world.check(AGE, Mode::Code, Holds::SdJwt);
    assert_eq!(codes(&shown), ["clock_behind"]);
}

// rule: TL-5, OQ-36
#[test]
fn an_older_trust_list_offered_as_newer_is_refused() {
    let folder = TempDir::new().unwrap();
    let listed = Listed::new();
    let now = listed.world.now();
    let older = listed.list(1, true, 60);
    let same_number = listed.list(2, true, 60);
    let lists = listed.open(folder.path()).unwrap();
    lists.take_trust_list(&older, now).unwrap();
    // The issuer was struck off.
    lists.take_trust_list(&listed.list(2, false, 60), now).unwrap();
    for offered in [&older, &same_number] {
        let refused = lists.take_trust_list(offered, now).unwrap_err();
        assert_eq!(refused, ListsError::TrustList(TrustListError::Rollback));
        assert_eq!(refused.code(), "trust_list_rollback");
    }
    assert!(lists.trust().issuers.is_empty());
    // After a restart neither.
    let lists = listed.open(folder.path()).unwrap();
    assert_eq!(
        lists.take_trust_list(&older, now).unwrap_err(),
        ListsError::TrustList(TrustListError::Rollback)
    );
    assert!(lists.trust().issuers.is_empty());
}

// rule: OQ-36
#[test]
fn an_older_status_list_offered_as_newer_is_refused() {
    let folder = TempDir::new().unwrap();
    let mut listed = Listed::new();
    let lists = Arc::new(listed.open(folder.path()).unwrap());
    lists.take_trust_list(&listed.list(1, true, 60), listed.world.now()).unwrap();
    let older = listed.world.token(StatusState::Valid, 60).token;
    listed.world.clock.advance(60);
    let now = listed.world.now();
    lists.take_status_token(LIST, &listed.world.token(StatusState::Invalid, 60).token, now).unwrap();
    let refused = lists.take_status_token(LIST, &older, now).unwrap_err();
    assert_eq!((refused, refused.code()), (ListsError::Older, "status_list_older"));
    listed.desk(&lists);
    assert_eq!(codes(&listed.world.check(AGE, Mode::Code, Holds::SdJwt)), ["status_invalid"]);
    let lists = listed.open(folder.path()).unwrap();
    assert_eq!(lists.take_status_token(LIST, &older, now).unwrap_err(), ListsError::Older);
}

// rule: TL-1, TL-3, TL-7, ST-3, ST-5, ST-13
#[test]
fn only_lists_that_hold_are_taken() {
    let folder = TempDir::new().unwrap();
    let listed = Listed::new();
    let now = listed.world.now();
    let lists = listed.open(folder.path()).unwrap();
    let other = Listed::new();
    let taken = |signed: &str, at: Instant| lists.take_trust_list(signed, at).map_err(|error| error.code());
    assert_eq!(taken(&other.list(1, true, 60), now), Err("trust_list_signer_not_allowed"));
    assert_eq!(taken(&listed.list(1, true, 1), now + DAY), Err("trust_list_expired"));
    assert_eq!(taken("nothing", now), Err("trust_list_malformed"));
    taken(&listed.list(1, true, 60), now).unwrap();
    let token = listed.world.token(StatusState::Valid, 1).token;
    let kept = |uri: &str, token: &[u8], at| lists.take_status_token(uri, token, at);
    assert_eq!(kept("https://lists.example/2", &token, now), Err(StatusError::Subject.into()));
    assert_eq!(kept(LIST, &token, now + DAY), Err(StatusError::Expired.into()));
    let stranger = other.world.token(StatusState::Valid, 60).token;
    assert_eq!(kept(LIST, &stranger, now).unwrap_err().code(), "status_signer_not_allowed");
    assert!(lists.addresses().is_empty());
    kept(LIST, &token, now).unwrap();
}

// rule: OQ-36
#[test]
fn a_damaged_status_list_is_named_left_and_not_used() {
    let folder = TempDir::new().unwrap();
    let mut listed = Listed::new();
    let now = listed.world.now();
    let lists = listed.open(folder.path()).unwrap();
    lists.take_trust_list(&listed.list(1, true, 60), now).unwrap();
    lists.take_status_token(LIST, &listed.world.token(StatusState::Valid, 60).token, now).unwrap();
    let file = status_file(folder.path());
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    let place = flipped.len() - 20;
    flipped[place] = if flipped[place] == b'A' { b'B' } else { b'A' };
    for (bytes, code) in [
        (flipped, "status_signature_invalid"),
        (whole[..whole.len() / 2].to_vec(), "status_signature_invalid"),
        (Vec::new(), "list_file_damaged"),
        (b"{}\nx".to_vec(), "list_file_damaged"),
    ] {
        fs::write(&file, &bytes).unwrap();
        let lists = Arc::new(listed.open(folder.path()).unwrap());
        let [unusable] = lists.unusable().try_into().unwrap_or_else(|_| panic!("one"));
        if code == "list_file_damaged" || bytes.len() == whole.len() {
            assert_eq!(unusable.code, code);
        }
        assert_eq!(fs::read(&file).unwrap(), bytes);
        listed.desk(&lists);
        assert_eq!(codes(&listed.world.check(AGE, Mode::Code, Holds::SdJwt)), ["status_unreachable"]);
    }
    // Damaged under a running desk: found when it is read.
    fs::write(&file, &whole).unwrap();
    let lists = Arc::new(listed.open(folder.path()).unwrap());
    listed.desk(&lists);
    let mut flipped = whole.clone();
    flipped[place] = if flipped[place] == b'A' { b'B' } else { b'A' };
    fs::write(&file, &flipped).unwrap();
    assert_eq!(codes(&listed.world.check(AGE, Mode::Code, Holds::SdJwt)), ["status_signature_invalid"]);
    // A genuine list under the name of another is none.
    fs::write(&file, &whole).unwrap();
    fs::rename(&file, folder.path().join("status-other")).unwrap();
    let lists = listed.open(folder.path()).unwrap();
    assert_eq!(lists.unusable()[0].code, "status_file_misplaced");
    assert!(lists.addresses().is_empty());
}

// rule: OQ-36
#[test]
fn a_damaged_trust_list_or_record_is_an_error_that_says_so() {
    let folder = TempDir::new().unwrap();
    let listed = Listed::new();
    let lists = listed.open(folder.path()).unwrap();
    lists.take_trust_list(&listed.list(1, true, 60), listed.world.now()).unwrap();
    let file = folder.path().join("trust-list");
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    let place = flipped.len() - 20;
    flipped[place] = if flipped[place] == b'A' { b'B' } else { b'A' };
    fs::write(&file, &flipped).unwrap();
    let error = listed.open(folder.path()).err().unwrap();
    assert_eq!(error, ListsError::TrustList(TrustListError::Signature));
    assert_eq!(fs::read(&file).unwrap(), flipped);
    fs::write(&file, &whole).unwrap();
    listed.open(folder.path()).unwrap();

    let record = folder.path().join("desk.json");
    for damaged in ["", "{", r#"{"version":2,"latestSigned":null,"day":null,"checks":0}"#] {
        fs::write(&record, damaged).unwrap();
        let lists = Arc::new(listed.open(folder.path()).unwrap());
        assert_eq!(lists.load().unwrap_err(), MemoryError::Unreadable);
        let ports = ScreenPorts {
            lists: Arc::clone(&lists) as Arc<_>,
            memory: lists,
            clock: Arc::clone(&listed.world.clock) as Arc<_>,
            entropy: Arc::new(SystemEntropy),
        };
        let desk = ScreenDesk::new(listed.world.desk.settings().clone(), ports);
        assert_eq!(desk.err().unwrap().code(), "desk_memory_unreadable");
        assert_eq!(fs::read_to_string(&record).unwrap(), damaged);
    }
}

#[test]
fn the_record_comes_back_as_it_was() {
    let folder = TempDir::new().unwrap();
    let listed = Listed::new();
    let lists = listed.open(folder.path()).unwrap();
    assert_eq!(lists.load().unwrap(), DeskRecord::default());
    let record = DeskRecord {
        latest_signed: Some(listed.world.now()),
        day: Some(CivilDate::of(listed.world.now())),
        checks: 7,
    };
    lists.save(&record).unwrap();
    assert_eq!(lists.load().unwrap(), record);
}

/// A folder that cannot be written to, as on a full disk: its place is taken by a file.
// rule: OQ-36
#[test]
fn what_cannot_be_written_is_an_error_and_what_was_there_stays() {
    let folder = TempDir::new().unwrap();
    let inner = folder.path().join("lists");
    let listed = Listed::new();
    let now = listed.world.now();
    let lists = listed.open(&inner).unwrap();
    lists.take_trust_list(&listed.list(1, true, 60), now).unwrap();
    let moved = folder.path().join("moved");
    fs::rename(&inner, &moved).unwrap();
    fs::write(&inner, "").unwrap();
    let token = listed.world.token(StatusState::Valid, 60).token;
    assert_eq!(lists.take_status_token(LIST, &token, now).unwrap_err(), ListsError::Unwritable);
    assert_eq!(lists.take_trust_list(&listed.list(2, false, 60), now).unwrap_err(), ListsError::Unwritable);
    assert_eq!(lists.save(&DeskRecord::default()).unwrap_err(), MemoryError::Unwritable);
    // What was not kept is not used either: the number in use is the number on the disk.
    assert_eq!(lists.trust().trust_list.unwrap().sequence_number, 1);
    assert_eq!(ListFolder::open(&inner, listed.anchors()).err(), Some(ListsError::Unwritable));
    assert_eq!(listed.open(&moved).unwrap().trust().trust_list.unwrap().sequence_number, 1);
}

#[test]
fn lists_are_bounded_in_number() {
    let folder = TempDir::new().unwrap();
    let listed = Listed::new();
    let lists = listed.open(folder.path()).unwrap();
    lists.take_trust_list(&listed.list(1, true, 60), listed.world.now()).unwrap();
    for number in 0..MAX_KEPT_LISTS + 3 {
        listed.world.clock.advance(1);
        let uri = format!("https://lists.example/{number}");
        let token = listed.world.token_of(&uri, StatusState::Valid, 60).token;
        lists.take_status_token(&uri, &token, listed.world.now()).unwrap();
    }
    let addresses = lists.addresses();
    assert_eq!(addresses.len(), MAX_KEPT_LISTS);
    assert!(!addresses.contains(&"https://lists.example/0".to_owned()));
    assert_eq!(listed.open(folder.path()).unwrap().addresses().len(), MAX_KEPT_LISTS);
}
