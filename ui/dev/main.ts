/**
 * The window over sample data: `npm run sample`, then `?state=…&size=…&contrast=high&language=en#/…`.
 */
import { install } from './bridge';

const query = new URLSearchParams(location.search);
if (query.has('frozen')) Object.freeze(Object.prototype);
install(location.search);
await import('../src/main');

// For pictures: `?do=a,b` presses the test ids one after another.
const script = query.get('do')?.split(',') ?? [];
for (const step of script) {
  await new Promise((done) => setTimeout(done, 250));
  const [id = '', value] = step.split('=');
  const element = document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
  if (value !== undefined && (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)) {
    element.value = value;
    element.dispatchEvent(new Event('input', { bubbles: true }));
  } else element?.click();
}
