import { once } from 'node:events';
import { InvalidArgumentError } from 'commander';
import { script } from '../support/script.js';
import { LocalNetwork, NodeEndedError } from './local-network.js';

const MAX_NODES = 16;
const MAX_PORT = 65_535 - MAX_NODES;

function numberFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,5}$/.test(text) ? Number(text) : -1;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
  };
}

const { nodes, port } = script(
  'network',
  'Starts nodes on this machine, and prints a card of an agent on each.',
)
  .option('--nodes <count>', 'how many', numberFrom(1, MAX_NODES), 3)
  .option(
    '--port <port>',
    'of the first API, and the next ones for the others; 0 for free ones',
    numberFrom(0, MAX_PORT),
    4000,
  )
  .parse()
  .opts<{ readonly nodes: number; readonly port: number }>();
const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);

try {
  const network = await LocalNetwork.start(nodes, port);
  for (const [index, { agent, api, card, token }] of network.nodes.entries())
    console.log(`node ${index + 1}  ${api}\n  agent  ${agent}\n  token  ${token}\n  ${card}`);
  console.log('Ctrl-C ends all of them, and removes their data.');
  await stopped;
  process.exitCode = (await network.end()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof NodeEndedError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
