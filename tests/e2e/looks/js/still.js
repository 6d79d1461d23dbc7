/** Brings what rises or fades to its end; what turns without end turns on. */
for (const animation of document.getAnimations())
  if (Number.isFinite(animation.effect?.getComputedTiming().endTime)) animation.finish();
