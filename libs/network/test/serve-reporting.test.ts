import { describe, expect, it } from '@jest/globals';
import { HeadMovedError, InvalidReceiptError, parseAgentPubKey } from '@musubi/messaging';
import { type RemoteCall, type RemoteFunction, serveReporting } from '../src/index.js';

const agent = parseAgentPubKey('A'.repeat(43));
const call: RemoteCall = { from: agent, to: agent, fn: 'test/call', payload: Buffer.from('a secret') };

/** Answers one call. @returns how it ended, and what was logged */
async function report(
  answer: RemoteFunction,
): Promise<{ readonly outcome: unknown; readonly logged: readonly unknown[] }> {
  const logged: unknown[] = [];
  let served = answer;
  const calls = {
    serve: (_fn: string, given: RemoteFunction) => {
      served = given;
      return () => undefined;
    },
  };
  serveReporting({ calls, log: { warn: (...line) => logged.push(line) } }, call.fn, answer);
  const outcome: unknown = await served(call).catch((error: unknown) => error);
  return { outcome, logged };
}

describe('a function that is served with reports', () => {
  it('reports what is refused for good, by its code only', async () => {
    const error = new InvalidReceiptError('not signed by its maker');

    const { outcome, logged } = await report(() => Promise.reject(error));

    expect(outcome).toBe(error);
    expect(logged).toEqual([['call-refused', { fn: 'test/call', code: 'invalid-receipt' }]]);
  });

  it.each([
    ['a refusal that may pass', () => Promise.reject(new HeadMovedError('later'))],
    ['a failure that nobody designed', () => Promise.reject(new Error('no connection'))],
    ['an answer', () => Promise.resolve(new Uint8Array())],
  ])('does not report %s', async (_, answer: RemoteFunction) => {
    expect((await report(answer)).logged).toEqual([]);
  });
});
