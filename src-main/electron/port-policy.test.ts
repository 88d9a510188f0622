import { expect, it } from 'vitest';
import { type PortSender, refusePort } from './port-policy.ts';

const panel: PortSender = { webContentsId: 3, isMainFrame: true, origin: 'app://gantry', portCount: 1 };

it('takes one port from the panel’s own page', () => {
  expect(refusePort(panel, 3)).toBeNull();
});

it.each([
  [{ webContentsId: 4 }, 'another window'],
  [{ isMainFrame: false }, 'a frame inside the page'],
  [{ origin: 'app://other' }, 'app://other'],
  [{ origin: 'null' }, 'null'],
  [{ origin: null }, 'a page that is gone'],
  [{ portCount: 0 }, '0 ports'],
  [{ portCount: 2 }, '2 ports'],
])('refuses %j', (change, why) => {
  expect(refusePort({ ...panel, ...change }, 3)).toContain(why);
});
