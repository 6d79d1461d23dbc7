import { IGNORED } from './labels';
import type { MetadataColumn } from './metadata';

/**
 * Which rows are not drawn: 1 where hidden; null where all are drawn.
 *
 * @param groups class ids as text (or what stands in their place), or values of the column that colours the view
 * @param ignoredToo whether what takes part in nothing is hidden, which is usual
 */
export function hiddenRows(
  labels: Int32Array,
  column: MetadataColumn | null,
  groups: ReadonlySet<string>,
  labeledToo: boolean,
  ignoredToo: boolean,
): Uint8Array | null {
  if (groups.size === 0 && !labeledToo && !(ignoredToo && labels.includes(IGNORED))) return null;
  const hidden = new Uint8Array(labels.length);
  const ids = new Set([...groups].map(Number));
  const words = column && Uint8Array.from(column.words, (word) => (groups.has(word) ? 1 : 0));
  for (let row = 0; row < hidden.length; row++) {
    const id = labels[row] as number;
    const grouped = groups.size > 0 && (words ? words[column.codes[row] as number] === 1 : ids.has(id));
    if (grouped || (labeledToo && id >= 0) || (ignoredToo && id === IGNORED)) hidden[row] = 1;
  }
  return hidden;
}

/** Hides a group, or shows it again. */
export function toggled(groups: ReadonlySet<string>, group: string): ReadonlySet<string> {
  const next = new Set(groups);
  if (!next.delete(group)) next.add(group);
  return next;
}

/** Hides every group but one; all are shown again where that one is alone already. */
export function isolated(
  groups: ReadonlySet<string>,
  all: readonly string[],
  group: string,
): ReadonlySet<string> {
  const others = all.filter((each) => each !== group);
  const alone = !groups.has(group) && others.every((each) => groups.has(each));
  return new Set(alone ? [] : others);
}
