import type { Client } from '../api/client';
import type { Parameters, SessionState } from '../contract';
import { canPlay } from '../state/session';
import type { Store } from '../state/store';
import type { Picture } from './picture';
import { sentence, toast } from './toasts';

/** The t-SNE's controls. */
export class Session {
  constructor(
    private readonly client: Client,
    private readonly store: Store,
    private readonly picture: Picture,
  ) {}

  playPause(): void {
    const status = this.store.session.value?.status;
    if (status === 'failed') this.startAgain();
    else if (status)
      this.send((run, tensor) => this.client.session(run, tensor, canPlay(status) ? 'resume' : 'pause'));
  }

  step(): void {
    this.send((run, tensor) => this.client.session(run, tensor, 'step', { epochs: 1 }));
  }

  restart(): void {
    this.picture.scene?.fit();
    this.send((run, tensor) => this.client.session(run, tensor, 'restart'));
  }

  perturb(): void {
    this.send((run, tensor) => this.client.session(run, tensor, 'perturb'));
  }

  startAgain(): void {
    this.send((_, tensor) => this.client.start(this.store.labelColumn.value, tensor));
  }

  setParameters(parameters: Partial<Parameters>): void {
    this.send((run, tensor) => this.client.parameters(run, tensor, parameters));
  }

  toggleDimensions(): void {
    const now = this.store.session.value?.parameters.n_components;
    if (now) this.setParameters({ n_components: now === 3 ? 2 : 3 });
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
    request(run, tensor).then(
      (state) => {
        if (store.run.value === run && store.tensor.value === tensor) store.session.value = state;
      },
      (error: unknown) => toast(store, sentence(error), 'bad'),
    );
  }
}
