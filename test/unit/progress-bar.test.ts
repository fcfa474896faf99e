import { describe, expect, test } from 'vitest'
import { progressBar } from '../../cli/progress-bar.ts'

const drawn = (isTTY: boolean) => {
  const written: string[] = []
  const state = { now: 0 }
  const out = { isTTY, write: (text: string) => written.push(text) > 0 }
  const bar = progressBar(out, () => state.now)
  return { ...bar, state, written }
}

describe('A progress bar', () => {
  test('on a terminal is one line, written anew, with what is done and how long it still takes', () => {
    const { show, end, state, written } = drawn(true)
    show(0, 200, 'popularity')
    state.now = 3_000
    show(50, 200, 'step 50 of 200')
    show(51, 200, 'too soon to be drawn')
    state.now = 12_000
    show(200, 200, 'choice')
    end()
    expect(written).toEqual([
      `\r\u001B[K${' '.repeat(30)} 0 %  popularity`,
      `\r\u001B[K${'='.repeat(8).padEnd(30)} 25 %  step 50 of 200, 0:09 to go`,
      `\r\u001B[K${'='.repeat(30)} 100 %  choice`,
      '\n',
    ])
  })

  test('in a log is a line every ten seconds, and the last one', () => {
    const { show, end, state, written } = drawn(false)
    for (let second = 0; second <= 25; second += 1) {
      state.now = second * 1_000
      show(second, 25, `step ${second}`)
    }
    end()
    expect(written.map((line) => /step \d+/.exec(line)?.[0])).toEqual(['step 10', 'step 20', 'step 25'])
    expect(written.join('')).not.toContain('\r')
  })
})
