import { createHash } from 'node:crypto';
import { HeadMovedError } from '@musubi/messaging';

interface InMemoryAction {
  readonly seq: number;
  readonly prev: string | null;
  readonly hash: string;
}

/** One agent's journal: each action names the one before by its hash, and is added only behind the last. */
export class InMemoryChain {
  readonly actions: InMemoryAction[] = [];

  get head(): string | null {
    return this.actions.at(-1)?.hash ?? null;
  }

  /** Compare and set. @throws HeadMovedError when `expected` is not the head any more */
  append(expected: string | null, contents: readonly string[]): void {
    if (this.head !== expected) throw new HeadMovedError('another write moved the head of this chain');
    for (const content of contents) {
      const place = { seq: this.actions.length, prev: this.head };
      this.actions.push({ ...place, hash: hashOf(place.seq, place.prev, content) });
    }
  }
}

/** SHA-256 over seq, prev and content, as base64url. */
function hashOf(seq: number, prev: string | null, content: string): string {
  return createHash('sha256')
    .update(JSON.stringify([seq, prev, content]))
    .digest('base64url');
}
