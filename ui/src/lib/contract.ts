/**
 * The contract between the window and the application. `src-tauri` has one command for each entry of `Commands`
 * (the same name, snake_case; the argument object is passed as the single argument `request`, absent where it is
 * `void`), and `crates/wallet/src/view` mirrors each type (camelCase JSON, unions tagged by `kind`).
 *
 * Rules of the crossing:
 * - Only what a screen shows crosses. No key, no credential, no nonce; a sensitive value crosses when it is asked for.
 * - Sentences do not cross: a code and typed parameters do, and `locales/*.json` has the words. What an issuer or a
 *   verifier wrote (names, captions, purposes) crosses as `Text`, is shown as text, never as markup.
 * - A failed command rejects with an `AppError`. What ends a flow for a reason that a citizen must read is a `Refusal`.
 * - Absent is `null`, never a missing key. Money is whole won. Counts are whole numbers.
 */

/** What somebody wrote, in the languages they wrote it in. The window falls back from one to the other. */
export interface Text { ko: string | null; en: string | null }
/** Calendar date in Asia/Seoul, `YYYY-MM-DD`. */
export type CivilDate = string;
/** Seconds since 1970, UTC. */
export type Instant = number;
export type PaperId = string;
export type SessionId = string;
/** A sentence: `locales` key and its parameters. */
export interface Sentence { code: string; params: Record<string, string | number | Text> }

// ───────────────────────────── state of the wallet ─────────────────────────────

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
  overdueCount: number;
  personas: DemoPersona[];
  now: Instant;
  today: CivilDate;
  version: string;
}

export interface Strength { bits: number; enough: boolean; advice: 'tooShort' | 'common' | 'repeats' | 'addWords' | 'good' }

// ───────────────────────────── papers ─────────────────────────────

export type Shelf = 'id' | 'notice' | 'benefit';
export type Silhouette = 'card' | 'slip' | 'ticket' | 'sheet';
/** ui.md 4.2; `days` are days left (expiring) or days past (overdue). */
export type PaperState =
  | { kind: 'valid' }
  | { kind: 'expiring'; days: number; date: CivilDate }
  | { kind: 'notYet'; date: CivilDate }
  | { kind: 'expired'; date: CivilDate }
  | { kind: 'due'; days: number; date: CivilDate }
  | { kind: 'overdue'; days: number; date: CivilDate }
  | { kind: 'paid'; date: CivilDate | null }
  | { kind: 'autoDebit'; date: CivilDate }
  | { kind: 'revoked'; date: CivilDate | null }
  | { kind: 'suspended' }
  | { kind: 'unknown' }
  | { kind: 'stale'; asOf: Instant };

/** A row, a silhouette: what lists show of a paper. Values in it are those the silhouette may show (ui.md 4.1). */
export interface PaperSummary {
  id: PaperId; shelf: Shelf; silhouette: Silhouette; name: Text; issuer: Text; state: PaperState;
  /** What tells it from others of its name: the object of a notice, the year of a certificate. */
  detail: Text | null;
  /** Notice: what is owed today. Voucher: what is left. */
  amount: number | null;
  due: CivilDate | null;
  validUntil: CivilDate | null;
  card: { holder: Text; portrait: string | null; facts: { caption: Text; value: Text }[] } | null;
  ticket: { granted: number; used: number; balance: number; region: Text | null; usableFor: Text[] } | null;
  isNew: boolean;
}
export interface ShelfView { shelf: Shelf; papers: PaperSummary[]; total: number; unpaidCount: number; autoDebitCount: number }
export interface ShelfCount { shelf: Shelf; count: number; unpaid: number; overdue: number; names: Text[] }

export interface TodayItem {
  paperId: PaperId; name: Text; issuer: Text; date: CivilDate; days: number; amount: number | null;
  /** `pay` 낼 돈 · `left` 남은 돈 · `come` 들어올 돈 · `expires` a paper ends, without an amount. */
  what: 'pay' | 'left' | 'come' | 'expires';
  detail: Text | null;
}
export interface OverdueItem {
  paperId: PaperId; name: Text; issuer: Text; days: number; amountNow: number; amountInDue: number; lateAddition: number;
}
export interface Today {
  owner: Text | null; today: CivilDate; todoCount: number;
  overdue: OverdueItem[]; upcoming: TodayItem[]; arrived: PaperSummary[];
  /** Revoked, suspended and expired papers, each once. */
  trouble: PaperSummary[];
  shelves: ShelfCount[];
}

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
  status: 'valid' | 'revoked' | 'suspended' | 'unknown' | 'stale' | 'none'; statusAsOf: Instant | null;
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
  /** Why it may not be presented now, else null: `notPresentable.{revoked,suspended,expired,notYet,signature,notice}`. */
  notPresentable: Sentence | null;
}
/** The signed original, asked for; text only. */
export interface Original { format: string; text: string }

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

// ───────────────────────────── reading a link, a file, a picture ─────────────────────────────

export type Input =
  | { kind: 'text'; text: string }
  | { kind: 'clipboard' }
  /** A file's bytes, base64 with padding; at most 8 MiB before encoding. A picture is searched for a QR code. */
  | { kind: 'file'; name: string; base64: string }
  | { kind: 'screen' };
/** What was found. Nothing was fetched. `inputId` is what `receive_start` and `present_start` take, once. */
export type Found =
  | { kind: 'offer'; inputId: string; host: string }
  | { kind: 'request'; inputId: string; host: string }
  /** A request that comes in several codes: so many of its pieces are here. `foreign`: this one was of another request. */
  | { kind: 'progress'; have: number; need: number; foreign: boolean }
  | { kind: 'nothing'; why: 'empty' | 'notALink' | 'noQr' | 'tooLarge' | 'unsupported' | 'noScreen' };

// ───────────────────────────── receive ─────────────────────────────

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

// ───────────────────────────── present ─────────────────────────────

/** One of the five lines of 개인정보 보호법 §17; `text` null: the other side did not state it. */
export interface Line { text: Text | null }
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
  /** Asked for and never sent: no legal basis. */
  | { kind: 'residentNumber'; captions: Text[] }
  | { kind: 'overAsked'; captions: Text[] }
  | { kind: 'unregistered' }
  | { kind: 'unauthenticated' }
  | { kind: 'noRetentionLimit' }
  | { kind: 'crossDevice' };
/** A line that is missing, or a warning that must be ticked: each takes its own yes. */
export type Acknowledgement = 'recipient' | 'purpose' | 'items' | 'retention' | 'refusal' | 'unregistered' | 'unauthenticated' | 'overAsked' | 'payment' | 'signature';

/** What is approved together with the sending, all of it: what does not stand here is not approved. */
export type Approval =
  | { kind: 'payment'; payee: Text; title: Text; noticeNumber: string; amount: number; due: CivilDate; overdue: boolean }
  /** `digest`: SHA-256 of the document, hexadecimal in groups. */
  | { kind: 'signature'; agency: Text; title: Text; number: string; statement: Text; digest: string };

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

// ───────────────────────────── answers that wait for the network ─────────────────────────────

/** Approved, and nothing of it left. `items` and `approvals` are captions, never values. `over`: its request ended, it is not sent any more. */
export interface QueuedAnswer {
  id: string; recipient: Text; itemCount: number; items: Text[]; approvals: Text[]; approvedAt: Instant; expiresAt: Instant; over: boolean;
}
/** `sent`: by recipient. `failed`: it left, and nobody saw it taken. `expired`: given up, nothing left. `openUrls`: pages that nobody opened. */
export interface QueueResult { sent: Text[]; openUrls: string[]; failed: number; expired: number; waiting: number }

// ───────────────────────────── shown as QR, without a network ─────────────────────────────

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

// ───────────────────────────── 확인하기: the verifier's desk, without a network ─────────────────────────────

/** What the policy makes of a list's age. */
export type AgeGrade = 'green' | 'amber' | 'red';
export interface ListAge { asOf: Instant; grade: AgeGrade }
/** `purpose`: of a question that was made at this desk. `items`: what the answer holds. `own`: the verifier wrote it. `modes`: how it can be asked here. */
export interface DeskQuestion { id: string; name: Text; purpose: Text | null; items: Text[]; identifying: boolean; own: boolean; modes: ShownMode[] }
/** What a question of one's own can ask for. `sensitive`: in the sense of 개인정보 보호법 제23조. */
export interface DeskItem { name: string; caption: Text; sensitive: boolean }
export interface DeskPaperType { key: string; name: Text; shelf: Shelf; items: DeskItem[] }
/** A question of one's own: `paper` and `items` by key and name of the above. */
export interface DeskDraft { name: string; purpose: string; paper: string; items: string[] }
/** The whole path of a receipt that was written. */
export interface DeskSaved { path: string }
/** Checks on one day; nothing else is kept of them. */
export interface DeskCount { day: CivilDate; checks: number }
export interface Desk {
  questions: DeskQuestion[];
  /** The name under which the desk asks; null: no key here, so codes and one-way only. */
  identity: Text | null;
  /** null: the issuers are those that the profile names itself. */
  trustList: ListAge | null;
  /** The oldest of the status lists that are kept; null: none is. */
  statusLists: ListAge | null;
  receipts: boolean;
  count: DeskCount;
}
export interface DeskBegun {
  deskId: string; mode: ShownMode; question: DeskQuestion;
  /** `XXXXX-XXXXX`, in mode `code`. */
  code: string | null;
  /** The pieces of the request, in mode `request`; else 0. */
  frames: number;
  secondsLeft: number;
}
/** `need` is 0 until the first code was read. `foreign`: codes of another answer, damaged ones, and other things. */
export type DeskFed =
  | { kind: 'waiting'; have: number; need: number; foreign: number; secondsLeft: number }
  | { kind: 'verdict'; verdict: DeskVerdict };
/** The words are the verifier's own, the same on its page. */
export interface DeskReason { code: string; rule: string | null; text: Text }
/** `no`: a question answered with "아니요", which is green as to the check. `picture`: a `data:` address. */
export interface DeskAnswer { caption: Text; value: Text; no: boolean; picture: string | null }
/** `stale`: in force by a list that is old. */
export type DeskStatus = 'valid' | 'stale' | 'revoked' | 'suspended' | 'notValid' | 'unknown' | 'notOffered';
export interface DeskPaper { title: Text; issuer: string; holderBound: boolean; status: DeskStatus; statusAsOf: Instant | null }
export interface DeskVerdict {
  outcome: 'confirmed' | 'confirmedWeak' | 'notConfirmed';
  reasons: DeskReason[];
  mode: ShownMode;
  question: Text;
  /** Empty unless it is a confirmation. */
  answers: DeskAnswer[];
  papers: DeskPaper[];
  /** 받지 않은 것: what such papers hold as well, as far as their type is known. */
  notReceived: Text[];
  trustList: ListAge | null;
  at: Instant;
  /** Seconds until it clears itself. */
  clearsIn: number;
  /** The signed receipt, where receipts are switched on. */
  receipt: string | null;
  /** It could not be counted, since nothing can be written. */
  notCounted: boolean;
}

/** Why a flow ended. The window shows title, sentence, facts, whether anything left, one next step, and code and rule. */
export interface Refusal {
  kind: 'refusal';
  /** `missing` you do not have it · `notGenuine` the asker or issuer is not who it says · `conditionNotMet` · `invalid` malformed or unsupported · `network` · `computer`. */
  why: 'missing' | 'notGenuine' | 'conditionNotMet' | 'invalid' | 'network' | 'computer';
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

// ───────────────────────────── errors, events, commands ─────────────────────────────

/** A rejected command. `locales` has `error.CODE`; `params` fills it. */
export interface AppError {
  code: string; rule: string | null; blame: Refusal['blame']; left: boolean; params: Sentence['params'];
}

export interface RefreshResult { checked: number; changed: PaperSummary[]; failed: number; statusListAsOf: Instant | null; queue: QueueResult }
export interface ProfileView {
  name: Text; marking: ProfileMark['marking']; hash: string; trustListSequence: number | null; trustListDate: Instant | null;
  issuers: { name: Text; types: Text[]; anyType: boolean }[]; verifiers: string[];
  unauthenticatedVerifiers: 'refuse' | 'warn'; loopbackAllowed: boolean;
}

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
  deskRefresh: [void, Desk];
  /** Takes over a verifier's key and name: the text of a configuration of the program `verifier`, and of the files that it names. It is kept in the vault. */
  deskImport: [{ configuration: string; files: Record<string, string> }, Desk];
  /** Forgets key and name: codes and one-way only. */
  deskForget: [void, Desk];
  /** The catalogue, for making a question. */
  deskPapers: [void, DeskPaperType[]];
  /** Keeps a question of one's own in the vault. Rejects with `desk_own_*`, and with `desk_identity_missing` where there is no key to ask it with. */
  deskQuestionAdd: [DeskDraft, Desk];
  deskQuestionRemove: [{ question: string }, Desk];
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
