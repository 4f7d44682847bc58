/** Receiving: an offer and what came of it. */

import type { PaperSummary, Shelf, Silhouette } from './paper';
import type { Instant, PaperId, SessionId, Text } from './text';

export type PartyTrust = 'registered' | 'authenticated' | 'unauthenticated';
export interface OfferedPaper {
  configurationId: string; name: Text; silhouette: Silhouette; shelf: Shelf; copies: number; description: Text | null;
  /** Issuer may issue this type according to the profile. */
  entitled: boolean;
}
export interface TxCodeSpec { digitsOnly: boolean; length: number | null; description: Text | null }
export interface Offer {
  kind: 'offer'; sessionId: SessionId; issuer: { name: Text; host: string; trust: PartyTrust };
  papers: OfferedPaper[]; grant: 'preAuthorized' | 'authorizationCode'; txCode: TxCodeSpec | null;
  /** Nobody offered it: the person went to the issuer and chooses papers first (`receiveChoose`). */
  choose: boolean;
  /** When the list of issuers was fetched, if its next update is overdue. */
  oldTrustListAsOf: Instant | null;
}
/** A value that is another now; `sensitive` ones are masked. */
export interface Change { caption: Text; before: Text | null; after: Text | null; sensitive: boolean }
/** A paper that took the place of the one that was there; without changes only its copies are new. */
export interface Replaced { paperId: PaperId; name: Text; changes: Change[] }
/** Ends a receiving. `deferred` papers come later by `refresh`. */
export interface ReceiveDone { kind: 'done'; papers: PaperSummary[]; deferred: Text[]; replaced: Replaced[] }
/** The code was wrong and the issuer lets one try again. */
export interface ReceiveAgain { kind: 'txCodeWrong'; sessionId: SessionId }
export interface Cancelled { kind: 'cancelled' }
