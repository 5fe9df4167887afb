import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../../../../test/support/patience.js';
import { type Agent } from './client.js';

/** A subscription to an agent's Server-Sent Events. */
export interface SignalsReader {
  /** The data of the next event of that type; others are passed over. */
  next(type: string): Promise<unknown>;
  close(): Promise<void>;
}

export async function openSignals(url: string, { token }: Agent): Promise<SignalsReader> {
  const response = await fetch(`${url}/v1/signals`, { headers: { authorization: `Bearer ${token}` } });
  const reader = response.body?.getReader();
  if (reader === undefined || response.status !== 200) throw new Error(`no signals: ${response.status}`);
  let text = '';
  const events = function* (): Generator<readonly [string, unknown]> {
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string): string =>
        lines.find((line) => line.startsWith(name))?.slice(name.length) ?? '';
      if (field('data: ') !== '') yield [field('event: '), JSON.parse(field('data: '))];
    }
  };
  const next = async (type: string): Promise<unknown> => {
    for (;;) {
      for (const [name, data] of events()) if (name === type) return data;
      const read = await Promise.race([reader.read(), sleep(PATIENCE_MS, null, { ref: false })]);
      const bytes: unknown = read?.value;
      if (!(bytes instanceof Uint8Array)) throw new Error(`no ${type} came`);
      text += Buffer.from(bytes).toString();
    }
  };
  return { next, close: () => reader.cancel() };
}
