//! What the pages and the JSON say, in Korean and English: who is to blame is named, never the citizen, and a red verdict says what to
//! ask for.

use primitives::LocalizedText;

use crate::verdict::Outcome;

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

/// The first line under the word.
pub(crate) fn outcome_line(outcome: Outcome) -> LocalizedText {
    match outcome {
        Outcome::Confirmed => text("받아도 됩니다", "You may accept it"),
        Outcome::ConfirmedWeak => text("눈으로 더 살펴 주세요", "Please look more closely"),
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
