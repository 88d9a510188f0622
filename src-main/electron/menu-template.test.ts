import { expect, it } from 'vitest';
import { menuTemplate } from './menu-template.ts';

const outline = (...surroundings: Parameters<typeof menuTemplate>): string =>
  menuTemplate(...surroundings)
    .map(
      (item) =>
        item.role ?? `${item.label}[${(item.submenu as { role?: string }[]).map((sub) => sub.role ?? '-').join(' ')}]`,
    )
    .join(', ');

it('offers the standard menus, and developer tools only while developing', () => {
  expect(outline({ platform: 'linux', isPackaged: true })).toBe(
    'fileMenu, editMenu, &View[reload - resetZoom zoomIn zoomOut - togglefullscreen], windowMenu',
  );
  expect(outline({ platform: 'darwin', isPackaged: false })).toBe(
    'appMenu, fileMenu, editMenu, &View[reload - resetZoom zoomIn zoomOut - togglefullscreen - toggleDevTools], windowMenu',
  );
});
