//! The desk's page: what can be asked and how, the camera with its ring, the verdict's place. Words stand here; `screen.js` has none.

use std::fmt::Write as _;

use primitives::Language;

use crate::offline::{Mode, OWN_QUESTION, ScreenDesk};
use crate::verdict::Outcome;
use crate::web::html::{escape, say};
use crate::web::verdict_page::shape;

/// The body of the page. `at` is the address of the desk's endpoints, without a final `/`.
pub(super) fn body(desk: &ScreenDesk, at: &str, today: &str, ages: &str, language: Language) -> String {
    let at = escape(at);
    let say = |ko, en| say(language, ko, en);
    let mut html = String::new();
    let _ = write!(
        html,
        "<div id=\"desk\" data-at=\"{at}\" data-no-camera=\"{no_camera}\" data-lost=\"{lost}\" data-film-ended=\"{film_ended}\" \
         data-no-film=\"{no_film}\" data-no-picture=\"{no_picture}\" data-too-long=\"{too_long}\" data-cleared=\"{cleared}\" data-receipt=\"{receipt}\">",
        no_camera = say(
            "카메라를 켤 수 없습니다. 연결과 허락을 살펴보고 ‘카메라 켜기’를 누르거나, 아래의 다른 방법으로 읽으세요.",
            "The camera cannot be opened. Look at its cable and permission and press “Open the camera”, or use another way below.",
        ),
        lost = say(
            "확인 프로그램에 닿지 않습니다. 프로그램이 켜져 있는지 살펴보고 이 쪽을 다시 여세요.",
            "The program of this desk does not answer. See that it runs, and open this page again.",
        ),
        film_ended = say(
            "동영상을 끝까지 읽었지만 조각이 모자랍니다. 더 긴 동영상을 고르거나 카메라로 읽으세요.",
            "The video is over and pieces are missing. Choose a longer one, or use the camera.",
        ),
        no_film = say("이 동영상은 읽을 수 없습니다.", "This video cannot be read."),
        no_picture = say("이 그림은 읽을 수 없습니다.", "This picture cannot be read."),
        too_long = say(
            "한 번에 읽기에는 너무 깁니다. 몇 조각씩 나누어 붙여 넣으세요.",
            "This is too long to be read at once. Paste a few pieces at a time.",
        ),
        receipt = say("확인 기록(서명) 저장", "Save the signed receipt"),
        cleared = say("지웠습니다. 남은 것은 없습니다.", "Cleared. Nothing is kept."),
    );
    html.push_str(&setup(desk, language));
    html.push_str(&asking(language));
    html.push_str(&result(today, ages, language));
    let _ = write!(
        html,
        "<noscript><p class=\"mark\">{}</p></noscript></div><p class=\"small\"><a href=\"{at}?lang={}\" lang=\"{}\">{}</a></p>",
        say("이 쪽은 스크립트를 켜야 움직입니다.", "This page needs its script."),
        say("en", "ko"),
        say("en", "ko"),
        say("English", "한국어"),
    );
    html
}

fn setup(desk: &ScreenDesk, language: Language) -> String {
    let say = |ko, en| say(language, ko, en);
    let mut html = format!(
        "<form id=\"setup\" method=\"post\"><h1>{}</h1><p id=\"plain\" role=\"status\"></p><fieldset><legend>{}</legend>",
        say("확인하기", "Check"),
        say("무엇을 물을까요?", "What to ask?"),
    );
    let asked: Vec<_> = desk.questions().iter().map(|question| (question, desk.modes(question))).collect();
    let asked: Vec<_> = asked.into_iter().filter(|(_, modes)| !modes.is_empty()).collect();
    for (index, (question, modes)) in asked.iter().enumerate() {
        let mark = match (question.id == OWN_QUESTION, question.identifying) {
            (true, _) => say("이 확인처의 질문", "This desk's own question"),
            (false, true) => say("누구인지 알게 됩니다", "Tells who somebody is"),
            (false, false) => say("누구인지 알지 못합니다", "Does not tell who somebody is"),
        };
        let modes: Vec<&str> = modes.iter().map(|mode| mode.name()).collect();
        let _ = write!(
            html,
            "<label class=\"choice\"><input type=\"radio\" name=\"question\" value=\"{id}\" data-modes=\"{modes}\"{checked} required>\
             <span><b>{name}</b><span class=\"small\">{mark}</span></span></label>",
            id = escape(&question.id),
            modes = modes.join(" "),
            checked = if index == 0 { " checked" } else { "" },
            name = escape(question.text.in_language(language)),
        );
    }
    let _ = write!(html, "</fieldset><fieldset><legend>{}</legend>", say("어떻게 물을까요?", "How to ask?"));
    let offered = |mode: &Mode| asked.iter().any(|(_, modes)| modes.contains(mode));
    let mut first = true;
    for mode in [Mode::Request, Mode::Code, Mode::OneWay].into_iter().filter(offered) {
        let (name, what) = match mode {
            Mode::Request => (
                say("요청 QR 보이기", "Show a request as QR"),
                say(
                    "시민의 지갑이 이 화면을 읽습니다. 누가 묻는지 시민에게 확인됩니다.",
                    "The citizen's wallet reads this screen and knows who asks.",
                ),
            ),
            Mode::Code => (
                say("짧은 코드 보이기", "Show a short code"),
                say(
                    "시민이 코드 열 글자를 지갑에 입력합니다. 지갑에 카메라가 없어도 됩니다.",
                    "The citizen types ten characters. The wallet needs no camera.",
                ),
            ),
            Mode::OneWay => (
                say("보이는 것만 읽기", "Only read what is shown"),
                say(
                    "질문 없이 보이는 방식이라 확인이 약합니다. 판정은 노란색이 됩니다.",
                    "Nothing is asked, so the check is weak and the verdict amber.",
                ),
            ),
        };
        let _ = write!(
            html,
            "<label class=\"choice\"><input type=\"radio\" name=\"mode\" value=\"{}\"{} required><span><b>{name}</b><span class=\"small\">{what}</span></span></label>",
            mode.name(),
            if first { " checked" } else { "" },
        );
        first = false;
    }
    let _ = write!(
        html,
        "</fieldset><p class=\"acts\"><button class=\"act\" id=\"begin\">{}</button></p></form>",
        say("카메라를 켜고 시작", "Open the camera and begin"),
    );
    html
}

fn asking(language: Language) -> String {
    let say = |ko, en| say(language, ko, en);
    format!(
        "<section id=\"asking\" hidden><h1 id=\"asked\" tabindex=\"-1\"></h1><p id=\"how\"></p><div class=\"two\"><div>\
         <img id=\"request\" class=\"qr\" alt=\"{request}\" hidden><div id=\"wheel\" hidden><p class=\"acts\"><button type=\"button\" id=\"previous\">{previous}</button>\
         <button type=\"button\" id=\"pause\" aria-pressed=\"false\">{pause}</button><button type=\"button\" id=\"following\">{following}</button></p>\
         <p class=\"small\">{piece} <span id=\"piece\"></span></p></div><output id=\"code\" class=\"code\" hidden></output>\
         <p class=\"small\">{left_before}<span id=\"left\" role=\"timer\" aria-live=\"off\"></span>{left_after}</p></div><div>\
         <video id=\"camera\" muted playsinline aria-label=\"{camera}\"></video>\
         <p class=\"small\">{rate_before}<span id=\"rate\">0</span>{rate_after}</p>\
         <div class=\"progress\"><svg class=\"ring\" viewBox=\"0 0 36 36\" aria-hidden=\"true\"><circle cx=\"18\" cy=\"18\" r=\"15.9155\"/>\
         <circle id=\"ring\" cx=\"18\" cy=\"18\" r=\"15.9155\" stroke-dasharray=\"0 100\"/></svg>\
         <div><p class=\"pieces\">{pieces} <span id=\"pieces\">–</span></p><p id=\"note\" role=\"status\"></p></div></div></div></div>\
         <details><summary>{other}</summary><label class=\"other\" for=\"file\">{file}</label>\
         <input id=\"file\" type=\"file\" accept=\"image/*,video/*\"><video id=\"film\" muted playsinline hidden></video>\
         <label class=\"other\" for=\"frame\">{typed}</label>\
         <textarea id=\"frame\" autocomplete=\"off\" autocapitalize=\"off\" spellcheck=\"false\"></textarea>\
         <p class=\"small\">{scanner}</p></details>\
         <p class=\"acts\"><button type=\"button\" id=\"open-camera\" hidden>{open}</button>\
         <button type=\"button\" data-next>{again}</button><button type=\"button\" data-change>{change}</button></p></section>",
        request = say("지갑으로 읽는 요청 QR", "The request as a QR code, for the wallet"),
        previous = say("이전 조각", "Previous piece"),
        pause = say("멈추기", "Pause"),
        following = say("다음 조각", "Next piece"),
        piece = say("보이는 조각", "Piece shown:"),
        left_before = say("", "Seconds left: "),
        left_after = say("초 남음", ""),
        camera = say("카메라가 보는 것", "What the camera sees"),
        rate_before = say("1초에 ", "Pictures read each second: "),
        rate_after = say("번 읽는 중", ""),
        pieces = say("조각", "Pieces"),
        other =
            say("다른 방법으로 읽기: 그림·동영상 파일, 스캐너", "Other ways: picture or video file, scanner"),
        file = say("그림이나 동영상 파일", "Picture or video file"),
        typed = say("읽은 글자를 붙여 넣고 Enter", "Paste what was read and press Enter"),
        scanner = say(
            "손 스캐너는 이 칸을 누르지 않아도 됩니다. 한글 입력 상태여도 됩니다.",
            "A hand scanner needs no field, and works whatever the input mode is.",
        ),
        open = say("카메라 켜기", "Open the camera"),
        again = say("처음부터 다시", "Begin again"),
        change = say("질문 바꾸기", "Another question"),
    )
}

fn result(today: &str, ages: &str, language: Language) -> String {
    let say = |ko, en| say(language, ko, en);
    let mut html = format!(
        "<section id=\"result\" hidden><div id=\"verdict\" role=\"alert\"><div id=\"shape\"></div><div><p id=\"line\"></p>\
         <h1 id=\"word\" tabindex=\"-1\"></h1></div></div><div id=\"facts\" class=\"facts\"></div>\
         <p class=\"acts\"><button type=\"button\" class=\"act\" data-next>{next}</button>\
         <button type=\"button\" id=\"hold\">{hold}</button><button type=\"button\" data-change>{change}</button></p></section>\
         <p class=\"small\" id=\"today\">{today}</p><p class=\"small\" id=\"ages\">{ages}</p>",
        next = say("다음 사람", "Next person"),
        hold = say("지우지 않고 두기", "Keep it on the screen"),
        change = say("질문 바꾸기", "Another question"),
        today = escape(today),
        ages = escape(ages),
    );
    for outcome in [Outcome::Confirmed, Outcome::ConfirmedWeak, Outcome::NotConfirmed] {
        let _ = write!(html, "<template id=\"shape-{}\">{}</template>", outcome.code(), shape(outcome));
    }
    html
}
