import { createLogger, readConfig, serviceDatabase, startService } from '@musubi/api';
import { openTestDatabase } from '@musubi/database/testing';
import { STRATEGY_NAMES, type StrategyName } from '@musubi/messaging';
import { Client } from '../../apps/api/test/support/client.js';
import { filesEntered } from './entered-files.js';

/** The files of one happy act of sending, in the order in which it enters them first. */
export interface MessagePath {
  readonly placement: StrategyName;
  readonly files: readonly string[];
}

const NODE_SECRET = `${'a'.repeat(42)}A`;

/** Several, since a message may by chance meet what others do not: a token to renew, a write to wait for. */
const TRACES = 3;

/** What most of them enter, in the order of the first that does. */
function usual(traces: readonly (readonly string[])[]): readonly string[] {
  const all = new Set(traces.flat());
  return [...all].filter((file) => traces.filter((trace) => trace.includes(file)).length > TRACES / 2);
}

/** Sends a message on each placement, of two agents who have written to each other before. */
export async function messagePaths(): Promise<readonly MessagePath[]> {
  const database = await openTestDatabase(serviceDatabase);
  const config = readConfig({ PORT: '0', DATABASE_URL: database.url, NODE_SECRET, LOG_LEVEL: 'silent' });
  const service = await startService(config, createLogger(config));
  try {
    const client = new Client(service.url);
    const [alice, bob] = [await client.newAgent('alice'), await client.newAgent('bob')];
    const paths: MessagePath[] = [];
    for (const placement of STRATEGY_NAMES) {
      const send = async (): Promise<void> => {
        const { status } = await client.send(placement, alice, bob, { headers: { prefer: 'wait=60' } });
        if (status !== 'delivered') throw new Error(`a message on ${placement} is ${status}`);
      };
      // A first message opens clones and mailboxes: the path is that of the others.
      await send();
      const traces: (readonly string[])[] = [];
      for (let trace = 0; trace < TRACES; trace += 1) traces.push(await filesEntered(send));
      paths.push({ placement, files: usual(traces) });
    }
    return paths;
  } finally {
    await service.close();
    await database.close();
  }
}
