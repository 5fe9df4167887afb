/**
 * A node in a process of its own, which echoes calls, and tells its CPU time. Its number is the argument.
 * It prints its address as one line of JSON, and ends when its input does.
 */
import { FN } from './sim-nodes.js';
import { openTlsNode } from './tls-nodes.js';

const node = await openTlsNode({ number: Number(process.argv[2]), book: new Map() });
node.calls.serve(FN, ({ payload }) => Promise.resolve(payload));
node.calls.serve('test/silent', () => new Promise(() => undefined));
node.calls.serve('test/cpu', () => {
  const { system, user } = process.cpuUsage();
  return Promise.resolve(Buffer.from(String(system + user)));
});
console.log(JSON.stringify(node.place));
process.stdin.resume();
process.stdin.once('end', () => {
  process.exit(0);
});
