/** Whether two values that JSON can carry are equal, in whatever order their properties stand. */
export function isSameValue(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  const values = right as Record<string, unknown>;
  return keys.every(
    (key) => Object.hasOwn(right, key) && isSameValue((left as Record<string, unknown>)[key], values[key]),
  );
}
