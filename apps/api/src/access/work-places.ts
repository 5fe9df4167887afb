import { type Clock } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { NODE } from '../node/tokens.js';
import { FairTurns } from './fair-turns.js';

export const UNDERWAY = { agent: 2, network: 3, all: 4 } as const;
export const WAITING = { agent: 16, network: 64, all: 256 } as const;
export const PLACE_WAIT_MS = 2000;

/** Places for lists, batches and searches. */
@Injectable()
export class WorkPlaces extends FairTurns {
  constructor(@Inject(NODE) { clock }: { readonly clock: Pick<Clock, 'sleep'> }) {
    super({
      clock,
      underway: UNDERWAY,
      waiting: WAITING,
      waitMs: PLACE_WAIT_MS,
      refusal: 'Too many pages and batches are under way: try again later.',
    });
  }
}
