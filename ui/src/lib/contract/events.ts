/** What the application tells by itself. */

import type { Found } from './input';
import type { Status } from './state';
import type { SessionId } from './text';

/** Events of the application. */
export interface Events {
  /** A receiving moves: `step` is shown in words, with `count` of `of` papers. */
  progress: { sessionId: SessionId; step: 'metadata' | 'authorize' | 'browser' | 'token' | 'credential' | 'verify' | 'store'; count: number; of: number };
  /**
   * A link arrived from outside. Already read; nothing fetched. It is sent only once the wallet is unlocked and the
   * window has asked `status` (it listens by then); a link that came earlier, or started the application, waits for that.
   */
  link: Found;
  /** The state of the wallet changed by itself: locked, list refreshed, network. */
  changed: Status;
  /** The wallet locks by itself in so many seconds unless used. */
  locking: { inSeconds: number };
}
