import type { JSX } from 'preact';
import { useApp } from './actions';
import { IconButton } from './controls';

export function Toolbar(): JSX.Element {
  const { store, actions } = useApp();
  const images = store.sheet.value !== null;
  const shown = store.spritesShown.value;
  return (
    <div class="toolbar" role="toolbar" aria-label="View">
      <IconButton
        icon="group"
        label="Select the densest unlabelled group"
        keys="G"
        testId="densest-group"
        onClick={() => actions.run('densest')}
      />
      <IconButton
        icon="fit"
        label="Fit the picture"
        keys="F"
        testId="fit"
        pressed={store.autoFit.value}
        onClick={() => actions.run('fit')}
      />
      <span class="rule" />
      {images && (
        <>
          <IconButton
            icon="images"
            label="Show images"
            keys="S"
            testId="sprites-on"
            pressed={shown}
            onClick={() => actions.setSprites(true)}
          />
          <IconButton
            icon="dots"
            label="Show dots"
            keys="S"
            testId="sprites-off"
            pressed={!shown}
            onClick={() => actions.setSprites(false)}
          />
        </>
      )}
      <input
        type="range"
        class="size"
        min={8}
        max={96}
        value={store.spriteSize.value}
        title={`Size of the ${shown ? 'images' : 'dots'}`}
        aria-label={`Size of the ${shown ? 'images' : 'dots'}`}
        data-testid="sprite-size"
        style={{ '--share': `${((store.spriteSize.value - 8) / 88) * 100}%` }}
        onInput={(event) => actions.setSpriteSize(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
