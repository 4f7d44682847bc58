/**
 * A hand scanner that types (keyboard wedge): the codes come as keys of a US keyboard, read by their places, so that the input mode does not
 * matter. A scanner types faster than a person; what ends by Enter, by Tab or by a pause is one code.
 */

/** Milliseconds without a key after which what was typed is over. */
export const pause = 250;
/** Less than this is a person's typing. */
export const shortest = 20;
/** More than any code holds (QR version 40, alphanumeric). */
export const longest = 4296;

const plain: Record<string, string> = {
  Space: ' ', Minus: '-', Period: '.', Slash: '/', NumpadAdd: '+', NumpadSubtract: '-', NumpadMultiply: '*', NumpadDivide: '/', NumpadDecimal: '.',
};
const shifted: Record<string, string> = { Digit4: '$', Digit5: '%', Digit8: '*', Equal: '+', Semicolon: ':' };

/** Whether a text begins as a frame does, also where the Korean input mode made letters of its keys: a person who has only begun to type does not. */
export const isFrame = (text: string): boolean => text.trim().length >= shortest && /^[oㅐㅒ][qㅂㅃ]1:/i.test(text.trim());

/** The character of QR's alphanumeric set that stands on a key, else null. */
export function characterOf(code: string, shift: boolean): string | null {
  if (shift && shifted[code]) return shifted[code];
  const place = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9]))$/.exec(code);
  return place?.[1] ?? place?.[2] ?? plain[code] ?? null;
}

/** Collects keys into codes; `take` gets each. */
export class Wedge {
  #text = '';
  #last = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  constructor(private readonly take: (text: string) => void) {}

  /** A key went down at `at` (milliseconds). Says whether it belongs to a code and is nobody else's. */
  key(code: string, shift: boolean, at: number): boolean {
    if (at - this.#last > pause) this.#text = '';
    this.#last = at;
    clearTimeout(this.#timer);
    if (code === 'Enter' || code === 'NumpadEnter' || code === 'Tab') return this.#end();
    const character = characterOf(code, shift);
    if (character === null) return false;
    if (this.#text.length < longest) this.#text += character;
    this.#timer = setTimeout(() => this.#end(), pause);
    // The first keys may be a person's.
    return this.#text.length > 3;
  }
  stop(): void {
    clearTimeout(this.#timer);
    this.#text = '';
  }
  #end(): boolean {
    const text = this.#text;
    this.#text = '';
    if (text.length < shortest) return false;
    this.take(text);
    return true;
  }
}
