// The import matrix of docs/architecture.md, as rules. Tests may reach wherever they need to.
const notTests = '\\.(test|fixture)\\.tsx?$';

/** A rule: files under `from` may import nothing of the project but `to`. */
function only(name, from, to, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from, pathNot: notTests },
    to: { path: '^(src-shared|src-main|src-renderer|e2e|bench)/', pathNot: to },
  };
}

const shared = '^src-shared/';
const ports = '^src-main/ports/';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^virtual:' } },
    only('base-stands-alone', '^src-shared/base/', ['^src-shared/base/'], 'base imports nothing of the project'),
    only('model-on-base', '^src-shared/model/', ['^src-shared/(base|model)/'], 'the nouns know only the base'),
    only('shared-on-shared', '^src-shared/contract/', [shared], 'shared code knows no process'),
    only('ports-are-interfaces', '^src-main/ports/', [shared, ports], 'ports name the world, they do not touch it'),
    only('platform-on-ports', '^src-main/platform/', [shared, ports, '^src-main/platform/'], ''),
    only('raft-core-is-pure', '^src-main/raft/core/', ['^src-shared/base/', '^src-main/raft/core/'], ''),
    only(
      'raft-host',
      '^src-main/raft/(storage|transport|host|cluster)/',
      [shared, ports, '^src-main/(platform|raft|state)/'],
      'the host knows the core, its storage and the state machine',
    ),
    only(
      'state',
      '^src-main/state/',
      [
        shared,
        ports,
        '^src-main/state/',
        '^src-main/raft/(core|host/state-machine)',
        '^src-main/platform/row-inserter',
      ],
      '',
    ),
    only(
      'decisions-are-pure',
      '^src-main/coordinator/decide/',
      [
        shared,
        '^src-main/coordinator/decide/',
        '^src-main/state/(command|service-command|control-store|cached-reads)',
        '^src-main/ports/(git|worker)\\.ts',
      ],
      'decide imports types and pure code only',
    ),
    only(
      'drivers-see-ports',
      '^src-main/coordinator/(drive/|[^/]+\\.ts)',
      [
        shared,
        ports,
        '^src-main/(coordinator|reactor)/',
        '^src-main/state/(command|service-command|control-store|cached-reads)',
        '^src-main/agents/capabilities',
      ],
      'so that a simulator can run them',
    ),
    only(
      'reactors-propose',
      '^src-main/reactor/',
      [shared, ports, '^src-main/reactor/', '^src-main/state/(command|control-store)'],
      'what all reactors do alike',
    ),
    only(
      'service-decisions-are-pure',
      '^src-main/orchestrator/decide/',
      [shared, '^src-main/orchestrator/decide/'],
      'facts come in as arguments',
    ),
    only(
      'service-drivers-see-ports',
      '^src-main/orchestrator/(drive/|files/|[^/]+\\.ts)',
      [
        shared,
        ports,
        '^src-main/(orchestrator|reactor)/',
        '^src-main/state/(command|service-command|control-store|cached-reads)',
        '^src-main/platform/tar',
      ],
      'so that a simulator can run them',
    ),
    only('docker', '^src-main/docker/', [shared, ports, '^src-main/(docker|platform)/'], ''),
    only('edge', '^src-main/edge/', [shared, ports, '^src-main/(edge|platform)/'], 'it sees engines as a port'),
    only('secrets', '^src-main/secrets/', [shared, ports, '^src-main/(secrets|platform)/'], ''),
    only('volumes', '^src-main/volumes/', [shared, ports, '^src-main/(volumes|platform)/'], ''),
    only('git', '^src-main/git/', [shared, ports, '^src-main/(git|platform)/'], ''),
    only(
      'worker-is-blind',
      '^src-main/worker/',
      [shared, ports, '^src-main/(worker|agents|platform)/'],
      'no Raft, no state, no coordinator',
    ),
    only('agents', '^src-main/agents/', [shared, ports, '^src-main/(agents|platform)/'], ''),
    only('worker-client', '^src-main/worker-client/', [shared, ports, '^src-main/(worker-client|platform)/'], ''),
    only(
      'api-binds-the-contract',
      '^src-main/api/',
      [shared, ports, '^src-main/(api|coordinator|orchestrator|state|telemetry|platform)/', '^src-main/raft/cluster/'],
      'handlers have no decisions of their own',
    ),
    only(
      'cli-sees-the-contract',
      '^src-main/cli/',
      [shared, ports, '^src-main/(cli|platform|worker-client)/'],
      'a thin client; worker-client ends a worker that no app serves',
    ),
    only('renderer-sees-the-contract', '^src-renderer/', [shared, '^src-renderer/'], ''),
    {
      name: 'features-are-strangers',
      severity: 'error',
      from: { path: '^src-renderer/features/([^/]+)/', pathNot: notTests },
      to: { path: '^src-renderer/features/', pathNot: '^src-renderer/features/$1/' },
    },
    only('ui-knows-no-domain', '^src-renderer/ui/', ['^src-renderer/ui/', '^src-shared/base/'], ''),
    {
      name: 'electron-in-one-place',
      severity: 'error',
      from: { pathNot: '^src-main/electron/' },
      to: { path: '^(node_modules/)?electron(/|$)' },
    },
    {
      name: 'pure-without-node',
      severity: 'error',
      from: {
        path: '^(src-shared/(base|model)|src-main/raft/core|src-main/(coordinator|orchestrator)/decide)/',
        pathNot: notTests,
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'product-without-tests',
      severity: 'error',
      from: { path: '^src-', pathNot: ['\\.(test|fixture)\\.tsx?$', '^src-main/simulator/'] },
      to: { path: '(\\.test\\.|\\.fixture\\.|^e2e/|^bench/|^src-main/simulator/)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.css', '.json'],
    },
  },
};
