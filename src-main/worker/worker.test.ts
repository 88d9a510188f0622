// The worker as a real process, with real process trees under it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '#shared/model/agent-event.ts';
import { runIdSchema } from '#shared/model/ids.ts';
import { readProcessTable } from '../platform/process-table.ts';
import { workerFolder } from '../platform/worker-folder.ts';
import { makeSpec, openWorkerBench, waitFor, workerEntry, type WorkerBench } from './worker-bench.fixture.ts';

let bench: WorkerBench;

beforeEach(async () => {
  bench = await openWorkerBench();
});

afterEach(async () => {
  await bench.close();
});

async function isAlive(pid: number): Promise<boolean> {
  return (await readProcessTable()).has(pid);
}

/** A shell that starts children in every way that leaves its group, and says their pids. */
const escaping = `
  sleep 300 & echo "child $!"
  setsid sleep 301 & echo "session $!"
  (setsid sh -c 'trap "" INT TERM; sleep 302 & wait' &)
  echo ready
  wait
`;

describe('a command agent', () => {
  it('finds its task in environment, file and standard input', async () => {
    const command =
      'echo "$GANTRY_PROMPT" > env.txt; cp "$GANTRY_PROMPT_FILE" file.txt; cat > stdin.txt; echo $GANTRY_TASK_ID';
    const run = await bench.run({
      agent: `command:${command}`,
      prompt: 'Make it so.',
      env: { GANTRY_TASK_ID: 'p:T-1' },
    });
    expect((await run.ended).outcome).toEqual({ kind: 'ok', summary: 'p:T-1' });
    for (const name of ['env.txt', 'file.txt', 'stdin.txt']) {
      expect(readFileSync(join(bench.folder, name), 'utf8').trim()).toBe('Make it so.');
    }
    expect(await run.events()).toContainEqual({ type: 'message', author: 'agent', text: 'p:T-1' });
  });

  it.each([
    ['exit 3', { kind: 'failed', reason: 'exit-code', exitCode: 3 }],
    ['kill -SEGV $$', { kind: 'failed', reason: 'crashed', signal: 'SIGSEGV' }],
    ['no-such-program-anywhere', { kind: 'failed', reason: 'exit-code', exitCode: 127 }],
  ])('that does "%s" has a clear outcome', async (command, outcome) => {
    const run = await bench.run({ agent: `command:${command}` });
    expect((await run.ended).outcome).toMatchObject(outcome);
  });

  it('leaves nothing running behind when it ends by itself', async () => {
    const run = await bench.run({ agent: 'command:setsid sleep 300 & exit 0' });
    expect((await run.ended).outcome).toMatchObject({ kind: 'ok' });
    expect(await bench.leftovers(run.runId)).toEqual([]);
  });

  it('prints more than is kept, and keeps the end of it', async () => {
    const lines = 1_200_000;
    const run = await bench.run({
      agent: `command:seq 1000000 ${1_000_000 + lines - 1} | cat; seq -f %040.0f 1 900000`,
      timeoutMs: 100_000,
    });
    const report = await run.ended;
    expect(report.outcome).toMatchObject({ kind: 'ok' });
    expect(report.outputBytes).toBe(lines * 8 + 900_000 * 41);
    const folder = join(workerFolder(bench.home).runs, run.runId);
    const kept = readdirSync(folder).filter((name) => /^(journal|output)/.test(name));
    expect(report.keptBytes).toBe(kept.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0));
    const old = await bench.client.output(run.runId, 0, 1_000);
    expect(old.ok && old.value.fromByte).toBeGreaterThan(0);
    const end = await bench.client.output(run.runId, report.outputBytes - 41, 1_000);
    expect(end.ok && Buffer.from(end.value.bytes).toString()).toBe(`${'900000'.padStart(40, '0')}\n`);
    expect(end.ok && end.value.ended).toBe(true);
  }, 100_000);
});

describe('stopping', () => {
  it('ends the whole tree, also what made sessions of its own and ignores signals', async () => {
    const run = await bench.run({ agent: `command:${escaping}` });
    await run.untilSaid('ready');
    await waitFor(async () => (await bench.leftovers(run.runId)).length >= 5, 'all children');
    expect((await bench.client.control(run.runId, 'stop', 'Enough.')).ok).toBe(true);
    expect((await run.ended).outcome).toEqual({ kind: 'stopped', detail: 'Enough.' });
    expect(await bench.leftovers(run.runId)).toEqual([]);
  }, 60_000);

  it('works on a paused run', async () => {
    const run = await bench.run({ agent: 'command:sleep 300' });
    await bench.client.control(run.runId, 'pause', '');
    await bench.client.control(run.runId, 'stop', 'Enough.');
    expect((await run.ended).outcome).toMatchObject({ kind: 'stopped' });
    expect(await bench.leftovers(run.runId)).toEqual([]);
  });

  it('answers for runs that have ended, and refuses what needs a live one', async () => {
    const run = await bench.run({ agent: 'command:true' });
    await run.ended;
    expect(await bench.client.control(run.runId, 'stop', '')).toEqual({ ok: true, value: null });
    expect(await bench.client.control(run.runId, 'pause', '')).toMatchObject({
      ok: false,
      error: { code: 'wrong-state' },
    });
    const unknown = runIdSchema.parse('run-00000000');
    expect(await bench.client.message(unknown, 'x')).toMatchObject({ ok: false, error: { code: 'not-found' } });
  });
});

describe('pausing', () => {
  it('holds the whole tree, does not count as a stall, and goes on', async () => {
    const command = 'i=0; while [ $i -lt 6 ]; do i=$((i+1)); echo $i >> count; echo $i; sleep 0.2; done';
    const run = await bench.run({ agent: `command:${command}`, stallMs: 1_500 });
    await run.until((event) => event.type === 'message');
    expect((await bench.client.control(run.runId, 'pause', '')).ok).toBe(true);
    const held = readFileSync(join(bench.folder, 'count'), 'utf8');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(readFileSync(join(bench.folder, 'count'), 'utf8')).toBe(held);
    expect(bench.client.reports().get(run.runId)?.state).toBe('paused');
    await bench.client.control(run.runId, 'resume', '');
    expect((await run.ended).outcome).toMatchObject({ kind: 'ok', summary: '6' });
    const actions = (await run.events()).flatMap((event) => (event.type === 'control' ? [event.action] : []));
    expect(actions).toEqual(['paused', 'resumed']);
  });
});

describe('watchdogs', () => {
  it('end a run that says nothing', async () => {
    const run = await bench.run({ agent: 'command:sleep 300', stallMs: 600 });
    expect((await run.ended).outcome).toMatchObject({ kind: 'failed', reason: 'stalled' });
    expect(await bench.leftovers(run.runId)).toEqual([]);
  });

  it('end a run that takes too long, however much it says', async () => {
    const run = await bench.run({ agent: 'command:while true; do echo x; sleep 0.1; done', timeoutMs: 1_000 });
    expect((await run.ended).outcome).toMatchObject({ kind: 'failed', reason: 'timed-out' });
  });
});

describe('claims', () => {
  it('end a run whose claim was superseded, before the new one starts', async () => {
    const old = await bench.run({ agent: 'command:sleep 300', laneId: 'lane-aaaaaaaa', token: 5 });
    const next = await bench.run({ agent: 'command:echo new', laneId: 'lane-aaaaaaaa', token: 6 });
    expect((await old.ended).outcome).toMatchObject({ kind: 'stopped' });
    expect((await next.ended).outcome).toMatchObject({ kind: 'ok' });
    const stale = await bench.client.start(
      makeSpec(bench.folder, { agent: 'command:true', laneId: 'lane-aaaaaaaa', token: 5 }),
    );
    expect(stale).toMatchObject({ ok: false, error: { code: 'wrong-state' } });
  });

  it('start a run once, however often it is asked for', async () => {
    const spec = makeSpec(bench.folder, { agent: 'command:echo once >> starts; sleep 1' });
    const answers = await Promise.all([bench.client.start(spec), bench.client.start(spec), bench.client.start(spec)]);
    expect(answers.every((answer) => answer.ok)).toBe(true);
    await waitFor(() => bench.client.reports().get(spec.runId)?.state === 'ended', 'the end');
    expect((await bench.client.start(spec)).ok).toBe(true);
    expect(readFileSync(join(bench.folder, 'starts'), 'utf8')).toBe('once\n');
  });

  it('refuse an agent that is not there, and a worktree that is not there', async () => {
    const env = { PATH: '/nowhere', HOME: '/nowhere' };
    const opencode = await bench.client.start(makeSpec(bench.folder, { agent: 'opencode', env }));
    expect(opencode).toMatchObject({ ok: false, error: { code: 'agent-missing' } });
    const gone = await bench.client.start(makeSpec(bench.folder, { agent: 'command:true', cwd: '/nowhere/at/all' }));
    expect(gone).toMatchObject({ ok: false, error: { code: 'not-found' } });
  });
});

describe('the worker itself', () => {
  it('tells once a second what its runs use', async () => {
    const run = await bench.run({ agent: 'command:while true; do :; done' });
    const busy = await waitFor(() => bench.client.reports().get(run.runId)?.cpuPercent, 'a measurement');
    expect(busy).toBeGreaterThan(0);
    expect(bench.client.reports().get(run.runId)?.memoryBytes).toBeGreaterThan(100_000);
  });

  it('is one for a data folder', () => {
    const second = spawnSync(process.execPath, [workerEntry, '--home', bench.home], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(second.status).toBe(3);
    expect(second.stderr).toMatch(/Another Gantry worker .*serves/);
  });

  it('refuses who does not know its secret', async () => {
    const { openLink } = await import('../worker-client/worker-link.ts');
    const { systemClock } = await import('../platform/clock.ts');
    const folder = workerFolder(bench.home);
    const stolen = join(bench.folder, 'identity.json');
    writeFileSync(stolen, readFileSync(folder.identity, 'utf8').replace(/"secret":"./, '"secret":"_'));
    const nothing = (): void => undefined;
    const link = await openLink({
      folder: { ...folder, identity: stolen },
      clock: systemClock,
      onNotice: nothing,
      onClose: nothing,
    });
    expect(link).toMatchObject({ ok: false, error: { kind: 'refused' } });
  });

  it('survives garbage, oversized frames and silence on its socket', async () => {
    const pid = await bench.connected();
    const oversized = Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3]);
    const early = Buffer.from([0, 0, 0, 3, 0x93, 1, 2]);
    for (const bytes of [oversized, early, Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.alloc(100_000, 0xc1)]) {
      const socket = createConnection(workerFolder(bench.home).socket);
      const closed = new Promise<void>((resolve) => {
        socket.on('error', () => socket.destroy());
        socket.on('close', () => resolve());
      });
      socket.end(bytes);
      socket.resume();
      await closed;
    }
    const run = await bench.run({ agent: 'command:echo fine' });
    expect((await run.ended).outcome).toMatchObject({ kind: 'ok' });
    expect(await bench.connected()).toBe(pid);
  });

  it('sends a long journal without gaps to one who comes late', async () => {
    const line = 'x'.repeat(1_000);
    const command = `i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo "$i ${line}"; [ $((i % 20)) = 0 ] && sleep 0.11; done; true`;
    const run = await bench.run({ agent: `command:${command}` });
    const report = await run.ended;
    const late = bench.openClient();
    await bench.connected(late);
    const seqs: number[] = [];
    let text = '';
    late.follow(run.runId, 0, (entries) => {
      for (const { seq, event } of entries) {
        seqs.push(seq);
        if (event.type === 'message') text += `${event.text}\n`;
      }
    });
    await waitFor(() => seqs.at(-1) === report.lastSeq, 'the whole journal');
    late.close();
    expect(seqs).toEqual(Array.from({ length: report.lastSeq }, (_, at) => at + 1));
    expect(
      text
        .trim()
        .split('\n')
        .map((said) => Number.parseInt(said, 10)),
    ).toEqual(Array.from({ length: 400 }, (_, at) => at + 1));
  });

  it('killed outright is replaced; its runs are ended and reported as lost', async () => {
    const run = await bench.run({ agent: `command:${escaping}` });
    await run.untilSaid('ready');
    const before = await bench.connected();
    process.kill(before, 'SIGKILL');
    const report = await run.ended;
    expect(report.outcome).toMatchObject({ kind: 'failed', reason: 'lost' });
    expect(await bench.leftovers(run.runId)).toEqual([]);
    expect(await bench.connected()).not.toBe(before);
    const events = await run.events();
    expect(events.at(-1)).toEqual({ type: 'end', outcome: report.outcome });
  }, 60_000);

  it('ends everything on shutdown and leaves no address behind', async () => {
    const pid = await bench.connected();
    const runs = await Promise.all([1, 2].map(() => bench.run({ agent: `command:${escaping}` })));
    expect(await bench.client.shutdown()).toEqual({ ok: true, value: { runsEnded: 2 } });
    for (const run of runs) expect(await bench.leftovers(run.runId)).toEqual([]);
    await waitFor(async () => !(await isAlive(pid)), 'the worker to be gone');
    const folder = workerFolder(bench.home);
    expect(existsSync(folder.identity) || existsSync(folder.socket)).toBe(false);
    bench.client = bench.openClient();
    await bench.connected();
    expect(bench.client.reports().size).toBe(2);
    await bench.client.forget(runs.map((run) => run.runId));
    expect(bench.client.reports().size).toBe(0);
  }, 60_000);

  it('goes away by itself when there is nothing to do', async () => {
    const pid = await bench.connected();
    bench.client.close();
    await waitFor(async () => !(await isAlive(pid)), 'the idle worker to go', 20_000);
    bench.client = bench.openClient();
  }, 60_000);
});

describe('an app that is killed', () => {
  it('loses nothing: the next one adopts the run and reads on', async () => {
    const spec = makeSpec(bench.folder, {
      agent: 'command:i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i; sleep 0.15; done',
    });
    const specFile = join(bench.folder, 'spec.json');
    writeFileSync(specFile, JSON.stringify(spec));
    const app = spawn(process.execPath, [join(import.meta.dirname, 'kill-me.fixture.ts'), bench.home, specFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let seen = '';
    app.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await waitFor(() => seen.includes('line 5'), 'the app to see its run');
    app.kill('SIGKILL');
    const lastSeq = Number(/(\d+)\n$/.exec(seen)?.[1] ?? 0);
    const entries: JournalEntry[] = [];
    bench.client.close();
    bench.client = bench.openClient();
    await bench.connected();
    expect(bench.client.reports().get(spec.runId)?.state).toBe('running');
    bench.client.follow(spec.runId, lastSeq, (fresh) => entries.push(...fresh));
    await waitFor(() => entries.at(-1)?.event.type === 'end', 'the end');
    expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, index) => lastSeq + 1 + index));
    const output = await bench.client.output(spec.runId, 0, 10_000);
    const text = output.ok ? Buffer.from(output.value.bytes).toString() : '';
    expect(text.trim().split('\n')).toEqual(Array.from({ length: 30 }, (_, index) => `line ${index + 1}`));
  }, 60_000);
});
