/** Every screen over sample data: its title, accessibility by axe, no dead control, and the flows by pressing. */
import { describe, expect, it } from 'vitest';
import { calls, clean, find, get, open, press, settle, shut, type } from './window';

async function toConsent(flow: string, more = '') {
  await open(`?flow=${flow}${more}`, '#/present');
  await type('reader-text', 'openid4vp://x');
  await press('reader-read');
  await press('host-continue');
}

describe('every screen', () => {
  const screens: [string, string, string][] = [
    ['today', '', '#/'], ['today, nothing yet', '?empty', '#/'], ['ID cards', '', '#/ids/p1-resident'], ['notices', '', '#/notices/p2n-parking'], ['an unsigned notice', '', '#/notices/p1n-water'],
    ['benefits', '', '#/papers/p1b-coupon'], ['an empty shelf', '?empty', '#/ids'], ['shelves', '', '#/shelves'], ['receive', '', '#/receive'], ['present', '', '#/present'], ['check', '', '#/check'], ['check without a key', '?nokey&language=en', '#/check'],
    ['history', '', '#/history/h3'], ['no history', '?empty', '#/history'], ['settings', '?passphrase', '#/settings'], ['more', '', '#/more'],
    ['locked', '?state=locked&passphrase', '#/'], ['locked without passphrase', '?state=locked', '#/'], ['no keyring', '?state=noService', '#/'], ['locked keyring', '?state=keyringLocked', '#/'],
    ['in use', '?state=inUse', '#/'], ['damaged', '?state=damaged', '#/'], ['first run', '?state=needsSetup', '#/'], ['English', '?language=en', '#/'],
  ];
  for (const [name, search, hash] of screens) {
    it(`${name}: accessible, titled, in its language, under the banner`, async () => {
      await open(search, hash);
      await clean();
      expect(find('demo-banner')?.textContent).toMatch(/시연용 앱입니다|demonstration/);
      expect(document.title).toMatch(/ – (시민지갑|Citizen Wallet)$/);
      expect(document.body.textContent).not.toMatch(/\{\w+|undefined|\[object|NaN/);
    });
  }
});

describe('papers', () => {
  it('show a sensitive value only when asked, and hide it again', async () => {
    await open('', '#/ids/p1-resident');
    expect(document.body.textContent).not.toContain('물결로');
    await press('fact-reveal');
    expect(document.body.textContent).toContain('물결로 101');
    await press('fact-reveal');
    expect(document.body.textContent).not.toContain('물결로');
  });
  it('show no way to pay where the signature does not hold', async () => {
    await open('', '#/notices/p1n-water');
    expect(find('no-way-to-pay')).not.toBeNull();
    expect(find('ways-to-pay')).toBeNull();
  });
  it('are removed only after a second yes', async () => {
    await open('', '#/ids/p1-resident');
    await press('paper-remove');
    expect(calls.some((c) => c.command === 'remove_paper')).toBe(false);
    await press('remove-confirm');
    expect(calls.find((c) => c.command === 'remove_paper')?.request).toEqual({ id: 'p1-resident' });
  });
});

describe('receiving', () => {
  it('asks nothing of the issuer before its host was seen, and takes the code', async () => {
    await open('', '#/receive');
    await type('reader-text', 'openid-credential-offer://x');
    await press('reader-read');
    expect(get('host-name').textContent).toBe('nuri-mois.localhost:9443');
    expect(calls.some((c) => c.command === 'receive_start')).toBe(false);
    await press('host-continue');
    await clean();
    await press('receive-accept');
    expect(get('tx-wrong').textContent).not.toBe('');
    expect(calls.some((c) => c.command === 'receive_continue')).toBe(false);
    await type('tx-code', '000000');
    await press('receive-accept');
    expect(get('tx-wrong').textContent).toContain('맞지 않습니다');
    await type('tx-code', '123456');
    await press('receive-accept');
    expect(get('received').querySelectorAll('[data-testid="paper"]')).toHaveLength(3);
  });
});

describe('approving', () => {
  it('shows a payment and a signature in full, each with a tick of its own, before anything can be sent', async () => {
    await toConsent('pay');
    for (const words of ['가람시(시연)', '자동차세 2기분', '145,410원', '9999912026120000001', '2026년 12월 31일'])
      expect(get('approval-payment').textContent).toContain(words);
    for (const words of ['누리국토부(시연)', '청년 월세 신청서', 'A-2026-1', '적은 내용이 사실임을 확인합니다.', '00112233 44556677'])
      expect(get('approval-signature').textContent).toContain(words);
    for (const what of ['payment', 'signature']) {
      expect((get(`ack-${what}`) as HTMLInputElement).checked).toBe(false);
      expect(get('consent-act').dataset['act']).toBe('answer');
      await press(`ack-${what}`);
    }
    expect(get('consent-act').dataset['act']).toBe('agree');
  });
  // What is signed is signed in both languages, so nobody can have the other one signed unseen (VP-T1).
  for (const [language, own, caption, other] of [['ko', '적은 내용이 사실임을 확인합니다.', '영문으로도 서명됩니다', 'I confirm that this is true.'], ['en', 'I confirm that this is true.', 'It is signed in Korean, too', '적은 내용이 사실임을 확인합니다.']] as const)
    it(`shows what is approved in both languages where they differ (${language})`, async () => {
      await toConsent('pay', `&language=${language}`);
      const signature = get('approval-signature').textContent ?? '';
      expect(signature.indexOf(own)).toBeGreaterThan(-1);
      expect(signature.indexOf(other)).toBeGreaterThan(signature.indexOf(own));
      expect(signature).toContain(caption);
      const both = (id: string) => [...get(id).querySelectorAll('[data-testid="approval-also"]')];
      expect(both('approval-signature').map((also) => also.querySelector('[lang]')?.textContent)).toContain(other);
      expect(both('approval-signature')).toHaveLength(3);
      expect(both('approval-payment')).toHaveLength(2);
      for (const words of ['가람시(시연)', 'Garam City (demo)', '자동차세 2기분', 'Vehicle tax']) expect(get('approval-payment').textContent).toContain(words);
      await clean();
    });
});

describe('the five lines', () => {
  it('say what is stated of which papers, and what is not stated of some takes its tick', async () => {
    await toConsent('several');
    const purpose = get('line-purpose');
    expect(purpose.dataset['stated']).toBe('true');
    for (const words of ['지방세 고지서 (납부자)', '나이 확인', '모바일 주민등록증 (성명)', '광고']) expect(purpose.textContent).toContain(words);
    expect(get('line-retention').dataset['stated']).toBe('false');
    expect(get('line-retention').textContent).toContain('상대가 밝히지 않음');
    expect(get('line-retention').textContent).toContain('30일');
    expect(get('consent-act').dataset['act']).toBe('answer');
    await press('ack-retention');
    expect(get('consent-act').dataset['act']).toBe('agree');
    await clean();
  });
});

describe('presenting', () => {
  it('begins with nothing chosen and says the act with its count', async () => {
    await toConsent('rent');
    await clean();
    expect(document.querySelectorAll('main input:checked')).toHaveLength(0);
    expect(get('consent-act').textContent).toBe('동의 여부를 골라 주세요');
    expect([...document.querySelectorAll('[data-testid="five-lines"] dt')].map((e) => e.textContent)).toEqual(['받는 곳', '목적', '항목', '보유 기간', '거부할 권리']);
    await press('consent-act');
    expect(document.activeElement).toBe(get('agree-yes'));
    await press('agree-yes');
    expect(get('consent-act').textContent).toBe('누리국토부(시연)에 9가지 정보 보내기');
    expect(calls.some((c) => c.command === 'present_send')).toBe(false);
    await press('consent-act');
    expect(calls.filter((c) => c.command === 'present_send')).toHaveLength(1);
    expect(find('sent')).not.toBeNull();
  });
  it('asks a tick for each line that is not stated, and sensitive items on their own', async () => {
    await toConsent('clinic');
    await clean();
    expect(document.querySelectorAll('main input:checked')).toHaveLength(0);
    expect(get('line-retention').textContent).toContain('상대가 밝히지 않음');
    await press('agree-yes');
    await press('choose-who');
    await press('option-g2b');
    for (const what of ['retention', 'refusal', 'unregistered', 'overAsked']) {
      expect(get('consent-act').dataset['act']).toBe('answer');
      await press(`ack-${what}`);
    }
    expect(document.body.textContent).not.toContain('심한 장애');
    await press('consent-act');
    await clean();
    expect(get('sensitive').textContent).toContain('심한 장애');
    await press('consent-act');
    expect(document.activeElement).toBe(get('sensitive-yes'));
    await press('sensitive-yes');
    await press('consent-act');
    await clean();
    await press('consent-act');
    expect(calls.some((c) => c.command === 'present_send')).toBe(false);
    await type('send-passphrase', 'a passphrase');
    await press('consent-act');
    expect(calls.find((c) => c.command === 'present_send')?.request).toMatchObject({
      passphrase: 'a passphrase', selection: { sensitiveYes: ['disability.degree'], options: { g2: 'g2b', g3: null }, items: [] } });
  });
  it('ends without sending on a no, and tells the other side nothing by itself', async () => {
    await toConsent('rent');
    await press('agree-no');
    await press('consent-act');
    expect(calls.find((c) => c.command === 'present_decline')?.request).toEqual({ sessionId: 'rent', tell: false });
    expect(get('ended').textContent).toContain('아무것도 나가지 않았습니다');
  });
  it('asks once before a choice is lost', async () => {
    await toConsent('rent');
    await press('agree-yes');
    get('nav-today').click();
    location.hash = '#/';
    await settle();
    await settle();
    expect(find('leave-dialog')).not.toBeNull();
    await press('leave-stay');
    expect(find('consent')).not.toBeNull();
  });
  it('lets nothing take its place while it is being sent, and does not call it undone', async () => {
    await toConsent('rent', '&slow');
    await press('agree-yes');
    get('consent-act').click();
    await settle();
    const { app } = await import('../src/lib/app.svelte');
    app.found({ kind: 'request', inputId: 'second', host: 'second.localhost' });
    await settle();
    expect(find('sending')).not.toBeNull();
    expect(find('leave-dialog')).toBeNull();
    await new Promise((done) => setTimeout(done, 1100));
    await settle();
    expect(calls.some((c) => c.command === 'present_decline')).toBe(false);
    expect(get('host-name').textContent).toBe('second.localhost');
  });
  it('keeps a choice when another link comes, and takes the link only after a yes', async () => {
    await toConsent('rent');
    await press('agree-yes');
    const { app } = await import('../src/lib/app.svelte');
    app.found({ kind: 'request', inputId: 'second', host: 'second.localhost' });
    await settle();
    expect(find('host')).toBeNull();
    await press('leave-go');
    expect(get('host-name').textContent).toBe('second.localhost');
    expect(calls.find((c) => c.command === 'present_decline')?.request).toEqual({ sessionId: 'rent', tell: false });
  });
  it('refuses what would tell a resident number that nobody asked for, and blames nobody for it', async () => {
    await toConsent('withheld');
    await clean();
    expect(get('refusal').dataset['why']).toBe('withheld');
    expect(get('refusal-title').textContent).toContain('가상통신');
    expect(get('refusal').textContent).toMatch(/그렇게 보이는 번호.*아무것도 나가지 않았습니다/s);
    expect(get('refusal').textContent).not.toMatch(/요구할|고쳐야|쓸 수 없는|서류를 받은 뒤/);
    expect(find('consent-act')).toBeNull();
  });
  for (const why of ['missing', 'notGenuine', 'conditionNotMet']) {
    it(`refuses (${why}) with its reason, that nothing left, and no way to send`, async () => {
      await toConsent(why);
      await clean();
      expect(get('refusal').dataset['why']).toBe(why);
      expect(get('refusal-left').textContent).toContain('아무것도 나가지 않았습니다');
      expect(find('consent-act')).toBeNull();
      expect(get('refusal-code').textContent).toMatch(/VP-/);
    });
  }
});

describe('without a network', () => {
  const toCode = async (more = '') => {
    await open(`?${more}`, '#/present');
    await type('code-text', '1ㅁㅠㅊ2-345 6x');
  };
  const toShowing = async (more = '') => {
    await toCode(more);
    await press('code-start');
    await press('ack-unauthenticated');
    await press('agree-yes');
    await press('consent-act');
  };
  it('a code is read back as it is typed, whatever the input mode, and only a whole one goes on', async () => {
    await open('', '#/present');
    await type('code-text', '1ab');
    expect(get('code-read').textContent).toContain('1AB');
    await press('code-start');
    expect(get('code-wrong').textContent).toContain('3자');
    expect(document.activeElement).toBe(get('code-text'));
    await type('code-text', '2abcd-efghj');
    expect(get('code-wrong').textContent).not.toBe('');
    expect(calls.some((c) => c.command === 'present_by_code')).toBe(false);
    await type('code-text', '1ㅁㅠㅊ2-345 6x');
    expect(get('code-read').textContent).toContain('1ABC2-3456X');
    expect(get('code-read').textContent).toContain('만 19세 이상입니까?');
    await clean();
    await press('code-start');
    expect(calls.find((c) => c.command === 'present_by_code')?.request).toEqual({ code: '1ABC23456X' });
    expect(get('unknown-reader').textContent).toContain('누가 읽는지');
    expect(find('weak')).toBeNull();
    await clean();
  });
  it('without a question only what does not say who somebody is can be shown, and it is said to be weaker', async () => {
    await open('', '#/present');
    expect([...document.querySelectorAll('[data-testid="one-way"] input')]).toHaveLength(2);
    expect(get('one-way').textContent).toContain('약합니다');
    await press('one-way-start');
    expect(get('one-way-wrong').textContent).not.toBe('');
    await press('one-way-2');
    await press('one-way-start');
    expect(calls.find((c) => c.command === 'present_one_way')?.request).toEqual({ question: 2 });
    expect(get('weak').textContent).toContain('확인이 약합니다');
  });
  it('asks for no frame before the yes, then shows few at a time, and begins on the pause', async () => {
    await toCode();
    await press('code-start');
    expect(find('showing')).toBeNull();
    await press('agree-yes');
    expect(get('consent-act').dataset['act']).toBe('answer');
    await press('ack-unauthenticated');
    expect(get('consent-act').textContent).toBe('QR로 1가지 보이기');
    expect(calls.some((c) => c.command === 'show_frames')).toBe(false);
    await press('consent-act');
    await new Promise((done) => setTimeout(done, 120));
    await clean();
    expect(document.activeElement).toBe(get('show-pause'));
    expect(Number(get('qr').dataset['sequence'])).toBeLessThan(4);
    expect(get('qr').getAttribute('aria-label')).toMatch(/제출용 QR, \d+초 남음/);
    expect(get('live').textContent).toContain('보이기 시작했습니다');
    expect(get('show-told').textContent).toContain('만 19세 이상: 예');
    expect(find('show-weak')).toBeNull();
    expect(get('show-unknown').textContent).toContain('누가 읽는지');
    const asked = calls.filter((c) => c.command === 'show_frames').map((c) => c.request as { count: number });
    // On a busy computer a second or two have gone by.
    expect(asked.length).toBeLessThanOrEqual(3);
    for (const { count } of asked) expect(count).toBeLessThanOrEqual(4);
  });
  it('pauses, slows, never goes to three a second, stands still step by step, and is signed anew', async () => {
    await toShowing();
    await press('show-pause');
    expect(get('showing').dataset['paused']).toBe('true');
    await press('show-pause');
    await press('show-faster');
    await press('show-faster');
    expect(get('show-pace').textContent).toBe('1초에 2.5장');
    expect(find('show-faster')).toBeNull();
    for (let i = 0; i < 3; i++) await press('show-slower');
    expect(get('show-pace').textContent).toBe('2초에 1장');
    expect(find('show-slower')).toBeNull();
    await press('show-still');
    expect(get('showing').dataset['way']).toBe('steps');
    expect(get('show-not-one').textContent).not.toBe('');
    await press('show-next');
    expect(get('show-piece').textContent).toContain('2 / ');
    await press('show-previous');
    await press('show-previous');
    expect(get('show-piece').textContent).toMatch(/(\d+) \/ \1/);
    await clean();
    await press('show-moving');
    await press('show-extend');
    expect(calls.filter((c) => c.command === 'show_extend')).toHaveLength(1);
    expect(calls.filter((c) => c.command === 'show_frames').at(-1)?.request).toMatchObject({ from: 0 });
  });
  it('large, only the code, its time and the stop are left', async () => {
    await toShowing();
    await press('show-big');
    for (const gone of ['nav-today', 'show-told', 'show-extend', 'show-still']) expect(find(gone), gone).toBeNull();
    for (const there of ['demo-banner', 'qr', 'show-timer', 'show-pause', 'show-stop']) expect(find(there), there).not.toBeNull();
    await press('show-stop');
    expect(find('nav-today')).not.toBeNull();
    expect(find('shown')).not.toBeNull();
    await clean();
  });
  it('is over with its time, and nothing of the code stays', async () => {
    await toShowing('lives=1');
    await new Promise((done) => setTimeout(done, 1200));
    await settle();
    expect(get('show-over').dataset['why']).toBe('time');
    expect(find('qr')).toBeNull();
    expect(get('live').textContent).toContain('지웠습니다');
    expect(document.activeElement).toBe(get('show-over'));
    await clean();
    await press('show-again');
    await new Promise((done) => setTimeout(done, 60));
    expect(find('qr')).not.toBeNull();
  });
  it('is over when it was shown long enough: it did leave, and cannot be shown longer', async () => {
    await toShowing('long');
    expect(find('qr')).not.toBeNull();
    await press('show-extend');
    expect(get('show-over').dataset['why']).toBe('problem');
    expect(get('problem').dataset['code']).toBe('showing_too_long');
    expect(document.body.textContent).not.toContain('아무것도 나가지 않았습니다');
    expect(find('show-again')).toBeNull();
    expect(find('show-end')).not.toBeNull();
    await clean();
  });
  it('is over when its reader is withdrawn: what had left before is said once, and not denied beside it', async () => {
    await toShowing('long=verifier_no_longer_vouched');
    await press('show-extend');
    expect(get('problem').dataset['code']).toBe('verifier_no_longer_vouched');
    expect(get('problem').textContent).toContain('일부가 나갔습니다');
    expect(document.body.textContent).not.toMatch(/(나가지|보내지) 않았습니다/);
  });
  it('is stopped where it comes when nobody looks any more', async () => {
    await toShowing('slow');
    expect(find('showing')).toBeNull();
    location.hash = '#/';
    await settle();
    expect(calls.some((c) => c.command === 'show_stop')).toBe(false);
    await new Promise((done) => setTimeout(done, 1100));
    await settle();
    expect(find('showing')).toBeNull();
    expect(calls.filter((c) => c.command === 'show_stop')).toHaveLength(1);
    expect(calls.some((c) => c.command === 'show_frames')).toBe(false);
  });
  it('is stopped by Esc, by leaving and by locking', async () => {
    await toShowing();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await settle();
    expect(find('shown')).not.toBeNull();
    expect(calls.filter((c) => c.command === 'show_stop')).toHaveLength(1);
    for (const act of ['nav-today', 'lock']) {
      await shut();
      await toShowing();
      get(act).click();
      if (act === 'nav-today') location.hash = '#/';
      await settle();
      await settle();
      expect(find('showing'), act).toBeNull();
      expect(find('leave-dialog'), act).toBeNull();
      expect(calls.filter((c) => c.command === 'show_stop'), act).toHaveLength(1);
    }
  });
  it('says why there is no picture where there is no camera, and leaves the other ways', async () => {
    await open('', '#/present');
    await press('reader-camera');
    expect(get('camera-trouble').dataset['why']).toBe('unsupported');
    await clean();
    await press('camera-stop');
    expect(find('camera')).toBeNull();
  });
});

describe('locking', () => {
  it('replaces the page at once', async () => {
    await open('?passphrase', '#/ids/p1-resident');
    await press('lock');
    expect(find('locked')).not.toBeNull();
    expect(document.body.textContent).not.toContain('이도담');
    await type('unlock-passphrase', 'wrong');
    await press('unlock');
    expect(get('unlock-wrong').textContent).toContain('맞지 않습니다');
    await type('unlock-passphrase', 'right');
    await press('unlock');
    expect(find('locked')).toBeNull();
  });
});
