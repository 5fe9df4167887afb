import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { filesOf } from '../../src/figures/files.js';
import { type FileObserverReport, type FilesReport } from '../../src/report/files-report.js';
import { TestLabServer } from '../support/test-lab-server.js';
import { variantNamed } from '../support/variant-named.js';

const PLACEMENTS = ['source-chain', 'pairwise-dht', 'global-dht'] as const;
const SEED = 1;
const REDUNDANCY = 5;

const server = new TestLabServer();
const measured = new Map<string, FilesReport>();

beforeAll(async () => {
  for (const name of PLACEMENTS)
    measured.set(name, await filesOf({ server, variant: variantNamed(name) }, SEED, REDUNDANCY));
});
afterAll(() => server.close());

function reportNamed(name: string): FilesReport {
  const report = measured.get(name);
  if (report === undefined) throw new Error(`${name} was not measured`);
  return report;
}

function seenBy(observer: string, name: string): FileObserverReport {
  const report = reportNamed(name).observers.find((each) => each.observer === observer);
  if (report === undefined) throw new Error(`there is no ${observer}`);
  return report;
}

describe.each(PLACEMENTS)('files on %s', (name) => {
  it('show no third party what they say, their names or types', () => {
    const [recipient, ...others] = reportNamed(name).observers;
    const found = others.map(({ contents, names, types }) => contents + names + types);

    expect(found).toEqual([0, 0, 0, 0, 0, 0]);
    // The same search finds them where they can be read.
    expect(recipient).toMatchObject({ observer: 'recipient', names: 9, types: 9 });
  });

  it('show a size class to those who see them, and never a byte', () => {
    for (const { bytesTold, sizesTold } of reportNamed(name).observers) {
      expect([0, null]).toContain(bytesTold);
      expect([1, 6, null]).toContain(sizesTold);
    }
    expect(seenBy('operator', name).sizesTold).toBe(6);
  });

  it('name both holders to the operator, and are not known again', () => {
    expect(seenBy('operator', name).named).toBe(2);
    expect(seenBy('operator', name).knownWhenEqual).toBe(0);
  });

  it('are stored by both holders, padded by some hundredths', () => {
    const { storedPerByte } = reportNamed(name);
    const copies = name === 'global-dht' ? 3 : 2;
    expect(storedPerByte).toBeGreaterThan(copies);
    expect(storedPerByte).toBeLessThan(1.1 * copies);
  });
});

describe.each(['source-chain', 'pairwise-dht'])('a file on %s', (name) => {
  it('goes over the wire once, and shows to a wiretap but to no stranger', () => {
    const { wirePerByte } = reportNamed(name);

    expect(wirePerByte).toBeGreaterThan(1);
    expect(wirePerByte).toBeLessThan(1.1);
    expect(seenBy('wiretap', name)).toMatchObject({ named: 2, sizesTold: 6 });
    for (const stranger of ['crawler', 'stranger-with-share', 'conversant'])
      expect(seenBy(stranger, name)).toMatchObject({ seenPerByte: 0, named: 0, sizesTold: 1 });
  });
});

describe('a file on global-dht', () => {
  it('shows its size to strangers, and names nobody to them', () => {
    expect(seenBy('crawler', 'global-dht').seenPerByte).toBeGreaterThan(1);
    expect(seenBy('crawler', 'global-dht')).toMatchObject({ named: 0, sizesTold: 6, knownWhenEqual: 0 });
    expect(seenBy('stranger-with-share', 'global-dht')).toMatchObject({ named: 0, sizesTold: null });
    expect(reportNamed('global-dht')).toMatchObject({ wirePerByte: 0, callsPerFile: 0 });
    expect(seenBy('wiretap', 'global-dht').seenPerByte).toBe(0);
  });
});
