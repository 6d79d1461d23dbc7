import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { plural } from '../state/format';
import { groupReason, issueReason, type GroupIssue, type LabelIssueRow } from '../state/guidance';
import { useApp } from './actions';
import { Thumb } from './Thumb';

const SHOWN = 30;
const THUMBS = 5;
const GROUP_THUMB = 38;

/** Groups and labels that look wrong, the most likely wrong first: change each, or keep it. */
export function VerifyList(): JSX.Element {
  const { store } = useApp();
  const labels = store.labels.value;
  const list = useRef<HTMLOListElement>(null);
  // Asked for by a key: what comes must be in sight.
  useEffect(() => list.current?.scrollIntoView({ block: 'nearest' }), []);
  const { groups = [], labels: issues = [] } = store.toVerify.value ?? {};
  const openGroups = groups.filter(({ rows, classId }) => rows.some((row) => labels[row] === classId));
  const open = issues.filter(
    ({ row, class_id: given, expected }) => labels[row] === given && expected !== given,
  );
  if (open.length === 0 && openGroups.length === 0)
    return (
      <p class="note">
        {store.labelState.value.classes.length < 2
          ? 'Two classes at least must have some labels.'
          : 'No label is contradicted by its neighbours.'}
      </p>
    );
  return (
    <ol ref={list} class="verify" data-testid="verify-list">
      {openGroups.slice(0, SHOWN).map((issue) => (
        <Group key={`group ${issue.rows[0]}`} issue={issue} />
      ))}
      {open.slice(0, SHOWN).map((issue) => (
        <Item key={issue.row} issue={issue} />
      ))}
    </ol>
  );
}

function Group({ issue }: { issue: GroupIssue }): JSX.Element {
  const { store, actions } = useApp();
  const { rows, classId, expected } = issue;
  const name = (id: number): string => store.classById.value.get(id)?.name ?? 'another class';
  return (
    <li class="group" data-testid="group-issue" data-row={rows[0]}>
      <button
        type="button"
        class="strip"
        title="Look through the group"
        aria-label={`Look through ${plural(rows.length, 'image')} labelled ${name(classId)}`}
        data-testid="look-through-group"
        onClick={() => actions.lookThroughGroup(issue)}
      >
        {rows.slice(0, THUMBS).map((row) => (
          <Thumb key={row} row={row} size={GROUP_THUMB} />
        ))}
      </button>
      <div class="label-issue">
        <span class="words" dir="auto" title={name(classId)}>
          {name(classId)}
        </span>
        <span class="words muted">
          {plural(rows.length, 'image')} labelled together; {groupReason(issue, name)}
        </span>
        <span class="buttons">
          {expected !== classId && (
            <button
              type="button"
              class="plain"
              title={`All of them are ${name(expected)}`}
              data-testid="change-group"
              onClick={() => actions.settleGroup(issue, true)}
            >
              <span class="words" dir="auto">
                All {name(expected)}
              </span>
            </button>
          )}
          <button
            type="button"
            class="plain"
            title="Their label is right"
            data-testid="keep-group"
            onClick={() => actions.settleGroup(issue, false)}
          >
            Keep
          </button>
        </span>
      </div>
    </li>
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
