/** Sample answers of the verifier's desk. `desk=weak|red` chooses the verdict, `no` makes its answer a no, `nokey` leaves the key out, `ownfault` is the code that a question of one's own is refused with, `picture` is the code that a picture is refused with, `ages=amber|red` makes the lists old, `listdown` and `missing` (a count) are what is not fetched anew, `unreadable` has neither the key nor the questions nor the count that are kept readable. */
import type { Desk, DeskBegun, DeskDraft, DeskFed, DeskPaperType, DeskQuestion, DeskVerdict, ShownMode } from '../src/lib/contract';
import { now, text, todayDate } from './papers';
import { frames } from './requests';

const modesOf = (identifying: boolean, key: boolean): ShownMode[] => [...(key ? (['request'] as const) : []), ...(identifying ? [] : (['code', 'oneWay'] as const))];
const question = (key: boolean, id: string, ko: string, en: string, identifying: boolean, own = false): DeskQuestion =>
  ({ id, name: text(ko, en), purpose: own ? text('회원증 발급', 'Membership card') : null, items: [text(ko, en)], identifying, own, modes: modesOf(identifying, key) });
const papers: DeskPaperType[] = [
  { key: 'MobileResidentCard', name: text('모바일 주민등록증', 'Mobile resident card'), shelf: 'id', items: [
    { name: 'name', caption: text('성명', 'Name'), sensitive: false }, { name: 'birth', caption: text('생년월일', 'Date of birth'), sensitive: false }, { name: 'address.sigungu', caption: text('시·군·구', 'City or county'), sensitive: false }] },
  { key: 'DisabilityCertificate', name: text('장애인증명서', 'Disability certificate'), shelf: 'benefit', items: [{ name: 'severity', caption: text('장애 정도', 'Degree'), sensitive: true }] }];
const refuse = (code: string): never => { throw { code, rule: '', blame: 'you', left: false, params: {} }; };

export function deskAnswers(query: URLSearchParams): Record<string, (request: never) => unknown> {
  const key = !query.has('nokey') && !query.has('unreadable');
  let unreadable: Desk['unreadable'] = query.has('unreadable') ? [{ kept: 'key', code: 'desk_identity_unusable' }, { kept: 'questions', code: 'desk_questions_unusable' }, { kept: 'record', code: 'desk_memory_unreadable' }] : [];
  let questions = [
    question(key, 'age19', '만 19세 이상인가요?', 'Aged 19 or over?', false), question(key, 'identity', '본인인가요?', 'Who is it?', true),
    question(key, 'own', '우리 가게 회원인가요?', 'A member of ours?', true, true)];
  let begun: DeskBegun | null = null;
  const ages = ({ amber: 'amber', red: 'red' } as const)[query.get('ages') ?? ''] ?? 'green';
  let receipts = false;
  let checks = 12;
  const desk = (): Desk => ({
    questions, identity: key ? text('가상편의점', 'Virtual Store') : null, trustList: { asOf: now - 2 * 86_400, grade: 'green' }, statusLists: ages === 'green' ? { asOf: now - 3 * 3600, grade: ages } : { asOf: now - (ages === 'amber' ? 2 : 9) * 86_400, grade: ages }, receipts, count: { day: todayDate, checks }, unreadable });
  const verdict = (): DeskVerdict => {
    checks += 1;
    const outcome = ({ weak: 'confirmedWeak', red: 'notConfirmed' } as const)[query.get('desk') ?? ''] ?? 'confirmed';
    const red = outcome === 'notConfirmed';
    return {
      outcome, mode: begun?.mode ?? 'code', question: text('만 19세 이상인가요?', 'Aged 19 or over?'), at: now, clearsIn: Number(query.get('clears') ?? 30), receipt: receipts ? 'eyJ0eXAiOiJkZXNrLXJlY2VpcHQrand0In0.e30.c2lnbmF0dXJl' : null, notCounted: false,
      reasons: red ? [{ code: 'offline_proof_old', rule: 'OQ-18', text: text('61초 전에 찍은 화면입니다. 새 QR을 보여 달라고 해 주세요.', 'A screen of 61 seconds ago. Ask for a new QR.') }] : outcome === 'confirmedWeak' ? [{ code: 'status_stale', rule: 'ST-14', text: text('서명은 맞지만 상태 목록이 31시간 전 것입니다.', 'The signature holds, but the status list is 31 hours old.') }] : [],
      answers: red ? [] : [{ caption: text('만 19세 이상', 'Aged 19 or over'), value: query.has('no') ? text('아니요', 'No') : text('예', 'Yes'), no: query.has('no'), picture: null }],
      papers: red ? [] : [{ title: text('모바일 주민등록증', 'Mobile resident card'), issuer: '누리행정부(시연)', holderBound: true, status: outcome === 'confirmed' ? 'valid' : 'stale', statusAsOf: now - 3 * 3600 }],
      notReceived: red ? [] : [text('이름', 'name'), text('생년월일', 'date of birth')], trustList: { asOf: now - 2 * 86_400, grade: 'green' } };
  };
  const waiting = (have: number, need: number, foreign = 0, newer = false): DeskFed => ({ kind: 'waiting', have, need, foreign, newer, secondsLeft: 100 });
  const fed = (of: string): DeskFed => (of.startsWith('OQ1:WHOLE') ? { kind: 'verdict', verdict: verdict() } : of.startsWith('OQ1:') ? waiting(1, 3) : waiting(0, 0, of === '' ? 0 : 1, of.startsWith('OQ2:')));
  return {
    desk, desk_refresh: () => ({ desk: desk(), trustList: query.has('listdown') ? { code: 'trust_list_rollback', rule: 'TL-4', blame: 'network', left: false, params: {} } : null, missing: Number(query.get('missing') ?? 0) }), desk_import: desk, desk_forget: () => { unreadable = unreadable.filter((one) => one.kept !== 'key'); return { ...desk(), identity: null }; },
    desk_record_forget: () => { unreadable = unreadable.filter((one) => one.kept !== 'record'); return desk(); },
    desk_questions_forget: () => { unreadable = unreadable.filter((one) => one.kept !== 'questions'); return desk(); },
    desk_papers: () => papers,
    desk_question_add: (draft: DeskDraft) => {
      const fault = query.get('ownfault');
      if (fault !== null) refuse(fault);
      const items = papers.find((one) => one.key === draft.paper)?.items.filter((one) => draft.items.includes(one.name)).map((one) => one.caption) ?? [];
      questions = [...questions, { ...question(key, `own-${questions.length}`, draft.name, draft.name, true, true), purpose: text(draft.purpose, draft.purpose), items }];
      return desk();
    },
    desk_question_remove: ({ question: id }: { question: string }) => { questions = questions.filter((one) => one.id !== id); return desk(); },
    desk_receipts: ({ on }: { on: boolean }) => { receipts = on; return desk(); },
    desk_receipt_save: () => (query.has('full') ? refuse('desk_receipt_unwritten') : { path: '/home/person/Downloads/receipt-2026-11-22-153005.jwt' }),
    desk_begin: ({ question: id, mode }: { question: string; mode: ShownMode }) => {
      const asked = questions.find((one) => one.id === id);
      if (!asked?.modes.includes(mode)) throw { code: 'desk_mode_not_allowed', rule: 'OQ-5', blame: 'you', left: false, params: {} };
      return (begun = { deskId: `d${checks}`, mode, question: asked, code: mode === 'code' ? '1ABCD-EF01Z' : null, frames: mode === 'request' ? 3 : 0, secondsLeft: 120 });
    },
    desk_frames: ({ from, count }: { from: number; count: number }) => frames(from, count, 'standard', 0, 120),
    desk_camera: () => waiting(0, 0), desk_text: ({ text: of }: { text: string }) => fed(of), desk_picture: () => { const code = query.get('picture'); if (code !== null) throw { code, rule: '', blame: 'you', left: false, params: {} }; return waiting(0, 0); }, desk_stop: () => null,
  };
}
