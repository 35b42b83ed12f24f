/** A colour as `#rrggbb`, by the name of its custom property without the dashes. */
export type Palette = Readonly<Record<string, string>>;

// Tones after Okabe and Ito (2008), darker or lighter so that each has a contrast of 4.5 to the background.
export const LIGHT: Palette = withText({
  bg: '#ffffff',
  fg: '#1b1f24',
  dim: '#56606b',
  line: '#d8dee4',
  soft: '#f5f7f9',
  c1: '#0b62a8',
  c2: '#b5430a',
  c3: '#00775a',
  c4: '#a03e80',
  c5: '#7a5c00',
  c6: '#5f6873',
  c7: '#00738a',
  c8: '#6a4fb3',
  good: '#14713a',
  warn: '#855600',
  warnbg: '#fff5dc',
  bad: '#b3261e',
  badbg: '#fdecea',
  s0: '#eaf2fa',
  s1: '#cfe1f2',
  s2: '#a9cce6',
  s3: '#7fb2d9',
  s4: '#31719f',
  s5: '#1f5f99',
  s6: '#08406f',
  v0: '#a34a06',
  v1: '#e3924a',
  v2: '#f8d5b0',
  v3: '#f0f1f3',
  v4: '#b9d6ee',
  v5: '#6cabd8',
  v6: '#0f5c99',
});

export const DARK: Palette = withText({
  bg: '#14171b',
  fg: '#e4e8ec',
  dim: '#9aa5b1',
  line: '#343b43',
  soft: '#1c2127',
  c1: '#6cb4f5',
  c2: '#ff9d6b',
  c3: '#3fcf9f',
  c4: '#f09fd0',
  c5: '#e2bf4a',
  c6: '#a7b0ba',
  c7: '#5fd3e6',
  c8: '#b9a2ff',
  good: '#6fcf97',
  warn: '#f0c060',
  warnbg: '#2f2712',
  bad: '#ff8d85',
  badbg: '#33191a',
  s0: '#1d2b38',
  s1: '#1f3d57',
  s2: '#235276',
  s3: '#2a6796',
  s4: '#5b9fd0',
  s5: '#8fc1e8',
  s6: '#cfe6fb',
  v0: '#ffb066',
  v1: '#cf8238',
  v2: '#664220',
  v3: '#2a3037',
  v4: '#264a66',
  v5: '#4f96c9',
  v6: '#93cbf8',
});

/** The contrast of two colours, from 1 to 21. WCAG 2.2, definitions of contrast ratio and relative luminance. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** For each shade of tiles, such as `s3`, the colour of text on it: `s3t`. */
function withText(colours: Record<string, string>): Palette {
  const shades = Object.entries(colours).filter(([name]) => /^[sv]\d$/.test(name));
  const texts = shades.map(([name, colour]) => {
    const better = contrast(colours['fg']!, colour) > contrast(colours['bg']!, colour) ? 'fg' : 'bg';
    return [`${name}t`, colours[better]!];
  });
  return { ...colours, ...Object.fromEntries(texts) };
}
