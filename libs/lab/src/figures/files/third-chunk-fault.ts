import { type DataSource } from 'typeorm';

/** A sequence counts though the transaction fails. */
const ARM = `
  create sequence third_chunks;
  create function fail_third_chunk() returns trigger language plpgsql as $$
  begin
    if new.place = 2 then
      -- One that is arriving, and not an upload.
      if exists (select from file where holder = new.holder and slot = new.slot and key is not null) then
        if nextval('third_chunks') = 1 then
          raise exception 'a fault was asked for';
        end if;
      end if;
    end if;
    return new;
  end $$;
  create trigger fail_third_chunk before insert on file_chunk for each row execute function fail_third_chunk();`;

/** The database of a recipient fails once when the third chunk of a file comes: the one fault that every placement can suffer. */
export class ThirdChunkFault {
  private isArmed = false;

  async arm(db: DataSource): Promise<void> {
    await db.query(ARM);
    this.isArmed = true;
  }

  /** @returns how often it struck */
  async struck(db: DataSource): Promise<number> {
    if (!this.isArmed) return 0;
    const [row] = await db.query<{ struck: boolean }[]>('select is_called as struck from third_chunks');
    return Number(row?.struck ?? false);
  }
}
