/** Does the work for each item, so many at a time, and answers in the order of the items. The first failure ends it. */
export async function inLanes<T, R>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  let next = 0
  let hasFailed = false
  const lane = async (): Promise<void> => {
    while (next < items.length && !hasFailed) {
      const index = next++
      try {
        // eslint-disable-next-line no-await-in-loop -- a lane does one after the other
        results[index] = await work(items[index] as T)
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane))
  return results
}
