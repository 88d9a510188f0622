import { serviceUsage } from './command-table.ts';

/** What `gantry help` prints. */
export const usage = `Gantry: many coding agents on one repository.

Usage
  gantry run --repo DIR --plan FILE --agents N --agent KIND [options]
                       work a plan off with no screen; running it again resumes
  gantry status        the open projects, their tasks and lanes
  gantry tasks         the tasks of a project
  gantry lanes         the lanes of a project
  gantry cluster       the Raft nodes
  gantry timeline      the checkpoints of a project
  gantry rollback ID   show what rolling back to a checkpoint would do; --yes does it
  gantry undo ID       take a rollback back
  gantry shutdown      end the worker and everything it runs
  gantry completion SHELL   a completion script for bash, zsh or fish
  gantry help          this text

Services (docs/services.md says more)
${serviceUsage().join('\n')}

Options of run
  --repo DIR           the repository (default: the current folder)
  --plan FILE          a YAML plan: tasks with id, title, prompt and, as you like,
                       dependsOn, priority, phase, paths, agent, gate
  --agents N           how many agents work at once (default 3)
  --agent KIND         demo, codex, claude, opencode, gemini, acp:COMMAND or command:COMMAND
  --gate 'CMD'         must pass on the merged result before it lands; may be given several times
  --target BRANCH      the branch to merge into (default: as configured, else the current one)

Options of all
  --json               machine-readable output
  --project NAME       which project, where several are open (name or id)
  --repo DIR           the repository whose services are meant
  --home DIR           Gantry's data folder (default: $GANTRY_HOME, else the platform's)

Exit codes
  0  done: for run, every task is merged
  1  for run, some task is not merged; for services, not all rollouts succeeded; else, it was refused
  2  the command line is wrong
  130  interrupted; everything is kept, the same command goes on`;
