/**
 * Answers the commands of the contract with sample data, through Tauri's own test double. For looking at components and
 * for their tests only; `src/` never imports it.
 */
import { mockIPC } from '@tauri-apps/api/mocks';
import type { Contrast, HistoryEntry, Language, PaperSummary, QueuedAnswer, Settings, Status, TextSize, WalletState } from '../src/lib/contract';
import { deskAnswers } from './desk';
import { inDays, now, paper, samples, summary, text, todayDate } from './papers';
import { clinic, frames, offer, pay, previewOf, questions, refusals, rent, several, shown, unsentRefusal, withPortrait } from './requests';

/** What was asked, in order: for tests. */
export const calls: { command: string; request: unknown }[] = [];

export function install(search: string): void {
const query = new URLSearchParams(search);
calls.length = 0;
const empty = query.has('empty');
let settings: Settings = {
  language: (query.get('language') ?? 'ko') as Language, textSize: Number(query.get('size') ?? 1) as TextSize, contrast: (query.get('contrast') ?? 'light') as Contrast, reduceMotion: !query.has('motion'), lockAfterMinutes: 5 };
let hasPassphrase = query.has('passphrase');
const states: Record<string, WalletState> = {
  needsSetup: { kind: 'needsSetup' }, locked: { kind: 'locked', failedAttempts: 2, waitSeconds: 0 }, unlocked: { kind: 'unlocked' }, inUse: { kind: 'inUse' },
  noService: { kind: 'keyringProblem', problem: 'noService' }, keyringLocked: { kind: 'keyringProblem', problem: 'locked' }, damaged: { kind: 'vaultProblem', problem: 'damaged' } };
let state: WalletState = states[query.get('state') ?? 'unlocked'] ?? { kind: 'unlocked' };
const persona = (id: string, name: string, age: number, ko: string, en: string) => ({ id, name, age, summary: text(ko, en), portrait: null });
const status = (): Status => ({
  state, settings, hasPassphrase, profile: { name: text('시연 프로필', 'Demo profile'), marking: 'demo' }, owner: empty ? null : text('이도담', 'Lee Dodam'), network: query.has('offline') ? 'offline' : 'online',
  statusListAsOf: now - 3 * 3600, statusListStale: query.has('offline'), oldTrustListAsOf: query.has('frozen-list') ? now - 40 * 86_400 : null, overdueCount: empty ? 0 : 1, now, today: todayDate, version: '0.1.0',
  personas: [persona('p1', '이도담', 25, '가람시로 막 옮긴 1인 가구, 취업 준비 중', 'Moved to Garam, looking for work'), persona('p2', '박서래', 38, '두 아이와 사는 한부모, 과태료 감경 기한 6일', 'Single parent of two, six days to claim a reduction'), persona('p3', '최한결', 72, '큰 글씨와 선명한 화면', 'Large text and high contrast'), persona('p4', '정마루', 46, '음식점 주인', 'Runs a restaurant'), persona('p5', '응우옌 티 하린', 29, '결혼이민자, 농사', 'Farmer'), persona('p6', '오누리', 16, '할머니와 사는 고등학생', 'High school student')],
});
const entry = (id: string, kind: HistoryEntry['kind'], hours: number, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  id, at: now - hours * 3600, kind, party: text('누리행정부(시연)', 'Nuri Ministry of the Interior (demo)'), purpose: null, papers: [{ id: 'p1-resident', name: text('모바일 주민등록증', 'Mobile resident card'), silhouette: 'card' }], items: [], approvals: [], code: null, rule: null, left: false, retention: null, shown: null, ...more });
const entries: HistoryEntry[] = empty ? [] : [
  entry('h4', 'failed', 2, { party: text('누리국토부(시연)', 'Nuri Land Ministry (demo)'), papers: [], code: 'queue_expired' }), entry('h3', 'presented', 3, { party: text('가상편의점', 'Virtual Store'), purpose: text('성인 확인', 'Age check'), items: [text('19세 이상', 'Aged 19 or over')], left: true, retention: text('보관 안 함', 'not kept') }),
  entry('h2', 'refused', 26, { party: text('가람시(시연) 도서관', 'Garam Library (demo)'), papers: [], code: 'request_not_genuine', rule: 'VP-C4' }), entry('h1', 'received', 960)];
const all = empty ? [] : samples;
const summaries = (shelf: string): PaperSummary[] => all.filter((s) => s.shelf === shelf).map(summary);
const flow = query.get('flow') ?? 'rent';
let consent = flow === 'clinic' ? clinic : flow === 'pay' ? pay : flow === 'several' ? several : flow === 'show' ? shown('request') : flow === 'portrait' ? withPortrait : rent;
let round = 0;
const unsent = (id: string, over = false): QueuedAnswer => ({
  id, recipient: text('누리국토부(시연)', 'Nuri Land Ministry (demo)'), itemCount: 2, items: [text('성명', 'Name'), text('주소', 'Address')], approvals: [], approvedAt: now - 3600, expiresAt: now + (over ? -60 : 13 * 86400), over });
let queued = query.has('queued') ? [unsent('q1'), { ...unsent('q2', true), recipient: text('가람시(시연) 세외수입', 'Garam City (demo)'), items: [text('성명', 'Name')], approvals: [text('고지서 납부 승인', 'Payment of a notice approved')] }] : [];
/** What becomes of them: without a connection nothing but what ended. */
const sendQueued = () => {
  const over = queued.filter((one) => one.over).length;
  const sent = query.has('offline') ? [] : queued.filter((one) => !one.over).map((one) => one.recipient);
  queued = query.has('offline') ? queued.filter((one) => !one.over) : [];
  return { sent, openUrls: sent.length > 0 ? ['http://127.0.0.1:9000/done'] : [], failed: 0, expired: over, refused: 0, waiting: queued.length };
};
let endsAt = 0;

const showing = () => {
  const lives = Number(query.get('lives') ?? 60);
  endsAt = Date.now() + lives * 1000;
  return { kind: 'showing', sessionId: consent.sessionId, mode: consent.shown, recipient: consent.recipient.name, itemCount: 1, paperCount: 1, historyId: 'h3', secondsLeft: lives, statusListAsOf: now - 3 * 3600 };
};
const answers: Record<string, (request: never) => unknown> = {
  status,
  initialize: () => { state = { kind: 'unlocked' }; return status(); },
  demo_offer: () => ({ kind: 'offer', inputId: 'i', host: 'nuri-mois.localhost:9443' }),
  unlock: ({ passphrase }: { passphrase: string | null }) => {
    if (passphrase === 'wrong') throw { code: 'passphrase_wrong', rule: null, blame: 'you', left: false, params: {} };
    state = { kind: 'unlocked' };
    return status();
  },
  lock: () => { state = { kind: 'locked', failedAttempts: 0, waitSeconds: 0 }; return status(); },
  touch: () => null,
  judge_passphrase: ({ passphrase }: { passphrase: string }) => ({ bits: passphrase.length * 2.5, enough: passphrase.length >= 20, advice: passphrase.length < 8 ? 'tooShort' : passphrase.length < 20 ? 'addWords' : 'good' }),
  set_passphrase: () => { hasPassphrase = true; return status(); }, change_passphrase: status, remove_passphrase: () => { hasPassphrase = false; return status(); },
  set_settings: (next: Settings) => { settings = next; return status(); },
  today: () => ({
    owner: status().owner, today: todayDate, todoCount: empty ? 0 : 4,
    overdue: empty ? [] : [{ paperId: 'p1n-resident', name: text('주민세(개인분)', 'Resident tax'), issuer: text('가람시(시연)', 'Garam City (demo)'), days: 12, amountNow: 11330, amountInDue: 11000, lateAddition: 330 }],
    upcoming: empty ? [] : [
      { paperId: 'p2n-parking', name: text('건강보험료(지역)', 'Health insurance'), issuer: text('누리건강보험공단(시연)', 'Nuri Health Insurance (demo)'), date: inDays(5), days: 5, amount: 22800, what: 'pay', detail: null },
      { paperId: 'p1b-coupon', name: text('생활회복 쿠폰', 'Recovery coupon'), issuer: text('가람시(시연)'), date: inDays(9), days: 9, amount: 42500, what: 'left', detail: text('가람시 가게, 음식점, 약국', 'shops, restaurants and pharmacies in Garam') },
      { paperId: 'p1n-water', name: text('상하수도 요금', 'Water bill'), issuer: text('한빛도 가람시(시연)', 'Garam City (demo)'), date: inDays(9), days: 9, amount: 23450, what: 'pay', detail: null }],
    arrived: all.filter((s) => s.isNew).map(summary), trouble: all.filter((s) => s.state.kind === 'suspended').map(summary),
    shelves: (['id', 'notice', 'benefit'] as const).map((shelf) => ({ shelf, count: summaries(shelf).length, unpaid: 2, overdue: 1, names: summaries(shelf).map((p) => p.name) })) }),
  shelf: ({ shelf, query: words }: { shelf: string; query: string }) => ({ shelf, papers: summaries(shelf).filter((p) => `${p.name.ko} ${p.name.en}`.includes(words)), total: summaries(shelf).length, unpaidCount: 2, autoDebitCount: 1 }),
  paper: ({ id }: { id: string }) => { const found = samples.find((s) => s.id === id); if (!found) throw { code: 'paper_unknown', rule: null, blame: 'you', left: false, params: {} }; return paper(found, id === 'p1-resident' ? entries : []); },
  reveal_fact: ({ factId }: { factId: string }) => text(factId === 'rrn' ? '010305-0******' : '한빛도 가람시 물결로 101, 302호 (가상주소)'),
  paper_original: () => ({ format: 'dc+sd-jwt', text: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImRjK3NkLWp3dCJ9.sample.sample~' }),
  remove_paper: () => null,
  history: () => ({ entries, chainHolds: true, more: false }), history_entry: ({ id }: { id: string }) => entries.find((e) => e.id === id),
  read_input: (input: { kind: string; text?: string }) => input.kind !== 'text' ? { kind: 'nothing', why: 'noQr' } : /offer|vci/.test(input.text ?? '') ? { kind: 'offer', inputId: 'i', host: 'nuri-mois.localhost:9443' } : /vp/.test(input.text ?? '') ? { kind: 'request', inputId: 'i', host: 'verifier.localhost:9443' } : { kind: 'nothing', why: 'notALink' },
  receive_start: () => offer,
  receive_continue: ({ txCode }: { txCode: string | null }) => txCode === '000000' ? { kind: 'txCodeWrong', sessionId: 'offer' } : { kind: 'done', papers: [samples[0]!, samples[2]!, samples[5]!].map(summary), deferred: [], replaced: [] },
  receive_choose: () => null,
  renew_paper: ({ id }: { id: string }) => ({ kind: 'done', papers: [], deferred: [], replaced: [{ paperId: id, name: { ko: '서류', en: 'Paper' }, changes: [] }] }),
  receive_cancel: () => null,
  present_start: () => refusals[flow] ?? consent,
  present_preview: ({ selection }: { selection: Parameters<typeof previewOf>[1] }) => previewOf(consent, selection),
  present_send: async () => (query.has('slow') && await new Promise((done) => setTimeout(done, 1000)), query.has('unsent') ? unsentRefusal(consent, query.has('endless') ? null : now + 13 * 86400) : consent.shown ? showing() : { kind: 'sent', recipient: consent.recipient.name, host: consent.recipient.host, at: now, itemCount: 9, paperCount: 4, historyId: 'h3', openedBrowser: false, openUrl: 'http://127.0.0.1:9000/done' }),
  queue_answer: () => { if (query.has('full')) throw { code: 'queue_full', rule: null, blame: 'you', left: false, params: {} }; queued = [unsent('q1')]; return queued[0]; },
  queued_answers: () => queued, withdraw_queued: ({ id }: { id: string }) => (queued = queued.filter((one) => one.id !== id)), send_queued: sendQueued,
  present_decline: ({ tell }: { tell: boolean }) => ({ told: tell }),
  offline_questions: () => questions,
  read_code: ({ code }: { code: string }) => { if (!code.startsWith('1')) throw { code: 'offline_code_mistyped', rule: 'OQ-8', blame: 'you', left: false, params: {} }; return questions[0]; },
  present_by_code: () => (consent = shown('code')), present_one_way: () => (consent = shown('oneWay')),
  read_camera: () => ({ kind: 'nothing', why: query.has('newer') ? 'newer' : query.has('stray') ? 'notALink' : 'noQr' }),
  show_frames: ({ from, count, size }: { from: number; count: number; size: 'standard' | 'small' | 'still' }) => frames(from, count, size, round, Math.max(0, (endsAt - Date.now()) / 1000)),
  show_extend: () => { if (query.has('long')) throw { code: query.get('long') || 'showing_too_long', rule: '', blame: 'you', left: false, params: {} }; round += 1; endsAt = Date.now() + 60_000; return null; }, show_stop: () => null,
  ...deskAnswers(query),
  refresh: () => ({ checked: 9, changed: [], failed: 0, statusListAsOf: now, queue: sendQueued() }),
  profile_show: () => ({ name: text('시연 프로필', 'Demo profile'), marking: 'demo', hash: 'a1b2c3d4e5f60718293a4b5c6d7e8f90', trustListSequence: 3, trustListDate: now - 86400, issuers: [{ name: text('누리행정부(시연)'), types: [text('모바일 주민등록증')], anyType: false }], verifiers: ['누리국토부(시연)'], unauthenticatedVerifiers: 'warn', loopbackAllowed: true }),
  open_external: () => null, notices: () => ({ text: 'Sample notices' }),
};
mockIPC((command, payload) => {
  calls.push({ command, request: (payload as { request?: unknown } | undefined)?.request });
  const answer = answers[command];
  if (!answer) throw new Error(command);
  return answer((payload as { request?: never } | undefined)?.request as never);
}, { shouldMockEvents: true });
}
