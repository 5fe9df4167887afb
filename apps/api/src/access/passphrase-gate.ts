import { type AgentPubKey } from '@musubi/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { type Config } from '../config/config.js';
import { CONFIG } from '../node/tokens.js';
import { TryLaterError } from '../problem/api-error.js';
import { networkOf } from '../http/caller-address.js';
import { Budget } from './budget.js';

const MINUTE_S = 60;
/** Stretched or waiting for it, at about 0.1 s each. */
const MAX_UNDERWAY = 16;
/** Of one network, so that no other finds all places taken by it. */
const MAX_UNDERWAY_OF_NETWORK = 4;
/** What one network may guess at one agent, as a share of all that it may try. */
const SHARE_OF_AGENT = 1 / 6;

interface PassphraseAttempt {
  /** The address that the request came from. */
  readonly address: string;
  readonly agent: AgentPubKey;
}

/**
 * A caller who gives a passphrase makes the node stretch it, which costs more than anything else a stranger can ask for.
 * So it is counted by itself, before it is begun, and only few wait for it at once.
 */
@Injectable()
export class PassphraseGate {
  private readonly ofNetwork: Budget;
  private readonly wrongOfNetworkAtAgent: Budget;
  private readonly wrongAtAgent: Budget;
  private readonly underway = new Map<string, number>();
  private total = 0;

  constructor(@Inject(CONFIG) { signInsPerMinute }: Pick<Config, 'signInsPerMinute'>) {
    this.ofNetwork = new Budget(signInsPerMinute, MINUTE_S);
    const ofOneAgent = Math.max(1, Math.floor(signInsPerMinute * SHARE_OF_AGENT));
    this.wrongOfNetworkAtAgent = new Budget(ofOneAgent, MINUTE_S);
    this.wrongAtAgent = new Budget(signInsPerMinute, MINUTE_S);
  }

  /**
   * Tries a passphrase. Those that were right do not count against the agent, so that guesses from elsewhere keep
   * its owner out only when they come from many networks at once.
   * @returns what the passphrase opens, or `null` when it is wrong
   * @throws TryLaterError
   */
  async attempt<Opened>(
    { address, agent }: PassphraseAttempt,
    open: () => Promise<Opened | null>,
  ): Promise<Opened | null> {
    const network = networkOf(address);
    const pair = `${agent} ${network}`;
    await this.ofNetwork.spend(network);
    const ofPair = await this.wrongOfNetworkAtAgent.spend(pair);
    const ofAgent = await this.wrongAtAgent.spend(agent);
    const opened = await this.inTurn(network, open);
    if (opened !== null) {
      await this.wrongOfNetworkAtAgent.giveBack(ofPair);
      await this.wrongAtAgent.giveBack(ofAgent);
    }
    return opened;
  }

  /** Makes something that a new passphrase seals. @throws TryLaterError */
  async newPassphrase<Value>(address: string, make: () => Promise<Value>): Promise<Value> {
    const network = networkOf(address);
    await this.ofNetwork.spend(network);
    return this.inTurn(network, make);
  }

  private async inTurn<Value>(network: string, work: () => Promise<Value>): Promise<Value> {
    const ofNetwork = this.underway.get(network) ?? 0;
    if (ofNetwork >= MAX_UNDERWAY_OF_NETWORK || this.total >= MAX_UNDERWAY) {
      throw new TryLaterError('unavailable', 'Too many passphrases are being tried: try again in 1 s.', 1);
    }
    this.underway.set(network, ofNetwork + 1);
    this.total += 1;
    try {
      return await work();
    } finally {
      this.total -= 1;
      const left = (this.underway.get(network) ?? 1) - 1;
      if (left === 0) this.underway.delete(network);
      else this.underway.set(network, left);
    }
  }
}
