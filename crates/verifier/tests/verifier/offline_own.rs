//! Questions that were made at the desk, and receipts that are switched on there.

use crate::offline::*;
use primitives::Refusal as _;
use verifier::Outcome;
use verifier::offline::*;

fn draft() -> OwnDraft {
    OwnDraft {
        name: " 회원이 될 수 있습니까? ".to_owned(),
        purpose: "회원증 발급".to_owned(),
        paper: "MobileResidentCard".to_owned(),
        items: vec!["address.sigungu".to_owned(), "name".to_owned()],
    }
}

fn refused(change: impl FnOnce(&mut OwnDraft)) -> &'static str {
    let mut own = OwnQuestions::default();
    let mut wrong = draft();
    change(&mut wrong);
    let error = own.add(wrong).unwrap_err();
    assert!(own.questions().is_empty(), "nothing is taken");
    error.code()
}

#[test]
fn a_question_of_ones_own_has_a_name_a_purpose_a_paper_and_items_of_it() {
    let mut own = OwnQuestions::default();
    assert_eq!(own.add(draft()).unwrap(), "own-1");
    let question = own.questions().remove(0);
    assert_eq!((question.number, question.identifying), (None, true));
    assert_eq!(question.text.ko, "회원이 될 수 있습니까?");
    assert_eq!(question.purpose.as_ref().unwrap().ko, "회원증 발급");
    // In the order of the paper, by the captions of the catalogue, in both forms of the card.
    let items: Vec<String> = question.items().into_iter().map(|item| item.ko).collect();
    assert_eq!(items, ["성명", "시·군·구"]);
    assert_eq!(question.query.credentials().len(), 2);

    assert_eq!(refused(|draft| draft.name = " \n ".to_owned()), "desk_own_unnamed");
    assert_eq!(refused(|draft| draft.name = "가".repeat(MAX_OWN_LETTERS + 1)), "desk_own_text");
    assert_eq!(refused(|draft| draft.name = "가\u{202e}나".to_owned()), "desk_own_text");
    assert_eq!(refused(|draft| draft.purpose.clear()), "desk_own_without_purpose");
    assert_eq!(refused(|draft| draft.purpose = "가\u{7}".to_owned()), "desk_own_text");
    assert_eq!(refused(|draft| draft.paper = "Passport".to_owned()), "desk_own_paper");
    assert_eq!(refused(|draft| draft.items.clear()), "desk_own_empty");
    assert_eq!(refused(|draft| draft.items.push("arrears".to_owned())), "desk_own_item");
    assert_eq!(refused(|draft| draft.items.push("name".to_owned())), "desk_own_item");
    assert_eq!(refused(|draft| draft.items = vec!["name".to_owned(); 100_000]), "desk_own_item");
    let longest = OwnDraft {
        name: "가".repeat(MAX_OWN_LETTERS),
        purpose: "나".repeat(MAX_OWN_LETTERS),
        items: civic::Catalogue.by_key("MobileResidentCard").unwrap().claims.iter().map(item_name).collect(),
        ..draft()
    };
    // As many as there may be, of the longest there may be, can be kept.
    let mut own = OwnQuestions::default();
    for _ in 0..MAX_OWN_QUESTIONS {
        own.add(longest.clone()).unwrap();
    }
    assert_eq!(own.add(draft()).unwrap_err().code(), "desk_own_full");
    assert_eq!(
        OwnQuestions::from_kept(&own.to_kept().unwrap()).unwrap().questions().len(),
        MAX_OWN_QUESTIONS
    );
}

#[test]
fn every_paper_of_the_catalogue_can_be_asked_for_all_that_it_knows() {
    for kind in civic::Catalogue.types() {
        let items = kind.claims.iter().map(item_name).collect();
        let mut own = OwnQuestions::default();
        own.add(OwnDraft { paper: kind.key.to_owned(), items, ..draft() }).unwrap();
        assert_eq!(own.questions()[0].items().len(), kind.claims.len(), "{}", kind.key);
    }
}

#[test]
fn a_number_is_given_once_and_what_is_kept_is_of_a_known_version() {
    let mut own = OwnQuestions::default();
    own.add(draft()).unwrap();
    own.add(draft()).unwrap();
    own.remove("own-2").unwrap();
    assert_eq!(own.remove("own-2").unwrap_err().code(), "desk_question_unknown");
    let kept = own.to_kept().unwrap();
    let mut own = OwnQuestions::from_kept(&kept).unwrap();
    assert_eq!(own.add(draft()).unwrap(), "own-3");
    let names: Vec<String> = own.questions().into_iter().map(|question| question.id).collect();
    assert_eq!(names, ["own-1", "own-3"]);
    assert!(OwnQuestions::from_kept(&kept.replace("\"version\":1", "\"version\":2")).is_none());
    assert!(OwnQuestions::from_kept("{}").is_none());
    // A paper that this program does not know any more is not asked for; the question stays where it is.
    let other = OwnQuestions::from_kept(&kept.replace("MobileResidentCard", "Passport")).unwrap();
    assert!(other.questions().is_empty() && other.to_kept().unwrap().contains("Passport"));
}

fn with_own(change: impl FnOnce(&mut ScreenSettings)) -> World {
    World::with(|settings| {
        let mut own = OwnQuestions::default();
        own.add(draft()).unwrap();
        settings.questions.extend(own.questions());
        change(settings);
    })
}

// rule: OQ-5
#[test]
fn a_question_of_ones_own_is_asked_by_a_signed_request_only() {
    let world = with_own(|_| {});
    let question = world.desk.questions().last().unwrap().clone();
    assert_eq!(world.desk.modes(&question), [Mode::Request]);
    for mode in [Mode::Code, Mode::OneWay] {
        assert_eq!(world.desk.begin("own-1", mode).unwrap_err().code(), "desk_question_identifying");
    }
    let shown = world.check("own-1", Mode::Request, Holds::SdJwt);
    assert_eq!(shown.verdict.outcome, Outcome::Confirmed, "{:?}", codes(&shown));
    let captions: Vec<&str> = shown.verdict.answers.iter().map(|answer| answer.caption.ko.as_str()).collect();
    assert_eq!(captions, ["성명", "시·군·구"]);
    assert_eq!(shown.question, "own-1");
    assert!(!shown.verdict.to_json().to_string().contains("물결로"), "the rest of the address");

    let world = with_own(|settings| settings.identity = None);
    let question = world.desk.questions().last().unwrap().clone();
    assert!(world.desk.modes(&question).is_empty());
    assert_eq!(world.desk.begin("own-1", Mode::Request).unwrap_err().code(), "desk_identity_missing");
}

// rule: OQ-37
#[test]
fn receipts_are_switched_on_at_the_desk_and_only_with_a_key() {
    let world = with_own(|_| {});
    assert!(!world.desk.receipts());
    assert!(world.check(WHO, Mode::Request, Holds::SdJwt).receipt.is_none());
    world.desk.switch_receipts(true).unwrap();
    assert!(world.desk.receipts());
    let receipt = world.check("own-1", Mode::Request, Holds::SdJwt).receipt.unwrap();
    let read = world.desk.read_receipt(&receipt).unwrap();
    assert_eq!((read.question.as_str(), read.outcome.as_str()), ("own-1", "confirmed"));
    assert_eq!((read.mode.as_str(), read.at), (Mode::Request.name(), world.now()));
    assert!(read.reasons.is_empty());
    world.desk.switch_receipts(false).unwrap();
    assert!(world.check(AGE, Mode::Code, Holds::SdJwt).receipt.is_none());

    let without = with_own(|settings| settings.identity = None);
    assert_eq!(without.desk.switch_receipts(true).unwrap_err().code(), "desk_identity_missing");
    assert!(!without.desk.receipts() && without.desk.read_receipt(&receipt).is_none());
    assert!(without.check(AGE, Mode::Code, Holds::SdJwt).receipt.is_none());
    without.desk.switch_receipts(false).unwrap();
}

// rule: OQ-37
#[test]
fn a_receipt_is_read_only_where_this_desk_signed_it_as_one() {
    let world = with_own(|settings| settings.receipts = true);
    let receipt = world.check(AGE, Mode::Code, Holds::SdJwt).receipt.unwrap();
    assert!(world.desk.read_receipt(&receipt).is_some());
    assert!(world.other_desk().read_receipt(&receipt).is_none(), "another desk's");
    let mut parts: Vec<String> = receipt.split('.').map(str::to_owned).collect();
    let said = String::from_utf8(primitives::base64url::decode(&parts[1]).unwrap()).unwrap();
    parts[1] = primitives::base64url::encode(said.replace("confirmed", "cOnfirmed").as_bytes());
    assert!(world.desk.read_receipt(&parts.join(".")).is_none(), "changed");
    // Signed by the same key, and something else.
    for (name, claims) in [
        ("oauth-authz-req+jwt", &said),
        (RECEIPT_TYPE, &said.replace("\"mode\"", "\"name\"")),
        (RECEIPT_TYPE, &said.replace("{", "{\"person\":\"x\",")),
    ] {
        let other = crypto::jws::HeaderBuilder::new(name).sign(claims.as_bytes(), &world.shop.key).unwrap();
        assert!(world.desk.read_receipt(&other).is_none(), "{name} {claims}");
    }
    assert!(world.desk.read_receipt("").is_none());
    assert!(world.desk.read_receipt(&"a".repeat(MAX_RECEIPT_BYTES + 1)).is_none());
}
