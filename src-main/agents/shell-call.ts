import type { ProgramCall } from './adapter.ts';

/** A command line that a person wrote, for the platform's shell. */
export function shellCall(commandLine: string): Pick<ProgramCall, 'file' | 'args'> {
  if (process.platform === 'win32') return { file: 'cmd.exe', args: ['/d', '/s', '/c', commandLine] };
  return { file: '/bin/sh', args: ['-c', commandLine] };
}
