/** The environment that a lane's agent and its gates are given. */
import type { Lane, LaneWorkspace } from '#shared/model/lane.ts';
import type { Project } from '#shared/model/project.ts';
import type { Task } from '#shared/model/task.ts';

/** What the environment is made from. */
export interface EnvironmentFacts {
  readonly project: Pick<Project, 'id' | 'targetBranch'>;
  readonly lane: Pick<Lane, 'id' | 'number'>;
  readonly task: Pick<Task, 'key' | 'title'>;
  readonly workspace: LaneWorkspace;
  /** Where the lane may put temporary files. */
  readonly temporaryFolder: string;
}

/** Variables added to those of the worker. Git's identity is the lane's own; nobody's configuration is touched. */
export function laneEnvironment(facts: EnvironmentFacts): Record<string, string> {
  const { project, lane, task, workspace, temporaryFolder } = facts;
  // The same as the commits bear that Gantry makes of what the agent left.
  const name = `Gantry lane ${lane.number}`;
  const email = `lane-${lane.number}@gantry.invalid`;
  return {
    GANTRY_PROJECT: project.id,
    GANTRY_LANE: lane.id,
    GANTRY_LANE_NUMBER: String(lane.number),
    GANTRY_TASK_ID: task.key,
    GANTRY_TASK_TITLE: task.title,
    GANTRY_BRANCH: workspace.branch,
    GANTRY_TARGET_BRANCH: project.targetBranch,
    GANTRY_PORT_FIRST: String(workspace.portFirst),
    GANTRY_PORT_LAST: String(workspace.portLast),
    PORT: String(workspace.portFirst),
    TMPDIR: temporaryFolder,
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: 'true',
    ...unsigned,
  };
}

/**
 * A person who signs every commit would be asked for the key's passphrase by each commit that an
 * agent makes, where nobody can answer. Settings of the environment hold above all files of git's.
 */
const unsigned = {
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'commit.gpgSign',
  GIT_CONFIG_VALUE_0: 'false',
  GIT_CONFIG_KEY_1: 'tag.gpgSign',
  GIT_CONFIG_VALUE_1: 'false',
} as const;
