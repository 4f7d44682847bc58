//! First run and receiving.

use super::bench::{Bench, Keyring};
use super::person::Person;

#[tokio::test(flavor = "multi_thread")]
async fn a_first_card_arrives_within_the_first_run() {
    let bench = Bench::new("first-run", Keyring::Unlocked);
    let person = Person::sits_down(&bench).await;
    person.sees("first-run").await;
    person.picture("1-people").await;
    person.presses("persona-p1").await;
    person.picture("2-chosen").await;
    person.presses("first-continue").await;
    person.sees("host").await;
    person.picture("3-host").await;
    person.presses("host-continue").await;
    person.sees("offer").await;
    assert_eq!(person.sees("party").await.attr("data-trust").await.unwrap().as_deref(), Some("registered"));
    person.picture("4-offer").await;
    person.presses("receive-accept").await;
    person.sees("received").await;
    person.picture("5-received").await;
    person.presses("received-today").await;
    person.sees("shelf-id").await;
    person.picture("6-today").await;
    assert!(person.words().await.contains("이도담"));
    person.goes_to("#/ids").await;
    person.presses("paper").await;
    person.sees("trust-signature").await;
    person.picture("7-card").await;
    person.leaves().await;
}
