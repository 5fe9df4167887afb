import { type ObserverReport, type PlacementReport, type Report } from '../report/report.js';
import { scrollBox, type Section, table } from './layout.js';
import { type Content, type Markup, markup } from './markup.js';
import { amount, byteSize } from './numbers.js';
import { defaultsFirst, notMeasured } from './placements.js';

/** Who holds what: observers × fields, and what each could make of the contents. */
export function fieldMatrix(report: Report): Section {
  const content = defaultsFirst(report, (placements) => markup`${contents(placements)}${matrix(placements)}`);
  return { id: 'fields', heading: 'Who holds what', content };
}

function contents(placements: readonly PlacementReport[]): Markup {
  return table({
    caption: `What each observer read. Canaries are texts that were planted in messages and looked for in all that it
holds; guesses are likely texts that it could confirm by a hash.`,
    columns: [
      'Observer',
      'Rows',
      'Ciphertext',
      'Canaries found',
      'Guesses confirmed',
      'What told it of pairs',
    ],
    groups: placements.map((placement) => ({ heading: placement.variant, rows: contentRows(placement) })),
  });
}

function contentRows(placement: PlacementReport): { head: Content; cells: readonly Content[] }[] {
  if (placement.observers === null) {
    return [{ head: 'all', cells: Array.from({ length: 5 }, () => notMeasured(placement)) }];
  }
  return placement.observers.map((observer) => ({
    head: observer.observer,
    cells: [
      amount(observer.rows),
      byteSize(observer.bodyBytes),
      `${amount(observer.canariesFound)} of ${amount(observer.canariesPlanted)}`,
      amount(observer.guessesConfirmed),
      tellings(observer),
    ],
  }));
}

function tellings({ witnesses }: ObserverReport): Content {
  if (witnesses.length === 0) return 'nothing';
  return witnesses.map(
    ({ kind, fields, times }) =>
      markup`<span class="telling">${kind}: ${fields} <small>${amount(times)} times</small></span>`,
  );
}

function matrix(placements: readonly PlacementReport[]): Markup {
  const measured = placements.flatMap(({ variant, observers }) =>
    observers === null ? [] : [{ variant, observers }],
  );
  const fields = [
    ...new Set(measured.flatMap(({ observers }) => observers.flatMap((each) => each.fields))),
  ].toSorted();
  const width = 1 + measured.reduce((sum, { observers }) => sum + observers.length, 0);
  return scrollBox(markup`<table class="matrix">
<caption>Fields of which an observer holds values: ● holds, · holds none.</caption>
<thead>
<tr><td></td>${measured.map(({ variant, observers }) => markup`<th scope="colgroup" colspan="${observers.length}">${variant}</th>`)}</tr>
<tr><th scope="col">Field</th>${measured.flatMap(({ observers }) =>
    observers.map(
      ({ observer }, index) => markup`<th scope="col" class="${edgeOf(index)}"><span>${observer}</span></th>`,
    ),
  )}</tr>
</thead>
${byTable(fields).map(
  ([
    name,
    columns,
  ]) => markup`<tbody><tr class="group"><th colspan="${width}" scope="rowgroup"><span>${name}</span></th></tr>
${columns.map(
  (column) =>
    markup`<tr><th scope="row">${column}</th>${measured.map(({ observers }) =>
      observers.map((each, index) => mark(each.fields.includes(`${name}.${column}`), edgeOf(index))),
    )}</tr>`,
)}</tbody>`,
)}
</table>`);
}

/** The first observer of a placement stands at the edge of its group. */
function edgeOf(index: number): string {
  return index === 0 ? 'edge' : 'inner';
}

function mark(isHeld: boolean, edge: string): Markup {
  return isHeld ? markup`<td class="${edge} holds">●</td>` : markup`<td class="${edge}">·</td>`;
}

function byTable(
  fields: readonly string[],
): readonly (readonly [table: string, columns: readonly string[]])[] {
  const tables = new Map<string, string[]>();
  for (const field of fields) {
    const at = field.indexOf('.');
    const name = field.slice(0, at);
    tables.set(name, [...(tables.get(name) ?? []), field.slice(at + 1)]);
  }
  return [...tables];
}
