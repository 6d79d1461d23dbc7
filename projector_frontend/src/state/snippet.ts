/** How to read a run's labels in Python; the log dir's own place is the server's secret. */
export function snippet(run: string): string {
  const folder = run === '' || run === '.' ? 'LOGDIR' : `LOGDIR/${run}`;
  return [
    'from tb_tsne_plugin.labels import read_labels',
    '',
    `labels = read_labels(${JSON.stringify(folder)})  # a DataFrame, one row a sample_id`,
    '',
  ].join('\n');
}
