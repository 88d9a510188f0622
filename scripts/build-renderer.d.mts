/** Builds the panel unless it is built. Answers its folder; ends the process with a message when it cannot be built. */
export function buildRenderer(): string;
