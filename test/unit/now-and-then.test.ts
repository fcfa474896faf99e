import { expect, test } from 'vitest'
import { nowAndThen } from '../../gateway/start/now-and-then.ts'

test('What goes on is told at once, and then once a minute with how often it happened', () => {
  let now = 0
  const told: number[] = []
  const tell = nowAndThen(
    () => now,
    (times) => told.push(times),
  )
  for (; now < 150_000; now += 1_000) tell()
  expect(told).toEqual([1, 60, 60])
})
