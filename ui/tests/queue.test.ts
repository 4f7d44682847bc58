/** Answers that wait for the network: asked for by a second yes, listed, sent by a press, taken back by another. */
import { beforeAll, describe, expect, it } from 'vitest';
import { calls, clean, find, get, open as openOne, press, settle, shut, type } from './window';

/** One window at a time. */
async function open(...how: Parameters<typeof openOne>): Promise<void> {
  await shut();
  await openOne(...how);
}

async function toUnsent(more = '') {
  await open(`?flow=rent&unsent${more}`, '#/present');
  await type('reader-text', 'openid4vp://x');
  await press('reader-read');
  await press('host-continue');
  await press('agree-yes');
  await press('consent-act');
}
const asked = (command: string) => calls.filter((call) => call.command === command);

// Compiled once before the first test, which would wait for it on a computer that has other work.
beforeAll(() => import('../src/App.svelte'), 120_000);

describe('an approved answer that could not leave', () => {
  for (const language of ['ko', 'en']) it(`may wait: to whom, what and until when is said, and nothing is chosen (${language})`, async () => {
    await toUnsent(`&language=${language}`);
    await clean();
    expect(get('refusal').dataset['left']).toBe('false');
    expect(get('wait-ask').textContent).toContain(language === 'ko' ? '누리국토부(시연)' : 'Nuri Land Ministry (demo)');
    expect(get('wait-ask').textContent).toContain(language === 'ko' ? '9가지' : '9');
    expect(get('wait-until').textContent).toMatch(/\d/);
    expect(document.activeElement?.tagName).toMatch(/^H\d$/);
    expect(document.querySelectorAll('main input:checked, main .btn.primary')).toHaveLength(0);
    expect(asked('queue_answer')).toHaveLength(0);
  });
  it('waits after the second yes, and is found with the history', async () => {
    await toUnsent();
    await press('wait-yes');
    expect(asked('queue_answer').map((call) => call.request)).toEqual([{ sessionId: 'rent' }]);
    expect(get('waits').textContent).toContain('아무것도 나가지 않았습니다');
    expect(get('title').textContent).toContain('연결을 기다립니다');
    await clean();
    await press('waits-list');
    location.hash = '#/history';
    await settle();
    await settle();
    expect(get('queue').dataset['count']).toBe('1');
    // What waits is not forgotten by leaving.
    expect(asked('present_decline')).toHaveLength(0);
  });
  it('is forgotten by a no, and by going away without an answer', async () => {
    await toUnsent();
    await press('refusal-close');
    expect(asked('present_decline').map((call) => call.request)).toEqual([{ sessionId: 'rent', tell: false }]);
    expect(find('reader')).not.toBeNull();
    await toUnsent();
    location.hash = '#/';
    await settle();
    await settle();
    expect(asked('present_decline').map((call) => call.request)).toEqual([{ sessionId: 'rent', tell: false }]);
    expect(asked('queue_answer')).toHaveLength(0);
  });
  it('names the payment that it approves', async () => {
    await open('?flow=pay&unsent', '#/present');
    await type('reader-text', 'openid4vp://x');
    await press('reader-read');
    await press('host-continue');
    await press('ack-payment');
    await press('ack-signature');
    await press('agree-yes');
    await press('consent-act');
    expect(get('wait-ask').textContent).toContain('자동차세 2기분 145,410원');
  });
  it('is not asked for where the request names no end', async () => {
    await toUnsent('&endless');
    expect(find('refusal')).not.toBeNull();
    expect(find('wait-ask')).toBeNull();
    expect(get('refusal-close').textContent).toContain('닫고 다시 하기');
  });
  it('says where as many wait as can', async () => {
    await toUnsent('&full');
    await press('wait-yes');
    expect(get('problem').dataset['code']).toBe('queue_full');
    expect(find('wait-yes')).toBeNull();
    await clean();
    await press('refusal-close');
    expect(find('reader')).not.toBeNull();
  });
});

describe('what waits', () => {
  it('is not there where nothing waits', async () => {
    for (const place of ['#/', '#/present', '#/history']) {
      await open('', place);
      expect(find('queue')).toBeNull();
      expect(find('queue-note')).toBeNull();
    }
  });
  it('is told where the person begins, and listed with recipient, items, end and state', async () => {
    for (const place of ['#/', '#/present']) {
      await open('?queued', place);
      expect(get('queue-note').textContent).toContain('2개');
      await clean();
    }
    await open('?queued', '#/history');
    await clean();
    const rows = [...document.querySelectorAll<HTMLElement>('[data-testid="queued"]')];
    expect(rows.map((row) => row.dataset['over'])).toEqual(['false', 'true']);
    for (const words of ['누리국토부(시연)', '성명, 주소', '기다림']) expect(rows[0]?.textContent).toContain(words);
    for (const words of ['고지서 납부 승인', '기한 지남']) expect(rows[1]?.textContent).toContain(words);
    expect(asked('send_queued')).toHaveLength(0);
  });
  it('is taken back by a press, and what became of it stays on the screen', async () => {
    await open('?queued', '#/history');
    await press('queued-withdraw');
    expect(asked('withdraw_queued').map((call) => call.request)).toEqual([{ id: 'q1' }]);
    expect(document.querySelectorAll('[data-testid="queued"]')).toHaveLength(1);
    expect(get('queue-withdrawn').textContent).toContain('거두었습니다');
    expect(get('live').textContent).toContain('아무것도 나가지 않았습니다');
    expect(document.activeElement?.id).toBe('queue-title');
    await clean();
  });
  it('goes out by a press: what went, what ended, and a page that only a press opens', async () => {
    await open('?queued', '#/history');
    await press('queue-send');
    const done = get('queue-done').dataset;
    expect([done['sent'], done['expired'], done['waiting']]).toEqual(['1', '1', '0']);
    expect(get('queue-done').textContent).toContain('누리국토부(시연)에 보냈습니다');
    expect(find('queued')).toBeNull();
    expect(asked('open_external')).toHaveLength(0);
    await clean();
    await press('queue-open');
    expect(asked('open_external')).toHaveLength(1);
  });
  it('waits on without a connection, and says so', async () => {
    await open('?queued&offline', '#/history');
    await press('queue-send');
    expect(get('queue-done').dataset['waiting']).toBe('1');
    expect(get('queue-done').textContent).toContain('아직 연결되지 않아');
    expect(document.querySelectorAll('[data-testid="queued"]')).toHaveLength(1);
  });
  it('for whose recipient nobody vouches any more is said to be deleted', async () => {
    await open('', '#/history');
    const { said } = await import('../src/lib/queue');
    const result = { sent: [], openUrls: [], failed: 0, expired: 0, refused: 2, waiting: 0 };
    expect(said(result)).toEqual(['답 2개는 상대를 보증하는 곳이 이제 없어 보내지 않고 지웠습니다.']);
  });
  it('goes out with a refresh, which says so', async () => {
    await open('?queued', '#/settings');
    await press('refresh');
    expect(get('queue-done').dataset['sent']).toBe('1');
    await open('', '#/settings');
    await press('refresh');
    expect(find('queue-done')).toBeNull();
  });
  it('that ended says so in the history, in a sentence', async () => {
    await open('', '#/history/h4');
    expect(get('history-why').textContent).toContain('기한이 지났습니다');
    expect(get('history-entry').textContent).toContain('아무것도 나가지 않았습니다');
    await clean();
    await open('', '#/history/h3');
    expect(find('history-why')).toBeNull();
  });
});
