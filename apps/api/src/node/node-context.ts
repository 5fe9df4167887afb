import { Keyring, KeyStore, type NodeContext, plainCommits } from '@musubi/cell';
import { INTERACTIVE_COST, randomBytes } from '@musubi/crypto';
import { type OutboxStore } from '@musubi/delivery';
import { type Log, SystemClock } from '@musubi/messaging';
import { type Logger } from 'pino';
import { type Config } from '../config/config.js';
import { type LabFaults } from '../lab/lab-faults.js';
import { type ServiceDatabase } from './database.js';
import { makeOutbox } from './delivery.js';
import { type ServiceNetwork, openNetwork } from './network.js';
import { nodeSecret } from './node-secret.js';

interface NodeParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly database: ServiceDatabase;
  /** The faults to suffer on request, if any. */
  readonly faults: LabFaults | null;
}

/** A node whose outbox can be drained, and whose network can be closed. */
export interface ServiceNode extends NodeContext {
  readonly outbox: OutboxStore;
  readonly network: ServiceNetwork;
  readonly listen: ServiceDatabase['listen'];
}

/** This process as a node: its keyring, its clock, and the network to its other agents. */
export async function makeNodeContext({ config, logger, database, faults }: NodeParts): Promise<ServiceNode> {
  const { dataSource: db, listen } = database;
  const clock = new SystemClock(() => Date.now());
  const secret = await nodeSecret(config);
  const keyring = new Keyring({
    store: new KeyStore(db),
    nodeKey: secret,
    cost: INTERACTIVE_COST,
    random: randomBytes,
  });
  const log = logTo(logger);
  const network = await openNetwork({ config, presence: keyring, clock, log, nodeSecret: secret });
  return {
    db,
    ownsDatabase: config.databaseUrl === undefined,
    listen,
    keyring,
    calls: faults?.faultyCalls(network.calls, clock) ?? network.calls,
    signals: network.signals,
    network,
    clock,
    random: randomBytes,
    log,
    chains: { ordering: 'relaxed' },
    commits: faults?.faultyCommits() ?? plainCommits,
    outbox: makeOutbox(db, { keyring, clock }, config),
  };
}

function logTo(logger: Logger): Log {
  return {
    warn: (event, fields = {}) => {
      logger.warn(fields, event);
    },
  };
}
