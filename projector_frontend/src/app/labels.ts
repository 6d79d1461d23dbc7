import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import type { LabelColumn, LabelsAnswer } from '../api/types';
import type { Store } from '../state/store';

/** Reads the labels of a column; for somebody who may edit, their store is made where there is none yet. */
export async function readLabels(
  client: Client,
  store: Store,
  of: LabelColumn,
  tensor: string,
): Promise<LabelsAnswer> {
  const problem = store.runs.peek()?.can_edit ? await makeStore(client, of.run) : null;
  const answer = await client.labels(of, tensor);
  return { ...answer, problem: answer.problem ?? problem };
}

/** Null, or why there is no store. */
async function makeStore(client: Client, run: string): Promise<string | null> {
  try {
    await client.createLabels(run);
    return null;
  } catch (error) {
    if (!(error instanceof ApiError) || error.unanswered) throw error;
    return error.message;
  }
}
