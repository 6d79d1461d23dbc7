import { ApiError, errorFrom, intercepted, isPage } from './errors';
import { numbersIn, suggestionsIn, textIn, type SuggestedRows, type TextCells } from './arrow';
import { decodeFrame, type Frame } from './frame';
import type { Answer, Body, Query, Reads, Writes } from './routes';
import type {
  ApplyEdit,
  ClassAction,
  DatasetPreview,
  EditAnswer,
  EditTag,
  HereRequest,
  ImportEdit,
  ImportPreview,
  LabelColumn,
  ParameterChanges,
  TakenAnswer,
  TakeRequest,
} from './types';

/** Where the job stands is worked out beside what to do next: seconds that this may take. */
const STANDING_WAIT_S = 5;

/** Whose rows are meant, at the version that the page was loaded with. */
export interface OfSamples {
  run: string;
  tensor: string;
  version: string;
}

/** One method a route of docs/http_api.md. Every failure is an `ApiError`, except an abort by the caller. */
export class Client {
  /** Whose the browser is by now, as the answer to a poll says. */
  onAccount: (account: string) => void = () => undefined;

  constructor(
    /** The folder the page was loaded from, with a slash at its end. */
    private readonly base: URL,
    private readonly fetcher: typeof fetch = (input, init) => fetch(input, init),
    /** What tells the server who asks. */
    private readonly identity: () => Record<string, string> = () => ({}),
  ) {}

  async runs(): Promise<Answer<'/runs'>> {
    const answer = await this.read('/runs', {});
    // The first of all questions: whoever else answers is found out here.
    if (!Array.isArray(answer.runs)) throw intercepted(200);
    return answer;
  }

  /** Gives this browser a cookie that stands for a token. */
  enter(token: string): Promise<Answer<'/sign_in'>> {
    return this.write('/sign_in', { token });
  }

  /** Whose a token is; this browser stays who it is. */
  holderOf(token: string): Promise<Answer<'/sign_in'>> {
    return this.write('/sign_in', { token, only_ask: true });
  }

  /** Takes the cookie away. */
  signOut(): Promise<unknown> {
    return this.write('/sign_out', {});
  }

  samples(run: string, tensor: string): Promise<Answer<'/samples'>> {
    return this.read('/samples', { run, tensor });
  }

  /** The cells of a column of the metadata. */
  columnText(of: OfSamples, name: string): Promise<TextCells> {
    return this.column({ ...of, name }, textIn);
  }

  /** What a column of the metadata measures. */
  columnNumbers(of: OfSamples, name: string): Promise<Float64Array> {
    return this.column({ ...of, name, form: 'numbers' }, numbersIn);
  }

  /** The rows in which any column of the metadata holds a text, in any case. */
  async rowsWith(of: OfSamples, text: string): Promise<Int32Array> {
    const response = await this.get('/samples/search', { ...of, text });
    return new Int32Array(await bodyOf(response, () => response.arrayBuffer()));
  }

  /** The cells of some rows: of each, one of every column. */
  async cells(of: OfSamples, rows: readonly number[]): Promise<readonly (readonly string[])[]> {
    return (await this.read('/samples/cells', { ...of, rows: rows.join(',') })).cells;
  }

  async sprite(run: string, tensor: string): Promise<Blob> {
    const response = await this.get('/sprite', { run, tensor }, { cache: 'default' });
    return bodyOf(response, () => response.blob());
  }

  tiles(run: string): Promise<Answer<'/runs/tiles'>> {
    return this.read('/runs/tiles', { run });
  }

  async tilePage(run: string, page: number): Promise<Blob> {
    const response = await this.get('/runs/tile_page', { run, page }, { cache: 'default' });
    return bodyOf(response, () => response.blob());
  }

  /** Where one image is at full size; 404 where the run has none. */
  imageUrl(run: string, sampleId: string): string {
    return this.url('/runs/image', { run, sample_id: sampleId }).href;
  }

  /** Where the whole picture is that a sample is a part of; 404 where the run has none. */
  pictureUrl(run: string, sampleId: string): string {
    return this.url('/runs/picture', { run, sample_id: sampleId }).href;
  }

  neighbors(run: string, tensor: string, sampleId: string, k: number): Promise<Answer<'/runs/neighbors'>> {
    return this.read('/runs/neighbors', { run, tensor, sample_id: sampleId, k, space: 'features' });
  }

  labels(of: LabelColumn, tensor: string): Promise<Answer<'/labels'>> {
    return this.read('/labels', { ...of, tensor });
  }

  labelChanges(of: LabelColumn, after: number, wait: number, signal: AbortSignal): Promise<EditAnswer> {
    return this.read('/labels/changes', { ...of, after, wait }, { signal });
  }

  history(
    of: LabelColumn,
    limit: number,
    before?: number,
    author?: string,
  ): Promise<Answer<'/labels/history'>> {
    const which = { ...(before !== undefined && { before }), ...(author !== undefined && { author }) };
    return this.read('/labels/history', { ...of, limit, ...which });
  }

  /** Where label columns, and people in this one, do not agree. */
  disagreements(of: LabelColumn, tensor: string): Promise<Answer<'/labels/disagreements'>> {
    return this.read('/labels/disagreements', { ...of, tensor });
  }

  /** Who gave each row its label. */
  authors(of: LabelColumn, tensor: string): Promise<Answer<'/labels/authors'>> {
    return this.read('/labels/authors', { ...of, tensor });
  }

  /** What labeling had cost before a revision. */
  effort(of: LabelColumn, before: number): Promise<Answer<'/labels/effort'>> {
    return this.read('/labels/effort', { ...of, before });
  }

  labelColumns(run: string): Promise<Answer<'/labels/columns'>> {
    return this.read('/labels/columns', { run });
  }

  /** Makes the run's label store where there is none. */
  createLabels(run: string): Promise<Answer<'/labels/create'>> {
    return this.write('/labels/create', { run });
  }

  /** Adds a label column; one of that name stays as it is. */
  addLabelColumn(run: string, store: string, name: string): Promise<unknown> {
    return this.write('/labels/columns/add', { run, store, name });
  }

  /** Adds a blind label column of whoever asks; one of theirs stays as it is. */
  addBlindColumn(run: string, store: string, about: string): Promise<Answer<'/labels/columns/add_blind'>> {
    return this.write('/labels/columns/add_blind', { run, store, about });
  }

  /** Lets everybody read a blind label column. */
  openColumn(of: LabelColumn, store: string): Promise<Answer<'/labels/columns/open'>> {
    return this.write('/labels/columns/open', { ...of, store });
  }

  apply(of: LabelColumn, tag: EditTag, edit: ApplyEdit): Promise<EditAnswer> {
    return this.write('/labels/apply', { ...of, ...tag, ...edit });
  }

  /** Takes back the edit of a revision, or without one one's own last. */
  undo(of: LabelColumn, tag: EditTag, revision?: number): Promise<EditAnswer> {
    return this.write('/labels/undo', { ...of, ...tag, ...(revision !== undefined && { revision }) });
  }

  redo(of: LabelColumn, tag: EditTag, revision?: number): Promise<EditAnswer> {
    return this.write('/labels/redo', { ...of, ...tag, ...(revision !== undefined && { revision }) });
  }

  /** Makes everything as it was at a revision. */
  restore(of: LabelColumn, tag: EditTag, revision: number): Promise<EditAnswer> {
    return this.write('/labels/restore', { ...of, ...tag, revision });
  }

  /** `preview` decides which of its two answers a route gives; so for the next. */
  importLabels(of: LabelColumn, tag: EditTag, edit: ImportEdit): Promise<EditAnswer> {
    return this.sendImport({ ...of, ...tag, ...edit }) as Promise<EditAnswer>;
  }

  previewImport(of: LabelColumn, tag: EditTag, edit: ImportEdit): Promise<ImportPreview> {
    return this.sendImport({ ...of, ...tag, ...edit, preview: true }) as Promise<ImportPreview>;
  }

  classes(of: LabelColumn, tag: EditTag, action: ClassAction): Promise<EditAnswer> {
    return this.write('/classes', { ...of, ...tag, ...action });
  }

  tsvUrl(run: string, tensor: string, authors: boolean): string {
    return this.url('/labels.tsv', { run, tensor, ...(authors && { authors }) }).href;
  }

  /** Where labels are as a dataset. */
  datasetUrl(of: Query<'/labels/dataset'>): string {
    return this.url('/labels/dataset', of).href;
  }

  previewDataset(of: Query<'/labels/dataset/preview'>): Promise<DatasetPreview> {
    return this.read('/labels/dataset/preview', of);
  }

  /** Annotations that are sent, with the classes of the labels. */
  async annotations(body: Body<'/labels/annotations'>): Promise<Blob> {
    const response = await this.sendFiles('/labels/annotations', body);
    return bodyOf(response, () => response.blob());
  }

  async previewAnnotations(body: Body<'/labels/annotations/preview'>): Promise<DatasetPreview> {
    return this.json(await this.sendFiles('/labels/annotations/preview', body));
  }

  save(run: string, tensor: string): Promise<Answer<'/labels/save'>> {
    return this.write('/labels/save', { run, tensor });
  }

  sessionState(run: string, tensor: string, signal?: AbortSignal): Promise<Answer<'/session/state'>> {
    return this.read('/session/state', { run, tensor }, signal ? { signal } : {});
  }

  /** The newest frame if its number is not `after`; null when none came within `wait` seconds. */
  async frame(
    run: string,
    tensor: string,
    after: number,
    wait: number,
    signal: AbortSignal,
  ): Promise<Frame | null> {
    const response = await this.get('/session/frame', { run, tensor, after, wait }, { signal });
    if (response.status === 204) return null;
    return decodeFrame(await bodyOf(response, () => response.arrayBuffer(), signal));
  }

  /**
   * Starts the t-SNE, or lets the one that runs follow this label column.
   *
   * @param of the label column to follow; without one the t-SNE goes on with the one that it follows
   * @param forAll where others look too, has the t-SNE follow this label column for them as well
   */
  start(
    of: Pick<LabelColumn, 'run'> & Partial<LabelColumn>,
    tensor: string,
    forAll = false,
  ): Promise<Answer<'/session/start'>> {
    return this.write('/session/start', { ...of, tensor, ...(forAll && { for_all: true }) });
  }

  session(
    run: string,
    tensor: string,
    command: 'pause' | 'resume' | 'restart' | 'perturb',
  ): Promise<Answer<'/session/pause'>> {
    return this.write(`/session/${command}`, { run, tensor });
  }

  step(run: string, tensor: string, epochs: number): Promise<Answer<'/session/step'>> {
    return this.write('/session/step', { run, tensor, epochs });
  }

  parameters(
    run: string,
    tensor: string,
    parameters: ParameterChanges,
  ): Promise<Answer<'/session/parameters'>> {
    return this.write('/session/parameters', { run, tensor, parameters });
  }

  /** The next best groups, where the worker has newer ones than `after`; else null. */
  candidates(
    run: string,
    tensor: string,
    after: number,
    signal: AbortSignal,
  ): Promise<Answer<'/guidance/candidates'> | null> {
    return this.readIfAny('/guidance/candidates', { run, tensor, after, wait: 0 }, { signal });
  }

  /** Says where somebody looks; tells whether what they took is still theirs, and who else is here. */
  here(body: HereRequest, signal: AbortSignal): Promise<Answer<'/labels/here'>> {
    return this.write('/labels/here', body, { signal });
  }

  /** Takes a group, or a page, that nobody else is given meanwhile. */
  take(body: TakeRequest): Promise<TakenAnswer> {
    return this.write('/labels/take', body);
  }

  /** What a tab held is free; this is sent even while the page goes. */
  leave(body: Body<'/labels/leave'>): Promise<Answer<'/labels/leave'>> {
    return this.write('/labels/leave', body, { keepalive: true });
  }

  nextSteps(
    run: string,
    tensor: string,
    signal: AbortSignal,
  ): Promise<Answer<'/guidance/next_steps'> | null> {
    return this.readIfAny('/guidance/next_steps', { run, tensor, wait: 0 }, { signal });
  }

  async suggestions(run: string, tensor: string, signal: AbortSignal): Promise<SuggestedRows | null> {
    const response = await this.get('/guidance/suggestions/arrow', { run, tensor, wait: 0 }, { signal });
    if (response.status === 204) return null;
    return bodyOf(response, async () => suggestionsIn(await response.arrayBuffer()), signal);
  }

  async labelIssues(run: string, tensor: string, wait: number): Promise<Answer<'/guidance/label_issues'>> {
    const answer = await this.readIfAny('/guidance/label_issues', { run, tensor, wait });
    if (!answer) throw new ApiError(504, 'slow', 'The labels are still being looked through; ask again.');
    return answer;
  }

  standing(run: string, tensor: string, signal: AbortSignal): Promise<Answer<'/guidance/standing'> | null> {
    return this.readIfAny('/guidance/standing', { run, tensor, wait: STANDING_WAIT_S }, { signal });
  }

  async clusters(
    run: string,
    tensor: string,
    resolution: number,
    wait: number,
  ): Promise<Answer<'/guidance/clusters'>> {
    const answer = await this.readIfAny('/guidance/clusters', { run, tensor, resolution, wait });
    if (!answer) throw new ApiError(504, 'slow', 'The clusters are still being looked for; ask again.');
    return answer;
  }

  private async column<T>(
    query: Query<'/samples/column'>,
    decode: (stream: ArrayBuffer) => Promise<T>,
  ): Promise<T> {
    const response = await this.get('/samples/column', query, { cache: 'default' });
    // What decodes it comes from the server too, the first time.
    return bodyOf(response, async () => decode(await response.arrayBuffer()));
  }

  private url<P extends Reads>(path: P, query: Query<P>): URL {
    const url = this.place(path);
    for (const [key, value] of Object.entries(query as object)) url.searchParams.set(key, String(value));
    return url;
  }

  /** Paths are given as the server describes them, and lie below the page's own folder. */
  private place(path: Reads | Writes): URL {
    return new URL(`.${path}`, this.base);
  }

  private async read<P extends Reads>(path: P, query: Query<P>, init: RequestInit = {}): Promise<Answer<P>> {
    return this.json<Answer<P>>(await this.get(path, query, init), init.signal);
  }

  /** Like `read`, but null where there is nothing to tell (204). */
  private async readIfAny<P extends Reads>(
    path: P,
    query: Query<P>,
    init: RequestInit = {},
  ): Promise<Answer<P> | null> {
    const response = await this.get(path, query, init);
    return response.status === 204 ? null : this.json<Answer<P>>(response, init.signal);
  }

  private get<P extends Reads>(path: P, query: Query<P>, init: RequestInit = {}): Promise<Response> {
    // Chrome holds identical GETs back until the first is answered; without the cache it does not.
    return this.send(this.url(path, query), { cache: 'no-store', ...init });
  }

  private async write<P extends Writes>(path: P, body: Body<P>, init: RequestInit = {}): Promise<Answer<P>> {
    return this.json<Answer<P>>(await this.post(path, JSON.stringify(body), {}, init), init.signal);
  }

  /** Files are compressed: a request may be larger then. */
  private async sendFiles<P extends Writes>(path: P, body: Body<P>): Promise<Response> {
    const plain = new Blob([JSON.stringify(body)]).stream();
    const packed = await new Response(plain.pipeThrough(new CompressionStream('gzip'))).blob();
    return this.post(path, packed, { 'Content-Encoding': 'gzip' });
  }

  private async sendImport(body: Body<'/labels/import'>): Promise<Answer<'/labels/import'>> {
    if (!body.files) return this.write('/labels/import', body);
    return this.json(await this.sendFiles('/labels/import', body));
  }

  private post(
    path: Writes,
    body: string | Blob,
    more: Record<string, string> = {},
    init: RequestInit = {},
  ): Promise<Response> {
    const headers = { 'Content-Type': 'application/json', 'X-TSNE-Request': '1', ...more };
    return this.send(this.place(path), { method: 'POST', ...init, headers, body });
  }

  private json<T>(response: Response, signal?: AbortSignal | null): Promise<T> {
    return bodyOf(response, () => response.json() as Promise<T>, signal);
  }

  private async send(url: URL, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      // The server leads nowhere else: a proxy does, to where one signs in, and that page may not be read.
      const headers = { ...this.identity(), ...(init.headers as Record<string, string> | undefined) };
      response = await this.fetcher(url, {
        credentials: 'same-origin',
        redirect: 'manual',
        ...init,
        headers,
      });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw unreachable();
    }
    if (response.type === 'opaqueredirect') throw intercepted(response.status);
    const account = response.headers.get('X-TSNE-Account');
    // Only a poll is dropped where the page is opened anew: what it hears is never of before.
    if (account !== null && init.signal) this.onAccount(decodeURIComponent(account));
    if (!response.ok) throw await errorFrom(response);
    if (isPage(response)) throw intercepted(response.status);
    return response;
  }
}

/** Reads a body: its head may have arrived and the rest not, where the server ends in between. */
async function bodyOf<T>(
  response: Response,
  body: () => Promise<T>,
  signal?: AbortSignal | null,
): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw error instanceof SyntaxError ? intercepted(response.status) : unreachable();
  }
}

function unreachable(): ApiError {
  return new ApiError(0, 'unreachable', 'The server does not answer.');
}
