import type { TopNavigationProps } from '@cloudscape-design/components/top-navigation';
import type { ColorChoice, ColorMode } from './color-mode.ts';

const CHOICES: readonly { readonly id: ColorChoice; readonly text: string }[] = [
  { id: 'system', text: 'As this computer' },
  { id: 'light', text: 'Light' },
  { id: 'dark', text: 'Dark' },
];

/** The switch between light and dark in the top bar. */
export function colorModeMenu({ choice, isDark, choose }: ColorMode): TopNavigationProps.MenuDropdownUtility {
  return {
    type: 'menu-dropdown',
    text: isDark ? 'Dark' : 'Light',
    ariaLabel: `Colours: ${isDark ? 'Dark' : 'Light'}`,
    title: 'Colours',
    items: CHOICES.map(({ id, text }) => ({ id, text, itemType: 'checkbox', checked: id === choice })),
    onItemClick: ({ detail }) => {
      const chosen = CHOICES.find(({ id }) => id === detail.id);
      if (chosen !== undefined) choose(chosen.id);
    },
  };
}
