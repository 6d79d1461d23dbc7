import access from './css/access.css?inline';
import base from './css/base.css?inline';
import controls from './css/controls.css?inline';
import downloads from './css/downloads.css?inline';
import fingers from './css/fingers.css?inline';
import guidance from './css/guidance.css?inline';
import labels from './css/labels.css?inline';
import messages from './css/messages.css?inline';
import narrow from './css/narrow.css?inline';
import panels from './css/panels.css?inline';
import place from './css/place.css?inline';
import review from './css/review.css?inline';
import selection from './css/selection.css?inline';
import stage from './css/stage.css?inline';

const SHEETS = [
  base,
  controls,
  panels,
  labels,
  selection,
  guidance,
  stage,
  review,
  messages,
  place,
  downloads,
  access,
  narrow,
  fingers,
];

/** One inline sheet: no second request, and nothing for a CSP to refuse. */
export const STYLE = SHEETS.join('\n');
