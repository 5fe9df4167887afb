import { type Agent, type Client } from '../../apps/api/test/support/client.js';

/** An agent's Server-Sent Events, as they come. */
export interface SignalStream {
  /** All that came so far. */
  text(): string;
  close(): Promise<void>;
}

export async function openSignalStream({ url }: Client, { token }: Agent): Promise<SignalStream> {
  const closing = new AbortController();
  const headers = { authorization: `Bearer ${token}` };
  const { body } = await fetch(`${url}/v1/signals`, { headers, signal: closing.signal });
  if (body === null) throw new Error('no stream');
  const chunks: string[] = [];
  const sink = new WritableStream<string>({ write: (chunk) => void chunks.push(chunk) });
  const reading = body.pipeThrough(new TextDecoderStream()).pipeTo(sink);
  const close = async (): Promise<void> => {
    closing.abort();
    await reading.catch(() => undefined);
  };
  return { text: () => chunks.join(''), close };
}
