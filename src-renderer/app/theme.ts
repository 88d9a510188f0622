import { useEffect } from 'react';
import { type Theme, useUiState } from './ui-state.ts';

/** What comes after a theme when the button is pressed. */
export const themeAfter: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

/** Puts the chosen theme on the document; `system` follows the desktop. */
export function useTheme(): void {
  const theme = useUiState((state) => state.theme);
  useEffect(() => {
    const root = document.documentElement;
    if (theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme;
  }, [theme]);
}
