/** Colours of icons, each with a name that can be read out. */
export const COLORS: readonly { readonly value: string; readonly label: string }[] = [
  { value: '#0972d3', label: 'Blue' },
  { value: '#037f0c', label: 'Green' },
  { value: '#8d6605', label: 'Ochre' },
  { value: '#7d2105', label: 'Brown' },
  { value: '#6b3fa0', label: 'Violet' },
  { value: '#00708a', label: 'Teal' },
  { value: '#d91515', label: 'Red' },
  { value: '#414d5c', label: 'Grey' },
];

/** The first two characters of a text, as people count them; what does not fit into two units of UTF-16 is left out. */
export function shortened(text: string): string {
  const characters = Array.from(new Intl.Segmenter('en').segment(text), ({ segment }) => segment);
  const two = characters.slice(0, 2).join('');
  return two.length <= 2 ? two : (characters.slice(0, 1).find(({ length }) => length <= 2) ?? '');
}
