//! What is refused where an answer would be shown: by the same rules as online, and by those of a recipient whom nobody knows.

use openid4vp::verifier::{ClientIdentity, RequestBuilder, RequestSigner};
use primitives::{Clock as _, Refusal as _};
use serde_json::json;
use wallet::view::*;

use super::desk::*;
use crate::world::*;

// rule: OQ-5
#[test]
fn a_question_that_identifies_is_answered_to_a_signed_request_only() {
    run(async {
        let world = World::new();
        world.receive(&["resident"]).await;
        let questions = world.wallet.offline_questions();
        let identifying: Vec<u8> = questions
            .iter()
            .filter(|question| question.identifying)
            .map(|question| question.number)
            .collect();
        assert_eq!(identifying, [4]);
        let (code, _) = desk_code(&world, 4);
        assert!(world.wallet.read_code(&code.grouped()).unwrap().identifying);
        for started in [world.wallet.present_by_code(&code.grouped()), world.wallet.present_one_way(4)] {
            let refusal = refusal(started.unwrap());
            assert_eq!((refusal.code.as_str(), refusal.left), ("offline_question_identifying", false));
            assert!(world.history().remove(0).kind == HistoryKind::Refused);
        }
        let query = civic::questions::by_number(4).unwrap().dcql();
        let registration = world.registration(&[(RESIDENT, &[&["name"], &["birth"], &["portrait"]])]);
        let asked = Asked::by(&world, query, Some(registration));
        let consent = asked.consent(&world).await;
        // The card has no portrait here; what it has is required, and nothing is ticked beforehand.
        assert_eq!(consent.queries[0].candidates[0].items.len(), 2);
        let showing = shown(&world, &consent).await;
        let answer = asked.session.open(&read(&world, &showing, 0), &issuers(&world), now(&world)).unwrap();
        assert_eq!(answer.presentations[0].claims["name"], "김하늘-fixture");
    });
}

// rule: OQ-5, VP-D3
#[test]
fn what_an_issuer_added_beside_the_elements_is_told_and_never_to_nobody() {
    run(async {
        for (name_space, adds) in [(civic::transaction::NAME_SPACE, false), ("이도담", true)] {
            let world = World::new();
            world.server(|server| {
                let card = server.configurations.get_mut("resident_mdoc").unwrap();
                card.claims["ageOver19"] = json!(true);
                card.mode.device_may_sign = Some(name_space);
            });
            world.receive(&["resident_mdoc"]).await;
            let (code, _) = desk_code(&world, 1);
            for started in [world.wallet.present_by_code(&code.grouped()), world.wallet.present_one_way(1)] {
                match started.unwrap() {
                    PresentStarted::Refusal(refusal) => assert_eq!(refusal.code, "nothing_fits"),
                    PresentStarted::Consent(_) => assert!(!adds),
                }
            }
            let asked = Asked::new(&world, super::age_in("mso_mdoc"), true);
            let consent = asked.consent(&world).await;
            let items = &consent.queries[0].candidates[0].items;
            let told =
                |captions: Vec<String>| captions.iter().any(|one| one == "발급기관이 서류에 덧붙인 것");
            assert_eq!(told(items.iter().map(|item| said(&item.caption)).collect()), adds);
            assert!(items.iter().all(|item| said(&item.value) != "값 없음"), "it is named, and not nothing");
            let showing = shown(&world, &consent).await;
            asked.session.open(&read(&world, &showing, 0), &issuers(&world), now(&world)).unwrap();
            let line = world.history().remove(0);
            assert_eq!(told(line.items.iter().map(said).collect()), adds);
        }
    });
}

// rule: OQ-19
#[test]
fn a_portrait_is_shown_only_if_it_was_ticked() {
    run(async {
        let world = World::new();
        world.receive(&["resident_mdoc"]).await;
        let query = civic::questions::by_number(4).unwrap().dcql();
        let mut told = Vec::new();
        for tick in [false, true] {
            let asked = Asked::new(&world, query.clone(), false);
            let consent = asked.consent(&world).await;
            let items: Vec<&ConsentItem> = consent
                .queries
                .iter()
                .flat_map(|query| &query.candidates)
                .flat_map(|one| &one.items)
                .collect();
            let portrait = items.iter().find(|item| item.id.contains("portrait")).unwrap();
            assert!(portrait.necessity == Necessity::Optional);
            let mut selection = yes(&consent);
            if tick {
                selection.items.push(portrait.id.clone());
            }
            let sent = world.wallet.present_send(&consent.session_id, &selection).await.unwrap();
            let PresentSent::Showing(showing) = sent else { panic!("not shown") };
            let answer =
                asked.session.open(&read(&world, &showing, 0), &issuers(&world), now(&world)).unwrap();
            told.push(answer.presentations[0].claims.to_string().contains("portrait"));
        }
        assert_eq!(told, [false, true]);
    });
}

// rule: OQ-5
#[test]
fn a_paper_that_would_tell_who_somebody_is_beside_the_answer_does_not_answer() {
    run(async {
        // The address is one disclosure here: the city would bring the street.
        let world = World::new();
        world.receive(&["resident"]).await;
        let refused = refusal(world.wallet.present_one_way(2).unwrap());
        assert_eq!(refused.code, "nothing_fits");
        assert!(!refused.can_tell && !refused.left);
        consented(world.wallet.present_one_way(1).unwrap());
        // A paper that shows its name in every presentation.
        let world = World::new();
        world.server(|server| server.configurations.get_mut("resident").unwrap().always = vec!["name"]);
        world.receive(&["resident"]).await;
        assert_eq!(refusal(world.wallet.present_one_way(1).unwrap()).code, "nothing_fits");
        let (code, _) = desk_code(&world, 1);
        assert_eq!(refusal(world.wallet.present_by_code(&code.grouped()).unwrap()).code, "nothing_fits");
        // As a mobile document each element leaves by itself.
        let world = World::new();
        world.server(|server| {
            server.configurations.get_mut("resident_mdoc").unwrap().claims["address_sigungu"] =
                json!("가람시");
        });
        world.receive(&["resident_mdoc"]).await;
        let consent = consented(world.wallet.present_one_way(2).unwrap());
        let showing = shown(&world, &consent).await;
        let session = desk_one_way(&world, 2);
        let answer = session.open(&read(&world, &showing, 0), &issuers(&world), now(&world)).unwrap();
        assert_eq!(answer.presentations[0].claims, json!({ NAME_SPACE: { "address_sigungu": "가람시" } }));
    });
}

#[test]
fn a_paper_that_is_itself_the_answer_tells_none_of_its_claims() {
    run(async {
        let world = World::new();
        world.server(|server| {
            let kind = civic::Catalogue.by_key("BasicLivelihoodCertificate").unwrap();
            let configuration = Configuration {
                credential_type: trust::CredentialType::sd_jwt_vc(kind.vct),
                claims: json!({ "name": "김하늘-fixture", "kinds": ["생계급여"], "office": "가람시" }),
                always: Vec::new(),
                mode: Mode::default(),
            };
            server.configurations.insert("livelihood".to_owned(), configuration);
        });
        world.receive(&["livelihood"]).await;
        let (code, session) = desk_code(&world, 3);
        let consent = consented(world.wallet.present_by_code(&code.grouped()).unwrap());
        let items = &consent.queries[0].candidates[0].items;
        assert_eq!(
            (items.len(), said(&items[0].caption), said(&items[0].value)),
            (1, "기초생활 수급 자격".to_owned(), "있음".to_owned())
        );
        assert_eq!(consent.lines.items.text.as_ref().map(said).as_deref(), Some("기초생활 수급 자격"));
        let showing = shown(&world, &consent).await;
        assert_eq!(showing.item_count, 1);
        let answer = session.open(&read(&world, &showing, 0), &issuers(&world), now(&world)).unwrap();
        let claims = answer.presentations[0].claims.to_string();
        assert!(
            !claims.contains("김하늘") && !claims.contains("생계") && !claims.contains("가람시"),
            "{claims}"
        );
        let line = world.history().remove(0);
        assert_eq!(line.items.iter().map(said).collect::<Vec<_>>(), ["이 서류가 있다는 사실"]);
    });
}

#[test]
fn what_holds_online_holds_for_a_screen() {
    run(async {
        let world = World::new();
        world.receive(&["resident"]).await;
        // Answered once.
        let asked = Asked::new(&world, name_query(), true);
        let showing = shown(&world, &asked.consent(&world).await).await;
        world.wallet.show_stop(&showing.session_id);
        assert_eq!(refusal(asked.start(&world).await).code, "request_already_answered");
        // No resident number without a law.
        let query = query(&[credential("card", RESIDENT, &[&["ihidnum"]])]);
        let refused = refusal(Asked::new(&world, query, true).start(&world).await);
        assert_eq!(refused.code, "request_resident_number");
        // More than registered is marked, and takes a yes of its own.
        let query = self::query(&[credential("card", RESIDENT, &[&["name"], &["birth"]])]);
        let consent = Asked::new(&world, query, true).consent(&world).await;
        assert!(consent.must_acknowledge.contains(&Acknowledgement::OverAsked));
        assert!(consent.queries[0].candidates[0].items.iter().any(|item| item.over_asked));
        // Without a registration each line that nobody stated takes its own.
        let consent = Asked::new(&world, name_query(), false).consent(&world).await;
        assert!(consent.must_acknowledge.contains(&Acknowledgement::Unregistered));
        assert!(consent.must_acknowledge.contains(&Acknowledgement::Purpose));
        assert_eq!(consent.recipient.name.as_ref().map(said).as_deref(), Some("Verifier Ltd"));
    });
}

// rule: OQ-1, OQ-4
#[test]
fn a_screen_takes_no_request_of_another_way_and_no_link_one_of_a_screen() {
    run(async {
        let world = World::new();
        world.receive(&["resident"]).await;
        let posted = world.server(|server| {
            let query = dcql::Query::from_value(name_query()).unwrap();
            let identity = ClientIdentity::X509Hash(server.verifier.chain.clone());
            let prepared = RequestBuilder::new(identity, query, format!("https://{HOST}/response/x"));
            let prepared = prepared.build(server.clock.now(), &entropy()).unwrap();
            let signer = RequestSigner { chain: &server.verifier.chain, signer: &server.verifier.key };
            prepared.request_object(&signer).unwrap()
        });
        let message = offline_qr::RequestMessage { request_object: posted }.encode().unwrap();
        let frames = offline_qr::Frames::new(
            offline_qr::Kind::Request,
            &message,
            offline_qr::FrameSize::Small,
            &entropy(),
        )
        .unwrap();
        let texts: Vec<String> =
            (0..u16::from(frames.count())).map(|sequence| frames.text(sequence)).collect();
        let Found::Request { input_id, .. } = world.wallet.read_codes(&texts) else { panic!("no request") };
        let refused = refusal(world.wallet.present_start(&input_id).await.unwrap());
        assert_eq!(refused.code, "request_response_mode_unsupported");

        let asked = Asked::new(&world, name_query(), true);
        let client = "x509_hash:x";
        let link = format!("openid4vp://?client_id={client}&request={}", asked.object);
        assert!(matches!(world.start(&link).await, PresentStarted::Refusal(_)));
    });
}

#[test]
fn frames_are_collected_from_wherever_they_come_and_none_is_lost() {
    let world = World::new();
    run(world.receive(&["resident"]));
    let asked = Asked::new(&world, name_query(), true);
    let other = Asked::new(&world, name_query(), true);
    assert!(asked.texts.len() > 1);
    let need = u8::try_from(asked.texts.len()).unwrap();
    assert_eq!(world.wallet.read_codes(&asked.texts[..1]), Found::Progress { have: 1, need, foreign: false });
    assert_eq!(world.wallet.read_codes(&asked.texts[..1]), Found::Progress { have: 1, need, foreign: false });
    // Another screen in the picture.
    assert_eq!(world.wallet.read_codes(&other.texts[..1]), Found::Progress { have: 1, need, foreign: true });
    assert_eq!(world.wallet.read_codes::<&str>(&[]), Found::Nothing { why: NothingWhy::NoQr });
    assert_eq!(world.wallet.read_codes(&["OQ1:0"]), Found::Nothing { why: NothingWhy::NotALink });
    let rest = format!("  {}\r\n", asked.texts[1..].join("\r\n"));
    assert!(matches!(world.wallet.read_text(&rest, false), Found::Request { .. }));
    // Read again from the beginning.
    assert!(matches!(world.wallet.read_text(&asked.texts.join("\n"), false), Found::Request { .. }));
    let long = format!("{}\n", asked.texts[0]).repeat(2000);
    assert_eq!(world.wallet.read_text(&long, false), Found::Nothing { why: NothingWhy::TooLarge });
    // As a hand scanner types them: in small letters, or while the input mode is Hangul.
    let small = asked.texts[0].to_lowercase();
    let hangul = asked.texts[0].replacen("OQ1:", "ㅐㅂ1:", 1);
    for typed in [&small, &hangul] {
        let read = world.wallet.read_text(typed, false);
        assert!(matches!(read, Found::Progress { have: 1, .. }), "{typed}");
    }
    // A link among other codes.
    let (_, link) = world.request(name_query());
    // The camera looks for what is read, and for nothing that stands beside it.
    for (code, wanted) in [
        (asked.texts[0].as_str(), true),
        (&link, true),
        ("openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.example%2Foffer", true),
        ("https://issuer.example", true),
        ("OQ1:0", false),
        ("menu", false),
        ("000201010212260800045678", false),
    ] {
        assert_eq!(wallet::Wallet::looks_for(code), wanted, "{code}");
        let found = !matches!(world.wallet.read_codes(&[code]), Found::Nothing { .. });
        assert_eq!(found, wanted, "{code}");
    }
    assert!(matches!(world.wallet.read_codes(&["menu".to_owned(), link]), Found::Request { .. }));
}

// rule: OQ-22
#[test]
fn a_request_of_a_newer_kind_is_said_to_be_one() {
    let world = World::new();
    let newer = Found::Nothing { why: NothingWhy::Newer };
    assert_eq!(world.wallet.read_codes(&["OQ2:ABC"]), newer);
    assert_eq!(world.wallet.read_codes(&["menu", "OQ2:ABC", "000201"]), newer);
    assert_eq!(world.wallet.read_text("oq12:abc", false), newer);
    // A piece of one that is read counts for more.
    run(world.receive(&["resident"]));
    let asked = Asked::new(&world, name_query(), true);
    let read = world.wallet.read_codes(&["OQ2:ABC", asked.texts[0].as_str()]);
    assert!(matches!(read, Found::Progress { have: 1, .. }));
    for text in ["OQ1:0", "menu", "OQX:ABC"] {
        assert_eq!(world.wallet.read_codes(&[text]), Found::Nothing { why: NothingWhy::NotALink }, "{text}");
    }
}

#[test]
fn what_is_no_code_and_no_question_is_said_and_a_locked_wallet_answers_none() {
    let world = World::new();
    run(world.receive(&["resident"]));
    for (typed, code) in [("1234", "offline_code_length"), ("12345-6789U", "offline_code_character")] {
        assert_eq!(world.wallet.read_code(typed).err().unwrap().code(), code);
        assert_eq!(world.wallet.present_by_code(typed).err().unwrap().code(), code);
    }
    let unknown = offline_qr::ShortCode::draw(31, &entropy()).unwrap();
    for error in
        [world.wallet.present_by_code(&unknown.grouped()).err(), world.wallet.present_one_way(31).err()]
    {
        assert_eq!(error.unwrap().code(), "offline_question_unknown");
    }
    let (code, _) = desk_code(&world, 1);
    world.wallet.lock();
    assert_eq!(world.wallet.present_by_code(&code.grouped()).err().unwrap().code(), "wallet_locked");
    assert_eq!(world.wallet.present_one_way(1).err().unwrap().code(), "wallet_locked");
}
