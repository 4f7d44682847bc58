/** The two languages say the same: the same keys, the same typed parameters; nothing is missing and nothing is left over. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from '../../locales/en.json';
import ko from '../../locales/ko.json';
import { parameters } from '../src/lib/message';

const korean: Record<string, string> = ko;
const english: Record<string, string> = en;
function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true }).map((entry) =>
    entry.isDirectory() ? sources(join(folder, entry.name)) : readFileSync(join(folder, entry.name), 'utf8')).join('\n');
}
const source = sources(join(import.meta.dirname, '../src'));

describe('locales', () => {
  it('have the same keys', () => expect(Object.keys(english).sort()).toEqual(Object.keys(korean).sort()));
  it('have the same typed parameters', () => {
    for (const [key, sentence] of Object.entries(korean)) expect(parameters(english[key] ?? ''), key).toEqual(parameters(sentence));
  });
  it('have no empty sentence, no markup and no host name', () => {
    for (const table of [korean, english]) for (const [key, sentence] of Object.entries(table)) {
      expect(sentence.trim(), key).not.toBe('');
      expect(sentence, key).not.toMatch(/<[a-z/]|https?:/i);
    }
  });
  it('never use the words that people should not have to know (ui.md 6)', () => {
    for (const [key, sentence] of Object.entries(korean)) expect(sentence, key).not.toMatch(/크리덴셜|토큰|노드|인증서 파일|자격 없음|죄송|오류가 발생|\bVC\b/);
    for (const [key, sentence] of Object.entries(english)) expect(sentence, key).not.toMatch(/\bcredential|\btoken\b|\bsorry\b|something went wrong/i);
  });
  it('leave it to the sentence beside them whether anything left, where a showing ends', () => {
    for (const [key, sentence] of Object.entries(korean)) if (/^error\.(showing_|verifier_no_longer_vouched)/.test(key)) {
      expect(sentence, key).not.toMatch(/않았습니다/);
      expect(english[key], key).not.toMatch(/was sent|has left/);
    }
  });
  it('have every sentence that the window asks for', () => {
    for (const match of source.matchAll(/\bt\((?:[^'`()]*\? )?'([\w.]+)'/g)) expect(korean, match[1]).toHaveProperty([match[1] ?? '']);
    for (const match of source.matchAll(/`([\w.]+)\.\$\{/g)) {
      const prefix = `${match[1]}.`;
      expect(Object.keys(korean).some((key) => key.startsWith(prefix)), prefix).toBe(true);
    }
  });
  it('hold no sentence that nobody can say', () => {
    const prefixes = [...source.matchAll(/`([\w.]+)\.\$\{/g)].map((match) => `${match[1]}.`);
    // Codes that come from the application, and names put together of two parts.
    const fromApplication = ['error.', 'cli.', 'late.', 'notPresentable.', 'refusal.', 'vault.', 'keyring.', 'trouble.'];
    for (const key of Object.keys(korean)) {
      const used = source.includes(`'${key}'`) || [...prefixes, ...fromApplication].some((prefix) => key.startsWith(prefix));
      expect(used, key).toBe(true);
    }
  });
});

describe('names for tests', () => {
  it('are all written down in the README', () => {
    const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
    for (const match of source.matchAll(/(?:data-testid=|testid=|testid: |'data-testid': )["']([\w-]+)["']/g)) expect(readme, match[1]).toContain(`\`${match[1]}\``);
  });
});
