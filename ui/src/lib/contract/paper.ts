/** Papers as lists and today show them. */

import type { CivilDate, Instant, PaperId, Text } from './text';

export type Shelf = 'id' | 'notice' | 'benefit';
export type Silhouette = 'card' | 'slip' | 'ticket' | 'sheet';
/** ui.md 4.2; `days` are days left (expiring) or days past (overdue). */
export type PaperState =
  | { kind: 'valid' }
  | { kind: 'expiring'; days: number; date: CivilDate }
  | { kind: 'notYet'; date: CivilDate }
  | { kind: 'expired'; date: CivilDate }
  | { kind: 'due'; days: number; date: CivilDate }
  | { kind: 'overdue'; days: number; date: CivilDate }
  | { kind: 'paid'; date: CivilDate | null }
  | { kind: 'autoDebit'; date: CivilDate }
  | { kind: 'revoked'; date: CivilDate | null }
  | { kind: 'suspended' }
  /** The status list does not call it valid, in a word that is known. */
  | { kind: 'notValid' }
  | { kind: 'unknown' }
  | { kind: 'stale'; asOf: Instant };

/** A row, a silhouette: what lists show of a paper. Values in it are those the silhouette may show (ui.md 4.1). */
export interface PaperSummary {
  id: PaperId; shelf: Shelf; silhouette: Silhouette; name: Text; issuer: Text; state: PaperState;
  /** What tells it from others of its name: the object of a notice, the year of a certificate. */
  detail: Text | null;
  /** Notice: what is owed today. Voucher: what is left. */
  amount: number | null;
  due: CivilDate | null;
  validUntil: CivilDate | null;
  card: { holder: Text; portrait: string | null; facts: { caption: Text; value: Text }[] } | null;
  ticket: { granted: number; used: number; balance: number; region: Text | null; usableFor: Text[] } | null;
  isNew: boolean;
}
export interface ShelfView { shelf: Shelf; papers: PaperSummary[]; total: number; unpaidCount: number; autoDebitCount: number }
export interface ShelfCount { shelf: Shelf; count: number; unpaid: number; overdue: number; names: Text[] }

export interface TodayItem {
  paperId: PaperId; name: Text; issuer: Text; date: CivilDate; days: number; amount: number | null;
  /** `pay` 낼 돈 · `left` 남은 돈 · `come` 들어올 돈 · `expires` a paper ends, without an amount. */
  what: 'pay' | 'left' | 'come' | 'expires';
  detail: Text | null;
}
export interface OverdueItem {
  paperId: PaperId; name: Text; issuer: Text; days: number; amountNow: number; amountInDue: number; lateAddition: number;
}
export interface Today {
  owner: Text | null; today: CivilDate; todoCount: number;
  overdue: OverdueItem[]; upcoming: TodayItem[]; arrived: PaperSummary[];
  /** Revoked, suspended and expired papers, each once. */
  trouble: PaperSummary[];
  shelves: ShelfCount[];
}
