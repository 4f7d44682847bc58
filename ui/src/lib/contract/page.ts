/** A paper opened. */

import type { PaperSummary } from './paper';
import type { HistoryEntry } from './state';
import type { CivilDate, Instant, PaperId, Sentence, Text } from './text';

export interface Fact {
  /** Stable within the paper; what `reveal_fact` takes. */
  id: string; caption: Text;
  /** What may be shown now: the value, or of a sensitive one its masked form. */
  value: Text; sensitive: boolean;
  /** A picture as a `data:` address instead of words. */
  image: string | null;
}
export interface FactGroup { caption: Text; facts: Fact[] }
/** The three lines of "믿을 수 있나요?". */
export interface Trust {
  signature: 'holds' | 'doesNotHold'; issuerListed: boolean;
  /** Who signed it, by the name in the certificate; null: it has none, or the signature does not hold. */
  signedBy: Text | null;
  status: 'valid' | 'revoked' | 'suspended' | 'notValid' | 'unknown' | 'stale' | 'none'; statusAsOf: Instant | null;
  copies: { left: number; total: number; oneTime: boolean };
  format: 'sdJwtVc' | 'mdoc' | 'both';
}
export interface AmountPart { caption: Text; amount: number; lateAddition: number | null }
export interface PayOption {
  id: string; caption: Text; amount: number; until: CivilDate | null; condition: Text | null;
  /** The held paper that opens this option. */
  evidence: { paperId: PaperId; name: Text } | null;
  /** It needs a paper that is not held. */
  missingEvidence: Text[];
}
export interface Notice {
  parts: AmountPart[]; amountInDue: number; amountAfterDue: number | null; amountNow: number; due: CivilDate;
  /** `late.local`, `late.national`, `late.insurance`, `late.fine`, `late.utility`. */
  lateRule: Sentence | null;
  /** Our own reckoning after due, where it differs from the printed one. */
  reckonedDiffers: { printed: number; reckoned: number } | null;
  options: PayOption[]; bestOptionId: string | null;
  /** Empty unless the signature holds. */
  waysToPay: { caption: Text; value: string; note: Text | null }[];
  object: Text | null; reason: Text | null;
  /** `date` is null where only the status list says that it was paid. */
  paid: { date: CivilDate | null; amount: number } | null;
}
export interface Voucher {
  granted: number; used: number; balance: number; validFrom: CivilDate | null; validUntil: CivilDate | null;
  usableFor: Text[]; region: Text | null; uses: { date: CivilDate; place: Text; amount: number }[];
}
export interface Paper {
  summary: PaperSummary; groups: FactGroup[]; trust: Trust; notice: Notice | null; voucher: Voucher | null;
  history: HistoryEntry[]; receivedAt: Instant; validFrom: CivilDate | null; validUntil: CivilDate | null;
  /** Type unknown to the catalogue: shown through the issuer's own metadata. */
  foreignType: string | null;
  canReissue: boolean;
  /** New copies can be fetched from the issuer at once (`renewPaper`). */
  renewable: boolean;
  /** Why it may not be presented now, else null: `notPresentable.{revoked,suspended,notValid,expired,notYet,signature,notice}`. */
  notPresentable: Sentence | null;
}
/** The signed original, asked for; text only. */
export interface Original { format: string; text: string }
