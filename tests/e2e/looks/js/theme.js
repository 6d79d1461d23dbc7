/** Measures what a theme decides: the colours of grounds and text, and what is in the accent's or a class's colour. */

const named = (color) =>
  parse(color)
    .map((part) => Math.round(255 * part))
    .join(" ");

const measure = () => {
  const tokens = getComputedStyle(document.documentElement);
  const accents = ["--accent", "--accent-text"].map((token) => named(tokens.getPropertyValue(token)));
  const inAccent = (element) => {
    const { color, backgroundColor, borderTopColor, stroke } = getComputedStyle(element);
    return [color, backgroundColor, borderTopColor, stroke].some((each) => accents.includes(named(each)));
  };
  const all = [...document.querySelectorAll("body *")].filter(isSeen);
  return {
    grounds: all
      .filter((element) => element.matches("main, .side, .status-bar"))
      .map((element) => luminance(paint(element, "#000").ground)),
    ink: luminance(parse(getComputedStyle(document.body).color).slice(0, 3)),
    accent: parse(tokens.getPropertyValue("--accent")).slice(0, 3),
    in_accent: all.filter(inAccent).map(nameOf),
    classes: Object.fromEntries(
      all
        .filter((element) => element.matches('[data-testid^="swatch-"]:not(.empty)'))
        .map((element) => [
          element.dataset.testid.replace("swatch-", ""),
          parse(getComputedStyle(element, "::before").backgroundColor)
            .slice(0, 3)
            .map((part) => Math.round(255 * part)),
        ]),
    ),
  };
};
