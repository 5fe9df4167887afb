import { performance } from 'node:perf_hooks';
import { CROWD, GUARANTEE_PROBES, type ProbeSubject } from '@musubi/audit';
import { randomBytes } from '@musubi/crypto';
import {
  type AgentPubKey,
  GUARANTEE_NAMES,
  type GuaranteeName,
  type Guarantees,
  SystemClock,
} from '@musubi/messaging';
import { SeededRandom } from '@musubi/observers';
import { LabNode } from '../node/lab-node.js';
import { type LabServer } from '../node/lab-server.js';
import { type Variant } from '../node/variants.js';
import { crawl } from './declared-crawl.js';

/** What is seen in none of these is taken not to happen. */
const ROUNDS = 2;
/** An agent may have this many clones here, where there are clones. Peers may use up half of them, so half is a crowd. */
const PEER_LIMIT = 2 * CROWD;
/** Nobody waits for a call that is only slow: a refusal is looked for, not a timeout. */
const CALL_TIMEOUT_MS = 10_000;

/** What a placement declares, and for each field how often it was contradicted: never, where the promise is kept. */
export interface DeclaredFigures {
  readonly guarantees: Guarantees;
  readonly counts: Readonly<Record<GuaranteeName, number>>;
}

/** Tries each promise of a placement on a node of its own, and asks the placement nothing but what it declares. */
export async function declaredFigures({
  server,
  variant,
}: {
  readonly server: LabServer;
  readonly variant: Variant;
}): Promise<DeclaredFigures> {
  const chance = new SeededRandom(1);
  const node = await LabNode.open({
    db: await server.open({ poolSize: 2 * CROWD + 4, isDurable: false }),
    variant,
    clock: new SystemClock(() => performance.timeOrigin + performance.now()),
    random: randomBytes,
    chance: () => chance.float(),
    callTimeoutMs: CALL_TIMEOUT_MS,
    cloneLimit: PEER_LIMIT,
  });
  try {
    const counts: [string, number][] = [];
    for (const name of GUARANTEE_NAMES) {
      const { count } = await GUARANTEE_PROBES[name].probe(subjectOf(node), ROUNDS);
      counts.push([name, count]);
    }
    return {
      guarantees: { ...node.strategy.guarantees },
      counts: Object.fromEntries(counts) as Record<GuaranteeName, number>,
    };
  } finally {
    await node.close();
    await server.drop(node.db);
  }
}

function subjectOf(node: LabNode): ProbeSubject {
  const { strategy, variant } = node;
  return {
    strategy,
    peerLimit: PEER_LIMIT,
    newAgent: async () => {
      await node.addAgents(1);
      return node.agent(node.agents.length - 1);
    },
    goOffline: (agent) => node.goOffline(agent),
    goOnline: (agent) => node.comeBack(agent),
    draft: (from, to) => node.draft(numberOf(node, from), numberOf(node, to), 'hello'),
    send: (ref) => (variant.act === 'in-save' ? Promise.resolve(null) : strategy.send(ref)),
    whenIdle: () => node.whenIdle(),
    strangersView: () => crawl(node),
  };
}

const numberOf = ({ agents }: LabNode, agent: AgentPubKey): number => agents.indexOf(agent);
