/** Where an element's own text stands, and what becomes of it where there is no room. */

const rangeBoxes = (node, from, to) => {
  const range = document.createRange();
  range.setStart(node, from);
  range.setEnd(node, to);
  return [...range.getClientRects()].filter((box) => box.width > 0);
};

/** As high as the letters are: a font's own height differs from machine to machine. */
const wordsOf = (element) => {
  const half = 0.35 * parseFloat(getComputedStyle(element).fontSize);
  return textNodes(element).flatMap((node) =>
    rangeBoxes(node, 0, node.length).map(({ left, right, top, bottom }) => {
      const middle = (top + bottom) / 2;
      return { left, right, top: middle - half, bottom: middle + half };
    }),
  );
};

const countRows = (words) => {
  const tops = [];
  for (const { top, bottom } of words)
    if (!tops.some((other) => Math.abs(other - top) < 0.7 * (bottom - top))) tops.push(top);
  return tops.length;
};

/** Where the first letter stands: on the right where the script runs that way. */
const startOf = (element) => {
  const [node] = textNodes(element);
  if (!node) return null;
  const from = node.data.search(/\S/);
  const [box] = rangeBoxes(node, from, from + 1);
  return box ? plain(box) : null;
};

const pencil = document.createElement("canvas").getContext("2d");
const ARROW = 18;

/** By how much the text is wider than its room. A field does not tell this itself. */
const overflowOf = (element) => {
  const style = getComputedStyle(element);
  const field = fieldText(element);
  if (field === "") return style.display === "inline" ? 0 : element.scrollWidth - element.clientWidth;
  pencil.font = style.font;
  const room = element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return pencil.measureText(field).width - room + (element.matches("select") ? ARROW : 0);
};

/** What is left of the window for the text: the element may cut off itself what leaves it. */
const textClipOf = (element, clip) => {
  if (getComputedStyle(element).overflowX === "visible") return clip;
  const { left, right } = element.getBoundingClientRect();
  return { ...clip, left: Math.max(clip.left, left), right: Math.min(clip.right, right) };
};

/** Whether an ellipsis stands for what is cut off; a flex or grid box has none for text of its own. */
const hasEllipsis = (element) => {
  for (let at = element; at && at !== root; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.overflowX !== "visible") return style.textOverflow === "ellipsis" && !/flex|grid/.test(style.display);
  }
  return false;
};

/** The tooltips that a pointer on the text brings: its own, and those of the line, row or panel that it belongs to. */
const tooltipsOf = (element) => {
  const found = [];
  for (let at = element; at && at !== root; at = at.parentElement) {
    if (at.title) found.push(at.title);
    if (at.matches("li, section")) break;
  }
  return found;
};
