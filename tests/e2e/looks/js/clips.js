/** What the elements round another cut off from it. */

const FAR = 1e6;

/** What is left of the window for an element: as things are scrolled now, and however they are scrolled. */
const clipsOf = (element) => {
  const now = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  const always = { ...now };
  let scroller = null;
  let { position } = getComputedStyle(element);
  for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
    if (position === "fixed") break;
    const style = getComputedStyle(at);
    if (position === "absolute" && style.position === "static") continue;
    const box = at.getBoundingClientRect();
    const left = box.left + at.clientLeft;
    const top = box.top + at.clientTop;
    // Nothing here is meant to be scrolled sideways: what does not fit there is cut off.
    if (style.overflowX !== "visible")
      for (const clip of [now, always]) {
        clip.left = Math.max(clip.left, left);
        clip.right = Math.min(clip.right, left + at.clientWidth);
      }
    if (style.overflowY !== "visible") {
      if (["auto", "scroll"].includes(style.overflowY)) scroller ??= at;
      for (const clip of scroller ? [now] : [now, always]) {
        clip.top = Math.max(clip.top, top);
        clip.bottom = Math.min(clip.bottom, top + at.clientHeight);
      }
    }
    ({ position } = style);
  }
  return { now, always: scroller ? { ...always, top: -FAR, bottom: FAR } : always, scroller };
};

const within = (one, other) => ({
  left: Math.max(one.left, other.left),
  top: Math.max(one.top, other.top),
  right: Math.min(one.right, other.right),
  bottom: Math.min(one.bottom, other.bottom),
});

/** What lies over the middle of the part of an element that is in sight, unless that is a part of itself. */
const coverOf = (element) => {
  const { left, top, right, bottom } = within(element.getBoundingClientRect(), clipsOf(element).now);
  if (right - left <= 2 || bottom - top <= 2) return null;
  const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const label = element.matches("input") ? element.closest("label") : null;
  return !hit || element.contains(hit) || label?.contains(hit) ? null : hit;
};
