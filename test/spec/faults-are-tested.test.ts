import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

/** The page of faults names tests: they exist, under that name. */
const PAGE = readFileSync('docs/faults.md', 'utf8')

const sections = PAGE.split(/^## /m)
  .slice(1)
  .map((section) => {
    const [title = ''] = section.split('\n')
    const named = [...section.matchAll(/^- `(test\/[^`]+)`: (.+)$/gm)]
    return { title, tests: named.map(([, file = '', name = '']) => ({ file, name })) }
  })

describe('Faults of consent', () => {
  test('are all there', () => {
    const told = sections.map(({ title }) => Number(/^F(\d+) /.exec(title)?.[1]))
    expect(told).toEqual([10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 26, 27, 29, 32, 33, 34, 35])
  })

  test.each(sections)('$title: has tests, and they are where the page says', ({ tests }) => {
    expect(tests).not.toEqual([])
    for (const { file, name } of tests) {
      expect(existsSync(file), file).toBe(true)
      expect(readFileSync(file, 'utf8'), file).toContain(name)
    }
  })
})
