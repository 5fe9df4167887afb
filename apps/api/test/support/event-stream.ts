/** An event as it came: empty data is `null`. */
export interface StreamedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

/** Opens a stream, after that event or from now on, and tells of each event until it is closed. */
export async function openEventStream(
  url: string,
  options: {
    readonly token: string;
    readonly lastEventId?: string;
    readonly since?: string;
    readonly onEvent: (event: StreamedEvent) => void;
  },
): Promise<{ close(): Promise<void> }> {
  const ending = new AbortController();
  const query = options.since === undefined ? '' : `?since=${options.since}`;
  const response = await fetch(`${url}/v1/signals${query}`, {
    signal: ending.signal,
    headers: {
      authorization: `Bearer ${options.token}`,
      ...(options.lastEventId === undefined ? {} : { 'last-event-id': options.lastEventId }),
    },
  });
  if (response.status !== 200 || response.body === null) {
    throw new Error(`no stream: ${response.status} ${await response.text()}`);
  }
  const reading = readEvents(response.body, options.onEvent).catch(() => undefined);
  return {
    close: async () => {
      ending.abort();
      await reading;
    },
  };
}

async function readEvents(
  body: ReadableStream<Uint8Array>,
  onEvent: (event: StreamedEvent) => void,
): Promise<void> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let text = '';
  for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(bytes, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string): string =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
      const data = field('data');
      if (field('event') !== '')
        onEvent({ id: field('id'), type: field('event'), data: data === '' ? null : JSON.parse(data) });
    }
  }
}
