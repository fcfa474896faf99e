/** log Σ exp(xᵢ), without overflow. */
export const logSum = (logs: readonly number[]): number => {
  const most = Math.max(...logs)
  if (most === Number.NEGATIVE_INFINITY) return most
  let sum = 0
  for (const log of logs) sum += Math.exp(log - most)
  return most + Math.log(sum)
}
