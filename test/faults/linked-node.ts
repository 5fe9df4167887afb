import { AgentFences } from '@musubi/cell';
import { randomBytes } from '@musubi/crypto';
import { SystemClock } from '@musubi/messaging';
import { InProcessRemoteCalls } from '@musubi/network';
import { NodeIdentity, type SimNetwork } from '@musubi/network/nodes';
import { LinkedNetwork } from '@musubi/node/links';
import { DeliveryNode, type DeliveryNodeParts, Roads } from '@musubi/testing';

/** The key and the secret of a node, which outlive its processes. */
interface NodeSecrets {
  readonly name: string;
  readonly keySeed: Uint8Array;
  readonly recordSecret: Uint8Array;
}

export function newSecrets(name: string): NodeSecrets {
  return { name, keySeed: randomBytes(32), recordSecret: randomBytes(32) };
}

/** A node that is linked to others. */
export interface LinkedNode {
  readonly node: DeliveryNode;
  readonly links: LinkedNetwork;
}

/** No test puts this one forward: links live in real time, and take some milliseconds. */
const REAL = new SystemClock(() => Date.now());

/** Starts a node on a database with the tables of membership. */
export async function startLinkedNode(
  parts: DeliveryNodeParts,
  network: SimNetwork,
  { keySeed, name, recordSecret }: NodeSecrets,
): Promise<LinkedNode> {
  const { callTimeoutMs = 30_000, clock, db } = parts;
  const roads = new Roads();
  let links: LinkedNetwork | undefined;
  const node = await DeliveryNode.start({
    ...parts,
    roads,
    network: (keyring) => {
      const identity = NodeIdentity.fromSeed(keySeed);
      links = new LinkedNetwork({
        database: db,
        identity,
        carriers: [network.carrier(name, identity.key)],
        addresses: [],
        bootstrap: [],
        recordSecret,
        inner: new InProcessRemoteCalls({ presence: keyring, clock, timeoutMs: callTimeoutMs }),
        presence: keyring,
        fences: new AgentFences(db),
        signer: { sign: (agent, bytes) => keyring.keysOf(agent).sign(bytes) },
        clock: REAL,
        random: () => Math.random(),
        log: { warn: () => undefined },
        callTimeoutMs,
      });
      const { calls } = links;
      return { calls, signals: roads.signals, announce: (agent) => links?.announce(agent) };
    },
  });
  if (links === undefined) throw new Error('the node has no links');
  await links.open((agents) => void node.delivery.hasten(...agents));
  return { node, links };
}
