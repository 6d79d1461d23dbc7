/** Measures how every text and icon that is shown stands out. */

const inkOf = (element, icon) => {
  const style = getComputedStyle(element);
  if (icon) return style.stroke;
  const placeholder = element.matches("input") && element.value === "";
  return placeholder ? getComputedStyle(element, "::placeholder").color : style.color;
};

const kindOf = (element, icon) => {
  const { fontSize, fontWeight } = getComputedStyle(element);
  const size = parseFloat(fontSize);
  if (icon) return "icon";
  return size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700) ? "large" : "text";
};

const measure = () =>
  [root, ...root.querySelectorAll("*")].filter(isSeen).flatMap((element) => {
    const icon = element.matches("svg.icon");
    const text = element.matches("option, svg *") ? "" : ownText(element) || fieldText(element);
    if (!icon && text === "") return [];
    const control = element.closest(CONTROL) ?? element.closest("label")?.control;
    return [
      {
        name: icon && control ? `icon of ${nameOf(control)}` : nameOf(element),
        kind: kindOf(element, icon),
        disabled: control?.matches(":disabled") ?? false,
        contrast: contrast(paint(element, inkOf(element, icon))),
      },
    ];
  });
