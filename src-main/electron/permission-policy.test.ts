import { expect, it } from 'vitest';
import { isGranted } from './permission-policy.ts';

const panel = { url: 'app://gantry/', isMainFrame: true };

it('lets the panel copy', () => {
  expect(isGranted('clipboard-sanitized-write', panel)).toBe(true);
  expect(isGranted('clipboard-sanitized-write', { ...panel, url: 'app://gantry' })).toBe(true);
  expect(isGranted('clipboard-sanitized-write', { ...panel, url: 'app://gantry/#/lanes/7' })).toBe(true);
});

it.each([
  ['clipboard-sanitized-write', { ...panel, url: 'https://evil.example/' }],
  ['clipboard-sanitized-write', { ...panel, url: 'app://gantry.evil.example/' }],
  ['clipboard-sanitized-write', { ...panel, url: '' }],
  ['clipboard-sanitized-write', { ...panel, isMainFrame: false }],
  ['clipboard-read', panel],
  ['deprecated-sync-clipboard-read', panel],
  ['media', panel],
  ['notifications', panel],
  ['openExternal', panel],
  ['fileSystem', panel],
  ['unknown', panel],
])('denies %s to %j', (permission, asker) => {
  expect(isGranted(permission, asker)).toBe(false);
});
