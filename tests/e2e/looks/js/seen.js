/** What a person can reach now, and a name for it in messages. */
const ASKED = { opacityProperty: true, visibilityProperty: true, checkOpacity: true, checkVisibilityCSS: true };
const CONTROL = "button, a[href], input, select, textarea, summary, canvas[tabindex], [role=option]";

/** The page, or the dialog that lies over it. */
const root = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;

const isSeen = (element) => {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && element.checkVisibility(ASKED);
};

const plain = ({ left, top, right, bottom }) => ({ left, top, right, bottom });

const textNodes = (element) =>
  [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");

const ownText = (element) =>
  textNodes(element)
    .map((node) => node.data)
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();

/** What stands in a field that is not a slider or a box to tick. */
const fieldText = (element) => {
  if (element.matches("select")) return element.selectedOptions[0]?.text ?? "";
  if (!element.matches("input[type=text], input[type=search], input[type=number], textarea")) return "";
  return element.value || element.placeholder;
};

const nameOf = (element) => {
  const className = element.getAttribute("class")?.trim().replace(/\s+/g, ".");
  const id = element.dataset.testid ?? element.closest("[data-testid]")?.dataset.testid;
  const words = ownText(element) || fieldText(element) || element.getAttribute("aria-label") || element.textContent;
  return (
    element.tagName.toLowerCase() +
    (className ? `.${className}` : "") +
    (element.dataset.testid ? `[${id}]` : id ? ` in [${id}]` : "") +
    (words.trim() ? ` “${words.trim().slice(0, 40)}”` : "")
  );
};
