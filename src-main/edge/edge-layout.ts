/** Where things are inside an edge's container, and how it starts. */

/** Configuration and the servers' states: in the container's own file system, so that a restart finds them. */
export const configFolder = '/gantry';
export const configFile = `${configFolder}/haproxy.cfg`;
/** A configuration that has not been checked yet. */
export const nextConfigFile = `${configFolder}/next.cfg`;
/** In which state the servers begin, as `show servers state` writes it. */
export const serverStateFile = `${configFolder}/servers`;

/** Private keys: in memory only, gone with a restart. */
export const keysFolder = '/run/gantry';
/** Which certificate is for which hosts. */
export const certificateListFile = `${keysFolder}/certificates`;

/** The master process's command line: on loopback, so that only who can run a command inside reaches it. */
export const masterCli = { address: '127.0.0.2', port: 65_535 } as const;

/** What a configuration says of itself after a start without its keys; see `startCommand`. */
export const withoutKeys = 'without-keys';

/**
 * The process of the container. Certificates are in memory, so that a restart by the engine finds
 * none: rather than not at all, the edge then starts with TLS listeners that refuse handshakes
 * (`strict-sni` lets HAProxy start without certificates) and says so in its description, until the
 * app brings the keys again.
 */
export const startCommand: readonly string[] = [
  '/bin/sh',
  '-c',
  [
    `: >> ${certificateListFile}`,
    `if [ ! -s ${certificateListFile} ]; then` +
      ` sed -i -e 's/ ssl crt-list / ssl strict-sni crt-list /' -e 's/^  description tls-.*/  description ${withoutKeys}/' ${configFile};` +
      ' fi',
    `exec haproxy -W -db -S ${masterCli.address}:${masterCli.port} -f ${configFile}`,
  ].join('\n'),
];
