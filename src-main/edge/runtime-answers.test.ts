import { expect, it } from 'vitest';
import { countOf, parseInfo, parseServersState, parseStats, parseWorkers } from './runtime-answers.ts';

// Answers of HAProxy 2.6.12, shortened by columns and lines that nobody reads.
const stats = `# pxname,svname,scur,stot,hrsp_5xx,status,type,check_status,last_chk,mode,
port-80,FRONTEND,3,12,1,OPEN,0,,,http,
port-80,a,0,7,1,UP 1/2,2,L7OK,,http,
port-80,b,1,0,,DRAIN,2,* L7STS,"HTTP status 503, said ""no""",http,

`;

it('reads statistics by their columns', () => {
  const [front, a, b] = parseStats(stats);
  expect(front?.get('svname')).toBe('FRONTEND');
  expect([a && countOf(a, 'stot'), a && countOf(a, 'hrsp_5xx'), a?.get('status')]).toEqual([7, 1, 'UP 1/2']);
  expect(b && countOf(b, 'hrsp_5xx')).toBe(0);
  expect(b?.get('last_chk')).toBe('HTTP status 503, said "no"');
  expect(b?.get('mode')).toBe('http');
  expect(parseStats('Unknown command')).toEqual([]);
});

it('reads how servers stand', () => {
  const state = `1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_fqdn srv_port
3 web 1 a 10.0.0.2 2 0 100 100 - 8000
3 web 2 b 10.0.0.3 2 8 30 100 - 8000
3 web 3 c 10.0.0.4 0 1 1 1 - 8000
3 web 4 d - 0 32 100 100 0a1b 8000
3 web 5 e 10.0.0.6 0 40 100 100 0a1c 8000
`;
  const [a, b, c, d, e] = parseServersState(state);
  expect(a).toEqual({
    pool: 'web',
    server: 'a',
    address: '10.0.0.2',
    port: 8_000,
    weight: 100,
    isUp: true,
    isDraining: false,
    isInMaintenance: false,
  });
  expect(b).toMatchObject({ weight: 30, isUp: true, isDraining: true, isInMaintenance: false });
  expect(c).toMatchObject({ isUp: false, isInMaintenance: true });
  // A name that is not found comes and goes by itself: no maintenance.
  expect(d).toMatchObject({ address: '', isUp: false, isDraining: false, isInMaintenance: false });
  expect(e).toMatchObject({ address: '10.0.0.6', isDraining: true, isInMaintenance: false });
  expect(parseServersState("Can't find backend.")).toEqual([]);
});

it('tells the worker from those before reloads', () => {
  const before = `#<PID>          <type>          <reloads>       <uptime>        <version>
1861            master          1 [failed: 0]   0d00h00m01s     2.6.12-1+deb12u4
# workers
1867            worker          0               0d00h00m00s     2.6.12-1+deb12u4
# old workers
1863            worker          1               0d00h00m01s     2.6.12-1+deb12u4
1860            worker          2               0d00h00m03s     2.6.12-1+deb12u4
# programs
`;
  expect(parseWorkers(before)).toEqual({ current: 1_867, old: [1_863, 1_860] });
  expect(parseWorkers('# workers\n# programs\n')).toEqual({ current: null, old: [] });
});

it('knows a process by its number and when it began', () => {
  const info = 'Name: HAProxy\nPid: 29787\nnode: vm\ndescription: abc\nStart_time_sec: 1795273910\n';
  expect(parseInfo(info)).toEqual({ id: '29787@1795273910', description: 'abc' });
  expect(parseInfo("Can't find the target PID matching the prefix '@1'")).toBeNull();
});
