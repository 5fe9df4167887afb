import { type DeliveryNode } from '@musubi/testing';
import { until } from '../support/until.js';

/** Waits until a node has logged that. @returns all that it has logged */
export function untilLogged({ log }: DeliveryNode, words: string): Promise<string> {
  return until(() => {
    const lines = log.lines.join('\n');
    if (!lines.includes(words)) throw new Error(`${words} is not logged: ${lines}`);
    return Promise.resolve(lines);
  });
}
