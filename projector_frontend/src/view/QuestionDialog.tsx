import type { JSX } from 'preact';
import { useApp } from './actions';
import { Dialog } from './Dialog';

/** Asks before something is done that others see too, or that cannot be undone. */
export function QuestionDialog(): JSX.Element | null {
  const { store, actions } = useApp();
  const { value: question } = store.question;
  if (!question) return null;
  return (
    <Dialog title={question.title} testId="question-dialog">
      <p class="note waiting-note">{question.words}</p>
      <div class="pair">
        <button
          type="button"
          class="plain"
          data-testid="question-yes"
          autofocus={!question.forGood}
          onClick={() => {
            actions.closeDialog();
            question.yes();
          }}
        >
          {question.act}
        </button>
        <button
          type="button"
          class="plain"
          data-testid="question-no"
          autofocus={question.forGood}
          onClick={actions.closeDialog}
        >
          Leave it
        </button>
      </div>
    </Dialog>
  );
}
