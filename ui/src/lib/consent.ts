/**
 * What the consent screen lets a person choose. Nothing is ticked beforehand: `begin` names only what is no choice at
 * all. Counts and what is missing come from the application (`presentPreview`); here is what may be pressed and when.
 */
import type { Acknowledgement, Candidate, Consent, ConsentGroup, ConsentItem, ConsentQuery, PaperId, Preview, Selection } from './contract';

export type Agreement = 'yes' | 'no' | null;

export function begin(consent: Consent): Selection {
  const options: Selection['options'] = {};
  for (const group of consent.groups) {
    const only = group.options.length === 1 ? group.options[0] : undefined;
    options[group.id] = group.necessity === 'required' && only ? only.id : null;
  }
  const papers: Selection['papers'] = {};
  for (const query of consent.queries) {
    const only = query.candidates.length === 1 ? query.candidates[0] : undefined;
    papers[query.id] = only ? [only.paper.id] : [];
  }
  return { options, papers, items: [], sensitiveYes: [], sensitiveNo: [], acknowledged: [] };
}

const toggled = <T>(list: readonly T[], entry: T, on: boolean): T[] => (on ? [...list.filter((e) => e !== entry), entry] : list.filter((e) => e !== entry));

export const chooseOption = (s: Selection, groupId: string, optionId: string | null): Selection => ({ ...s, options: { ...s.options, [groupId]: optionId } });
export const choosePaper = (s: Selection, query: ConsentQuery, paperId: PaperId, on: boolean): Selection => ({
  ...s,
  papers: { ...s.papers, [query.id]: query.multiple ? toggled(s.papers[query.id] ?? [], paperId, on) : on ? [paperId] : [] },
});
export const tickItem = (s: Selection, itemId: string, on: boolean): Selection => ({
  ...s,
  items: toggled(s.items, itemId, on),
  // Taking an item back takes its answer back too.
  sensitiveYes: on ? s.sensitiveYes : toggled(s.sensitiveYes, itemId, false),
  sensitiveNo: on ? s.sensitiveNo : toggled(s.sensitiveNo, itemId, false),
});
export const answerSensitive = (s: Selection, itemId: string, yes: boolean): Selection => ({
  ...s,
  sensitiveYes: toggled(s.sensitiveYes, itemId, yes),
  sensitiveNo: toggled(s.sensitiveNo, itemId, !yes),
});
export const acknowledge = (s: Selection, what: Acknowledgement, on: boolean): Selection => ({ ...s, acknowledged: toggled(s.acknowledged, what, on) });

/** The queries of the chosen options, in the order of the request. */
export function activeQueries(consent: Consent, selection: Selection): ConsentQuery[] {
  const ids = new Set<string>();
  for (const group of consent.groups) {
    const option = group.options.find((o) => o.id === selection.options[group.id]);
    for (const id of option?.queryIds ?? []) ids.add(id);
  }
  return consent.queries.filter((query) => ids.has(query.id));
}
export function chosenCandidates(query: ConsentQuery, selection: Selection): Candidate[] {
  const ids = selection.papers[query.id] ?? [];
  return query.candidates.filter((candidate) => ids.includes(candidate.paper.id));
}
export interface SensitiveItem { item: ConsentItem; candidate: Candidate }
/** Sensitive items of the chosen papers: all required ones, and the optional ones that were ticked. */
export function sensitiveItems(consent: Consent, selection: Selection): SensitiveItem[] {
  return activeQueries(consent, selection).flatMap((query) =>
    chosenCandidates(query, selection).flatMap((candidate) =>
      candidate.items
        .filter((item) => item.sensitive && (item.necessity === 'required' || selection.items.includes(item.id)))
        .map((item) => ({ item, candidate })),
    ),
  );
}
/** What would leave, in words, for the last look. */
export function leaving(consent: Consent, selection: Selection): { candidate: Candidate; items: ConsentItem[] }[] {
  return activeQueries(consent, selection).flatMap((query) =>
    chosenCandidates(query, selection).map((candidate) => ({
      candidate,
      items: candidate.items.filter((item) =>
        item.sensitive
          ? selection.sensitiveYes.includes(item.id)
          : item.necessity === 'required' || selection.items.includes(item.id)),
    })),
  );
}
export const isRealChoice = (group: ConsentGroup): boolean => group.options.length > 1 || group.necessity === 'optional';

/** Whether the person has chosen anything that leaving would lose. */
export function touched(consent: Consent, selection: Selection, agreement: Agreement): boolean {
  return agreement !== null || JSON.stringify(begin(consent)) !== JSON.stringify(selection);
}

/** The one act at the foot of the screen. There is always one that can be pressed; it says what it does or what is missing. */
export type Act =
  | { do: 'agree' } // no yes and no no yet: leads to the choice
  | { do: 'end' } // a no: ends without sending
  | { do: 'answer'; missing: Preview['missing'][number] } // leads to what is missing
  | { do: 'sensitive' } // to the step of the sensitive items
  | { do: 'confirm' } // to the last look
  | { do: 'send' };
export type Step = 'choose' | 'sensitive' | 'confirm';

export function act(consent: Consent, selection: Selection, preview: Preview, agreement: Agreement, step: Step): Act {
  if (agreement === 'no') return { do: 'end' };
  const refused = preview.missing.find((m) => m.kind === 'requiredRefused');
  const sensitive = sensitiveItems(consent, selection);
  const open = preview.missing.filter((m) => (step === 'choose' ? m.kind !== 'sensitive' && m.kind !== 'requiredRefused' : true));
  if (step === 'choose') {
    const [first] = open;
    if (first) return { do: 'answer', missing: first };
    if (agreement === null) return { do: 'agree' };
    if (sensitive.length > 0) return { do: 'sensitive' };
    return consent.needsUnlock ? { do: 'confirm' } : { do: 'send' };
  }
  if (refused) return { do: 'end' };
  const [first] = open;
  if (first) return { do: 'answer', missing: first };
  return step === 'sensitive' ? { do: 'confirm' } : { do: 'send' };
}
