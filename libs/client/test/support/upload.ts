import { CONTENT } from './file.js';
import { type Reply, type ScriptedServer, json } from './scripted-server.js';

export const UPLOAD = 'U'.repeat(22);

/** The answer to the beginning of an upload. */
export const begun: Reply = json(201, { upload: UPLOAD, offset: 0, size: CONTENT.length });

/** The service has it up to that byte. */
export const upTo =
  (offset: number): Reply =>
  (response) =>
    response.writeHead(204, { 'upload-offset': offset }).end();

/** What was asked for: the methods, and what `PATCH` brought. */
export const callsOf = ({ received }: ScriptedServer): readonly string[] =>
  received.map(({ method, headers, body }) =>
    method === 'PATCH' ? `PATCH ${String(headers['upload-offset'])} ${body}` : method,
  );
