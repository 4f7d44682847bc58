/** Sample requests, refusals and offers. */
import type { Candidate, Consent, ConsentItem, Frames, FrameSize, OfflineQuestion, Offer, Preview, QrFrame, Refusal, Selection } from '../src/lib/contract';
import { face, now, samples, summary, text } from './papers';

const by = (id: string) => {
  const found = samples.find((s) => s.id === id);
  if (!found) throw new Error(id);
  return summary(found);
};
const item = (id: string, ko: string, en: string, value: string, more: Partial<ConsentItem> = {}): ConsentItem => ({
  id, caption: text(ko, en), value: text(value), image: null, sensitive: false, necessity: 'required', overAsked: false, ...more });
const candidate = (paperId: string, hiddenCount: number, ...items: ConsentItem[]): Candidate => ({ paper: by(paperId), items, hiddenCount, leastTelling: false, notes: [] });
const verifier = (ko: string, en: string): Consent['recipient'] => ({ name: text(ko, en), host: 'verifier.localhost:9443', trust: 'registered', source: 'registration' });
const line = (ko: string | null, en: string | null = null) => ({ text: ko === null ? null : text(ko, en), parts: [] });

export const rent: Consent = {
  kind: 'consent', sessionId: 'rent', recipient: verifier('누리국토부(시연)', 'Nuri Land Ministry (demo)'),
  lines: {
    recipient: line('누리국토부(시연)', 'Nuri Land Ministry (demo)'), purpose: line('청년 월세 디딤돌 신청', 'Application for the youth rent benefit'), items: line('성명, 생년월일, 주소, 세대원 수, 소득, 월세', 'name, birth date, address, household, income, rent'),
    retention: line('지급이 끝난 뒤 5년', '5 years after the last payment'), refusal: line('거부할 수 있습니다. 거부하면 이 신청을 지갑으로 낼 수 없고, 창구에 따로 낼 수 있습니다.', 'You may refuse. You can then apply at the counter instead.'),
  },
  queries: [
    { id: 'id', multiple: false, candidates: [candidate('p1-resident', 6, item('id.name', '성명', 'Name', '이도담'), item('id.birth', '생년월일', 'Birth date', '2001. 3. 5.'))] },
    { id: 'register', multiple: false, candidates: [candidate('p1-register', 5, item('register.address', '주소', 'Address', '한빛도 가람시 물결로 101, 302호 (가상주소)'), item('register.count', '세대원 수', 'Household', '1명'))] },
    { id: 'income', multiple: false, candidates: [candidate('p1-income', 3, item('income.year', '귀속연도', 'Year', '2025년'), item('income.amount', '소득금액', 'Income', '9,840,000원'))] },
    { id: 'lease', multiple: false, candidates: [candidate('p1-lease', 4, item('lease.rent', '월세', 'Rent', '380,000원'), item('lease.from', '시작', 'From', '2026. 10. 12.'), item('lease.to', '끝', 'To', '2028. 10. 11.'))] },
  ],
  groups: [{ id: 'all', purpose: null, necessity: 'required', options: [{ id: 'o', queryIds: ['id', 'register', 'income', 'lease'] }] }],
  approvals: [], warnings: [], mustAcknowledge: [], crossDevice: false, shown: null, needsUnlock: false, expiresAt: now + 300,
};
/** Choices, optional and sensitive items, missing lines, warnings. */
export const clinic: Consent = {
  ...rent, sessionId: 'clinic', recipient: { name: text('가상의원', 'Virtual Clinic'), host: 'clinic.localhost:9443', trust: 'authenticated', source: 'certificate' },
  lines: { ...rent.lines, recipient: line('가상의원', 'Virtual Clinic'), purpose: line('진료 접수 본인 확인', 'Identification at reception'), retention: line(null), refusal: line(null) },
  queries: [
    { id: 'who', multiple: false, candidates: [
      { ...candidate('p1-resident', 7, item('who1.name', '성명', 'Name', '이도담'), item('who1.face', '사진', 'Portrait', '', { image: face, necessity: 'optional' }), item('who1.rrn', '주소', 'Address', '한빛도 가람시 물결로 101', { necessity: 'optional', overAsked: true })), leastTelling: true },
      { ...candidate('p2-license', 5, item('who2.name', '성명', 'Name', '응우옌 티 하린'), item('who2.no', '면허번호', 'Licence number', '99-11-000000-00')), notes: ['lastCopy', 'statusStale'] }] },
    { id: 'age', multiple: false, candidates: [candidate('p1-resident', 8, item('age.65', '65세 이상', 'Aged 65 or over', '아니요'))] },
    { id: 'disability', multiple: false, candidates: [candidate('p3-disability', 3, item('disability.degree', '장애 정도', 'Degree of disability', '심한 장애', { sensitive: true }))] },
    { id: 'nhq', multiple: true, candidates: [candidate('p1-nhq', 2, item('nhq.kind', '가입자 구분', 'Kind of insured', '지역가입자'))] },
  ],
  groups: [
    { id: 'g1', purpose: null, necessity: 'required', options: [{ id: 'g1a', queryIds: ['who'] }] },
    { id: 'g2', purpose: text('우대 확인', 'Concession'), necessity: 'required', options: [{ id: 'g2a', queryIds: ['age'] }, { id: 'g2b', queryIds: ['disability'] }] },
    { id: 'g3', purpose: text('건강보험 확인', 'Health insurance'), necessity: 'optional', options: [{ id: 'g3a', queryIds: ['nhq'] }] },
  ],
  warnings: [{ kind: 'unregistered' }, { kind: 'residentNumber', captions: [text('주민등록번호', 'Resident number')] }, { kind: 'overAsked', captions: [text('주소', 'Address')] }, { kind: 'crossDevice' }],
  mustAcknowledge: ['retention', 'refusal', 'unregistered', 'overAsked'], crossDevice: true, needsUnlock: true,
};

/** A payment and a signature beside one paper. */
export const pay: Consent = {
  ...rent, sessionId: 'pay', recipient: verifier('가람시(시연) 세외수입', 'Garam City (demo)'),
  queries: rent.queries.slice(0, 1), groups: [{ id: 'all', purpose: null, necessity: 'required', options: [{ id: 'o', queryIds: ['id'] }] }],
  approvals: [
    { kind: 'payment', payee: text('가람시(시연)', 'Garam City (demo)'), title: text('자동차세 2기분', 'Vehicle tax'), noticeNumber: '9999912026120000001', amount: 145_410, due: '2026-12-31', overdue: false },
    { kind: 'signature', agency: text('누리국토부(시연)', 'Nuri Land Ministry (demo)'), title: text('청년 월세 신청서', 'Rent application'), number: 'A-2026-1', statement: text('적은 내용이 사실임을 확인합니다.', 'I confirm that this is true.'), digest: '00112233 44556677 8899aabb ccddeeff 00112233 44556677 8899aabb ccddeeff' },
  ],
  mustAcknowledge: ['payment', 'signature'],
};

/** Two papers whose registrations say different things, and one of them not how long. */
const ofEach = (bill: string | null, card: string | null): Consent['lines']['purpose'] => ({
  text: null,
  parts: [{ papers: [text('지방세 고지서 (납부자)', 'Local tax notice (payer)')], text: bill === null ? null : text(bill) }, { papers: [text('모바일 주민등록증 (성명)', 'Mobile resident card (name)')], text: card === null ? null : text(card) }],
});
export const several: Consent = {
  ...rent, sessionId: 'several', lines: { ...rent.lines, purpose: ofEach('나이 확인', '광고'), retention: ofEach('30일', null) }, mustAcknowledge: ['retention'],
};

/** A typed code, and no question at all: shown as QR to somebody whom nobody knows. */
export const shown = (mode: 'request' | 'code' | 'oneWay'): Consent => ({
  ...rent, sessionId: mode, shown: mode,
  recipient: mode === 'request' ? verifier('가상편의점', 'Virtual Store') : { name: null, host: '', trust: 'unauthenticated', source: 'address' },
  lines: { recipient: line(mode === 'request' ? '가상편의점' : '화면을 읽는 사람', 'Whoever reads the screen'), purpose: line('성인 확인', 'Age check'), items: line('만 19세 이상', '19 or older'), retention: line('보관하지 않음', 'not kept'), refusal: line('거부할 수 있습니다.', 'You may refuse.') },
  queries: [{ id: 'age', multiple: false, candidates: [candidate('p1-resident', 11, item('age.19', '만 19세 이상', '19 or older', '예'))] }],
  groups: [{ id: 'all', purpose: null, necessity: 'required', options: [{ id: 'o', queryIds: ['age'] }] }],
  warnings: mode === 'request' ? [] : [{ kind: 'unauthenticated' }], mustAcknowledge: mode === 'request' ? [] : ['unauthenticated'],
});
/** The same with a portrait that may be ticked. */
export const withPortrait: Consent = { ...shown('request'), queries: [{ id: 'age', multiple: false, candidates: [candidate('p1-resident', 10, item('age.19', '만 19세 이상', '19 or older', '예'), item('age.face', '사진', 'Portrait', '', { image: face, necessity: 'optional' }))] }] };
export const questions: OfflineQuestion[] = [
  { number: 1, code: 'age-over-19', question: text('만 19세 이상입니까?', 'Are you 19 or older?'), identifying: false },
  { number: 2, code: 'residence', question: text('어느 시·군·구에 삽니까?', 'Which city or county do you live in?'), identifying: false },
  { number: 3, code: 'identity', question: text('누구입니까?', 'Who are you?'), identifying: true },
];
/** Not a code that anything reads: as many modules, and the three eyes. */
export function frames(from: number, count: number, size: FrameSize, round: number, left: number): Frames {
  const side = size === 'still' ? 0 : size === 'small' ? 65 : 97;
  const eye = (x: number, y: number) => {
    for (const [left, top] of [[0, 0], [side - 7, 0], [0, side - 7]] as const) {
      const [a, b] = [x - left, y - top];
      if (a >= -1 && a <= 7 && b >= -1 && b <= 7) return a >= 0 && a <= 6 && b >= 0 && b <= 6 && (a === 0 || a === 6 || b === 0 || b === 6 || (a >= 2 && a <= 4 && b >= 2 && b <= 4));
    }
    return null;
  };
  const picture = (sequence: number): QrFrame => {
    const bits = new Uint8Array(Math.ceil((side * side) / 8));
    let seed = 7 + sequence * 7919;
    for (let at = 0; at < side * side; at += 1) {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      if (eye(at % side, Math.floor(at / side)) ?? (seed >> 16) % 2 === 0) bits[at >> 3] = (bits[at >> 3] ?? 0) | (128 >> (at & 7));
    }
    return { sequence, side, modules: btoa(String.fromCharCode(...bits)) };
  };
  return { frames: side === 0 ? [] : Array.from({ length: count }, (_, at) => picture(from + at)), count: size === 'small' ? 9 : 4, secondsLeft: left, round };
}

/** A plain reckoning for the samples only; the product's is the application's. */
export function previewOf(consent: Consent, selection: Selection): Preview {
  const missing: Preview['missing'] = [];
  const papers: Preview['papers'] = [];
  for (const group of consent.groups) {
    const option = group.options.find((o) => o.id === selection.options[group.id]);
    if (!option) {
      if (group.necessity === 'required') missing.push({ kind: 'option', groupId: group.id });
      continue;
    }
    for (const queryId of option.queryIds) {
      const query = consent.queries.find((q) => q.id === queryId);
      const chosen = query?.candidates.filter((c) => selection.papers[queryId]?.includes(c.paper.id)) ?? [];
      if (chosen.length === 0) missing.push({ kind: 'paper', queryId });
      for (const c of chosen) {
        const told = c.items.filter((i) => (i.necessity === 'required' || selection.items.includes(i.id)) && !selection.sensitiveNo.includes(i.id));
        const open = told.filter((i) => i.sensitive && !selection.sensitiveYes.includes(i.id)).map((i) => i.id);
        if (open.length > 0) missing.push({ kind: 'sensitive', itemIds: open });
        const refused = c.items.filter((i) => i.necessity === 'required' && selection.sensitiveNo.includes(i.id)).map((i) => i.id);
        if (refused.length > 0) missing.push({ kind: 'requiredRefused', itemIds: refused });
        papers.push({ queryId, paperId: c.paper.id, itemCount: told.length, hiddenCount: c.hiddenCount + c.items.length - told.length });
      }
    }
  }
  for (const what of consent.mustAcknowledge) if (!selection.acknowledged.includes(what)) missing.push({ kind: 'acknowledge', what });
  return { paperCount: papers.length, itemCount: papers.reduce((n, p) => n + p.itemCount, 0), hiddenCount: papers.reduce((n, p) => n + p.hiddenCount, 0), papers, missing };
}

const refusal = (more: Partial<Refusal>): Refusal => ({
  kind: 'refusal', why: 'missing', code: 'not_held', rule: 'VP-D6', blame: 'you', left: false, party: text('가람시(시연) 소상공인', 'Garam Small Business (demo)'), papers: [text('사업자등록증명', 'a business registration')],
  facts: { purpose: text('음식점 환경개선 융자', 'Loan for restaurants'), asked: [text('사업자번호', 'business number'), text('상태', 'status')], available: text('누리국세청(시연)', 'Nuri Tax Service (demo)') }, sessionId: 'refused', canTell: true, waitUntil: null, ...more });
export const refusals: Record<string, Refusal> = {
  missing: refusal({}),
  notGenuine: refusal({ why: 'notGenuine', code: 'request_not_genuine', rule: 'VP-C4', blame: 'verifier', party: text('가람시(시연) 도서관', 'Garam Library (demo)'), papers: [], facts: { purpose: text('회원증 발급', 'Library card'), asked: [text('성명', 'name')], available: null }, sessionId: null, canTell: false }),
  withheld: refusal({ why: 'withheld', code: 'resident_number_withheld', rule: null, party: text('가상통신', 'Virtual Telecom'), papers: [], facts: { purpose: text('가입', 'Subscription'), asked: [text('성명', 'name')], available: null }, sessionId: null, canTell: false }),
  conditionNotMet: refusal({ why: 'conditionNotMet', code: 'condition_not_met', party: text('가상철도', 'Virtual Rail'), papers: [], facts: { purpose: text('우대 승차 확인', 'Concession'), asked: [text('65세 이상', 'aged 65 or over'), text('장애 정도', 'degree of disability')], available: null } }),
};
/** The answer was approved and nothing of it left; it may wait until then. */
export const unsentRefusal = (consent: Consent, until: number | null): Refusal =>
  refusal({ why: 'network', code: 'http_connection', rule: null, blame: 'network', party: consent.recipient.name, papers: [], facts: { purpose: null, asked: [], available: null }, sessionId: until === null ? null : consent.sessionId, canTell: false, waitUntil: until });
export const offer: Offer = {
  kind: 'offer', sessionId: 'offer', issuer: { name: text('누리행정부(시연)', 'Nuri Ministry of the Interior (demo)'), host: 'nuri-mois.localhost:9443', trust: 'registered' }, grant: 'preAuthorized', choose: false, oldTrustListAsOf: null,
  txCode: { digitsOnly: true, length: 6, description: null },
  papers: [
    { configurationId: 'resident', name: text('모바일 주민등록증', 'Mobile resident card'), silhouette: 'card', shelf: 'id', copies: 20, description: null, entitled: true },
    { configurationId: 'tax', name: text('주민세(개인분)', 'Resident tax'), silhouette: 'slip', shelf: 'notice', copies: 1, description: null, entitled: true },
    { configurationId: 'coupon', name: text('생활회복 쿠폰', 'Recovery coupon'), silhouette: 'ticket', shelf: 'benefit', copies: 1, description: null, entitled: true }],
};
