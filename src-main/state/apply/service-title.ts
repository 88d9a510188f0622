import { mainStack, type StackName } from '#shared/model/service-ids.ts';

/** What people call a service or a volume: "api", or "api of lane-12" in a preview. */
export function titleOf({ name, stack }: { readonly name: string; readonly stack: StackName }): string {
  return stack === mainStack ? name : `${name} of ${stack}`;
}
