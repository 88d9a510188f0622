/** The sample repository: a tiny library that prices parcels, with checks of its own. */

/** Path to content. */
export const sampleFiles: Readonly<Record<string, string>> = {
  'package.json': `{
  "name": "parcel",
  "version": "1.0.0",
  "description": "Prices parcels. A sample repository made by Gantry.",
  "type": "module",
  "scripts": { "test": "node check.mjs" }
}
`,
  'README.md': `# parcel

Prices parcels by weight, zone and surcharges. This is a sample repository made by Gantry: the demo
agents really change it, and you may throw it away.

    npm test
`,
  'check.mjs': `// Runs every check in checks/ and fails if one of them does.
import { readdirSync } from 'node:fs';

let failed = 0;
for (const file of readdirSync(new URL('./checks/', import.meta.url)).sort()) {
  const { name, check } = await import(\`./checks/\${file}\`);
  try {
    await check();
    console.log(\`ok      \${name}\`);
  } catch (error) {
    failed += 1;
    console.log(\`FAILED  \${name}: \${error.message}\`);
  }
}
process.exit(failed === 0 ? 0 : 1);
`,
  'src/quote.js': `import { surcharges } from './surcharges.js';

/** The price of a parcel in euros. */
export function quote({ weightKg, zone }) {
  const base = 4 + weightKg * (zone === 'domestic' ? 0.9 : 2.4);
  const price = surcharges.reduce((sum, surcharge) => sum + surcharge.of({ base, weightKg, zone }), base);
  return Math.round(price * 100) / 100;
}
`,
  'src/surcharges.js': `/** What comes on top of the base price, in this order. */
export const surcharges = [
  { name: 'handling', of: () => 1 },
];
`,
  'checks/quote.js': `import assert from 'node:assert/strict';
import { quote } from '../src/quote.js';

export const name = 'a heavier parcel costs more';
export function check() {
  assert.ok(quote({ weightKg: 10, zone: 'domestic' }) > quote({ weightKg: 1, zone: 'domestic' }));
}
`,
};
