/** Work on many things, a few at a time. */

/** So many requests at once leave an engine room for others. */
export const atOnceMax = 8;

/** Does `job` for each item, at most `limit` at once, and answers in the items' order. */
export async function inParallel<Item, Answer>(
  items: readonly Item[],
  limit: number,
  job: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) answers[index] = await job(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return answers;
}
