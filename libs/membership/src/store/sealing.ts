import { keyedHash, open, pad, seal, unpad } from '@musubi/crypto';

/** What a table shows of a record to somebody who reads the disk. */
export interface Sealing {
  /** The name under which the table knows a key: 32 bytes. */
  nameOf(key: Uint8Array): Uint8Array;
  seal(bytes: Uint8Array, name: Uint8Array): Uint8Array;
  /** @throws OpenFailedError, MalformedBytesError */
  open(stored: Uint8Array, name: Uint8Array): Uint8Array;
}

/** Records of nodes: every node of the network has them. */
export const UNSEALED: Sealing = {
  nameOf: (key) => key,
  seal: (bytes) => bytes,
  open: (stored) => stored,
};

/** More than most records of agents have. */
const SMALLEST_BYTES = 256;

/**
 * Records of agents: which of them a node has tells whom its agents know, so the disk shows neither keys nor records.
 * @param secret of the node: 32 bytes
 * @throws InvalidKeyError when it is used, unless the secret has 32 bytes
 */
export function sealedUnder(secret: Uint8Array): Sealing {
  const key = keyedHash(secret, 'musubi/agent-record-store/seal');
  const blinding = keyedHash(secret, 'musubi/agent-record-store/name');
  return {
    nameOf: (agent) => keyedHash(blinding, 'musubi/agent-record-store/name', agent),
    seal: (bytes, name) => seal({ key, plaintext: pad(bytes, SMALLEST_BYTES), associatedData: name }),
    open: (stored, name) => unpad(open({ key, sealed: stored, associatedData: name }), SMALLEST_BYTES),
  };
}
