/**
 * Loaded before the service by the benchmark alone (`node --import`): tells the parent process how this one is, and
 * takes CPU profiles of it. The service itself knows nothing of it.
 */
import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pg from 'pg';

const SAMPLE_EVERY_US = 500;
/** V8 unmaps pages on threads of its own. */
const SETTLING_MS = 1000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

let statements = 0;
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function counted(...words) {
  statements += 1;
  return query.apply(this, words);
};

/** Loaded only for a profile: the probe must not show in the memory that it reports. */
let session;

const answers = {
  usage: () => {
    const { user, system } = process.cpuUsage();
    return {
      cpuSeconds: (user + system) / 1e6,
      statements,
      busyMs: performance.eventLoopUtilization().active,
    };
  },
  /** After full collections, and when what they freed has gone back. */
  memory: async () => {
    collect();
    await sleep(SETTLING_MS);
    collect();
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heapUsed };
  },
  /** As it is, without a collection. */
  resident: () => ({ rss: process.memoryUsage.rss(), heapUsed: process.memoryUsage().heapUsed }),
  startProfile: async () => {
    const { Session } = await import('node:inspector/promises');
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
    await session.post('Profiler.start');
    return {};
  },
  stopProfile: async (path) => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    await writeFile(path, JSON.stringify(profile));
    return {};
  },
};

process.on('message', ({ id, ask, path }) => {
  void Promise.resolve(answers[ask](path)).then((answer) => process.send({ id, answer }));
});
// The channel must not keep a service alive that was told to stop.
process.channel?.unref();
