/** Reading an input, wherever it came from: gives a sentence when nothing was found, else goes to the flow. */
import { app } from './app.svelte';
import { ask } from './bridge';
import type { Found, Input } from './contract';
import { base64 } from './format';
import { t } from './i18n';

/** Bytes of a file, before encoding; the same bound as the application's. */
export const maxFileBytes = 8 * 1024 * 1024;

/** A request in several codes: how many of its pieces are here. */
export type Pieces = Extract<Found, { kind: 'progress' }>;
export const piecesText = ({ have, need, foreign }: Pieces): string => t(foreign ? 'read.progressForeign' : 'read.progress', { have, need });

/** `pieces` hears of a request that is not whole yet; without it that is a sentence like any other. */
export async function read(input: Input, pieces?: (pieces: Pieces) => void): Promise<string | null> {
  const found = await ask('readInput', input);
  if (found.kind === 'nothing') return t(`read.nothing.${found.why}`);
  if (found.kind === 'progress') {
    if (!pieces) return piecesText(found);
    pieces(found);
    return null;
  }
  app.found(found);
  return null;
}
export async function readFile(file: File, pieces?: (pieces: Pieces) => void): Promise<string | null> {
  if (file.size > maxFileBytes) return t('read.nothing.tooLarge');
  return read({ kind: 'file', name: file.name, base64: base64(new Uint8Array(await file.arrayBuffer())) }, pieces);
}
