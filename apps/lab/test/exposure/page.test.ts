import { readFile, readdir } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { type Run, type State, besides, stateSchema } from '../../src/exposure/figures.js';
import { exposurePage } from '../../src/exposure/page.js';

const DOCS = new URL('../../../../docs/', import.meta.url);

function runOf(seed: number, aucs: Readonly<Record<string, number>>): Run {
  const attacks = Object.entries(aucs).map(([attack, auc]) => ({ attack, auc }));
  const notAttempted = [{ attack: 'mailbox-sums', reason: 'too many mailboxes' }];
  const parties = [{ observer: 'operator', attacks, notAttempted }];
  return { variant: 'global-dht', days: 1, seed, volume: 0.6, parties };
}

function stateOf(state: string, runs: readonly Run[]): State {
  const stamp = { revision: 'abc', measuredAt: '2026-01-01T00:00Z', machine: 'a machine' };
  return { state, ...stamp, agents: 24, messages: 240, runs };
}

function lineOf(page: string, attack: string): readonly string[] {
  const line = page.split('\n').find((text) => text.includes(`| ${attack} `)) ?? '';
  return line.split('|').map((cell) => cell.trim());
}

describe('the page of exposure before and after', () => {
  const before = stateOf('before', [
    runOf(1, { volume: 0.7, 'mirrored-sizes': 0.9, 'mirrored-sizes, 3 snapshots': 1 }),
    runOf(2, { volume: 0.5, 'mirrored-sizes': 0.8 }),
  ]);
  const after = [
    runOf(1, { volume: 0.6, 'sampled-sums-by-day': 0.9 }),
    { ...runOf(1, { 'mirrored-sizes': 0.9 }), days: 10 },
  ];
  const page = exposurePage([before, stateOf('after', after)]);

  it('sets states side by side, each by the mean of its seeds and their range', () => {
    expect(lineOf(page, 'mirrored-sizes')).toEqual([
      '',
      'operator',
      'mirrored-sizes',
      '**0.85** (0.80–0.90)',
      'nothing',
      '',
    ]);
    expect(lineOf(page, 'the strongest of the attacks of before, one look')[3]).toBe('**0.60** (0.50–0.70)');
    expect(lineOf(page, 'the strongest of all, one look')[3]).toBe('**0.85** (0.80–0.90)');
    expect(lineOf(page, 'messages of each agent')[4]).toBe('**0.60** (0.60–0.60)');
  });

  it('counts a run in which an attack had nothing to go by as a guess, and says what was not tried', () => {
    expect(lineOf(page, 'mirrored-sizes, 3 snapshots')[3]).toBe('**0.75** (0.50–1.00)');
    expect(lineOf(page, 'mailbox-sums')[3]).toBe('not attempted: too many mailboxes');
  });

  it('does not take an attack that a state lacks for one that found nothing', () => {
    expect(lineOf(page, 'sampled-sums-by-day').slice(3, 5)).toEqual(['not measured', '**0.90** (0.90–0.90)']);
  });

  it('keeps runs that were not measured again, and says of which commit they are', () => {
    const again = besides({ ...before, revision: 'old' }, stateOf('before', [runOf(2, { volume: 0.9 })]));
    const both = exposurePage([again]);
    expect(again.runs.map(({ seed, revision }) => [seed, revision])).toEqual([
      [2, undefined],
      [1, 'old'],
    ]);
    expect(both).toContain('seeds 1, 2; of old: `global-dht` (1 d).');
    expect(lineOf(both, 'the strongest of the attacks of before, one look')[3]).toBe('**0.80** (0.70–0.90)');
  });

  it('is, in docs, that of the figures beside it', async () => {
    const files = await readdir(new URL('exposure/', DOCS));
    const states = await Promise.all(
      ['before', 'after']
        .filter((state) => files.includes(`${state}.json`))
        .map(async (state) => {
          const text = await readFile(new URL(`exposure/${state}.json`, DOCS), 'utf8');
          return stateSchema.parse(JSON.parse(text));
        }),
    );
    expect(states.map(({ state }) => state)).toContain('before');
    expect(await readFile(new URL('exposure.md', DOCS), 'utf8')).toBe(exposurePage(states));
  });
});
