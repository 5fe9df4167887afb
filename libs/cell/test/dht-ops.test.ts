import { describe, expect, it } from '@jest/globals';
import {
  type ActionContent,
  type DhtOp,
  type SignedAction,
  agentBasis,
  canonicalAction,
  entryHash,
  opsOf,
  signAction,
} from '@musubi/cell';
import { NOON, SPACE, bytesOf, keysOf } from './support/authors.js';

const alice = keysOf('alice');
const ENTRY = { hash: entryHash(bytesOf('entry')), type: 'note' };
const BASE = entryHash(bytesOf('base'));

function signed(content: ActionContent): SignedAction {
  const place = { space: SPACE, author: alice.agent, seq: 3, prev: ENTRY.hash, at: NOON };
  return signAction({ ...place, content }, (bytes) => alice.sign(bytes));
}

const typesOf = (ops: readonly DhtOp[]): string[] => ops.map(({ type }) => type);

describe('opsOf', () => {
  it.each([
    { type: 'dna', dna: ENTRY.hash },
    { type: 'agent-validation-pkg', membraneProof: null },
    { type: 'init-zomes-complete' },
  ] as const)('makes activity and record of the genesis action $type', (content) => {
    expect(typesOf(opsOf(signed(content)))).toEqual(['register-agent-activity', 'store-record']);
  });

  it('makes a store-entry of a public entry, held by the authorities of its hash', () => {
    const ops = opsOf(signed({ type: 'create', entry: { ...ENTRY, visibility: 'public' } }));
    expect(ops.find(({ type }) => type === 'store-entry')?.basis).toBe(ENTRY.hash);
  });

  it('makes no store-entry of a private entry', () => {
    const ops = opsOf(signed({ type: 'create', entry: { ...ENTRY, visibility: 'private' } }));
    expect(typesOf(ops)).toEqual(['register-agent-activity', 'store-record']);
  });

  it('publishes the hash of a private entry all the same, in its record', () => {
    const ops = opsOf(signed({ type: 'create', entry: { ...ENTRY, visibility: 'private' } }));
    const action = ops.find(({ type }) => type === 'store-record')?.action.action;
    expect(action?.content).toMatchObject({ entry: { hash: ENTRY.hash } });
  });

  it('puts the hash of a private entry into the bytes that strangers are given', () => {
    const { action } = signed({ type: 'create', entry: { ...ENTRY, visibility: 'private' } });
    expect(Buffer.from(canonicalAction(action)).includes(ENTRY.hash)).toBe(true);
  });

  it('makes a register-add-link of a link, held by the authorities of its base', () => {
    const link = { base: BASE, target: ENTRY.hash, tag: new Uint8Array() };
    const ops = opsOf(signed({ type: 'create-link', link }));
    expect(ops.find(({ type }) => type === 'register-add-link')?.basis).toBe(BASE);
  });

  it('gives the activity to the authorities of the author and the record to those of the action', () => {
    const action = signed({ type: 'init-zomes-complete' });
    expect(opsOf(action).map(({ basis }) => basis)).toEqual([agentBasis(alice.agent), action.hash]);
  });

  it('carries the signed action in every op', () => {
    const action = signed({ type: 'create', entry: { ...ENTRY, visibility: 'public' } });
    expect(opsOf(action).map((op) => op.action)).toEqual([action, action, action]);
  });
});
