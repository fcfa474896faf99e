export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'

/** The same array, with what was waited for in its place. */
export const awaitAll = async (values: unknown[]): Promise<unknown[]> => Promise.all(values)

/** What is under way beside a failure may fail as well: nobody waits for it any more, and it must not end the process. */
export const settleThenThrow = async (values: readonly unknown[], error: unknown): Promise<never> => {
  await Promise.allSettled(values)
  throw error
}
