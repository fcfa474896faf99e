import { afterEach, describe, expect, it, vi } from 'vitest'
import { createDeadlines } from '../../gateway/adapters/http-subgraphs/deadlines.ts'

afterEach(() => void vi.useRealTimers())

describe('deadlines', () => {
  it('expire in one step after their time, never before, and not when taken back', () => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
    const deadlines = createDeadlines(10)
    const expired: string[] = []
    const start = performance.now()
    deadlines.at(start + 15, () => expired.push('first'))
    deadlines.at(start + 25, () => expired.push('second'))
    deadlines.at(start + 15, () => expired.push('never'))()
    vi.advanceTimersByTime(14)
    expect(expired).toEqual([])
    vi.advanceTimersByTime(6)
    expect(expired).toEqual(['first'])
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(20)
    expect(expired).toEqual(['first', 'second'])
    expect(vi.getTimerCount()).toBe(0)
  })
})
