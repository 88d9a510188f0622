import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import { endOnFault } from './fault.ts';

it('ends on the first error that nobody caught, and not on a terminal that is gone', () => {
  const source = Object.assign(new EventEmitter(), { stdout: new EventEmitter(), stderr: new EventEmitter() });
  const end = vi.fn();
  endOnFault(source, end);
  source.stdout.emit('error', new Error('EPIPE'));
  source.stderr.emit('error', new Error('EIO'));
  expect(end).not.toHaveBeenCalled();
  const fault = new Error('an invariant is broken');
  source.emit('unhandledRejection', fault, Promise.resolve());
  source.emit('uncaughtException', new Error('and then another'));
  expect(end.mock.calls).toEqual([[fault]]);
});
