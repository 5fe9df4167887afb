import { afterEach, describe, expect, it } from '@jest/globals';
import {
  INTERACTIVE_COST,
  MINIMAL_COST,
  type PrimitivesName,
  endStretching,
  openWithPassphrase,
  randomBytes,
  sealWithPassphrase,
  usePrimitives,
} from '../src/index.js';
import { stretch } from '../src/stretching.js';
import argon2id from '../worker/argon2id.js';

const secret = randomBytes(32);
const passphrase = 'correct horse battery staple';

function guess(): { passphrase: Uint8Array; salt: Uint8Array; operations: number; memory: number } {
  return { passphrase: new TextEncoder().encode(passphrase), salt: new Uint8Array(16), ...MINIMAL_COST };
}

afterEach(async () => {
  await usePrimitives('wasm');
  await endStretching();
});

describe('stretching a passphrase', () => {
  it('leaves the thread that asks for it free', async () => {
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 1);

    await Promise.all(
      [1, 2, 3].map(() => sealWithPassphrase({ secret, passphrase, cost: INTERACTIVE_COST })),
    );
    clearInterval(counting);

    // On its own thread this would be one turn for each.
    expect(turns).toBeGreaterThan(9);
  });

  it.each<[PrimitivesName, PrimitivesName]>([
    ['native', 'wasm'],
    ['wasm', 'native'],
  ])('by %s gives what %s opens', async (one, other) => {
    await usePrimitives(one);
    const sealed = await sealWithPassphrase({ secret, passphrase, cost: MINIMAL_COST });
    await usePrimitives(other);

    expect(await openWithPassphrase({ sealed, passphrase })).toEqual(secret);
  });

  it.each<PrimitivesName>(['native', 'wasm'])('wipes the passphrase where it is used (%s)', async (name) => {
    const input = { ...guess(), primitives: name };

    await argon2id(input);

    expect(input.passphrase).toEqual(new Uint8Array(passphrase.length));
  });

  it('keeps no copy of the passphrase that went to the thread', async () => {
    const input = guess();

    await stretch(input);

    expect(input.passphrase).toHaveLength(0);
  });

  it('that is ended half-way fails, and works again when it is asked for anew', async () => {
    const seal = (): Promise<Uint8Array> =>
      sealWithPassphrase({ secret, passphrase, cost: INTERACTIVE_COST });
    const abandoned = [seal(), seal(), seal()].map((sealing) =>
      sealing.then(
        () => 'sealed',
        () => 'ended',
      ),
    );

    await endStretching();

    expect(await Promise.all(abandoned)).toContain('ended');
    expect(await openWithPassphrase({ sealed: await seal(), passphrase })).toEqual(secret);
  });
});
