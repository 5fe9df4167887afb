import { equalBytes, hash } from '@musubi/crypto';
import { Inject, Injectable } from '@nestjs/common';
import { networkOf } from '../http/caller-address.js';
import { Budget } from '../access/budget.js';
import { type Config } from '../config/config.js';
import { CONFIG } from '../node/tokens.js';
import { ApiError } from '../problem/api-error.js';

const DAY_S = 86_400;

/** Who asks for a new agent. */
export interface Registrant {
  readonly address: string;
  /** From the header `Registration-Token`. */
  readonly registrationToken: string | undefined;
}

/** Who may make agents here, and how many: each is rows and keys that the node keeps for ever. */
@Injectable()
export class Registration {
  private readonly perDay: Budget;

  constructor(
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'agentsPerDay' | 'registration' | 'registrationToken'>,
  ) {
    this.perDay = new Budget(config.agentsPerDay, DAY_S);
  }

  /** What could not be made does not count. @throws ApiError `registration-closed`; TryLaterError `rate-limited` */
  async admit<Made>({ address, registrationToken }: Registrant, make: () => Promise<Made>): Promise<Made> {
    this.assertOpen(registrationToken);
    const network = networkOf(address);
    const spending = await this.perDay.spend(network);
    try {
      return await make();
    } catch (error) {
      await this.perDay.giveBack(spending);
      throw error;
    }
  }

  private assertOpen(given: string | undefined): void {
    const { registration, registrationToken } = this.config;
    if (registration === 'open') return;
    if (registration === 'token' && isSame(given, registrationToken)) return;
    const detail =
      registration === 'token'
        ? 'New agents need the registration token of this node, in the header Registration-Token.'
        : 'This node does not accept new agents.';
    throw new ApiError('registration-closed', detail);
  }
}

/** Takes as long whatever is wrong with it. */
function isSame(given: string | undefined, expected: string | undefined): boolean {
  if (given === undefined || expected === undefined) return false;
  return equalBytes(digest(given), digest(expected));
}

function digest(token: string): Uint8Array {
  return hash('musubi/registration-token', new TextEncoder().encode(token));
}
