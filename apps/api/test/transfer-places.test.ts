import { describe, expect, it } from '@jest/globals';
import { parseAgentPubKey } from '@musubi/messaging';
import { type Payer } from '../src/access/work-budget.js';
import { TransferPlaces } from '../src/files/transfer-places.js';
import { TryLaterError } from '../src/problem/api-error.js';

const LETTERS = Array.from('abcdefghijklmnop');

const payer = (letter: string, network: number): Payer => ({
  agent: parseAgentPubKey(`${letter.repeat(42)}A`),
  network: `192.0.2.${network}`,
});

/** How many of these get a place. */
function taken(places: TransferPlaces, payers: readonly Payer[]): number {
  return payers.filter((one) => {
    try {
      places.take(one);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(TryLaterError);
      return false;
    }
  }).length;
}

describe('the places for files under way', () => {
  it('are four for an agent', () => {
    expect(taken(new TransferPlaces(), Array<Payer>(9).fill(payer('a', 1)))).toBe(4);
  });

  it('are sixteen for a network, whatever its agents, and leave room for others', () => {
    const places = new TransferPlaces();

    expect(
      taken(
        places,
        [...LETTERS, ...LETTERS].map((letter) => payer(letter, 1)),
      ),
    ).toBe(16);
    expect(taken(places, [payer('z', 2)])).toBe(1);
  });

  it('are 32 in all', () => {
    const everybody = LETTERS.flatMap((letter, at) => Array<Payer>(3).fill(payer(letter, at)));

    expect(taken(new TransferPlaces(), everybody)).toBe(32);
  });

  it('are given back once, however often that is said', () => {
    const places = new TransferPlaces();
    const giveBack = places.take(payer('a', 1));
    expect(taken(places, Array<Payer>(3).fill(payer('a', 1)))).toBe(3);
    giveBack();
    giveBack();

    expect(taken(places, Array<Payer>(3).fill(payer('a', 1)))).toBe(1);
  });
});
