/**
 * Fills a sentence of `locales/*.json`. The same grammar is read by the command line:
 * `{name}` a value · `{name#won}` money · `{name#date}` a short date · `{name:A/B}` the value and, after it, a word that
 * agrees with it: in Korean the particle A after a final consonant, else B; in English A for exactly one, else B.
 */
import type { Language, Text } from './contract';
import { plainDate, won } from './format';

export type Value = string | number | Text | null | undefined;
const placeholder = /\{(\w+)(?:#(\w+))?(?::([^}/]*)\/([^}]*))?\}/g;

export function pick(text: Text | null | undefined, language: Language): string {
  if (!text) return '';
  return (language === 'ko' ? (text.ko ?? text.en) : (text.en ?? text.ko)) ?? '';
}

/** Whether a word ends in a final consonant; a trailing bracket is not read, digits are read in Korean. */
export function finalConsonant(word: string): { closed: boolean; rieul: boolean } {
  const bare = word.replace(/\s*\([^)]*\)\s*$/u, '').replace(/[\s"'’”.,)\]]+$/u, '');
  const last = bare.at(-1) ?? '';
  const code = last.codePointAt(0) ?? 0;
  if (code >= 0xac00 && code <= 0xd7a3) {
    const tail = (code - 0xac00) % 28;
    return { closed: tail !== 0, rieul: tail === 8 };
  }
  if (/\d/.test(last)) return { closed: '013678'.includes(last), rieul: '178'.includes(last) };
  return { closed: /[bcdfgklmnpqrt]/i.test(last) && /[lmnr]/i.test(last), rieul: /[lr]/i.test(last) };
}

function agree(value: Value, shown: string, a: string, b: string, language: Language): string {
  if (language === 'en') return `${shown} ${(Number(value) === 1 ? a : b).trim()}`;
  const { closed, rieul } = finalConsonant(shown);
  const open = a.startsWith('으로') ? !closed || rieul : !closed;
  return shown + (open ? b : a);
}

export function fill(template: string, params: Record<string, Value>, language: Language): string {
  return template.replace(placeholder, (_all, name: string, type?: string, a?: string, b?: string) => {
    const value = params[name];
    let shown: string;
    if (value === null || value === undefined) shown = '';
    else if (typeof value === 'object') shown = pick(value, language);
    else if (type === 'won') shown = won(Number(value), language);
    else if (type === 'date') shown = plainDate(String(value), language);
    else if (typeof value === 'number') shown = value.toLocaleString('en-US');
    else shown = value;
    return a === undefined || b === undefined ? shown : agree(value, shown, a, b, language);
  });
}

/** The parameters of a sentence, as `name#type`, sorted: what both languages must share. */
export function parameters(template: string): string[] {
  const found = new Set<string>();
  for (const match of template.matchAll(placeholder)) found.add(match[2] ? `${match[1]}#${match[2]}` : (match[1] ?? ''));
  return [...found].sort();
}
