import { type Agent } from '../../../apps/api/test/support/client.js';
import { type LinkedNode } from './linked-node.js';

export const PASSPHRASE = 'correct horse battery staple';
const FILE_TYPE = 'application/vnd.musubi.agent';

/** Asks the old home for the agent's file. The fence is up before its rows come. */
export function exportOf(
  node: LinkedNode,
  { agent, token }: Agent,
  passphrase = PASSPHRASE,
): Promise<Response> {
  return node.client.request(`/v1/agents/${agent}/export`, { token, body: { passphrase } });
}

/** Hands the file over: whole, or as it comes. */
export function importTo(
  node: LinkedNode,
  { agent }: Pick<Agent, 'agent'>,
  file: Uint8Array | ReadableStream | null,
  { passphrase = PASSPHRASE, query = '' } = {},
): Promise<Response> {
  const credentials = Buffer.from(`${agent}:${passphrase}`).toString('base64');
  const headers = { 'content-type': FILE_TYPE, authorization: `Basic ${credentials}` };
  // Undici wants to be told that the body is not there yet.
  const options = { method: 'POST', headers, body: file, duplex: 'half' };
  return fetch(`${node.url}/v1/agents/import${query}`, options as RequestInit);
}

/** Begins to hand a file over, and sends no more of it. @returns what cuts it off */
export function beginImport(
  node: LinkedNode,
  { agent }: Pick<Agent, 'agent'>,
  beginning: Uint8Array,
): () => void {
  const cut = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    start: (stream) => {
      stream.enqueue(beginning);
    },
  });
  const credentials = Buffer.from(`${agent}:${PASSPHRASE}`).toString('base64');
  const headers = { 'content-type': FILE_TYPE, authorization: `Basic ${credentials}` };
  const options = { method: 'POST', headers, body, duplex: 'half', signal: cut.signal };
  // It ends by being cut.
  fetch(`${node.url}/v1/agents/import`, options as RequestInit).catch(() => undefined);
  return () => {
    cut.abort();
  };
}

export async function bytesOf(answer: Response): Promise<Uint8Array> {
  return new Uint8Array(await answer.arrayBuffer());
}

export async function problemIn(answer: Response): Promise<readonly [number, string]> {
  const { type = '' } = (await answer.json()) as { readonly type?: string };
  return [answer.status, type.replace('urn:musubi:problem:', '')];
}
