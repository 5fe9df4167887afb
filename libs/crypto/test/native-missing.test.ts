import { describe, expect, it, jest } from '@jest/globals';
import { hash, useFastestPrimitives, usePrimitives } from '../src/index.js';

// Stands for a platform on which the optional package was not installed: the one case no machine here has.
jest.unstable_mockModule('sodium-native', () => {
  throw new Error('Cannot find package');
});

describe('native primitives that are not installed', () => {
  it('are refused by name, and what was in use stays in use', async () => {
    const before = hash('d');

    await expect(usePrimitives('native')).rejects.toThrow('sodium-native is not installed for this platform');
    expect(hash('d')).toEqual(before);
  });

  it('leave WebAssembly as the fastest', async () => {
    expect(await useFastestPrimitives()).toBe('wasm');
  });
});
