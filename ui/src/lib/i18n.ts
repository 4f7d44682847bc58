/** Sentences in the person's language. Keys are checked by the compiler, parity of the two files by a test. */
import ko from '../../../locales/ko.json';
import en from '../../../locales/en.json';
import { app } from './app.svelte';
import type { AppError, Instant, Language, PaperState, Sentence, Text } from './contract';
import * as format from './format';
import { fill, parameters, pick, type Value } from './message';

export type Key = keyof typeof ko;
const tables: Record<Language, Record<string, string>> = { ko, en };

export const has = (key: string): key is Key => key in ko;

export function t(key: Key, params: Record<string, Value> = {}): string {
  return fill(tables[app.language][key] ?? key, params, app.language);
}
/** A sentence whose key came from the application; an unknown one falls back. */
export function sentence(of: Sentence, fallback: Key): string {
  return has(of.code) ? t(of.code, of.params) : t(fallback, of.params);
}
const families = Object.keys(ko).filter((key) => key.startsWith('error.family.')).sort((a, b) => b.length - a.length) as Key[];
/** The sentence of a code: its own, else that of the longest family that its code begins with. */
export function codeKey(code: string): Key | null {
  const own = `error.${code}`;
  if (has(own)) return own;
  return families.find((key) => code.startsWith(key.slice('error.family.'.length))) ?? null;
}
/** The sentence of a code that stands alone, in the history: none where it would have holes. */
export function codeText(code: string): string | null {
  const key = codeKey(code);
  return key !== null && parameters(tables.ko[key] ?? '').length === 0 ? t(key) : null;
}
export const errorText = (error: AppError): string => t(codeKey(error.code) ?? (`error.blame.${error.blame}` as Key), error.params);
export const words = (text: Text | null | undefined): string => pick(text, app.language);
/** The same text in the other language, where it has one and says something else there. */
export function otherWords(text: Text): { words: string; lang: Language } | null {
  const lang = app.language === 'ko' ? 'en' : 'ko';
  const words = text[lang];
  return words === null || text.ko === null || text.en === null || text.ko === text.en ? null : { words, lang };
}
/** The language of foreign words, where they are not in the person's own. */
export function foreign(text: Text | null | undefined): Language | undefined {
  if (!text) return undefined;
  const own = app.language === 'ko' ? text.ko : text.en;
  if (own !== null) return undefined;
  return app.language === 'ko' ? (text.en === null ? undefined : 'en') : text.ko === null ? undefined : 'ko';
}

export const won = (amount: number): string => format.won(amount, app.language);
export const shortDate = (date: string): string => format.shortDate(date, app.language);
export const plainDate = (date: string): string => format.plainDate(date, app.language);
export const fullDate = (date: string): string => format.fullDate(date, app.language);
export const longDate = (date: string): string => format.longDate(date, app.language);
export const dayAndTime = (at: Instant): string => format.dayAndTime(at, app.language);
export function ago(at: Instant): string {
  const { unit, count } = format.ago(at, app.status?.now ?? at);
  return t(`ago.${unit}`, { count });
}
export function inDays(days: number): string {
  return days === 0 ? t('days.today') : days === 1 ? t('days.tomorrow') : t('days.after', { days });
}

export function stateText(state: PaperState): string {
  switch (state.kind) {
    case 'expiring': case 'due': return state.days === 0 ? t('state.lastDay') : t('state.daysLeft', { days: state.days });
    case 'notYet': return t('state.notYet', { date: state.date });
    case 'overdue': return t('state.overdue', { days: state.days });
    case 'stale': return t('state.stale', { ago: ago(state.asOf) });
    default: return t(`state.${state.kind}`);
  }
}
export type Tone = 'success' | 'warning' | 'danger' | 'info' | 'neutral';
export function stateTone(state: PaperState): Tone {
  switch (state.kind) {
    case 'valid': return 'success';
    case 'expiring': case 'suspended': case 'stale': return 'warning';
    case 'due': return state.days <= 7 ? 'warning' : 'neutral';
    case 'overdue': case 'revoked': case 'notValid': return 'danger';
    case 'paid': case 'autoDebit': return 'info';
    default: return 'neutral';
  }
}
export function stateIcon(state: PaperState): 'check' | 'clock' | 'triangle' | 'octagon' | 'pause' | 'unknown' {
  switch (state.kind) {
    case 'valid': case 'paid': case 'autoDebit': return 'check';
    case 'overdue': case 'notValid': return 'triangle';
    case 'revoked': return 'octagon';
    case 'suspended': return 'pause';
    case 'unknown': return 'unknown';
    default: return 'clock';
  }
}
