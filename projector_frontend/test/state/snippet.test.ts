import { expect, test } from 'vitest';
import { snippet } from '../../src/state/snippet';

test('labels beside their run are read with its folder alone', () => {
  expect(snippet('monkeys', 'run')).toBe(
    [
      'from tb_tsne_plugin.labels import read_labels',
      '',
      '# LOGDIR: what TensorBoard was given as --logdir. A DataFrame, one row a sample_id.',
      'labels = read_labels("LOGDIR/monkeys")',
      '',
    ].join('\n'),
  );
});

test('labels in a folder of their own are read from there', () => {
  expect(snippet('a/b', 'dir')).toBe(
    [
      'from tb_tsne_plugin.labels import read_labels',
      '',
      '# LOGDIR, LABELS_DIR: what TensorBoard was given as --logdir, --tsne_labels_dir. A DataFrame, one row a sample_id.',
      'labels = read_labels("LOGDIR/a/b", labels_dir="LABELS_DIR", logdir="LOGDIR")',
      '',
    ].join('\n'),
  );
});

test('labels in a database are read with its address from the environment, where a password is not copied about', () => {
  expect(snippet('monkeys', 'database')).toBe(
    [
      'import os',
      '',
      'from tb_tsne_plugin.labels import read_labels',
      '',
      '# LOGDIR, TB_TSNE_LABELS_DB: what TensorBoard was given as --logdir, --tsne_labels_db. A DataFrame, one row a sample_id.',
      'labels = read_labels("LOGDIR/monkeys", labels_db=os.environ["TB_TSNE_LABELS_DB"], logdir="LOGDIR")',
      '',
    ].join('\n'),
  );
});

test('the log dir itself may be the run, and a run’s name is quoted whatever it is', () => {
  expect(snippet('.', 'run')).toContain('read_labels("LOGDIR")');
  expect(snippet('a "b"', 'run')).toContain('read_labels("LOGDIR/a \\"b\\"")');
});
