/** The product's bundle: built here, and nothing of `dev/` in it, nothing that a strict content policy forbids. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const outDir = mkdtempSync(join(tmpdir(), 'citizen-wallet-ui-'));
let script = '';
let page = '';
let style = '';
let files: string[] = [];
beforeAll(async () => {
  await build({ root: join(import.meta.dirname, '..'), configFile: join(import.meta.dirname, '../vite.config.ts'), logLevel: 'error', mode: 'production', build: { outDir, emptyOutDir: true } });
  files = readdirSync(outDir, { recursive: true, encoding: 'utf8' });
  const read = (end: string) => files.filter((name) => name.endsWith(end)).map((name) => readFileSync(join(outDir, name), 'utf8')).join('\n');
  [script, page, style] = [read('.js'), read('.html'), read('.css')];
}, 60_000);
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

describe('the application on macOS', () => {
  it('says what the camera is for, without which the system ends it, and may use it', () => {
    const root = join(import.meta.dirname, '../..');
    const { bundle } = JSON.parse(readFileSync(join(root, 'tauri.conf.json'), 'utf8')) as { bundle: { macOS: { infoPlist: string; entitlements: string } } };
    const info = readFileSync(join(root, bundle.macOS.infoPlist), 'utf8');
    expect(/<key>NSCameraUsageDescription<\/key>\s*<string>([^<]+)<\/string>/.exec(info)?.[1]).toMatch(/카메라.*저장하지 않고/);
    expect(readFileSync(join(root, bundle.macOS.entitlements), 'utf8')).toMatch(/com\.apple\.security\.device\.camera<\/key>\s*<true\/>/);
  });
});

describe('the bundle', () => {
  it('holds no sample data and no test double', () => {
    expect(script.length).toBeGreaterThan(50_000);
    expect(script).not.toMatch(/이도담|박서래|최한결|가람시\(시연\)|누리국토부|shouldMockEvents|verifier\.localhost/);
  });
  it('has no inline script, no handler, no evaluated text', () => {
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(page).not.toMatch(/\son\w+=|style=/);
    expect(script).not.toMatch(/\beval\(|new Function\(/);
  });
  it('names no address outside', () => {
    const addresses = [...(script + style + page).matchAll(/https?:\/\/[\w.-]+/g)].map((match) => match[0]);
    // Names of XML namespaces, and of the pages that explain the framework's own faults; none is fetched.
    expect(addresses.filter((address) => !['http://www.w3.org', 'https://svelte.dev'].includes(address))).toEqual([]);
  });
  it('ships the whole font with its licence', () => {
    expect(files.some((name) => /PretendardGOVVariable.*\.woff2$/.test(name))).toBe(true);
    expect(files).toContain(join('licences', 'PretendardGOV-OFL-1.1.txt'));
  });
});
