import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@musubi/observers';
import { truthOf } from '../../src/figures/exposure.js';
import { fileCostOf } from '../../src/figures/files/file-cost.js';
import { fileExposureOf } from '../../src/figures/files/file-exposure.js';
import { FileAudit, fileFaultsOf } from '../../src/figures/files/file-faults.js';
import { filesOneByOne } from '../../src/figures/files/one-by-one.js';
import { type FileObserverReport, type FilePartyReport } from '../../src/report/files-report.js';
import { type Simulation, simulate } from '../../src/simulation/simulation.js';
import { GENERATORS } from '../../src/workloads/generators.js';
import { fileSendsOf } from '../../src/workloads/workload.js';
import { TestLabServer } from '../support/test-lab-server.js';
import { variantNamed } from '../support/variant-named.js';

const PLACEMENTS = ['source-chain', 'pairwise-dht', 'global-dht'] as const;
const SHARING = { seed: 1, redundancy: 5 };
const WORKLOAD = GENERATORS.files({ agents: 8, messages: 30 }, new SeededRandom(4));
const FILES = new Set(fileSendsOf(WORKLOAD).map(({ file }) => file)).size;

const server = new TestLabServer();
afterAll(() => server.close());

function seenBy<Report extends { readonly observer: string }>(
  observer: string,
  reports: readonly Report[],
): Report {
  const report = reports.find((each) => each.observer === observer);
  if (report === undefined) throw new Error(`there is no ${observer}`);
  return report;
}

/** A simulation, whose node is closed when it has been looked at. */
async function afterFiles<Found>(
  name: string,
  look: (simulation: Simulation) => Promise<Found>,
): Promise<Found> {
  const simulation = await simulate(
    { server, variant: variantNamed(name), workload: WORKLOAD },
    { seed: SHARING.seed },
  );
  try {
    return await look(simulation);
  } finally {
    await simulation.node.close();
  }
}

describe.each(PLACEMENTS)('single files on %s', (name) => {
  let reports: readonly FileObserverReport[];
  beforeAll(async () => {
    reports = await filesOneByOne({ server, variant: variantNamed(name) }, SHARING);
  });
  const others = (): readonly FileObserverReport[] =>
    reports.filter(({ observer }) => !['recipient', 'unpadded'].includes(observer));

  it('show no third party what they say, their names or types', () => {
    const found = others().map(({ contents, names, types }) => contents + names + types);

    expect(found).toEqual([0, 0, 0, 0, 0, 0]);
    // The same search finds them where they can be read.
    expect(seenBy('recipient', reports)).toMatchObject({ names: 9, types: 9 });
    expect(seenBy('unpadded', reports)).toMatchObject({ contents: 9 });
  });

  it('show a size class to those who see them, and never a byte', () => {
    for (const { bytesTold, sizesTold } of others()) {
      expect([0, null]).toContain(bytesTold);
      expect([1, 6, null]).toContain(sizesTold);
    }
    expect(seenBy('operator', reports).sizesTold).toBe(6);
  });

  it('show every byte where a placement stores them as they are', () => {
    expect(seenBy('unpadded', reports)).toMatchObject({ sizesTold: 9, bytesTold: 3, knownWhenEqual: 2 });
  });

  it('name both holders to the operator, and are not known again', () => {
    expect(seenBy('operator', reports).named).toBe(2);
    expect(seenBy('operator', reports).knownWhenEqual).toBe(0);
  });
});

describe.each(PLACEMENTS)('the files of a workload on %s', (name) => {
  let parties: readonly FilePartyReport[];
  beforeAll(async () => {
    parties = await afterFiles(name, (simulation) =>
      fileExposureOf(simulation, WORKLOAD, { ...SHARING, truth: truthOf(WORKLOAD) }),
    );
  });

  it('are read by nobody but who converses, and by who reads a placement that leaks', () => {
    for (const { contents, names, observer, types } of parties) {
      if (observer === 'conversant') expect(names).toBeGreaterThan(0);
      else expect([contents, names, types]).toEqual([observer === 'unpadded' ? FILES : 0, 0, 0]);
    }
  });

  it('tell the operator by their sizes who sent whom one', () => {
    const { attacks, lengths } = seenBy('operator', parties);
    const bySize = attacks.find(({ attack }) => attack === 'file-rare-sizes');

    expect(bySize?.auc).toBeGreaterThan(0.8);
    expect(lengths).toBeGreaterThan(1);
    expect(seenBy('unpadded', parties).lengths).toBe(FILES);
  });

  it('tell the wiretap by calls who sent whom one, where there are calls', () => {
    const known = seenBy('wiretap', parties).attacks.map(({ attack, auc }) => [attack, auc]);

    expect(known).toEqual(name === 'global-dht' ? [] : [['file-parts-name-both', 1]]);
  });

  it('cost some copies of each byte, padded by some hundredths', async () => {
    const cost = await fileCostOf({ server, variant: variantNamed(name), workload: WORKLOAD }, SHARING.seed);
    const copies = name === 'global-dht' ? 3 : 2;

    if (cost === null) throw new Error('a file was not delivered');
    expect(cost.storedPerByte).toBeGreaterThan(0.8 * copies);
    expect(cost.storedPerByte).toBeLessThan(1.1 * copies);
    if (name === 'global-dht') expect([cost.wirePerByte, cost.callsPerMessage]).toEqual([0, 0]);
    else expect(cost.wirePerByte).toBeGreaterThan(0.8);
    expect(cost.wirePerByte).toBeLessThan(1.1);
  });

  it('repeat every figure of the same seed', async () => {
    const again = await afterFiles(name, (simulation) =>
      fileExposureOf(simulation, WORKLOAD, { ...SHARING, truth: truthOf(WORKLOAD) }),
    );

    expect(again).toEqual(parties);
  });

  it('are delivered under faults when every chunk is there, and not before', async () => {
    const faults = await fileFaultsOf({ server, variant: variantNamed(name) }, SHARING.seed);

    for (const { arrived, doubled, falselyDelivered, lost, messages, phantom } of faults)
      expect([arrived, falselyDelivered, lost, doubled, phantom]).toEqual([messages, 0, 0, 0, 0]);
    const struck = faults.filter((fault) => fault.struck > 0).map(({ fault }) => fault);
    // Where nobody is called no call can fail.
    expect(struck).toEqual(
      name === 'global-dht' ? ['third chunk not kept', 'accept fails'] : faults.map(({ fault }) => fault),
    );
    if (name !== 'global-dht') expect(faults.some(({ halfThere }) => halfThere > 0)).toBe(true);
  });
});

describe('a variant that carries no files', () => {
  it('has no costs of files, and lets none arrive', async () => {
    const parts = { server, variant: variantNamed('source-chain/veto') };
    const faults = await fileFaultsOf(parts, SHARING.seed);

    expect(await fileCostOf({ ...parts, workload: WORKLOAD }, SHARING.seed)).toBeNull();
    expect(faults.map(({ arrived, falselyDelivered }) => arrived + falselyDelivered)).toEqual(
      faults.map(() => 0),
    );
  });
});

describe('the audit of files', () => {
  it('counts a message whose recipient has lost a chunk as falsely delivered', async () => {
    await afterFiles('source-chain', async (simulation) => {
      const [before, after] = [new FileAudit(), new FileAudit()];
      const arrived = await before.look(simulation);
      await simulation.node.db.query('delete from file_chunk where place = 0');

      expect([arrived, before.falselyDelivered]).toEqual([fileSendsOf(WORKLOAD).length, 0]);
      expect([await after.look(simulation), after.falselyDelivered]).toEqual([0, arrived]);
    });
  });
});
