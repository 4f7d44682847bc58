/** Reading an input, wherever it came from: gives a sentence when nothing was found, else goes to the flow. */
import { app } from './app.svelte';
import { ask } from './bridge';
import type { Input } from './contract';
import { base64 } from './format';
import { t } from './i18n';

/** Bytes of a file, before encoding; the same bound as the application's. */
export const maxFileBytes = 8 * 1024 * 1024;

export async function read(input: Input): Promise<string | null> {
  const found = await ask('readInput', input);
  if (found.kind === 'nothing') return t(`read.nothing.${found.why}`);
  app.found(found);
  return null;
}
export async function readFile(file: File): Promise<string | null> {
  if (file.size > maxFileBytes) return t('read.nothing.tooLarge');
  return read({ kind: 'file', name: file.name, base64: base64(new Uint8Array(await file.arrayBuffer())) });
}
