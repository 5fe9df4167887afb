import { DOMParser, Document } from 'linkedom';

/** What is read of a page; the library's own types need a browser's. */
export interface PageElement {
  readonly id: string;
  readonly tagName: string;
  readonly textContent: string | null;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

export function readPage(html: string): PageElement {
  const parsed: unknown = new DOMParser().parseFromString(html, 'text/html');
  if (!isPage(parsed)) throw new TypeError('There is no document.');
  return parsed;
}

function isPage(parsed: unknown): parsed is PageElement {
  return parsed instanceof Document;
}

export function textOf(page: PageElement, selector: string): string {
  return page.querySelector(selector)?.textContent?.replace(/\s+/g, ' ') ?? '';
}

/** The row of a section's table that begins with these words. */
export function rowOf(page: PageElement, section: string, head: string): string {
  const rows = [...page.querySelectorAll(`#${section} tr`)];
  return rows.find((row) => row.querySelector('th')?.textContent?.trim() === head)?.textContent ?? '';
}
