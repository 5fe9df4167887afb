import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { LocalNetwork, NodeEndedError } from './local-network.js';

/** Starts nodes on this machine, and prints where each is and a card of its agent. Ctrl-C ends them all. */
const USAGE =
  'npm run network -- [--nodes 3] [--port 4000]     1 to 16 nodes; the first port, 0 for free ones';
const MAX_NODES = 16;
const MAX_PORT = 65_535 - MAX_NODES;

function numberIn(text: string, least: number, most: number): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (number >= least && number <= most) return number;
  console.error(USAGE);
  process.exit(2);
}

function options(): { readonly nodes: string; readonly port: string } {
  try {
    const known = {
      nodes: { type: 'string', default: '3' },
      port: { type: 'string', default: '4000' },
    } as const;
    return parseArgs({ options: known }).values;
  } catch {
    console.error(USAGE);
    process.exit(2);
  }
}

const { nodes, port } = options();
const count = numberIn(nodes, 1, MAX_NODES);
const firstPort = numberIn(port, 0, MAX_PORT);
const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);

try {
  const starting = LocalNetwork.start(count, firstPort);
  const network = await starting;
  for (const [index, node] of network.nodes.entries()) {
    console.log(
      `node ${index + 1}  ${node.api}\n  agent  ${node.agent}\n  token  ${node.token}\n  ${node.card}`,
    );
  }
  console.log('Ctrl-C ends all of them, and removes their data.');
  await stopped;
  process.exitCode = (await network.end()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof NodeEndedError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
