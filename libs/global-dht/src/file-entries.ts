import { type Dht, type Files, type Hash, parseHash } from '@musubi/cell';
import { type AgentKeys } from '@musubi/crypto';
import { FileIncompleteError, FileQuotaExceededError, type MessageFile } from '@musubi/messaging';
import { GLOBAL_DHT_SPACE } from './addressing/addressing.js';

interface FileEntriesParts {
  readonly dht: Pick<Dht, 'entry' | 'publishEntry'>;
  readonly files: Files;
}

/** Files as entries in the DHT: a sealed manifest, and sealed chunks, each under its own hash. */
export class FileEntries {
  constructor(private readonly parts: FileEntriesParts) {}

  /** Everything but the letter that tells of it. Publishing again adds what is missing. @throws FileNotFoundError */
  async publish(keys: AgentKeys, { id }: MessageFile): Promise<void> {
    const { dht, files } = this.parts;
    const held = await files.find(keys, id);
    for (const [place, name] of held.names.entries()) {
      await dht.publishEntry(GLOBAL_DHT_SPACE, name, () => files.store.sealedChunk(keys, held, place));
    }
    await dht.publishEntry(GLOBAL_DHT_SPACE, parseHash(id), () => Promise.resolve(held.manifest));
  }

  /**
   * Takes what the agent lacks of a file. @returns whether it has all of it: entries may still be on their way, and there may
   * be no room yet; what came of it may have expired. @throws InvalidMessageError
   */
  async collect(keys: AgentKeys, file: MessageFile): Promise<boolean> {
    const { dht, files } = this.parts;
    const manifest = await dht.entry(GLOBAL_DHT_SPACE, parseHash(file.id));
    if (manifest === null) return false;
    try {
      for (const chunk of await files.expect(keys, { file, manifest })) {
        if (!(await this.collectChunk(keys, file, chunk))) return false;
      }
      return true;
    } catch (error) {
      if (error instanceof FileQuotaExceededError || error instanceof FileIncompleteError) return false;
      throw error;
    }
  }

  private async collectChunk(
    keys: AgentKeys,
    { id }: MessageFile,
    { name, place }: { readonly name: Hash; readonly place: number },
  ): Promise<boolean> {
    const { dht, files } = this.parts;
    const sealed = await dht.entry(GLOBAL_DHT_SPACE, name);
    if (sealed === null) return false;
    await files.take(keys, id, { place, sealed });
    return true;
  }
}
