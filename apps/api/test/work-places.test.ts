import { describe, expect, it } from '@jest/globals';
import { parseAgentPubKey } from '@musubi/messaging';
import { type Payer } from '../src/access/work-budget.js';
import { PLACE_WAIT_MS, UNDERWAY, WAITING, WorkPlaces } from '../src/access/work-places.js';
import { TryLaterError } from '../src/problem/api-error.js';

/** Agent `a` of network 1, and so on. */
const payer = (letter: string, network: number): Payer => ({
  agent: parseAgentPubKey(`${letter.repeat(42)}A`),
  network: `192.0.2.${network}`,
});

/** A clock on which no time passes but by hand. */
class HandClock {
  private readonly sleepers = new Set<() => void>();

  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.sleepers.add(resolve);
      signal?.addEventListener('abort', () => {
        resolve();
      });
    });
  }

  /** Ends every sleep. */
  pass(): void {
    for (const wake of this.sleepers) wake();
  }
}

/** Work of several that lasts until it is told to end. */
class Works {
  readonly clock = new HandClock();
  readonly places = new WorkPlaces({ clock: this.clock });
  /** Whose work began, in order. */
  readonly begun: string[] = [];
  readonly refused: TryLaterError[] = [];
  private readonly ends: (() => void)[] = [];
  private readonly all: Promise<void>[] = [];

  begin(name: string, by: Payer, times = 1): void {
    for (let time = 0; time < times; time += 1) {
      const work = this.places.inTurn(by, () => this.run(name));
      this.all.push(
        work.catch((error: unknown) => {
          if (!(error instanceof TryLaterError)) throw error;
          this.refused.push(error);
        }),
      );
    }
  }

  /** Ends the work that has been under way for longest. */
  async end(): Promise<void> {
    this.ends.shift()?.();
    await this.settled();
  }

  /** Ends everything that has begun, and what begins then. */
  async endAll(): Promise<void> {
    while (this.ends.length > 0) await this.end();
    await Promise.all(this.all);
  }

  async settled(): Promise<void> {
    await new Promise(setImmediate);
  }

  private run(name: string): Promise<void> {
    this.begun.push(name);
    return new Promise((resolve) => this.ends.push(resolve));
  }
}

describe('places for heavy work', () => {
  it('are few for one agent: the rest waits, and the others do not', async () => {
    const works = new Works();
    works.begin('a', payer('a', 1), 5);
    works.begin('b', payer('b', 2));
    await works.settled();

    expect(works.begun).toEqual([...Array<string>(UNDERWAY.agent).fill('a'), 'b']);
    await works.endAll();
    expect(works.begun).toHaveLength(6);
  });

  it('are few for one network, however many agents call from there', async () => {
    const works = new Works();
    for (const letter of ['a', 'b', 'c', 'd', 'e']) works.begin(letter, payer(letter, 1));
    works.begin('other', payer('f', 2));
    await works.settled();

    expect(works.begun).toEqual(['a', 'b', 'c', 'other']);
    await works.endAll();
  });

  it('are few in all', async () => {
    const works = new Works();
    for (const [index, letter] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) {
      works.begin(letter, payer(letter, index));
    }
    await works.settled();

    expect(works.begun).toHaveLength(UNDERWAY.all);
    await works.endAll();
    expect(works.begun).toHaveLength(6);
  });

  it('go to the network that was served longest ago, whatever the others have waiting', async () => {
    const works = new Works();
    for (const [index, letter] of ['a', 'b', 'c', 'd'].entries())
      works.begin(letter, payer(letter, index), 6);
    await works.settled();
    works.begin('new', payer('e', 9));

    for (let time = 0; time < 4; time += 1) await works.end();

    expect(works.begun).toEqual(['a', 'a', 'b', 'b', 'c', 'd', 'new', 'a']);
    await works.endAll();
    expect(works.begun).toHaveLength(25);
  });

  it('take turns by agent within a network', async () => {
    const works = new Works();
    works.begin('a', payer('a', 1), 6);
    works.begin('b', payer('b', 1), 2);
    await works.settled();

    await works.endAll();

    expect(works.begun.indexOf('b')).toBe(UNDERWAY.agent);
    expect(works.begun.slice(0, 5)).toEqual(['a', 'a', 'b', 'a', 'b']);
  });

  it('refuse at once what is too much to wait, and say when to try again', async () => {
    const works = new Works();
    works.begin('a', payer('a', 1), UNDERWAY.agent + WAITING.agent + 3);
    await works.settled();

    expect(works.refused).toHaveLength(3);
    expect(works.refused[0]).toMatchObject({ code: 'unavailable', retryAfter: PLACE_WAIT_MS / 1000 });
    await works.endAll();
    expect(works.begun).toHaveLength(UNDERWAY.agent + WAITING.agent);
  });

  it('refuse what has waited too long, and do not do it later', async () => {
    const works = new Works();
    works.begin('a', payer('a', 1), UNDERWAY.agent + 1);
    await works.settled();

    works.clock.pass();
    await works.settled();
    await works.endAll();

    expect(works.refused).toHaveLength(1);
    expect(works.begun).toHaveLength(UNDERWAY.agent);
  });

  it('are free again after work that fails', async () => {
    const { places } = new Works();
    const fail = (): Promise<never> => Promise.reject(new Error('broken'));
    for (let time = 0; time < UNDERWAY.all + 1; time += 1) {
      await expect(places.inTurn(payer('a', 1), fail)).rejects.toThrow('broken');
    }

    expect(await places.inTurn(payer('a', 1), () => Promise.resolve('done'))).toBe('done');
  });
});
