/**
 * How the desktop's preload hands the panel its MessagePort: the page posts `portWanted` to
 * its own window each time it needs one, the preload answers with `portOffered` and the port
 * as the message's only transferred object.
 */
export const portWanted = 'gantry.port-wanted';
export const portOffered = 'gantry.port-offered';

/** The scheme from which the desktop serves the panel; anywhere else it is served over HTTP. */
export const desktopScheme = 'app:';
