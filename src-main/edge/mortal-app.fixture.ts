// An app that holds an edge until it is killed: reads a spec, applies it, says the container's id, and waits.
import { text } from 'node:stream/consumers';
import type { EdgeSpec } from '../ports/edge.ts';
import { EdgeBench, unwrap } from './edge-bench.fixture.ts';

const spec = JSON.parse(await text(process.stdin)) as EdgeSpec;
const { edges } = new EdgeBench();
const { containerId } = unwrap(await edges.apply(spec));
process.stdout.write(`${containerId}\n`);
