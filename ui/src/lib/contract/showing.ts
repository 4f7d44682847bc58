/** Shown as QR, without a network. */

import type { Instant, SessionId, Text } from './text';

/** `request` a request that was read off the other screen · `code` a typed code · `oneWay` without a question. In the last two nobody knows who reads. */
export type ShownMode = 'request' | 'code' | 'oneWay';
/** A ready-made question. Those that say who somebody is are answered by `request` only. */
export interface OfflineQuestion { number: number; code: string; question: Text; identifying: boolean }
/** The yes was given; frames can be had from now on. */
export interface ShowingStarted {
  kind: 'showing'; sessionId: SessionId; mode: ShownMode; recipient: Text | null; itemCount: number; paperCount: number; historyId: string;
  /** Until the proof ends. */
  secondsLeft: number;
  /** Age of the status list that says the shown papers are in force. */
  statusListAsOf: Instant | null;
}
/** `still`: one code for everything, if there is one that large. */
export type FrameSize = 'standard' | 'small' | 'still';
/** One code. `modules`: dark ones are 1, row by row without a gap, from the highest bit, base64 with padding. */
export interface QrFrame { sequence: number; side: number; modules: string }
export interface Frames {
  /** Empty with `still` where one code does not hold it. */
  frames: QrFrame[];
  /** The pieces that make it whole. */
  count: number;
  secondsLeft: number;
  /** Grows when it was signed anew: frames of an earlier round make nothing whole any more. */
  round: number;
}
