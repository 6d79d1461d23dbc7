import type {
  ClassAction,
  DoubtfulAnswer,
  EditResult,
  Frame,
  HistoryAnswer,
  ImportBody,
  ImportPreview,
  LabelColumn,
  LabelsAnswer,
  NeighborsAnswer,
  Parameters,
  ProspectsAnswer,
  RunsAnswer,
  SamplesAnswer,
  SaveAnswer,
  SelectionNote,
  SessionState,
  SuggestionsAnswer,
  TilesAnswer,
} from '../contract';
import { ApiError, errorFrom } from './errors';
import { decodeFrame } from './frame';

type Query = Record<string, string | number>;

/** What a write to labels carries besides what it does. */
export interface WriteTag {
  op_id: string;
  base_revision: number;
}

export interface ApplyBody {
  class_id?: number | null;
  /** In place of a class that is there already. */
  new_class?: { name: string; color: string };
  sample_ids: string[];
  only_unlabeled: boolean;
  selection: SelectionNote;
}

/** One method a route of docs/http_api.md. Every failure is an `ApiError`, except an abort by the caller. */
export class Client {
  constructor(
    /** The folder the page was loaded from, with a slash at its end. */
    private readonly base: URL,
    private readonly fetcher: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  runs(): Promise<RunsAnswer> {
    return this.read('runs', {});
  }

  samples(run: string, tensor: string): Promise<SamplesAnswer> {
    return this.read('samples', { run, tensor });
  }

  async sprite(run: string, tensor: string): Promise<Blob> {
    return (await this.get('sprite', { run, tensor }, { cache: 'default' })).blob();
  }

  tiles(run: string): Promise<TilesAnswer> {
    return this.read('runs/tiles', { run });
  }

  async tilePage(run: string, page: number): Promise<Blob> {
    return (await this.get('runs/tile_page', { run, page }, { cache: 'default' })).blob();
  }

  /** Where one image is at full size; 404 where the run has none. */
  imageUrl(run: string, sampleId: string): string {
    return this.url('runs/image', { run, sample_id: sampleId }).href;
  }

  neighbors(run: string, tensor: string, sampleId: string, k: number): Promise<NeighborsAnswer> {
    return this.read('runs/neighbors', { run, tensor, sample_id: sampleId, k, space: 'features' });
  }

  labels(of: LabelColumn, tensor: string): Promise<LabelsAnswer> {
    return this.read('labels', { ...of, tensor });
  }

  labelChanges(of: LabelColumn, after: number, wait: number, signal: AbortSignal): Promise<EditResult> {
    return this.read('labels/changes', { ...of, after, wait }, { signal });
  }

  history(of: LabelColumn, limit: number, before?: number): Promise<HistoryAnswer> {
    return this.read('labels/history', before === undefined ? { ...of, limit } : { ...of, limit, before });
  }

  async labelColumns(run: string): Promise<string[]> {
    return (await this.read<{ columns: string[] }>('labels/columns', { run })).columns;
  }

  /** Adds a label column; one of that name stays as it is. */
  addLabelColumn(run: string, name: string): Promise<unknown> {
    return this.write('labels/columns/add', { run, name });
  }

  apply(of: LabelColumn, tag: WriteTag, body: ApplyBody): Promise<EditResult> {
    return this.write('labels/apply', { ...of, ...tag, ...body });
  }

  undo(of: LabelColumn, tag: WriteTag): Promise<EditResult> {
    return this.write('labels/undo', { ...of, ...tag });
  }

  redo(of: LabelColumn, tag: WriteTag): Promise<EditResult> {
    return this.write('labels/redo', { ...of, ...tag });
  }

  /** Makes everything as it was at a revision. */
  restore(of: LabelColumn, tag: WriteTag, revision: number): Promise<EditResult> {
    return this.write('labels/restore', { ...of, ...tag, revision });
  }

  importTable(of: LabelColumn, tag: WriteTag, body: ImportBody): Promise<EditResult> {
    return this.write('labels/import', { ...of, ...tag, ...body });
  }

  previewImport(of: LabelColumn, tag: WriteTag, body: ImportBody): Promise<ImportPreview> {
    return this.write('labels/import', { ...of, ...tag, ...body, preview: true });
  }

  classes(of: LabelColumn, tag: WriteTag, action: ClassAction): Promise<EditResult> {
    return this.write('classes', { ...of, ...tag, ...action });
  }

  tsvUrl(run: string, tensor: string): string {
    return this.url('labels.tsv', { run, tensor }).href;
  }

  save(run: string, tensor: string): Promise<SaveAnswer> {
    return this.write('labels/save', { run, tensor });
  }

  sessionState(run: string, tensor: string, signal?: AbortSignal): Promise<SessionState> {
    return this.read('session/state', { run, tensor }, signal ? { signal } : {});
  }

  /** The newest frame if its number is not `after`; null when none came within `wait` seconds. */
  async frame(
    run: string,
    tensor: string,
    after: number,
    wait: number,
    signal: AbortSignal,
  ): Promise<Frame | null> {
    const response = await this.get('session/frame', { run, tensor, after, wait }, { signal });
    if (response.status === 204) return null;
    return decodeFrame(await response.arrayBuffer());
  }

  /** Starts the t-SNE, or lets the one that runs follow this label column. */
  start(of: LabelColumn, tensor: string): Promise<SessionState> {
    return this.write('session/start', { ...of, tensor });
  }

  session(
    run: string,
    tensor: string,
    command: 'pause' | 'resume' | 'step' | 'restart' | 'perturb',
    more: { epochs?: number; scale?: number } = {},
  ): Promise<SessionState> {
    return this.write(`session/${command}`, { run, tensor, ...more });
  }

  parameters(run: string, tensor: string, parameters: Partial<Parameters>): Promise<SessionState> {
    return this.write('session/parameters', { run, tensor, parameters });
  }

  /** The next best groups, where the worker has newer ones than `after`; else null. */
  prospects(
    run: string,
    tensor: string,
    after: number,
    signal: AbortSignal,
  ): Promise<ProspectsAnswer | null> {
    return this.readIfAny('guidance/prospects', { run, tensor, after, wait: 0 }, { signal });
  }

  suggestions(run: string, tensor: string, signal: AbortSignal): Promise<SuggestionsAnswer | null> {
    return this.readIfAny('guidance/suggestions', { run, tensor, wait: 0 }, { signal });
  }

  async doubtful(run: string, tensor: string, wait: number): Promise<DoubtfulAnswer> {
    const answer = await this.readIfAny<DoubtfulAnswer>('guidance/doubtful', { run, tensor, wait });
    if (!answer) throw new ApiError(504, 'slow', 'The labels are still being looked through; ask again.');
    return answer;
  }

  private url(path: string, query: Query): URL {
    const url = new URL(path, this.base);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    return url;
  }

  private async read<T>(path: string, query: Query, init: RequestInit = {}): Promise<T> {
    return (await (await this.get(path, query, init)).json()) as T;
  }

  /** Like `read`, but null where there is nothing to tell (204). */
  private async readIfAny<T>(path: string, query: Query, init: RequestInit = {}): Promise<T | null> {
    const response = await this.get(path, query, init);
    return response.status === 204 ? null : ((await response.json()) as T);
  }

  private get(path: string, query: Query, init: RequestInit = {}): Promise<Response> {
    // Chrome holds identical GETs back until the first is answered; without the cache it does not.
    return this.send(this.url(path, query), { cache: 'no-store', ...init });
  }

  private async write<T>(path: string, body: object): Promise<T> {
    const response = await this.send(this.url(path, {}), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-TSNE-Request': '1' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as T;
  }

  private async send(url: URL, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await this.fetcher(url, { credentials: 'same-origin', ...init });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ApiError(0, 'unreachable', 'The server does not answer.');
    }
    if (!response.ok) throw await errorFrom(response);
    return response;
  }
}
