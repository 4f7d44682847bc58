/** The state of the wallet, its settings, its history, its profile. */

import type { Silhouette } from './paper';
import type { ShownMode } from './showing';
import type { CivilDate, Instant, PaperId, Text } from './text';

export type Language = 'ko' | 'en';
export type TextSize = 0.9 | 1 | 1.1 | 1.3 | 1.5;
export type Contrast = 'light' | 'high' | 'system';
export interface Settings {
  language: Language; textSize: TextSize; contrast: Contrast; reduceMotion: boolean;
  /** Minutes without use until the wallet locks itself (only with a passphrase); 0 is never. */
  lockAfterMinutes: number;
}

/**
 * `noService` no keyring service runs · `locked` it runs and is locked · `refused` it refused or the person closed its
 * question · `missing` the vault exists and its key does not · `waiting` it is asking the person now.
 */
export type KeyringProblem = 'noService' | 'locked' | 'refused' | 'missing' | 'waiting';
export type WalletState =
  | { kind: 'needsSetup' }
  | { kind: 'locked'; failedAttempts: number; waitSeconds: number }
  | { kind: 'unlocked' }
  | { kind: 'keyringProblem'; problem: KeyringProblem }
  /** Another process holds the data folder. */
  | { kind: 'inUse' }
  /** The vault was made by a newer application, belongs to another profile, or cannot be read. Nothing was changed. */
  | { kind: 'vaultProblem'; problem: 'newer' | 'otherProfile' | 'damaged' };

export interface ProfileMark { name: Text; marking: 'demo' | 'developer' | 'real' }
/** A person of the demo, as the first run offers them. */
export interface DemoPersona { id: string; name: string; age: number; summary: Text; portrait: string | null }
export interface Status {
  state: WalletState;
  profile: ProfileMark;
  settings: Settings;
  hasPassphrase: boolean;
  /** Whose wallet: the name on the first ID card, or the chosen person of the demo. */
  owner: Text | null;
  network: 'online' | 'offline' | 'unknown';
  statusListAsOf: Instant | null;
  /** The status list is older than the profile allows. */
  statusListStale: boolean;
  /** When the list of issuers and verifiers was fetched, if its next update is overdue. */
  oldTrustListAsOf: Instant | null;
  overdueCount: number;
  personas: DemoPersona[];
  now: Instant;
  today: CivilDate;
  version: string;
}

export interface Strength { bits: number; enough: boolean; advice: 'tooShort' | 'common' | 'repeats' | 'addWords' | 'good' }

export interface HistoryEntry {
  id: string; at: Instant;
  kind: 'received' | 'presented' | 'declined' | 'refused' | 'failed' | 'removed' | 'refreshed';
  party: Text | null; purpose: Text | null;
  papers: { id: PaperId | null; name: Text; silhouette: Silhouette }[];
  /** Captions of what was told; never values. */
  items: Text[];
  /** What was approved by the same answer: a payment, a signature. */
  approvals: Text[];
  /** It was shown as QR, and how it was asked for; null: it was sent, or is no presentation. */
  shown: ShownMode | null;
  code: string | null; rule: string | null; left: boolean;
  retention: Text | null;
}
export interface History { entries: HistoryEntry[]; chainHolds: boolean; more: boolean }

export interface ProfileView {
  name: Text; marking: ProfileMark['marking']; hash: string; trustListSequence: number | null; trustListDate: Instant | null;
  issuers: { name: Text; types: Text[]; anyType: boolean }[]; verifiers: string[];
  unauthenticatedVerifiers: 'refuse' | 'warn'; loopbackAllowed: boolean;
}
