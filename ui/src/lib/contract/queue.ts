/** Answers that wait for the network. */

import type { Instant, Text } from './text';

/** Approved, and nothing of it left. `items` and `approvals` are captions, never values. `over`: its request ended, it is not sent any more. */
export interface QueuedAnswer {
  id: string; recipient: Text; itemCount: number; items: Text[]; approvals: Text[]; approvedAt: Instant; expiresAt: Instant; over: boolean;
}
/** `sent`: by recipient. `failed`: it left, and nobody saw it taken. `expired`: given up, nothing left. `refused`: the same, since nobody vouches for the recipient any more. `openUrls`: pages that nobody opened. */
export interface QueueResult { sent: Text[]; openUrls: string[]; failed: number; expired: number; refused: number; waiting: number }
