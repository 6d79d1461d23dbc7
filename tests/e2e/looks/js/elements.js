/** Measures every element that is shown: where it stands, what cuts it off, its text. What is wrong, Python says. */

const PLACE =
  ".panel, .side, .status-bar, .toolbar, .legend, .remark, .toast, .notice, .hover-card, .menu, .options, .stage, dialog";

const measure = (kinds) => {
  const seen = [root, ...root.querySelectorAll("*")].filter((each) => each instanceof HTMLElement && isSeen(each));
  const places = new Map(seen.map((element, index) => [element, index]));
  const indexOf = (element) => {
    for (let at = element; at; at = at.parentElement) if (places.has(at)) return places.get(at);
    return null;
  };
  return seen.map((element) => {
    const { now, always, scroller } = clipsOf(element);
    const words = wordsOf(element);
    const interactive = element.matches(CONTROL);
    return {
      name: nameOf(element),
      test_id: element.dataset.testid ?? null,
      kinds: Object.keys(kinds).filter((kind) => element.matches(kinds[kind])),
      parent: indexOf(element.parentElement),
      control: indexOf(element.closest(CONTROL)),
      place: indexOf(element.parentElement?.closest(PLACE)),
      scroller: indexOf(scroller),
      interactive,
      box: plain(element.getBoundingClientRect()),
      clip: always,
      clip_now: now,
      text: ownText(element) || fieldText(element),
      words,
      rows: countRows(words),
      start: startOf(element),
      text_clip: textClipOf(element, always),
      ellipsis: hasEllipsis(element),
      tooltips: tooltipsOf(element),
      overflow: overflowOf(element),
      covered_by: interactive ? indexOf(coverOf(element)) : null,
    };
  });
};
