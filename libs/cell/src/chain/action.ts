import {
  type AgentPubKey,
  type Signature,
  type SpaceId,
  type Timestamp,
  parseSignature,
} from '@musubi/messaging';
import {
  type Canonical,
  encodeCanonical,
  fromBase64Url,
  hash,
  hashLarge,
  toBase64Url,
  verify,
} from '@musubi/crypto';
import { type Hash, hashBytes, hashFrom } from './hash.js';

/** Who may hold an entry's body: its author alone, or every authority of its hash. */
export type Visibility = 'private' | 'public';

/** What a `create` action says of its entry. The body is kept beside the chain, never in the action. */
export interface EntryRef {
  readonly hash: Hash;
  readonly type: string;
  readonly visibility: Visibility;
}

/** A public pointer from a base to a target; `tag` is at most {@link MAX_TAG_BYTES}. */
export interface Link {
  readonly base: Hash;
  readonly target: Hash;
  readonly tag: Uint8Array;
}

/** Holochain's bound on link tags. */
export const MAX_TAG_BYTES = 1000;

/** What an action does, with the content that goes with it. */
export type ActionContent =
  /** Genesis, seq 0: which DNA this chain follows. */
  | { readonly type: 'dna'; readonly dna: Hash }
  /** Genesis, seq 1: why the agent may be in this space. */
  | { readonly type: 'agent-validation-pkg'; readonly membraneProof: Uint8Array | null }
  /** Genesis, seq 2. */
  | { readonly type: 'init-zomes-complete' }
  | { readonly type: 'create'; readonly entry: EntryRef }
  | { readonly type: 'create-link'; readonly link: Link };

/** One act of one author in one space, at its place on the author's chain. */
export interface Action {
  readonly space: SpaceId;
  readonly author: AgentPubKey;
  readonly seq: number;
  /** `null` for seq 0 only. */
  readonly prev: Hash | null;
  readonly at: Timestamp;
  readonly content: ActionContent;
}

export interface SignedAction {
  readonly action: Action;
  readonly hash: Hash;
  readonly signature: Signature;
}

function canonicalContent(content: ActionContent): Canonical {
  switch (content.type) {
    case 'dna':
      return { type: content.type, dna: hashBytes(content.dna) };
    case 'agent-validation-pkg':
      return { type: content.type, proof: content.membraneProof };
    case 'init-zomes-complete':
      return { type: content.type };
    case 'create':
      return { ...content.entry, type: content.type, entryType: content.entry.type };
    case 'create-link':
      return { ...content.link, type: content.type };
  }
}

/** The bytes that are hashed and signed. */
export function canonicalAction(action: Action): Uint8Array {
  return encodeCanonical({
    space: action.space,
    author: action.author,
    seq: action.seq,
    prev: action.prev,
    at: action.at,
    content: canonicalContent(action.content),
  });
}

export function hashOfAction(action: Action): Hash {
  return hashFrom(hash('musubi/action', canonicalAction(action)));
}

/** Those that were verified: they cannot change. */
const authentic = new WeakSet<SignedAction>();

/** Signs an action for its place. `sign` is Ed25519 by the action's author, over the 32 bytes of the hash. */
export function signAction(action: Action, sign: (bytes: Uint8Array) => Uint8Array): SignedAction {
  const digest = hashOfAction(action);
  return { action, hash: digest, signature: parseSignature(toBase64Url(sign(hashBytes(digest)))) };
}

/** True when the hash is the action's and its author signed it. */
export function isAuthentic(signed: SignedAction): boolean {
  if (authentic.has(signed)) return true;
  const { action, hash: claimed, signature } = signed;
  const digest = hashOfAction(action);
  if (digest !== claimed) return false;
  const isSigned = verify(fromBase64Url(signature), hashBytes(digest), fromBase64Url(action.author));
  if (isSigned) authentic.add(signed);
  return isSigned;
}

/** The hash of an entry's content. Anybody who guesses the content can compute it, so private content needs a salt. */
export function entryHash(content: Uint8Array): Hash {
  return hashFrom(hash('musubi/entry', content));
}

/** The same, without a copy of the content. */
export function largeEntryHash(content: Uint8Array): Hash {
  return hashFrom(hashLarge('musubi/entry', content));
}
