import type { JSX } from 'preact';
import { keysOf } from '../state/keys';
import { useApp } from './actions';
import { IconButton } from './controls';

/** What the pointer does, and how the picture is shown. */
export function Toolbar(): JSX.Element {
  const { store, actions } = useApp();
  const images = store.sheet.value !== null;
  const shown = store.spritesShown.value;
  const tool = store.tool.value;
  const keys = (command: Parameters<typeof keysOf>[0]): string =>
    keysOf(command, store.keyMap.value)[0] ?? '';
  const what = shown ? 'images' : 'dots';
  return (
    <div class="toolbar" role="toolbar" aria-label="View">
      <IconButton
        icon="orbit"
        label="Turn and click: an image with its nearest"
        testId="tool-orbit"
        pressed={tool === 'orbit'}
        onClick={() => actions.setTool('orbit')}
      />
      <IconButton
        icon="box"
        label="Box: drag a rectangle; Shift adds, Alt takes out"
        keys={keys('boxTool')}
        testId="tool-box"
        pressed={tool === 'box'}
        onClick={() => actions.setTool('box')}
      />
      <IconButton
        icon="lasso"
        label="Lasso: drag an outline; Shift adds, Alt takes out"
        keys={keys('lassoTool')}
        testId="tool-lasso"
        pressed={tool === 'lasso'}
        onClick={() => actions.setTool('lasso')}
      />
      <span class="rule" />
      <IconButton
        icon="fit"
        label="Fit the picture, and follow it"
        keys={keys('fit')}
        testId="fit"
        pressed={store.autoFit.value}
        onClick={() => actions.run('fit')}
      />
      <IconButton
        icon="hide"
        label={store.labeledHidden.value ? 'Show what is labelled' : 'Hide what is labelled'}
        keys={keys('hideLabeled')}
        testId="hide-labeled"
        pressed={store.labeledHidden.value}
        onClick={() => actions.run('hideLabeled')}
      />
      <IconButton
        icon="camera"
        label="Save the picture as an image"
        keys={keys('screenshot')}
        testId="screenshot"
        onClick={() => actions.run('screenshot')}
      />
      <span class="rule" />
      {images && (
        <IconButton
          icon={shown ? 'images' : 'dots'}
          label={shown ? 'Images are shown; show dots' : 'Dots are shown; show images'}
          keys={keys('sprites')}
          testId="sprites"
          pressed={shown}
          onClick={() => actions.run('sprites')}
        />
      )}
      <input
        type="range"
        class="size"
        min={8}
        max={96}
        value={store.spriteSize.value}
        title={`Size of the ${what}`}
        aria-label={`Size of the ${what}`}
        data-testid="sprite-size"
        style={{ '--share': `${((store.spriteSize.value - 8) / 88) * 100}%` }}
        onInput={(event) => actions.setSpriteSize(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
