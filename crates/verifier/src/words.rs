//! What the pages and the JSON say, in Korean and English: who is to blame is named, never the citizen, and a red verdict says what to
//! ask for.

use primitives::LocalizedText;
use serde_json::Value;

use crate::verdict::{Outcome, Verdict};

fn text(ko: &str, en: &str) -> LocalizedText {
    LocalizedText::new(ko, en)
}

/// The word of a verdict.
#[must_use]
pub fn outcome_word(outcome: Outcome) -> LocalizedText {
    match outcome {
        Outcome::Confirmed => text("확인됨", "Confirmed"),
        Outcome::ConfirmedWeak => text("오래된 확인, 약한 확인", "Confirmed, but old or weak"),
        Outcome::NotConfirmed => text("확인 안 됨", "Not confirmed"),
        Outcome::Declined => text("낼 수 없음", "Not provided"),
    }
}

/// The first line under the word. That a check holds does not make an answer the one that was hoped for: where one is "no", that stands
/// here in place of what reads like a yes.
pub(crate) fn first_line(verdict: &Verdict) -> LocalizedText {
    let no = verdict.answers.iter().any(|answer| answer.value == Value::Bool(false));
    match verdict.outcome {
        Outcome::Confirmed if no => text(
            "확인은 됐지만 ‘아니요’인 답이 있습니다. 답을 보고 정하세요",
            "The check holds, but an answer is “No”: decide by the answer",
        ),
        Outcome::ConfirmedWeak if no => text(
            "‘아니요’인 답이 있습니다. 사람과 서류도 직접 한 번 더 확인해 주세요",
            "An answer is “No”. Please also check the person and the paper once more yourself",
        ),
        Outcome::Confirmed => text("받아도 됩니다", "You may accept it"),
        Outcome::ConfirmedWeak => text(
            "사람과 서류를 직접 한 번 더 확인해 주세요",
            "Please check the person and the paper once more yourself",
        ),
        Outcome::NotConfirmed => text("받지 마세요", "Do not accept it"),
        Outcome::Declined => text(
            "상대가 내지 않기로 했거나 낼 서류가 없습니다. 까닭은 알 수 없습니다.",
            "The holder chose not to, or has no such paper. Which of the two is not told.",
        ),
    }
}

/// The sentence for a code of a [`crate::Reason`] or an error.
#[must_use]
pub fn sentence(code: &str) -> LocalizedText {
    match code {
        "status_stale" => text(
            "상태 목록이 오래되었습니다. 그 뒤에 효력을 잃었을 수 있습니다.",
            "The status list is old. The paper may have lost its effect since.",
        ),
        "status_unreachable" => text(
            "상태 목록을 받지 못해 효력을 확인하지 못했습니다.",
            "The status list could not be had, so the paper's effect is not checked.",
        ),
        "status_invalid" => text(
            "발급 기관이 이 서류의 효력을 없앴습니다. 새로 발급받은 서류를 요청하세요.",
            "The issuer revoked this paper. Ask for a newly issued one.",
        ),
        "status_suspended" => text(
            "발급 기관이 이 서류의 효력을 잠시 멈추었습니다. 다른 서류를 요청하세요.",
            "The issuer suspended this paper. Ask for another one.",
        ),
        "status_not_valid" => text(
            "상태 목록에 유효하지 않은 서류로 적혀 있습니다. 다른 서류를 요청하세요.",
            "The status list does not say that this paper is valid. Ask for another one.",
        ),
        "access_denied" => text("지갑이 ‘낼 수 없음’만 알렸습니다.", "The wallet said no more than that."),
        "response_expired" => {
            text("기한이 지난 뒤에 온 답입니다. 다시 요청하세요.", "The answer came too late. Ask again.")
        }
        "response_not_encrypted" => text(
            "암호화해서 보내야 하는 답이 그대로 왔습니다. 다시 요청하세요.",
            "The answer was to be encrypted and was not. Ask again.",
        ),
        "response_state_mismatch" | "response_decryption_failed" | "response_malformed" => text(
            "이 요청에 대한 답이 아닙니다. 다시 요청하세요.",
            "It is no answer to this request. Ask again.",
        ),
        "response_incomplete" | "presentation_claims_missing" => text(
            "요청한 것이 다 들어 있지 않습니다. 다시 요청하세요.",
            "Not everything that is required came. Ask again.",
        ),
        "presentation_type_mismatch" | "response_query_unknown" | "presentation_authority_mismatch" => text(
            "요청한 종류의 서류가 아닙니다. 다시 요청하세요.",
            "It is not the kind of paper that was asked for. Ask again.",
        ),
        "response_code_wrong" => {
            text("결과를 여는 번호가 맞지 않습니다.", "The code that opens the result is wrong.")
        }
        "response_code_used" => text(
            "결과는 한 번만 보입니다. 이미 보였거나 지웠습니다.",
            "A result is shown once. It was shown already, or forgotten.",
        ),
        "response_code_needed" => text(
            "결과는 지갑이 여는 쪽에서 보입니다.",
            "The result is shown on the page that the wallet opens.",
        ),
        "desk_other_browser" => text(
            "이 요청을 시작한 브라우저에서만 결과를 볼 수 있습니다.",
            "Only the browser that began this request sees its result.",
        ),
        "desk_session_unknown" | "desk_request_unknown" => {
            text("끝났거나 없는 요청입니다. 새로 시작하세요.", "This request is over. Begin a new one.")
        }
        "desk_not_answered" => text("아직 답이 오지 않았습니다.", "Nobody answered yet."),
        "desk_full" => text(
            "지금은 요청이 너무 많습니다. 잠시 뒤에 다시 해 주세요.",
            "Too many requests are open. Please try again in a while.",
        ),
        "desk_approvals" => text(
            "무엇을 승인받을지 지금은 알 수 없어 요청을 만들지 못했습니다. 잠시 뒤에 다시 해 주세요.",
            "What is to be approved is not known now, so no request was made. Please try again in a while.",
        ),
        "offline_one_way" => text(
            "질문 없이 보이는 방식이라 확인이 약합니다. 다른 곳에서 찍어 온 화면일 수 있습니다.",
            "It was shown without a question, which proves less. It may have been filmed elsewhere.",
        ),
        "offline_answer_to_another" => text(
            "이 질문에 대한 답이 아닙니다. 다른 곳이나 앞사람에게 낸 것일 수 있습니다. 다음 사람을 누르고 다시 보여 달라고 하세요.",
            "It is no answer to this question, but perhaps to that of another desk or of the person before. Begin anew and ask to be shown it again.",
        ),
        "offline_mode_mismatch" => text(
            "이 질문과 다른 방식으로 만든 답입니다. 화면의 코드나 QR로 다시 하도록 안내하세요.",
            "It answers in another way than was asked. Ask to use the code or QR on your screen.",
        ),
        "offline_replayed" => text(
            "이미 한 번 확인한 화면입니다. 지갑에서 새로 보여 달라고 하세요.",
            "This screen was checked before. Ask to be shown it anew from the wallet.",
        ),
        "offline_before_opening" => text(
            "이 확인을 열기 전에 만든 QR입니다. 20초쯤 뒤 새로 바뀐 QR을 보여 달라고 하세요.",
            "This code was made before this desk was opened. Ask to be shown the one that takes its place, within some 20 seconds.",
        ),
        "key_binding_nonce_mismatch" => text(
            "다른 질문에 답한 증명입니다. 앞사람의 것이거나 다른 곳의 질문에 답한 것일 수 있습니다. 다시 물어보세요.",
            "It answers another question, perhaps of the person before or of another place. Ask again.",
        ),
        "key_binding_audience_mismatch" => text(
            "여기에 낸 증명이 아닙니다. 다른 곳이나 온라인으로 낸 증명입니다. 다시 물어보세요.",
            "It was made for somebody else: another place, or a service online. Ask again.",
        ),
        "response_proof_too_old" => text(
            "만든 지 60초가 지난 화면입니다. 지갑에서 새로 보여 달라고 하세요. 그래도 같으면 이 컴퓨터와 지갑의 시계가 맞는지 보세요. 시계가 다 맞으면 사진이나 영상일 수 있습니다.",
            "By the clocks it was made more than 60 seconds ago. Ask to be shown it anew from the wallet. If that changes nothing, see whether the clocks of this computer and of the wallet are right. If both are, it may be a picture or a film.",
        ),
        "response_proof_in_future" => text(
            "지갑의 시계가 이 컴퓨터보다 앞서 있습니다. 두 시계를 맞춘 뒤 다시 하세요.",
            "The wallet's clock is ahead of this computer's. Set both and try again.",
        ),
        "offline_more_than_asked" => text(
            "물은 것보다 많이 담겨 있어 읽지 않았습니다. 물은 것만 보여 달라고 하세요.",
            "More came than was asked, so it was not read. Ask for no more than the question.",
        ),
        "offline_message_malformed" => text(
            "읽을 수 없는 형식입니다. 화면을 다시 보여 달라고 하세요.",
            "It cannot be read. Ask to be shown it again.",
        ),
        "offline_message_version" => text(
            "이 프로그램이 모르는 새 방식의 QR입니다. 프로그램을 새 버전으로 바꾸거나 다른 방법으로 확인하세요.",
            "This code is of a newer kind than this program knows. Update the program, or check in another way.",
        ),
        "offline_message_too_large" => text(
            "담긴 내용이 너무 커서 열지 않았습니다. 다른 서류를 요청하세요.",
            "What it holds is too large and was not unpacked. Ask for another paper.",
        ),
        "clock_behind" => text(
            "이 컴퓨터의 시계가 목록에 적힌 날짜보다 늦습니다. 시계를 맞춘 뒤 다시 하세요.",
            "This computer's clock is behind the dates in its lists. Set it and try again.",
        ),
        "trust_list_too_old" => text(
            "발급 기관 목록이 너무 오래되었습니다. 인터넷에 연결해 목록을 새로 받으세요.",
            "The list of issuers is too old. Connect and fetch it anew.",
        ),
        "status_too_old" | "status_expired" => text(
            "상태 목록이 너무 오래되어 효력을 알 수 없습니다. 인터넷에 연결해 목록을 새로 받으세요.",
            "The status list is too old to tell the paper's effect. Connect and fetch it anew.",
        ),
        "status_not_kept" => text(
            "이 서류의 상태 목록이 없어 효력을 알 수 없습니다. 인터넷에 연결해 목록을 받으세요.",
            "The status list of this paper is not kept here, so its effect is not known. Connect and fetch it.",
        ),
        "status_not_yet_valid" => text(
            "상태 목록의 날짜가 이 컴퓨터의 시계보다 늦습니다. 시계를 맞춘 뒤 다시 하세요.",
            "The status list is dated after this computer's clock. Set the clock and try again.",
        ),
        "desk_question_unknown" => {
            text("여기서 물을 수 없는 질문입니다.", "This question cannot be asked here.")
        }
        "desk_question_identifying" => text(
            "누구인지 드러나는 질문은 요청 QR로만 할 수 있습니다.",
            "A question that says who somebody is can be asked by a request QR only.",
        ),
        "desk_identity_missing" => text(
            "요청에 서명할 열쇠가 없습니다. 코드나 질문 없이 보기를 쓰세요.",
            "There is no key to sign requests with. Use a code, or look without a question.",
        ),
        "desk_check_unknown" | "desk_check_over" => {
            text("끝난 확인입니다. 다시 시작하세요.", "This check is over. Begin anew.")
        }
        "desk_check_expired" => {
            text("기다리는 시간이 지났습니다. 다시 시작하세요.", "Nobody answered in time. Begin anew.")
        }
        "desk_picture_busy" => text(
            "다른 그림을 읽고 있습니다. 잠시 뒤에 다시 고르세요.",
            "Other pictures are being read. Choose it again in a moment.",
        ),
        "picture_without_code" => text(
            "그림에서 QR을 찾지 못했습니다. QR이 크고 또렷한 그림을 고르세요.",
            "There is no readable QR code in this picture. Choose one that shows it large and sharp.",
        ),
        "picture_too_large" => text(
            "그림이 너무 큽니다. 더 작은 그림을 고르세요.",
            "The picture is too large. Choose a smaller one.",
        ),
        "picture_unreadable" => text(
            "읽을 수 없는 그림입니다. PNG, JPEG, BMP 파일을 고르세요.",
            "This picture cannot be read. Choose a PNG, JPEG or BMP file.",
        ),
        "desk_memory_unreadable" => text(
            "이 자리의 기록(desk.json)을 읽을 수 없습니다. 손대지 않았습니다. 파일을 살펴 옮긴 뒤 다시 시작하세요.",
            "What this desk remembers (desk.json) cannot be read and was left as it is. Look at the file, move it, and start again.",
        ),
        "desk_memory_unwritable" | "list_file_unwritable" => text(
            "파일을 쓸 수 없습니다. 디스크가 가득 찼거나 쓸 수 없는 폴더입니다. 있던 것은 그대로입니다.",
            "Nothing can be written: the disk is full or the folder may not be written to. What was there is still there.",
        ),
        "list_file_damaged" | "list_file_unreadable" | "status_file_misplaced" => text(
            "보관한 목록 파일이 망가졌거나 읽을 수 없습니다. 손대지 않았고 쓰지 않습니다.",
            "A kept list is damaged or cannot be read. It was left as it is and is not used.",
        ),
        "status_list_older" | "trust_list_rollback" => text(
            "가지고 있는 것보다 오래된 목록이라 받지 않았습니다.",
            "The list is older than the one that is kept, and was not taken.",
        ),
        "list_unreachable" => text("목록을 받지 못했습니다.", "The list could not be fetched."),
        "sd_jwt_expired" | "mdoc_expired" => text(
            "기한이 지난 서류입니다. 새로 발급받은 서류를 요청하세요.",
            "The paper has expired. Ask for a newly issued one.",
        ),
        "sd_jwt_not_yet_valid" | "mdoc_not_yet_valid" => text(
            "아직 효력이 시작되지 않은 서류입니다. 다른 서류를 요청하세요.",
            "The paper is not valid yet. Ask for another one.",
        ),
        code if code.contains("issuer_untrusted")
            || code.contains("not_entitled")
            || code.starts_with("chain_") =>
        {
            text(
                "이 서류를 발급할 수 있는 기관이 발급한 것으로 확인되지 않았습니다. 다른 서류를 요청하세요.",
                "It is not confirmed that an issuer entitled to it issued this paper. Ask for another one.",
            )
        }
        code if code.starts_with("key_binding_") || code.starts_with("device_") => text(
            "이 요청에 대해 본인이 낸 것으로 확인되지 않았습니다. 다시 요청하세요.",
            "It is not confirmed that the holder presented it for this request. Ask again.",
        ),
        code if code.starts_with("status_") => text(
            "상태 목록이 이 서류의 것으로 확인되지 않았습니다. 다시 요청하세요.",
            "The status list is not confirmed to be this paper's. Ask again.",
        ),
        _ => text(
            "서류의 서명이나 본인 확인이 맞지 않습니다. 다시 요청하거나 다른 서류를 요청하세요.",
            "A signature of the paper or its holder does not hold. Ask again, or for another paper.",
        ),
    }
}
