/** Gives each control the focus, as the Tab key does, and measures the ring round it. */

const SIDES = ["left", "top", "right", "bottom"];

/** How wide the ring is that can be seen at each side. */
const ringOf = (element) => {
  const style = getComputedStyle(element);
  const width = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
  const reach = width + parseFloat(style.outlineOffset);
  const box = element.getBoundingClientRect();
  const clip = clipsOf(element).now;
  const beyond = {
    left: clip.left - (box.left - reach),
    top: clip.top - (box.top - reach),
    right: box.right + reach - clip.right,
    bottom: box.bottom + reach - clip.bottom,
  };
  // Outside its element the ring lies on what is behind that.
  const ground = reach - width < 0 ? element : element.parentElement;
  return {
    widths: SIDES.map((side) => Math.max(0, width - Math.max(0, beyond[side]))),
    contrast: contrast(paint(ground, style.outlineColor)),
  };
};

const measure = () => {
  const controls = [...root.querySelectorAll('button, a[href], input, select, summary, [tabindex="0"]')];
  const found = controls
    .filter((element) => !element.matches(":disabled") && element.getBoundingClientRect().width > 0)
    .filter((element) => element.checkVisibility({ visibilityProperty: true, checkVisibilityCSS: true }))
    .map((element) => {
      element.focus();
      // What stands over the picture leaves its edge, and its ring, in sight.
      const cover = element.matches("canvas") ? null : coverOf(element);
      return {
        name: nameOf(element),
        focused: element.matches(":focus-visible"),
        ...ringOf(element),
        covered_by: cover && nameOf(cover),
      };
    });
  // Keys are commands again, wherever the focus was.
  document.activeElement?.blur();
  window.focus();
  return found;
};
