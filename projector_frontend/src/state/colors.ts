/** `#RRGGBB` as three numbers of 0 to 255; mid-grey for anything else. */
export function rgb(hex: string): [number, number, number] {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (!match) return [128, 128, 128];
  return [parseInt(match[1] ?? '', 16), parseInt(match[2] ?? '', 16), parseInt(match[3] ?? '', 16)];
}

/** The four bytes of a colour as one number, as arrays of bytes hold them: red lowest. */
export function word([red, green, blue]: readonly [number, number, number], alpha: number): number {
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** Whether black words can be read better than white ones on a colour (WCAG's relative luminance). */
export function takesBlack(hex: string): boolean {
  const [red, green, blue] = rgb(hex).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179;
}
