import { type Content, Markup, NOTHING, markup } from './markup.js';

export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly content: Content;
}

export function section({ id, heading, content }: Section): Markup {
  return markup`
<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${heading}</h2>
${content}
</section>`;
}

export interface Row {
  readonly head: Content;
  readonly cells: readonly Content[];
}

export interface Table {
  readonly caption: Content;
  readonly columns: readonly Content[];
  readonly groups: readonly { readonly heading?: string; readonly rows: readonly Row[] }[];
}

/** What fits beside one another on a page at its widest. */
const MANY_COLUMNS = 8;

/** A table in a box of its own, that scrolls where the page is too narrow for it. */
export function table({ caption, columns, groups }: Table): Markup {
  const width = columns.length;
  return scrollBox(markup`<table${width > MANY_COLUMNS ? new Markup(' class="many"') : NOTHING}>
<caption>${caption}</caption>
<thead><tr>${columns.map((column) => markup`<th scope="col">${column}</th>`)}</tr></thead>
${groups.map(
  ({ heading, rows }) => markup`<tbody>
${heading === undefined ? NOTHING : markup`<tr class="group"><th colspan="${width}" scope="rowgroup"><span>${heading}</span></th></tr>`}
${rows.map(tableRow)}
</tbody>`,
)}
</table>`);
}

function tableRow({ head, cells }: Row): Markup {
  return markup`<tr><th scope="row">${head}</th>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`;
}

/** Can be reached and scrolled with the keyboard. */
export function scrollBox(content: Content): Markup {
  return markup`<div class="scroll" tabindex="0">${content}</div>`;
}

export interface Panel {
  readonly heading: Content;
  readonly drawing: Content;
  readonly note?: Content;
}

export interface Figure {
  readonly caption: Content;
  readonly legend?: Content;
  readonly size?: 'wide' | 'middling' | 'small';
  readonly panels: readonly Panel[];
}

/** Small multiples: as many beside one another as the page is wide enough for. */
export function figure({ caption, legend = NOTHING, size = 'middling', panels }: Figure): Markup {
  return markup`<figure>
<figcaption>${caption}</figcaption>
${legend}
<div class="panels ${size}">${panels.map(panelOf)}</div>
</figure>`;
}

function panelOf({ heading, drawing, note = NOTHING }: Panel): Markup {
  return markup`<div class="panel"><h3>${heading}</h3>
${drawing}
<div class="note">${note}</div></div>`;
}

/** A figure, and below it what it rests on. */
export function noted(figure: Content, note: Content): Markup {
  return markup`${figure} <small>${note}</small>`;
}

/** What most readers can do without; it is printed all the same. */
export function folded(summary: Content, content: Content): Markup {
  return markup`<details><summary>${summary}</summary>${content}</details>`;
}
