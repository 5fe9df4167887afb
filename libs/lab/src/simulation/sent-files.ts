import { type MessageDraft, type MessageFile } from '@musubi/messaging';
import { type LabNode } from '../node/lab-node.js';
import { type Send } from '../workloads/workload.js';

/** What is planted in a file of that size, and can be looked for. */
export interface FileCanaries {
  readonly content: string;
  readonly name: string;
  readonly mediaType: string;
}

export function canariesOf(bytes: number): FileCanaries {
  return {
    content: `what a file of ${bytes} bytes says, `,
    name: `the name for ${bytes}.bin`,
    mediaType: `application/x-canary-${bytes}`,
  };
}

/** The files of one simulation. Those of one size have the same bytes, by any author. */
export class SentFiles {
  /** By agent and size. */
  private readonly held = new Map<string, MessageFile>();

  /** An agent that holds the file already passes that on; another one uploads it. */
  async attach(node: LabNode, { fileBytes, from, to }: Send, draft: MessageDraft): Promise<MessageDraft> {
    const { payload } = draft;
    if (fileBytes === undefined || payload.type !== 'text') return draft;
    const file = this.held.get(`${from} ${fileBytes}`) ?? (await uploadTo(node, from, fileBytes));
    for (const holder of [from, to]) this.held.set(`${holder} ${fileBytes}`, file);
    return { ...draft, payload: { type: 'file', text: payload.text, file } };
  }
}

function uploadTo(node: LabNode, from: number, bytes: number): Promise<MessageFile> {
  const { content, mediaType, name } = canariesOf(bytes);
  return node.upload(from, { name, mediaType, content: Buffer.alloc(bytes, content) });
}
