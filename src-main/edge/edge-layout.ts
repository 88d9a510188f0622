/** Where things are inside an edge's container, and how it starts. */
import { edgePrivatePort } from '../ports/edge.ts';

/** Configuration and the servers' states: in the container's own file system, so that a restart finds them. */
export const configFolder = '/gantry';
export const configFile = `${configFolder}/haproxy.cfg`;
/** A configuration that has not been checked yet. */
export const nextConfigFile = `${configFolder}/next.cfg`;
/** In which state the servers begin, as `show servers state` writes it. */
export const serverStateFile = `${configFolder}/servers`;
/** Which path each server is asked for by its check: a map, changed while the balancer runs. */
export const checkPathsFile = `${configFolder}/paths`;

/** Private keys: in memory only, gone with a restart. */
export const keysFolder = '/run/gantry';
/** Which certificate is for which hosts. */
export const certificateListFile = `${keysFolder}/certificates`;

/** The master process's command line: on loopback, so that only who can run a command inside reaches it. */
export const masterCli = { address: '127.0.0.2', port: edgePrivatePort } as const;

/** The name service of the network, as containers of Docker and Podman find it. */
export const nameServer = '127.0.0.11:53';

/** Beginning of the description of a configuration that was kept for starts without the app. */
export const keptPrefix = 'kept-';

/** The kept configuration that runs, if one does: for seeing whether it is still the same. */
const runningFile = `${keysFolder}/running.cfg`;
const aloneAfterSeconds = 30;
const lookEverySeconds = 5;
const reloadSeconds = 10;

/** Whether an app holds the command line: a line of `/proc/net/tcp` (address and port in hexadecimal, connected). */
const isDriven = `grep -q ' 0200007F:FFFF [^ ]* 01 ' /proc/net/tcp`;

/**
 * The process of the container. What is on disk is what to begin with when the app is not there:
 * servers by name, and TLS listeners that may begin without certificates.
 *
 * When the app goes away, the running balancer knows servers that were added since by address only,
 * and would lose them with the first restart of their containers. A loop beside it notices that
 * nobody holds the command line any more and has the balancer go over to the kept configuration,
 * without losing a connection and with the servers' states as they are.
 */
export const startCommand: readonly string[] = [
  '/bin/sh',
  '-c',
  `
: >> ${certificateListFile}
cp ${configFile} ${runningFile}
ask() { printf '%s\n' "$1" | nc ${masterCli.address} ${masterCli.port}; }
fend() {
  alone=0
  while sleep ${lookEverySeconds}; do
    if ${isDriven}; then alone=0; continue; fi
    alone=$((alone + ${lookEverySeconds}))
    if [ $alone -lt ${aloneAfterSeconds} ] || cmp -s ${configFile} ${runningFile}; then continue; fi
    cp ${serverStateFile} ${serverStateFile}.kept
    cp ${configFile} ${runningFile}
    ask '@1 show servers state' > ${serverStateFile}
    ask reload > /dev/null
    sleep ${reloadSeconds}
    mv ${serverStateFile}.kept ${serverStateFile}
  done
}
fend &
exec haproxy -W -db -S ${masterCli.address}:${masterCli.port} -f ${configFile}
`,
];

/** Forgets which kept configuration runs: another one is about to. */
export const forgetRunning = `rm -f ${runningFile}`;
