import { type ChainPlace, InvalidRecordError, type Timestamp } from '@musubi/messaging';
import { type ActionContent, MAX_TAG_BYTES, type SignedAction, entryHash, signAction } from './action.js';
import { type ActionDraft } from './action-draft.js';
import { type ChainAuthor } from './chain-author.js';
import { type ChainHead, type KeptEntry } from './chain.store.js';

/** Drafts that go on a chain together, and the author's time for all of them. */
export interface Drafted {
  readonly drafts: readonly ActionDraft[];
  readonly at: Timestamp;
}

/** What drafts become once they stand on a chain. */
export interface Continuation {
  readonly actions: readonly SignedAction[];
  readonly entries: readonly KeptEntry[];
  /** Where the chain ends with them. */
  readonly head: ChainHead;
}

/** Places and signs drafts after a head. @throws InvalidRecordError for a tag that is too long */
export function continueChain(author: ChainAuthor, from: ChainHead, { drafts, at }: Drafted): Continuation {
  const actions: SignedAction[] = [];
  let head = from;
  for (const draft of drafts) {
    const place = { space: author.space, author: author.agent, seq: head.seq + 1, prev: head.hash, at };
    const signed = signAction({ ...place, content: contentOf(draft) }, (bytes) => author.sign(bytes));
    actions.push(signed);
    head = { seq: signed.action.seq, hash: signed.hash };
  }
  return { actions, entries: drafts.flatMap((draft, index) => entryOf(draft, actions[index])), head };
}

/** Where so many actions stand after a head. */
export function placeAfter({ space, agent }: ChainAuthor, head: ChainHead, count: number): ChainPlace {
  return { space, author: agent, seq: head.seq + 1, count };
}

function entryOf(draft: ActionDraft, signed: SignedAction | undefined): KeptEntry[] {
  const content = signed?.action.content;
  if (draft.type !== 'create' || content?.type !== 'create') return [];
  return [{ hash: content.entry.hash, stored: draft.entry.stored }];
}

function contentOf(draft: ActionDraft): ActionContent {
  if (draft.type === 'create-link') {
    if (draft.link.tag.length > MAX_TAG_BYTES) throw new InvalidRecordError('the tag of a link is too long');
    return draft;
  }
  const { type, visibility, content } = draft.entry;
  return { type: 'create', entry: { hash: entryHash(content), type, visibility } };
}
