/**
 * A short code as it is typed: ten characters of Crockford's base32 in two groups of five, in whatever case and input mode.
 * Here is only how it is shown back; whether it is a code at all, the application says.
 */
export const codeLength = 10;
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The two-set keyboard: which key each letter lies on. */
const keys: Record<string, string> = {
  ㅂ: 'q', ㅃ: 'q', ㅈ: 'w', ㅉ: 'w', ㄷ: 'e', ㄸ: 'e', ㄱ: 'r', ㄲ: 'r', ㅅ: 't', ㅆ: 't', ㅛ: 'y', ㅕ: 'u', ㅑ: 'i', ㅐ: 'o', ㅒ: 'o', ㅔ: 'p', ㅖ: 'p',
  ㅁ: 'a', ㄴ: 's', ㅇ: 'd', ㄹ: 'f', ㅎ: 'g', ㅗ: 'h', ㅓ: 'j', ㅏ: 'k', ㅣ: 'l', ㅋ: 'z', ㅌ: 'x', ㅊ: 'c', ㅍ: 'v', ㅠ: 'b', ㅜ: 'n', ㅡ: 'm',
  ㅘ: 'hk', ㅙ: 'ho', ㅚ: 'hl', ㅝ: 'nj', ㅞ: 'np', ㅟ: 'nl', ㅢ: 'ml',
  ㄳ: 'rt', ㄵ: 'sw', ㄶ: 'sg', ㄺ: 'fr', ㄻ: 'fa', ㄼ: 'fq', ㄽ: 'ft', ㄾ: 'fx', ㄿ: 'fv', ㅀ: 'fg', ㅄ: 'qt',
};
const initials = [...'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'];
const medials = [...'ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ'];
const finals = ['', ...'ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ'];

/** The keys that were struck for a text typed in Hangul mode; everything else stays as it is. */
export function struck(text: string): string {
  return [...text.normalize('NFC')].map((letter) => {
    const at = (letter.codePointAt(0) ?? 0) - 0xac00;
    const parts = at >= 0 && at < 19 * 21 * 28
      ? [initials[Math.floor(at / 588)], medials[Math.floor((at % 588) / 28)], finals[at % 28]]
      : [letter];
    return parts.map((part) => (part ? (keys[part] ?? part) : '')).join('');
  }).join('');
}

/** The characters of a code in what was typed, and whether something stands there that no code has. */
export function typed(text: string): { characters: string; stray: boolean } {
  let characters = '';
  let stray = false;
  for (const letter of struck(text).normalize('NFKC').toUpperCase()) {
    const meant = letter === 'O' ? '0' : letter === 'I' || letter === 'L' ? '1' : letter;
    if (/[\s\-‐‑–—_.]/u.test(letter)) continue;
    if (alphabet.includes(meant)) characters += meant;
    else stray = true;
  }
  return { characters, stray };
}
/** `XXXXX-XXXXX`, as far as it goes. */
export const grouped = (characters: string): string => (characters.length > 5 ? `${characters.slice(0, 5)}-${characters.slice(5)}` : characters);
