/** The application menu as data. What the panel can do is in the panel's own palette, not here. */
import type { MenuItemConstructorOptions } from 'electron';

export interface MenuSurroundings {
  readonly platform: NodeJS.Platform;
  /** Developer tools are offered while Gantry itself is being developed. */
  readonly isPackaged: boolean;
}

/** Standard roles only: the system brings their labels, shortcuts and behaviour. */
export function menuTemplate({ platform, isPackaged }: MenuSurroundings): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const view: MenuItemConstructorOptions[] = [
    { role: 'reload' },
    { type: 'separator' },
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ];
  if (!isPackaged) view.push({ type: 'separator' }, { role: 'toggleDevTools' });
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    { label: '&View', submenu: view },
    { role: 'windowMenu' },
  ];
}
