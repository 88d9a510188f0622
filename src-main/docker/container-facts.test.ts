import { describe, expect, it } from 'vitest';
import { containerFacts, containerInspectionSchema } from './container-facts.ts';

/** As an engine answers of a container that was made and never started. */
const created = {
  Id: 'c1',
  Name: '/web-1',
  Created: '2026-11-21T10:00:00.123456789Z',
  Image: 'sha256:abc',
  RestartCount: 0,
  Config: { Image: 'web:1', Labels: null },
  HostConfig: { RestartPolicy: { Name: '', MaximumRetryCount: 0 } },
  State: {
    Status: 'created',
    ExitCode: 0,
    Error: '',
    OOMKilled: false,
    StartedAt: '0001-01-01T00:00:00Z',
    FinishedAt: '0001-01-01T00:00:00Z',
  },
  NetworkSettings: { Ports: null, Networks: { front: { IPAddress: '' } } },
  Mounts: null,
};

const facts = (changes: object = {}) => containerFacts(containerInspectionSchema.parse({ ...created, ...changes }));
const withState = (state: object) => facts({ State: { ...created.State, ...state } });

describe('containerFacts', () => {
  it('tells a container that was never started', () => {
    expect(facts()).toEqual({
      id: 'c1',
      name: 'web-1',
      image: 'web:1',
      imageId: 'sha256:abc',
      labels: {},
      state: 'created',
      createdAtMs: Date.parse('2026-11-21T10:00:00.123Z'),
      startedAtMs: null,
      finishedAtMs: null,
      exitCode: null,
      wasOutOfMemory: false,
      error: '',
      restarts: 0,
      restart: 'no',
      health: null,
      addresses: {},
      ports: [],
      mounts: [],
    });
  });

  it('tells the exit code of what ended, and of what could not be started', () => {
    expect(withState({ Status: 'exited', ExitCode: 0 }).exitCode).toBe(0);
    expect(withState({ Status: 'dead', ExitCode: 137 }).exitCode).toBe(137);
    expect(withState({ Status: 'created', ExitCode: 127, Error: 'no such file' })).toMatchObject({
      exitCode: 127,
      error: 'no such file',
    });
    expect(withState({ Status: 'running', ExitCode: 0 }).exitCode).toBeNull();
  });

  it('tells only ports of TCP, each binding by itself', () => {
    const Ports = {
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '8080' },
        { HostIp: '::', HostPort: '8080' },
      ],
      '53/udp': [{ HostIp: '', HostPort: '53' }],
      '81/tcp': null,
      '82/tcp': [{ HostPort: '9' }],
    };
    const Networks = { front: { IPAddress: '10.0.0.2' }, back: { IPAddress: '' } };
    expect(facts({ NetworkSettings: { Ports, Networks } })).toMatchObject({
      ports: [
        { containerPort: 80, address: '0.0.0.0', hostPort: 8080 },
        { containerPort: 80, address: '::', hostPort: 8080 },
        { containerPort: 82, address: '0.0.0.0', hostPort: 9 },
      ],
      addresses: { front: '10.0.0.2' },
    });
  });

  it('tells health with the last of its checks', () => {
    const Log = [
      { ExitCode: 0, Output: 'fine', Start: '', End: '2026-11-21T10:00:01Z' },
      { ExitCode: 1, Output: 'refused', Start: '', End: '2026-11-21T10:00:02.5Z' },
    ];
    expect(withState({ Health: { Status: 'unhealthy', FailingStreak: 3, Log } }).health).toEqual({
      status: 'unhealthy',
      failuresInARow: 3,
      last: { exitCode: 1, output: 'refused', endedAtMs: Date.parse('2026-11-21T10:00:02.500Z') },
    });
    expect(withState({ Health: { Status: 'starting', FailingStreak: 0, Log: null } }).health).toMatchObject({
      last: null,
    });
    // Podman's way of saying that there is no check.
    expect(withState({ Health: { Status: '', FailingStreak: 0, Log: null } }).health).toBeNull();
  });

  it('understands the states of Podman', () => {
    expect(withState({ Status: 'stopped' }).state).toBe('exited');
    expect(withState({ Status: 'configured' }).state).toBe('created');
  });

  it('tells who restarts it', () => {
    const restartOf = (Name: string) => facts({ HostConfig: { RestartPolicy: { Name } } }).restart;
    expect(['no', '', 'unless-stopped', 'always', 'on-failure'].map(restartOf)).toEqual([
      'no',
      'no',
      'unless-stopped',
      'other',
      'other',
    ]);
  });
});
