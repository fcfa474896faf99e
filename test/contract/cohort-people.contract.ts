import { beforeEach, describe, expect, test } from 'vitest'
import type { People } from '../../subgraphs/aggregates/people/people.ts'

/** What every table of who is one person promises. `open` gives an empty one. */
export function cohortPeopleContract(engine: string, open: () => Promise<People>): void {
  describe(`who is one person, on ${engine}`, () => {
    let people: People
    beforeEach(async () => {
      people = await open()
    })
    const persons = async (...pids: string[]) => Object.fromEntries(await people.personsOf(pids))

    test('who was never merged is their own person', async () => {
      expect(await persons('ada', 'bo')).toEqual({ ada: 'ada', bo: 'bo' })
      expect(await people.position()).toBe('0')
    })

    test('is written with the position it was read at, and replaced', async () => {
      await people.write(
        new Map([
          ['ada2', 'ada'],
          ['ada', 'ada'],
          ['ada3', 'ada'],
        ]),
        '4',
      )
      expect(await persons('ada', 'ada2', 'ada3')).toEqual({ ada: 'ada', ada2: 'ada', ada3: 'ada' })
      expect(await people.position()).toBe('4')
      await people.write(new Map([['ada2', 'ada2']]), '9')
      expect(await persons('ada', 'ada2', 'ada3')).toEqual({ ada: 'ada', ada2: 'ada2', ada3: 'ada' })
      expect(await people.position()).toBe('9')
    })

    test('everybody who is called by a pid is concerned by it', async () => {
      await people.write(new Map([['ada2', 'ada']]), '1')
      expect((await people.concernedBy(['ada'])).toSorted()).toEqual(['ada', 'ada2'])
      expect(await people.concernedBy(['bo'])).toEqual(['bo'])
    })

    test('an elder pid and its new one are one person for as long as both are held', async () => {
      await people.write(new Map([['ada2', 'ada']]), '1')
      const renamed = [
        { from: 'ada', to: 'ada-new' },
        { from: 'ada2', to: 'ada2-new' },
        { from: 'bo', to: 'bo-new' },
      ]
      await people.copyPids(renamed)
      await people.copyPids(renamed)
      expect(new Set(Object.values(await persons('ada', 'ada2', 'ada-new', 'ada2-new'))).size).toBe(1)
      expect(await persons('bo', 'bo-new')).toEqual({ bo: 'bo', 'bo-new': 'bo' })
      await people.forgetPids(['ada', 'ada2', 'bo'])
      expect(new Set(Object.values(await persons('ada-new', 'ada2-new'))).size).toBe(1)
      expect(await persons('bo-new')).toEqual({ 'bo-new': 'bo-new' })
      expect(Object.values(await persons('ada-new', 'ada2-new'))).not.toContain('ada')
    })
  })
}
