import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lane } from '#shared/model/lane.ts';
import { type FleetFacts, planFleet } from './fleet.ts';
import { agentRef, laneId, sampleLane, sampleTask } from './sample.fixture.ts';

const demo = agentRef('demo');
const codex = agentRef('codex');

function facts(change: Partial<FleetFacts>): FleetFacts {
  return { fleet: [{ agent: demo, count: 2 }], lanes: [], openTasks: [], claimable: [], resting: new Set(), ...change };
}

describe('planFleet', () => {
  const a = sampleTask('a');
  const b = sampleTask('b', { order: 2 });
  const blocked = sampleTask('c', { order: 3, dependsOn: ['a'] });

  it('opens only as many lanes as there are open tasks', () => {
    expect(planFleet(facts({ openTasks: [a], claimable: [a] })).open).toEqual([demo]);
    expect(planFleet(facts({ openTasks: [a, blocked], claimable: [a] })).open).toEqual([demo, demo]);
    expect(planFleet(facts({})).open).toEqual([]);
  });

  it('gives the first task to the lane with the lowest number', () => {
    const lanes = [sampleLane(4), sampleLane(2)];
    const plan = planFleet(facts({ lanes, openTasks: [a, b], claimable: [b, a] }));
    expect(plan.claims).toEqual([
      { laneId: laneId(2), taskId: b.id },
      { laneId: laneId(4), taskId: a.id },
    ]);
    expect(plan.open).toEqual([]);
    expect(plan.close).toEqual([]);
  });

  it('counts busy lanes, but not those whose work is submitted', () => {
    const busy = [sampleLane(1, { stage: 'working' }), sampleLane(2, { stage: 'claimed' })];
    expect(planFleet(facts({ lanes: busy, openTasks: [a], claimable: [a] })).open).toEqual([]);
    const submitted = [sampleLane(1, { stage: 'submitted' }), sampleLane(2, { stage: 'claimed' })];
    expect(planFleet(facts({ lanes: submitted, openTasks: [a], claimable: [a] })).open).toEqual([demo]);
  });

  it('closes lanes beyond the fleet and lanes without a task in sight', () => {
    const lanes = [sampleLane(1), sampleLane(2), sampleLane(3)];
    expect(planFleet(facts({ lanes, openTasks: [a, b, blocked] })).close).toEqual([laneId(3)]);
    expect(planFleet(facts({ lanes: [sampleLane(1)] })).close).toEqual([laneId(1)]);
    expect(planFleet(facts({ fleet: [], lanes: [sampleLane(1)], openTasks: [a] })).close).toEqual([laneId(1)]);
  });

  it('gives a task only to the kind of agent that it asks for', () => {
    const forCodex = sampleTask('x', { agent: codex });
    const lanes = [sampleLane(1)];
    const plan = planFleet(facts({ lanes, openTasks: [forCodex], claimable: [forCodex] }));
    expect(plan.claims).toEqual([]);
    const both = facts({
      fleet: [
        { agent: demo, count: 1 },
        { agent: codex, count: 1 },
      ],
      openTasks: [forCodex],
      claimable: [forCodex],
    });
    expect(planFleet(both).open).toEqual([codex]);
  });

  it('leaves lanes to the tasks that only they can do', () => {
    const forCodex = sampleTask('x', { agent: codex });
    const fleet = [
      { agent: codex, count: 1 },
      { agent: demo, count: 1 },
    ];
    const lanes = [sampleLane(1, { agent: codex }), sampleLane(2)];
    const plan = planFleet(facts({ fleet, lanes, openTasks: [a, forCodex], claimable: [a, forCodex] }));
    expect(plan.claims).toEqual([
      { laneId: laneId(2), taskId: a.id },
      { laneId: laneId(1), taskId: forCodex.id },
    ]);
  });

  it('starts nothing on a kind of agent that rests', () => {
    const plan = planFleet(facts({ lanes: [sampleLane(1)], openTasks: [a], claimable: [a], resting: new Set([demo]) }));
    expect(plan.claims).toEqual([]);
    expect(plan.close).toEqual([]);
  });

  it('never gives out a lane or a task twice, keeps to the fleet, and settles', () => {
    const lane = fc.record({
      agent: fc.constantFrom(demo, codex),
      stage: fc.constantFrom<Lane['stage']>('queued', 'claimed', 'working', 'submitted'),
    });
    const task = fc.record({ agent: fc.constantFrom(null, demo, codex), ready: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(lane, { maxLength: 12 }),
        fc.array(task, { maxLength: 12 }),
        fc.nat(4),
        fc.nat(4),
        (laneSpecs, taskSpecs, demos, codexes) => {
          const lanes = laneSpecs.map((spec, index) => sampleLane(index + 1, spec));
          const tasks = taskSpecs.map((spec, index) => ({
            task: sampleTask(`t${index}`, { agent: spec.agent }),
            ...spec,
          }));
          const openTasks = tasks.map((each) => each.task);
          const claimable = tasks.filter((each) => each.ready).map((each) => each.task);
          const fleet = [
            { agent: demo, count: demos },
            { agent: codex, count: codexes },
          ];
          const plan = planFleet({ fleet, lanes, openTasks, claimable, resting: new Set() });
          expect(new Set(plan.claims.map((claim) => claim.laneId)).size).toBe(plan.claims.length);
          expect(new Set(plan.claims.map((claim) => claim.taskId)).size).toBe(plan.claims.length);
          for (const { agent, count } of fleet) {
            const busy = lanes.filter((each) => each.agent === agent && /claimed|working/.test(each.stage)).length;
            const kept = lanes.filter(
              (each) => each.agent === agent && each.stage === 'queued' && !plan.close.includes(each.id),
            ).length;
            const opened = plan.open.filter((each) => each === agent).length;
            expect(kept + opened).toBeLessThanOrEqual(Math.max(0, count - busy));
          }
          // Doing what was planned leaves nothing to open or close.
          const claimed = new Set(plan.claims.map((claim) => claim.taskId));
          const next: Lane[] = lanes
            .filter((each) => !plan.close.includes(each.id))
            .map((each) =>
              plan.claims.some((claim) => claim.laneId === each.id) ? { ...each, stage: 'claimed' } : each,
            );
          plan.open.forEach((agent, index) => next.push(sampleLane(100 + index, { agent })));
          const after = planFleet({
            fleet,
            lanes: next,
            openTasks: openTasks.filter((each) => !claimed.has(each.id)),
            claimable: [],
            resting: new Set(),
          });
          expect({ open: after.open, close: after.close }).toEqual({ open: [], close: [] });
        },
      ),
    );
  });
});
