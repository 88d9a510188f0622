import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readResources } from './read-resources.ts';

describe('the examples', () => {
  it.each([
    ['services/gantry.services.yaml', 'gantry'],
    ['compose/compose.yaml', 'compose'],
  ] as const)('%s is read, with nothing left out', async (path, format) => {
    const text = readFileSync(new URL(`../../../examples/${path}`, import.meta.url), 'utf8');
    const read = await readResources({ format, fileName: path, text, env: {} });
    expect(read.services.map(({ name }) => name)).toEqual(['db', 'api']);
    expect(read.secrets).toEqual([{ name: 'db-password' }]);
    expect(read.volumes).toMatchObject([{ name: 'data' }]);
    expect(read.unsupported).toEqual([]);
  });
});
