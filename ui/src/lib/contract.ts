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
 *
 * The files are those of `crates/wallet/src/view`, and beside them `text`, `commands` and `events`. Import from here only.
 */

export type * from './contract/text';
export type * from './contract/state';
export type * from './contract/paper';
export type * from './contract/page';
export type * from './contract/input';
export type * from './contract/receive';
export type * from './contract/approval';
export type * from './contract/present';
export type * from './contract/queue';
export type * from './contract/showing';
export type * from './contract/desk';
export type * from './contract/outcome';
export type * from './contract/commands';
export type * from './contract/events';
