import { type AgentPubKey } from '@musubi/messaging';
import { type TestDatabase } from '@musubi/database/testing';
import { SystemClock } from '@musubi/messaging';
import { SimNetwork } from '@musubi/network/nodes';
import { type DeliveryNode, freshParts } from '@musubi/testing';
import { type LinkedNode, newSecrets, startLinkedNode } from './linked-node.js';
import { CALL_TIMEOUT_MS, type Ground } from './testbed.js';

const STOP_MS = 1000;

/** Two nodes, each with a database of its own, and a link between them. They share the clock and the faults. */
export function twoNodes(databases: readonly [TestDatabase, TestDatabase]): Ground {
  const network = new SimNetwork({
    clock: new SystemClock(() => Date.now()),
    random: () => Math.random(),
    weather: { delayMs: [0, 1] },
  });
  const places = databases.map((database, index) => ({ database, secrets: newSecrets(`n${index}`) }));
  let running: readonly LinkedNode[] = [];
  const known: { readonly agent: AgentPubKey; readonly home: number }[] = [];
  const placeOf = (node: DeliveryNode): number => running.findIndex((linked) => linked.node === node);
  return {
    databases,
    start: async (options) => {
      const { clock, commitFaults, faults } = freshParts(databases[0]);
      const shared = { clock, commitFaults, faults, callTimeoutMs: CALL_TIMEOUT_MS };
      running = await Promise.all(
        places.map(({ database, secrets }, index) => {
          const own = index === places.length - 1 ? options : {};
          return startLinkedNode({ ...freshParts(database), ...shared, ...own }, network, secrets);
        }),
      );
      return running.map(({ node }) => node);
    },
    introduce: async (agent, home) => {
      known.push({ agent, home: placeOf(home) });
      for (const { agent: named, home: from } of known) {
        for (const [to, { links }] of running.entries()) {
          const card = to === from ? undefined : await running[from]?.links.cardOf(named);
          if (card !== undefined) await links.take(named, card);
        }
      }
    },
    stop: async () => {
      await Promise.all(running.map(({ links }) => links.close(STOP_MS)));
    },
  };
}
