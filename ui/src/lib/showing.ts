/**
 * Showing as QR: what is on the screen when. Pure; the time comes in, in milliseconds of a clock that never goes back.
 * The frames are the application's. Only what is shown next is held, and everything is forgotten at the end.
 */
import type { QrFrame } from './contract';

/** Changes a second. The fastest stays below three (KWCAG 16); slower ones are for slow cameras and for eyes. */
export const paces = [0.5, 1, 2, 2.5] as const;
export type Pace = (typeof paces)[number];
export const usualPace: Pace = 2;
/** With less motion wanted, the frames begin slower; the person may change that. */
export const beginningPace = (reduced: boolean): Pace => (reduced ? 1 : usualPace);
export function otherPace(pace: Pace, step: 1 | -1, slowest: Pace = paces[0]): Pace | null {
  const other = paces[paces.indexOf(pace) + step] ?? null;
  return other !== null && other < slowest ? null : other;
}
/** Milliseconds that a frame stands. */
export const frameTime = (pace: Pace): number => 1000 / pace;
/** Where nobody asked, the answer is signed anew every 20 seconds (OQ-29), and frames before and after do not go together. So each piece comes once within this time, in milliseconds, and what a reader missed can follow. */
export const wholeWithin = 12_000;
/** The slowest pace at which so many pieces can be read in one round, else the fastest. */
export const slowestFor = (count: number): Pace => paces.find((pace) => count * frameTime(pace) <= wholeWithin) ?? paces[paces.length - 1] ?? usualPace;
/** Frames asked for at once, and how few may be left when the next are asked for. */
export const batch = 4;
export const low = 2;
/** How long the window may be without its person, in milliseconds. */
export const absence = 10_000;

/** How it is shown: in turn, as one code, or one after the other by pressing. */
export type Way = 'moving' | 'still' | 'steps';
/** Why nothing is shown any more. */
export type Over = 'time' | 'absent' | 'stopped' | 'problem';
interface Answer { frames: QrFrame[]; count: number; secondsLeft: number; round: number }

export class Showing {
  /** What is on the screen, else null. */
  frame: QrFrame | null = null;
  /** Pieces that make it whole; 0 before the first answer. */
  count = 0;
  paused = false;
  way: Way = 'moving';
  over: Over | null = null;
  #next: QrFrame[] = [];
  #shownAt = -Infinity;
  #endsAt: number | null = null;
  #round: number | null = null;
  #absentSince: number | null = null;
  /** A new round is shown from its first piece on. */
  #fromFirst = false;

  /** `renewed`: it is signed anew by itself while it is shown. */
  constructor(public pace: Pace = usualPace, readonly renewed = false) {}

  /** The slowest pace there is for it. */
  get slowest(): Pace {
    return this.renewed ? slowestFor(this.count) : paces[0];
  }

  /** Whole seconds left, rounded up; 0 is the end. */
  left(now: number): number {
    return this.#endsAt === null ? 0 : Math.max(0, Math.ceil((this.#endsAt - now) / 1000));
  }
  /** Which of the pieces is on the screen, from 1; after the first pass each frame is a mixture, and they are counted on. */
  get piece(): number {
    return this.frame && this.count > 0 ? (this.frame.sequence % this.count) + 1 : 0;
  }
  /** The number of the first frame that is not here yet. */
  get from(): number {
    if (this.#fromFirst) return 0;
    const last = this.#next.at(-1) ?? this.frame;
    return last ? last.sequence + 1 : 0;
  }
  /** Whether more frames should be asked for. */
  get hungry(): boolean {
    return this.over === null && this.way === 'moving' && !this.paused && this.#next.length <= low;
  }
  /** Takes the next frames. A new round was signed anew: what is left of the old one is not shown. Says whether it is one. */
  take(answer: Answer, now: number): boolean {
    if (this.over !== null) return false;
    const anew = answer.round !== this.#round;
    this.#round = answer.round;
    this.count = answer.count;
    if (this.pace < this.slowest) this.pace = this.slowest;
    this.#endsAt = now + answer.secondsLeft * 1000;
    if (answer.secondsLeft <= 0) this.end('time');
    else if (this.way !== 'moving') {
      this.frame = answer.frames[0] ?? this.frame;
      this.#shownAt = now;
    } else {
      if (anew) this.#next = [];
      const first = answer.frames[0]?.sequence ?? 0;
      this.#fromFirst = (anew || this.#fromFirst) && first > 0;
      if (this.#fromFirst) return anew;
      const known = this.#next.at(-1)?.sequence ?? -1;
      this.#next.push(...answer.frames.filter((frame) => frame.sequence > known).slice(0, batch));
    }
    return anew;
  }
  /** Begins another way of showing, from the first piece; what was to come is forgotten, and what stands stays until it is replaced. */
  begin(way: Way): void {
    this.way = way;
    this.paused = false;
    this.#next = [];
    this.#round = null;
    this.#fromFirst = true;
  }
  /** Shows the next frame when the one on the screen stood long enough; ends what is due to end. Says whether the picture changed. */
  turn(now: number): boolean {
    if (this.over !== null) return false;
    if (this.#endsAt !== null && now >= this.#endsAt) {
      this.end('time');
      return true;
    }
    if (this.#absentSince !== null && now - this.#absentSince >= absence) {
      this.end('absent');
      return true;
    }
    if (this.way !== 'moving' || this.paused || now - this.#shownAt < frameTime(this.pace)) return false;
    const next = this.#next.shift();
    if (!next) return false;
    this.frame = next;
    this.#shownAt = now;
    return true;
  }
  /** The window lost its person, or has them back. */
  away(isAway: boolean, now: number): void {
    if (!isAway) this.#absentSince = null;
    else this.#absentSince ??= now;
  }
  /** Nothing stays: not what is shown, not what would have been. */
  end(why: Over): void {
    this.over ??= why;
    this.frame = null;
    this.#next = [];
  }
  /** The person asked for more after the end. */
  again(): void {
    this.over = null;
    this.#endsAt = null;
    this.#absentSince = null;
    this.begin(this.way);
  }
}

/** When the seconds left are spoken. */
export const spokenAt = [20, 10, 0] as const;
/** The moment that was passed between two looks at the clock, if one is to be spoken. */
export function spoken(before: number, now: number): number | null {
  return spokenAt.findLast((at) => now <= at && before > at) ?? null;
}
/** The number in the ring: with less motion it changes each five seconds. */
export const shownSeconds = (left: number, reduced: boolean): number => (reduced && left > 5 ? Math.ceil(left / 5) * 5 : left);

/** Empty modules around a code (ISO/IEC 18004: four). */
export const quiet = 4;
/** Whole device pixels for a module, so that a code of `side` modules with its quiet zone fits into so many device pixels; at least one. */
export const moduleSize = (side: number, room: number): number => Math.max(1, Math.floor(room / (side + 2 * quiet)));

/** The dark modules of a frame, row by row: bits from the highest of each byte, base64. */
export function isDark(modules: Uint8Array, side: number, x: number, y: number): boolean {
  const at = y * side + x;
  return (((modules[at >> 3] ?? 0) >> (7 - (at & 7))) & 1) === 1;
}
export const bitsOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
