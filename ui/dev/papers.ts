/** Sample papers, for looking at components. Invented people; never in the product's build. */
import type { CivilDate, Fact, FactGroup, Notice, Paper, PaperState, PaperSummary, Text, Trust, Voucher } from '../src/lib/contract';

export const now = Date.UTC(2026, 10, 21, 5, 0) / 1000;
export const todayDate = '2026-11-21';
export function inDays(days: number): CivilDate {
  return new Date(Date.UTC(2026, 10, 21 + days)).toISOString().slice(0, 10);
}
export const text = (ko: string, en: string | null = null): Text => ({ ko, en });

export const face = 'data:image/svg+xml,' + encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 124"><rect width="96" height="124" fill="#e2e6ef"/><path d="M12 124c2-36 70-36 72 0z" fill="#3a6a9e"/><circle cx="48" cy="50" r="22" fill="#f2cfae"/><path d="M24 58V42c0-34 48-34 48 0v16c-4-24-14-24-24-24s-20 0-24 24z" fill="#2b221c"/></svg>');

interface Sample {
  id: string; name: Text; issuer: Text; state: PaperState; detail?: Text; amount?: number; due?: CivilDate; validUntil?: CivilDate;
  shelf: PaperSummary['shelf']; silhouette: PaperSummary['silhouette']; card?: PaperSummary['card']; ticket?: PaperSummary['ticket']; isNew?: boolean;
  facts: FactGroup[]; notice?: Notice; voucher?: Voucher; trust?: Partial<Trust>; copies?: number;
}
const fact = (id: string, ko: string, en: string, value: string, sensitive = false): Fact => ({ id, caption: text(ko, en), value: text(value), sensitive, image: null });
const group = (ko: string, en: string, ...facts: Fact[]): FactGroup => ({ caption: text(ko, en), facts });

const garam = text('한빛도 가람시(시연)', 'Garam City (demo)');
const mois = text('누리행정부(시연)', 'Nuri Ministry of the Interior (demo)');

export const samples: Sample[] = [
  {
    id: 'p1-resident', name: text('모바일 주민등록증', 'Mobile resident card'), issuer: mois, state: { kind: 'valid' }, shelf: 'id', silhouette: 'card', validUntil: inDays(1055),
    card: { holder: text('이도담', 'LEE DODAM'), portrait: face, facts: [
      { caption: text('생년월일', 'Birth date'), value: text('2001. 3. 5.') }, { caption: text('등록번호', 'Number'), value: text('010305-0******') },
      { caption: text('주소지', 'Region'), value: text('한빛도 가람시', 'Garam, Hanbit') }, { caption: text('발급일', 'Issued'), value: text('2026. 10. 12.') }] },
    facts: [group('본인', 'Holder', fact('name', '성명', 'Name', '이도담'), fact('nameRoman', '로마자 성명', 'Name in Latin letters', 'LEE DODAM'), fact('birth', '생년월일', 'Birth date', '2001. 3. 5.'), { ...fact('portrait', '사진', 'Portrait', ''), image: face }),
      group('주소', 'Address', fact('address', '주소', 'Address', '한빛도 가람시 ●●●●●●', true), fact('rrn', '주민등록번호', 'Resident number', '●●●●●●', true))],
  },
  {
    id: 'p2-license', name: text('모바일 운전면허증', 'Mobile driving licence'), issuer: text('누리경찰청(시연)', 'Nuri Police (demo)'), state: { kind: 'stale', asOf: now - 31 * 3600 }, shelf: 'id', silhouette: 'card', validUntil: inDays(2000),
    card: { holder: text('응우옌 티 하린', 'NGUYEN THI HARIN'), portrait: null, facts: [
      { caption: text('면허', 'Class'), value: text('2종보통') }, { caption: text('번호', 'Number'), value: text('99-11-000000-00') },
      { caption: text('적성검사', 'Aptitude test'), value: text('2031. 4. 9. ~ 2032. 5. 13.') }, { caption: text('발급일', 'Issued'), value: text('2025. 10. 17.') }] },
    facts: [group('면허', 'Licence', fact('types', '종별', 'Class', '2종보통'), fact('organ', '장기기증', 'Organ donor', '●●●●●●', true))], trust: { status: 'stale', statusAsOf: now - 31 * 3600, format: 'mdoc' },
  },
  {
    id: 'p1n-resident', name: text('주민세(개인분)', 'Resident tax (individual)'), issuer: garam, state: { kind: 'overdue', days: 12, date: inDays(-12) }, detail: text('당해 연도', 'this year'), amount: 11330, due: inDays(-12), shelf: 'notice', silhouette: 'slip',
    facts: [], notice: {
      parts: [{ caption: text('주민세', 'Resident tax'), amount: 10000, lateAddition: 300 }, { caption: text('지방교육세', 'Education tax'), amount: 1000, lateAddition: 30 }],
      amountInDue: 11000, amountAfterDue: 11330, amountNow: 11330, due: inDays(-12), lateRule: { code: 'late.local', params: {} }, reckonedDiffers: null, options: [], bestOptionId: null,
      waysToPay: [{ caption: text('전자납부번호', 'E-pay number'), value: '99999-1-26-01-000001012', note: null }, { caption: text('가상계좌', 'Virtual account'), value: '시연은행 000-00-000000-1', note: text('시연용 번호입니다') }],
      object: null, reason: null, paid: null },
  },
  {
    id: 'p2n-parking', name: text('과태료 사전통지(주정차 위반)', 'Prior notice of a fine (parking)'), issuer: garam, state: { kind: 'due', days: 6, date: inDays(6) }, detail: text('00가0000'), amount: 40000, due: inDays(6), shelf: 'notice', silhouette: 'slip',
    facts: [], notice: {
      parts: [], amountInDue: 40000, amountAfterDue: null, amountNow: 40000, due: inDays(6), lateRule: { code: 'late.fine', params: {} }, reckonedDiffers: null, bestOptionId: 'both',
      options: [
        { id: 'selfPay', caption: text('미리 내기 20% 감경', '20% off for paying early'), amount: 32000, until: inDays(6), condition: null, evidence: null, missingEvidence: [] },
        { id: 'both', caption: text('50% 감경 뒤 미리 내기 20%', '50% off, then 20% for paying early'), amount: 16000, until: inDays(6), condition: text('과태료 체납이 있으면 감경되지 않습니다'), evidence: { paperId: 'p2-single', name: text('한부모가족증명서', 'Single parent certificate') }, missingEvidence: [] }],
      waysToPay: [{ caption: text('전자납부번호', 'E-pay number'), value: '99999-1-26-02-000002401', note: null }], object: text('00가0000 (가상 차량)'), reason: text('주정차 금지구역 위반(일반구역)'), paid: null },
  },
  {
    id: 'p1n-water', name: text('상하수도 요금', 'Water bill'), issuer: garam, state: { kind: 'autoDebit', date: inDays(9) }, amount: 23450, due: inDays(9), shelf: 'notice', silhouette: 'slip', facts: [],
    notice: { parts: [{ caption: text('상수도'), amount: 14250, lateAddition: null }, { caption: text('하수도'), amount: 9200, lateAddition: null }], amountInDue: 23450, amountAfterDue: 24150, amountNow: 23450, due: inDays(9), lateRule: { code: 'late.utility', params: {} }, reckonedDiffers: { printed: 24150, reckoned: 24153 }, options: [], bestOptionId: null, waysToPay: [], object: null, reason: null, paid: null },
    trust: { signature: 'doesNotHold' },
  },
  {
    id: 'p1b-coupon', name: text('생활회복 쿠폰', 'Recovery coupon'), issuer: garam, state: { kind: 'expiring', days: 9, date: inDays(9) }, amount: 42500, validUntil: inDays(9), shelf: 'benefit', silhouette: 'ticket',
    ticket: { granted: 150000, used: 107500, balance: 42500, region: text('한빛도 가람시', 'Garam, Hanbit'), usableFor: [text('동네 가게', 'small shops'), text('음식점', 'restaurants'), text('약국', 'pharmacies')] }, facts: [],
    voucher: { granted: 150000, used: 107500, balance: 42500, validFrom: inDays(-60), validUntil: inDays(9), usableFor: [text('동네 가게', 'small shops'), text('음식점', 'restaurants'), text('약국', 'pharmacies')], region: text('한빛도 가람시', 'Garam, Hanbit'), uses: [{ date: inDays(-3), place: text('가상 분식'), amount: 8500 }, { date: inDays(-9), place: text('가상 약국'), amount: 12000 }] },
  },
  ...([
    ['p1-register', '주민등록등본', 'Resident register extract', garam, 87, null], ['p1-income', '소득금액증명', 'Income certificate', text('누리국세청(시연)', 'Nuri Tax Service (demo)'), 78, '2025년'],
    ['p1-lease', '임대차계약서(확정일자)', 'Lease contract', garam, 690, null], ['p1-nhq', '건강보험 자격득실확인서', 'Health insurance history', text('누리건강보험공단(시연)', 'Nuri Health Insurance (demo)'), 78, null],
  ] as const).map(([id, ko, en, issuer, days, detail]): Sample => ({
    id, name: text(ko, en), issuer, state: { kind: 'valid' }, validUntil: inDays(days), shelf: 'benefit', silhouette: 'sheet', ...(detail ? { detail: text(detail, '2025') } : {}), isNew: id === 'p1-register',
    facts: [group('내용', 'Content', fact('name', '성명', 'Name', '이도담'), fact('memberCount', '세대원 수', 'Household members', '1명'), fact('address', '주소', 'Address', '한빛도 가람시 ●●●●●●', true))],
  })),
  {
    id: 'p3-disability', name: text('장애인증명서', 'Disability certificate'), issuer: text('누리복지부(시연)'), state: { kind: 'suspended' }, shelf: 'benefit', silhouette: 'sheet', validUntil: inDays(20),
    facts: [group('내용', 'Content', fact('degree', '정도', 'Degree', '●●●●●●', true))], trust: { status: 'suspended', statusAsOf: now - 3 * 3600 },
  },
];

export function summary(s: Sample): PaperSummary {
  return {
    id: s.id, shelf: s.shelf, silhouette: s.silhouette, name: s.name, issuer: s.issuer, state: s.state, detail: s.detail ?? null, amount: s.amount ?? null, due: s.due ?? null,
    validUntil: s.validUntil ?? null, card: s.card ?? null, ticket: s.ticket ?? null, isNew: s.isNew ?? false,
  };
}
export function paper(s: Sample, history: Paper['history']): Paper {
  return {
    summary: summary(s), groups: s.facts, notice: s.notice ?? null, voucher: s.voucher ?? null, history, receivedAt: now - 3 * 86400, validFrom: inDays(-40), validUntil: inDays(1055), foreignType: null, canReissue: true, renewable: true,
    notPresentable: s.shelf === 'notice' ? { code: 'notPresentable.notice', params: {} } : s.state.kind === 'suspended' ? { code: 'notPresentable.suspended', params: {} } : null,
    trust: { signature: 'holds', signedBy: s.issuer, issuerListed: true, status: 'valid', statusAsOf: now - 3 * 3600, copies: { left: s.copies ?? 18, total: 20, oneTime: true }, format: 'sdJwtVc', ...s.trust },
  };
}
