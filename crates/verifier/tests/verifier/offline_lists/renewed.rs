//! Lists of an issuer whose root is being renewed: of the same name and key, so of the same party, in whichever order it is listed.

use super::*;
use primitives::base64url;
use trust::Certificate;
use trust::certificate::builder::Validity;

/// A desk that has a list by which the card is withdrawn, and what it had before, by which the card is valid.
struct Renewed {
    listed: Listed,
    new: Certificate,
    older: Vec<u8>,
}

impl Renewed {
    fn new() -> Self {
        let mut listed = Listed::new();
        let new = listed.world.issuer.renewed_root(Validity::days(listed.now() - DAY, 3650), &SystemEntropy);
        assert!(new != listed.world.issuer.root);
        let older = listed.token(StatusState::Valid);
        let lists = listed.trusting();
        listed.world.clock.advance(60);
        let newer = listed.token(StatusState::Invalid);
        lists.take_status_token(LIST, &newer, listed.now()).unwrap();
        assert_eq!(listed.checked(lists), ["status_invalid"]);
        Self { listed, new, older }
    }

    /// A trust list of this number that names the issuer by these roots.
    fn takes(&self, lists: &ListFolder, sequence_number: u64, roots: &[&Certificate]) {
        let certificates = roots.iter().map(|root| (*root).clone()).collect();
        let service = TrustedService { certificates, ..issues(&self.listed.world.issuer) };
        let list = self.listed.list_of(sequence_number, vec![service], 60);
        lists.take_trust_list(&list, self.listed.now()).unwrap();
    }

    /// What was withdrawn stays so, whatever comes.
    fn holds(&mut self, lists: ListFolder) {
        assert_eq!(lists.unusable(), []);
        assert_eq!(lists.addresses(), [LIST]);
        let now = self.listed.now();
        assert_eq!(lists.take_status_token(LIST, &self.older, now), Err(ListsError::Older));
        assert_eq!(self.listed.checked(lists), ["status_invalid"]);
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.listed.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.to_string_lossy().contains("status-")).collect()
    }
}

// rule: OQ-36, TL-5
#[test]
fn a_newer_list_stays_when_the_root_of_its_signer_is_renewed() {
    let mut renewed = Renewed::new();
    let (old, new) = (renewed.listed.world.issuer.root.clone(), renewed.new.clone());
    for (number, roots) in [(2, &[&new, &old][..]), (3, &[&old, &new]), (4, &[&new])] {
        let lists = renewed.listed.open().unwrap();
        renewed.takes(&lists, number, roots);
        // What comes right after the trust list, and what comes after a restart.
        renewed.holds(lists);
        let lists = renewed.listed.open().unwrap();
        renewed.holds(lists);
    }
}

// rule: OQ-36
#[test]
fn a_list_that_an_older_version_kept_by_its_signers_certificate_is_used() {
    let mut renewed = Renewed::new();
    let (old, new) = (renewed.listed.world.issuer.root.clone(), renewed.new.clone());
    let [file] = renewed.files().try_into().unwrap();
    let name = base64url::encode(&crypto::sha256(&[LIST.as_bytes(), &old.hash()].concat()));
    let before = renewed.listed.folder.path().join(format!("status-{name}"));
    fs::rename(&file, &before).unwrap();
    let lists = renewed.listed.open().unwrap();
    renewed.takes(&lists, 2, &[&new, &old]);
    renewed.holds(lists);
    let lists = renewed.listed.open().unwrap();
    renewed.holds(lists);
    // Of two files the newer list counts, whichever is read first.
    let bytes = fs::read(&before).unwrap();
    let place = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let older = [&bytes[..place], &renewed.older[..]].concat();
    fs::write(&file, older).unwrap();
    let lists = renewed.listed.open().unwrap();
    renewed.holds(lists);
    // The next one takes the place of what was kept by the certificate.
    fs::remove_file(&file).unwrap();
    renewed.listed.world.clock.advance(60);
    let lists = renewed.listed.open().unwrap();
    let next = renewed.listed.token(StatusState::Suspended);
    lists.take_status_token(LIST, &next, renewed.listed.now()).unwrap();
    assert_eq!(renewed.files(), [file]);
    assert_eq!(renewed.listed.checked(lists), ["status_suspended"]);
}
