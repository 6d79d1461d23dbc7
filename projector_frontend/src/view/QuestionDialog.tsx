import type { JSX } from 'preact';
import { useApp } from './actions';
import { Dialog } from './Dialog';

/** Asks before something is done that others see too. */
export function QuestionDialog(): JSX.Element | null {
  const { store, actions } = useApp();
  const { value: question } = store.question;
  if (!question) return null;
  return (
    <Dialog title="Others are here" testId="question-dialog">
      <p class="note waiting-note">{question.words}</p>
      <div class="pair">
        <button
          type="button"
          class="plain"
          data-testid="question-yes"
          autofocus
          onClick={() => {
            actions.closeDialog();
            question.yes();
          }}
        >
          Change it
        </button>
        <button type="button" class="plain" data-testid="question-no" onClick={actions.closeDialog}>
          Leave it
        </button>
      </div>
    </Dialog>
  );
}
