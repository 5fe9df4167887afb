import { INTERACTIVE_COST, keyedHash, randomBytes } from '@musubi/crypto';
import { type Clock, type Log, SystemClock } from '@musubi/messaging';
import { type MessagingNode, type NodeStrategies, createNode, makeStrategies } from '@musubi/node';
import { type LinkedNetwork } from '@musubi/node/links';
import { type Logger } from 'pino';
import { type Config } from '../config/config.js';
import { hasConversation } from './conversations.js';
import { type LabFaults } from './lab-faults.js';
import { type ServiceDatabase } from './database.js';
import { type ServiceNetwork, openNetwork } from './network.js';
import { nodeSecret } from './node-secret.js';
import { WriteMarks } from './write-marks.js';

interface NodeParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly database: ServiceDatabase;
  /** The faults to suffer on request, if any. */
  readonly faults: LabFaults | null;
}

/** The node of this process, with what the service knows of it besides. */
export interface ServiceNode extends MessagingNode<NodeStrategies, ServiceNetwork> {
  readonly listen: ServiceDatabase['listen'];
  /** False while the disk of the embedded database is full. */
  readonly hasRoom: ServiceDatabase['hasRoom'];
  /** Of a node with links. */
  readonly marks: WriteMarks | null;
  /** 32 bytes from the node's secret, for one purpose: every process on one database has the same. */
  secretFor(purpose: string): Uint8Array;
}

/** This process as a node. @throws ConfigError when the database of a node with links was restored from a backup */
export async function openNode({ config, logger, database, faults }: NodeParts): Promise<ServiceNode> {
  const { dataSource, listen, hasRoom } = database;
  const secret = await nodeSecret(config);
  const log = logTo(logger);
  let hastenAll = (): void => undefined;
  const clock = systemClock(log, () => {
    hastenAll();
  });
  const marks =
    config.links === null ? null : await WriteMarks.open({ ...config, database: dataSource, clock, log });
  const node = await createNode({
    database: dataSource,
    ownsDatabase: config.databaseUrl === undefined,
    keys: { nodeKey: secret, cost: INTERACTIVE_COST },
    clock,
    random: randomBytes,
    log,
    network: (keyring, fences) =>
      openNetwork({ config, database: dataSource, keyring, fences, clock, log, nodeSecret: secret }),
    fileQuotaBytes: config.fileQuotaBytes,
    strategies: (context) => makeStrategies(context, config),
    delivery: {
      listen,
      // A probe and a send.
      leaseUs: 2 * config.remoteCallTimeoutMs * 1000,
      patience: config.deliveryPatience,
      // It only has to differ from process to process.
      jitter: () => Math.random(),
    },
    faults: faults ?? undefined,
    wrap: { commits: marks?.around },
  });
  // Due times of a clock that was wrong, and the sleep of a machine, are no reason to wait.
  hastenAll = () => void node.delivery.hastenAll();
  node.network.whenBack(hastenAll);
  const { links } = node.network;
  if (links !== null) await boundForeignContacts(links, config, { clock, strategies: node.strategies });
  return { ...node, listen, hasRoom, marks, secretFor: (purpose) => keyedHash(secret, purpose) };
}

/** A node counts as an address does, and less with a single agent. */
async function boundForeignContacts(
  links: LinkedNetwork,
  config: Config,
  { clock, strategies }: { readonly clock: Clock; readonly strategies: NodeStrategies },
): Promise<void> {
  // Loaded only where there are links, as the rest of them.
  const { ForeignContacts } = await import('@musubi/node/links');
  const limits = { perAgent: config.foreignContactsPerDay, perNode: config.firstContactsPerDay };
  const contacts = new ForeignContacts({
    clock,
    limits,
    hasConversation: (strategy, { holder, peer }) =>
      hasConversation(strategies[strategy], { author: holder, recipient: peer }),
  });
  links.boundBy(contacts);
}

/** The machine's clock, which says so when it was set, or stood still while the machine slept. */
function systemClock(log: Log, onJump: () => void): SystemClock {
  return new SystemClock(() => Date.now(), {
    steadyMs: () => performance.now(),
    onJump: (seconds) => {
      log.warn('clock-stepped', { seconds: Math.round(seconds) });
      onJump();
    },
  });
}

function logTo(logger: Logger): Log {
  return {
    warn: (event, fields = {}) => {
      logger.warn(fields, event);
    },
  };
}
