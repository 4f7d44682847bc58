/** The keyboard map of ui.md 7. No single letters: every shortcut has Ctrl or Command, or is F1. */
import { app } from './app.svelte';
import type { TextSize } from './contract';
import { read, readFile } from './reading';
import { t } from './i18n';
import type { Place } from './router';

/** Ctrl+1…8: the eight places. */
const places: Record<string, Place> = {
  '1': { at: 'today' }, '2': { at: 'shelf', shelf: 'id', id: null }, '3': { at: 'shelf', shelf: 'notice', id: null },
  '4': { at: 'shelf', shelf: 'benefit', id: null }, '5': { at: 'present' }, '6': { at: 'check' }, '7': { at: 'history', id: null }, '8': { at: 'settings' },
};
const sizes: TextSize[] = [0.9, 1, 1.1, 1.3, 1.5];
const unlocked = () => app.status?.state.kind === 'unlocked';
const inField = (target: EventTarget | null) => target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;

export function nextSize(size: TextSize, step: 1 | -1): TextSize {
  return sizes[Math.min(sizes.length - 1, Math.max(0, sizes.indexOf(size) + step))] ?? size;
}

let lastTouch = 0;
export function onKey(event: KeyboardEvent): void {
  if (event.key === 'F1') {
    event.preventDefault();
    app.helpOpen = true;
    return;
  }
  if (event.key.startsWith('Arrow')) moveInList(event);
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const size = app.status?.settings.textSize ?? 1;
  const done = (act: () => void) => {
    event.preventDefault();
    act();
  };
  switch (event.key) {
    case '+': case '=': return done(() => void app.set({ textSize: nextSize(size, 1) }));
    case '-': return done(() => void app.set({ textSize: nextSize(size, -1) }));
    case '0': return done(() => void app.set({ textSize: 1 }));
  }
  if (!unlocked()) return;
  const place = places[event.key];
  if (place) return done(() => app.go(place));
  switch (event.key.toLowerCase()) {
    case 'l': return done(() => void app.lock());
    case 'o': return done(pickFile);
    case 'f': {
      const search = document.querySelector<HTMLInputElement>('input[type="search"]');
      if (search) done(() => search.focus());
    }
  }
}

function say(work: Promise<string | null>): void {
  work.then((nothing) => { if (nothing) app.said = nothing; }, () => { app.said = t('read.failed'); });
}
function pickFile(): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) say(readFile(file));
  });
  input.click();
}
/** Ctrl+V outside a field reads the clipboard; the flow then shows what it found and asks. */
export function onPaste(event: ClipboardEvent): void {
  if (!unlocked() || inField(event.target) || document.querySelector('dialog[open]')) return;
  event.preventDefault();
  const text = event.clipboardData?.getData('text/plain').trim();
  say(read(text ? { kind: 'text', text } : { kind: 'clipboard' }));
}

/** Arrows move within one list of papers (`data-arrows`); Enter opens, as on any link. */
function moveInList(event: KeyboardEvent): void {
  const from = event.target instanceof HTMLElement ? event.target.closest('a') : null;
  const list = from?.closest('[data-arrows]');
  if (!from || !list) return;
  const links = [...list.querySelectorAll('a')];
  const step = event.key === 'ArrowDown' || event.key === 'ArrowRight' ? 1 : -1;
  const next = links[links.indexOf(from) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

/** Told to the application at most every ten seconds: the person is here. */
export function touched(send: () => void, now = Date.now()): void {
  if (now - lastTouch < 10_000) return;
  lastTouch = now;
  send();
}
