import { describe, expect, it } from '@jest/globals';
import { encodeCanonical, fromBase64Url, hash, toBase64Url } from '@musubi/crypto';
import fc from 'fast-check';
import decodeQR from 'qr/decode.js';
import {
  type CardRefusal,
  ContactCardError,
  MAX_CARD_LENGTH,
  agentRecords,
  cardMatrix,
  cardSvg,
  formatCard,
  nodeRecords,
  parseCard,
} from '@musubi/membership';
import { agentNumber, agentRecord, nodeNumber, nodeRecord } from './support/people.js';
import { vector } from './support/vectors.js';

const identity = nodeNumber(1);
const card = { agent: agentRecord(agentNumber(1), identity), node: nodeRecord(identity) };
const text = formatCard(card);

function refusalOf(of: string): CardRefusal | 'none' {
  try {
    parseCard(of);
  } catch (error) {
    if (error instanceof ContactCardError) return error.reason;
    throw error;
  }
  return 'none';
}

/** With a right checksum, as a forger makes it. */
function cardOf(...parts: Parameters<typeof encodeCanonical>[0][]): string {
  const body = encodeCanonical(parts);
  return `musubi:card/${toBase64Url(Buffer.concat([body, hash('musubi/card/checksum', body).subarray(0, 4)]))}`;
}

function flipped(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));
}

describe('a contact card', () => {
  it('is the frozen text of the frozen records', () => {
    const agent = agentRecords.open(vector.agentRecord);
    const node = nodeRecords.open(vector.nodeRecord);
    expect(formatCard({ agent, node })).toBe(vector.card);
  });

  it('is one line, and read back, with space around it and its scheme in any case', () => {
    expect(text).toMatch(/^musubi:card\/[A-Za-z0-9_-]+$/);
    for (const spelling of [text, `  ${text}\n`, text.replace('musubi', 'MUSUBI')])
      expect(parseCard(spelling)).toEqual(card);
  });

  it('is damaged when it is cut', () => {
    for (let length = 'musubi:card/'.length; length < text.length; length += 1)
      expect(refusalOf(text.slice(0, length))).toBe('damaged');
  });

  it('is damaged when one character is another', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: text.length - 1 }),
        fc.constantFrom('A', 'b', '7', '-'),
        (at, sign) => {
          fc.pre(text[at] !== sign);
          expect(refusalOf(text.slice(0, at) + sign + text.slice(at + 1))).toBe('damaged');
        },
      ),
    );
  });

  it('refuses what is no card', () => {
    expect([
      refusalOf(''),
      refusalOf('https://example.org'),
      refusalOf(`${text} and more`),
      refusalOf(`musubi:card/${'A'.repeat(MAX_CARD_LENGTH)}`),
      refusalOf('musubi:card/'),
    ]).toEqual(['not-a-card', 'not-a-card', 'not-a-card', 'oversized', 'damaged']);
  });

  it('refuses forged records by name, with a right checksum too', () => {
    const { agent, node } = card;
    expect(refusalOf(cardOf(1, flipped(agent.bytes), node.bytes))).toBe('forged-agent-record');
    expect(refusalOf(cardOf(1, agent.bytes, flipped(node.bytes)))).toBe('forged-node-record');
  });

  it('refuses genuine parts of two cards', () => {
    expect(refusalOf(cardOf(1, card.agent.bytes, nodeRecord(nodeNumber(2)).bytes))).toBe('parts-differ');
    expect(() => formatCard({ ...card, node: nodeRecord(nodeNumber(2)) })).toThrow(ContactCardError);
  });

  it('refuses parts in the other order, too many, too few, and later versions', () => {
    const { agent, node } = card;
    expect([
      refusalOf(cardOf(1, node.bytes, agent.bytes)),
      refusalOf(cardOf(1, agent.bytes, node.bytes, node.bytes)),
      refusalOf(cardOf(1, agent.bytes)),
      refusalOf(cardOf(2, agent.bytes)),
      refusalOf(cardOf(1, new Uint8Array(1025), node.bytes)),
    ]).toEqual(['malformed', 'malformed', 'malformed', 'unknown-version', 'oversized']);
  });

  it('refuses the card of an agent that has left', () => {
    const gone = agentRecord(agentNumber(1), identity, { tombstone: true });
    expect(refusalOf(cardOf(1, gone.bytes, card.node.bytes))).toBe('withdrawn');
  });

  it('shows nothing of itself in an error', () => {
    const damaged = text.slice(0, -1);
    expect(() => parseCard(damaged)).toThrow('the contact card was refused: damaged');
  });
});

describe('the QR code of a card', () => {
  /** Each module as 4 × 4 white or black pixels, as a camera may see it. */
  function imageOf(matrix: readonly (readonly boolean[])[]): {
    width: number;
    height: number;
    data: Uint8Array;
  } {
    const size = matrix.length * 4;
    const data = new Uint8Array(size * size * 4);
    for (let y = 0; y < size; y += 1)
      for (let x = 0; x < size; x += 1) {
        const isDark = matrix[y >> 2]?.[x >> 2] === true;
        data.set(isDark ? [0, 0, 0, 255] : [255, 255, 255, 255], (y * size + x) * 4);
      }
    return { width: size, height: size, data };
  }

  it('is read by a scanner as the text', () => {
    expect(decodeQR(imageOf(cardMatrix(card)))).toBe(text);
  });

  it('has room for the longest card', () => {
    const addresses = [1, 2, 3, 4, 5, 6].map((n) =>
      `tcp://192.0.2.${n}:4040/`.padEnd(n === 6 ? 126 : 128, 'a'),
    );
    const node = nodeRecord(identity, { addresses });
    expect(node.bytes.length).toBeGreaterThan(900);
    expect(cardMatrix({ ...card, node }).length).toBeLessThanOrEqual(177 + 2 * 4);
  });

  it('is an SVG without scripts or references', () => {
    const svg = cardSvg(card);
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).not.toMatch(/<script|href|url\(/);
  });

  it('needs no more than 81 modules for a usual card', () => {
    expect(fromBase64Url(text.slice('musubi:card/'.length)).length).toBeLessThan(400);
    expect(cardMatrix(card).length).toBeLessThanOrEqual(81 + 2 * 4);
  });
});
