/** A typed code is shown back in groups, whatever case and input mode it was typed in. */
import { describe, expect, it } from 'vitest';
import { grouped, struck, typed } from '../src/lib/code';

describe('a typed code', () => {
  it('is read in either case, with O for 0, I and L for 1, blanks and hyphens anywhere', () => {
    expect(typed(' 1ab-c D oil 7 ')).toEqual({ characters: '1ABCD0117', stray: false });
    expect(typed('１ＡＢ')).toEqual({ characters: '1AB', stray: false });
    expect(typed('1U!')).toEqual({ characters: '1', stray: true });
  });
  it('is read from the keys that were struck in Hangul mode, put together or not', () => {
    expect(struck('ㅁㅠㅊ')).toBe('abc');
    expect(struck('뮻')).toBe('abc');
    expect(struck('한글 1')).toBe('gksrmf 1');
    expect(struck('값ㅘ')).toBe('rkqthk');
    expect(typed('1ㅁㅠㅊ-ㅇㄸㄹ').characters).toBe('1ABCDEF');
    // Every letter of the alphabet has its key.
    expect(struck('ㅁㅠㅊㅇㄷㄹㅎㅗㅑㅓㅏㅣㅡㅜㅐㅔㅂㄱㄴㅅㅕㅍㅈㅌㅛㅋ')).toBe('abcdefghijklmnopqrstuvwxyz');
  });
  it('is grouped as far as it goes', () => {
    expect(['', '1AB', '1ABCD', '1ABCDE', '1ABCDEFGHJ'].map(grouped)).toEqual(['', '1AB', '1ABCD', '1ABCD-E', '1ABCD-EFGHJ']);
  });
});
