import {
  type FileFaultReport,
  type FileObserverReport,
  type FilePartyReport,
  type FilesReport,
  type FilesSent,
  type PlacementReport,
  type Report,
} from '../report/report.js';
import { type Row, type Section, noted, table } from './layout.js';
import { type Content, type Markup, NOTHING, markup } from './markup.js';
import { amount, aucOf, byteSize, counted } from './numbers.js';
import { defaultsFirst } from './placements.js';

interface Filed {
  readonly variant: string;
  readonly files: FilesReport;
}

/** What files cost, what parties learn of them, and whether they arrive whole. */
export function files(report: Report): Section {
  const [first] = filedOf(report.placements);
  const content =
    first === undefined
      ? markup`<p class="missing">This workload carries no files; the workload files does.</p>`
      : markup`<p>${sentence(first.files.sent)}</p>${defaultsFirst(report, (placements) => tables(filedOf(placements)))}`;
  return { id: 'files', heading: 'Files', content };
}

function filedOf(placements: readonly PlacementReport[]): readonly Filed[] {
  return placements.flatMap(({ variant, files: found }) =>
    found === undefined ? [] : [{ variant, files: found }],
  );
}

function sentence({ bytes, files: different, kinds, messages }: FilesSent): string {
  const each = kinds.map(
    ({ kind, medianBytes, messages: count }) =>
      `${counted(count, kind)} of ${byteSize(medianBytes)} in the median`,
  );
  return `${counted(messages, 'message')} with ${counted(different, 'file')}, ${byteSize(bytes)} together: ${each.join(', ')}.`;
}

function tables(filed: readonly Filed[]): readonly Content[] {
  return [costTable(filed), partyTable(filed), oneByOneTable(filed), faultTable(filed)];
}

function costTable(filed: readonly Filed[]): Markup {
  return table({
    caption:
      'What files cost beyond the same messages as texts alone: for each byte of a file, and for each message with one.',
    columns: ['Variant', 'Stored a byte', 'On calls a byte', 'Stored a message', 'On calls', 'Rows', 'Calls'],
    groups: [{ rows: filed.map(costRow) }],
  });
}

function costRow({ files: { cost }, variant }: Filed): Row {
  if (cost === null) return { head: variant, cells: Array.from({ length: 6 }, () => 'not measured') };
  const { callsPerMessage, rowsPerMessage, storedPerByte, storedPerMessage, wirePerByte, wirePerMessage } =
    cost;
  const cells = [
    amount(storedPerByte),
    amount(wirePerByte),
    byteSize(storedPerMessage),
    byteSize(wirePerMessage),
    amount(rowsPerMessage),
    amount(callsPerMessage),
  ];
  return { head: variant, cells };
}

function partyTable(filed: readonly Filed[]): Content {
  return grouped(filed, ({ parties }) => parties?.map(partyRow), {
    caption: `What each party sees of the workload's files. A part is a body, or a call, of 8 KiB or more. The last columns: AUC for who sent
whom a file, by one thing alone. The last row is a control: a placement that stores files as they are.`,
    columns: ['Observer', 'Bytes seen', 'Parts', 'Lengths', 'Content · name · type', 'Who sent whom a file'],
  });
}

function partyRow(party: FilePartyReport): Row {
  const { attacks, contents, lengths, names, observer, parts, seenPerByte, types } = party;
  const told = attacks.map(({ attack, ...area }) => noted(aucOf(area), attack));
  const cells = [
    amount(seenPerByte),
    amount(parts),
    amount(lengths),
    `${contents} · ${names} · ${types}`,
    told.length === 0 ? 'nothing to go by' : told.map((each) => markup`${each} `),
  ];
  return { head: observer, cells };
}

function oneByOneTable(filed: readonly Filed[]): Content {
  return grouped(filed, ({ oneByOne }) => oneByOne?.map(observerRow), {
    caption:
      'What each party tells of single files of sizes that were chosen, with a look after each. Two controls: the recipient, and a placement that stores files as they are.',
    columns: ['Observer', 'Bytes seen', 'Sizes told', 'A byte apart', 'Keys beside', 'Known again'],
  });
}

function observerRow(found: FileObserverReport): Row {
  const { bytePairs, bytesTold, files: all, knownWhenEqual, knownWhenPassedOn, named, observer } = found;
  const of = (count: number | null, whole: number): string =>
    count === null ? 'some parts only' : `${count} of ${whole}`;
  const cells = [
    amount(found.seenPerByte),
    of(found.sizesTold, all),
    of(bytesTold, bytePairs),
    amount(named),
    noted(knownWhenPassedOn, `${knownWhenEqual} when uploaded anew`),
  ];
  return { head: observer, cells };
}

function faultTable(filed: readonly Filed[]): Content {
  return grouped(filed, ({ faults }) => faults?.map(faultRow), {
    caption: markup`Files of three chunks under faults. After each message all are looked at: half there is a file of which some has come.
<span class="broken">✗ a message is shown as delivered without every byte at its recipient</span>, or lost in the end.`,
    columns: ['Fault', 'Struck', 'Half there', 'Falsely delivered', 'Arrived whole', 'Lost'],
  });
}

function faultRow(found: FileFaultReport): Row {
  const { arrived, falselyDelivered, fault, halfThere, lost, messages, struck } = found;
  const cells = [struck, halfThere, verdict(falselyDelivered), `${arrived} of ${messages}`, verdict(lost)];
  return { head: fault, cells };
}

function verdict(count: number): Markup {
  return count === 0 ? markup`<span class="held">✓ 0</span>` : markup`<span class="broken">✗ ${count}</span>`;
}

function grouped(
  filed: readonly Filed[],
  rowsOf: (found: FilesReport) => readonly Row[] | undefined,
  frame: { readonly caption: Content; readonly columns: readonly string[] },
): Content {
  const groups = filed.flatMap(({ files: found, variant }) => {
    const rows = rowsOf(found);
    return rows === undefined ? [] : [{ heading: variant, rows }];
  });
  return groups.length === 0 ? NOTHING : table({ ...frame, groups });
}
