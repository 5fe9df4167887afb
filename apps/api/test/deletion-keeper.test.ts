import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { untilEqual } from '../../../test/support/until.js';
import { DeletionKeeper } from '../src/deletion/deletion-keeper.js';

type Parts = ConstructorParameters<typeof DeletionKeeper>[0];

/** No pause ends by itself here. */
async function untilAborted(_ms: number, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

describe('the keeper of deletions', () => {
  it('looks for deletions that it was not told of each time, also when that failed before', async () => {
    let looks = 0;
    let clears = 0;
    const parts = {
      config: {},
      node: {
        clock: { sleep: untilAborted },
        log: { warn: () => undefined },
        fences: {
          refreshDeleted: () => {
            looks += 1;
            return looks === 1 ? Promise.reject(new Error('no connection')) : Promise.resolve();
          },
        },
      },
      deletion: {
        unfinished: () => {
          clears += 1;
          return Promise.resolve([]);
        },
      },
      life: { onLeave: () => undefined },
      directory: {},
    };
    const keeper = new DeletionKeeper(parts as unknown as Parts);
    keeper.onApplicationBootstrap();
    await untilEqual(1, () => Promise.resolve(clears));

    keeper.poke();

    await untilEqual(2, () => Promise.resolve(clears));
    await keeper.onApplicationShutdown();
    expect(looks).toBe(2);
  });
});
