/** Money, dates and distances in words. Pure; dates are civil dates in Asia/Seoul, ages are of instants. */
import type { CivilDate, Instant, Language } from './contract';

const weekdays = { ko: ['일', '월', '화', '수', '목', '금', '토'], en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] };
const weekdaysLong = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const monthsLong = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** "11,330원" / "11,330 won". */
export function won(amount: number, language: Language): string {
  const digits = Math.trunc(amount).toLocaleString('en-US');
  return language === 'ko' ? `${digits}원` : `${digits} won`;
}

interface Parts { year: number; month: number; day: number; weekday: number }
export function parts(date: CivilDate): Parts | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!match) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return { year, month, day, weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay() };
}

/** "11월 26일 목" / "Thu 26 Nov". */
export function shortDate(date: CivilDate, language: Language): string {
  const p = parts(date);
  if (!p) return date;
  return language === 'ko'
    ? `${p.month}월 ${p.day}일 ${weekdays.ko[p.weekday]}`
    : `${weekdays.en[p.weekday]} ${p.day} ${months[p.month - 1]}`;
}
/** "11월 27일" / "27 Nov". */
export function plainDate(date: CivilDate, language: Language): string {
  const p = parts(date);
  if (!p) return date;
  return language === 'ko' ? `${p.month}월 ${p.day}일` : `${p.day} ${months[p.month - 1]}`;
}
/** "2027년 2월 16일" / "16 February 2027". */
export function fullDate(date: CivilDate, language: Language): string {
  const p = parts(date);
  if (!p) return date;
  return language === 'ko' ? `${p.year}년 ${p.month}월 ${p.day}일` : `${p.day} ${monthsLong[p.month - 1]} ${p.year}`;
}
/** "2026년 11월 21일 토요일" / "Saturday, 21 November 2026". */
export function longDate(date: CivilDate, language: Language): string {
  const p = parts(date);
  if (!p) return date;
  return language === 'ko'
    ? `${fullDate(date, language)} ${weekdays.ko[p.weekday]}요일`
    : `${weekdaysLong[p.weekday]}, ${fullDate(date, language)}`;
}

const seoulOffset = 9 * 3600;
/** The day and minute of an instant in Seoul: "11월 21일 토 14:32". */
export function dayAndTime(at: Instant, language: Language): string {
  const local = new Date((at + seoulOffset) * 1000).toISOString();
  return `${shortDate(local.slice(0, 10), language)} ${local.slice(11, 16)}`;
}
export function civilDateOf(at: Instant): CivilDate {
  return new Date((at + seoulOffset) * 1000).toISOString().slice(0, 10);
}

export type Distance = { unit: 'now' | 'minute' | 'hour' | 'day'; count: number };
/** How long ago: whole units, cut down, so that an age is never made younger than a whole unit. */
export function ago(at: Instant, now: Instant): Distance {
  const seconds = Math.max(0, now - at);
  if (seconds < 60) return { unit: 'now', count: 0 };
  if (seconds < 3600) return { unit: 'minute', count: Math.floor(seconds / 60) };
  if (seconds < 48 * 3600) return { unit: 'hour', count: Math.floor(seconds / 3600) };
  return { unit: 'day', count: Math.floor(seconds / 86400) };
}

/** Standard base64 with padding, of a file's bytes. */
export function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}
