import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeProgram } from './node-program.ts';

it('is the bundled Node once packaged, the pinned one before', () => {
  const installation = { resourcesPath: '/opt/Gantry/resources', appPath: '/home/me/gantry' };
  expect(nodeProgram({ ...installation, isPackaged: true, platform: 'linux' })).toBe(
    join('/opt/Gantry/resources', 'node', 'node'),
  );
  expect(nodeProgram({ ...installation, isPackaged: true, platform: 'win32' })).toBe(
    join('/opt/Gantry/resources', 'node', 'node.exe'),
  );
  expect(nodeProgram({ ...installation, isPackaged: false, platform: 'darwin' })).toBe(
    join('/home/me/gantry', 'node_modules', 'node', 'bin', 'node'),
  );
});
