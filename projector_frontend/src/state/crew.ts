import type { ClassInfo, Colleague, HereRequest, TakenAnswer } from '../api/types';
import { listed } from './company';
import { number, plural } from './format';

/** As many as the server gives out at a time. */
export const MOST_LEASED = 1000;
/** As many as tell where somebody looks. */
const MOST_SHOWN = 8;

/** Where somebody looks, as the server takes it. */
export type Spot = Pick<HereRequest, 'kind' | 'count' | 'class_id' | 'sample_ids'>;

/** Somebody else, with all of their tabs. */
export interface Teammate {
  author: string;
  initials: string;
  /** What they look at, a line each. */
  words: readonly string[];
}

/** What is looked at, in rows. */
export interface Looked {
  kind: 'group' | 'page' | 'view';
  rows: readonly number[];
  classId: number | null;
}

export function spotOf({ kind, rows, classId }: Looked, idOf: (row: number) => string): Spot {
  return { kind, count: rows.length, class_id: classId, sample_ids: rows.slice(0, MOST_SHOWN).map(idOf) };
}

/** Who holds each row that somebody else holds, in another tab too. */
export function heldRows(
  others: readonly Colleague[],
  rowOf: ReadonlyMap<string, number>,
): ReadonlyMap<number, string> {
  const held = new Map<number, string>();
  for (const { holds, author, sample_ids: ids } of others) {
    if (!holds) continue;
    for (const id of ids) {
      const row = rowOf.get(id);
      if (row !== undefined) held.set(row, author);
    }
  }
  return held;
}

/** The others by name; one's own other tabs are nobody else. */
export function teammates(
  others: readonly Colleague[],
  classById: ReadonlyMap<number, ClassInfo>,
): readonly Teammate[] {
  const found = new Map<string, string[]>();
  for (const each of others) {
    if (each.own) continue;
    const words = found.get(each.author) ?? [];
    words.push(whereWords(each, classById));
    found.set(each.author, words);
  }
  return [...found].map(([author, words]) => ({ author, initials: initials(author), words }));
}

/** Those too of whom only this server's picture tells: they may look, and not edit. */
export function withOnlookers(
  found: readonly Teammate[],
  onlookers: readonly string[],
  self: string,
): readonly Teammate[] {
  const known = new Set([self, ...found.map(({ author }) => author)]);
  const more = [...new Set(onlookers)].filter((author) => !known.has(author));
  const words = ['looks at the picture'];
  return [...found, ...more.map((author) => ({ author, initials: initials(author), words }))];
}

/** What somebody looks at. */
export function whereWords(
  { kind, count, class_id: id }: Pick<Colleague, 'kind' | 'count' | 'class_id'>,
  classById: ReadonlyMap<number, ClassInfo>,
): string {
  const name = id === null ? undefined : classById.get(id)?.name;
  if (count === 0) return 'looks at the picture';
  const what = name === undefined ? plural(count, 'image') : `${number(count)} of ${name}`;
  if (kind === 'page') return `looks through a page: ${what}`;
  return kind === 'group' ? `looks at a group: ${what}` : `has ${what} selected`;
}

/** Two letters that stand for a name: of its first word and its last. */
export function initials(author: string): string {
  const words = author.replace(/\(.*?\)/g, ' ').match(/[\p{L}\p{N}]+/gu) ?? [];
  const [first = '?'] = words;
  const last = words.length > 1 ? (words.at(-1) ?? '') : '';
  const start = (word: string, length: number): string =>
    new RegExp(`^.{1,${length}}`, 'u').exec(word)?.[0] ?? '';
  return (last === '' ? start(first, 2) : start(first, 1) + start(last, 1)).toUpperCase();
}

/** What was left out since others look at it; empty where nothing was. */
export function leftOutWords(heldBy: TakenAnswer['held_by']): string {
  const count = heldBy.reduce((sum, each) => sum + each.count, 0);
  if (count === 0) return '';
  const [are, verb] = [count === 1 ? 'is' : 'are', heldBy.length === 1 ? 'is' : 'are'];
  return `${plural(count, 'image')} ${are} left out: ${listed(heldBy.map(({ author }) => author))} ${verb} looking at ${count === 1 ? 'it' : 'them'}.`;
}

/** Who looks at some rows too, in a sentence; empty where nobody does. */
export function lookedAtWords(rows: readonly number[], held: ReadonlyMap<number, string>): string {
  const found = rows.flatMap((row) => held.get(row) ?? []);
  if (found.length === 0) return '';
  const names = [...new Set(found)];
  const what = found.length === rows.length ? (rows.length === 1 ? 'it' : 'them') : number(found.length);
  return `${listed(names)} ${names.length === 1 ? 'is' : 'are'} looking at ${what} too.`;
}

/** Who looks at what is looked at here too. */
export function lookedAtToo(heldBy: TakenAnswer['held_by'], what = 'this group'): string {
  const names = heldBy.map(({ author }) => author);
  return `${listed(names)} ${names.length === 1 ? 'is' : 'are'} looking at ${what} too.`;
}
