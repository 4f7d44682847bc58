/** Revoked, suspended, unknown and stale: four states, each with a sentence and a shape of its own, in both languages. */
import { afterEach, describe, expect, it } from 'vitest';
import { mount, unmount } from 'svelte';
import type { PaperState, Trust } from '../src/lib/contract';
import { app } from '../src/lib/app.svelte';
import StateTag from '../src/parts/StateTag.svelte';
import TrustLines from '../src/parts/TrustLines.svelte';

type Shown = { words: string; shape: string };
const open: Record<string, unknown>[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await unmount(one);
  document.body.replaceChildren();
});

function speak(language: 'ko' | 'en'): void {
  app.status = { now: 1_800_000_100, settings: { language } } as unknown as typeof app.status;
}
function shown(target: Element): Shown {
  return { words: target.textContent?.trim() ?? '', shape: target.querySelector('path')?.getAttribute('d') ?? '' };
}
function line(status: Trust['status']): Shown {
  const target = document.createElement('div');
  document.body.append(target);
  const trust: Trust = { signature: 'holds', issuerListed: true, status, statusAsOf: null, copies: { left: 1, total: 1, oneTime: false }, format: 'sdJwtVc' };
  open.push(mount(TrustLines, { target, props: { trust, receivedAt: 1_800_000_000 } }));
  const found = target.querySelector('[data-testid="trust-status"]');
  if (!found) throw new Error('no line');
  return shown(found);
}
function tag(state: PaperState): Shown {
  const target = document.createElement('div');
  document.body.append(target);
  open.push(mount(StateTag, { target, props: { state } }));
  return shown(target);
}

describe.each(['ko', 'en'] as const)('the four states in %s', (language) => {
  it('differ in sentence and in shape on a paper’s page', () => {
    speak(language);
    const lines = (['revoked', 'suspended', 'unknown', 'stale', 'valid'] as const).map(line);
    expect(new Set(lines.map((one) => one.words)).size).toBe(5);
    expect(new Set(lines.map((one) => one.shape)).size).toBe(5);
    for (const one of lines) expect(one.words).not.toMatch(/^trust\.|[{}]/);
  });
  it('differ in word and in shape in lists', () => {
    speak(language);
    const tags = [{ kind: 'revoked', date: null }, { kind: 'suspended' }, { kind: 'unknown' }, { kind: 'stale', asOf: 1_800_000_000 }, { kind: 'valid' }] as const;
    const all = tags.map((state) => tag(state));
    expect(new Set(all.map((one) => one.words)).size).toBe(5);
    expect(new Set(all.map((one) => one.shape)).size).toBe(5);
  });
});
