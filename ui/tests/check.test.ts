/** The verifier's desk: a hand scanner's keys, and the screen from question to verdict. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { characterOf, pause, Wedge } from '../src/lib/wedge';
import { calls, clean, find, get, open, press, settle, type } from './window';

describe('a hand scanner', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const keys: [string, boolean][] = [...'OQ'].map((letter) => [`Key${letter}`, true] as [string, boolean]);
  keys.push(['Digit1', false], ['Semicolon', true], ...[...'ABCDEFGHIJKLMNOP'].map((letter) => [`Key${letter}`, true] as [string, boolean]), ['Digit4', true], ['Digit5', true], ['Digit8', true], ['Equal', true], ['Minus', false], ['Period', false], ['Slash', false], ['Space', false], ['Digit9', false]);
  const whole = 'OQ1:ABCDEFGHIJKLMNOP$%*+-./ 9';

  it('is read by the places of its keys, whatever the input mode makes of them', () => {
    const codes: string[] = [];
    const wedge = new Wedge((code) => codes.push(code));
    keys.forEach(([code, shift], at) => wedge.key(code, shift, at * 5));
    expect(wedge.key('Enter', false, keys.length * 5)).toBe(true);
    expect(codes).toEqual([whole]);
    expect(characterOf('KeyA', false)).toBe('A');
    expect(characterOf('ShiftLeft', true)).toBeNull();
  });
  it('that ends without Enter ends by its pause; the keys of a person are no code', () => {
    const codes: string[] = [];
    const wedge = new Wedge((code) => codes.push(code));
    keys.forEach(([code, shift], at) => wedge.key(code, shift, at * 5));
    vi.advanceTimersByTime(pause + 1);
    expect(codes).toEqual([whole]);
    expect(wedge.key('KeyA', false, 10_000)).toBe(false);
    expect(wedge.key('Enter', false, 10_100)).toBe(false);
    keys.forEach(([code, shift], at) => wedge.key(code, shift, 20_000 + at * 400));
    wedge.key('Enter', false, 20_000 + keys.length * 400);
    expect(codes).toHaveLength(1);
  });
});

// Compiled once before the first test, which would wait for it on a computer that has other work.
beforeAll(() => import('../src/App.svelte'), 120_000);

async function begin(search: string, mode = 'code') {
  await open(search, '#/check');
  await press('check-question', '[data-question="age19"]');
  await press('check-mode', `[data-mode="${mode}"]`);
  await press('check-start');
}
async function paste(of: string) {
  await type('check-text', of);
  await press('check-text-read');
}
describe('the desk', () => {
  it('says what is kept and cannot be read, goes on without it, and forgets it when told to', async () => {
    await open('unreadable', '#/check');
    expect(find('check-unreadable', '[data-kept="key"]')?.textContent).toMatch(/열쇠를 쓸 수 없습니다.*desk_identity_unusable/s);
    expect(find('check-unreadable', '[data-kept="questions"]')?.textContent).toMatch(/질문을 읽을 수 없습니다.*desk_questions_unusable/s);
    expect(find('check-question', '[data-question="age19"]')).not.toBeNull();
    await press('check-unreadable-forget', '[data-kept="questions"]');
    expect(calls.at(-1)?.command).toBe('desk_questions_forget');
    expect(find('check-unreadable', '[data-kept="questions"]')).toBeNull();
    expect(find('check-unreadable', '[data-kept="record"]')?.textContent).toMatch(/기록을 읽을 수 없습니다.*desk_memory_unreadable/s);
    await press('check-unreadable-forget', '[data-kept="record"]');
    expect(calls.at(-1)?.command).toBe('desk_record_forget');
    expect(find('check-unreadable', '[data-kept="record"]')).toBeNull();
    await press('check-unreadable-forget', '[data-kept="key"]');
    expect(calls.at(-1)?.command).toBe('desk_forget');
    expect(find('check-unreadable')).toBeNull();
  });
  it('says which lists did not come, and what did', async () => {
    await open('?missing=2', '#/check');
    await press('check-refresh');
    expect(find('check-wrong')?.textContent).toContain('상태 목록 2개는 새로 받지 못했습니다');
    await open('?listdown', '#/check');
    await press('check-refresh');
    expect(find('check-wrong')?.textContent).toMatch(/목록/);
    expect(find('check-wrong')?.textContent).not.toContain('상태 목록');
    await open('', '#/check');
    await press('check-refresh');
    expect(find('check-wrong')?.textContent).toBe('');
    expect(find('live')?.textContent).toContain('새 목록이 있는지 확인했습니다');
  });
  it('has nothing chosen beforehand, and says what is missing', async () => {
    await open('', '#/check');
    expect(document.querySelectorAll('input:checked')).toHaveLength(0);
    expect(find('check-start')?.textContent).toBe('물을 것을 골라 주세요');
    await press('check-start');
    expect(calls.some((call) => call.command === 'desk_begin')).toBe(false);
    await press('check-question', '[data-question="identity"]');
    expect(find('check-start')?.textContent).toBe('묻는 방법을 골라 주세요');
    // What says who somebody is cannot be asked of nobody.
    expect(find('check-mode', '[data-mode="code"]')).toBeNull();
    expect(find('check-mode', '[data-mode="request"]')).not.toBeNull();
    await clean();
  });
  it('shows its code, counts the pieces, and says one word', async () => {
    await begin('');
    expect(find('check-code')?.textContent).toBe('1ABCD-EF01Z');
    expect(find('check-camera-trouble')?.dataset['why']).toBe('unsupported');
    await clean();
    await paste('OQ1:PIECE');
    expect(find('check-progress')?.dataset).toMatchObject({ have: '1', need: '3' });
    await paste('OQ1:WHOLE');
    expect(find('verdict')?.dataset['outcome']).toBe('confirmed');
    expect(find('verdict-word')?.textContent).toBe('확인됨');
    expect(find('verdict-first')?.textContent).toBe('받아도 됩니다');
    expect(find('verdict-answer')?.textContent).toContain('만 19세 이상: 예');
    expect(find('verdict-not-received')?.textContent).toBe('이름, 생년월일');
    await clean();
    await press('check-next');
    expect(calls.filter((call) => call.command === 'desk_begin')).toHaveLength(2);
    expect(find('verdict')).toBeNull();
  });
  for (const [search, word] of [['?desk=weak', '오래된 확인'], ['?desk=red', '확인 안 됨'], ['?desk=red&language=en', 'Not confirmed']] as const)
    it(`${search}: ${word}, with its reason and code`, async () => {
      await begin(search, 'oneWay');
      await paste('OQ1:WHOLE');
      expect(find('verdict-word')?.textContent).toBe(word);
      expect(find('verdict-reason')?.textContent).not.toBe('');
      expect(find('verdict')?.dataset['codes']).not.toBe('');
      await clean();
    });
  for (const [search, word, first] of [
    ['?no', '확인됨', '확인은 됐지만 ‘아니요’인 답이 있습니다. 답을 보고 정하세요'],
    ['?no&desk=weak', '오래된 확인', '‘아니요’인 답이 있습니다. 사람과 서류도 직접 한 번 더 확인해 주세요'],
    ['?no&desk=red', '확인 안 됨', '받지 마세요'],
  ] as const)
    it(`${search}: a no is no leave to accept`, async () => {
      await begin(search);
      await paste('OQ1:WHOLE');
      expect(find('verdict-word')?.textContent).toBe(word);
      expect(find('verdict-first')?.textContent).toBe(first);
      await clean();
    });
  it('says that a code is of a newer kind, until a piece is read', async () => {
    await begin('');
    await paste('menu');
    expect(get('check-progress').textContent).toContain('다른 QR 1개는 쓰지 않았습니다');
    await paste('OQ2:PIECE');
    expect(get('check-progress').textContent).toContain('이 앱이 모르는 새 방식의 QR입니다');
    await paste('OQ1:PIECE');
    expect(get('check-progress').textContent).not.toContain('새 방식');
    await clean();
  });
  it('shows its request in turn, and stops with Esc', async () => {
    await begin('', 'request');
    expect(calls.some((call) => call.command === 'desk_frames')).toBe(true);
    expect(find('qr')?.hidden).toBe(false);
    await clean();
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', code: 'Escape' }));
    await settle();
    expect(calls.some((call) => call.command === 'desk_stop')).toBe(true);
    expect(find('check-ask')).not.toBeNull();
  });
  it('looks through the camera only while the window is seen', async () => {
    const tracks: { stop: () => void; addEventListener: () => void; live: boolean }[] = [];
    const getUserMedia = vi.fn(() => {
      const track = { live: true, stop: () => void (track.live = false), addEventListener: () => undefined };
      tracks.push(track);
      return Promise.resolve({ getTracks: () => [track], getVideoTracks: () => [track] });
    });
    Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: { getUserMedia } });
    const play = vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
    const see = async (hidden: boolean) => {
      Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
      document.dispatchEvent(new Event('visibilitychange'));
      await settle();
    };
    const live = () => tracks.map((track) => track.live);
    try {
      await begin('');
      expect(live()).toEqual([true]);
      expect(find('check-camera')?.dataset['on']).toBe('true');
      await see(true);
      expect(live()).toEqual([false]);
      expect(find('check-camera')?.dataset['on']).toBe('false');
      await see(false);
      expect(live()).toEqual([false, true]);
      await see(false);
      await press('check-stop');
      expect(live().filter(Boolean)).toEqual([]);
    } finally {
      Reflect.deleteProperty(navigator, 'mediaDevices');
      Reflect.deleteProperty(document, 'hidden');
      play.mockRestore();
    }
  });
  async function pick(): Promise<void> {
    const input = find('check-file-input') as HTMLInputElement;
    const file = { type: 'application/pdf', size: 3, arrayBuffer: () => Promise.resolve(new ArrayBuffer(3)) };
    Object.defineProperty(input, 'files', { configurable: true, value: [file] });
    input.dispatchEvent(new Event('change', { bubbles: true }));
    await settle();
  }
  it('goes on after a file that is no picture, and says that it is none', async () => {
    await begin('?picture=desk_picture');
    await pick();
    expect(find('check-read')?.querySelector('.wrong')?.textContent).toContain('읽을 수 없는 그림입니다');
    expect(calls.some((call) => call.command === 'desk_stop')).toBe(false);
    await paste('OQ1:WHOLE');
    expect(find('verdict')).not.toBeNull();
  });
  it('ends the check where it cannot go on', async () => {
    await begin('?picture=desk_configuration');
    await pick();
    expect(find('problem')).not.toBeNull();
    expect(find('check-read')).toBeNull();
    expect(calls.filter((call) => call.command === 'desk_stop')).toHaveLength(1);
  });
  it('clears the verdict by itself unless it is held', async () => {
    await begin('?clears=1');
    await paste('OQ1:WHOLE');
    await press('verdict-hold');
    await new Promise((done) => setTimeout(done, 1300));
    expect(find('verdict')).not.toBeNull();
    await press('verdict-hold');
    await new Promise((done) => setTimeout(done, 1300));
    expect(find('verdict')).toBeNull();
    expect(find('check-cleared')?.textContent).toContain('지웠습니다');
  });
});

describe('a hand scanner before the window', () => {
  const code = 'OQ1:WHOLE0123456789ABCDEFGH';
  /** Strikes the keys of a code as a scanner does, in the Korean input mode; whatever belongs to it is kept from the page. */
  function strike(target: EventTarget, text: string, end?: string): boolean[] {
    const key = (code: string, shiftKey: boolean) =>
      !target.dispatchEvent(new KeyboardEvent('keydown', { code, shiftKey, key: 'ㅁ', bubbles: true, cancelable: true }));
    const kept = [...text].map((one) => (one === ':' ? key('Semicolon', true) : /[0-9]/.test(one) ? key(`Digit${one}`, false) : key(`Key${one}`, true)));
    return end === undefined ? kept : [...kept, key(end, false)];
  }
  const texts = () => calls.filter((call) => call.command === 'desk_text').map((call) => call.request);
  const waits = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
  for (const end of ['Enter', 'Tab'])
    it(`that ends by ${end} is read wherever the focus is, and presses nothing`, async () => {
      await begin('');
      expect(document.activeElement).toBe(find('check-stop'));
      const kept = strike(get('check-stop'), code, end);
      await settle();
      expect(texts()).toEqual([expect.objectContaining({ text: code })]);
      expect(kept.slice(4)).not.toContain(false);
      expect(find('verdict')?.dataset['outcome']).toBe('confirmed');
    });
  it('that ends by a pause is read', async () => {
    await begin('');
    strike(get('check-stop'), code);
    expect(texts()).toEqual([]);
    await waits(pause + 100);
    await settle();
    expect(texts()).toEqual([expect.objectContaining({ text: code })]);
  });
  it('is left alone with a modifier, and with a question of the window open', async () => {
    await begin('');
    get('check-stop').dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyC', ctrlKey: true, bubbles: true, cancelable: true }));
    document.body.append(Object.assign(document.createElement('dialog'), { open: true }));
    strike(get('check-stop'), code, 'Enter');
    await settle();
    expect(texts()).toEqual([]);
  });
  it('is read from the field too, which Tab leaves', async () => {
    await begin('');
    const field = get('check-text') as HTMLTextAreaElement;
    field.focus();
    // The keys of a scanner in a field are typed there, and read from there.
    strike(field, code, 'Tab');
    await type('check-text', code);
    field.dispatchEvent(new Event('change', { bubbles: true }));
    await waits(50);
    expect(texts()).toEqual([expect.objectContaining({ text: code })]);
    expect(find('verdict')).not.toBeNull();
  });
  it('is read from the field after a pause, also in Hangul; what a person types there is left', async () => {
    await begin('');
    // In the Korean input mode the letters of the keys stand there.
    const typing = type('check-text', 'ㅒㅃ1:ㅉㅖㅒㅣㄸ0123456789ㅁㅠㅊㅇ');
    expect(texts()).toEqual([]);
    await typing;
    await waits(pause + 100);
    expect(texts()).toHaveLength(1);
    expect(get('check-text')).toHaveProperty('value', '');
    // What somebody has only begun to type is left.
    await type('check-text', 'OQ1:AB');
    await type('check-text', 'a note of mine, longer than a frame may be');
    await waits(pause + 100);
    expect(texts()).toHaveLength(1);
    expect(get('check-text')).not.toHaveProperty('value', '');
  });
});

describe('the verdict in one look', () => {
  const shape = () => get('verdict').querySelector('.shape path')?.getAttribute('d') ?? '';
  const seen = new Map<string, string>();
  for (const [search, tone] of [['', 'confirmed'], ['?desk=weak', 'confirmedWeak'], ['?desk=red', 'notConfirmed']] as const)
    it(`${tone}: a shape of its own, a tone of its own, by whom and as of when`, async () => {
      const heard: number[][] = [];
      class Ear {
        currentTime = 7;
        destination = {};
        resume = () => Promise.resolve();
        close = () => Promise.resolve();
        createGain = () => ({ gain: { value: 1 }, connect: (to: unknown) => to });
        createOscillator = () => {
          const frequency = { value: 0 };
          let from = 0;
          return { frequency, connect: (to: unknown) => to, start: (at: number) => (from = at),
            stop: (at: number) => heard.push([frequency.value, Math.round((at - from) * 100), Math.round((from - 7) * 100)]) };
        };
      }
      vi.stubGlobal('AudioContext', Ear);
      try {
        await begin(search);
        expect(heard).toEqual([]);
        await paste('OQ1:WHOLE');
        // Green rises, amber repeats after a pause, red falls and is long.
        expect(heard).toEqual({ confirmed: [[660, 15, 0], [990, 25, 15]], confirmedWeak: [[520, 15, 0], [520, 15, 23]], notConfirmed: [[330, 25, 0], [165, 60, 25]] }[tone]);
        expect(find('verdict')?.dataset['outcome']).toBe(tone);
        expect(find('verdict')?.className).toContain(tone);
        expect([...seen.values()]).not.toContain(shape());
        expect(shape()).not.toBe('');
        seen.set(tone, shape());
        if (tone === 'notConfirmed') return;
        const facts = get('verdict').querySelector('dl')?.textContent ?? '';
        expect(facts).toContain('누리행정부(시연) · 모바일 주민등록증');
        expect(facts).toContain('본인의 지갑이 방금 이 질문에 답함');
        expect(facts).toMatch(/발급기관 목록\s*2일 전 것/);
        expect(find('verdict-status')?.textContent).toMatch(/^.+ · 상태 목록 3시간 전$/);
      } finally {
        vi.unstubAllGlobals();
      }
    });
  const icons = new Set<string>();
  for (const [search, words] of [['', '3시간 전 것'], ['?ages=amber', '2일 전 것: 오래됐습니다'], ['?ages=red', '9일 전 것: 너무 오래돼 쓰지 않습니다']] as const)
    it(`the lists, before anything is asked: ${words}`, async () => {
      await open(search, '#/check');
      const [trust, status] = [...get('check-lists').querySelectorAll('dd')].slice(1);
      expect([trust?.textContent?.trim(), status?.textContent?.trim()]).toEqual(['2일 전 것', words]);
      // A sign of its own for each grade.
      const icon = status?.querySelector('svg')?.innerHTML ?? '';
      expect(icons.has(icon)).toBe(false);
      icons.add(icon);
      await clean();
    });
});

describe("questions of one's own", () => {
  it('say what is missing, have nothing ticked beforehand, and can be asked and deleted', async () => {
    await open('', '#/check');
    await press('check-own');
    expect(find('own')?.querySelectorAll('input:checked')).toHaveLength(0);
    expect(find('own-save')?.textContent).toBe('무엇을 묻는지 적어 주세요');
    await press('own-save');
    expect(document.activeElement?.id).toBe('own-name');
    await type('own-name', '도서관 회원이 될 수 있나요?');
    expect(find('own-save')?.textContent).toBe('무엇에 쓰는지 적어 주세요');
    await type('own-purpose', '회원증');
    await press('own-save');
    expect(document.activeElement).toBe(find('own-paper'));
    await press('own-paper', '[data-paper="DisabilityCertificate"]');
    expect(find('own-item')?.parentElement?.textContent).toContain('민감정보');
    await press('own-item');
    // Another paper: what was ticked of the one before is not asked of it.
    await press('own-paper', '[data-paper="MobileResidentCard"]');
    expect(document.querySelectorAll('[data-testid="own-item"]:checked')).toHaveLength(0);
    expect(find('own-save')?.textContent).toBe('받을 것을 골라 주세요');
    expect(calls.some((call) => call.command === 'desk_question_add')).toBe(false);
    await press('own-item', '[data-item="name"]');
    await press('own-item', '[data-item="address.sigungu"]');
    await clean();
    await press('own-save');
    expect(calls.find((call) => call.command === 'desk_question_add')?.request).toEqual({ name: '도서관 회원이 될 수 있나요?', purpose: '회원증', paper: 'MobileResidentCard', items: ['name', 'address.sigungu'] });
    expect(find('own-kept', '[data-question="own-3"]')?.textContent).toContain('성명, 시·군·구');
    expect(find('own-name')).toHaveProperty('value', '');
    await clean();
    await press('own-back');
    await press('check-question', '[data-question="own-3"]');
    // By a signed request and in no other way.
    expect([...document.querySelectorAll('[data-testid="check-mode"]')].map((one) => (one as HTMLElement).dataset['mode'])).toEqual(['request']);
    expect(find('check-ask')?.textContent).toContain('직접 만든 질문은 서명한 QR로만');
    await press('check-mode', '[data-mode="request"]');
    await press('check-start');
    expect(find('check-read')?.textContent).toContain('쓸 곳: 회원증');
    await press('check-stop');
    await press('check-own');
    await press('own-remove', '[aria-label^="‘도서관"]');
    expect(find('own-kept', '[data-question="own-3"]')).toBeNull();
  });
  it('that are refused stay as they were typed', async () => {
    await open('?ownfault=desk_own_full', '#/check');
    await press('check-own');
    await type('own-name', '가');
    await type('own-purpose', '나');
    await press('own-paper', '[data-paper="MobileResidentCard"]');
    await press('own-item', '[data-item="name"]');
    await press('own-save');
    expect(find('own-wrong')?.textContent).toContain('만들어 둔 질문이 너무 많습니다');
    expect(find('own-name')).toHaveProperty('value', '가');
    await clean();
  });
  for (const [search, words] of [['?nokey', '열쇠'], ['?nokey&language=en', "checker's key"]] as const)
    it(`${search}: are said to need a key, and so are receipts`, async () => {
      await open(search, '#/check');
      expect(find('check-own-why')?.textContent).toContain(words);
      expect(find('check-receipts-why')?.textContent).toContain(words);
      expect(find('check-receipts')).toBeNull();
      await clean();
      // What was kept from before can be deleted without a key.
      await press('check-own');
      await press('own-remove');
      expect(find('own-none')).not.toBeNull();
    });
});
describe('signed receipts', () => {
  it('are off until switched on, and are saved when pressed for', async () => {
    await open('', '#/check');
    expect(find('check-receipts')).toHaveProperty('checked', false);
    await press('check-receipts');
    expect(calls.find((call) => call.command === 'desk_receipts')?.request).toEqual({ on: true });
    expect(find('check-receipts')).toHaveProperty('checked', true);
    expect(find('check-lists')?.textContent).toContain('서명 영수증은 만듭니다');
    await press('check-question', '[data-question="age19"]');
    await press('check-mode', '[data-mode="code"]');
    await press('check-start');
    await paste('OQ1:WHOLE');
    expect(find('verdict-receipt')?.textContent).not.toBe('');
    expect(calls.some((call) => call.command === 'desk_receipt_save')).toBe(false);
    await press('verdict-receipt-save');
    expect(find('verdict-receipt-saved')?.textContent).toContain('receipt-2026-11-22-153005.jwt');
    await clean();
  });
  it('that cannot be written are said to be lost otherwise', async () => {
    await open('?full', '#/check');
    await press('check-receipts');
    await press('check-question', '[data-question="age19"]');
    await press('check-mode', '[data-mode="code"]');
    await press('check-start');
    await paste('OQ1:WHOLE');
    await press('verdict-receipt-save');
    expect(find('verdict-receipt-saved')?.textContent).toContain('영수증을 저장하지 못했습니다');
  });
  it('are not there where they are off', async () => {
    await begin('');
    await paste('OQ1:WHOLE');
    expect(find('verdict-receipt')).toBeNull();
    expect(find('verdict-receipt-save')).toBeNull();
  });
});
