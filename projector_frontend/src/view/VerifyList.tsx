import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { issueReason, type LabelIssueRow } from '../state/guidance';
import { useApp } from './actions';
import { Thumb } from './Thumb';

const SHOWN = 30;

/** Labels that look wrong, the most likely wrong first: change each, or keep it. */
export function VerifyList(): JSX.Element {
  const { store } = useApp();
  const labels = store.labels.value;
  const list = useRef<HTMLOListElement>(null);
  // Asked for by a key: what comes must be in sight.
  useEffect(() => list.current?.scrollIntoView({ block: 'nearest' }), []);
  const open = (store.labelIssues.value ?? []).filter(
    ({ row, class_id: given, expected }) => labels[row] === given && expected !== given,
  );
  if (open.length === 0)
    return (
      <p class="note">
        {store.labelState.value.classes.length < 2
          ? 'Two classes at least must have some labels.'
          : 'No label is contradicted by its neighbours.'}
      </p>
    );
  return (
    <ol ref={list} class="verify" data-testid="verify-list">
      {open.slice(0, SHOWN).map((issue) => (
        <Item key={issue.row} issue={issue} />
      ))}
    </ol>
  );
}

function Item({ issue }: { issue: LabelIssueRow }): JSX.Element {
  const { store, actions } = useApp();
  const name = (id: number): string => store.classById.value.get(id)?.name ?? 'another class';
  return (
    <li data-testid="label-issue" data-row={issue.row} title={issueReason(issue, name)}>
      <button
        type="button"
        class="thumb"
        aria-label={`Show this ${name(issue.class_id)}`}
        onClick={() => actions.lookAt(issue.row)}
      >
        <Thumb row={issue.row} size={48} />
      </button>
      <div class="label-issue">
        <span class="words" dir="auto" title={name(issue.class_id)}>
          {name(issue.class_id)}
        </span>
        <span class="words muted">{issueReason(issue, name)}</span>
        <span class="buttons">
          <button
            type="button"
            class="plain"
            title={`Change it to ${name(issue.expected)}`}
            data-testid="change-label"
            onClick={() => actions.settleIssue(issue.row, true)}
          >
            <span class="words" dir="auto">
              {name(issue.expected)}
            </span>
          </button>
          <button
            type="button"
            class="plain"
            title="The label is right"
            data-testid="keep-label"
            onClick={() => actions.settleIssue(issue.row, false)}
          >
            Keep
          </button>
        </span>
      </div>
    </li>
  );
}
