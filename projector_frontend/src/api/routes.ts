import type { paths } from './schema';

/** The paths that answer to GET, or to POST. */
export type Reads = { [P in keyof paths]: paths[P] extends { get: object } ? P : never }[keyof paths];
export type Writes = { [P in keyof paths]: paths[P] extends { post: object } ? P : never }[keyof paths];

/** The query of a read. */
export type Query<P extends Reads> = paths[P] extends { get: { parameters: { query: infer Q } } }
  ? Q
  : Record<string, never>;

/** The body of a write. */
export type Body<P extends Writes> = paths[P] extends { post: { requestBody: { content: infer C } } }
  ? C['application/json' & keyof C]
  : never;

/** What a route answers with, where it answers in JSON. */
export type Answer<P extends Reads | Writes> = paths[P] extends
  | { get: { responses: { 200: { content: infer C } } } }
  | { post: { responses: { 200: { content: infer C } } } }
  ? C['application/json' & keyof C]
  : never;
