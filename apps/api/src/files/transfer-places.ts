import { type AgentPubKey } from '@musubi/messaging';
import { Injectable } from '@nestjs/common';
import { TryLaterError } from '../problem/api-error.js';

/** Each has up to a megabyte in memory. */
const MAX_OF_AGENT = 4;
const MAX = 32;
const RETRY_AFTER_S = 2;

/** Counts the files that are just being uploaded and downloaded in this process. */
@Injectable()
export class TransferPlaces {
  private readonly taken = new Map<AgentPubKey, number>();
  private total = 0;

  /** @returns gives the place back, once. @throws TryLaterError when all are taken */
  take(agent: AgentPubKey): () => void {
    const taken = this.taken.get(agent) ?? 0;
    if (taken >= MAX_OF_AGENT || this.total >= MAX)
      throw new TryLaterError('unavailable', 'Too many files are under way: try again later.', RETRY_AFTER_S);
    this.taken.set(agent, taken + 1);
    this.total += 1;
    let isTaken = true;
    return () => {
      if (isTaken) this.giveBack(agent);
      isTaken = false;
    };
  }

  private giveBack(agent: AgentPubKey): void {
    this.total -= 1;
    const left = (this.taken.get(agent) ?? 1) - 1;
    if (left === 0) this.taken.delete(agent);
    else this.taken.set(agent, left);
  }
}
