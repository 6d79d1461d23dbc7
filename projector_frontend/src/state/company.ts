import type { EditAnswer, HistoryEntry, SessionState } from '../api/types';
import { number } from './format';

/** As long as the server takes a name that somebody gives themselves. */
export const MAX_NAME_LENGTH = 64;

type LastChange = NonNullable<SessionState['last_change']>;

/** A few names as people say them. */
export function listed(names: readonly string[]): string {
  const shown = names.length <= 3 ? names : [...names.slice(0, 2), `${names.length - 2} others`];
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

/** What to ask before something changes that others look at. */
export function sharedQuestion(others: readonly string[], change = 'change it'): string {
  const [verb, whom] = others.length === 1 ? ['is', 'both'] : ['are', 'all'];
  return `${listed(others)} ${verb} looking at this picture too: ${change} for ${whom}?`;
}

/** What somebody did to the picture that all see, in a sentence. */
export function toldChange({ author, doing }: LastChange, { column, parameters }: SessionState): string {
  const words: Record<LastChange['doing'], string> = {
    pause: 'paused the t-SNE',
    resume: 'let the t-SNE go on',
    step: 'made the t-SNE step on',
    restart: 'started the t-SNE from the beginning',
    perturb: 'shook the t-SNE',
    parameters: 'changed the parameters of the t-SNE',
    dimensions: `turned the picture to ${parameters.n_components}-D`,
    column: `had the t-SNE follow the labels in “${column}”`,
  };
  return `${author} ${words[doing]}.`;
}

/** What somebody else's edit did to one's own labels, in a sentence; null where it touched none. */
export function toldEdit({ own, yours, author, summary }: HistoryEntry): string | null {
  return own || yours === 0 ? null : `${author} changed ${number(yours)} of yours: ${summary}`;
}

/** Which of an edit's images an undo or redo left as they are, and why; empty where it left none. */
export function toldStayed(stayed: EditAnswer['stayed'], count: number): string {
  const kept = stayed.reduce((sum, each) => sum + each.count, 0);
  if (kept === 0) return '';
  const names = stayed.flatMap(({ author }) => (author === '' ? [] : [author]));
  const reasons = [
    ...(names.length > 0 ? [`${listed(names)} changed ${kept === 1 ? 'it' : 'them'} since`] : []),
    ...(names.length < stayed.length ? ['a class is gone'] : []),
  ];
  const of = count >= kept ? `${number(kept)} of ${number(count)}` : number(kept);
  return `${of} ${kept === 1 ? 'stays' : 'stay'}: ${reasons.join(', and ')}`;
}
