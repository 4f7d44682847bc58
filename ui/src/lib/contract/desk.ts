/** 확인하기: the verifier's desk, without a network. */

import type { AppError } from './outcome';
import type { Shelf } from './paper';
import type { ShownMode } from './showing';
import type { CivilDate, Instant, Text } from './text';

/** What the policy makes of a list's age. */
export type AgeGrade = 'green' | 'amber' | 'red';
export interface ListAge { asOf: Instant; grade: AgeGrade }
/** `purpose`: of a question that was made at this desk. `items`: what the answer holds. `own`: the verifier wrote it. `modes`: how it can be asked here. */
export interface DeskQuestion { id: string; name: Text; purpose: Text | null; items: Text[]; identifying: boolean; own: boolean; modes: ShownMode[] }
/** What a question of one's own can ask for. `sensitive`: in the sense of 개인정보 보호법 제23조. */
export interface DeskItem { name: string; caption: Text; sensitive: boolean }
export interface DeskPaperType { key: string; name: Text; shelf: Shelf; items: DeskItem[] }
/** A question of one's own: `paper` and `items` by key and name of the above. */
export interface DeskDraft { name: string; purpose: string; paper: string; items: string[] }
/** The whole path of a receipt that was written. */
export interface DeskSaved { path: string }
/** Checks on one day; nothing else is kept of them. */
export interface DeskCount { day: CivilDate; checks: number }
export interface Desk {
  questions: DeskQuestion[];
  /** The name under which the desk asks; null: no key here, so codes and one-way only. */
  identity: Text | null;
  /** null: the issuers are those that the profile names itself. */
  trustList: ListAge | null;
  /** The oldest of the status lists that are kept and that this desk judges by, or that were looked at since the unlock; null: there is none. */
  statusLists: ListAge | null;
  receipts: boolean;
  count: DeskCount;
  /** What is kept and cannot be read; the desk goes on without it. */
  unreadable: DeskUnreadable[];
}
/** The desk after its lists were fetched. `trustList`: why that one was not renewed. `missing`: status lists that did not come. */
export interface DeskRefreshed { desk: Desk; trustList: AppError | null; missing: number }
/** Damaged, or of a newer application. `key` is forgotten by `deskForget`, `questions` by `deskQuestionsForget`, `record` by `deskRecordForget`. `code`: why, with a sentence under `error.`. */
export type DeskKept = 'key' | 'questions' | 'record';
export interface DeskUnreadable { kept: DeskKept; code: string }
export interface DeskBegun {
  deskId: string; mode: ShownMode; question: DeskQuestion;
  /** `XXXXX-XXXXX`, in mode `code`. */
  code: string | null;
  /** The pieces of the request, in mode `request`; else 0. */
  frames: number;
  secondsLeft: number;
}
/** `need` is 0 until the first code was read. `foreign`: codes of another answer, damaged ones, and other things. `newer`: one of them is of another version than is read here. */
export type DeskFed =
  | { kind: 'waiting'; have: number; need: number; foreign: number; newer: boolean; secondsLeft: number }
  | { kind: 'verdict'; verdict: DeskVerdict };
/** The words are the verifier's own, the same on its page. */
export interface DeskReason { code: string; rule: string | null; text: Text }
/** `no`: a question answered with "아니요", which is green as to the check. `picture`: a `data:` address. */
export interface DeskAnswer { caption: Text; value: Text; no: boolean; picture: string | null }
/** `stale`: in force by a list that is old. */
export type DeskStatus = 'valid' | 'stale' | 'revoked' | 'suspended' | 'notValid' | 'unknown' | 'notOffered';
export interface DeskPaper { title: Text; issuer: string; holderBound: boolean; status: DeskStatus; statusAsOf: Instant | null }
export interface DeskVerdict {
  outcome: 'confirmed' | 'confirmedWeak' | 'notConfirmed';
  reasons: DeskReason[];
  mode: ShownMode;
  question: Text;
  /** Empty unless it is a confirmation. */
  answers: DeskAnswer[];
  papers: DeskPaper[];
  /** 받지 않은 것: what such papers hold as well, as far as their type is known. */
  notReceived: Text[];
  trustList: ListAge | null;
  at: Instant;
  /** Seconds until it clears itself. */
  clearsIn: number;
  /** The signed receipt, where receipts are switched on. */
  receipt: string | null;
  /** It could not be counted, since nothing can be written. */
  notCounted: boolean;
}
