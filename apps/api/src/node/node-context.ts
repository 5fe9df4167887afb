import { Keyring, KeyStore, type NodeContext, plainCommits } from '@musubi/cell';
import { INTERACTIVE_COST, randomBytes } from '@musubi/crypto';
import { type OutboxStore } from '@musubi/delivery';
import { SystemClock } from '@musubi/messaging';
import { InProcessRemoteCalls, InProcessSignals } from '@musubi/network';
import { type Logger } from 'pino';
import { type DataSource } from 'typeorm';
import { type Config } from '../config/config.js';
import { type LabFaults } from '../lab/lab-faults.js';
import { makeOutbox } from './delivery.js';
import { nodeSecret } from './node-secret.js';

interface NodeParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly db: DataSource;
  /** The faults to suffer on request, if any. */
  readonly faults: LabFaults | null;
}

/** A node whose outbox can be drained. */
export interface ServiceNode extends NodeContext {
  readonly outbox: OutboxStore;
}

/** This process as a node: its keyring, its clock, and the network to its other agents. */
export async function makeNodeContext({ config, logger, db, faults }: NodeParts): Promise<ServiceNode> {
  const clock = new SystemClock(() => Date.now());
  const keyring = new Keyring({
    store: new KeyStore(db),
    nodeKey: await nodeSecret(config),
    cost: INTERACTIVE_COST,
    random: randomBytes,
  });
  const timeoutMs = config.remoteCallTimeoutMs;
  const calls = new InProcessRemoteCalls({ presence: keyring, clock, timeoutMs });
  return {
    db,
    keyring,
    calls: faults?.faultyCalls(calls, clock) ?? calls,
    signals: new InProcessSignals(),
    clock,
    random: randomBytes,
    log: {
      warn: (event, fields = {}) => {
        logger.warn(fields, event);
      },
    },
    chains: { ordering: 'relaxed' },
    commits: faults?.faultyCommits() ?? plainCommits,
    outbox: makeOutbox(db, { keyring, clock }, config),
  };
}
