import { describe, it } from 'vitest';
import { RawNode } from './raw-node.ts';
import { scenarios } from './scenarios.fixture.ts';

describe('what must come of rare situations', () => {
  for (const { name, play } of Object.values(scenarios)) {
    it(name, () => play((config, log) => new RawNode(config, log)));
  }
});
