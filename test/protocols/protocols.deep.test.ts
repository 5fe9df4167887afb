import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PROTOCOLS, type Protocol } from '@musubi/experiments';
import { Premises } from '../model/premises.js';
import { type ActReport, actUnder } from './act.js';
import { PROTOCOL_FAULTS } from './faults.js';
import { factsIn, factsOf, tableOf } from './table.js';

const DOCUMENT = join(import.meta.dirname, '..', '..', 'docs', 'post-commit.md');
const MARKS = {
  begin: '<!-- protocols: begin -->\n<!-- prettier-ignore-start -->\n',
  end: '\n<!-- prettier-ignore-end -->\n<!-- protocols: end -->',
};
const isUpdate = process.env['UPDATE_DOCS'] === '1';
const RUNS = isUpdate ? 9 : 1;

let premises: Premises;
let acts: readonly (readonly ActReport[])[];

beforeAll(async () => {
  premises = await Premises.open();
  acts = await runAll();
  if (isUpdate) await writeTable(tableOf(acts));
});

afterAll(() => premises.close());

/** Each protocol under each fault. */
async function runAll(): Promise<readonly (readonly ActReport[])[]> {
  const all: ActReport[][] = [];
  for (const protocol of PROTOCOLS) {
    for (const fault of PROTOCOL_FAULTS) {
      const runs: ActReport[] = [];
      for (let run = 0; run < RUNS; run += 1) runs.push(await actUnder(premises, protocol, fault));
      all.push(runs);
    }
  }
  return all;
}

async function writeTable(table: string): Promise<void> {
  const text = await readFile(DOCUMENT, 'utf8');
  const [before = '', rest = ''] = text.split(MARKS.begin);
  const [, after = ''] = rest.split(MARKS.end);
  await writeFile(DOCUMENT, [before, MARKS.begin, `\n${table}\n`, MARKS.end, after].join(''));
}

const reports = (): readonly ActReport[] => acts.flat();
const of = (protocol: Protocol): readonly ActReport[] =>
  reports().filter((report) => report.protocol === protocol);

describe('the protocols of source-chain', () => {
  it('do what the table in docs/post-commit.md says (`npm run protocols` writes it anew)', async () => {
    const [, rest = ''] = (await readFile(DOCUMENT, 'utf8')).split(MARKS.begin);
    const [table = ''] = rest.split(MARKS.end);

    expect(
      reports()
        .slice(0, acts.length * RUNS)
        .map(factsOf),
    ).toEqual(factsIn(table).flatMap((row) => Array.from({ length: RUNS }, () => row)));
  });

  it('never show the sender a delivery that the recipient does not have', () => {
    const states = reports().flatMap(({ after, later }) => [after, later]);
    const false_ = states.filter(
      ({ sender, recipient }) => sender === 'delivered' && recipient === 'nothing',
    );

    expect(states.length).toBeGreaterThan(0);
    expect(false_).toEqual([]);
  });

  it('granular: whatever was saved is delivered in the end', () => {
    for (const { after, later } of of('granular')) {
      const end = after.sender === 'nothing' ? 'nothing' : 'delivered';
      expect(later).toEqual({ sender: end, recipient: end });
    }
  });

  it('countersigned: both have it in the end, or neither', () => {
    for (const { later } of of('countersigned')) expect(later.sender).toBe(later.recipient);
  });

  it('post-commit: the caller is told the same, whatever happens after the save', () => {
    const told = of('post-commit').filter(({ fault }) => fault !== 'crash before the own commit');

    expect(new Set(told.map((report) => report.told))).toEqual(new Set(['saved']));
  });

  it('veto: an error means that the sender has nothing, and says nothing of the recipient', () => {
    const failed = of('veto').filter(({ told }) => told.startsWith('error'));

    expect(new Set(failed.map(({ after }) => after.sender))).toEqual(new Set(['nothing']));
    expect(new Set(failed.map(({ after }) => after.recipient))).toEqual(new Set(['nothing', 'delivered']));
  });
});
