/** What may be pressed on the consent screen, and when. */
import { describe, expect, it } from 'vitest';
import { clinic, previewOf, rent } from '../dev/requests';
import { acknowledge, act, activeQueries, answerSensitive, begin, chooseOption, choosePaper, leaving, sensitiveItems, tickItem, touched } from '../src/lib/consent';
import type { Consent, Selection } from '../src/lib/contract';

const next = (consent: Consent, selection: Selection, agreement: 'yes' | 'no' | null, step: 'choose' | 'sensitive' | 'confirm' = 'choose') =>
  act(consent, selection, previewOf(consent, selection), agreement, step);
const query = (id: string) => clinic.queries.find((q) => q.id === id)!;
const answered = (selection: Selection) => clinic.mustAcknowledge.reduce((s, what) => acknowledge(s, what, true), selection);

describe('nothing is chosen beforehand', () => {
  it('names only what is no choice', () => {
    const selection = begin(clinic);
    expect(selection.options).toEqual({ g1: 'g1a', g2: null, g3: null });
    expect(selection.papers['who']).toEqual([]);
    expect(selection.papers['nhq']).toHaveLength(1);
    expect([selection.items, selection.sensitiveYes, selection.sensitiveNo, selection.acknowledged]).toEqual([[], [], [], []]);
    expect(touched(clinic, selection, null)).toBe(false);
  });
  it('does not send an optional group that was not chosen', () => expect(activeQueries(clinic, begin(clinic)).map((q) => q.id)).toEqual(['who']));
});

describe('the act', () => {
  it('leads to the agreement first, and a no ends without sending', () => {
    expect(next(rent, begin(rent), null)).toEqual({ do: 'agree' });
    expect(next(rent, begin(rent), 'no')).toEqual({ do: 'end' });
    expect(next(rent, begin(rent), 'yes')).toEqual({ do: 'send' });
  });
  it('leads to each missing answer and never sends before', () => {
    let selection = begin(clinic);
    const seen: string[] = [];
    for (let turn = 0; turn < 12; turn++) {
      const now = next(clinic, selection, 'yes');
      if (now.do !== 'answer') break;
      seen.push(now.missing.kind);
      if (now.missing.kind === 'paper') selection = choosePaper(selection, query(now.missing.queryId), 'p2-license', true);
      else if (now.missing.kind === 'option') selection = chooseOption(selection, now.missing.groupId, 'g2b');
      else if (now.missing.kind === 'acknowledge') selection = acknowledge(selection, now.missing.what, true);
    }
    expect(seen).toEqual(['paper', 'option', 'acknowledge', 'acknowledge', 'acknowledge', 'acknowledge']);
    expect(next(clinic, selection, 'yes')).toEqual({ do: 'sensitive' });
    expect(next(clinic, selection, 'yes', 'sensitive')).toMatchObject({ do: 'answer', missing: { kind: 'sensitive' } });
    expect(next(clinic, answerSensitive(selection, 'disability.degree', false), 'yes', 'sensitive')).toEqual({ do: 'end' });
    const yes = answerSensitive(selection, 'disability.degree', true);
    expect(next(clinic, yes, 'yes', 'sensitive')).toEqual({ do: 'confirm' });
    expect(next(clinic, yes, 'yes', 'confirm')).toEqual({ do: 'send' });
  });
  it('shows the last look where the passphrase is asked again, even without sensitive items', () => {
    const selection = answered(chooseOption(choosePaper(begin(clinic), query('who'), 'p1-resident', true), 'g2', 'g2a'));
    expect(sensitiveItems(clinic, selection)).toEqual([]);
    expect(next(clinic, selection, 'yes')).toEqual({ do: 'confirm' });
  });
});

describe('choices', () => {
  it('keep one paper where one may answer, several where several may', () => {
    const one = choosePaper(choosePaper(begin(clinic), query('who'), 'p1-resident', true), query('who'), 'p2-license', true);
    expect(one.papers['who']).toEqual(['p2-license']);
    expect(choosePaper(begin(clinic), query('nhq'), 'p1-nhq', false).papers['nhq']).toEqual([]);
  });
  it('tell only what was ticked, and a sensitive item only after its own yes', () => {
    let selection = chooseOption(choosePaper(begin(clinic), query('who'), 'p1-resident', true), 'g2', 'g2b');
    const captions = () => leaving(clinic, selection).flatMap((l) => l.items.map((i) => i.id));
    expect(captions()).toEqual(['who1.name']);
    selection = tickItem(selection, 'who1.face', true);
    selection = answerSensitive(selection, 'disability.degree', true);
    expect(captions()).toEqual(['who1.name', 'who1.face', 'disability.degree']);
    expect(tickItem(selection, 'who1.face', false).items).toEqual([]);
    expect(answerSensitive(selection, 'disability.degree', false)).toMatchObject({ sensitiveYes: [], sensitiveNo: ['disability.degree'] });
  });
});
