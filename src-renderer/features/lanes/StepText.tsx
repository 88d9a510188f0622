import { stepParts } from './step-parts.ts';

/** Words in which commands, paths and refs stand as code. */
export function StepText({ text }: { text: string }) {
  return stepParts(text).map((part, at) => (part.code ? <code key={at}>{part.text}</code> : part.text));
}
