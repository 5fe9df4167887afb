import { type ServerResponse } from 'node:http';
import { type AgentPubKey } from '@musubi/messaging';
import { Injectable } from '@nestjs/common';
import { TryLaterError } from '../problem/api-error.js';

/** Devices of one person, with room for some that have not noticed yet that their connection is gone. */
const MAX_STREAMS_OF_AGENT = 8;
const RETRY_AFTER_S = 15;

/** Counts the open streams of each agent in this process. */
@Injectable()
export class StreamPlaces {
  private readonly taken = new Map<AgentPubKey, number>();

  /** Takes a place for as long as the response lasts. @throws TryLaterError `rate-limited` when all are taken */
  take(agent: AgentPubKey, response: ServerResponse): void {
    const taken = this.taken.get(agent) ?? 0;
    if (taken >= MAX_STREAMS_OF_AGENT) {
      const detail = `This agent has ${MAX_STREAMS_OF_AGENT} streams open already: close one first.`;
      throw new TryLaterError('rate-limited', detail, RETRY_AFTER_S);
    }
    // One that is gone already will not say so again.
    if (response.closed) return;
    this.taken.set(agent, taken + 1);
    response.once('close', () => {
      this.giveBack(agent);
    });
  }

  private giveBack(agent: AgentPubKey): void {
    const left = (this.taken.get(agent) ?? 1) - 1;
    if (left === 0) this.taken.delete(agent);
    else this.taken.set(agent, left);
  }
}
