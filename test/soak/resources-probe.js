/**
 * Loaded before the service by the soak alone (`node --import`): on SIGUSR2 it prints what the process holds, after full
 * collections. The service itself knows nothing of it.
 */
import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('SIGUSR2', () => {
  collect();
  // Finalizers have run by then, and what they freed can be collected.
  setTimeout(() => {
    collect();
    const open = process.getActiveResourcesInfo();
    const count = (pattern) => open.filter((name) => pattern.test(name)).length;
    const held = {
      sockets: count(/Socket|Pipe|TLS/),
      timers: count(/^(Timeout|Immediate)$/),
      files: readdirSync('/proc/self/fd').length,
      heapBytes: process.memoryUsage().heapUsed,
    };
    console.log(`held ${JSON.stringify(held)}`);
  }, 100);
});
