//! The other side of the screen.

use offline_qr::{Collector, Fed, Frames as WireFrames, Kind, RequestMessage, Session, ShortCode};
use openid4vp::verifier::{ClientIdentity, RequestBuilder, RequestSigner};
use primitives::{Clock as _, Instant};
use serde_json::Value;
use trust::{AnchorStore, Issuer};
use wallet::WalletError;
use wallet::view::*;

use crate::world::*;

pub fn now(world: &World) -> Instant {
    world.clock.now()
}

pub fn issuers(world: &World) -> AnchorStore<Issuer> {
    world.server(|server| server.issuers.clone())
}

/// A request on a screen.
pub struct Asked {
    pub object: String,
    pub texts: Vec<String>,
    pub session: Session,
}

impl Asked {
    pub fn new(world: &World, query: Value, registered: bool) -> Self {
        let registration = registered
            .then(|| world.registration(&[(RESIDENT, &[&["name"], &["ageOver19"], &["ihidnumMasked"]])]));
        Self::by(world, query, registration)
    }

    pub fn by(world: &World, query: Value, registration: Option<trust::registration::Registration>) -> Self {
        Self::made(world, query, registration, |builder| builder)
    }

    pub fn made(
        world: &World,
        query: Value,
        registration: Option<trust::registration::Registration>,
        change: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Self {
        world.server(|server| {
            let query = dcql::Query::from_value(query).unwrap();
            let identity = ClientIdentity::X509Hash(server.verifier.chain.clone());
            let mut builder = RequestBuilder::for_screen(identity, query);
            if let Some(registration) = registration {
                let signed = registration.sign(&server.registrar.chain, &server.registrar.key);
                builder = builder.registration(signed.unwrap());
            }
            let prepared = change(builder).build(server.clock.now(), &entropy()).unwrap();
            let signer = RequestSigner { chain: &server.verifier.chain, signer: &server.verifier.key };
            let object = prepared.request_object(&signer).unwrap();
            let message = RequestMessage { request_object: object.clone() }.encode().unwrap();
            let frames =
                WireFrames::new(Kind::Request, &message, offline_qr::FrameSize::Standard, &entropy())
                    .unwrap();
            let texts = (0..u16::from(frames.count())).map(|sequence| frames.text(sequence)).collect();
            Self { object, texts, session: Session::asked(prepared.into_session()).unwrap() }
        })
    }

    pub fn input(&self, world: &World) -> String {
        let Found::Request { input_id, host } = world.wallet.read_text(&self.texts.join("\n"), false) else {
            panic!("no request")
        };
        assert_eq!(host, "", "nothing is to be called");
        input_id
    }

    pub async fn start(&self, world: &World) -> PresentStarted {
        world.wallet.present_start(&self.input(world)).await.unwrap()
    }

    pub async fn consent(&self, world: &World) -> Consent {
        consented(self.start(world).await)
    }
}

/// A code and the session that waits for its answer.
pub fn desk_code(world: &World, number: u8) -> (ShortCode, Session) {
    let code = ShortCode::draw(number, &entropy()).unwrap();
    let session = Session::code(&code, question(number), now(world), 300).unwrap();
    (code, session)
}

pub fn desk_one_way(world: &World, number: u8) -> Session {
    Session::one_way(number, question(number), now(world), 300).unwrap()
}

fn question(number: u8) -> dcql::Query {
    dcql::Query::from_value(civic::questions::by_number(number).unwrap().dcql()).unwrap()
}

pub fn consented(started: PresentStarted) -> Consent {
    match started {
        PresentStarted::Consent(consent) => *consent,
        PresentStarted::Refusal(refusal) => panic!("refused: {} {:?}", refusal.code, refusal.rule),
    }
}

pub fn refusal(started: PresentStarted) -> Refusal {
    match started {
        PresentStarted::Refusal(refusal) => *refusal,
        PresentStarted::Consent(_) => panic!("not refused"),
    }
}

/// Yes to everything that is required, with the paper in this form.
pub fn yes_in(consent: &Consent, mobile: bool) -> Selection {
    let mut selection = yes(consent);
    let place = usize::from(mobile);
    let option = &consent.groups[0].options[place];
    selection.options.insert(consent.groups[0].id.clone(), Some(option.id.clone()));
    selection
}

pub async fn shown(world: &World, consent: &Consent) -> ShowingStarted {
    match world.send(consent).await {
        PresentSent::Showing(showing) => showing,
        PresentSent::Sent(_) => panic!("sent, not shown"),
        PresentSent::Refusal(refusal) => panic!("not shown: {} {:?}", refusal.code, refusal.rule),
    }
}

pub fn frames(world: &World, showing: &ShowingStarted, size: FrameSize) -> Result<Frames, WalletError> {
    world.wallet.show_frames(&showing.session_id, 0, 1, size)
}

pub fn texts(world: &World, showing: &ShowingStarted, from: u16) -> Vec<String> {
    world.wallet.show_texts(&showing.session_id, from, 32, FrameSize::Standard).unwrap()
}

pub fn collected(texts: &[String]) -> Vec<u8> {
    let mut collector = Collector::new(Kind::Answer);
    for text in texts {
        if let Fed::Complete(message) = collector.feed(text) {
            return message.bytes;
        }
    }
    panic!("not whole after {} frames", texts.len())
}

/// What a camera gets that sees the screen from this frame on.
pub fn read(world: &World, showing: &ShowingStarted, from: u16) -> Vec<u8> {
    collected(&texts(world, showing, from))
}
