import { describe, expect, test } from '@jest/globals';
import { DOMParser } from '@xmldom/xmldom';
import { reportPage } from '../../src/page/report-page.js';
import { readPage, rowOf, textOf } from './read-page.js';
import { sampleReport } from './sample-report.js';

const full = sampleReport();
const page = reportPage(full);
const document = readPage(page);

const SECTIONS = [
  'note-table',
  'variants',
  'load',
  'paging',
  'faults',
  'declared',
  'fields',
  'graphs',
  'roc',
  'clues',
  'inferred',
  'pareto',
  'receipts',
  'cost',
  'files',
  'method',
];
describe('the page of a whole report', () => {
  test('has every section, each with something to read', () => {
    const sections = [...document.querySelectorAll('main > section')];
    expect(sections.map(({ id }) => id)).toEqual(SECTIONS);
    for (const section of sections) expect(section.querySelector('table, figure, dl')).not.toBeNull();
    const links = [...document.querySelectorAll('nav a')].map((link) => link.getAttribute('href'));
    expect(links).toEqual(SECTIONS.map((id) => `#${id}`));
  });

  test('says what was run, on what', () => {
    const facts = textOf(document, 'header');
    for (const fact of ['small-world', '1,200', 'Sample CPU', '8 GiB', 'Seed7', '2026-01-02T03:04:05Z']) {
      expect(facts).toContain(fact);
    }
    expect(document.querySelector('.banner')).toBeNull();
  });

  test('shows measured figures with their samples', () => {
    expect(rowOf(document, 'note-table', 'Texts read by strangers')).toContain('of 40 texts planted');
    expect(rowOf(document, 'note-table', 'To strangers (crawler)')).toMatch(
      /0\.66 \(0\.62–0\.70\)\s+276 pairs/,
    );
    expect(rowOf(document, 'note-table', 'To strangers, by what rows say')).toContain('nothing to go by');
    expect(rowOf(document, 'note-table', 'To strangers, by order and time alone')).toMatch(
      /0\.63.*soon-after/,
    );
    expect(rowOf(document, 'note-table', 'Rows per pair, once')).toMatch(/12\.5\s+48 pairs/);
    expect(rowOf(document, 'faults', 'reply lost')).toContain('✗ 4 lost');
    expect(rowOf(document, 'faults', 'accept fails')).toContain('△ 2 orphan');
    expect(rowOf(document, 'faults', 'duplicate')).toContain('✓ 0 broken');
  });

  test('shows how long pages take while a history grows', () => {
    expect(textOf(document, '#paging')).toContain('n = 120 reads a symbol');
    expect(rowOf(document, 'paging', '1,000')).toMatch(/120.*2 · 5 · 10.*nothing is older/);
    const unread = {
      ...full,
      placements: full.placements.map((placement) => ({ ...placement, paging: null })),
    };
    expect(textOf(readPage(reportPage(unread)), '#paging')).toContain('reads no pages');
  });

  test('shows what files cost and show, and whether they arrive whole', () => {
    expect(textOf(document, '#files')).toContain('10 messages with 9 files, 977 KiB together');
    expect(rowOf(document, 'files', 'source-chain')).toMatch(/2\.02.*1\.01.*200 KiB.*7\.33.*3\.67/);
    expect(rowOf(document, 'files', 'wiretap')).toMatch(/0 · 0 · 0.*0\.97.*file-parts-name-both/);
    expect(rowOf(document, 'files', 'operator')).toMatch(/6 of 9.*0 of 3/);
    expect(rowOf(document, 'files', 'third chunk not sent')).toMatch(/✗ 2.*3 of 4.*✓ 0/);
    const texts = full.placements.map(({ files: _, ...placement }) => placement);
    expect(textOf(readPage(reportPage({ ...full, placements: texts })), '#files')).toContain(
      'carries no files',
    );
  });

  test('says by which clue each observer knows the graph', () => {
    expect(rowOf(document, 'clues', 'crawler')).toMatch(/nothing.*0\.63.*400\s+within 1 s.*more/s);
    expect(rowOf(document, 'clues', 'stranger-with-share mean of 15')).toMatch(/0\.\d\d/);
  });

  test('says which attacks were not tried, and why', () => {
    expect(rowOf(document, 'inferred', 'crawler')).toMatch(
      /mailbox-sums.*not attempted\s+too many mailboxes/s,
    );
  });

  test('sets the price of receipts beside what is had for it', () => {
    const batched = rowOf(document, 'receipts', 'batched');
    for (const cell of ['98', '30', '60', '0.83', 'crawler, soon-after', '0.13', '0.92']) {
      expect(batched).toContain(cell);
    }
    expect(rowOf(document, 'receipts', 'off')).toContain('never');
  });

  test('counts in each inferred graph what is found, wrong and missed', () => {
    const notes = [...document.querySelectorAll('#graphs .note')].map((note) => note.textContent ?? '');
    const sums = notes.flatMap((note) => {
      const [found, wrong, missed] = ['found', 'wrong', 'missed'].map((kind) =>
        Number(new RegExp(`(\\d+) ${kind}`).exec(note)?.[1]),
      );
      return note.includes('found') ? [{ found, wrong, missed }] : [];
    });
    expect(sums).toHaveLength(full.placements.length * 6);
    expect(sums[1]).toEqual({ found: 9, wrong: 39, missed: 39 });
    for (const { found = 0, missed = 0 } of sums) expect(found + missed).toBe(full.truth.edges.length);
  });

  test('has headings in order, one title to the page, and headers in every table', () => {
    const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) => Number(tagName[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.reduce((last, level) => {
      expect(level).toBeLessThanOrEqual(last + 1);
      return level;
    }, 0);
    for (const table of document.querySelectorAll('table')) {
      expect(table.querySelector('caption')).not.toBeNull();
      expect(table.querySelector('th[scope]')).not.toBeNull();
    }
  });

  test('has drawings that are well-formed and named, in figures with captions', () => {
    const drawings = page.match(/<svg.*?<\/svg>/gs) ?? [];
    expect(drawings.length).toBeGreaterThan(80);
    const parser = new DOMParser({
      onError: (_, problem) => {
        throw new Error(problem);
      },
    });
    for (const drawing of drawings)
      expect(() => parser.parseFromString(drawing, 'image/svg+xml')).not.toThrow();
    for (const drawing of document.querySelectorAll('.panel > svg')) {
      expect(drawing.getAttribute('role')).toBe('img');
      expect(drawing.querySelector('title')?.textContent).not.toBe('');
    }
    for (const ornament of document.querySelectorAll('.legend svg')) {
      expect(ornament.getAttribute('aria-hidden')).toBe('true');
    }
    for (const figure of document.querySelectorAll('figure')) {
      expect(figure.querySelector('figcaption')?.textContent).not.toBe('');
    }
  });

  test('draws no number that is none', () => {
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object|>null</);
  });

  test('needs nothing but itself', () => {
    expect(page).not.toMatch(/https?:|<script|<link|<img|<iframe|@import|url\(/i);
  });

  test('is the same for the same report', () => {
    expect(reportPage(sampleReport())).toBe(page);
  });
});
