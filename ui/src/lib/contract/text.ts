/** What everything else is said in: words, dates, names of things. */

/** What somebody wrote, in the languages they wrote it in. The window falls back from one to the other. */
export interface Text { ko: string | null; en: string | null }
/** Calendar date in Asia/Seoul, `YYYY-MM-DD`. */
export type CivilDate = string;
/** Seconds since 1970, UTC. */
export type Instant = number;
export type PaperId = string;
export type SessionId = string;
/** A sentence: `locales` key and its parameters. */
export interface Sentence { code: string; params: Record<string, string | number | Text> }
