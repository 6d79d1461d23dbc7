import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import type { ParameterChanges, SessionState } from '../api/types';
import { canPlay } from '../state/session';
import type { Store } from '../state/store';
import type { Company } from './company';
import { noteRefusal } from './connection';
import type { Viewport } from './viewport';
import { sentence, toast } from './toasts';

/** The t-SNE's controls. */
export class Session {
  constructor(
    private readonly client: Client,
    private readonly store: Store,
    private readonly viewport: Viewport,
    private readonly company: Company,
  ) {}

  playPause(): void {
    const state = this.store.session.value;
    if (!state) return;
    const { status } = state;
    if (status !== 'failed')
      this.change((run, tensor) => this.client.session(run, tensor, canPlay(status) ? 'resume' : 'pause'));
    else if (state.restartable) this.startAgain();
  }

  step(): void {
    this.change((run, tensor) => this.client.step(run, tensor, 1));
  }

  restart(): void {
    this.change((run, tensor) => {
      this.viewport.scene?.fit();
      return this.client.session(run, tensor, 'restart');
    });
  }

  perturb(): void {
    this.change((run, tensor) => this.client.session(run, tensor, 'perturb'));
  }

  startAgain(): void {
    this.send((_, tensor) => this.client.start(this.store.toFollow.value, tensor));
  }

  /** Has the t-SNE follow the labels that are looked at here. */
  follow(): void {
    const of = this.store.labelColumn.value;
    this.company.agree(
      () => this.send((_, tensor) => this.client.start(of, tensor, true)),
      `have the t-SNE follow the labels in “${of.column}”`,
    );
  }

  setParameters(parameters: ParameterChanges): void {
    this.change((run, tensor) => this.client.parameters(run, tensor, parameters));
  }

  toggleDimensions(): void {
    const now = this.store.session.value?.parameters.n_components;
    if (now) this.setParameters({ n_components: now === 3 ? 2 : 3 });
  }

  /** What changes the picture for all who look at it. */
  private change(request: (run: string, tensor: string) => Promise<SessionState>): void {
    this.company.agree(() => this.send(request));
  }

  private send(request: (run: string, tensor: string) => Promise<SessionState>): void {
    const { store } = this;
    const { value: run } = store.run;
    const { value: tensor } = store.tensor;
    if (run === null || tensor === null) return;
    if (store.runs.value && !store.runs.value.can_edit) {
      toast(store, store.runs.value.edit_problem ?? 'This page may look, but not change anything.', 'bad');
      return;
    }
    this.answer(request, run, tensor).then(
      (state) => {
        if (store.run.value !== run || store.tensor.value !== tensor) return;
        store.session.value = state;
        store.startProblem.value = null;
      },
      (error: unknown) => {
        if (!store.session.peek()) noteRefusal(store, error);
        toast(store, sentence(error), 'bad');
      },
    );
  }

  /** One that went while nobody looked is started first: it goes on from where it stood. */
  private async answer(
    request: (run: string, tensor: string) => Promise<SessionState>,
    run: string,
    tensor: string,
  ): Promise<SessionState> {
    try {
      return await request(run, tensor);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404 && error.code === 'no_session')) throw error;
      await this.client.start(this.store.labelColumn.value, tensor);
      return request(run, tensor);
    }
  }
}
