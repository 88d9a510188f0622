import { describe, expect, it } from 'vitest';
import { ProgressReader } from './image-progress.ts';

describe('ProgressReader', () => {
  it('sums what the layers of a pull say', () => {
    const reader = new ProgressReader();
    const read = (status: string, id?: string, current?: number, total?: number) => {
      const message = reader.read({ status, id, progressDetail: { current, total }, progress: '[=>  ]' });
      return message.kind === 'progress'
        ? [message.progress.line, message.progress.currentBytes, message.progress.totalBytes]
        : message.kind;
    };
    expect(read('Pulling from library/web', '1')).toEqual(['1: Pulling from library/web', null, null]);
    expect(read('Pulling fs layer', 'a')).toEqual(['a: Pulling fs layer', null, null]);
    expect(read('Downloading', 'a', 10, 100)).toEqual(['a: Downloading', 10, 100]);
    expect(read('Downloading', 'b', 5, 50)).toEqual(['b: Downloading', 15, 150]);
    expect(read('Download complete', 'a')).toEqual(['a: Download complete', 105, 150]);
    // Unpacking counts the same bytes again.
    expect(read('Extracting', 'a', 20, 100)).toEqual(['a: Extracting', 105, 150]);
    expect(read('Pull complete', 'b')).toEqual(['b: Pull complete', 150, 150]);
    expect(read('Digest: sha256:1')).toEqual(['Digest: sha256:1', 150, 150]);
  });

  it('reads what a build says', () => {
    const reader = new ProgressReader();
    expect(reader.read({ stream: 'Step 2/7 : RUN make\n' })).toMatchObject({
      progress: { phase: 'Step 2/7', line: 'Step 2/7 : RUN make' },
    });
    expect(reader.read({ stream: ' ---> Running in 1\n' })).toMatchObject({ progress: { phase: 'building' } });
    expect(reader.read({ stream: '\n' })).toEqual({ kind: 'nothing' });
    expect(reader.read({ aux: { ID: 'sha256:1' } })).toEqual({ kind: 'image', id: 'sha256:1' });
    expect(reader.read({ error: 'short', errorDetail: { code: 2, message: 'long' } })).toEqual({
      kind: 'error',
      detail: 'long',
    });
    expect(reader.read({ error: 'short' })).toEqual({ kind: 'error', detail: 'short' });
  });

  it('passes over what it does not know', () => {
    for (const value of [null, 7, 'text', {}, { aux: { Tag: 'x' } }])
      expect(new ProgressReader().read(value)).toEqual({ kind: 'nothing' });
  });
});
