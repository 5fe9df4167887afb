import { PLANTED } from '../planted-defects.js';
import { type PlantedInNodes } from './linked-home.js';

type DefectInNodes = readonly [name: string, complaint: RegExp, planted: PlantedInNodes];

/** Those of one node that need no letters and no clock that somebody sets. */
const ALSO_BETWEEN_NODES = ['an outbox that a crash empties', 'a resend that is another message'];

export const PLANTED_IN_NODES: readonly DefectInNodes[] = PLANTED.filter(([name]) =>
  ALSO_BETWEEN_NODES.includes(name),
);
