/** Presenting: the consent, what was chosen, what was sent. */

import type { Approval } from './approval';
import type { PaperSummary } from './paper';
import type { PartyTrust } from './receive';
import type { ShownMode } from './showing';
import type { Instant, PaperId, SessionId, Text } from './text';

/** What is stated of some of what is asked: `papers` empty: of all; `text` null: nothing is. */
export interface LinePart { papers: Text[]; text: Text | null }
/** One of the five lines of 개인정보 보호법 §17; `text` null: the other side did not state it, or not the same of all that is asked: then `parts` say it. */
export interface Line { text: Text | null; parts: LinePart[] }
export type Necessity = 'required' | 'optional';
/** A single thing that would be told. */
export interface ConsentItem {
  /** Stable in the session; what `Selection.items` names. */
  id: string; caption: Text;
  /** The value itself (a yes or no in words); masked where the silhouette masks it. */
  value: Text; image: string | null; sensitive: boolean;
  necessity: Necessity;
  /** The registration does not name it: asked for beyond what was registered. */
  overAsked: boolean;
}
/** A paper that answers a query. Items differ by paper. */
export interface Candidate {
  paper: PaperSummary; items: ConsentItem[]; hiddenCount: number;
  /** The first in the list is the least telling. */
  leastTelling: boolean;
  /** The last copy, a copy used before, a status unknown or stale: said before sending. */
  notes: ('lastCopy' | 'reusedCopy' | 'statusUnknown' | 'statusStale')[];
}
/** One credential query of the request. */
export interface ConsentQuery {
  id: string; candidates: Candidate[];
  /** More than one paper may answer. */
  multiple: boolean;
}
/** A `credential_sets` entry: one option is chosen; an optional group may stay unanswered. The first option tells least. */
export interface ConsentGroup {
  id: string; purpose: Text | null; necessity: Necessity;
  options: { id: string; queryIds: string[] }[];
}
export type Warning =
  /** Kept back: it holds a resident number, or looks like one, and no law is named for it. */
  | { kind: 'residentNumber'; captions: Text[] }
  | { kind: 'overAsked'; captions: Text[] }
  | { kind: 'unregistered' }
  | { kind: 'unauthenticated' }
  | { kind: 'noRetentionLimit' }
  | { kind: 'crossDevice' }
  /** The list of verifiers, fetched then, is older than it says it should be. */
  | { kind: 'trustListOld'; asOf: Instant };
/** A line that is missing, or a warning that must be ticked: each takes its own yes. */
export type Acknowledgement = 'recipient' | 'purpose' | 'items' | 'retention' | 'refusal' | 'unregistered' | 'unauthenticated' | 'overAsked' | 'payment' | 'signature';

export interface Consent {
  kind: 'consent'; sessionId: SessionId;
  recipient: { name: Text | null; host: string; trust: PartyTrust; source: 'certificate' | 'registration' | 'attestation' | 'profile' | 'address' };
  lines: { recipient: Line; purpose: Line; items: Line; retention: Line; refusal: Line };
  /** Every query of every option stands here once. */
  queries: ConsentQuery[];
  /** One group for each choice; a request without `credential_sets` is one required group with one option. */
  groups: ConsentGroup[];
  /** Shown before anything else that is chosen; each kind takes a tick of its own. */
  approvals: Approval[];
  warnings: Warning[];
  /** What must be acknowledged before anything is sent. */
  mustAcknowledge: Acknowledgement[];
  crossDevice: boolean;
  /** The answer is shown as QR, and how it was asked for; null: it is sent. */
  shown: ShownMode | null;
  /** The passphrase must be typed again before sending. */
  needsUnlock: boolean;
  expiresAt: Instant | null;
}
/**
 * Nothing is chosen beforehand. Where there is nothing to choose (one option in a required group, one candidate of a
 * query) the window names it. A required item of a chosen paper need not be named; the application counts it.
 */
export interface Selection {
  /** For each group the chosen option, or null: not answered. */
  options: Record<string, string | null>;
  /** For each query the chosen papers. */
  papers: Record<string, PaperId[]>;
  /** Optional items that were ticked, by item id. */
  items: string[];
  /** Sensitive items that got their own yes, by item id, and those that got their own no. */
  sensitiveYes: string[];
  sensitiveNo: string[];
  acknowledged: Acknowledgement[];
}
export interface Preview {
  paperCount: number; itemCount: number; hiddenCount: number;
  papers: { queryId: string; paperId: PaperId; itemCount: number; hiddenCount: number }[];
  /** What is still to be answered, in the order of the screen; empty: it can be sent. */
  missing: (
    | { kind: 'option'; groupId: string }
    | { kind: 'paper'; queryId: string }
    | { kind: 'sensitive'; itemIds: string[] }
    /** A no to a required sensitive item: only declining is left. */
    | { kind: 'requiredRefused'; itemIds: string[] }
    | { kind: 'acknowledge'; what: Acknowledgement }
  )[];
}
export interface Sent {
  kind: 'sent'; recipient: Text | null; host: string; at: Instant; itemCount: number; paperCount: number;
  historyId: string; openedBrowser: boolean;
  /** The address that the other side wants opened and that was not opened by itself. */
  openUrl: string | null;
}
