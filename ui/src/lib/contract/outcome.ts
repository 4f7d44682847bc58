/** How something ended that did not go well, and what a refresh brought. */

import type { PaperSummary } from './paper';
import type { QueueResult } from './queue';
import type { Instant, Sentence, SessionId, Text } from './text';

/** Why a flow ended. The window shows title, sentence, facts, whether anything left, one next step, and code and rule. */
export interface Refusal {
  kind: 'refusal';
  /** `missing` you do not have it · `notGenuine` the asker or issuer is not who it says · `conditionNotMet` · `withheld` what would be told may not be · `invalid` malformed or unsupported · `network` · `computer`. */
  why: 'missing' | 'notGenuine' | 'conditionNotMet' | 'withheld' | 'invalid' | 'network' | 'computer';
  code: string; rule: string | null;
  blame: 'you' | 'issuer' | 'verifier' | 'network' | 'computer' | 'application';
  /** Whether anything left the wallet. */
  left: boolean;
  /** Title and second sentence; `locales` keys `refusal.WHY.*` unless the code has its own. */
  party: Text | null; papers: Text[];
  facts: { purpose: Text | null; asked: Text[]; available: Text | null };
  /** `access_denied` can still be told, after a yes (missing, conditionNotMet). */
  sessionId: SessionId | null; canTell: boolean;
  /** The approved answer, of which nothing left, waits until then if the person says so (`queueAnswer` with the `sessionId`). */
  waitUntil: Instant | null;
}

/** A rejected command. `locales` has `error.CODE`; `params` fills it. */
export interface AppError {
  code: string; rule: string | null; blame: Refusal['blame']; left: boolean; params: Sentence['params'];
}

export interface RefreshResult { checked: number; changed: PaperSummary[]; failed: number; statusListAsOf: Instant | null; queue: QueueResult }
