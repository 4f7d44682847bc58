/** What takes long, moves or is no request: the portrait, the desk's own frames with less motion, and a stray code before the camera. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { find, get, open, press, settle, shut, type } from './window';

// Compiled once before the first test, which would wait for it on a computer that has other work.
beforeAll(() => import('../src/App.svelte'), 120_000);
afterEach(() => vi.unstubAllGlobals());

describe('a portrait', () => {
  it('shown as QR is said to make many codes where it is offered, and is not ticked', async () => {
    await open('?flow=portrait', '#/present');
    await type('reader-text', 'openid4vp://x');
    await press('reader-read');
    await press('host-continue');
    expect(get('portrait-slow').textContent).toContain('QR이 여러 장');
    const tick = get('portrait-slow').closest('label')?.querySelector('input');
    expect(tick?.checked).toBe(false);
  });
  it('that is sent makes no codes', async () => {
    await open('?flow=clinic', '#/present');
    await type('reader-text', 'openid4vp://x');
    await press('reader-read');
    await press('host-continue');
    await press('choose-who');
    expect(find('tick')).not.toBeNull();
    expect(find('portrait-slow')).toBeNull();
  });
});

describe('the desk\'s own request', () => {
  const begin = async (search: string) => {
    await shut();
    await open(search, '#/check');
    await press('check-question', '[data-question="identity"]');
    await press('check-mode', '[data-mode="request"]');
    await press('check-start');
  };
  it('changes slower where less motion is wanted, here or by the system, and can be taken step by step', async () => {
    await begin('?motion');
    expect(get('check-request').dataset['pace']).toBe('2');
    await begin('');
    expect(get('check-request').dataset['pace']).toBe('1');
    vi.stubGlobal('matchMedia', () => ({ matches: true, addEventListener: () => undefined, removeEventListener: () => undefined }));
    await begin('?motion');
    expect(get('check-request').dataset['pace']).toBe('1');
    for (const id of ['check-request-previous', 'check-request-pause', 'check-request-next']) expect(find(id), id).not.toBeNull();
  });
});

describe('a code before the camera that is no request', () => {
  it('is said to be none, and the camera looks on', async () => {
    let take: ((picture: Uint8Array) => Promise<boolean>) | null = null;
    vi.doMock('../src/lib/camera', async (original) => ({
      ...(await original<object>()), look: (_video: unknown, taking: typeof take, seen: () => void) => { take = taking; seen(); return () => undefined; } }));
    await open('?stray', '#/present');
    await press('reader-camera');
    expect(get('camera-progress').dataset['stray']).toBe('false');
    expect(await take!(new Uint8Array(8))).toBe(true);
    await settle();
    expect(get('camera-progress').textContent).toContain('요청이 아닌 QR');
    expect(get('camera-progress').getAttribute('role')).toBe('status');
    expect(find('camera-trouble')).toBeNull();
    await shut();
    await open('?newer', '#/present');
    await press('reader-camera');
    expect(await take!(new Uint8Array(8))).toBe(true);
    await settle();
    expect(get('camera-progress').textContent).toContain('모르는 새 방식의 QR');
    await shut();
    await open('', '#/present');
    await press('reader-camera');
    expect(await take!(new Uint8Array(8))).toBe(true);
    await settle();
    expect(get('camera-progress').dataset['stray']).toBe('false');
    vi.doUnmock('../src/lib/camera');
  });
});
