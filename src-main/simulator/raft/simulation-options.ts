/** Everything that differs between two simulated worlds, drawn from the seed alone. */
import type { RaftConfig } from '../../raft/core/raw-node-api.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** Probabilities are per message or per fault; times are microseconds of simulated time. */
export interface SimulationOptions {
  readonly voters: number;
  /** Nodes that run without being members, until a change takes them in. */
  readonly strangers: number;
  readonly raft: Omit<RaftConfig, 'group' | 'id' | 'applied' | 'random'>;
  readonly tickUs: number;
  /** Each node's clock runs at most this much fast or slow, as a fraction. */
  readonly clockSkew: number;

  readonly lossProbability: number;
  readonly duplicationProbability: number;
  readonly delayMeanUs: number;
  /** Whether messages on one link keep their order. */
  readonly ordered: boolean;
  /** How often a lost message is reported to its sender. */
  readonly unreachableProbability: number;

  /** Mean of one write to disk; 0 writes within the same event. */
  readonly writeMeanUs: number;
  /** How often a write takes a hundred times as long. */
  readonly slowWriteProbability: number;
  /** Entries between two snapshots of a node; how many are kept behind one. */
  readonly compactEvery: number;
  readonly compactKeep: number;
  /** How often a snapshot is still being made when it is asked for. */
  readonly snapshotAbsentProbability: number;

  readonly faultMeanUs: number;
  readonly faultWeights: Readonly<Record<FaultKind, number>>;
  /** How long the faults go on. */
  readonly faultPhaseUs: number;
  readonly clients: number;
  readonly keys: number;
  readonly operationsMax: number;
  readonly thinkMeanUs: number;
  readonly retryProbability: number;
}

export type FaultKind =
  | 'crash'
  | 'restart'
  | 'split'
  | 'isolate-leader'
  | 'cut-link'
  | 'heal'
  | 'stall'
  | 'conf-change'
  | 'transfer'
  | 'campaign';

/** Draws a world. Half of all faults are left out of each, so that the rest meet more often. */
export function drawOptions(random: SeededRandom): SimulationOptions {
  const weight = () => (random.chance(0.5) ? random.between(1, 10) : 0);
  const heartbeatTicks = random.between(1, 3);
  const limited = random.chance(0.3);
  return {
    voters: random.pick([1, 2, 3, 3, 3, 3, 4, 5, 5, 7]),
    strangers: random.pick([0, 0, 1, 2]),
    raft: {
      heartbeatTicks,
      electionTicks: heartbeatTicks * random.between(4, 10),
      appendBytesMax: random.pick([1, 200, 1_000, 65_536]),
      inflightMessagesMax: random.pick([1, 2, 8, 256]),
      ...(random.chance(0.3) ? { inflightBytesMax: random.pick([1, 500, 5_000]) } : {}),
      uncommittedBytesMax: limited ? random.between(100, 1_000) : 1_048_576,
      committedBytesMax: random.pick([1, 500, 1_048_576]),
      stepDownOnRemoval: random.chance(0.7),
    },
    tickUs: 10_000,
    clockSkew: random.pick([0, 0.05, 0.3]),
    lossProbability: random.pick([0, 0.01, 0.1, 0.3]),
    duplicationProbability: random.pick([0, 0.01, 0.1, 0.5]),
    delayMeanUs: random.pick([200, 2_000, 10_000]),
    ordered: random.chance(0.4),
    unreachableProbability: random.pick([0, 0.5, 1]),
    writeMeanUs: random.pick([0, 300, 3_000, 15_000]),
    slowWriteProbability: random.pick([0, 0, 0.01]),
    compactEvery: random.pick([10, 30, 200]),
    compactKeep: random.pick([0, 5, 20]),
    snapshotAbsentProbability: random.pick([0, 0.3]),
    faultMeanUs: random.pick([50_000, 150_000, 400_000]),
    faultWeights: {
      crash: weight(),
      restart: 10,
      split: weight(),
      'isolate-leader': weight(),
      'cut-link': weight(),
      heal: 6,
      stall: weight(),
      'conf-change': weight(),
      transfer: weight(),
      campaign: weight(),
    },
    faultPhaseUs: random.between(3_000_000, 15_000_000),
    clients: random.between(1, 5),
    keys: random.between(1, 3),
    operationsMax: random.between(50, 500),
    thinkMeanUs: random.pick([2_000, 20_000, 100_000]),
    retryProbability: random.pick([0, 0.5]),
  };
}
