import type { RunsAnswer } from '../api/types';

/** For each place that labels are kept at: what stands in capitals, which flags gave it, and what `read_labels` takes. */
const PLACES = {
  run: { capitals: 'LOGDIR', flags: '--logdir', where: '' },
  dir: {
    capitals: 'LOGDIR, LABELS_DIR',
    flags: '--logdir, --tsne_labels_dir',
    where: ', labels_dir="LABELS_DIR", logdir="LOGDIR"',
  },
  database: {
    capitals: 'LOGDIR, TB_TSNE_LABELS_DB',
    flags: '--logdir, --tsne_labels_db',
    where: ', labels_db=os.environ["TB_TSNE_LABELS_DB"], logdir="LOGDIR"',
  },
} as const;

/**
 * How to read a run's labels in Python, wherever the server keeps them; the places themselves are the server's secret.
 *
 * @param run a run's name; `.` or nothing is the log dir itself
 */
export function snippet(run: string, keptIn: RunsAnswer['labels_kept_in']): string {
  const { capitals, flags, where } = PLACES[keptIn];
  const folder = JSON.stringify(run === '' || run === '.' ? 'LOGDIR' : `LOGDIR/${run}`);
  return [
    ...(keptIn === 'database' ? ['import os', ''] : []),
    'from tb_tsne_plugin.labels import read_labels',
    '',
    `# ${capitals}: what TensorBoard was given as ${flags}. A DataFrame, one row a sample_id.`,
    `labels = read_labels(${folder}${where})`,
    '',
  ].join('\n');
}
