import { encodeQR } from 'qr';
import { type ContactCard, formatCard } from './contact-card.js';

/** Level M of ISO/IEC 18004 restores 15 % of a code. The longest card has room in it. */
const OPTIONS = { ecc: 'medium' } as const;

/** The card as a QR code: rows of modules, true for a dark one, with a border of light ones. */
export function cardMatrix(card: ContactCard): readonly (readonly boolean[])[] {
  return encodeQR(formatCard(card), 'raw', OPTIONS);
}

/** The card as a QR code in SVG. */
export function cardSvg(card: ContactCard): string {
  return encodeQR(formatCard(card), 'svg', OPTIONS);
}
