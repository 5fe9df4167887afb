import { expect, it } from '@jest/globals';
import { type CutCall, callWithCut, faultOf } from './support/cut-calls.js';

it('ends each call rightly that is cut at a random byte', async () => {
  const ended: CutCall[] = [];
  for (let seed = 1; seed <= 300; seed += 1) ended.push(await callWithCut(seed));

  expect(ended.map((call) => ({ fault: faultOf(call), call })).filter(({ fault }) => fault !== null)).toEqual(
    [],
  );
  expect(new Set(ended.map(({ outcome }) => outcome))).toEqual(new Set(['ok', 'not-sent', 'unknown']));
  expect(new Set(ended.filter(({ outcome }) => outcome === 'unknown').map(({ served }) => served))).toEqual(
    new Set([0, 1]),
  );
});
