/** The tables of services, and what they add to the timeline. */

/** One step from a version of the tables to the next. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

export const serviceTables: Migration = {
  version: 2,
  name: 'services',
  sql: `
    CREATE TABLE service (
      id TEXT PRIMARY KEY,
      projectId TEXT NOT NULL,
      stack TEXT NOT NULL,
      name TEXT NOT NULL,
      state TEXT NOT NULL,
      servingRevision INTEGER,
      rolloutId TEXT,
      publishedPorts TEXT NOT NULL,
      revisions INTEGER NOT NULL,
      createdAtMs INTEGER NOT NULL,
      rollouts INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX serviceByProject ON service (projectId, id);

    CREATE TABLE revision (
      serviceId TEXT NOT NULL,
      number INTEGER NOT NULL,
      spec TEXT NOT NULL,
      digest TEXT,
      secretVersions TEXT NOT NULL,
      configVersions TEXT NOT NULL,
      origin TEXT NOT NULL,
      "commit" TEXT,
      state TEXT NOT NULL,
      failure TEXT,
      createdAtMs INTEGER NOT NULL,
      projectId TEXT NOT NULL,
      PRIMARY KEY (serviceId, number)
    ) STRICT;
    CREATE INDEX revisionPinningSecrets ON revision (projectId, secretVersions) WHERE secretVersions <> '{}';
    CREATE INDEX revisionPinningConfigs ON revision (projectId, configVersions) WHERE configVersions <> '{}';

    CREATE TABLE rollout (
      id TEXT PRIMARY KEY,
      serviceId TEXT NOT NULL,
      projectId TEXT NOT NULL,
      number INTEGER NOT NULL,
      kind TEXT NOT NULL,
      fromRevision INTEGER,
      toRevision INTEGER NOT NULL,
      policy TEXT NOT NULL,
      stage TEXT NOT NULL,
      progressAtMs INTEGER NOT NULL,
      paused TEXT,
      promoted INTEGER NOT NULL,
      failures INTEGER NOT NULL,
      decisions TEXT NOT NULL,
      checkpointId TEXT,
      origin TEXT NOT NULL,
      startedAtMs INTEGER NOT NULL,
      endedAtMs INTEGER,
      keepPreviousUntilMs INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX rolloutByNumber ON rollout (serviceId, number);
    CREATE UNIQUE INDEX rolloutOpen ON rollout (serviceId) WHERE endedAtMs IS NULL;
    CREATE INDEX rolloutKeeping ON rollout (serviceId, number) WHERE keepPreviousUntilMs IS NOT NULL;

    CREATE TABLE secret (
      projectId TEXT NOT NULL,
      name TEXT NOT NULL,
      versions TEXT NOT NULL,
      PRIMARY KEY (projectId, name)
    ) STRICT;
    CREATE TABLE config (
      projectId TEXT NOT NULL,
      name TEXT NOT NULL,
      versions TEXT NOT NULL,
      PRIMARY KEY (projectId, name)
    ) STRICT;

    CREATE TABLE volume (
      projectId TEXT NOT NULL,
      stack TEXT NOT NULL,
      name TEXT NOT NULL,
      driver TEXT NOT NULL,
      options TEXT NOT NULL,
      hostId TEXT,
      createdAtMs INTEGER NOT NULL,
      PRIMARY KEY (projectId, stack, name)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE serviceHost (
      id TEXT PRIMARY KEY,
      endpoint TEXT,
      labels TEXT NOT NULL,
      availability TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE preview (
      stack TEXT NOT NULL,
      projectId TEXT NOT NULL,
      laneId TEXT NOT NULL,
      fileName TEXT NOT NULL,
      state TEXT NOT NULL,
      detail TEXT,
      createdAtMs INTEGER NOT NULL,
      PRIMARY KEY (projectId, stack)
    ) STRICT, WITHOUT ROWID;

    -- The highest number that something had before it was removed: none is ever given twice.
    CREATE TABLE usedNumber (
      projectId TEXT NOT NULL,
      noun TEXT NOT NULL,
      name TEXT NOT NULL,
      number INTEGER NOT NULL,
      PRIMARY KEY (projectId, noun, name)
    ) STRICT, WITHOUT ROWID;

    ALTER TABLE checkpoint ADD COLUMN serviceId TEXT;
    ALTER TABLE checkpoint ADD COLUMN rolloutId TEXT;
    ALTER TABLE checkpoint ADD COLUMN revisions TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE rollback ADD COLUMN services TEXT NOT NULL DEFAULT '[]';
  `,
};
