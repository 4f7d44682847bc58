/** What the whole window shares: the state of the wallet, the place, a link that waits, and the flow that may be lost. */
import { ask, asAppError, listening } from './bridge';
import type { AppError, Found, PaperId, Settings, Status } from './contract';
import { parsePlace, pathOf, type Place } from './router';

type Asked = Extract<Found, { inputId: string }>;

class App {
  status = $state<Status | null>(null);
  /** The application itself could not be reached. */
  fault = $state<AppError | null>(null);
  place = $state<Place>(parsePlace(location.hash));
  /** An offer or request that was read and waits for its flow. */
  pending = $state<Asked | null>(null);
  /** The same, while the person is asked whether to leave another flow for it. */
  #held: Asked | null = null;
  /** Something was chosen in a flow: leaving asks once. */
  dirty = $state(false);
  /** Where the person wanted to go when asked. */
  leaving = $state<Place | null>(null);
  helpOpen = $state(false);
  /** Only what is shown stands in the window: no navigation. */
  alone = $state(false);
  /** Seconds until the wallet locks by itself, while it warns. */
  lockingIn = $state<number | null>(null);
  /** A sentence for the polite live region. */
  said = $state('');
  /** Papers that just came: they slide once into their shelf. */
  arrived = $state<PaperId[]>([]);
  /** Counts up when papers may have changed, so that an open shelf reads again. */
  revision = $state(0);

  get language() {
    return this.status?.settings.language ?? 'ko';
  }

  async start(): Promise<void> {
    window.addEventListener('hashchange', () => this.#hashChanged());
    // Heard before the first question: a link that started the application is sent after it.
    await Promise.all([
      listening('changed', (status) => {
        this.take(status);
        this.revision += 1;
      }),
      listening('link', (found) => this.found(found)),
      listening('locking', ({ inSeconds }) => (this.lockingIn = inSeconds)),
    ]).catch((error: unknown) => (this.fault = asAppError(error)));
    await this.reload();
  }

  async reload(): Promise<void> {
    try {
      this.take(await ask('status'));
      this.fault = null;
    } catch (error) {
      this.fault = asAppError(error);
    }
  }

  take(status: Status): void {
    const wasOpen = this.status?.state.kind === 'unlocked';
    this.status = status;
    applySettings(status.settings);
    if (wasOpen && status.state.kind !== 'unlocked') this.#forget();
  }

  /** Locking replaces the page: nothing of what was open stays in the window. */
  #forget(): void {
    this.pending = null;
    this.#held = null;
    this.dirty = false;
    this.leaving = null;
    this.helpOpen = false;
    this.alone = false;
    this.lockingIn = null;
    this.arrived = [];
    this.said = '';
    history.replaceState(null, '', '#/');
    this.place = { at: 'today' };
  }

  go(place: Place): void {
    if (this.dirty && pathOf(place) !== pathOf(this.place)) {
      this.leaving = place;
      return;
    }
    this.#move(place);
  }
  leaveNow(): void {
    const place = this.leaving;
    this.leaving = null;
    this.dirty = false;
    if (this.#held) this.pending = this.#held;
    this.#held = null;
    if (place) this.#move(place);
  }
  stay(): void {
    this.leaving = null;
    this.#held = null;
  }
  #move(place: Place): void {
    const path = pathOf(place);
    if (location.hash === path || (path === '#/' && location.hash === '')) this.place = place;
    else location.hash = path;
  }
  #hashChanged(): void {
    const next = parsePlace(location.hash);
    if (pathOf(next) === pathOf(this.place)) return;
    if (this.dirty) {
      this.leaving = next;
      history.replaceState(null, '', pathOf(this.place));
      return;
    }
    this.place = next;
  }

  /** Something was read: to its flow, which shows the host first. One at a time: a running choice is not thrown away. */
  found(found: Found): void {
    if (found.kind === 'nothing' || found.kind === 'progress') return;
    const place: Place = { at: found.kind === 'offer' ? 'receive' : 'present' };
    if (this.dirty) {
      this.leaving = place;
      this.#held = found;
      return;
    }
    this.pending = found;
    this.#move(place);
  }

  async lock(): Promise<void> {
    this.take(await ask('lock'));
  }
  async set(change: Partial<Settings>): Promise<void> {
    if (!this.status) return;
    this.take(await ask('setSettings', { ...this.status.settings, ...change }));
  }
}

const prefersContrast = typeof matchMedia === 'function' ? matchMedia('(prefers-contrast: more)') : null;

export const isHigh = (settings: Settings): boolean =>
  settings.contrast === 'high' || (settings.contrast === 'system' && prefersContrast?.matches === true);

/** Less motion is wanted: here, or by the system. */
export const lessMotion = (): boolean =>
  app.status?.settings.reduceMotion === true || (typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches);

export function applySettings(settings: Settings): void {
  const root = document.documentElement;
  root.lang = settings.language;
  root.dataset['size'] = String(settings.textSize);
  root.dataset['krdsMode'] = isHigh(settings) ? 'high-contrast' : 'light';
  if (settings.reduceMotion) root.dataset['motion'] = 'reduced';
  else delete root.dataset['motion'];
}

export const app = new App();
