import { type Link, type Visibility } from './action.js';

/** An act that has no place on the chain yet. */
export type ActionDraft =
  | { readonly type: 'create'; readonly entry: EntryDraft }
  | { readonly type: 'create-link'; readonly link: Link };

interface EntryDraft {
  readonly type: string;
  readonly visibility: Visibility;
  /** What is hashed. */
  readonly content: Uint8Array;
  /** What is kept beside the chain: the content, or the content sealed. */
  readonly stored: Uint8Array;
}
