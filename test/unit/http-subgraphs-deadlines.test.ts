import { afterEach, describe, expect, it, vi } from 'vitest'
import { createDeadlines, type Expiring, NOWHERE } from '../../gateway/adapters/http-subgraphs/deadlines.ts'

afterEach(() => void vi.useRealTimers())

describe('deadlines', () => {
  it('expire in one step after their time, never before, and not when taken back', () => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
    const deadlines = createDeadlines(10)
    const expired: string[] = []
    const start = performance.now()
    const of = (ms: number, name: string): Expiring => ({
      deadline: start + ms,
      place: NOWHERE,
      expire: () => void expired.push(name),
    })
    const never = of(15, 'never')
    for (const one of [of(15, 'first'), of(25, 'second'), never]) deadlines.add(one)
    deadlines.remove(never)
    vi.advanceTimersByTime(14)
    expect(expired).toEqual([])
    vi.advanceTimersByTime(6)
    expect(expired).toEqual(['first'])
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(20)
    expect(expired).toEqual(['first', 'second'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('pass over what another one that expired has ended, whichever place each took', () => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
    const deadlines = createDeadlines(10)
    const expired: string[] = []
    const start = performance.now()
    const of = (ms: number, name: string, ended?: Expiring): Expiring => ({
      deadline: start + ms,
      place: NOWHERE,
      expire: () => {
        expired.push(name)
        if (ended !== undefined) deadlines.remove(ended)
      },
    })
    const ended = of(5, 'ended')
    const gone = of(5, 'gone')
    for (const one of [gone, of(5, 'first', ended), of(5, 'second'), ended, of(15, 'late')])
      deadlines.add(one)
    deadlines.remove(gone)
    deadlines.remove(gone)
    vi.advanceTimersByTime(10)
    expect(expired.toSorted()).toEqual(['first', 'second'])
    vi.advanceTimersByTime(10)
    expect(expired).toContain('late')
    expect(vi.getTimerCount()).toBe(0)
  })
})
