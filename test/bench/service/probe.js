/**
 * Loaded before the service by the benchmark alone (`node --import`): tells the parent process how this one is, and
 * takes CPU profiles of it. The service itself knows nothing of it.
 */
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pg from 'pg';

const SAMPLE_EVERY_US = 500;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

let statements = 0;
const { query } = pg.Client.prototype;
pg.Client.prototype.query = function counted(...words) {
  statements += 1;
  return query.apply(this, words);
};

const session = new Session();

const answers = {
  usage: () => {
    const { user, system } = process.cpuUsage();
    return {
      cpuSeconds: (user + system) / 1e6,
      statements,
      busyMs: performance.eventLoopUtilization().active,
    };
  },
  /** After a full collection. */
  memory: () => {
    collect();
    collect();
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heapUsed };
  },
  /** As it is, without a collection. */
  resident: () => ({ rss: process.memoryUsage.rss(), heapUsed: process.memoryUsage().heapUsed }),
  startProfile: async () => {
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
