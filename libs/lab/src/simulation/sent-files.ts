import { type MessageDraft, type MessageFile } from '@musubi/messaging';
import { type LabNode } from '../node/lab-node.js';
import { type FileKind, type PlannedFile, type Send } from '../workloads/workload.js';

/** What is planted in a file, and can be looked for. */
export interface FileCanaries {
  readonly content: string;
  readonly name: string;
  readonly mediaType: string;
}

const MEDIA: Readonly<Record<FileKind, readonly [type: string, ending: string]>> = {
  photo: ['image', 'jpg'],
  'voice-note': ['audio', 'ogg'],
  document: ['application', 'pdf'],
};

export function canariesOf({ bytes, kind }: PlannedFile): FileCanaries {
  const [type, ending] = MEDIA[kind];
  return {
    content: `what a ${kind} of ${bytes} bytes says, `,
    name: `the name for ${kind} ${bytes}.${ending}`,
    mediaType: `${type}/x-canary-${bytes}-bytes`,
  };
}

/** All its bytes: what is planted, again and again. */
export function contentOf(file: PlannedFile): Buffer {
  return Buffer.alloc(file.bytes, canariesOf(file).content);
}

/** The files of one simulation. Those of one kind and size have the same bytes, by any author. */
export class SentFiles {
  /** By agent and file: what it uploaded or was sent, be it under way still. */
  private readonly known = new Map<string, MessageFile>();

  /** An agent that holds the file passes that on; another one uploads it. */
  async attach(node: LabNode, { file, from, to }: Send, draft: MessageDraft): Promise<MessageDraft> {
    const { payload } = draft;
    if (file === undefined || payload.type !== 'text') return draft;
    const name = `${file.kind} ${file.bytes}`;
    const known = this.known.get(`${from} ${name}`);
    const isHeld = known !== undefined && (await node.hasFile(node.agent(from), known));
    const attached = isHeld ? known : await uploadTo(node, from, file);
    for (const holder of [from, to]) this.known.set(`${holder} ${name}`, attached);
    return { ...draft, payload: { type: 'file', text: payload.text, file: attached } };
  }
}

function uploadTo(node: LabNode, from: number, file: PlannedFile): Promise<MessageFile> {
  const { mediaType, name } = canariesOf(file);
  return node.upload(from, { name, mediaType, content: contentOf(file) });
}
