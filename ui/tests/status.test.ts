/** Revoked, suspended, not called valid, unknown and stale: five states, each with a sentence and a shape of its own, in both languages. */
import { afterEach, describe, expect, it } from 'vitest';
import { mount, unmount } from 'svelte';
import type { Consent, PaperState, Selection, Trust } from '../src/lib/contract';
import { app } from '../src/lib/app.svelte';
import { offer } from '../dev/requests';
import NavFoot from '../src/parts/NavFoot.svelte';
import OfferView from '../src/parts/OfferView.svelte';
import StateTag from '../src/parts/StateTag.svelte';
import TrustLines from '../src/parts/TrustLines.svelte';
import Warnings from '../src/parts/consent/Warnings.svelte';

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
  const trust: Trust = { signature: 'holds', signedBy: null, issuerListed: true, status, statusAsOf: null, copies: { left: 1, total: 1, oneTime: false }, format: 'sdJwtVc' };
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

describe.each(['ko', 'en'] as const)('the five states in %s', (language) => {
  it('differ in sentence and in shape on a paper’s page', () => {
    speak(language);
    const lines = (['revoked', 'suspended', 'notValid', 'unknown', 'stale', 'valid'] as const).map(line);
    expect(new Set(lines.map((one) => one.words)).size).toBe(6);
    expect(new Set(lines.map((one) => one.shape)).size).toBe(6);
    for (const one of lines) expect(one.words).not.toMatch(/^trust\.|[{}]/);
  });
  it('differ in word and in shape in lists', () => {
    speak(language);
    const tags = [{ kind: 'revoked', date: null }, { kind: 'suspended' }, { kind: 'notValid' }, { kind: 'unknown' }, { kind: 'stale', asOf: 1_800_000_000 }, { kind: 'valid' }] as const;
    const all = tags.map((state) => tag(state));
    expect(new Set(all.map((one) => one.words)).size).toBe(6);
    expect(new Set(all.map((one) => one.shape)).size).toBe(6);
  });
});

describe.each(['ko', 'en'] as const)('the list of issuers and verifiers in %s', (language) => {
  const parts = (old: number | null) => {
    speak(language);
    app.status = { ...app.status, network: 'online', statusListAsOf: null, statusListStale: false, oldTrustListAsOf: old, profile: { name: { ko: '시연', en: 'Demo' }, marking: 'demo' }, owner: null } as typeof app.status;
    const target = document.createElement('div');
    document.body.append(target);
    open.push(mount(NavFoot, { target }));
    open.push(mount(OfferView, { target, props: { offer: { ...offer, oldTrustListAsOf: old }, wrongCode: false, onaccept: () => undefined, oncancel: () => undefined } }));
    const warnings = old === null ? [] : [{ kind: 'trustListOld' as const, asOf: old }];
    const consent = { warnings, mustAcknowledge: [], shown: null } as unknown as Consent;
    open.push(mount(Warnings, { target, props: { consent, selection: { acknowledged: [] } as unknown as Selection, change: () => undefined } }));
    return ['foot-trust-list', 'offer-trust-list', 'warning-trustListOld'].map((id) => target.querySelector(`[data-testid="${id}"]`)?.textContent ?? null);
  };
  it('says wherever it counts how old it is, once it is', () => {
    expect(parts(null)).toEqual([null, null, null]);
    const forty = language === 'ko' ? '40일' : '40 day';
    for (const words of parts(1_800_000_100 - 40 * 86_400)) {
      expect(words).toContain(forty);
      expect(words).not.toMatch(/warning\.|foot\.|[{}]/);
    }
  });
});
