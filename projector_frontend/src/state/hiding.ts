import type { MetadataColumn } from '../api/types';
import { UNLABELED } from './labels';

/**
 * Which rows are not drawn: 1 where hidden; null where all are drawn.
 *
 * @param groups class ids as text, or values of the column that colours the view
 */
export function hiddenRows(
  labels: Int32Array,
  column: MetadataColumn | null,
  groups: ReadonlySet<string>,
  labeledToo: boolean,
): Uint8Array | null {
  if (groups.size === 0 && !labeledToo) return null;
  const hidden = new Uint8Array(labels.length);
  labels.forEach((id, row) => {
    const group = column ? (column.values[row] ?? '') : String(id);
    if ((labeledToo && id !== UNLABELED) || groups.has(group)) hidden[row] = 1;
  });
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
