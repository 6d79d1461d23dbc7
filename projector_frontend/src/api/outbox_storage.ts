import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

interface Kept {
  opId: string;
  at: number;
}

interface Schema extends DBSchema {
  outbox: { key: string; value: Kept };
}

/**
 * Keeps records in this browser (IndexedDB) until they are taken out; a reload or a crash loses none.
 *
 * @param name one database for each place that TensorBoard is served at
 */
export class BrowserOutboxStorage<E extends Kept> {
  private readonly opened: Promise<IDBPDatabase<Schema>>;

  constructor(name: string) {
    this.opened = openDB<Schema>(name, 1, {
      upgrade: (database) => void database.createObjectStore('outbox', { keyPath: 'opId' }),
    });
    // Whoever uses it hears of the failure; nobody may have yet.
    this.opened.catch(() => undefined);
  }

  async put(entry: E): Promise<void> {
    await (await this.opened).put('outbox', entry);
  }

  async remove(opId: string): Promise<void> {
    await (await this.opened).delete('outbox', opId);
  }

  async all(): Promise<E[]> {
    return (await (await this.opened).getAll('outbox')) as E[];
  }
}
