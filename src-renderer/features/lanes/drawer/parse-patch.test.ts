import { expect, test } from 'vitest';
import { parsePatch } from './parse-patch.ts';

const patch = `@@ -86,4 +86,5 @@ export function routes(app)
   app.get('/v2/quotes', quotes);
 
-  app.post('/v2/shipments', create);
+  app.post('/v2/shipments', unique(409), create);
+  app.post('/v1/shipments', unique(200), create);
   app.get('/v2/shipments/:id', read);
\\ No newline at end of file
`;

test('numbers the lines of both files and marks the words that changed', () => {
  const shown = parsePatch(patch).map((line) =>
    line.kind === 'hunk'
      ? line.text
      : `${line.kind} ${line.oldNumber ?? ''}|${line.newNumber ?? ''} ${line.pieces.map((piece) => (piece.changed ? `[${piece.text}]` : piece.text)).join('')}`,
  );
  expect(shown).toEqual([
    '@@ -86,4 +86,5 @@ export function routes(app)',
    "same 86|86   app.get('/v2/quotes', quotes);",
    'same 87|87 ',
    "del 88|   app.post('/v2/shipments', create);",
    "add |88   app.post('/v2/shipments', [unique(409),] create);",
    "add |89   app.post('/[v1]/shipments', [unique(200),] create);",
    "same 89|90   app.get('/v2/shipments/:id', read);",
  ]);
});

test('an empty patch has no lines', () => {
  expect(parsePatch('')).toEqual([]);
});

test('control characters of a file are not shown', () => {
  const [, line] = parsePatch('@@ -1 +1 @@\n+a\u001b[31mb\u202ec');
  expect(line).toMatchObject({ pieces: [{ text: 'abc' }] });
});
