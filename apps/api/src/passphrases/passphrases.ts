import { AgentKeys } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import { type Homes } from '../access/homes.js';
import { type PassphraseGate } from '../access/passphrase-gate.js';
import { type ServiceNode } from '../node/service-node.js';
import { ApiError, wrongPassphrase } from '../problem/api-error.js';
import { type Sessions } from '../sessions/sessions.js';
import { seedOf, wordsOf } from './recovery-words.js';

interface Owner {
  readonly agent: AgentPubKey;
  /** Where the request came from. */
  readonly address: string;
}

interface PassphrasesParts {
  readonly node: Pick<ServiceNode, 'keyring'>;
  readonly gate: PassphraseGate;
  readonly homes: Homes;
  readonly sessions: Sessions;
}

interface Sealed {
  readonly seed: Uint8Array;
  /** What was opened for it; `null` where no passphrase was needed. */
  readonly stored: Uint8Array | null;
}

/** What is under an agent's passphrase is put under another one, and read for its owner to write down. */
export class Passphrases {
  constructor(private readonly parts: PassphrasesParts) {}

  /**
   * Seals the agent's keys under another passphrase. All its sessions end.
   * @param passphrase the one so far; none for an unattended agent, which is attended from here on
   * @returns the token of a new session
   * @throws ApiError `unauthenticated`; AgentMovedError; MovedError; TryLaterError
   */
  async change(owner: Owner, passphrase: string | undefined, newPassphrase: string): Promise<string> {
    await this.parts.homes.require(owner.agent);
    const opened = await this.open(owner, passphrase ?? '');
    return this.reseal(owner, opened, newPassphrase);
  }

  /** @throws ApiError `unauthenticated`, `agent-unattended`; MovedError; TryLaterError */
  async recoveryWords(owner: Owner, passphrase: string): Promise<string> {
    await this.parts.homes.require(owner.agent);
    const opened = await this.open(owner, passphrase);
    // Its token alone would be enough, and a stolen one would be the agent for good.
    if (opened.sealed === null)
      throw new ApiError('agent-unattended', 'This agent has no passphrase: give it one first.');
    return wordsOf(opened.seed);
  }

  /** As `change`, for an owner who has the words and no passphrase. @throws as `change` does */
  async recover(owner: Owner, words: string, newPassphrase: string): Promise<string> {
    const { agent, address } = owner;
    const read = (): Promise<Uint8Array | null> => Promise.resolve(seedOfAgent(agent, words));
    const seed = await this.parts.gate.attempt({ address, agent }, read);
    if (seed !== null) await this.parts.homes.require(agent);
    if (seed === null || !(await this.parts.node.keyring.has(agent)))
      throw new ApiError('unauthenticated', 'No agent here has this key and these words.');
    return this.reseal(owner, { seed, stored: null }, newPassphrase);
  }

  private async open(
    { agent, address }: Owner,
    passphrase: string,
  ): Promise<Sealed & { readonly sealed: Uint8Array | null }> {
    const { gate, node } = this.parts;
    const opened = await gate.attempt({ address, agent }, () => node.keyring.exportKey(agent, passphrase));
    if (opened === null) throw wrongPassphrase();
    return opened;
  }

  private async reseal(
    { agent, address }: Owner,
    { seed, stored }: Sealed,
    passphrase: string,
  ): Promise<string> {
    const { gate, node, sessions } = this.parts;
    const sealed = await gate.newPassphrase(address, () => node.keyring.sealUnder(passphrase, seed));
    return sessions.renew(AgentKeys.fromSeed(seed), async (tx) => {
      // The passphrase was changed while it was being tried: by now it opens nothing.
      if (!(await node.keyring.replace(tx, agent, { from: stored, to: sealed }))) throw wrongPassphrase();
      return sealed;
    });
  }
}

function seedOfAgent(agent: AgentPubKey, words: string): Uint8Array | null {
  const seed = seedOf(words);
  return seed !== null && AgentKeys.fromSeed(seed).agent === agent ? seed : null;
}
