import { describe, expect, it } from '@jest/globals';
import { NoReportError, capabilityCard, parseCardReport } from '../src/index.js';
import { type PlacementReport, type Report } from '../src/report/report.js';
import { sampleReport, withoutIntegrity } from './page/sample-report.js';

const report = sampleReport();

/** The report with its first placement changed. */
function withFirst(change: (placement: PlacementReport) => PlacementReport): Report {
  return { ...report, placements: report.placements.map((one, nth) => (nth === 0 ? change(one) : one)) };
}

function cardOf(given: Report): NonNullable<ReturnType<typeof capabilityCard>> {
  const card = capabilityCard(given, 'source-chain');
  if (card === null) throw new Error('no card');
  return card;
}

describe('a capability card', () => {
  it('names the run that it is of', () => {
    expect(cardOf(report)).toMatchObject({
      variant: 'source-chain',
      options: { ordering: 'relaxed' },
      run: {
        ...{ seed: 7, startedAt: '2026-01-02T03:04:05Z', isPartial: false, workload: 'small-world' },
        ...{ agents: 24, messages: 1200, faultRules: 1 },
        machine: { cores: 2, cpu: 'Sample CPU', node: '20.0.0', postgres: '17.0' },
      },
    });
  });

  it('has the figures of each trait with their sample sizes, and a sentence of the same figures', () => {
    const { traits } = cardOf(report);
    const [placement] = report.placements;

    expect(traits).toMatchObject({
      visibility: { figures: { textsRead: 0 }, samples: { texts: 40 } },
      exposure: { figures: { volume: { auc: 0.66 } }, samples: { pairs: 276, truePairs: 48 } },
      concurrency: {
        figures: { points: [{ senders: 1 }, {}, {}, { senders: 32 }] },
        samples: { messages: 200, backToBack: 100 },
      },
      durability: { figures: { lost: 0, underFaults: { kinds: 7 } }, samples: { messagesUnderFaults: 168 } },
      cost: { figures: { rowsPerMessage: placement?.cost?.rowsPerMessage }, samples: { messages: 1200 } },
    });
    expect(Object.values(traits ?? {}).map((trait) => trait?.sentence)).toEqual([
      'Of 40 texts, others than the two could read none; a crawler holds no bodies.',
      expect.stringMatching(/^Which 48 of 276 pairs talk, by AUC: crawler 0\.\d\d .* volume alone 0\.66/),
      expect.stringMatching(/^With 1, 2, 8, 32 senders at once, 40, /),
      'Of 1,200 acknowledged messages, 0 lost, 0 doubled, 0 phantom; under 7 kinds of faults, 0, 0 and 0 of 168.',
      expect.stringMatching(/^A message costs 5 rows, /),
    ]);
  });

  it('counts the conversant, who has keys, to no outsiders', () => {
    const { traits } = cardOf(report);
    const parties = [
      ...(traits?.visibility?.figures.parties ?? []),
      ...(traits?.exposure?.figures.parties ?? []),
    ];

    expect(parties.map(({ party }) => party)).not.toContain('conversant');
    expect(parties).toHaveLength(10);
  });

  it('has no figure where integrity failed, and says so', () => {
    const card = cardOf(withFirst(withoutIntegrity));

    expect(card).toMatchObject({ traits: null, declared: null, contradictions: [] });
    expect(card.integrity).toEqual({
      isHeld: false,
      sentence: expect.stringContaining('3 lost'),
      witnesses: ['lost: message abc of agent 1 to 2'],
    });
  });

  it('gates by integrity also a report that has figures nevertheless', () => {
    const card = cardOf(
      withFirst((placement) => ({ ...placement, integrity: { ...placement.integrity, phantom: 1 } })),
    );

    expect([card.traits, card.declared, card.integrity.isHeld]).toEqual([null, null, false]);
  });

  it('leaves out a trait that was not measured', () => {
    const card = cardOf(
      withFirst((placement) => ({ ...placement, observers: null, cost: null, load: null, declared: null })),
    );

    expect(card.traits).toMatchObject({ visibility: null, exposure: null, concurrency: null, cost: null });
    expect([card.traits?.durability.figures.lost, card.declared]).toEqual([0, null]);
  });

  it('has no load figure that does not count, and says why', () => {
    const card = cardOf(
      withFirst((placement) => ({
        ...placement,
        load: {
          scaling: null,
          points: (placement.load?.points ?? []).map((point) =>
            point.concurrency > 2 ? { ...point, notValid: 'others used 47 %' } : point,
          ),
        },
      })),
    );

    expect(card.traits?.concurrency?.figures.points[3]).toEqual({
      ...{ senders: 32, notValid: 'others used 47 %', timed: 99, messagesPerSecond: null },
      ...{ messagesPerSecondInterval: null, p95Ms: null, headMovedPerMessage: null, gaveUp: null },
    });
    expect(card.traits?.concurrency?.sentence).toMatch(
      /^With 1, 2 senders at once, 40, .* Not valid with 8 at once: others used 47 %\. Not valid with 32 at once/,
    );
  });

  it('says what is declared and not borne out', () => {
    const card = cardOf(
      withFirst((placement) => ({
        ...placement,
        declared:
          placement.declared?.map((field) =>
            field.guarantee === 'concurrentSave' ? { ...field, measured: 3, isBorneOut: false } : field,
          ) ?? null,
      })),
    );

    expect(card.contradictions).toEqual([
      'It declares concurrentSave: true, but 3 saves of one author at one moment that did not land (kept at 0 at most).',
    ]);
    expect(card.declared).toContainEqual({
      ...{ guarantee: 'concurrentSave', declared: true, measured: 3, isBorneOut: false },
    });
    expect(cardOf(report).contradictions).toEqual([]);
  });

  it('is none of a variant that the report does not have', () => {
    expect(capabilityCard(report, 'source-chain/other')).toBeNull();
  });
});

describe('a report that is read', () => {
  it('gives the same card as the one that was written', () => {
    const read = parseCardReport(JSON.stringify(report));

    expect(capabilityCard(read, 'global-dht')).toEqual(capabilityCard(report, 'global-dht'));
  });

  it.each([
    ['no JSON', 'report', 'not JSON'],
    ['something else', '{"name": "musubi"}', 'not a report (schema: '],
    ['another version', JSON.stringify({ ...report, schema: 'musubi/report/1' }), 'not a report (schema: '],
    ['a figure that is none', JSON.stringify({ ...report, seconds: 'long' }), 'not a report (seconds: '],
  ])('is refused where it is %s', (_, text, message) => {
    expect(() => parseCardReport(text)).toThrow(NoReportError);
    expect(() => parseCardReport(text)).toThrow(message);
  });
});
