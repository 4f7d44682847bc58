//! Lists as files: verified when read, never older than what was there, and clear about what cannot be read or written.

mod renewed;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::offline::*;
use crypto::SystemEntropy;
use primitives::{CivilDate, Instant, LocalizedText, Refusal as _};
use tempfile::TempDir;
use trust::status::{StatusError, StatusState};
use trust::trust_list::{ServiceRole, TrustList, TrustListError, TrustedEntity, TrustedService};
use trust::{CredentialType, StatusScope};
use verifier::Outcome;
use verifier::offline::*;

/// The world's issuer is known by a trust list alone.
struct Listed {
    world: World,
    publisher: Party,
    folder: TempDir,
}

fn text(text: &str) -> LocalizedText {
    LocalizedText::new(text, text)
}

fn service(role: ServiceRole, party: &Party) -> TrustedService {
    TrustedService { name: text("Service"), role, certificates: vec![party.root.clone()], granted: true }
}

fn issues(party: &Party) -> TrustedService {
    let types = [CredentialType::sd_jwt_vc(VCT), CredentialType::mdoc(DOCTYPE)];
    service(ServiceRole::Issuer(types.into()), party)
}

impl Listed {
    fn new() -> Self {
        let world = World::new();
        let publisher = party("Publisher", world.now()).make(&SystemEntropy);
        Self { world, publisher, folder: TempDir::new().unwrap() }
    }

    fn now(&self) -> Instant {
        self.world.now()
    }

    fn anchors(&self) -> Anchors {
        Anchors { trust_list_signers: self.publisher.anchors(), ..Anchors::default() }
    }

    /// A list of this number with these services.
    fn list_of(&self, sequence_number: u64, services: Vec<TrustedService>, days: i64) -> String {
        let entity = TrustedEntity { name: text("Entity"), information_uri: None, services };
        let list = TrustList {
            sequence_number,
            issued_at: self.now(),
            next_update: self.now() + days * DAY,
            operator: text("Operator"),
            scheme: text("Scheme"),
            territory: "XN".to_owned(),
            entities: vec![entity],
        };
        list.sign(&self.publisher.chain, &self.publisher.key).unwrap()
    }

    /// A list of this number that names the issuer, or nobody.
    fn list(&self, sequence_number: u64, names_issuer: bool, days: i64) -> String {
        let service = TrustedService { granted: names_issuer, ..issues(&self.world.issuer) };
        self.list_of(sequence_number, vec![service], days)
    }

    /// A status list of now.
    fn token(&self, state: StatusState) -> Vec<u8> {
        self.world.token(state, 60).token
    }

    fn open_at(&self, folder: &Path) -> Result<ListFolder, ListsError> {
        ListFolder::open(folder, self.anchors())
    }

    fn open(&self) -> Result<ListFolder, ListsError> {
        self.open_at(self.folder.path())
    }

    /// A folder with a trust list that names the issuer.
    fn trusting(&self) -> ListFolder {
        let lists = self.open().unwrap();
        lists.take_trust_list(&self.list(1, true, 60), self.now()).unwrap();
        lists
    }

    /// And with a status list by which the card is valid.
    fn filled(&self) -> ListFolder {
        let lists = self.trusting();
        lists.take_status_token(LIST, &self.token(StatusState::Valid), self.now()).unwrap();
        lists
    }

    fn desk(&mut self, folder: ListFolder) -> Arc<ListFolder> {
        let folder = Arc::new(folder);
        let lists = Arc::clone(&folder) as Arc<_>;
        let ports = ScreenPorts { lists, memory: Arc::clone(&folder) as Arc<_>, ..self.world.ports() };
        self.world.desk = ScreenDesk::new(self.world.desk.settings().clone(), ports).unwrap();
        folder
    }

    fn check(&self) -> ScreenVerdict {
        self.world.check(AGE, Mode::Code, Holds::SdJwt)
    }

    /// What the card of the wallet is found to be, and why, by a desk with this folder.
    fn checked(&mut self, folder: ListFolder) -> Vec<&'static str> {
        self.desk(folder);
        codes(&self.check())
    }

    fn status_file(&self) -> PathBuf {
        let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        names.into_iter().find(|path| path.to_string_lossy().contains("status-")).unwrap()
    }
}

/// The same with one letter changed near its end.
fn flipped(whole: &[u8]) -> Vec<u8> {
    let mut flipped = whole.to_vec();
    let place = flipped.len() - 20;
    flipped[place] = if flipped[place] == b'A' { b'B' } else { b'A' };
    flipped
}

// rule: OQ-36, TL-5
#[test]
fn a_desk_works_from_its_files_alone_after_a_restart() {
    let mut listed = Listed::new();
    let then = listed.now();
    drop(listed.filled());

    // The clock has gone on, and there is no network.
    listed.world.clock.advance(3600);
    let lists = listed.open().unwrap();
    assert_eq!(lists.unusable(), []);
    assert_eq!(lists.addresses(), [LIST]);
    let lists = listed.desk(lists);
    let shown = listed.check();
    assert_eq!((shown.verdict.outcome, codes(&shown)), (Outcome::Confirmed, vec![]));
    assert_eq!(shown.trust_list.unwrap().as_of, then);
    assert_eq!(listed.world.desk.ages().status_lists.unwrap().as_of, then);
    assert_eq!(lists.trust().trust_list.unwrap().sequence_number, 1);
    // The count and the latest signed time are there after the next start as well.
    listed.desk(listed.open().unwrap());
    assert_eq!(listed.world.desk.count().checks, 1);
    listed.world.clock.advance(-DAY);
    assert_eq!(codes(&listed.check()), ["clock_behind"]);
}

// rule: TL-5, OQ-36
#[test]
fn an_older_trust_list_offered_as_newer_is_refused() {
    let listed = Listed::new();
    let now = listed.now();
    let older = listed.list(1, true, 60);
    let same_number = listed.list(2, true, 60);
    let lists = listed.open().unwrap();
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
    let lists = listed.open().unwrap();
    assert_eq!(
        lists.take_trust_list(&older, now).unwrap_err(),
        ListsError::TrustList(TrustListError::Rollback)
    );
    assert!(lists.trust().issuers.is_empty());
}

// rule: OQ-36
#[test]
fn an_older_status_list_offered_as_newer_is_refused() {
    let mut listed = Listed::new();
    let lists = listed.trusting();
    let older = listed.token(StatusState::Valid);
    listed.world.clock.advance(60);
    let now = listed.now();
    lists.take_status_token(LIST, &listed.token(StatusState::Invalid), now).unwrap();
    let refused = lists.take_status_token(LIST, &older, now).unwrap_err();
    assert_eq!((refused, refused.code()), (ListsError::Older, "status_list_older"));
    assert_eq!(listed.checked(lists), ["status_invalid"]);
    assert_eq!(listed.open().unwrap().take_status_token(LIST, &older, now).unwrap_err(), ListsError::Older);
}

/// Two issuers whose status lists a third party signs, as a trust list has them, in one order and in the other.
struct Shared {
    listed: Listed,
    other: Party,
    signer: Party,
}

impl Shared {
    fn new() -> Self {
        let listed = Listed::new();
        let other = party("Other issuer", listed.now()).make(&SystemEntropy);
        let signer = party("Status", listed.now()).make(&SystemEntropy);
        Self { listed, other, signer }
    }

    /// A trust list of this number; whether the card's issuer stands first.
    fn list(&self, sequence_number: u64, first: bool) -> String {
        let mut scope = StatusScope::of(&self.listed.world.issuer.root);
        scope.issuer_anchors.insert(self.other.root.hash());
        let mut services = vec![
            issues(&self.listed.world.issuer),
            issues(&self.other),
            service(ServiceRole::StatusSigner(scope), &self.signer),
        ];
        if !first {
            services.swap(0, 1);
        }
        self.listed.list_of(sequence_number, services, 60)
    }

    fn token(&self, state: StatusState) -> Vec<u8> {
        self.listed.world.token_by(&self.signer, LIST, state, 60).token
    }
}

// rule: OQ-36
#[test]
fn a_newer_list_for_several_issuers_counts_for_each_however_the_trust_list_orders_them() {
    for first in [true, false] {
        let mut shared = Shared::new();
        let lists = shared.listed.open().unwrap();
        lists.take_trust_list(&shared.list(1, first), shared.listed.now()).unwrap();
        lists.take_status_token(LIST, &shared.token(StatusState::Valid), shared.listed.now()).unwrap();
        shared.listed.world.clock.advance(60);
        let now = shared.listed.now();
        lists.take_trust_list(&shared.list(2, !first), now).unwrap();
        lists.take_status_token(LIST, &shared.token(StatusState::Invalid), now).unwrap();
        assert_eq!(lists.addresses(), [LIST]);
        assert_eq!(shared.listed.checked(lists), ["status_invalid"], "{first}");
        // Nor is it another list after the next start.
        let lists = shared.listed.open().unwrap();
        assert_eq!(lists.unusable(), []);
        assert_eq!(shared.listed.checked(lists), ["status_invalid"], "{first}");
    }
}

// rule: OQ-36
#[test]
fn an_older_list_is_refused_and_the_kept_one_stays_however_the_trust_list_orders_the_issuers() {
    for first in [true, false] {
        let mut shared = Shared::new();
        let lists = shared.listed.open().unwrap();
        lists.take_trust_list(&shared.list(1, first), shared.listed.now()).unwrap();
        let older = shared.token(StatusState::Valid);
        shared.listed.world.clock.advance(60);
        let now = shared.listed.now();
        lists.take_status_token(LIST, &shared.token(StatusState::Invalid), now).unwrap();
        lists.take_trust_list(&shared.list(2, !first), now).unwrap();
        assert_eq!(lists.take_status_token(LIST, &older, now), Err(ListsError::Older), "{first}");
        drop(lists);
        let lists = shared.listed.open().unwrap();
        assert_eq!(lists.unusable(), []);
        assert_eq!(lists.take_status_token(LIST, &older, now), Err(ListsError::Older), "{first}");
        assert_eq!(shared.listed.checked(lists), ["status_invalid"], "{first}");
    }
}

// rule: OQ-36, ST-13
#[test]
fn a_newer_list_by_another_issuer_of_the_same_address_is_not_the_issuers() {
    let mut shared = Shared::new();
    let lists = shared.listed.open().unwrap();
    lists.take_trust_list(&shared.list(1, true), shared.listed.now()).unwrap();
    lists.take_status_token(LIST, &shared.listed.token(StatusState::Invalid), shared.listed.now()).unwrap();
    shared.listed.world.clock.advance(60);
    let now = shared.listed.now();
    let theirs = shared.listed.world.token_by(&shared.other, LIST, StatusState::Valid, 60).token;
    lists.take_status_token(LIST, &theirs, now).unwrap();
    assert_eq!(shared.listed.checked(lists), ["status_invalid"]);
    // One of the status signer's, who speaks for the issuer, is; of two that count the newer one does.
    let lists = shared.listed.open().unwrap();
    lists.take_status_token(LIST, &shared.token(StatusState::Suspended), now).unwrap();
    assert_eq!(shared.listed.checked(lists), ["status_suspended"]);
}

// rule: OQ-31, ST-13
#[test]
fn another_issuers_list_in_the_place_of_the_issuers_makes_red_and_never_green() {
    let shared = Shared::new();
    let world = &shared.listed.world;
    let folder = shared.listed.open().unwrap();
    folder.take_trust_list(&shared.list(1, true), shared.listed.now()).unwrap();
    *world.lists.trust.lock().unwrap() = folder.trust();
    for state in [StatusState::Valid, StatusState::Invalid] {
        // A store by address alone, as the window's: the newer list of whoever is trusted as well is what it has.
        world.keep_token(world.token_by(&shared.other, LIST, state, 1));
        red(&world.check(AGE, Mode::Code, Holds::SdJwt), "status_signer_not_allowed");
    }
    world.keep(StatusState::Valid);
    assert_eq!(world.check(AGE, Mode::Code, Holds::SdJwt).verdict.outcome, Outcome::Confirmed);
}

// rule: TL-1, TL-3, TL-7, ST-3, ST-5, ST-13
#[test]
fn only_lists_that_hold_are_taken() {
    let (listed, other) = (Listed::new(), Listed::new());
    let now = listed.now();
    let lists = listed.open().unwrap();
    let taken = |signed: &str, at: Instant| lists.take_trust_list(signed, at).map_err(|error| error.code());
    assert_eq!(taken(&other.list(1, true, 60), now), Err("trust_list_signer_not_allowed"));
    assert_eq!(taken(&listed.list(1, true, 1), now + DAY), Err("trust_list_expired"));
    assert_eq!(taken("nothing", now), Err("trust_list_malformed"));
    taken(&listed.list(1, true, 60), now).unwrap();
    let token = listed.world.token(StatusState::Valid, 1).token;
    let kept = |uri: &str, token: &[u8], at| lists.take_status_token(uri, token, at);
    assert_eq!(kept("https://lists.example/2", &token, now), Err(StatusError::Subject.into()));
    assert_eq!(kept(LIST, &token, now + DAY), Err(StatusError::Expired.into()));
    let stranger = other.token(StatusState::Valid);
    assert_eq!(kept(LIST, &stranger, now).unwrap_err().code(), "status_signer_not_allowed");
    assert!(lists.addresses().is_empty());
    kept(LIST, &token, now).unwrap();
}

// rule: OQ-36
#[test]
fn a_damaged_status_list_is_named_left_and_not_used() {
    let mut listed = Listed::new();
    listed.filled();
    let file = listed.status_file();
    let whole = fs::read(&file).unwrap();
    let half = whole[..whole.len() / 2].to_vec();
    for (bytes, code) in [
        (flipped(&whole), Some("status_signature_invalid")),
        (half, None),
        (Vec::new(), Some("list_file_damaged")),
        (b"{}\nx".to_vec(), Some("list_file_damaged")),
    ] {
        fs::write(&file, &bytes).unwrap();
        let lists = listed.open().unwrap();
        let [unusable] = lists.unusable().try_into().unwrap_or_else(|_| panic!("one"));
        assert!(code.is_none_or(|code| code == unusable.code), "{}", unusable.code);
        assert_eq!(fs::read(&file).unwrap(), bytes);
        assert_eq!(listed.checked(lists), ["status_unreachable"]);
    }
    // Damaged under a running desk: found when it is read.
    fs::write(&file, &whole).unwrap();
    let lists = listed.open().unwrap();
    fs::write(&file, flipped(&whole)).unwrap();
    assert_eq!(listed.checked(lists), ["status_signature_invalid"]);
    // A genuine list under the name of another is none.
    fs::write(&file, &whole).unwrap();
    fs::rename(&file, listed.folder.path().join("status-other")).unwrap();
    let lists = listed.open().unwrap();
    assert_eq!(lists.unusable()[0].code, "status_file_misplaced");
    assert!(lists.addresses().is_empty());
}

// rule: OQ-36
#[test]
fn a_damaged_trust_list_or_record_is_an_error_that_says_so() {
    let listed = Listed::new();
    listed.trusting();
    let file = listed.folder.path().join("trust-list");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, flipped(&whole)).unwrap();
    let error = listed.open().err().unwrap();
    assert_eq!(error, ListsError::TrustList(TrustListError::Signature));
    assert_eq!(fs::read(&file).unwrap(), flipped(&whole));
    fs::write(&file, &whole).unwrap();
    listed.open().unwrap();

    let record = listed.folder.path().join("desk.json");
    for damaged in ["", "{", r#"{"version":2,"latestSigned":null,"day":null,"checks":0}"#] {
        fs::write(&record, damaged).unwrap();
        let lists = Arc::new(listed.open().unwrap());
        assert_eq!(lists.load().unwrap_err(), MemoryError::Unreadable);
        let ports = ScreenPorts { memory: lists, ..listed.world.ports() };
        let desk = ScreenDesk::new(listed.world.desk.settings().clone(), ports);
        assert_eq!(desk.err().unwrap().code(), "desk_memory_unreadable");
        assert_eq!(fs::read_to_string(&record).unwrap(), damaged);
    }
}

#[test]
fn the_record_comes_back_as_it_was() {
    let listed = Listed::new();
    let lists = listed.open().unwrap();
    assert_eq!(lists.load().unwrap(), DeskRecord::default());
    let record = DeskRecord {
        latest_signed: Some(listed.now()),
        day: Some(CivilDate::of(listed.now())),
        checks: 7,
        answered_until: None,
    };
    let later = DeskRecord { answered_until: Some(listed.now() + 5), ..record };
    for record in [record, later] {
        lists.save(&record).unwrap();
        assert_eq!(lists.load().unwrap(), record);
    }
    // As it was kept before moments ahead were.
    let file = listed.folder.path().join("desk.json");
    fs::write(&file, r#"{"version":1,"latestSigned":1800000000,"day":"2027-01-15","checks":7}"#).unwrap();
    assert_eq!((lists.load().unwrap().checks, lists.load().unwrap().answered_until), (7, None));
}

/// A folder that cannot be written to, as on a full disk: its place is taken by a file.
// rule: OQ-36
#[test]
fn what_cannot_be_written_is_an_error_and_what_was_there_stays() {
    let listed = Listed::new();
    let now = listed.now();
    let inner = listed.folder.path().join("lists");
    let lists = listed.open_at(&inner).unwrap();
    lists.take_trust_list(&listed.list(1, true, 60), now).unwrap();
    let moved = listed.folder.path().join("moved");
    fs::rename(&inner, &moved).unwrap();
    fs::write(&inner, "").unwrap();
    let token = listed.token(StatusState::Valid);
    assert_eq!(lists.take_status_token(LIST, &token, now).unwrap_err(), ListsError::Unwritable);
    assert_eq!(lists.take_trust_list(&listed.list(2, false, 60), now).unwrap_err(), ListsError::Unwritable);
    assert_eq!(lists.save(&DeskRecord::default()).unwrap_err(), MemoryError::Unwritable);
    // What was not kept is not used either: the number in use is the number on the disk.
    assert_eq!(lists.trust().trust_list.unwrap().sequence_number, 1);
    assert_eq!(listed.open_at(&inner).err(), Some(ListsError::Unwritable));
    assert_eq!(listed.open_at(&moved).unwrap().trust().trust_list.unwrap().sequence_number, 1);
}

#[test]
fn lists_are_bounded_in_number() {
    let listed = Listed::new();
    let lists = listed.trusting();
    for number in 0..MAX_KEPT_LISTS + 3 {
        listed.world.clock.advance(1);
        let uri = format!("https://lists.example/{number}");
        let token = listed.world.token_of(&uri, StatusState::Valid, 60).token;
        lists.take_status_token(&uri, &token, listed.now()).unwrap();
    }
    let addresses = lists.addresses();
    assert_eq!(addresses.len(), MAX_KEPT_LISTS);
    assert!(!addresses.contains(&"https://lists.example/0".to_owned()));
    assert_eq!(listed.open().unwrap().addresses().len(), MAX_KEPT_LISTS);
}
