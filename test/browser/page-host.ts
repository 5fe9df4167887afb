import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';

const PAGE = `<!doctype html><meta charset="utf-8"><title>client</title>
<script type="module" src="/page.js"></script>`;

/** Bundles a program for browsers, with the packages that a project has installed. */
export async function bundle(file: string, project: string): Promise<string> {
  const { outputFiles } = await build({
    // What it imports is the project's.
    stdin: { contents: await readFile(file, 'utf8'), loader: 'ts', resolveDir: project },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/** A web server as people put one before the service: it has the page, and everything below `/v1` is the service's. */
export class PageHost {
  /** What was asked of uploads, with the place of each piece, in turn. */
  readonly uploads: string[] = [];
  private hasLostAnswer = false;
  private readonly reports = new EventEmitter();
  private readonly server = createServer((asked, answer) => {
    this.serve(asked, answer);
  });

  private constructor(
    private readonly script: string,
    private readonly serviceUrl: string,
  ) {}

  static async open(script: string, serviceUrl: string): Promise<PageHost> {
    const host = new PageHost(script, serviceUrl);
    host.server.listen(0, '127.0.0.1');
    await once(host.server, 'listening');
    return host;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** What the page posts there next; it waits until `goOn` is called. */
  async report(name: string): Promise<{ readonly body: string; readonly goOn: () => void }> {
    const [asked, answer] = (await once(this.reports, name)) as [IncomingMessage, ServerResponse];
    const body = await text(asked);
    return { body, goOn: () => answer.writeHead(204).end() };
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private serve(asked: IncomingMessage, answer: ServerResponse): void {
    const { method, url = '/' } = asked;
    if (url.startsWith('/v1/')) this.pass(asked, answer);
    else if (method === 'POST' && this.reports.emit(url, asked, answer)) return;
    else if (url === '/page.js')
      answer.writeHead(200, { 'content-type': 'text/javascript' }).end(this.script);
    else if (url === '/') answer.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
    else answer.writeHead(404).end();
  }

  /** Of one piece in the middle of an upload: the service has it, and the page does not know. */
  private losesAnswer({ headers, method, url = '' }: IncomingMessage): boolean {
    if (!url.startsWith('/v1/uploads')) return false;
    const { 'upload-offset': offset } = headers;
    this.uploads.push(offset === undefined ? String(method) : `${method} ${String(offset)}`);
    if (this.hasLostAnswer || offset === undefined || offset === '0') return false;
    this.hasLostAnswer = true;
    return true;
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    const { headers, method, url = '' } = asked;
    const loses = this.losesAnswer(asked);
    const passed = request(new URL(url, this.serviceUrl), { method, headers }, (from) => {
      if (loses) {
        asked.socket.destroy();
        return;
      }
      answer.writeHead(from.statusCode ?? 502, from.headers);
      from.on('error', () => answer.destroy());
      from.pipe(answer);
    });
    passed.on('error', () => {
      if (answer.headersSent) answer.destroy();
      else answer.writeHead(502).end();
    });
    answer.on('close', () => passed.destroy());
    asked.pipe(passed);
  }
}
