import { type Sql } from '@musubi/database';
import { type ChainPlace, InvalidRecordError, type Timestamp } from '@musubi/messaging';
import { type ActionContent, MAX_TAG_BYTES, type SignedAction, entryHash, signAction } from './action.js';
import { type ActionDraft, type EntryDraft } from './action-draft.js';
import { type ChainAuthor } from './chain-author.js';
import { type ChainHead, type ChainStore } from './chain.store.js';

/** One transaction on one author's chain, with the head it will continue. */
export class ChainWrite {
  constructor(
    /** For rows that commit together with the chain's. Nothing inside may use another connection. */
    readonly tx: Sql,
    private readonly author: ChainAuthor,
    private readonly position: { readonly store: ChainStore; head: ChainHead },
  ) {}

  /** Where the next actions will stand on the chain. */
  place(count: number): ChainPlace {
    return { space: this.author.space, author: this.author.agent, seq: this.position.head.seq + 1, count };
  }

  /**
   * Appends the drafts in order. `at` is the author's time for all of them.
   * @throws HeadMovedError when the head is not the expected one, InvalidRecordError for a tag that is too long
   */
  async append(drafts: readonly ActionDraft[], at: Timestamp): Promise<readonly SignedAction[]> {
    const { store, head } = this.position;
    const actions = signInOrder(this.author, { head, drafts, at });
    await store.moveHead(this.tx, { from: head, to: actions });
    await store.insert(this.tx, actions, drafts.flatMap(entryOf));
    this.position.head = headAfter(head, actions);
    return actions;
  }
}

function headAfter(head: ChainHead, actions: readonly SignedAction[]): ChainHead {
  const last = actions.at(-1);
  return last === undefined ? head : { seq: last.action.seq, hash: last.hash };
}

function entryOf(draft: ActionDraft): EntryDraft[] {
  return draft.type === 'create' ? [draft.entry] : [];
}

function contentOf(draft: ActionDraft): ActionContent {
  if (draft.type === 'create-link') {
    if (draft.link.tag.length > MAX_TAG_BYTES) throw new InvalidRecordError('the tag of a link is too long');
    return draft;
  }
  const { type, visibility, content } = draft.entry;
  return { type: 'create', entry: { hash: entryHash(content), type, visibility } };
}

interface Continuation {
  readonly head: ChainHead;
  readonly drafts: readonly ActionDraft[];
  readonly at: Timestamp;
}

function signInOrder(author: ChainAuthor, { head, drafts, at }: Continuation): SignedAction[] {
  const signed: SignedAction[] = [];
  for (const draft of drafts) {
    const before = signed.at(-1);
    const seq = head.seq + signed.length + 1;
    const place = { space: author.space, author: author.agent, seq, prev: before?.hash ?? head.hash, at };
    signed.push(signAction({ ...place, content: contentOf(draft) }, (bytes) => author.sign(bytes)));
  }
  return signed;
}
