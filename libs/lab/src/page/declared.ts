import { type DeclaredReport, type PlacementReport, type Report } from '../report/report.js';
import { type Section, table } from './layout.js';
import { type Content, markup } from './markup.js';
import { amount } from './numbers.js';
import { measured, nameOf } from './placements.js';

/** What each variant declares, and what was counted against it. */
export function declared({ placements }: Report): Section {
  const fields = placements.find((placement) => placement.declared !== null)?.declared ?? [];
  const rows = fields.map(({ guarantee, figure }) => ({
    head: markup`${guarantee} <small>${figure}</small>`,
    cells: placements.map((placement) => cellOf(placement, guarantee)),
  }));
  const content =
    fields.length === 0
      ? markup`<p class="missing">No guarantees were tested.</p>`
      : table({
          caption: markup`Each cell: whether the promise is made, and how much was counted against it. <span class="broken">✗ stands
where the two disagree</span>: a promise is kept where nothing was counted.`,
          columns: ['Guarantee', ...placements.map(nameOf)],
          groups: [{ rows }],
        });
  return { id: 'declared', heading: 'What is declared, and what was counted', content };
}

function cellOf(placement: PlacementReport, guarantee: DeclaredReport['guarantee']): Content {
  const field = placement.declared?.find((one) => one.guarantee === guarantee);
  return measured(placement, field, ({ declared: isPromised, measured: count, isBorneOut }) => {
    const said = markup`${isPromised ? 'yes' : 'no'} <small>${amount(count)} counted</small>`;
    return isBorneOut ? said : markup`<span class="broken">✗ ${said}</span>`;
  });
}
