//! Answers that wait for a connection, on the command line.

use super::*;

#[test]
fn nothing_waits_for_a_connection_unless_it_was_said() {
    let stage = Stage::with_wallet();
    assert_eq!(stage.ok(&["queued"])["waiting"].as_array().map(Vec::len), Some(0));
    let sent = stage.ok(&["send-queued"]);
    assert!(sent["sent"].as_array().is_some_and(Vec::is_empty) && sent["waiting"] == 0, "{sent}");
    stage.error(&["queued", "--withdraw", "00000000000000000000000000000000"], 2, "not_found");
    // A yes to keeping an answer is none to sending it: without a person at a terminal nothing is sent.
    let (link, _) = stage.asked("v-rent");
    for paper in ["p1-resident", "p1-register", "p1-income", "p1-lease"] {
        stage.hold("p1", paper);
    }
    let (exit, answer) = stage.json(&["present", &link, "--when-connected"]);
    assert_ne!(exit, 0, "{answer}");
    assert_eq!(stage.ok(&["queued"])["waiting"].as_array().map(Vec::len), Some(0));
}
