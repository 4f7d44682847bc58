/** Reading a link, a file, a picture. */

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
  | { kind: 'nothing'; why: 'empty' | 'notALink' | 'newer' | 'noQr' | 'tooLarge' | 'unsupported' | 'noScreen' };
