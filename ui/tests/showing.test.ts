/** What is on the screen when: pace, batches, pause, the end, absence, rounds; whole pixels; the seconds that are spoken. */
import { describe, expect, it } from 'vitest';
import type { QrFrame } from '../src/lib/contract';
import { absence, batch, beginningPace, bitsOf, frameTime, isDark, moduleSize, otherPace, paces, quiet, Showing, shownSeconds, slowestFor, spoken, usualPace } from '../src/lib/showing';

const frame = (sequence: number): QrFrame => ({ sequence, side: 97, modules: '' });
const answer = (from: number, secondsLeft = 60, round = 0, count = 4, many = batch) =>
  ({ frames: Array.from({ length: many }, (_, at) => frame(from + at)), count, secondsLeft, round });

describe('the pace', () => {
  it('is two a second, slower where less motion is wanted, and never three changes a second', () => {
    expect(usualPace).toBe(2);
    expect(beginningPace(true)).toBe(1);
    for (const pace of paces) expect(pace).toBeLessThan(3);
    expect(otherPace(2, -1)).toBe(1);
    expect(otherPace(paces[0], -1)).toBeNull();
    expect(otherPace(2.5, 1)).toBeNull();
  });
  it('holds whatever the clock of the page does: no three changes within any second', () => {
    for (const pace of paces) {
      const showing = new Showing(pace);
      const changes: number[] = [];
      for (let now = 0; now < 20_000; now += 37) {
        if (showing.hungry) showing.take(answer(showing.from, 60, Math.floor(now / 5000)), now);
        if (showing.turn(now)) changes.push(now);
      }
      expect(changes.length).toBeGreaterThan(20 * pace * 0.8 - 1);
      for (const [at, change] of changes.entries()) expect((changes[at + 2] ?? Infinity) - change, `${pace}`).toBeGreaterThanOrEqual(2 * frameTime(pace) - 1);
      expect(2 * frameTime(pace)).toBeGreaterThan(667);
    }
  });
});

describe('what is signed anew every twenty seconds', () => {
  /** How many pieces each whole round showed, over a minute: each has frames of its own. */
  function ofEachRound(showing: Showing, count: number): number[] {
    const shown = [0];
    let signedAt = 0;
    for (let now = 0; now < 60_000; now += 50) {
      if (showing.hungry) {
        // It is signed anew when frames are asked for after that time.
        if (now >= signedAt + 20_000) {
          signedAt = now;
          shown.push(0);
        }
        showing.take(answer(showing.from, 60, shown.length, count), now);
      }
      if (showing.turn(now)) shown[shown.length - 1] = (shown.at(-1) ?? 0) + 1;
    }
    return shown.slice(0, -1);
  }
  it('is shown no slower than so that each round holds all of it, and a third more for what is missed', () => {
    for (let count = 1; count <= 30; count += 1)
      for (const pace of paces)
        expect(Math.min(...ofEachRound(new Showing(pace, true), count)), `${count} at ${pace}`).toBeGreaterThanOrEqual((4 / 3) * count);
    // At the slowest pace no reader was done with that many.
    expect(Math.max(...ofEachRound(new Showing(0.5), 15))).toBeLessThan(15);
  });
  it('offers no slower pace than that', () => {
    expect([1, 6, 7, 12, 13, 24, 25, 40].map(slowestFor)).toEqual([0.5, 0.5, 1, 1, 2, 2, 2.5, 2.5]);
    const showing = new Showing(0.5, true);
    expect([showing.pace, showing.slowest]).toEqual([0.5, 0.5]);
    showing.take(answer(0, 60, 0, 12), 0);
    expect([showing.pace, showing.slowest, otherPace(showing.pace, -1, showing.slowest), otherPace(showing.pace, 1, showing.slowest)]).toEqual([1, 1, null, 2]);
    const asked = new Showing(0.5);
    asked.take(answer(0, 60, 0, 12), 0);
    expect([asked.pace, asked.slowest]).toEqual([0.5, 0.5]);
  });
});

describe('frames', () => {
  it('come in small batches: no more than a batch and what is left of the last one is ever held', () => {
    const showing = new Showing();
    let held = 0;
    let asked = 0;
    for (let now = 0; now < 10_000; now += 50) {
      if (showing.hungry) {
        expect(showing.from).toBe(asked);
        showing.take(answer(showing.from), now);
        asked += batch;
      }
      showing.turn(now);
      held = Math.max(held, asked - (showing.frame?.sequence ?? 0));
    }
    expect(held).toBeLessThanOrEqual(2 * batch);
    expect(asked).toBeLessThanOrEqual(10 * usualPace + 2 * batch);
  });
  it('say which piece of how many', () => {
    const showing = new Showing();
    const seen: number[] = [];
    for (let now = 0; now <= 3000; now += 500) {
      if (showing.hungry) showing.take(answer(showing.from), now);
      showing.turn(now);
      seen.push(showing.piece);
    }
    expect(seen).toEqual([1, 2, 3, 4, 1, 2, 3]);
  });
  it('of an old round are not shown once it was signed anew', () => {
    const showing = new Showing();
    showing.take(answer(0), 0);
    showing.turn(0);
    expect(showing.take(answer(0, 60, 1), 100)).toBe(true);
    showing.turn(600);
    expect(showing.frame?.sequence).toBe(0);
    expect(showing.take(answer(0, 60, 1), 700)).toBe(false);
  });
  it('of a new round begin with its first piece, wherever the old one was', () => {
    const showing = new Showing();
    showing.take(answer(0), 0);
    for (let now = 0; now <= 1500; now += 500) showing.turn(now);
    expect(showing.from).toBe(4);
    showing.take(answer(4, 60, 1), 1600);
    expect([showing.from, showing.hungry]).toEqual([0, true]);
    showing.take(answer(0, 60, 1), 1650);
    showing.turn(2000);
    expect([showing.frame?.sequence, showing.from]).toEqual([0, 4]);
    showing.take(answer(4, 60, 1), 2100);
    showing.turn(2500);
    expect(showing.frame?.sequence).toBe(1);
  });
  it('stand while paused, and the time goes on', () => {
    const showing = new Showing();
    showing.take(answer(0, 30), 0);
    showing.turn(0);
    showing.paused = true;
    for (let now = 0; now < 20_000; now += 100) expect(showing.turn(now)).toBe(false);
    expect(showing.hungry).toBe(false);
    expect(showing.left(20_000)).toBe(10);
    expect(showing.turn(30_000)).toBe(true);
    expect([showing.over, showing.frame]).toEqual(['time', null]);
  });
  it('as one code or step by step stand until they are changed by a press', () => {
    const showing = new Showing();
    showing.take(answer(0), 0);
    showing.turn(0);
    showing.begin('steps');
    expect([showing.frame?.sequence, showing.from, showing.hungry]).toEqual([0, 0, false]);
    showing.take(answer(2, 50, 0, 4, 1), 1000);
    expect(showing.piece).toBe(3);
    expect(showing.turn(9000)).toBe(false);
    showing.take({ ...answer(0, 40, 0, 4, 0) }, 10_000);
    expect(showing.piece).toBe(3);
    // Moving again: what stands stays until the first piece takes its place.
    showing.begin('moving');
    expect([showing.frame?.sequence, showing.from, showing.hungry]).toEqual([2, 0, true]);
    showing.take(answer(0), 10_100);
    showing.turn(10_600);
    expect(showing.piece).toBe(1);
  });
});

describe('the end', () => {
  it('comes with the time, wipes everything and lets nothing in', () => {
    const showing = new Showing();
    showing.take(answer(0, 3), 0);
    showing.turn(0);
    expect(showing.left(1)).toBe(3);
    expect(showing.turn(3000)).toBe(true);
    showing.take(answer(0), 3001);
    showing.turn(4000);
    expect([showing.over, showing.frame, showing.hungry, showing.from]).toEqual(['time', null, false, 0]);
    showing.again();
    expect(showing.hungry).toBe(true);
    showing.take(answer(0, 60, 1), 5000);
    showing.turn(5000);
    expect([showing.over, showing.piece, showing.left(5000)]).toEqual([null, 1, 60]);
  });
  it('comes ten seconds after the window lost its person, and not where they come back', () => {
    const showing = new Showing();
    showing.take(answer(0), 0);
    showing.away(true, 0);
    showing.away(true, 5000);
    showing.turn(absence - 1);
    expect(showing.over).toBeNull();
    showing.away(false, absence - 1);
    showing.away(true, absence);
    showing.turn(2 * absence - 1);
    expect(showing.over).toBeNull();
    showing.turn(2 * absence);
    expect([showing.over, showing.frame]).toEqual(['absent', null]);
  });
  it('is taken from the application: nothing is shown when it says that no time is left', () => {
    const showing = new Showing();
    showing.take(answer(0, 0), 0);
    showing.turn(0);
    expect([showing.over, showing.frame]).toEqual(['time', null]);
  });
  it('keeps the first reason', () => {
    const showing = new Showing();
    showing.end('stopped');
    showing.end('time');
    expect(showing.over).toBe('stopped');
  });
});

describe('what is said and drawn', () => {
  it('speaks at 20, 10 and 0 seconds only, also where a second was missed', () => {
    expect([spoken(21, 20), spoken(20, 19), spoken(12, 9), spoken(10, 10), spoken(1, 0), spoken(0, 0), spoken(25, 0)]).toEqual([20, null, 10, null, 0, null, 0]);
  });
  it('changes the number each five seconds with less motion, each second without', () => {
    expect([60, 59, 56, 55, 6, 5, 4, 0].map((left) => shownSeconds(left, true))).toEqual([60, 60, 60, 55, 10, 5, 4, 0]);
    expect(shownSeconds(59, false)).toBe(59);
  });
  it('gives each module whole pixels with four empty ones around the code', () => {
    expect(quiet).toBe(4);
    expect(moduleSize(97, 525)).toBe(5);
    expect(moduleSize(97, 524)).toBe(4);
    expect(moduleSize(177, 100)).toBe(1);
  });
  it('reads the modules row by row from the highest bit', () => {
    const bits = bitsOf(btoa(String.fromCharCode(0b1010_0000, 0b1000_0000)));
    expect([isDark(bits, 3, 0, 0), isDark(bits, 3, 1, 0), isDark(bits, 3, 2, 0), isDark(bits, 3, 2, 2), isDark(bits, 3, 1, 2)]).toEqual([true, false, true, true, false]);
  });
});
