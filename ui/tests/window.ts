/** The window over sample data, for the tests of its screens: one at a time, gone after each test. */
import axe from 'axe-core';
import { afterEach, expect, vi } from 'vitest';
import type { calls as Calls } from '../dev/bridge';

let unmountIt: (() => Promise<void>) | null = null;
/** Closes the window, as at the end of each test. */
export async function shut(): Promise<void> {
  await unmountIt?.();
  unmountIt = null;
  document.body.replaceChildren();
}
/** What the window asked the application. */
export let calls: typeof Calls = [];
afterEach(shut);
export const settle = async () => {
  for (let i = 0; i < 8; i++) {
    await new Promise((done) => setTimeout(done, 0));
  }
};
export async function open(search: string, hash = '#/'): Promise<void> {
  vi.resetModules();
  location.hash = hash;
  const bridge = await import('../dev/bridge');
  bridge.install(search);
  calls = bridge.calls;
  const { app } = await import('../src/lib/app.svelte');
  // A fresh window: the application's state and the framework under it.
  const { mount, unmount } = await import('svelte');
  const { default: App } = await import('../src/App.svelte');
  await app.start();
  const target = document.createElement('div');
  document.body.append(target);
  const mounted = mount(App, { target });
  unmountIt = () => unmount(mounted);
  await settle();
}
export const find = (id: string, more = '') => document.querySelector<HTMLElement>(`[data-testid="${id}"]${more}`);
export const get = (id: string, more = '') => {
  const element = find(id, more);
  if (!element) throw new Error(`no ${id} on: ${document.body.textContent?.slice(0, 400)}`);
  return element;
};
export async function press(id: string, more = '') {
  get(id, more).click();
  await settle();
}
export async function type(id: string, text: string) {
  const field = get(id) as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await settle();
}
/** Accessible, one title, nothing disabled, no hole in a sentence. */
export async function clean() {
  expect(document.querySelectorAll('h1')).toHaveLength(1);
  expect(document.querySelectorAll('[disabled], [aria-disabled="true"]')).toHaveLength(0);
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' | ')}`)).toEqual([]);
  expect(document.body.textContent).not.toMatch(/\{\w+|undefined|\[object|NaN/);
}
