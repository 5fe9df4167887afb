import {
  AgentKeys,
  OpenFailedError,
  type PassphraseCost,
  type RandomBytes,
  fromBase64Url,
  open,
  openWithPassphrase,
  seal,
  sealWithPassphrase,
} from '@musubi/crypto';
import { type Rows, type Sql } from '@musubi/database';
import { AgentOfflineError, type AgentPubKey, type Presence, opaqueString } from '@musubi/messaging';
import { atHome, requireAtHome } from '../home/at-home.js';
import { type KeyStore, type SealedKey } from './key-store.js';

const SEED_BYTES = 32;

/** An attended agent's keys, and the seal that a passphrase has opened. */
export interface OpenedKeys {
  readonly keys: AgentKeys;
  /** As it was stored then: the passphrase may be another one by now. */
  readonly stored: Uint8Array;
}

/** An agent's key as a file has it. */
export interface ExportedKey extends OpenedKeys {
  readonly seed: Uint8Array;
  /** As it is stored, under the passphrase; null for an unattended agent. */
  readonly sealed: Uint8Array | null;
}

interface KeyringOptions {
  readonly store: KeyStore;
  /** 32 bytes that seal the seeds of unattended agents. */
  readonly nodeKey: Uint8Array;
  readonly cost: PassphraseCost;
  readonly random: RandomBytes;
}

/**
 * The keys that are unlocked on this node, in memory only. An agent is online exactly while its key is here,
 * since only then can its cell sign.
 */
export class Keyring implements Presence {
  private readonly unlocked = new Map<AgentPubKey, AgentKeys>();

  constructor(private readonly options: KeyringOptions) {}

  /** Makes and stores a new agent's keys, and unlocks them. Without a passphrase the agent is unattended. */
  async create(passphrase?: string): Promise<AgentKeys> {
    const { keys, sealed } = await this.make(passphrase);
    await this.options.store.add(sealed);
    this.admit(keys);
    return keys;
  }

  /** Makes a new agent's keys, and stores and unlocks nothing. */
  async make(passphrase?: string): Promise<{ readonly keys: AgentKeys; readonly sealed: SealedKey }> {
    const seed = this.options.random(SEED_BYTES);
    const keys = AgentKeys.fromSeed(seed);
    const sealed = await this.sealSeed(keys.agent, seed, passphrase);
    return { keys, sealed: { agent: keys.agent, sealed, isAttended: passphrase !== undefined } };
  }

  /** Keys that were made, as a row. A second one violates AGENT_ONCE. */
  rowsOf(sealed: SealedKey): Rows {
    return this.options.store.rowsOf(sealed);
  }

  /** Brings an attended agent online. @returns null when the agent is unknown or the passphrase wrong */
  async unlock(agent: AgentPubKey, passphrase: string): Promise<AgentKeys | null> {
    const opened = await this.open(agent, passphrase);
    if (opened === null) return null;
    this.admit(opened.keys);
    return opened.keys;
  }

  /** Opens an attended agent's keys without unlocking it here. @returns null as `unlock` does */
  async open(agent: AgentPubKey, passphrase: string): Promise<OpenedKeys | null> {
    const stored = await this.options.store.find(agent);
    if (stored?.isAttended !== true) return null;
    const seed = await openTyped(stored.sealed, passphrase);
    if (seed === null) return null;
    const keys = AgentKeys.fromSeed(seed);
    // A row that was swapped for another agent's must not open this one with that one's passphrase.
    return keys.agent === agent ? { keys, stored: stored.sealed } : null;
  }

  /**
   * What the file of an agent that moves has of its keys. An unattended agent's needs no passphrase to be opened.
   * @returns null as `unlock` does
   */
  async exportKey(agent: AgentPubKey, passphrase: string): Promise<ExportedKey | null> {
    const stored = await this.options.store.find(agent);
    if (stored === null) return null;
    const { isAttended, sealed } = stored;
    const seed = isAttended ? await openTyped(sealed, passphrase) : this.unattendedSeed(stored);
    if (seed === null) return null;
    const keys = AgentKeys.fromSeed(seed);
    return keys.agent === agent ? { keys, seed, stored: sealed, sealed: isAttended ? sealed : null } : null;
  }

  /** A key that was exported elsewhere, as a row. A second one violates AGENT_ONCE. */
  importedRows({
    agent,
    seed,
    sealed,
  }: Pick<ExportedKey, 'seed' | 'sealed'> & { readonly agent: AgentPubKey }): Rows {
    const { nodeKey: key } = this.options;
    const own = sealed ?? seal({ key, plaintext: seed, associatedData: fromBase64Url(agent) });
    return this.rowsOf({ agent, sealed: own, isAttended: sealed !== null });
  }

  /** Whether the agent has a key here. */
  async has(agent: AgentPubKey): Promise<boolean> {
    return (await this.options.store.find(agent)) !== null;
  }

  /** An agent's seed under a passphrase, as it is stored. */
  sealUnder(passphrase: string, seed: Uint8Array): Promise<Uint8Array> {
    const { cost } = this.options;
    return sealWithPassphrase({ secret: seed, passphrase: opaqueString(passphrase), cost });
  }

  /**
   * Puts the agent's key under another seal: it is attended from here on.
   * @param seals the seal that has to be there so far, or `null` for any, and the new one
   * @returns false, with nothing written, where another one is there
   * @throws AgentMovedError
   */
  replace(
    tx: Sql,
    agent: AgentPubKey,
    { from, to }: { readonly from: Uint8Array | null; readonly to: Uint8Array },
  ): Promise<boolean> {
    const update = `update agent_key set sealed = $2, is_attended = true
      where agent = $1 and sealed = coalesce($3::bytea, sealed)`;
    return atHome(async () => {
      await requireAtHome(tx, agent);
      const [, replaced] = await tx.query<[unknown[], number]>(update, [fromBase64Url(agent), to, from]);
      return replaced > 0;
    });
  }

  /** Removes an agent's key, in a transaction that removes all it has here, or puts it there anew. */
  async forget(tx: Sql, agent: AgentPubKey): Promise<void> {
    await tx.query('delete from agent_key where agent = $1', [fromBase64Url(agent)]);
  }

  /** Unlocks an agent whose keys were opened: it is online. */
  admit(keys: AgentKeys): void {
    this.unlocked.set(keys.agent, keys);
  }

  /** Forgets the key: the agent is offline. */
  lock(agent: AgentPubKey): void {
    this.unlocked.delete(agent);
  }

  /** Unlocks every unattended agent, as a node does when it starts. @throws OpenFailedError on another node's key */
  async unlockUnattended(): Promise<readonly AgentPubKey[]> {
    const stored = await this.options.store.unattended();
    for (const key of stored) this.unlocked.set(key.agent, this.openUnattended(key));
    return stored.map(({ agent }) => agent);
  }

  /** Unlocks an agent that needs nobody to: another process may have made it since. @returns false for all others */
  async unlockIfUnattended(agent: AgentPubKey): Promise<boolean> {
    const stored = await this.options.store.find(agent);
    if (stored?.isAttended !== false) return false;
    this.unlocked.set(agent, this.openUnattended(stored));
    return true;
  }

  isOnline(agent: AgentPubKey): boolean {
    return this.unlocked.has(agent);
  }

  online(): readonly AgentPubKey[] {
    return [...this.unlocked.keys()];
  }

  /** Which of the agents only a passphrase unlocks. */
  attendedAmong(agents: readonly AgentPubKey[]): Promise<readonly AgentPubKey[]> {
    return agents.length === 0 ? Promise.resolve([]) : this.options.store.attendedAmong(agents);
  }

  /** @throws AgentOfflineError */
  keysOf(agent: AgentPubKey): AgentKeys {
    const keys = this.unlocked.get(agent);
    if (keys === undefined) throw new AgentOfflineError('the key of this agent is locked');
    return keys;
  }

  private async sealSeed(agent: AgentPubKey, seed: Uint8Array, passphrase?: string): Promise<Uint8Array> {
    if (passphrase !== undefined) return this.sealUnder(passphrase, seed);
    return seal({ key: this.options.nodeKey, plaintext: seed, associatedData: fromBase64Url(agent) });
  }

  private openUnattended(key: SealedKey): AgentKeys {
    return AgentKeys.fromSeed(this.unattendedSeed(key));
  }

  private unattendedSeed({ agent, sealed }: SealedKey): Uint8Array {
    return open({ key: this.options.nodeKey, sealed, associatedData: fromBase64Url(agent) });
  }
}

/** Keys of before were sealed under the passphrase as it was typed. So one that normalization changes is stretched twice. */
async function openTyped(sealed: Uint8Array, passphrase: string): Promise<Uint8Array | null> {
  for (const spelling of new Set([opaqueString(passphrase), passphrase])) {
    const seed = await openOrNull(openWithPassphrase({ sealed, passphrase: spelling }));
    if (seed !== null) return seed;
  }
  return null;
}

async function openOrNull(opening: Promise<Uint8Array>): Promise<Uint8Array | null> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof OpenFailedError) return null;
    throw error;
  }
}
