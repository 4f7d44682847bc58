/** Sample answers of the verifier's desk. `desk=weak|red` chooses the verdict, `nokey` leaves the key out, `picture` is the code that a picture is refused with. */
import type { Desk, DeskBegun, DeskFed, DeskQuestion, DeskVerdict, ShownMode } from '../src/lib/contract';
import { now, text, todayDate } from './papers';
import { frames } from './requests';

const modesOf = (identifying: boolean, key: boolean): ShownMode[] => [...(key ? (['request'] as const) : []), ...(identifying ? [] : (['code', 'oneWay'] as const))];
const question = (key: boolean, id: string, ko: string, en: string, identifying: boolean, own = false): DeskQuestion =>
  ({ id, name: text(ko, en), items: [text(ko, en)], identifying, own, modes: modesOf(identifying, key) });

export function deskAnswers(query: URLSearchParams): Record<string, (request: never) => unknown> {
  const key = !query.has('nokey');
  const questions = [
    question(key, 'age19', '만 19세 이상인가요?', 'Aged 19 or over?', false), question(key, 'identity', '본인인가요?', 'Who is it?', true),
    question(key, 'own', '우리 가게 회원인가요?', 'A member of ours?', true, true)];
  let begun: DeskBegun | null = null;
  let checks = 12;
  const desk = (): Desk => ({
    questions, identity: key ? text('가상편의점', 'Virtual Store') : null, trustList: { asOf: now - 2 * 86_400, grade: 'green' }, statusLists: { asOf: now - 3 * 3600, grade: 'green' }, receipts: false, count: { day: todayDate, checks } });
  const verdict = (): DeskVerdict => {
    checks += 1;
    const outcome = ({ weak: 'confirmedWeak', red: 'notConfirmed' } as const)[query.get('desk') ?? ''] ?? 'confirmed';
    const red = outcome === 'notConfirmed';
    return {
      outcome, mode: begun?.mode ?? 'code', question: text('만 19세 이상인가요?', 'Aged 19 or over?'), at: now, clearsIn: Number(query.get('clears') ?? 30), receipt: null, notCounted: false,
      reasons: red ? [{ code: 'offline_proof_old', rule: 'OQ-18', text: text('61초 전에 찍은 화면입니다. 새 QR을 보여 달라고 해 주세요.', 'A screen of 61 seconds ago. Ask for a new QR.') }] : outcome === 'confirmedWeak' ? [{ code: 'status_stale', rule: 'ST-14', text: text('서명은 맞지만 상태 목록이 31시간 전 것입니다.', 'The signature holds, but the status list is 31 hours old.') }] : [],
      answers: red ? [] : [{ caption: text('만 19세 이상', 'Aged 19 or over'), value: text('예', 'Yes'), no: false, picture: null }],
      papers: red ? [] : [{ title: text('모바일 주민등록증', 'Mobile resident card'), issuer: '누리행정부(시연)', holderBound: true, status: outcome === 'confirmed' ? 'valid' : 'stale', statusAsOf: now - 3 * 3600 }],
      notReceived: red ? [] : [text('이름', 'name'), text('생년월일', 'date of birth')], trustList: { asOf: now - 2 * 86_400, grade: 'green' } };
  };
  const waiting = (have: number, need: number, foreign = 0): DeskFed => ({ kind: 'waiting', have, need, foreign, secondsLeft: 100 });
  const fed = (of: string): DeskFed => (of.startsWith('OQ1:WHOLE') ? { kind: 'verdict', verdict: verdict() } : of.startsWith('OQ1:') ? waiting(1, 3) : waiting(0, 0, of === '' ? 0 : 1));
  return {
    desk, desk_refresh: desk, desk_import: desk, desk_forget: () => ({ ...desk(), identity: null }),
    desk_begin: ({ question: id, mode }: { question: string; mode: ShownMode }) => {
      const asked = questions.find((one) => one.id === id);
      if (!asked?.modes.includes(mode)) throw { code: 'desk_mode_not_allowed', rule: 'OQ-5', blame: 'you', left: false, params: {} };
      return (begun = { deskId: `d${checks}`, mode, question: asked, code: mode === 'code' ? '1ABCD-EF01Z' : null, frames: mode === 'request' ? 3 : 0, secondsLeft: 120 });
    },
    desk_frames: ({ from, count }: { from: number; count: number }) => frames(from, count, 'standard', 0, 120),
    desk_camera: () => waiting(0, 0), desk_text: ({ text: of }: { text: string }) => fed(of), desk_picture: () => { const code = query.get('picture'); if (code !== null) throw { code, rule: '', blame: 'you', left: false, params: {} }; return waiting(0, 0); }, desk_stop: () => null,
  };
}
