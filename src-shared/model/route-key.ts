/** Equal for routes that an ingress cannot tell apart: `/api` and `/api/` are the same prefix. */
export function routeKey({ host, path }: { readonly host: string | null; readonly path: string }): string {
  return `${host ?? '*'}${path.replace(/\/+$/, '')}/`;
}
