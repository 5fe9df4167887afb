import {
  type Hash,
  type Link,
  type PublishedBodies,
  type SignedAction,
  entryHash,
  signAction,
} from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { type Signals, type Unsubscribe } from '@musubi/network';
import { NOON, SPACE, bytesOf } from './authors.js';

/** Signals that are only written down. */
export class NotedSignals implements Signals {
  readonly noted: string[] = [];

  constructor(private readonly onEmit: () => void = () => undefined) {}

  emit(topic: string): void {
    this.noted.push(topic);
    this.onEmit();
  }

  subscribe(): Unsubscribe {
    return () => undefined;
  }
}

export function bodiesOf(...texts: readonly string[]): PublishedBodies {
  return new Map(texts.map((text) => [entryHash(bytesOf(text)), bytesOf(text)]));
}

export function createAction(
  keys: AgentKeys,
  text: string,
  visibility: 'public' | 'private' = 'public',
): SignedAction {
  const entry = { hash: entryHash(bytesOf(text)), type: 'note', visibility };
  const place = { space: SPACE, author: keys.agent, seq: 3, prev: entry.hash, at: NOON };
  return signAction({ ...place, content: { type: 'create', entry } }, (bytes) => keys.sign(bytes));
}

/** The link that an author's chain has at `seq`. */
export function linkAction(keys: AgentKeys, base: Hash, seq: number): SignedAction {
  const link: Link = { base, target: entryHash(bytesOf(`letter ${seq}`)), tag: bytesOf(`tag ${seq}`) };
  const place = { space: SPACE, author: keys.agent, seq, prev: base, at: NOON };
  return signAction({ ...place, content: { type: 'create-link', link } }, (bytes) => keys.sign(bytes));
}

export function baseOf(name: string): Hash {
  return entryHash(bytesOf(`base of ${name}`));
}
