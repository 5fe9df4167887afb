import { describe, expect, test } from '@jest/globals';
import { reportPage } from '../../src/page/report-page.js';
import { type PlacementReport, type Report } from '../../src/report/report.js';
import { type PageElement, readPage, rowOf, textOf } from './read-page.js';
import { sampleReport, withoutIntegrity } from './sample-report.js';

const full = sampleReport();
const HOSTILE = `<script>alert("1")</script>&'</style>`;

function withPlacements(change: (placement: PlacementReport, index: number) => PlacementReport): Report {
  return { ...full, isPartial: true, placements: full.placements.map(change) };
}

function withGivenUp(placement: PlacementReport, gaveUp: number): PlacementReport {
  const points = placement.load?.points.map((point) => ({ ...point, gaveUp })) ?? [];
  return { ...placement, load: { points, scaling: null } };
}

function blinded(placement: PlacementReport): PlacementReport {
  const blind = { auc: 0.5, aucInterval: [0.5, 0.5] } as const;
  const observers = placement.observers?.map((observer) => ({
    ...observer,
    graph: { ...observer.graph, ...blind },
  }));
  return { ...placement, observers: observers ?? null };
}

function pageOf(report: Report): PageElement {
  return readPage(reportPage(report));
}

describe('the page of a report with gaps', () => {
  test('says that it is partial', () => {
    const partial = pageOf({ ...full, isPartial: true, placements: [] });
    expect(textOf(partial, '.banner')).toContain('A partial report');
    expect([...partial.querySelectorAll('main > section')]).toHaveLength(16);
  });

  test('says that figures were not measured because integrity failed, and never 0', () => {
    const gaps = pageOf(withPlacements(withoutIntegrity));
    for (const head of ['Ciphertext held by strangers', 'Throughput', 'Rows per message']) {
      expect(rowOf(gaps, 'note-table', head)).toContain('not measured, because integrity failed');
      expect(rowOf(gaps, 'note-table', head)).not.toContain('0');
    }
    expect(textOf(gaps, '#variants')).toContain('lost: message abc of agent 1 to 2');
    for (const id of ['load', 'graphs', 'roc', 'pareto', 'fields']) {
      expect(textOf(gaps, `#${id}`)).toContain('not measured, because integrity failed');
    }
  });

  test('says that a clock could not be read, and why', () => {
    const row = rowOf(pageOf(full), 'clues', 'whole-disk, by commit times').replace(/\s+/g, ' ');
    expect(row).toContain('not readable not-permitted');
  });

  test('tells what was not reached from what failed', () => {
    const gaps = pageOf(
      withPlacements((placement, index) =>
        index === 0 ? withoutIntegrity(placement) : { ...placement, load: null },
      ),
    );
    expect(rowOf(gaps, 'note-table', 'Throughput').match(/not measured(, because)?/g)).toEqual([
      'not measured, because',
      'not measured',
      'not measured',
    ]);
    expect(rowOf(gaps, 'note-table', 'Rows per message')).toMatch(/8\.5\s+1,200 messages/);
  });

  test('draws hollow, and names, what was measured while messages were given up', () => {
    const hollow =
      /fill="var\(--paper\)" aria-label="dot"|<g[^>]*fill="var\(--paper\)"[^>]*stroke="var\(--source-chain\)"/;
    const throughput = (html: string): string =>
      html.slice(html.indexOf('id="load"'), html.indexOf('id="faults"'));
    const patient = reportPage(withPlacements((placement) => withGivenUp(placement, 11)));
    expect(throughput(patient)).toMatch(hollow);
    expect(throughput(reportPage(full))).not.toMatch(hollow);
    expect(rowOf(readPage(patient), 'note-table', 'Throughput')).toContain(
      '100 messages; 11 of 200 given up',
    );
  });

  test('shows no figure of a load that does not count, and says why', () => {
    const why = 'others used 47 % of the CPU time, more than 5 %';
    const busy = pageOf(
      withPlacements((placement) => ({
        ...placement,
        load: {
          points: (placement.load?.points ?? []).map((point) => ({ ...point, notValid: why })),
          scaling: null,
        },
      })),
    );
    for (const head of ['Throughput', 'Head moved'])
      expect(rowOf(busy, 'note-table', head).match(/not valid: others used 47 %/g)).toHaveLength(3);
    expect(rowOf(busy, 'note-table', 'Throughput')).not.toContain('messages/s');
    for (const id of ['load', 'pareto'])
      expect(textOf(busy, `#${id}`)).toContain(`source-chain with 32 senders: ${why}`);
    expect(textOf(busy, '#variants')).toContain(`not valid: ${why}`);
    expect([...busy.querySelectorAll('#pareto [aria-label="dot"] *')]).toEqual([]);
  });

  test('draws agents without peers too, and says when an observer has nothing to go by', () => {
    const truth = { agents: 30, edges: full.truth.edges };
    const lonely = pageOf({ ...withPlacements(blinded), truth });
    expect(textOf(lonely, '#graphs')).toContain('All 30 agents');
    expect(textOf(lonely, '#graphs')).toContain('all pairs look the same to it');
    expect(textOf(readPage(reportPage(full)), '#graphs')).not.toContain('all pairs look the same to it');
  });

  test('draws loads that delivered nothing, and lists why', () => {
    const failed = {
      gaveUp: 200,
      firstError: 'TimedOutError',
      actsPerSecond: 0,
      saved: null,
      delivered: null,
    };
    const gaps = reportPage(
      withPlacements((placement) => ({
        ...placement,
        load: {
          points: (placement.load?.points ?? []).map((point) => ({ ...point, ...failed })),
          scaling: null,
        },
      })),
    );
    expect(gaps).not.toMatch(/NaN|Infinity/);
    expect(textOf(readPage(gaps), '#load')).toContain('200: TimedOutError');
    expect(textOf(readPage(gaps), '#load')).toContain('no fit: fewer than three points that count');
  });
});

test('Whatever stands in a report is text on its page', () => {
  const hostile = reportPage({
    ...withPlacements((placement) => ({
      ...placement,
      variant: HOSTILE,
      options: { [HOSTILE]: HOSTILE },
      integrity: { ...placement.integrity, witnesses: [HOSTILE] },
      faults: placement.faults?.map((fault) => ({ ...fault, fault: HOSTILE })) ?? null,
      receipts: placement.receipts?.map((price) => ({ ...price, mode: HOSTILE, observer: HOSTILE })) ?? null,
      observers:
        placement.observers?.map((observer) => ({
          ...observer,
          observer: HOSTILE,
          fields: [`${HOSTILE}.${HOSTILE}`],
          witnesses: [{ kind: HOSTILE, fields: HOSTILE, times: 1 }],
        })) ?? null,
    })),
    startedAt: HOSTILE,
    parameters: { ...full.parameters, workload: HOSTILE },
    machine: { ...full.machine, cpu: HOSTILE, node: HOSTILE, postgres: HOSTILE, platform: HOSTILE },
  });
  expect(hostile).not.toMatch(/<script/i);
  expect(hostile.match(/<\/style>/g)).toHaveLength(1);
  expect(textOf(readPage(hostile), 'title')).toContain(HOSTILE);
});

describe('the page of a report with a guarantee that is a lie', () => {
  test('marks where what is declared and what was counted disagree, and nowhere else', () => {
    const { placements, ...report } = sampleReport();
    const lie = placements.map(({ declared, ...placement }, index) => ({
      ...placement,
      declared: declared?.map((field, nth) => ({ ...field, isBorneOut: index + nth > 0 })) ?? null,
    }));

    const section = reportPage({ ...report, placements: lie })
      .split('id="declared"')[1]
      ?.split('</section>')[0];

    expect(section?.match(/✗ (yes|no)/g)).toHaveLength(1);
  });
});
