import { plural } from './format';

/** What to say of a run that is another than it was: how many joined, where those before are the first ones still. */
export function changeOfRun(before: readonly string[], after: readonly string[]): string {
  const joined = after.length - before.length;
  const hasGrown = before.length > 0 && joined > 0 && before.every((id, row) => after[row] === id);
  return hasGrown ? `${plural(joined, 'image')} joined.` : 'The run was exported again: it is loaded afresh.';
}
