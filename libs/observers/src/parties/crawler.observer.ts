import { type DataSource } from 'typeorm';
import { type HeldRow, type Observer } from './observer.js';
import { Published } from './published.js';

/** A stranger that asks every authority of every open space for all it holds. */
export class Crawler implements Observer {
  readonly name = 'crawler';
  private readonly published: Published;

  constructor(db: DataSource) {
    this.published = new Published(db);
  }

  async *rows(): AsyncGenerator<HeldRow> {
    for await (const action of this.published.actions()) yield { table: 'action', values: { ...action } };
    for await (const link of this.published.links()) yield { table: 'dht_link', values: { ...link } };
    for await (const entry of this.published.entries()) yield { table: 'dht_entry', values: { ...entry } };
  }
}
