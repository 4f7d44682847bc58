/** What the window may ask. */

import type { Desk, DeskBegun, DeskDraft, DeskFed, DeskPaperType, DeskRefreshed, DeskSaved } from './desk';
import type { Found, Input } from './input';
import type { RefreshResult, Refusal } from './outcome';
import type { Original, Paper } from './page';
import type { Shelf, ShelfView, Today } from './paper';
import type { Consent, Preview, Selection, Sent } from './present';
import type { QueuedAnswer, QueueResult } from './queue';
import type { Cancelled, Offer, ReceiveAgain, ReceiveDone } from './receive';
import type { Frames, FrameSize, OfflineQuestion, ShowingStarted, ShownMode } from './showing';
import type { History, HistoryEntry, ProfileView, Settings, Status, Strength } from './state';
import type { PaperId, SessionId, Text } from './text';

/** Everything the window may ask. Key: command (snake_case in Tauri). Value: [request, answer]. */
export interface Commands {
  status: [void, Status];
  /** First run: makes key and vault. Without a persona the wallet starts empty. */
  initialize: [{ personaId: string | null }, Status];
  /** The first offer for the chosen person of the demo, as an input for `receiveStart`; null outside the demo. */
  demoOffer: [void, Found | null];
  /** `passphrase` null: the wallet was locked without one. A wrong one rejects with `passphrase_wrong`. */
  unlock: [{ passphrase: string | null }, Status];
  lock: [void, Status];
  /** The person is here: the time until the wallet locks itself begins anew. */
  touch: [void, null];
  judgePassphrase: [{ passphrase: string }, Strength];
  setPassphrase: [{ passphrase: string }, Status];
  changePassphrase: [{ current: string; passphrase: string }, Status];
  removePassphrase: [{ current: string }, Status];
  setSettings: [Settings, Status];
  today: [void, Today];
  shelf: [{ shelf: Shelf; query: string }, ShelfView];
  paper: [{ id: PaperId }, Paper];
  revealFact: [{ paperId: PaperId; factId: string }, Text];
  paperOriginal: [{ id: PaperId }, Original];
  removePaper: [{ id: PaperId }, null];
  /** Fetches the copies of a paper anew; what changed in it is told. */
  renewPaper: [{ id: PaperId }, ReceiveDone | Refusal | Cancelled];
  history: [{ before: string | null }, History];
  historyEntry: [{ id: string }, HistoryEntry];
  readInput: [Input, Found];
  /** Fetches the issuer's own description, after the person saw the host and said yes. */
  receiveStart: [{ inputId: string }, Offer | Refusal];
  /** Of what is offered, the papers that the person wants. */
  receiveChoose: [{ sessionId: SessionId; configurationIds: string[] }, null];
  /** The person's yes. With the grant `authorizationCode` it opens the browser and waits; `receiveCancel` ends the wait. */
  receiveContinue: [{ sessionId: SessionId; txCode: string | null }, ReceiveDone | ReceiveAgain | Refusal | Cancelled];
  receiveCancel: [{ sessionId: SessionId }, null];
  presentStart: [{ inputId: string }, Consent | Refusal];
  presentPreview: [{ sessionId: SessionId; selection: Selection }, Preview];
  /** The person's explicit yes. `passphrase` only where `needsUnlock`. */
  presentSend: [{ sessionId: SessionId; selection: Selection; passphrase: string | null }, Sent | ShowingStarted | Refusal];
  /** Ends without sending; `tell`: the other side is told `access_denied`. */
  presentDecline: [{ sessionId: SessionId; tell: boolean }, { told: boolean }];
  /** The second yes: the answer of a refusal with `waitUntil` is kept and sent when the network is back. Rejects with `queue_*`. */
  queueAnswer: [{ sessionId: SessionId }, QueuedAnswer];
  queuedAnswers: [void, QueuedAnswer[]];
  /** It never leaves; gives those that go on waiting. */
  withdrawQueued: [{ id: string }, QueuedAnswer[]];
  /** Tries each of them once. */
  sendQueued: [void, QueueResult];
  offlineQuestions: [void, OfflineQuestion[]];
  /** What a typed code asks; rejects with `offline_code_*` where it is none. Nothing begins. */
  readCode: [{ code: string }, OfflineQuestion];
  presentByCode: [{ code: string }, Consent | Refusal];
  presentOneWay: [{ question: number }, Consent | Refusal];
  /** A picture of the camera, grey: its body is two bytes of width, two of height (big-endian), then a byte for each pixel. */
  readCamera: [void, Found];
  /** The next frames; signs anew where the mode asks for it. */
  showFrames: [{ sessionId: SessionId; from: number; count: number; size: FrameSize }, Frames];
  /** Another minute: signed anew, a new round. */
  showExtend: [{ sessionId: SessionId }, null];
  showStop: [{ sessionId: SessionId }, null];
  desk: [void, Desk];
  /** One check at a time: a new one ends the one before. Rejects with `desk_*` where it cannot be asked. */
  deskBegin: [{ question: string; mode: ShownMode }, DeskBegun];
  /** What the desk's own screen shows, in mode `request`. */
  deskFrames: [{ deskId: string; from: number; count: number; size: FrameSize }, Frames];
  /** A picture of the camera, as for `readCamera`, for the check at hand. */
  deskCamera: [void, DeskFed];
  /** Codes as text: pasted, or typed by a hand scanner. */
  deskText: [{ deskId: string; text: string }, DeskFed];
  /** A picture file. */
  deskPicture: [{ deskId: string; base64: string }, DeskFed];
  deskStop: [{ deskId: string }, null];
  /** Fetches the trust list and the status lists that checks found missing. */
  deskRefresh: [void, DeskRefreshed];
  /** Takes over a verifier's key and name: the text of a configuration of the program `verifier`, and of the files that it names. It is kept in the vault. */
  deskImport: [{ configuration: string; files: Record<string, string> }, Desk];
  /** Forgets key and name: codes and one-way only. */
  deskForget: [void, Desk];
  /** The catalogue, for making a question. */
  deskPapers: [void, DeskPaperType[]];
  /** Keeps a question of one's own in the vault. Rejects with `desk_own_*`, and with `desk_identity_missing` where there is no key to ask it with. */
  deskQuestionAdd: [DeskDraft, Desk];
  deskQuestionRemove: [{ question: string }, Desk];
  /** Forgets all of them where they cannot be read; what can be read stays. */
  deskQuestionsForget: [void, Desk];
  deskRecordForget: [void, Desk];
  /** Signed receipts on or off; off at every start. Rejects with `desk_identity_missing` where there is no key. */
  deskReceipts: [{ on: boolean }, Desk];
  /** Writes a receipt of this desk into the person's folder for downloads. */
  deskReceiptSave: [{ receipt: string }, DeskSaved];
  refresh: [void, RefreshResult];
  profileShow: [void, ProfileView];
  /** Opens an https page (loopback http where the profile allows) in the system browser. */
  openExternal: [{ url: string }, null];
  /** Licences and notices of what the application is built with, as plain text. */
  notices: [void, { text: string }];
}
