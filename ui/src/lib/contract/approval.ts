/** What is approved together with an answer. */

import type { CivilDate, Text } from './text';

/** What is approved together with the sending, all of it: what does not stand here is not approved. */
export type Approval =
  | { kind: 'payment'; payee: Text; title: Text; noticeNumber: string; amount: number; due: CivilDate; overdue: boolean }
  /** `digest`: SHA-256 of the document, hexadecimal in groups. */
  | { kind: 'signature'; agency: Text; title: Text; number: string; statement: Text; digest: string };
