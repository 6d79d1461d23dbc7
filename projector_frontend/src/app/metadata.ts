import { effect } from '@preact/signals';
import type { Client, OfSamples } from '../api/client';
import { isMeasure, type MetadataColumn } from '../state/metadata';
import { columnsOfPlaces } from '../state/places';
import { COLOR_BY_LABEL, type Store } from '../state/store';
import { sentence, toast } from './toasts';

/** Who only passes by asks for nothing. */
const REST_MS = 100;
/** Rows of which the cells are kept. */
const MOST_ROWS = 500;

/** Loads what is looked at of the metadata of very many samples: columns, and the cells of single rows. */
export class Metadata {
  /** What is under way or done, by column and form; of these samples. */
  private asked = new Map<string, Promise<void>>();
  private samples: Store['samples']['value'] = null;

  constructor(
    private readonly client: Client,
    private readonly store: Store,
  ) {
    effect(() => this.followColor(store.colorInfo.value));
    effect(() => {
      for (const name of columnsOfPlaces(store.columnNames.value)) void this.text(name).catch(this.tell);
    });
    effect(() => {
      const row = store.hover.value?.row;
      if (row === undefined || store.allCells.value || store.cells.peek().has(row)) return undefined;
      const timer = setTimeout(() => void this.row(row).catch(() => undefined), REST_MS);
      return () => clearTimeout(timer);
    });
  }

  /** Every column's cells: a pattern is looked for in all of them. */
  async all(): Promise<readonly MetadataColumn[]> {
    await Promise.all(this.store.columnNames.peek().map((name) => this.text(name)));
    return this.store.allCells.peek() ?? [];
  }

  /** The rows in which any column holds a text. */
  async rowsWith(text: string): Promise<Int32Array> {
    const of = this.of();
    return of ? this.client.rowsWith(of, text) : new Int32Array(0);
  }

  private followColor(info: Store['colorInfo']['value']): void {
    if (!info) return;
    const loading = isMeasure(info.kind) ? this.numbers(info.name, info.kind) : this.text(info.name);
    loading.catch((error: unknown) => {
      if (this.store.colorInfo.peek() === info) this.store.colorBy.value = COLOR_BY_LABEL;
      this.tell(error);
    });
  }

  private text(name: string): Promise<void> {
    const { textColumns } = this.store;
    if (textColumns.peek().has(name)) return Promise.resolve();
    return this.once(`text ${name}`, async (of, isCurrent) => {
      const found = await this.client.columnText(of, name);
      if (isCurrent()) textColumns.value = new Map(textColumns.peek()).set(name, { name, ...found });
    });
  }

  private numbers(name: string, kind: 'number' | 'time'): Promise<void> {
    const { measuredColumns } = this.store;
    if (measuredColumns.peek().has(name)) return Promise.resolve();
    return this.once(`numbers ${name}`, async (of, isCurrent) => {
      const values = await this.client.columnNumbers(of, name);
      if (isCurrent())
        measuredColumns.value = new Map(measuredColumns.peek()).set(name, { name, kind, values });
    });
  }

  private row(row: number): Promise<void> {
    return this.once(`row ${row}`, async (of, isCurrent) => {
      const [found] = await this.client.cells(of, [row]);
      if (!found || !isCurrent()) return;
      const kept = [...this.store.cells.peek()].slice(1 - MOST_ROWS);
      this.store.cells.value = new Map([...kept, [row, found]]);
    });
  }

  /** Does something unless it is under way already; what failed is done anew the next time. */
  private once(key: string, work: (of: OfSamples, isCurrent: () => boolean) => Promise<void>): Promise<void> {
    const { samples } = this.store;
    if (this.samples !== samples.peek()) this.asked = new Map();
    this.samples = samples.peek();
    const of = this.of();
    if (!of) return Promise.resolve();
    const { asked, samples: now } = this;
    const doing = asked.get(key) ?? work(of, () => samples.peek() === now).finally(() => asked.delete(key));
    asked.set(key, doing);
    return doing;
  }

  private of(): OfSamples | null {
    const { store } = this;
    const [run, tensor, samples] = [store.run.peek(), store.tensor.peek(), store.samples.peek()];
    return run !== null && tensor !== null && samples ? { run, tensor, version: samples.version } : null;
  }

  private readonly tell = (error: unknown): void => toast(this.store, sentence(error), 'bad');
}
