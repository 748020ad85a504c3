/** The two letters of an instance on its colour, as an image that needs no request. */
export function iconOf({
  name,
  iconText,
  iconColor,
}: {
  readonly name: string;
  readonly iconText: string | null;
  readonly iconColor: string | null;
}): { src: string; alt: string } {
  const background = iconColor !== null && /^#[0-9a-f]{6}$/i.test(iconColor) ? iconColor : '#0043a8';
  const text = (iconText ?? name.slice(0, 2)).toUpperCase().replace(/[^\p{L}\p{N}]/gu, '');
  const svg = [
    '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 32 32">',
    `<rect width="32" height="32" rx="8" fill="${background}"/>`,
    `<text x="16" y="21" text-anchor="middle" font-family="sans-serif" font-size="14" font-weight="700" fill="${inkOn(background)}">`,
    `${text}</text></svg>`,
  ].join('');
  return { src: `data:image/svg+xml,${encodeURIComponent(svg)}`, alt: `Icon of ${name}` };
}

/** Black or white, whichever is read better on the colour (WCAG's relative luminance). */
function inkOn(color: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
  return luminance > 0.179 ? '#000000' : '#ffffff';
}
