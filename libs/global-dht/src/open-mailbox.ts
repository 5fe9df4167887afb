import { type Dht, type DhtLink, LinkProgress, linkOfPush } from '@musubi/cell';
import { type AgentPubKey } from '@musubi/messaging';
import { type Signal } from '@musubi/network';
import { GLOBAL_DHT_SPACE, type WatchedMailbox } from './addressing/addressing.js';

/** Pushed when it was published, or found among all that lie there, those of earlier days and runs too. */
export type LinkOrigin = 'pushed' | 'read';

/** @returns whether the link is done with */
type TakeLink = (link: DhtLink, origin: LinkOrigin) => Promise<boolean>;

/** One mailbox that has letters: which of its links are done with, and where the others are to be had. */
export class OpenMailbox {
  /** How often it was read in vain since it last was not. */
  attempts = 0;
  /** There may be links that were not pushed. */
  isToBeRead = false;
  /** A link was not done with when it was last looked at. */
  isUnfinished = false;
  private readonly progress = new LinkProgress();
  /** In the order in which they came. */
  private readonly pushed: DhtLink[] = [];

  constructor(
    readonly mailbox: WatchedMailbox,
    private readonly dht: Pick<Dht, 'links'>,
  ) {}

  /** A push brings a link with its entry. What comes without is read. */
  hear(push: Signal): void {
    const link = linkOfPush(push);
    if (link === null) this.isToBeRead = true;
    else this.pushed.push(link);
  }

  /** A push may have been lost. */
  readAgain(): void {
    this.isToBeRead = true;
  }

  /** There are so many links. */
  countIs(links: number): void {
    if (links > this.progress.count) this.isToBeRead = true;
  }

  /** There is that link. */
  has(author: AgentPubKey, seq: number): void {
    if (!this.progress.has(author, seq)) this.isToBeRead = true;
  }

  /** Each link that is not done with: from pushes where none can be missing before it, else as the DHT has them. */
  async takeLinks(take: TakeLink): Promise<void> {
    try {
      for (const link of this.pushed.splice(0)) await this.takePushed(link, take);
      if (this.isToBeRead) await this.read(take);
    } catch (error) {
      this.isToBeRead = true;
      throw error;
    }
  }

  private async read(take: TakeLink): Promise<void> {
    this.isToBeRead = false;
    this.isUnfinished = false;
    const links = this.dht.links(GLOBAL_DHT_SPACE, this.mailbox.base, this.progress);
    for await (const link of links) await this.take(link, 'read', take);
  }

  private async takePushed(link: DhtLink, take: TakeLink): Promise<void> {
    if (this.isToBeRead || this.progress.has(link.author, link.seq)) return;
    if (this.progress.isNext(link.author, link.seq)) await this.take(link, 'pushed', take);
    else this.isToBeRead = true;
  }

  private async take(link: DhtLink, origin: LinkOrigin, take: TakeLink): Promise<void> {
    if (await take(link, origin)) this.progress.add(link.author, link.seq);
    else this.isUnfinished = true;
  }
}
