/** The colours of elements as they reach the eye, from computed styles. */

const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", {
  willReadFrequently: true,
});
const known = new Map();

/** Any CSS colour as red, green, blue and opacity, all from 0 to 1. */
const parse = (color) => {
  if (!known.has(color)) {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = color;
    pixel.fillRect(0, 0, 1, 1);
    known.set(
      color,
      [...pixel.getImageData(0, 0, 1, 1).data].map((part) => part / 255),
    );
  }
  return known.get(color);
};

const mix = (below, above, share) => below.map((part, index) => part + share * (above[index] - part));

const over = (color, below) => {
  const [red, green, blue, opacity] = parse(color);
  return mix(below, [red, green, blue], opacity);
};

/** An element's background, and an ink on it: transparent colours and elements are mixed with what is below them. */
const paint = (element, ink) => {
  const path = [];
  for (let at = element; at; at = at.parentElement) path.unshift(at);
  const step = (index, below) => {
    const style = getComputedStyle(path[index]);
    const own = over(style.backgroundColor, below);
    const inner = index === path.length - 1 ? { ground: own, ink: over(ink, own) } : step(index + 1, own);
    const opacity = Number(style.opacity);
    return { ground: mix(below, inner.ground, opacity), ink: mix(below, inner.ink, opacity) };
  };
  return step(0, [1, 1, 1]);
};

const luminance = (color) => {
  const [red, green, blue] = color.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** WCAG's: from 1 (the same) to 21 (black and white). */
const contrast = ({ ground, ink }) => {
  const [darker, lighter] = [luminance(ground), luminance(ink)].sort((one, other) => one - other);
  return (lighter + 0.05) / (darker + 0.05);
};
