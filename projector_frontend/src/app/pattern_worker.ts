/** A thread that matches regular expressions, so that one that never ends can be stopped: with its thread. */
import type { MetadataColumn } from '../state/metadata';
import { rowsMatching } from '../state/search';
import type { ToWorker } from './pattern_search';

let columns: readonly MetadataColumn[] = [];

self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if ('columns' in data) columns = data.columns;
  // Without an answer of its own for the columns, the time that they took would count as the pattern's.
  self.postMessage('columns' in data ? null : rowsMatching(columns, data.pattern));
});
