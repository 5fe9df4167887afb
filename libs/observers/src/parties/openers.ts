import { type AgentKeys, OpenFailedError, keyedHash, open, openLetter } from '@musubi/crypto';
import { type AgentPubKey } from '@musubi/messaging';
import { type HeldRow } from './observer.js';

/** What some keys open of a value; `null` when they do not. */
export type Opener = (sealed: Uint8Array, row: HeldRow) => Uint8Array | null;

/** An agent's own store, sealed for one of these purposes. */
export function storeOpener(keys: AgentKeys, purposes: readonly string[]): Opener {
  return (sealed) => firstOpened(purposes, (purpose) => keys.open(sealed, purpose));
}

/** Letters of which the agent is a reader. */
export function letterOpener(keys: AgentKeys): Opener {
  return (letter) => firstOpened([keys.signing], (reader) => openLetter({ letter, reader }));
}

/** What is sealed, for the space it stands in, with a key that the agent shares with one of these peers. */
export function pairOpener(keys: AgentKeys, peers: readonly AgentPubKey[], purpose: string): Opener {
  const pairKeys = peers.map((peer) => keyedHash(keys.pairSecret(peer), purpose));
  return (sealed, { values: { space } }) =>
    space instanceof Uint8Array
      ? firstOpened(pairKeys, (key) => open({ key, sealed, associatedData: space }))
      : null;
}

function firstOpened<Key>(candidates: readonly Key[], opened: (key: Key) => Uint8Array): Uint8Array | null {
  for (const candidate of candidates) {
    try {
      return opened(candidate);
    } catch (error) {
      if (!(error instanceof OpenFailedError)) throw error;
    }
  }
  return null;
}
