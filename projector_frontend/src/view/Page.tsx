import type { JSX } from 'preact';
import { AppContext, useApp, type App } from './actions';
import { Panel } from './controls';
import { DataPanel } from './DataPanel';
import { DatasetDialog } from './DatasetDialog';
import { GuidancePanel } from './GuidancePanel';
import { HistoryPanel } from './HistoryPanel';
import { ImportDialog } from './ImportDialog';
import { KeysDialog } from './KeysDialog';
import { LabelsPanel } from './LabelsPanel';
import { NextStep } from './NextStep';
import { PlaceDialog } from './place/PlaceDialog';
import { QuestionDialog } from './QuestionDialog';
import { Review } from './review/Review';
import { SelectionPanel } from './SelectionPanel';
import { SignIn } from './SignIn';
import { SignInOffer } from './SignInOffer';
import { Stage } from './Stage';
import { StatusBar } from './StatusBar';
import { Tip } from './Tip';
import { TsnePanel } from './TsnePanel';
import { WaitingDialog } from './WaitingDialog';

export function Page({ app }: { app: App }): JSX.Element {
  const { value: review } = app.store.review;
  const reviewing = review !== null;
  return (
    <AppContext.Provider value={app}>
      <div
        class={reviewing ? 'page reviewing' : 'page'}
        onMouseDown={(event) => {
          // A button pressed by pointer must not keep the focus, or Space would press it again.
          if (!(event.target as HTMLElement).closest('button, label.check, summary')) return;
          event.preventDefault();
          // The frame itself must have it all the same, or keys would go to TensorBoard's page.
          window.focus();
        }}
      >
        {!reviewing && (
          <div class="side left" key="left">
            <DataPanel />
            <Ready>
              <TsnePanel />
              <HistoryPanel />
            </Ready>
          </div>
        )}
        {reviewing && <Review key="review" />}
        {/* Where it stands is for the style sheet to say: a canvas that moves in the document may lose its context. */}
        <Stage key="stage" />
        {reviewing ? (
          <>
            <div class="side right upper" key="upper">
              <LabelsPanel />
            </div>
            <div class="side right lower" key="lower">
              <Panel title="Next">
                <NextStep beside />
              </Panel>
              <HistoryPanel />
            </div>
          </>
        ) : (
          <div class="side right" key="right">
            <Ready>
              <LabelsPanel />
              <SelectionPanel />
              <GuidancePanel />
            </Ready>
          </div>
        )}
        <StatusBar />
        {app.store.tokenAsked.value && <SignIn />}
        {app.store.signInOffer.value && <SignInOffer {...app.store.signInOffer.value} />}
        <Tip />
        {app.store.dialog.value === 'keys' && <KeysDialog />}
        {app.store.dialog.value === 'import' && <ImportDialog />}
        {app.store.dialog.value === 'dataset' && <DatasetDialog />}
        {app.store.dialog.value === 'waiting' && <WaitingDialog />}
        {app.store.dialog.value === 'place' && <PlaceDialog />}
        {app.store.dialog.value === 'question' && <QuestionDialog />}
      </div>
    </AppContext.Provider>
  );
}

/** Panels that mean nothing before the samples are there. */
function Ready({ children }: { children: JSX.Element[] }): JSX.Element | null {
  const { store } = useApp();
  return store.samples.value ? <>{children}</> : null;
}
