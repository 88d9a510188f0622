/** The Node that child programs run on: Electron's own binary refuses to be one (see electron-builder.yml). */
import { join } from 'node:path';

export interface Installation {
  readonly isPackaged: boolean;
  /** Where electron-builder puts extra resources. */
  readonly resourcesPath: string;
  /** The project's folder while it is not packaged. */
  readonly appPath: string;
  readonly platform: NodeJS.Platform;
}

/** Path of the bundled Node, or of the pinned one while developing. */
export function nodeProgram({ isPackaged, resourcesPath, appPath, platform }: Installation): string {
  const name = platform === 'win32' ? 'node.exe' : 'node';
  return isPackaged ? join(resourcesPath, 'node', name) : join(appPath, 'node_modules', 'node', 'bin', name);
}
