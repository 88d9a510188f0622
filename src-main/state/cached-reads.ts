import type { ControlStore, StateReader } from './control-store.ts';

/** What may be asked again and again of one state. */
const answersMax = 20_000;

/**
 * The same store, whose reads are kept until the next command is applied: views and loops ask
 * the same things many times between two changes. What is read must not be changed by anybody.
 */
export function withCachedReads(store: ControlStore): ControlStore {
  let inner = store.read;
  let index = -1;
  const answers = new Map<string, unknown>();

  const ask = <Answer>(question: string, read: (reader: StateReader) => Answer): Answer => {
    // The index is read first: an answer may be newer than it, never older.
    const reader = store.read;
    const applied = reader.appliedIndex();
    if (reader !== inner || applied !== index || answers.size >= answersMax) answers.clear();
    inner = reader;
    index = applied;
    if (answers.has(question)) return answers.get(question) as Answer;
    const answer = read(reader);
    answers.set(question, answer);
    return answer;
  };

  const read: StateReader = {
    appliedIndex: () => store.read.appliedIndex(),
    projects: () => ask('projects', (reader) => reader.projects()),
    project: (id) => ask(`project ${id}`, (reader) => reader.project(id)),
    fleet: (id) => ask(`fleet ${id}`, (reader) => reader.fleet(id)),
    tasks: (id) => ask(`tasks ${id}`, (reader) => reader.tasks(id)),
    task: (id) => ask(`task ${id}`, (reader) => reader.task(id)),
    lanes: (id, filter) =>
      ask(`lanes ${id} ${filter?.live} ${filter?.recentEnded}`, (reader) => reader.lanes(id, filter)),
    lane: (id) => ask(`lane ${id}`, (reader) => reader.lane(id)),
    merges: (id, filter) =>
      ask(`merges ${id} ${filter?.open} ${filter?.laneId}`, (reader) => reader.merges(id, filter)),
    merge: (id) => ask(`merge ${id}`, (reader) => reader.merge(id)),
    checkpoints: (id, limit) => ask(`checkpoints ${id} ${limit}`, (reader) => reader.checkpoints(id, limit)),
    checkpoint: (id) => ask(`checkpoint ${id}`, (reader) => reader.checkpoint(id)),
    rollbacks: (id) => ask(`rollbacks ${id}`, (reader) => reader.rollbacks(id)),
    rollback: (id) => ask(`rollback ${id}`, (reader) => reader.rollback(id)),
    setting: (key) => ask(`setting ${key}`, (reader) => reader.setting(key)),
    services: (id) => ask(`services ${id}`, (reader) => reader.services(id)),
    allServices: () => ask('allServices', (reader) => reader.allServices()),
    service: (id) => ask(`service ${id}`, (reader) => reader.service(id)),
    revisions: (id, limit) => ask(`revisions ${id} ${limit}`, (reader) => reader.revisions(id, limit)),
    revision: (id, number) => ask(`revision ${id} ${number}`, (reader) => reader.revision(id, number)),
    rollouts: (id, limit) => ask(`rollouts ${id} ${limit}`, (reader) => reader.rollouts(id, limit)),
    keepingRollout: (id) => ask(`keepingRollout ${id}`, (reader) => reader.keepingRollout(id)),
    lastRollout: (id) => ask(`lastRollout ${id}`, (reader) => reader.lastRollout(id)),
    rollout: (id) => ask(`rollout ${id}`, (reader) => reader.rollout(id)),
    openRollouts: () => ask('openRollouts', (reader) => reader.openRollouts()),
    secrets: (id) => ask(`secrets ${id}`, (reader) => reader.secrets(id)),
    secret: (id, name) => ask(`secret ${id} ${name}`, (reader) => reader.secret(id, name)),
    configs: (id) => ask(`configs ${id}`, (reader) => reader.configs(id)),
    config: (id, name) => ask(`config ${id} ${name}`, (reader) => reader.config(id, name)),
    volumes: (id) => ask(`volumes ${id}`, (reader) => reader.volumes(id)),
    volume: (id, stack, name) => ask(`volume ${id} ${stack} ${name}`, (reader) => reader.volume(id, stack, name)),
    serviceHosts: () => ask('serviceHosts', (reader) => reader.serviceHosts()),
    previews: (id) => ask(`previews ${id}`, (reader) => reader.previews(id)),
    preview: (id, stack) => ask(`preview ${id} ${stack}`, (reader) => reader.preview(id, stack)),
  };
  return {
    propose: (command) => store.propose(command),
    barrier: () => store.barrier(),
    onDidChange: (listener) => store.onDidChange(listener),
    read,
  };
}
