import { describe, expect, it } from 'vitest';
import { ago, base64, dayAndTime, fullDate, longDate, plainDate, shortDate, won } from '../src/lib/format';
import { fill, finalConsonant, parameters, pick } from '../src/lib/message';
import { commandName } from '../src/lib/bridge';
import { parsePlace, pathOf, type Place } from '../src/lib/router';

describe('money, dates, ages', () => {
  it('say money in won', () => {
    expect(won(11330, 'ko')).toBe('11,330원');
    expect(won(11330, 'en')).toBe('11,330 won');
    expect(won(0, 'ko')).toBe('0원');
  });
  it('say dates as ui.md 6 does', () => {
    expect(shortDate('2026-11-26', 'ko')).toBe('11월 26일 목');
    expect(shortDate('2026-11-26', 'en')).toBe('Thu 26 Nov');
    expect(plainDate('2026-11-27', 'ko')).toBe('11월 27일');
    expect(fullDate('2027-02-16', 'ko')).toBe('2027년 2월 16일');
    expect(longDate('2026-11-21', 'ko')).toBe('2026년 11월 21일 토요일');
    expect(shortDate('not a date', 'ko')).toBe('not a date');
  });
  it('tell instants in Seoul', () => expect(dayAndTime(Date.UTC(2026, 10, 20, 15, 30) / 1000, 'ko')).toBe('11월 21일 토 00:30'));
  it('count ages in whole units and never make them younger', () => {
    expect(ago(1000, 1059)).toEqual({ unit: 'now', count: 0 });
    expect(ago(0, 3 * 3600 + 3599)).toEqual({ unit: 'hour', count: 3 });
    expect(ago(0, 31 * 3600)).toEqual({ unit: 'hour', count: 31 });
    expect(ago(0, 49 * 3600)).toEqual({ unit: 'day', count: 2 });
    expect(ago(10, 0)).toEqual({ unit: 'now', count: 0 });
  });
  it('encode a file of any size', () => expect(base64(new Uint8Array(100_000)).length).toBe(133_336));
});

describe('sentences', () => {
  it('choose the Korean particle', () => {
    expect(fill('{a:을/를}', { a: '주민등록등본' }, 'ko')).toBe('주민등록등본을');
    expect(fill('{a:을/를}', { a: '자동차세' }, 'ko')).toBe('자동차세를');
    expect(fill('{a:이/가}', { a: '누리국토부(시연)' }, 'ko')).toBe('누리국토부(시연)가');
    expect(fill('{a:이/가}', { a: '가람시(시연) 도서관' }, 'ko')).toBe('가람시(시연) 도서관이');
    expect(fill('{a:으로/로}', { a: '이도담' }, 'ko')).toBe('이도담으로');
    expect(fill('{a:으로/로}', { a: '최한결' }, 'ko')).toBe('최한결로');
    expect(fill('{a#won:이/가}', { a: 330 }, 'ko')).toBe('330원이');
    expect(finalConsonant('3').closed).toBe(true);
    expect(finalConsonant('2').closed).toBe(false);
  });
  it('agree in English', () => {
    expect(fill('Send {n: item/items}', { n: 1 }, 'en')).toBe('Send 1 item');
    expect(fill('Send {n: item/items}', { n: 9 }, 'en')).toBe('Send 9 items');
  });
  it('never read a value as a template', () => expect(fill('{a}', { a: '{b}', b: 'x' }, 'ko')).toBe('{b}'));
  it('know their parameters', () => expect(parameters('{a} {b#won} {a:이/가} {c#date:x/y}')).toEqual(['a', 'b#won', 'c#date']));
  it('fall back to the other language', () => {
    expect(pick({ ko: null, en: 'Library' }, 'ko')).toBe('Library');
    expect(pick({ ko: '도서관', en: null }, 'en')).toBe('도서관');
    expect(pick(null, 'ko')).toBe('');
  });
});

describe('commands and places', () => {
  it('name commands as Tauri does', () => {
    expect(commandName('receiveStart')).toBe('receive_start');
    expect(commandName('today')).toBe('today');
  });
  it('come back from their address', () => {
    const places: Place[] = [{ at: 'today' }, { at: 'shelf', shelf: 'notice', id: 'a/b#c' }, { at: 'shelf', shelf: 'id', id: null }, { at: 'history', id: 'h' }, { at: 'present' }, { at: 'settings' }];
    for (const place of places) expect(parsePlace(pathOf(place))).toEqual(place);
    expect(parsePlace('#/nowhere')).toEqual({ at: 'today' });
    expect(parsePlace('#/ids/%E0%A4%A')).toEqual({ at: 'shelf', shelf: 'id', id: null });
  });
});
