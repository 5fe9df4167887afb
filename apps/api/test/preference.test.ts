import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { preferenceOf } from '../src/messages/preference.js';

describe('the preferences of a request', () => {
  it.each([
    ['wait=5', 5000, 'wait=5'],
    ['WAIT = 5', 5000, 'wait=5'],
    ['wait="5"', 5000, 'wait=5'],
    ['wait=0', 0, 'wait=0'],
    ['wait=30', 30_000, 'wait=30'],
    ['wait=31', 30_000, 'wait=30'],
    ['wait=999999999999999999999999', 30_000, 'wait=30'],
    ['wait=5; foo="a, b"; bar', 5000, 'wait=5'],
    ['handling=lenient, wait=5', 5000, 'wait=5'],
    ['foo="wait=9, \\"wait=8", wait=5', 5000, 'wait=5'],
    ['wait=5, wait=9', 5000, 'wait=5'],
    ['respond-async', 0, 'respond-async'],
    ['Respond-Async', 0, 'respond-async'],
    ['respond-async, wait=9', 9000, 'respond-async, wait=9'],
    ['wait=9;x, respond-async', 9000, 'respond-async, wait=9'],
    ['respond-async, wait=x', 0, 'respond-async'],
  ])('are followed: %s', (header, waitMs, applied) => {
    expect(preferenceOf(header)).toEqual({ waitMs, applied });
  });

  it.each([
    undefined,
    '',
    ',,',
    'wait',
    'wait=',
    'wait=""',
    'wait=-1',
    'wait=1.5',
    'wait=1e1',
    'wait=0x1',
    'wait=5 seconds',
    'wait=٥',
    'wait=x, wait=5',
    'wait 5',
    'foo="wait=5',
    'respond-async=no',
    'respond-asynchronously',
    'return=minimal',
  ])('are ignored where they are unknown or malformed: %s', (header) => {
    expect(preferenceOf(header)).toEqual({ waitMs: 1000, applied: null });
  });

  it('never let a request wait longer than 30 s, whatever the header', () => {
    const header = fc.stringMatching(/^[ -~]{0,200}$/);
    const parts = fc.array(fc.constantFrom('wait', '=', '9', '"', '\\', ',', ';', ' ', 'respond-async'));
    fc.assert(
      fc.property(
        fc.oneof(
          header,
          parts.map((some) => some.join('')),
        ),
        (text) => {
          const { waitMs, applied } = preferenceOf(text);
          expect(waitMs >= 0 && waitMs <= 30_000).toBe(true);
          expect(applied === null ? waitMs : 1000).toBe(1000);
        },
      ),
    );
  });

  it.each(['=', '="', '; ', ', ', '"', '\\', ' \t'])('cost no time by their length: many of %j', (piece) => {
    const headers = [`wait${piece.repeat(60_000)}@`, `wait=${' '.repeat(120_000)}${piece}@`];
    const begun = performance.now();

    for (const header of headers) preferenceOf(header);

    // Where each blank is tried with each other, it is a minute.
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});
