import * as Plot from '@observablehq/plot';
import { DOMParser, Element } from 'linkedom';
import { Markup } from './markup.js';

const SVG = 'http://www.w3.org/2000/svg';

interface Drawing extends Plot.PlotOptions {
  /** What a reader who does not see the picture is told; nothing of an ornament. */
  readonly title: string;
}

/** The part of an SVG element that is needed here; the library's own types leave it out. */
interface SvgElement {
  querySelector(selector: string): { remove(): void } | null;
  setAttribute(name: string, value: string): void;
  prepend(child: unknown): void;
  toString(): string;
}

/**
 * Draws into an XML document, so that what comes out is well-formed and escaped. Marks with markers or clips are not
 * for here: the library numbers their ids on from one drawing to the next.
 */
export function plot({ title, ...options }: Drawing): Markup {
  const document = new DOMParser().parseFromString(`<svg xmlns="${SVG}"/>`, 'image/svg+xml');
  const drawn: unknown = Plot.plot({ className: 'plot', width: 340, height: 250, ...options, document });
  if (!isSvgElement(drawn)) throw new TypeError('A drawing with a legend or a caption is no SVG element.');
  // The page's own style sheet says the same for all drawings.
  drawn.querySelector('style')?.remove();
  if (title === '') {
    drawn.setAttribute('aria-hidden', 'true');
  } else {
    const name = document.createElementNS(SVG, 'title', {});
    name.textContent = title;
    drawn.setAttribute('role', 'img');
    drawn.prepend(name);
  }
  return new Markup(drawn.toString());
}

function isSvgElement(drawn: unknown): drawn is SvgElement {
  return drawn instanceof Element;
}
