/** Reads beside each other: what completes a check or a request is heard, whatever the application says meanwhile of the picture after it. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { calls, find, get, open, press, settle, type } from './window';

// Compiled once before the first test, which would wait for it on a computer that has other work.
beforeAll(() => import('../src/App.svelte'), 120_000);

/** Looks through the camera that the window opened: a picture is given to what takes it. */
let take: (picture: Uint8Array) => Promise<boolean>;
beforeEach(() =>
  vi.doMock('../src/lib/camera', async (original) => ({
    ...(await original<object>()), look: (_video: unknown, taking: typeof take, seen: () => void) => { take = taking; seen(); return () => undefined; } })));
afterEach(() => vi.doUnmock('../src/lib/camera'));

type Invoke = (command: string, request?: unknown) => Promise<unknown>;
/** Puts an answer of the test before those of the sample: `undefined` leaves it to the sample. */
function answering(answer: (command: string, sample: Invoke) => Promise<unknown> | undefined): void {
  const internals = (window as unknown as { __TAURI_INTERNALS__: { invoke: Invoke } }).__TAURI_INTERNALS__;
  const sample = internals.invoke;
  internals.invoke = (command, request) => answer(command, sample) ?? sample(command, request);
}
const picture = () => new Uint8Array(8);

describe('a check', () => {
  const over = { code: 'desk_check_over', rule: '', blame: 'you', left: false, params: {} };
  /** A desk that judges what the first picture completed until `judge`, and says meanwhile that the check is over, as the program does. */
  async function judging(mode: string, also?: (command: string) => Promise<unknown> | undefined) {
    await open('', '#/check');
    let judge = (): void => undefined;
    let complete = false;
    const reads: string[] = [];
    answering((command, sample) => {
      if (!['desk_camera', 'desk_text', 'desk_picture'].includes(command)) return also?.(command);
      reads.push(command);
      if (complete) return Promise.reject(over);
      complete = true;
      return new Promise((done) => { judge = () => done(sample('desk_text', { request: { deskId: 'd', text: 'OQ1:WHOLE' } })); });
    });
    await press('check-question', '[data-question="age19"]');
    await press('check-mode', `[data-mode="${mode}"]`);
    await press('check-start');
    return { reads, judged: async () => { judge(); await settle(); } };
  }

  it('that is judged is not ended by the picture, the file or the text after the one that completed it', async () => {
    const { reads, judged } = await judging('code');
    const [first, second] = [take(picture()), take(picture())];
    await type('check-text', 'OQ1:LATER');
    await press('check-text-read');
    const input = get('check-file-input');
    Object.defineProperty(input, 'files', { configurable: true, value: [{ type: 'image/png', size: 3, arrayBuffer: () => Promise.resolve(new ArrayBuffer(3)) }] });
    input.dispatchEvent(new Event('change', { bubbles: true }));
    await settle();
    expect(find('problem')).toBeNull();
    await judged();
    expect(get('verdict').dataset['outcome']).toBe('confirmed');
    expect(await Promise.all([first, second])).toEqual([false, false]);
    expect(find('problem')).toBeNull();
    // Nothing more was asked of a check that had its verdict.
    expect(reads).toEqual(['desk_camera']);
    expect(calls.some((call) => call.command === 'desk_stop')).toBe(false);
  });
  it('that is judged is not ended by frames of its request that come no more', async () => {
    let refuse = (): void => undefined;
    const { judged } = await judging('request', (command) => (command === 'desk_frames' ? new Promise((_, fail) => { refuse = () => fail(over); }) : undefined));
    const read = take(picture());
    await settle();
    refuse();
    await settle();
    expect(find('problem')).toBeNull();
    await judged();
    expect(get('verdict').dataset['outcome']).toBe('confirmed');
    expect(await read).toBe(false);
  });
  it('that is over is said to be, by whatever hears it first, and once', async () => {
    await open('', '#/check');
    answering((command) => (command === 'desk_camera' ? Promise.reject(over) : undefined));
    await press('check-question', '[data-question="age19"]');
    await press('check-mode', '[data-mode="code"]');
    await press('check-start');
    expect(await Promise.all([take(picture()), take(picture())])).toEqual([false, false]);
    await settle();
    expect(find('problem')).not.toBeNull();
    expect(calls.filter((call) => call.command === 'desk_stop')).toHaveLength(1);
  });
  it('reads on after a picture that was nothing, one after the other', async () => {
    await open('', '#/check');
    const waiting: (() => void)[] = [];
    answering((command, sample) => (command === 'desk_camera' ? new Promise((done) => waiting.push(() => done(sample(command)))) : undefined));
    await press('check-question', '[data-question="age19"]');
    await press('check-mode', '[data-mode="code"]');
    await press('check-start');
    const [first, second] = [take(picture()), take(picture())];
    await settle();
    expect(waiting).toHaveLength(1);
    waiting[0]!();
    expect(await first).toBe(true);
    await settle();
    expect(waiting).toHaveLength(2);
    waiting[1]!();
    expect(await second).toBe(true);
  });
});

describe('a request before the camera', () => {
  /** Each picture shows a whole request; `answer` lets the program say so of the pictures that it has at that moment, and counts them. */
  async function looking() {
    await open('', '#/present');
    let asked = 0;
    let waiting: (() => void)[] = [];
    answering((command) => (command === 'read_camera' ? new Promise((done) => { const inputId = `i${(asked += 1)}`; waiting.push(() => done({ kind: 'request', inputId, host: '' })); }) : undefined));
    await press('reader-camera');
    return async () => {
      const now = waiting;
      waiting = [];
      now.forEach((one) => one());
      await settle();
      return now.length;
    };
  }
  const started = () => calls.filter((call) => call.command === 'present_start').map((call) => (call.request as { inputId: string }).inputId);

  it('is taken up once, though two pictures showed it', async () => {
    const answer = await looking();
    const both = [take(picture()), take(picture())];
    await settle();
    expect([await answer(), await answer()]).toEqual([1, 0]);
    expect(started()).toEqual(['i1']);
    expect(await Promise.all(both)).toEqual([false, false]);
    expect(calls.some((call) => call.command === 'present_decline')).toBe(false);
  });
  it('is not taken up after the camera was closed', async () => {
    const answer = await looking();
    const read = take(picture());
    await settle();
    await press('camera-stop');
    await answer();
    expect(await read).toBe(false);
    expect(started()).toEqual([]);
  });
  it('is taken up though the picture before it could not be read', async () => {
    await open('', '#/present');
    let asked = 0;
    answering((command) => {
      if (command !== 'read_camera') return undefined;
      return (asked += 1) === 1 ? Promise.reject({ code: 'x', rule: '', blame: 'computer', left: false, params: {} }) : Promise.resolve({ kind: 'request', inputId: 'i2', host: '' });
    });
    await press('reader-camera');
    const [first, second] = [take(picture()), take(picture())];
    await expect(first).rejects.toMatchObject({ code: 'x' });
    expect(await second).toBe(false);
    await settle();
    expect(started()).toEqual(['i2']);
  });
});
